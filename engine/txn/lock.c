// Lock: holds and requests hang at their thing's item; one mutex guards all, and is held for a few steps at a
// time. Fast ways (a row's stamp, a table's weak modes) never come here until somebody has to wait.
#include "engine/txn/lock.h"

#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "engine/base/size.h"

#include <inttypes.h>
#include <stdlib.h>

enum { LOCK_BUCKETS_MIN = 256, LOCK_DETAIL_LINES = 8 };

struct LockHold {
    LockItem *item;
    LockOwner *owner;
    LockHold *next; // of the item
    LockHold *older;
    uint64_t serial;
    uint32_t count;
    LockMode mode;
    bool lent;
};

struct LockRequest {
    LockItem *item;
    LockOwner *owner;
    LockRequest *next;            // in the item's queue, first come first
    LockRequest *before, *behind; // in the table's list of all
    const atomic_bool *cancel;
    LockMode mode;
    bool granted, jumps; // jumps: the owner holds the thing already, the queue is not for it
    bool seen;           // by the search for circles
    int64_t since_us;
    Cond cond;
};

struct LockItem {
    LockTag tag;
    LockItem *chain;
    LockHold *hold;
    LockRequest *first, *last;
};

// ---- modes ----

#define M(mode) (1u << (mode))
static const uint16_t conflicts[LOCK_MODES] = {
    [LOCK_ACCESS_SHARE] = M(LOCK_ACCESS_EXCLUSIVE),
    [LOCK_ROW_SHARE] = M(LOCK_EXCLUSIVE) | M(LOCK_ACCESS_EXCLUSIVE),
    [LOCK_ROW_EXCLUSIVE] =
        M(LOCK_SHARE) | M(LOCK_SHARE_ROW_EXCLUSIVE) | M(LOCK_EXCLUSIVE) | M(LOCK_ACCESS_EXCLUSIVE),
    [LOCK_SHARE_UPDATE_EXCLUSIVE] = M(LOCK_SHARE_UPDATE_EXCLUSIVE) | M(LOCK_SHARE) |
                                    M(LOCK_SHARE_ROW_EXCLUSIVE) | M(LOCK_EXCLUSIVE) |
                                    M(LOCK_ACCESS_EXCLUSIVE),
    [LOCK_SHARE] = M(LOCK_ROW_EXCLUSIVE) | M(LOCK_SHARE_UPDATE_EXCLUSIVE) | M(LOCK_SHARE_ROW_EXCLUSIVE) |
                   M(LOCK_EXCLUSIVE) | M(LOCK_ACCESS_EXCLUSIVE),
    [LOCK_SHARE_ROW_EXCLUSIVE] = M(LOCK_ROW_EXCLUSIVE) | M(LOCK_SHARE_UPDATE_EXCLUSIVE) | M(LOCK_SHARE) |
                                 M(LOCK_SHARE_ROW_EXCLUSIVE) | M(LOCK_EXCLUSIVE) | M(LOCK_ACCESS_EXCLUSIVE),
    [LOCK_EXCLUSIVE] = M(LOCK_ROW_SHARE) | M(LOCK_ROW_EXCLUSIVE) | M(LOCK_SHARE_UPDATE_EXCLUSIVE) |
                       M(LOCK_SHARE) | M(LOCK_SHARE_ROW_EXCLUSIVE) | M(LOCK_EXCLUSIVE) |
                       M(LOCK_ACCESS_EXCLUSIVE),
    [LOCK_ACCESS_EXCLUSIVE] = M(LOCK_ACCESS_SHARE) | M(LOCK_ROW_SHARE) | M(LOCK_ROW_EXCLUSIVE) |
                              M(LOCK_SHARE_UPDATE_EXCLUSIVE) | M(LOCK_SHARE) | M(LOCK_SHARE_ROW_EXCLUSIVE) |
                              M(LOCK_EXCLUSIVE) | M(LOCK_ACCESS_EXCLUSIVE),
    [LOCK_FOR_KEY_SHARE] = M(LOCK_FOR_UPDATE),
    [LOCK_FOR_SHARE] = M(LOCK_FOR_NO_KEY_UPDATE) | M(LOCK_FOR_UPDATE),
    [LOCK_FOR_NO_KEY_UPDATE] = M(LOCK_FOR_SHARE) | M(LOCK_FOR_NO_KEY_UPDATE) | M(LOCK_FOR_UPDATE),
    [LOCK_FOR_UPDATE] =
        M(LOCK_FOR_KEY_SHARE) | M(LOCK_FOR_SHARE) | M(LOCK_FOR_NO_KEY_UPDATE) | M(LOCK_FOR_UPDATE),
};
#undef M

