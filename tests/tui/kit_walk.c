// Kit: walking through the workstation. See the header.
#include "tests/unit/kit_cmocka.h"

#include "tests/tui/kit_walk.h"

#include "tui/core/action.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

void walk_make(Walk *w)
{
    *w = (Walk){.width = 110, .height = 32};
    kit_dir_make(&w->dir);
    kit_dir_path(&w->dir, "data", w->data);
}

void walk_end(Walk *w)
{
    kit_pty_free(w->p);
    w->p = NULL;
    kit_dir_remove(&w->dir);
}

void walk_start(Walk *w)
{
    const char *program = getenv("D2DB_BIN");
    assert_non_null(program);
    char home[KIT_PATH_MAX + 32], state[KIT_PATH_MAX + 32], config[KIT_PATH_MAX + 32];
    snprintf(home, sizeof home, "HOME=%s", w->dir.path);
    snprintf(state, sizeof state, "XDG_STATE_HOME=%s/state", w->dir.path);
    snprintf(config, sizeof config, "XDG_CONFIG_HOME=%s/config", w->dir.path);
    const char *environment[WALK_EXTRA_MAX + 4] = {home, state, config};
    for (size_t i = 0; i < WALK_EXTRA_MAX && w->extra[i]; i++) environment[3 + i] = w->extra[i];
    const char *const argv[] = {program, "--data", w->data, NULL};
    kit_pty_free(w->p);
    w->p = kit_pty_start(argv, environment, w->width, w->height);
}

void walk_fail(Walk *w, const char *what)
{
    char row[2048];
    for (int y = 0; y < kit_pty_height(w->p); y++)
        fprintf(stderr, "# %s\n", kit_pty_row(w->p, y, row, sizeof row));
    fail_msg("%s", what);
}

void walk_need_within(Walk *w, const char *text, int timeout_ms)
{
    char what[256];
    if (kit_pty_wait_text(w->p, text, timeout_ms)) return;
    snprintf(what, sizeof what, "\"%s\" did not come within %d ms", text, timeout_ms);
    walk_fail(w, what);
}

void walk_need(Walk *w, const char *text) { walk_need_within(w, text, WALK_WAIT_MS); }

void walk_need_gone(Walk *w, const char *text)
{
    char what[256];
    if (kit_pty_wait_no_text(w->p, text, WALK_WAIT_MS)) return;
    snprintf(what, sizeof what, "\"%s\" is still there", text);
    walk_fail(w, what);
}

void walk_keys(Walk *w, const char *names) { kit_pty_keys(w->p, names); }
void walk_escape(Walk *w, const char *text)
{
    walk_keys(w, "Esc");
    walk_need_gone(w, text);
}
void walk_type(Walk *w, const char *text) { kit_pty_type(w->p, text); }

void walk_need_whole_terminal(Walk *w)
{
    static const int modes[] = {1049, 1000, 1002, 1003, 1006, 2004};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (kit_pty_mode(w->p, modes[i])) fail_msg("terminal mode %d was left switched on", modes[i]);
    assert_true(kit_pty_mode(w->p, 25));
    assert_true(kit_pty_termios_restored(w->p));
}

void walk_need_exit(Walk *w, int status)
{
    int ended;
    if (!kit_pty_wait_exit(w->p, WALK_WAIT_MS, &ended)) walk_fail(w, "the program does not end");
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != status) {
        fprintf(stderr, "# ended with wait status %d, not with exit status %d\n", ended, status);
        walk_fail(w, "the program ended another way");
    }
    walk_need_whole_terminal(w);
}

// ---- the door ----

void walk_register(Walk *w, const char *sample)
{
    char first[2] = {sample[0], 0};
    walk_need(w, "Welcome");
    const char *const fields[] = {WALK_USER, WALK_PASSWORD, WALK_PASSWORD, WALK_QUESTION, WALK_ANSWER};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        walk_type(w, fields[i]);
        walk_keys(w, "Tab");
    }
    walk_type(w, first); // a letter chooses
    walk_need(w, sample);
    walk_keys(w, "Enter");
    walk_need(w, "Registered");
}

void walk_sign_in(Walk *w, bool name_is_there)
{
    walk_need(w, "Sign in");
    if (!name_is_there) {
        walk_type(w, WALK_USER);
        walk_keys(w, "Tab");
    }
    walk_type(w, WALK_PASSWORD);
    walk_keys(w, "Enter");
    walk_need(w, WALK_QUESTION);
    walk_type(w, WALK_ANSWER);
    walk_keys(w, "Enter");
    walk_need(w, "File");
    walk_need(w, "Log: event");
}

void walk_enter(Walk *w)
{
    walk_start(w);
    walk_register(w, "none");
    walk_sign_in(w, true);
}

// ---- inside ----

void walk_write_sql(Walk *w, const char *sql)
{
    walk_keys(w, "M-2 C-a Backspace");
    kit_pty_paste(w->p, sql);
}

void walk_key_when_idle(Walk *w, const char *key)
{
    kit_pty_wait_quiet(w->p, WALK_IDLE_MS, WALK_WAIT_MS);
    walk_keys(w, key);
}

void walk_run(Walk *w, const char *sql, const char *want)
{
    walk_write_sql(w, sql);
    walk_key_when_idle(w, "F5");
    walk_need(w, want);
}

static bool entry(const char *menu, char letter, size_t *column, char *label, size_t size)
{
    Str names[32];
    size_t count = 0;
    for (unsigned a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
        bool begins;
        Str name = action_menu((Action)a, &begins);
        if (!name.len) continue;
        if (!count || !str_equal(names[count - 1], name)) names[count++] = name;
        const char *mark = strchr(action_info((Action)a)->label, '&');
        if (!str_equal(name, str_of(menu)) || !mark || (mark[1] | 32) != letter) continue;
        *column = count - 1;
        action_label((Action)a, label, size);
        return true;
    }
    return false;
}

void walk_menu(Walk *w, const char *menu, char letter)
{
    char label[128], key[2] = {letter, 0};
    size_t column = 0;
    if (!entry(menu, letter, &column, label, sizeof label)) fail_msg("no entry %c in menu %s", letter, menu);
    walk_keys(w, "F10");
    for (size_t i = 0; i < column; i++) walk_keys(w, "Right");
    walk_need(w, label);
    walk_type(w, key);
}

char *walk_file(const Walk *w, const char *name)
{
    char path[KIT_PATH_MAX];
    size_t len;
    snprintf(path, sizeof path, "data/%s", name);
    return kit_dir_read(&w->dir, path, &len);
}

bool walk_find_file(const Walk *w, const char *directory, const char *begins, char *out)
{
    char path[2 * KIT_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", w->data, directory);
    DIR *d = opendir(path);
    bool found = false;
    for (struct dirent *e; d && !found && (e = readdir(d)) != NULL;) {
        found = strncmp(e->d_name, begins, strlen(begins)) == 0;
        if (found) snprintf(out, KIT_PATH_MAX, "%s/%s", directory, e->d_name);
    }
    if (d) closedir(d);
    return found;
}
