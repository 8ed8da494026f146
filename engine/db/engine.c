// Engine: opening and closing a data directory, its sessions, directories and logs.
#include "engine/db/watch.h"
#include "engine/db/engine_in.h"

#include "engine/base/clock.h"

#include "engine/base/size.h"
#include "engine/db/archive.h"
#include "engine/db/session.h"
#include <stdlib.h>
#include <string.h>

enum { ENGINE_PATH_MAX = 4096 };

// ---- directories ----

// Makes the directories above the path that are missing. One that may be passed through but not be read (a
// home of mode 711) is no obstacle; what really is one shows when the directory itself is opened.
static bool make_parents(Io io, Str path, Err *err)
{
    char part[ENGINE_PATH_MAX];
    if (!path.len || path.len >= sizeof part)
        return err_set(err, "42602", "the data directory's path is empty or longer than %d bytes",
                       ENGINE_PATH_MAX);
    for (size_t at = 1; at < path.len; at++) {
        if (path.at[at] != '/' || path.at[at - 1] == '/') continue;
        memcpy(part, path.at, at);
        part[at] = 0;
        IoDir d;
        Err why = {.at = -1};
        if (io_dir_open(&d, io, part, true, &why)) {
            io_dir_close(&d);
        } else if (!err_is(&why, "42501")) {
            *err = why;
            return false;
        }
    }
    return true;
}

static bool open_directory(Engine *e, const char *path, Err *err)
{
    e->path = arena_copy(&e->mem, str_of(path));
    while (e->path.len > 1 && e->path.at[e->path.len - 1] == '/') e->path.len--;
    e->path = arena_copy(&e->mem, e->path);
    return make_parents(e->io, e->path, err) && io_dir_open(&e->directory, e->io, e->path.at, true, err);
}

static const char *below(Engine *e, const char *name)
{
    return arena_printf(&e->mem, "%.*s/%s", STR_ARG(e->path), name).at;
}

bool engine_directory(const Engine *e, const char *name, Bytes *path, Err *err)
{
    IoDir d;
    if (!io_dir_open_at(&d, &e->directory, name, true, err)) return false;
    io_dir_close(&d);
    bytes_put(path, e->path);
    bytes_put_byte(path, '/');
    bytes_put(path, str_of(name));
    return !path->failed || err_set(err, SQLSTATE_LIMIT, "the path of %s is too long", name);
}

// ---- open, close ----

static bool open_journal(Engine *e, Err *err)
{
    JournalOptions o = {.io = e->io,
                        .directory = below(e, "journal"),
                        .rotate_bytes = e->config.journal_bytes,
                        .node = e->config.node};
    return journal_open(&e->journal, &o, err);
}

static bool open_store(Engine *e, Err *err)
{
    StoreOptions o = {.io = e->io, .path = e->path.at, .node = e->config.number, .journal = e->journal};
    if (e->config.log_archive[0]) {
        o.archive = archive_segment;
        o.archive_self = e;
    }
    return store_open(&e->store, &o, err) && store_shared_make(e->store, err);
}

static bool open_profile(Engine *e, Err *err)
{
    ProfileOptions o = {.directory = &e->directory, .journal = e->journal};
    return profile_open(&e->profile, &o, err);
}

static void let_go(Engine *e)
{
    watch_free(e->watch);
    counter_close(e->counter);
    if (e->profile) profile_close(e->profile);
    if (e->store) store_close(e->store);
    if (e->journal) journal_close(e->journal);
    pool_free(e->pool);
    zones_free(e->zones);
    io_dir_close(&e->directory);
    mutex_done(&e->lock);
    arena_done(&e->mem);
    free(e);
}

// The store takes the directory's lock: nothing that another process may have open is touched before.
static bool open_rooms(Engine *e, const EngineOptions *o, Err *err)
{
    return open_directory(e, o->path, err) && config_read(&e->config, &e->directory, o->node, err) &&
           open_journal(e, err) && open_store(e, err) && open_profile(e, err) &&
           zones_new(&e->zones, e->io, err) && watch_new(&e->watch, err) &&
           counter_open(&e->counter, &e->directory, below(e, "journal"), err);
}

bool engine_open(Engine **out, const EngineOptions *o, Err *err)
{
    Engine *e = size_alloc_zero(1, sizeof *e);
    if (!e) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the engine");
    e->io = o->io;
    e->directory = IO_DIR_NONE;
    e->opened_us = clock_wall_us();
    mutex_init(&e->lock);
    if (!open_rooms(e, o, err)) {
        let_go(e);
        return false;
    }
    e->pool = pool_new(o->workers ? o->workers - 1 : 0);
    journal_event(e->journal, "start", "node %s is open", e->config.node);
    *out = e;
    return true;
}

void engine_close(Engine *e)
{
    for (;;) {
        mutex_lock(&e->lock);
        Session *s = e->session;
        if (s) e->session = s->next;
        mutex_unlock(&e->lock);
        if (!s) break;
        session_detach(s);
    }
    journal_event(e->journal, "stop", "node %s is closed", e->config.node);
    let_go(e);
}

bool engine_owner_tell(Engine *e, const char *socket, Err *err)
{
    return store_tell_owner(e->store, str_of(socket), err);
}

Str engine_node(const Engine *e) { return str_of(e->config.node); }

// ---- sessions ----

void engine_session_add(Engine *e, Session *s)
{
    mutex_lock(&e->lock);
    s->number = ++e->sessions_begun;
    s->locks.session = s->number;
    s->next = e->session;
    e->session = s;
    mutex_unlock(&e->lock);
}

void engine_session_remove(Engine *e, Session *s)
{
    mutex_lock(&e->lock);
    for (Session **at = &e->session; *at; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            break;
        }
    mutex_unlock(&e->lock);
}

bool engine_session_again(Engine *e, Source *by, bool quiet, Source **session, Err *err)
{
    const Session *first = session_of(by);
    Session *s;
    if (!first || first->engine != e) return err_set(err, SQLSTATE_AUTH, "not signed in");
    if (!session_new(&s, e, str_of(first->user), str_of(first->user_hash), first->administrator, err))
        return false;
    s->quiet = quiet;
    s->again = true;
    session_use(s, session_database(first));
    *session = &s->source;
    return true;
}

// ---- logs ----

struct EngineTail {
    JournalTail *tail;
};

bool engine_tail_open(Engine *e, const char *log, EngineFrom from, EngineTail **out, Err *err)
{
    static const JournalFrom froms[] = {[ENGINE_FROM_END] = JOURNAL_FROM_END,
                                        [ENGINE_FROM_START] = JOURNAL_FROM_START,
                                        [ENGINE_FROM_NEAR_END] = JOURNAL_FROM_NEAR_END};
    for (JournalLog l = 0; l < JOURNAL_LOGS; l++) {
        if (strcmp(journal_name(l), log) != 0) continue;
        EngineTail *t = size_alloc_zero(1, sizeof *t);
        if (!t) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to follow a log");
        Bytes path;
        bytes_init(&path, ENGINE_PATH_MAX);
        bool good = engine_directory(e, "journal", &path, err) &&
                    journal_tail_open(&t->tail, e->io, path.at, l, froms[from], err);
        bytes_done(&path);
        if (good)
            *out = t;
        else
            free(t);
        return good;
    }
    return err_set(err, "22023", "there is no log %s; there are general, event and query", log);
}

bool engine_tail_next(EngineTail *t, Str *line, bool *end, Err *err)
{
    return journal_tail_next(t->tail, line, end, err);
}

void engine_tail_close(EngineTail *t)
{
    if (!t) return;
    journal_tail_close(t->tail);
    free(t);
}