bool lock_modes_conflict(LockMode a, LockMode b) { return conflicts[a] >> b & 1; }
bool lock_mode_covers(LockMode held, LockMode wanted) { return (conflicts[wanted] & ~conflicts[held]) == 0; }

const char *lock_mode_name(LockMode m)
{
    static const char *const name[LOCK_MODES] = {
        [LOCK_NONE] = "",
        [LOCK_ACCESS_SHARE] = "AccessShareLock",
        [LOCK_ROW_SHARE] = "RowShareLock",
        [LOCK_ROW_EXCLUSIVE] = "RowExclusiveLock",
        [LOCK_SHARE_UPDATE_EXCLUSIVE] = "ShareUpdateExclusiveLock",
        [LOCK_SHARE] = "ShareLock",
        [LOCK_SHARE_ROW_EXCLUSIVE] = "ShareRowExclusiveLock",
        [LOCK_EXCLUSIVE] = "ExclusiveLock",
        [LOCK_ACCESS_EXCLUSIVE] = "AccessExclusiveLock",
        [LOCK_FOR_KEY_SHARE] = "For Key Share",
        [LOCK_FOR_SHARE] = "For Share",
        [LOCK_FOR_NO_KEY_UPDATE] = "For No Key Update",
        [LOCK_FOR_UPDATE] = "For Update",
    };
    return name[m];
}

// ---- items and holds ----

bool lock_table_init(LockTable *l, Err *err)
{
    *l = (LockTable){.buckets = LOCK_BUCKETS_MIN};
    l->bucket = size_alloc_zero(l->buckets, sizeof *l->bucket);
    if (!l->bucket) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for locks");
    mutex_init(&l->mutex);
    return true;
}

void lock_table_done(LockTable *l)
{
    if (!l->bucket) return;
    for (size_t i = 0; i < l->buckets; i++)
        for (LockItem *item = l->bucket[i], *next; item; item = next) {
            next = item->chain;
            free(item);
        }
    for (LockHold *h = l->spare, *next; h; h = next) {
        next = h->next;
        free(h);
    }
    free(l->bucket);
    l->bucket = NULL;
    mutex_done(&l->mutex);
}

static bool same_tag(LockTag a, LockTag b) { return a.kind == b.kind && a.a == b.a && a.b == b.b; }

static LockItem **place(const LockTable *l, LockTag tag)
{
    uint64_t hash = hash_u64(tag.a * 4 + tag.kind) ^ hash_u64(tag.b + 1);
    LockItem **at = &l->bucket[hash & (l->buckets - 1)];
    while (*at && !same_tag((*at)->tag, tag)) at = &(*at)->chain;
    return at;
}

static void widen(LockTable *l)
{
    LockItem **old = l->bucket, **wider = size_alloc_zero(l->buckets * 2, sizeof *wider);
    if (!wider) return; // chains grow instead
    size_t count = l->buckets;
    l->bucket = wider;
    l->buckets *= 2;
    for (size_t i = 0; i < count; i++)
        for (LockItem *item = old[i], *next; item; item = next) {
            next = item->chain;
            LockItem **at = place(l, item->tag);
            item->chain = NULL;
            *at = item;
        }
    free(old);
}

static LockItem *item_get(LockTable *l, LockTag tag)
{
    LockItem **at = place(l, tag), *item = *at;
    if (item) return item;
    item = size_alloc_zero(1, sizeof *item);
    if (!item) return NULL;
    item->tag = tag;
    *at = item;
    if (++l->items > l->buckets) widen(l);
    return item;
}

static void item_drop(LockTable *l, LockItem *item)
{
    if (item->hold || item->first) return;
    LockItem **at = place(l, item->tag);
    *at = item->chain;
    l->items--;
    free(item);
}

static bool same_side(const LockOwner *a, const LockOwner *b)
{
    return a == b || (a->session && a->session == b->session);
}

static LockHold *hold_find(const LockItem *item, const LockOwner *o, LockMode mode)
{
    for (LockHold *h = item->hold; h; h = h->next)
        if (h->owner == o && h->mode == mode) return h;
    return NULL;
}

