// Profile: opening, registering and administering users. Keys are stretched outside the lock; what changes is
// written with io_replace before it counts, and taken back in memory when the disk refuses. Signing in is in
// profile_sign_in.c.
#include "engine/auth/profile_in.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_SHOWN = 12, NAME_BYTES_MAX = 4096 };

static int64_t wall_now(void *self)
{
    (void)self;
    return clock_wall_us();
}

void profile_tell(const Profile *p, const char *kind, Str user, const char *hash, Str by, const char *reason)
{
    if (!p->journal) return;
    Json json;
    Bytes line, name;
    bytes_init(&name, NAME_BYTES_MAX * UTF8_SAFE_ONE);
    journal_begin(p->journal, JOURNAL_EVENT, kind, &json, &line);
    if (user.len) {
        utf8_safe(&name, str_slice(user, 0, NAME_BYTES_MAX), false);
        json_key(&json, "user");
        json_str(&json, bytes_str(&name));
    }
    json_key(&json, "account");
    json_str(&json, str_slice(str_of(hash), 0, HASH_SHOWN));
    if (by.len) {
        bytes_clear(&name);
        utf8_safe(&name, str_slice(by, 0, NAME_BYTES_MAX), false);
        json_key(&json, "by");
        json_str(&json, bytes_str(&name));
    }
    if (reason) {
        json_key(&json, "reason");
        json_str(&json, str_of(reason));
    }
    journal_end(p->journal, JOURNAL_EVENT, &json, &line);
    bytes_done(&name);
}

static bool make_file(Profile *p, Err *err)
{
    return random_secret(p->key, sizeof p->key, err) && profile_file_write(p, err);
}

bool profile_open(Profile **out, const ProfileOptions *o, Err *err)
{
    *out = NULL;
    Profile *p = size_alloc_zero(1, sizeof *p);
    if (!p) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while opening the users");
    p->dir = o->directory;
    p->journal = o->journal;
    p->clock = o->clock ? *o->clock : (ThrottleClock){.now_us = wall_now};
    mutex_init(&p->lock);
    bool damaged = false;
    bool ok = io_exists(p->dir, PROFILE_FILE) ? profile_file_read(p, err) : make_file(p, err);
    ok = ok && throttle_open(&p->throttle, p->dir, o->clock, &damaged, err);
    if (!ok) {
        profile_close(p);
        return err_note(err, "while opening the users");
    }
    if (damaged)
        journal_event(p->journal, "throttle_damaged",
                      "the file " THROTTLE_FILE " was damaged and is kept as " THROTTLE_FILE ".damaged");
    *out = p;
    return true;
}

void profile_close(Profile *p)
{
    if (!p) return;
    throttle_close(p->throttle);
    map_done(&p->by_hash);
    free(p->record);
    arena_done(&p->mem);
    mutex_done(&p->lock);
    scram_forget(p->key, sizeof p->key);
    free(p);
}

uint64_t profile_count(Profile *p)
{
    mutex_lock(&p->lock);
    uint64_t count = p->count;
    mutex_unlock(&p->lock);
    return count;
}

bool profile_hash(const Profile *p, Str user, char out[PROFILE_HASH_SIZE], Err *err)
{
    Bytes folded;
    uint8_t key[SCRAM_KEY_SIZE];
    bytes_init(&folded, NAME_BYTES_MAX);
    bool text = utf8_fold(&folded, user);
    bool ok = scram_hmac(key, p->key, sizeof p->key, text ? bytes_str(&folded) : user, err);
    scram_forget_bytes(&folded); // people type passwords into name fields
    for (size_t i = 0; ok && i < sizeof key; i++) snprintf(out + 2 * i, 3, "%02x", key[i]);
    return ok;
}

ProfileRecord *profile_find(Profile *p, const char *hash) { return map_get(&p->by_hash, str_of(hash)); }

