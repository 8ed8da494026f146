// Profile: the users of a data directory, in the text file DATA/User_Profile (mode 0600, format in
// profile_file.c). No name, password or answer stands in it: names as keyed hashes, passwords as SCRAM
// verifiers, answers stretched and salted. Signing in takes two steps, password then answer; the answer is
// never a way around the password. Thread-safe; other processes are kept out by the data directory's lock.
// Relies on base, journal, scram, throttle.
#ifndef ENGINE_AUTH_PROFILE_H
#define ENGINE_AUTH_PROFILE_H

#include "engine/auth/scram.h"
#include "engine/auth/throttle.h"
#include "engine/base/arena.h"
#include "engine/journal/journal.h"

enum {
    PROFILE_NAME_MAX = 64,    // characters
    PROFILE_PASSWORD_MIN = 8, // characters
    PROFILE_PASSWORD_MAX = 1024,
    PROFILE_QUESTION_MAX = 256,
    PROFILE_ANSWER_MIN = 2, // characters after folding
    PROFILE_ANSWER_MAX = 1024,
    PROFILE_USERS_MAX = 100000,
    PROFILE_TICKET_S = 600, // a right password is worth an answer for so long
};
#define PROFILE_FILE "User_Profile"

typedef enum ProfileRole {
    PROFILE_USER,
    PROFILE_ADMINISTRATOR,
    PROFILE_READER,
    PROFILE_AUDITOR,
    PROFILE_ROLES
} ProfileRole;
const char *profile_role_name(ProfileRole role); // "user", "administrator", "reader", "auditor"

typedef struct ProfileOptions {
    const IoDir *directory;     // DATA, borrowed, outlives the profile
    Journal *journal;           // borrowed; NULL = nothing is written
    const ThrottleClock *clock; // NULL = the wall clock
} ProfileOptions;

typedef struct Profile Profile;
typedef struct ProfileTicket ProfileTicket; // proof of a right password

// Makes the file when absent. 42501 when others may read it, XX001 with the line's number when it is damaged,
// 0A000 for another version.
MUST_CHECK bool profile_open(Profile **out, const ProfileOptions *o, Err *err);
void profile_close(Profile *p);
uint64_t profile_count(Profile *p);

typedef struct ProfileRegistration {
    Str user, password, question, answer;
    Str role;              // "" = administrator for the first user, "user" after that
    bool by_administrator; // needed to make another administrator (42501)
} ProfileRegistration;
// 42710 taken; 22023 for what is wrong with name, password, question, answer or role; 0A000 for the reserved
// roles reader and auditor.
MUST_CHECK bool profile_register(Profile *p, const ProfileRegistration *r, Err *err);
// The rules alone, so that a form can complain early. 22023.
MUST_CHECK bool profile_check_name(Str user, Err *err);
MUST_CHECK bool profile_check_password(Str password, Str user, Err *err);
MUST_CHECK bool profile_check_question(Str question, Err *err);
MUST_CHECK bool profile_check_answer(Str answer, Err *err);

// Step 1. 28P01 for unknown user and wrong password alike, after the same work; 28000 for a right password of
// a disabled account; 57014 when *stop (may be NULL) becomes true while the throttle makes it wait.
MUST_CHECK bool profile_sign_in(Profile *p, Str user, Str password, const atomic_bool *stop,
                                ProfileTicket **ticket, Err *err);
Str profile_ticket_question(const ProfileTicket *t); // borrowed from the ticket
// Step 2; the ticket is gone in either case. 28P01 for a wrong answer or an old ticket. user and user_hash:
// strings in mem.
typedef struct ProfileUser {
    Str name;      // as typed at sign-in, made printable; empty in lists
    Str name_hash; // 64 hexadecimal digits
    ProfileRole role;
    bool disabled;
    bool service; // signs in by password alone: programs that nobody sits at
    int64_t created_us;
} ProfileUser;
MUST_CHECK bool profile_answer(Profile *p, ProfileTicket *ticket, Str answer, const atomic_bool *stop,
                               ProfileUser *user, Arena *mem, Err *err);
// The same without waiting in the throttle and without taking the ticket: false with *wait_us > 0 and no
// error when it is to be asked again after so long.
MUST_CHECK bool profile_answer_now(Profile *p, ProfileTicket *ticket, Str answer, int64_t *wait_us,
                                   ProfileUser *user, Arena *mem, Err *err);
// Whom the ticket is for.
MUST_CHECK bool profile_ticket_user(Profile *p, const ProfileTicket *t, ProfileUser *user, Arena *mem,
                                    Err *err);
// Step 2 of a service account: no answer is needed. 28000 for other accounts.
MUST_CHECK bool profile_ticket_redeem(Profile *p, const ProfileTicket *t, ProfileUser *user, Arena *mem,
                                      Err *err);
void profile_ticket_drop(ProfileTicket *t); // NULL is fine
// For the wire protocol: the user's verifier, or the mock one of an unknown name.
MUST_CHECK bool profile_verifier(Profile *p, Str user, ScramVerifier *out, Err *err);
// Step 1 by SCRAM, without waiting: server has read the first message and sent its own (scram_server_first
// with profile_verifier's verifier); this looks at the client's final message. *wait_us > 0: nothing was
// looked at, ask again after so long. Else message gets the server's last word, or 28P01/28000 as in
// profile_sign_in, 08P01 for what is malformed.
MUST_CHECK bool profile_scram_final(Profile *p, Str user, ScramServer *server, Str client_final,
                                    Bytes *message, int64_t *wait_us, ProfileTicket **ticket, Err *err);

// Administration. The caller has made sure that `by` (a name for the journal) is an administrator's session.
// Sorted by time of creation; strings in mem.
MUST_CHECK bool profile_list(Profile *p, Arena *mem, ProfileUser **out, size_t *count, Err *err);
// 42704 unknown user; 55000 for the last administrator who is not disabled.
MUST_CHECK bool profile_disable(Profile *p, Str by, Str user, bool disable, Err *err);
// Whether the account signs in without the answer. 42704 unknown user.
MUST_CHECK bool profile_set_service(Profile *p, Str by, Str user, bool service, Err *err);
// New password, question and answer. Tickets given out before are void.
MUST_CHECK bool profile_reset(Profile *p, Str by, Str user, Str password, Str question, Str answer, Err *err);
// Is the account still there and not disabled: asked for running sessions. hash: ProfileUser.name_hash.
bool profile_may_work(Profile *p, Str name_hash);
// The hash of a registered user's name; false: nobody is called so.
bool profile_known(Profile *p, Str user, char hash[65]);
bool profile_role_of(Profile *p, Str name_hash, ProfileRole *role); // false: no such user
// A new password; question and answer stay. 22023 for what is wrong with it, 42704.
MUST_CHECK bool profile_set_password(Profile *p, Str by, Str name_hash, Str password, Err *err);
// Another role. 42704, 55000 for the last administrator.
MUST_CHECK bool profile_set_role(Profile *p, Str by, Str name_hash, ProfileRole role, Err *err);

#endif