static bool hold_add(LockTable *l, LockItem *item, LockOwner *o, LockMode mode, bool lent)
{
    LockHold *h = l->spare;
    if (h)
        l->spare = h->next;
    else if (!(h = malloc(sizeof *h)))
        return false;
    *h = (LockHold){.item = item, .owner = o, .mode = mode, .lent = lent, .count = 1, .serial = ++o->serial};
    h->next = item->hold;
    item->hold = h;
    h->older = o->holds;
    o->holds = h;
    return true;
}

static bool holds_free(const LockItem *item, const LockOwner *o, LockMode mode)
{
    for (const LockHold *h = item->hold; h; h = h->next)
        if (!same_side(h->owner, o) && lock_modes_conflict(mode, h->mode)) return false;
    return true;
}

static bool holds_any(const LockItem *item, const LockOwner *o)
{
    for (const LockHold *h = item->hold; h; h = h->next)
        if (same_side(h->owner, o)) return true;
    return false;
}

// Nobody who came earlier and still waits is passed by.
static bool queue_free(const LockItem *item, const LockRequest *until, const LockOwner *o, LockMode mode)
{
    for (const LockRequest *r = item->first; r && r != until; r = r->next)
        if (!r->granted && !same_side(r->owner, o) && lock_modes_conflict(mode, r->mode)) return false;
    return true;
}

static void serve(LockTable *l, LockItem *item)
{
    for (LockRequest *r = item->first; r; r = r->next) {
        if (r->granted || !holds_free(item, r->owner, r->mode)) continue;
        if (!r->jumps && !queue_free(item, r, r->owner, r->mode)) continue;
        if (!hold_add(l, item, r->owner, r->mode, false)) continue; // tried again at the next release
        r->granted = true;
        cond_signal(&r->cond);
    }
}

static void hold_unlink(LockTable *l, LockHold *h)
{
    LockHold **at = &h->item->hold;
    while (*at != h) at = &(*at)->next;
    *at = h->next;
    h->next = l->spare;
    l->spare = h;
}

// ---- circles ----

static bool stands_before(const LockRequest *r, const LockHold *h)
{
    return !same_side(h->owner, r->owner) && lock_modes_conflict(r->mode, h->mode);
}

typedef struct Circle {
    const LockRequest *start;
    const LockRequest *step[LOCK_DETAIL_LINES];
    const LockOwner *before[LOCK_DETAIL_LINES]; // who stands in the way of each step
    size_t steps, depth;
} Circle;

static bool reaches(const LockTable *l, LockRequest *r, Circle *c);

static bool goes_on(const LockTable *l, const LockRequest *r, const LockOwner *o, Circle *c)
{
    size_t at = c->depth++;
    if (at < LOCK_DETAIL_LINES) {
        c->step[at] = r;
        c->before[at] = o;
    }
    bool found = same_side(o, c->start->owner);
    for (LockRequest *w = found ? NULL : l->request; w && !found; w = w->behind)
        found = !w->granted && same_side(w->owner, o) && reaches(l, w, c);
    if (found && !c->steps) c->steps = at + 1;
    if (!found) c->depth--;
    return found;
}

static bool reaches(const LockTable *l, LockRequest *r, Circle *c)
{
    if (r->seen) return false;
    r->seen = true;
    for (const LockHold *h = r->item->hold; h; h = h->next)
        if (stands_before(r, h) && goes_on(l, r, h->owner, c)) return true;
    for (const LockRequest *q = r->item->first; q && q != r && !r->jumps; q = q->next)
        if (!q->granted && !same_side(q->owner, r->owner) && lock_modes_conflict(r->mode, q->mode) &&
            goes_on(l, r, q->owner, c))
            return true;
    return false;
}

static bool closes_circle(const LockTable *l, LockRequest *r, Circle *c)
{
    for (LockRequest *o = l->request; o; o = o->behind) o->seen = false;
    *c = (Circle){.start = r};
    return reaches(l, r, c);
}

static uint64_t name_of(const LockOwner *o) { return o->session ? o->session : o->number; }

static void note_circle(const Circle *c, Err *err)
{
    static const char *const kind[LOCK_KINDS] = {"relation", "tuple of relation", "transaction",
                                                 "advisory lock"};
    size_t steps = c->steps < LOCK_DETAIL_LINES ? c->steps : LOCK_DETAIL_LINES;
    for (size_t i = 0; i < steps; i++) {
        const LockRequest *r = c->step[i];
        err_note(err, "Session %" PRIu64 " waits for %s on %s %" PRIu64 "; blocked by session %" PRIu64 ".",
                 name_of(r->owner), lock_mode_name(r->mode), kind[r->item->tag.kind], r->item->tag.a,
                 name_of(c->before[i]));
    }
}