bool profile_answer_hash(const ProfileRecord *r, Str answer, uint8_t out[SCRAM_KEY_SIZE], Err *err)
{
    Bytes folded;
    bytes_init(&folded, SCRAM_PASSWORD_MAX);
    bool text = profile_rule_fold(&folded, answer, PROFILE_ANSWER_MAX);
    // What cannot be an answer is stretched as well: it takes the same time and fits nothing, as no answer is
    // empty.
    bool ok = scram_stretch(out, text ? bytes_str(&folded) : STR_NONE, r->answer_salt, sizeof r->answer_salt,
                            r->answer_iterations, err);
    scram_forget_bytes(&folded);
    return ok;
}

// Verifier, question and answer: all that costs time and needs no lock.
static bool make_secrets(ProfileRecord *r, Str password, Str answer, Err *err)
{
    r->answer_iterations = PROFILE_ANSWER_ITERATIONS;
    return scram_verifier_make(&r->verifier, password, err) &&
           random_secret(r->answer_salt, sizeof r->answer_salt, err) &&
           profile_answer_hash(r, answer, r->answer_hash, err);
}

static bool check_choice(Str user, Str password, Str question, Str answer, Err *err)
{
    return profile_check_password(password, user, err) && profile_check_question(question, err) &&
           profile_check_answer(answer, err);
}

// With the lock held. Role and permission depend on whether this is the first user.
static bool add_user(Profile *p, const ProfileRegistration *r, ProfileRecord *record, Err *err)
{
    bool first = p->count == 0;
    if (profile_find(p, record->hash)) return err_set(err, "42710", "the user name is taken");
    record->role = first ? PROFILE_ADMINISTRATOR : PROFILE_USER;
    if (r->role.len && !profile_rule_role(r->role, &record->role, err)) return false;
    if (first && record->role != PROFILE_ADMINISTRATOR)
        return err_set(err, "22023", "the first user has to be an administrator");
    if (!first && record->role == PROFILE_ADMINISTRATOR && !r->by_administrator)
        return err_set(err, "42501", "only an administrator can make another administrator");
    record->question = arena_copy(&p->mem, r->question);
    record->created_us = p->clock.now_us(p->clock.self);
    ProfileRecord *kept = arena_new(&p->mem, ProfileRecord);
    *kept = *record;
    if (!profile_file_add(p, kept, err)) return false;
    if (profile_file_write(p, err)) return true;
    p->count--;
    map_remove(&p->by_hash, str_of(kept->hash));
    return false;
}

static bool is_taken(Profile *p, const char *hash)
{
    mutex_lock(&p->lock);
    bool taken = profile_find(p, hash) != NULL;
    mutex_unlock(&p->lock);
    return taken;
}

bool profile_register(Profile *p, const ProfileRegistration *r, Err *err)
{
    ProfileRecord record = {0};
    ProfileRole role;
    if (!profile_check_name(r->user, err) || !check_choice(r->user, r->password, r->question, r->answer, err))
        return false;
    if (r->role.len && !profile_rule_role(r->role, &role, err)) return false;
    if (!profile_hash(p, r->user, record.hash, err)) return false;
    if (is_taken(p, record.hash))
        return err_set(err, "42710", "the user name %.*s is taken", STR_ARG(r->user));
    bool ok = make_secrets(&record, r->password, r->answer, err);
    if (ok) {
        mutex_lock(&p->lock);
        ok = add_user(p, r, &record, err);
        mutex_unlock(&p->lock);
    }
    if (ok)
        profile_tell(p, "user_registered", r->user, record.hash, STR_NONE, profile_role_name(record.role));
    scram_forget(&record, sizeof record);
    return ok;
}

// ---- administration ----

static int compare_users(const void *a, const void *b)
{
    const ProfileUser *x = a, *y = b;
    if (x->created_us != y->created_us) return x->created_us < y->created_us ? -1 : 1;
    return str_compare(x->name_hash, y->name_hash);
}

