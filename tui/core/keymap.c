// Keymap: defaults from the action list, changes from a YAML file. Relies on keymap.h, base/yaml.
#include "tui/core/keymap.h"
#include "engine/base/yaml.h"
#include <stdio.h>
#include <stdlib.h>

enum { KEYMAP_FILE_MAX = 64 << 10, KEYMAP_PATH_MAX = 1024 };

static void unbind_key(Keymap *m, Key k)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++)
        if (!key_equal(m->binding[i].key, k)) m->binding[kept++] = m->binding[i];
    m->count = kept;
}

static void unbind_action(Keymap *m, Action a)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++)
        if (m->binding[i].action != a) m->binding[kept++] = m->binding[i];
    m->count = kept;
}

// A key means one thing: the last word counts.
static void bind(Keymap *m, Key k, Action a)
{
    unbind_key(m, k);
    if (m->count < KEYMAP_MAX) m->binding[m->count++] = (Binding){k, a};
}

void keymap_default(Keymap *m)
{
    m->count = 0;
    for (unsigned a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
        Str rest = str_of(action_info((Action)a)->keys);
        while (rest.len) {
            Key k;
            if (key_from_text(str_cut(&rest, ' '), &k)) bind(m, k, (Action)a);
        }
    }
}

Action keymap_find(const Keymap *m, Key k)
{
    for (size_t i = 0; i < m->count; i++)
        if (key_equal(m->binding[i].key, k)) return m->binding[i].action;
    return ACTION_NONE;
}

const char *keymap_key(const Keymap *m, Action a, size_t i, char *out)
{
    out[0] = 0;
    for (size_t b = 0; b < m->count; b++)
        if (m->binding[b].action == a && i-- == 0) return key_text(out, m->binding[b].key);
    return out;
}

static bool read_key(Keymap *m, Action a, const Yaml *y, const char *file, Err *err)
{
    Key k;
    if (y->kind != YAML_SCALAR || !key_from_text(y->text, &k))
        return err_set(err, "F0000", "%s:%u:%u: %.*s: expected a key such as C-s, M-x, F5, S-Tab or PgDn",
                       file, y->line, y->column, STR_ARG(y->text));
    bind(m, k, a);
    return true;
}

static bool read_action(Keymap *m, const Yaml *y, const char *file, Err *err)
{
    Action a = action_find(y->key);
    unbind_action(m, a);
    if (y->kind == YAML_SCALAR) return read_key(m, a, y, file, err);
    if (y->kind != YAML_LIST)
        return err_set(err, "F0000", "%s:%u:%u: %.*s: expected a key or a list of keys", file, y->line,
                       y->column, STR_ARG(y->key));
    for (const Yaml *item = y->child; item; item = item->next)
        if (!read_key(m, a, item, file, err)) return false;
    return true;
}

static bool read_map(Keymap *m, const Yaml *root, const char *file, Err *err)
{
    const char *known[ACTION_COUNT];
    for (unsigned a = 1; a < ACTION_COUNT; a++) known[a - 1] = action_info((Action)a)->name;
    known[ACTION_COUNT - 1] = NULL;
    if (!yaml_only_keys(root, file, known, err)) return false;
    for (const Yaml *y = root->child; y; y = y->next)
        if (!read_action(m, y, file, err)) return false;
    return true;
}

bool keymap_read(Keymap *m, Str text, const char *file, Err *err)
{
    Arena mem = {0};
    Yaml *root = NULL;
    Keymap changed = *m;
    bool ok = yaml_read(&root, text, file, &mem, err);
    if (ok && root && root->kind == YAML_MAP)
        ok = read_map(&changed, root, file, err);
    else if (ok && root && !(root->kind == YAML_SCALAR && root->text.len == 0))
        ok = err_set(err, "F0000", "%s:1:1: expected lines such as `query.run: [F5]`", file);
    if (ok) *m = changed;
    arena_done(&mem);
    return ok;
}

bool keymap_load(Keymap *m, Io io, Err *err)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[KEYMAP_PATH_MAX];
    int len = config && *config ? snprintf(path, sizeof path, "%s/d2db", config)
                                : snprintf(path, sizeof path, "%s/.config/d2db", home ? home : "");
    if (len < 0 || (size_t)len >= sizeof path) return true;
    IoDir dir = IO_DIR_NONE;
    Err absent = {0};
    if (!io_dir_open(&dir, io, path, false, &absent)) return true;
    bool ok = true;
    if (io_exists(&dir, "keys.yaml")) {
        Bytes text;
        bytes_init(&text, KEYMAP_FILE_MAX);
        ok = io_read_all(&dir, "keys.yaml", &text, err) && keymap_read(m, bytes_str(&text), "keys.yaml", err);
        bytes_done(&text);
    }
    io_dir_close(&dir);
    return ok;
}

void keymap_write(const Keymap *m, Bytes *out)
{
    for (unsigned a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
        const ActionInfo *info = action_info((Action)a);
        bytes_printf(out, "# %s\n%s: [", info->help, info->name);
        char key[KEY_TEXT_SIZE];
        for (size_t i = 0; *keymap_key(m, (Action)a, i, key); i++)
            bytes_printf(out, "%s\"%s\"", i ? ", " : "", key);
        bytes_put(out, STR("]\n"));
    }
}
