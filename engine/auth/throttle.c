// Throttle: one small record per account that failed lately. The file is written whole at each change; it is
// small, and a failed sign-in costs far more than its two syncs.
//
//   d2db throttle 1                              first line: format version
//   ACCOUNT FAILURES LAST_FAILURE_US CRC         one line each; CRC-32C of the line up to the blank before it
#include "engine/auth/throttle.h"
#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/base/crc32c.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"

#include <stdlib.h>
#include <string.h>

enum { ACCOUNT_MAX = 80, FAILURES_MAX = 1000000, FILE_MAX = 1 << 20, LOOK_US = 50000 };
#define HEAD   "d2db throttle 1"
#define SECOND INT64_C(1000000)

typedef struct Record {
    char account[ACCOUNT_MAX];
    unsigned failures;
    unsigned trying; // between enter and leave
    int64_t last_us;
} Record;

struct Throttle {
    const IoDir *dir;
    ThrottleClock clock;
    Mutex lock;
    Cond left; // somebody left
    Record *record;
    size_t count, cap;
};

static int64_t wall_now(void *self)
{
    (void)self;
    return clock_wall_us();
}

// ---- records ----

static Record *find(Throttle *t, Str account)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_equal(str_of(t->record[i].account), account)) return &t->record[i];
    return NULL;
}

static bool is_idle(const Record *r, int64_t now)
{
    return r->trying == 0 && (r->failures == 0 || now - r->last_us > THROTTLE_WINDOW_S * SECOND);
}

static void forget_idle(Throttle *t, int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++)
        if (!is_idle(&t->record[i], now)) t->record[kept++] = t->record[i];
    t->count = kept;
}

// The record with the oldest failure that nobody is using makes room.
static Record *reuse_oldest(Throttle *t)
{
    Record *oldest = NULL;
    for (size_t i = 0; i < t->count; i++) {
        Record *r = &t->record[i];
        if (r->trying == 0 && (!oldest || r->last_us < oldest->last_us)) oldest = r;
    }
    return oldest;
}

static Record *add(Throttle *t, Str account, int64_t now)
{
    if (account.len >= ACCOUNT_MAX || memchr(account.at, ' ', account.len)) return NULL;
    if (t->count == t->cap || t->count >= THROTTLE_ACCOUNTS_MAX) forget_idle(t, now);
    Record *r = NULL;
    if (t->count >= THROTTLE_ACCOUNTS_MAX) {
        r = reuse_oldest(t);
        if (!r) return NULL;
    } else {
        if (t->count == t->cap) {
            size_t cap = t->cap ? t->cap * 2 : 16;
            Record *grown = size_realloc(t->record, cap, sizeof *grown);
            if (!grown) return NULL;
            t->record = grown;
            t->cap = cap;
        }
        r = &t->record[t->count++];
    }
    *r = (Record){.last_us = now};
    memcpy(r->account, account.at, account.len);
    return r;
}

// ---- file ----

static bool write_file(Throttle *t, Err *err)
{
    Bytes out;
    bytes_init(&out, FILE_MAX);
    bytes_put(&out, STR(HEAD "\n"));
    for (size_t i = 0; i < t->count; i++) {
        const Record *r = &t->record[i];
        if (r->failures == 0) continue;
        size_t start = out.len;
        bytes_printf(&out, "%s %u %lld", r->account, r->failures, (long long)r->last_us);
        Str line = str_slice(bytes_str(&out), start, SIZE_MAX);
        bytes_printf(&out, " %08x\n", (unsigned)crc32c(0, line.at, line.len));
    }
    bool ok =
        !out.failed || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while writing " THROTTLE_FILE);
    ok = ok && io_replace(t->dir, THROTTLE_FILE, bytes_str(&out), err);
    bytes_done(&out);
    return ok;
}

static bool read_line(Throttle *t, Str line, int64_t now)
{
    uint64_t crc, failures;
    int64_t last_us;
    if (line.len < 10 || line.at[line.len - 9] != ' ' ||
        !str_to_hex64_lower(str_slice(line, line.len - 8, 8), &crc))
        return false;
    Str rest = str_slice(line, 0, line.len - 9);
    if (crc32c(0, rest.at, rest.len) != crc) return false;
    Str account = str_cut(&rest, ' '), count = str_cut(&rest, ' ');
    if (!str_to_uint64(count, &failures) || failures == 0 || failures > FAILURES_MAX ||
        !str_to_int64(rest, &last_us))
        return false;
    if (account.len == 0 || find(t, account)) return false;
    Record *r = add(t, account, now);
    if (!r) return false;
    r->failures = (unsigned)failures;
    r->last_us = last_us > now ? now : last_us; // the clock was set back: no longer wait than the rule's
    return true;
}

static bool read_lines(Throttle *t, Str text)
{
    int64_t now = t->clock.now_us(t->clock.self);
    if (!str_equal(str_cut(&text, '\n'), STR(HEAD))) return false;
    bool good = true;
    while (text.len) good = read_line(t, str_cut(&text, '\n'), now) && good;
    return good;
}

// What can be read counts even when a line is damaged; the damaged file is kept for people to look at.
static bool read_file(Throttle *t, bool *damaged, Err *err)
{
    if (!io_exists(t->dir, THROTTLE_FILE)) return true;
    Bytes text;
    bytes_init(&text, FILE_MAX);
    bool ok = io_read_all(t->dir, THROTTLE_FILE, &text, err);
    if (!ok && err_is(err, "53400")) {
        err_clear(err);
        ok = *damaged = true;
    } else if (ok) {
        *damaged = !read_lines(t, bytes_str(&text));
    }
    bytes_done(&text);
    if (ok && *damaged)
        ok = io_rename(t->dir, THROTTLE_FILE, THROTTLE_FILE ".damaged", err) && write_file(t, err);
    return ok;
}