bool profile_list(Profile *p, Arena *mem, ProfileUser **out, size_t *count, Err *err)
{
    mutex_lock(&p->lock);
    *count = p->count;
    *out = arena_try(mem, p->count ? p->count : 1, sizeof **out);
    for (size_t i = 0; *out && i < p->count; i++) {
        const ProfileRecord *r = p->record[i];
        (*out)[i] = (ProfileUser){.name_hash = arena_copy(mem, str_of(r->hash)),
                                  .role = r->role,
                                  .disabled = r->disabled,
                                  .service = r->service,
                                  .created_us = r->created_us};
    }
    mutex_unlock(&p->lock);
    if (!*out) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while listing the users");
    qsort(*out, *count, sizeof **out, compare_users);
    return true;
}

static bool unknown_user(Str user, Err *err)
{
    return err_set(err, "42704", "there is no user %.*s", STR_ARG(str_slice(user, 0, NAME_BYTES_MAX)));
}

static size_t working_administrators(const Profile *p)
{
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++)
        count += p->record[i]->role == PROFILE_ADMINISTRATOR && !p->record[i]->disabled;
    return count;
}

// With the lock held.
static bool set_disabled(Profile *p, ProfileRecord *r, bool disable, Err *err)
{
    if (r->disabled == disable) return true;
    if (disable && r->role == PROFILE_ADMINISTRATOR && working_administrators(p) == 1) {
        err_set(err, "55000", "the last administrator cannot be disabled");
        return err_hint(err, "make another administrator first");
    }
    r->disabled = disable;
    if (profile_file_write(p, err)) return true;
    r->disabled = !disable;
    return false;
}

bool profile_disable(Profile *p, Str by, Str user, bool disable, Err *err)
{
    char hash[PROFILE_HASH_SIZE];
    if (!profile_hash(p, user, hash, err)) return false;
    mutex_lock(&p->lock);
    ProfileRecord *r = profile_find(p, hash);
    bool ok = r ? set_disabled(p, r, disable, err) : unknown_user(user, err);
    mutex_unlock(&p->lock);
    if (ok) profile_tell(p, disable ? "user_disabled" : "user_enabled", user, hash, by, NULL);
    return ok;
}

bool profile_set_service(Profile *p, Str by, Str user, bool service, Err *err)
{
    char hash[PROFILE_HASH_SIZE];
    if (!profile_hash(p, user, hash, err)) return false;
    mutex_lock(&p->lock);
    ProfileRecord *r = profile_find(p, hash);
    bool ok = r != NULL, before = ok && r->service;
    if (ok) {
        r->service = service;
        ok = before == service || profile_file_write(p, err);
        if (!ok) r->service = before;
    } else
        unknown_user(user, err);
    mutex_unlock(&p->lock);
    if (ok)
        profile_tell(p, service ? "user_made_service" : "user_made_person", user, hash, by,
                     service ? "signs in without the answer" : "signs in with the answer");
    return ok;
}

// With the lock held: takes secrets and question of `made`.
static bool set_secrets(Profile *p, ProfileRecord *r, const ProfileRecord *made, Str question, Err *err)
{
    ProfileRecord before = *r;
    r->verifier = made->verifier;
    r->answer_iterations = made->answer_iterations;
    memcpy(r->answer_salt, made->answer_salt, sizeof r->answer_salt);
    memcpy(r->answer_hash, made->answer_hash, sizeof r->answer_hash);
    r->question = arena_copy(&p->mem, question);
    r->version = ++p->resets;
    bool ok = profile_file_write(p, err);
    if (!ok) *r = before;
    scram_forget(&before, sizeof before);
    return ok;
}

