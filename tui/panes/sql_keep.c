// SqlKeep: nothing typed is lost: the tabs of the editor are kept in a file of the user's own and come back
// at the next sign-in, after a dropped line or a crash too, and so does the database that was in use. Format:
// a first line with the version, perhaps "use DATABASE", then per tab a line "tab CURSOR BYTES CHANGED PATH",
// the bytes, and a newline. Relies on sql_editor.
#include "tui/panes/sql_editor.h"

#include "engine/base/hash.h"
#include <stdlib.h>
#include <string.h>

#define KEEP_VERSION "d2db-tabs 1\n"

// User names may hold anything: other bytes than letters, digits, '-' and '_' become %XX.
static void put_encoded(Bytes *out, Str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_';
        if (plain)
            bytes_put_byte(out, (char)c);
        else
            bytes_printf(out, "%%%02X", c);
    }
}

// Opens the directory, making its parts; false (without a word: keeping is a comfort) when there is no home.
static bool open_home(IoDir *out, Io io)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    Bytes path;
    bytes_init(&path, 4096);
    Err err = {0};
    IoDir d = IO_DIR_NONE;
    bool ok = true;
    if (state && state[0] == '/') {
        bytes_put(&path, str_of(state));
        ok = io_dir_open(&d, io, path.at, true, &err);
    } else if (home && home[0] == '/') {
        static const char *const parts[] = {"/.local", "/state"};
        bytes_put(&path, str_of(home));
        for (size_t i = 0; i < COUNT_OF(parts) && ok; i++) {
            bytes_put(&path, str_of(parts[i]));
            io_dir_close(&d);
            ok = io_dir_open(&d, io, path.at, true, &err);
        }
    } else {
        ok = false;
    }
    if (ok) ok = io_dir_open_at(out, &d, "d2db", true, &err);
    io_dir_close(&d);
    bytes_done(&path);
    return ok;
}

// USER-HASH.tabs: two data directories may both have an alice.
static void file_name(const Desk *d, Bytes *out)
{
    Bytes home;
    Err err = {0};
    bytes_init(out, 4096);
    bytes_init(&home, 8192);
    put_encoded(out, str_of(d->state.user));
    if (d->host->kind->directory(d->host, "exports", &home, &err))
        bytes_printf(out, "-%08x", (unsigned)hash_bytes(home.at, home.len, 0));
    bytes_put(out, STR(".tabs"));
    bytes_done(&home);
}

void sql_editor_keep(SqlEditor *e, const Desk *d)
{
    IoDir dir;
    if (e->kept || !d->state.user[0] || !open_home(&dir, d->host->io)) return;
    Bytes text, name;
    bytes_init(&text, SQL_SAVED_BYTES_MAX);
    bytes_put(&text, STR(KEEP_VERSION));
    Str database = desk_database(d);
    if (database.len && str_find_byte(database, '\n', 0) == SIZE_MAX)
        bytes_printf(&text, "use %.*s\n", STR_ARG(database));
    for (size_t i = 0; i < e->tabs; i++) {
        const SqlTab *t = e->tab[i];
        size_t len = buffer_len(&t->edit.text);
        if (len == 0) continue;
        bytes_printf(&text, "tab %zu %zu %d ", t->edit.cursor, len, (int)undo_changed(&t->edit.undo));
        bytes_put(&text, bytes_str(&t->path));
        bytes_put_byte(&text, '\n');
        buffer_copy(&t->edit.text, 0, len, &text);
        bytes_put_byte(&text, '\n');
    }
    file_name(d, &name);
    Err err = {0};
    e->kept = !text.failed && io_replace(&dir, name.at, bytes_str(&text), &err);
    bytes_done(&name);
    bytes_done(&text);
    io_dir_close(&dir);
}

static bool restore_tab(SqlEditor *e, Str *rest)
{
    Str line = str_cut(rest, '\n');
    uint64_t cursor, len;
    if (!str_equal(str_cut(&line, ' '), STR("tab")) || !str_to_uint64(str_cut(&line, ' '), &cursor) ||
        !str_to_uint64(str_cut(&line, ' '), &len) || len > rest->len)
        return false;
    bool changed = str_equal(str_cut(&line, ' '), STR("1"));
    SqlTab *t = sql_tab_new(e);
    Err err = {0};
    Str text = str_slice(*rest, 0, (size_t)len);
    if (!t) return false;
    // A changed text comes back as changed: typed into an empty editor. A saved one is what its file held.
    bool ok = changed ? edit_paste(&t->edit, text, &err) : edit_load(&t->edit, text, &err);
    bytes_put(&t->path, line);
    edit_goto(&t->edit, cursor <= len ? (size_t)cursor : (size_t)len, false);
    *rest = str_slice(*rest, (size_t)len + 1, rest->len);
    return ok;
}

void sql_editor_restore(SqlEditor *e, const Desk *d)
{
    IoDir dir;
    if (!d->state.user[0] || !open_home(&dir, d->host->io)) return;
    Bytes text, name;
    bytes_init(&text, SQL_SAVED_BYTES_MAX);
    file_name(d, &name);
    Err err = {0};
    if (io_exists(&dir, name.at) && io_read_all(&dir, name.at, &text, &err)) {
        Str rest = bytes_str(&text);
        if (str_starts(rest, STR(KEEP_VERSION))) {
            rest = str_slice(rest, sizeof KEEP_VERSION - 1, rest.len);
            if (str_starts(rest, STR("use "))) {
                Str line = str_cut(&rest, '\n');
                bytes_put(&e->use, str_slice(line, 4, line.len));
            }
            while (rest.len && restore_tab(e, &rest)) {}
        }
    }
    e->at = 0;
    bytes_done(&name);
    bytes_done(&text);
    io_dir_close(&dir);
}