bool throttle_open(Throttle **out, const IoDir *directory, const ThrottleClock *clock, bool *damaged,
                   Err *err)
{
    *out = NULL;
    *damaged = false;
    Throttle *t = size_alloc_zero(1, sizeof *t);
    if (!t) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while opening the users");
    t->dir = directory;
    t->clock = clock ? *clock : (ThrottleClock){.now_us = wall_now};
    mutex_init(&t->lock);
    cond_init(&t->left);
    if (!read_file(t, damaged, err)) {
        throttle_close(t);
        return false;
    }
    *out = t;
    return true;
}

void throttle_close(Throttle *t)
{
    if (!t) return;
    cond_done(&t->left);
    mutex_done(&t->lock);
    free(t->record);
    free(t);
}

// ---- the rule ----

static int64_t delay_after(unsigned failures)
{
    if (failures < THROTTLE_FREE) return 0;
    unsigned doubled = failures - THROTTLE_FREE;
    int64_t seconds = doubled < 16 ? (int64_t)THROTTLE_DELAY_MIN_S << doubled : THROTTLE_DELAY_MAX_S;
    return (seconds < THROTTLE_DELAY_MAX_S ? seconds : THROTTLE_DELAY_MAX_S) * SECOND;
}

static int64_t due_in(const Record *r, int64_t now)
{
    int64_t wait = delay_after(r->failures) - (now > r->last_us ? now - r->last_us : 0);
    return wait > 0 ? wait : 0;
}

// 0 = may try now; else microseconds until it is worth asking again.
static int64_t must_wait(Record *r, int64_t now)
{
    if (r->trying == 0 && r->failures && now - r->last_us > THROTTLE_WINDOW_S * SECOND) r->failures = 0;
    if (r->failures + r->trying < THROTTLE_FREE) return 0; // even if all who are trying fail
    if (r->trying) return LOOK_US;
    return due_in(r, now);
}

// Called and returns with the lock held.
static void wait_a_while(Throttle *t, int64_t us)
{
    if (!t->clock.wait_us) {
        cond_wait_for(&t->left, &t->lock, us < LOOK_US ? us : LOOK_US);
        return;
    }
    mutex_unlock(&t->lock);
    t->clock.wait_us(t->clock.self, us);
    mutex_lock(&t->lock);
}

bool throttle_enter(Throttle *t, Str account, const atomic_bool *stop, int64_t *waited_us, Err *err)
{
    bool entered = false, stopped = false, full = false;
    mutex_lock(&t->lock);
    int64_t start = t->clock.now_us(t->clock.self), now = start;
    while (!entered && !stopped && !full) {
        now = t->clock.now_us(t->clock.self);
        Record *r = find(t, account);
        if (!r) r = add(t, account, now);
        full = r == NULL;
        int64_t wait = full ? 0 : must_wait(r, now);
        if (!full && wait == 0) {
            r->trying++;
            entered = true;
        } else if (!full) {
            stopped = stop && atomic_load(stop);
            if (!stopped) wait_a_while(t, wait);
        }
    }
    mutex_unlock(&t->lock);
    if (waited_us) *waited_us = now > start ? now - start : 0;
    if (stopped)
        return err_set(err, SQLSTATE_CANCELED, "sign-in was cancelled while waiting after failed tries");
    return entered || err_set(err, "53300", "too many sign-ins at once; try again in a moment");
}

bool throttle_try(Throttle *t, Str account, int64_t *wait_us, Err *err)
{
    mutex_lock(&t->lock);
    int64_t now = t->clock.now_us(t->clock.self);
    Record *r = find(t, account);
    if (!r) r = add(t, account, now);
    *wait_us = r ? must_wait(r, now) : 0;
    if (r && !*wait_us) r->trying++;
    mutex_unlock(&t->lock);
    return r || err_set(err, "53300", "too many sign-ins at once; try again in a moment");
}

bool throttle_leave(Throttle *t, Str account, ThrottleResult result, Err *err)
{
    bool ok = true;
    mutex_lock(&t->lock);
    Record *r = find(t, account);
    if (r) {
        unsigned before = r->failures;
        if (r->trying) r->trying--;
        if (result == THROTTLE_PASSED) r->failures = 0;
        if (result == THROTTLE_FAILED) {
            if (r->failures < FAILURES_MAX) r->failures++;
            r->last_us = t->clock.now_us(t->clock.self);
        }
        if (r->failures != before) ok = write_file(t, err);
    }
    cond_broadcast(&t->left);
    mutex_unlock(&t->lock);
    return ok;
}

int64_t throttle_delay_us(Throttle *t, Str account)
{
    mutex_lock(&t->lock);
    const Record *r = find(t, account);
    int64_t now = t->clock.now_us(t->clock.self);
    int64_t wait = r ? due_in(r, now) : 0;
    mutex_unlock(&t->lock);
    return wait;
}

unsigned throttle_failures(Throttle *t, Str account)
{
    mutex_lock(&t->lock);
    const Record *r = find(t, account);
    unsigned failures = r ? r->failures : 0;
    mutex_unlock(&t->lock);
    return failures;
}
