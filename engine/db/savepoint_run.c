// Savepoint: names for the store's numbered savepoints, the newest of a name first. Settings are copied when
// the first SET behind a savepoint (or BEGIN) comes, so that what never sets anything copies nothing.
#include "engine/db/savepoint_run.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

struct SessionSavepoint {
    SessionSavepoint *older;
    char name[SCHEMA_NAME_MAX + 1];
    Settings *kept; // as they were when it was set; NULL: nothing was set since, or an older one knows
    struct DeferredKey *deferred;
};

static SessionSavepoint *find(const Session *s, Str name, unsigned *number)
{
    *number = transaction_savepoints(s->transaction);
    for (SessionSavepoint *p = s->savepoint; p; p = p->older, --*number)
        if (str_equal(str_of(p->name), name)) return p;
    return NULL;
}

static void drop(Session *s)
{
    SessionSavepoint *p = s->savepoint;
    s->savepoint = p->older;
    free(p->kept);
    free(p);
}

static bool set(Run *run, const AstTransaction *t, Err *err)
{
    Session *s = run->session;
    SessionSavepoint *p = size_alloc_zero(1, sizeof *p);
    if (!p) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for a savepoint");
    size_t len = t->name.text.len < SCHEMA_NAME_MAX ? t->name.text.len : SCHEMA_NAME_MAX;
    memcpy(p->name, t->name.text.at, len);
    p->deferred = s->deferred.key;
    if (!transaction_savepoint(s->transaction, err)) {
        free(p);
        return false;
    }
    p->older = s->savepoint;
    s->savepoint = p;
    return true;
}

static bool missing(const AstTransaction *t, Err *err)
{
    return err_set_at(err, "3B001", t->name.at, "savepoint \"%.*s\" does not exist", STR_ARG(t->name.text));
}

// What the ones that go had kept is the older's business now.
static bool release(Session *s, const AstTransaction *t, Err *err)
{
    unsigned number;
    SessionSavepoint *p = find(s, t->name.text, &number);
    if (!p) return missing(t, err);
    transaction_savepoint_release(s->transaction, number);
    Settings *kept = NULL, **into = p->older ? &p->older->kept : &s->kept;
    for (bool last = false; !last;) {
        last = s->savepoint == p;
        if (s->savepoint->kept) {
            free(kept);
            kept = s->savepoint->kept; // the oldest of them counts
            s->savepoint->kept = NULL;
        }
        drop(s);
    }
    if (*into)
        free(kept);
    else
        *into = kept;
    return true;
}

static bool back_to(Session *s, const AstTransaction *t, Err *err)
{
    unsigned number;
    SessionSavepoint *p = find(s, t->name.text, &number);
    if (!p) return missing(t, err);
    while (s->savepoint != p) {
        if (s->savepoint->kept) s->settings = *s->savepoint->kept;
        drop(s);
    }
    if (p->kept) s->settings = *p->kept;
    s->settings.moves++;
    s->deferred.key = p->deferred;
    transaction_savepoint_undo(s->transaction, number);
    if (s->defines) atomic_fetch_add(&s->engine->definitions, 1);
    mutex_lock(&s->shared);
    s->failed = false;
    mutex_unlock(&s->shared);
    session_publish(s);
    return true;
}

bool savepoint_run(Run *run, const AstTransaction *t, Err *err)
{
    Session *s = run->session;
    if (!s->open) return err_set(err, "25P01", "%s can only be used in transaction blocks", run->tag);
    switch (t->kind) {
    case AST_SAVEPOINT: return set(run, t, err);
    case AST_RELEASE: return release(s, t, err);
    default: run->tag = "ROLLBACK"; return back_to(s, t, err);
    }
}

static bool copy(Settings **out, const Settings *from, Err *err)
{
    if (*out) return true;
    *out = malloc(sizeof **out);
    if (!*out) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for settings");
    **out = *from;
    return true;
}

bool savepoint_keep_settings(Session *s, bool local, Err *err)
{
    if (!s->open) return true;
    Settings **kept = s->savepoint ? &s->savepoint->kept : &s->kept;
    return copy(kept, &s->settings, err) && (!local || copy(&s->outside, &s->settings, err));
}

void savepoint_set_outside(Session *s, size_t setting)
{
    if (s->outside) memcpy(s->outside->value[setting], s->settings.value[setting], SETTING_TEXT_MAX);
}

void savepoint_end(Session *s, bool committed)
{
    if (!s->savepoint && !s->kept && !s->outside) return;
    while (s->savepoint) {
        if (!committed && s->savepoint->kept) s->settings = *s->savepoint->kept;
        drop(s);
    }
    const Settings *back = committed ? s->outside : s->kept;
    if (back) s->settings = *back;
    s->settings.moves++;
    free(s->kept);
    free(s->outside);
    s->kept = s->outside = NULL;
}