// ---- asking ----

static void request_link(LockTable *l, LockItem *item, LockRequest *r)
{
    if (item->last)
        item->last->next = r;
    else
        item->first = r;
    item->last = r;
    r->behind = l->request;
    if (l->request) l->request->before = r;
    l->request = r;
    r->owner->waiting = r;
}

static void request_unlink(LockTable *l, LockItem *item, LockRequest *r)
{
    LockRequest **at = &item->first, *last = NULL;
    while (*at != r) {
        last = *at;
        at = &(*at)->next;
    }
    *at = r->next;
    if (item->last == r) item->last = last;
    if (r->before)
        r->before->behind = r->behind;
    else
        l->request = r->behind;
    if (r->behind) r->behind->before = r->before;
    r->owner->waiting = NULL;
}

static bool wait_over(const LockRequest *r, int64_t until, Err *err)
{
    if (r->cancel && atomic_load(r->cancel))
        return !err_set(err, SQLSTATE_CANCELED, "canceling statement due to user request");
    if (until && clock_mono_us() >= until) {
        err_set(err, "55P03", "canceling statement due to lock timeout");
        err_hint(err, "another session holds the lock; d2db.locks shows who");
        return true;
    }
    return false;
}

static LockResult wait_turn(LockTable *l, LockItem *item, LockRequest *r, const LockWait *w, Err *err)
{
    Circle circle;
    int64_t until = w->timeout_us > 0 ? clock_mono_us() + w->timeout_us : 0;
    bool failed = false;
    cond_init(&r->cond);
    request_link(l, item, r);
    if (closes_circle(l, r, &circle)) {
        failed = true;
        err_set(err, "40P01", "deadlock detected");
        note_circle(&circle, err);
        err_hint(err, "roll back and run the transaction again");
    }
    while (!failed && !r->granted) {
        failed = wait_over(r, until, err);
        if (failed) break;
        if (until)
            cond_wait_for(&r->cond, &l->mutex, until - clock_mono_us());
        else
            cond_wait(&r->cond, &l->mutex);
    }
    request_unlink(l, item, r);
    if (!r->granted) serve(l, item); // those behind may have waited for this one only
    cond_done(&r->cond);
    return r->granted ? LOCK_GRANTED_LATE : LOCK_FAILED;
}

static LockResult acquire(LockTable *l, LockOwner *o, LockTag tag, LockMode mode, const LockWait *wait,
                          Err *err)
{
    LockItem *item = item_get(l, tag);
    if (!item)
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for locks") ? LOCK_FAILED : LOCK_FAILED;
    LockHold *held = hold_find(item, o, mode);
    if (held) {
        held->count++;
        return LOCK_GRANTED;
    }
    LockRequest r = {
        .item = item, .owner = o, .mode = mode, .cancel = wait->cancel, .jumps = holds_any(item, o)};
    LockResult result = LOCK_REFUSED;
    if (holds_free(item, o, mode) && (r.jumps || queue_free(item, NULL, o, mode))) {
        result = LOCK_GRANTED;
        if (!hold_add(l, item, o, mode, false)) {
            err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for locks");
            result = LOCK_FAILED;
        }
    } else if (wait->patience == LOCK_WAIT) {
        r.since_us = clock_wall_us();
        result = wait_turn(l, item, &r, wait, err);
    }
    item_drop(l, item);
    return result;
}

LockResult lock_acquire(LockTable *l, LockOwner *o, LockTag tag, LockMode mode, const LockWait *wait,
                        Err *err)
{
    mutex_lock(&l->mutex);
    LockResult result = acquire(l, o, tag, mode, wait, err);
    mutex_unlock(&l->mutex);
    return result;
}

bool lock_lend(LockTable *l, LockOwner *o, LockTag tag, LockMode mode)
{
    mutex_lock(&l->mutex);
    LockItem *item = item_get(l, tag);
    bool ok = item && (hold_find(item, o, mode) || hold_add(l, item, o, mode, true));
    if (item) item_drop(l, item);
    mutex_unlock(&l->mutex);
    return ok;
}

bool lock_copy(LockTable *l, LockTag from, LockTag to)
{
    bool ok = true;
    mutex_lock(&l->mutex);
    LockItem *source = *place(l, from), *item = source ? item_get(l, to) : NULL;
    ok = !source || item;
    for (LockHold *h = source ? source->hold : NULL; ok && h; h = h->next) {
        if (h->mode != LOCK_FOR_KEY_SHARE || hold_find(item, h->owner, h->mode)) continue;
        ok = hold_add(l, item, h->owner, h->mode, false);
        if (ok) item->hold->serial = h->serial; // goes when the other goes
    }
    if (item) item_drop(l, item);
    mutex_unlock(&l->mutex);
    return ok;
}

