// Profile, inside the room: the records, their file, the rules, the journal's lines.
#ifndef ENGINE_AUTH_PROFILE_IN_H
#define ENGINE_AUTH_PROFILE_IN_H

#include "engine/auth/profile.h"
#include "engine/base/map.h"
#include "engine/base/thread.h"

enum {
    PROFILE_HASH_SIZE = 2 * SCRAM_KEY_SIZE + 1, // hexadecimal digits and a NUL
    PROFILE_ANSWER_ITERATIONS = 65536, // answers are easier to guess, and only the server stretches them
};

typedef struct ProfileRecord {
    char hash[PROFILE_HASH_SIZE]; // of the folded name
    ProfileRole role;
    bool disabled;
    bool service; // signs in without the answer
    int64_t created_us;
    ScramVerifier verifier;
    uint32_t answer_iterations;
    uint8_t answer_salt[SCRAM_SALT_SIZE], answer_hash[SCRAM_KEY_SIZE];
    Str question;     // in Profile.mem
    uint64_t version; // moved by each reset; not in the file
} ProfileRecord;

struct Profile {
    const IoDir *dir;
    Journal *journal;
    ThrottleClock clock; // now_us is always set
    Throttle *throttle;
    uint8_t key[SCRAM_KEY_SIZE]; // of this directory: names are hashed with it
    Mutex lock;                  // guards all below
    Arena mem;
    ProfileRecord **record; // in the order of registration
    size_t count, cap;
    Map by_hash;
    uint64_t resets;
};

// ---- profile_file.c ----
MUST_CHECK bool profile_file_write(const Profile *p, Err *err);
MUST_CHECK bool profile_file_read(Profile *p, Err *err);
// Adds to the records in memory; false when memory is out or there are too many.
MUST_CHECK bool profile_file_add(Profile *p, ProfileRecord *r, Err *err);

// ---- profile_attempt.c ----
// What one try to sign in works with.
typedef struct ProfileAttempt {
    char hash[PROFILE_HASH_SIZE];
    bool known;
    ProfileRecord record; // a copy; for unknown names the mock verifier
} ProfileAttempt;
struct ProfileTicket {
    char hash[PROFILE_HASH_SIZE];
    uint64_t version; // of the record when the password was right
    int64_t made_us;
    Str question; // behind the struct
    Str name;     // as typed, behind the question
};
// The same work for known and unknown names.
MUST_CHECK bool profile_attempt_begin(Profile *p, Str user, ProfileAttempt *a, Err *err);
// Leaves the throttle; the disk may refuse its file, that does not decide who gets in.
void profile_attempt_leave(Profile *p, const char *hash, ThrottleResult result);
void profile_attempt_tell_wait(Profile *p, Str user, const char *hash, int64_t waited_us);
// Between enter and leave of the throttle, leaves it: a ticket, or the refusal (28P01, 28000).
MUST_CHECK bool profile_attempt_end(Profile *p, Str user, const ProfileAttempt *a, bool fits,
                                    ProfileTicket **ticket, Err *err);

// ---- profile_rule.c ----
// Case, NFKC and white space folded; false on bad UTF-8 and on more than `max` characters.
bool profile_rule_fold(Bytes *out, Str text, size_t max);
MUST_CHECK bool profile_rule_role(Str name, ProfileRole *role, Err *err);

// ---- profile.c ----
// The name's hash under the directory's key; names that are not text have one too.
MUST_CHECK bool profile_hash(const Profile *p, Str user, char out[PROFILE_HASH_SIZE], Err *err);
// What unknown names are told: as the newest user has. With the lock held.
uint32_t profile_iterations(const Profile *p);
// With the lock held; NULL if unknown.
ProfileRecord *profile_find(Profile *p, const char *hash);
// The answer's stretched hash for r's salt and iterations.
MUST_CHECK bool profile_answer_hash(const ProfileRecord *r, Str answer, uint8_t out[SCRAM_KEY_SIZE],
                                    Err *err);
// A line in the event journal. user: as typed; STR_NONE = only the hash's beginning is told.
void profile_tell(const Profile *p, const char *kind, Str user, const char *hash, Str by, const char *reason);

#endif