bool profile_reset(Profile *p, Str by, Str user, Str password, Str question, Str answer, Err *err)
{
    ProfileRecord made = {0};
    if (!profile_hash(p, user, made.hash, err)) return false;
    if (!is_taken(p, made.hash)) return unknown_user(user, err);
    if (!check_choice(user, password, question, answer, err) || !make_secrets(&made, password, answer, err))
        return false;
    mutex_lock(&p->lock);
    ProfileRecord *r = profile_find(p, made.hash);
    bool ok = r ? set_secrets(p, r, &made, question, err) : unknown_user(user, err);
    mutex_unlock(&p->lock);
    if (ok) profile_tell(p, "user_reset", user, made.hash, by, NULL);
    scram_forget(&made, sizeof made);
    return ok;
}

uint32_t profile_iterations(const Profile *p)
{
    return p->count ? p->record[p->count - 1]->verifier.iterations : SCRAM_ITERATIONS;
}

bool profile_may_work(Profile *p, Str name_hash)
{
    mutex_lock(&p->lock);
    const ProfileRecord *r = map_get(&p->by_hash, name_hash);
    bool may = r && !r->disabled;
    mutex_unlock(&p->lock);
    return may;
}

bool profile_role_of(Profile *p, Str name_hash, ProfileRole *role)
{
    mutex_lock(&p->lock);
    const ProfileRecord *r = map_get(&p->by_hash, name_hash);
    if (r) *role = r->role;
    mutex_unlock(&p->lock);
    return r != NULL;
}

bool profile_known(Profile *p, Str user, char hash[65])
{
    Err none = {0};
    ProfileRole role;
    bool known = profile_hash(p, user, hash, &none) && profile_role_of(p, str_of(hash), &role);
    err_clear(&none);
    return known;
}

bool profile_set_password(Profile *p, Str by, Str name_hash, Str password, Err *err)
{
    ScramVerifier made, before;
    if (!profile_check_password(password, STR_NONE, err) || !scram_verifier_make(&made, password, err))
        return false;
    mutex_lock(&p->lock);
    ProfileRecord *r = map_get(&p->by_hash, name_hash);
    bool ok = r != NULL || err_set(err, "42704", "there is no such user");
    if (ok) {
        before = r->verifier;
        r->verifier = made;
        ok = profile_file_write(p, err);
        if (!ok) r->verifier = before;
        if (ok) r->version = ++p->resets; // tickets given out before are void
        scram_forget(&before, sizeof before);
    }
    mutex_unlock(&p->lock);
    scram_forget(&made, sizeof made);
    if (ok) profile_tell(p, "user_password", STR_NONE, r->hash, by, "a new password");
    return ok;
}

bool profile_set_role(Profile *p, Str by, Str name_hash, ProfileRole role, Err *err)
{
    mutex_lock(&p->lock);
    ProfileRecord *r = map_get(&p->by_hash, name_hash);
    bool ok = r != NULL || err_set(err, "42704", "there is no such user");
    if (ok && r->role == PROFILE_ADMINISTRATOR && role != PROFILE_ADMINISTRATOR && !r->disabled &&
        working_administrators(p) == 1)
        ok = err_set(err, "55000", "the last administrator stays one");
    ProfileRole before = ok ? r->role : role;
    if (ok) r->role = role;
    if (ok && before != role && !profile_file_write(p, err)) {
        r->role = before;
        ok = false;
    }
    mutex_unlock(&p->lock);
    if (ok) profile_tell(p, "user_role", STR_NONE, r->hash, by, profile_role_name(role));
    return ok;
}

bool profile_verifier(Profile *p, Str user, ScramVerifier *out, Err *err)
{
    char hash[PROFILE_HASH_SIZE];
    // The mock one is made in any case: both paths do the same work.
    if (!profile_hash(p, user, hash, err) || !scram_verifier_mock(out, p->key, str_of(hash), err))
        return false;
    mutex_lock(&p->lock);
    const ProfileRecord *r = profile_find(p, hash);
    if (r)
        *out = r->verifier;
    else
        out->iterations = profile_iterations(p);
    mutex_unlock(&p->lock);
    return true;
}