bool lock_conflicts(LockTable *l, const LockOwner *o, LockTag tag, LockMode mode)
{
    mutex_lock(&l->mutex);
    const LockItem *item = *place(l, tag);
    bool yes = item && !holds_free(item, o, mode);
    mutex_unlock(&l->mutex);
    return yes;
}

bool lock_held(LockTable *l, const LockOwner *o, LockTag tag, LockMode mode)
{
    mutex_lock(&l->mutex);
    const LockItem *item = *place(l, tag);
    bool yes = item && hold_find(item, o, mode);
    mutex_unlock(&l->mutex);
    return yes;
}

// ---- letting go ----

static void let_go(LockTable *l, LockHold **at)
{
    LockHold *h = *at;
    LockItem *item = h->item;
    *at = h->older;
    hold_unlink(l, h);
    serve(l, item);
    item_drop(l, item);
}

bool lock_release(LockTable *l, LockOwner *o, LockTag tag, LockMode mode)
{
    bool found = false;
    mutex_lock(&l->mutex);
    LockHold **at = &o->holds;
    while (*at && ((*at)->mode != mode || !same_tag((*at)->item->tag, tag))) at = &(*at)->older;
    if (*at) {
        found = true;
        if (--(*at)->count == 0) let_go(l, at);
    }
    mutex_unlock(&l->mutex);
    return found;
}

void lock_release_after(LockTable *l, LockOwner *o, uint64_t mark)
{
    mutex_lock(&l->mutex);
    for (LockHold **at = &o->holds; *at;) {
        if ((*at)->serial > mark || (*at)->lent)
            let_go(l, at);
        else
            at = &(*at)->older;
    }
    mutex_unlock(&l->mutex);
}

void lock_release_all(LockTable *l, LockOwner *o)
{
    if (o->holds) lock_release_after(l, o, 0);
}

void lock_release_kind(LockTable *l, LockOwner *o, LockKind kind)
{
    mutex_lock(&l->mutex);
    for (LockHold **at = &o->holds; *at;) {
        if ((*at)->item->tag.kind == kind)
            let_go(l, at);
        else
            at = &(*at)->older;
    }
    mutex_unlock(&l->mutex);
}

void lock_wake(LockTable *l, const atomic_bool *cancel)
{
    mutex_lock(&l->mutex);
    for (LockRequest *r = l->request; r; r = r->behind)
        if (r->cancel == cancel) cond_signal(&r->cond);
    mutex_unlock(&l->mutex);
}

// ---- for people ----

static uint64_t blocker_of(const LockRequest *r)
{
    for (const LockHold *h = r->item->hold; h; h = h->next)
        if (stands_before(r, h)) return name_of(h->owner);
    for (const LockRequest *q = r->item->first; q && q != r; q = q->next)
        if (!q->granted && lock_modes_conflict(r->mode, q->mode)) return name_of(q->owner);
    return 0;
}

void lock_list(LockTable *l, LockVisit visit, void *self)
{
    bool more = true;
    mutex_lock(&l->mutex);
    for (size_t i = 0; more && i < l->buckets; i++)
        for (const LockItem *item = l->bucket[i]; more && item; item = item->chain) {
            LockInfo info = {.tag = item->tag, .granted = true};
            for (const LockHold *h = item->hold; more && h; h = h->next) {
                info.mode = h->mode;
                info.transaction = h->owner->number;
                info.session = h->owner->session;
                more = visit(self, &info);
            }
            info.granted = false;
            for (const LockRequest *r = item->first; more && r; r = r->next) {
                if (r->granted) continue;
                info.mode = r->mode;
                info.transaction = r->owner->number;
                info.session = r->owner->session;
                info.blocker = blocker_of(r);
                info.since_us = r->since_us;
                more = visit(self, &info);
            }
        }
    mutex_unlock(&l->mutex);
}

bool lock_is_waiting(LockTable *l, uint64_t session)
{
    bool yes = false;
    mutex_lock(&l->mutex);
    for (const LockRequest *r = l->request; r && !yes; r = r->behind)
        yes = !r->granted && r->owner->session == session;
    mutex_unlock(&l->mutex);
    return yes;
}
