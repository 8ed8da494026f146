// The rules for what a person may choose: name, password, question, answer, role. The sentences say what is
// wrong and never repeat a secret. Relies on utf8.
#include "engine/auth/profile_in.h"
#include "engine/base/utf8.h"

#include <string.h>

#define REFUSED "22023"
enum { FOLD_GROWTH = 18 * 4 }; // bytes per character after NFKC, at most

const char *profile_role_name(ProfileRole role)
{
    static const char *const names[PROFILE_ROLES] = {"user", "administrator", "reader", "auditor"};
    return role < PROFILE_ROLES ? names[role] : "";
}

bool profile_rule_role(Str name, ProfileRole *role, Err *err)
{
    for (int r = 0; r < PROFILE_ROLES; r++)
        if (str_equal_fold(name, str_of(profile_role_name((ProfileRole)r)))) {
            *role = (ProfileRole)r;
            return true;
        }
    err_set(err, REFUSED, "\"%.*s\" is not a role", STR_ARG(str_slice(name, 0, 40)));
    return err_hint(err, "the roles are user, administrator, reader and auditor");
}

// Nothing in it that utf8_safe would have to change.
static bool is_printable(Str s)
{
    char out[UTF8_SAFE_ONE];
    for (size_t pos = 0; pos < s.len;) {
        size_t from = pos, len = utf8_safe_one(s, &pos, false, out);
        if (len != pos - from || memcmp(out, s.at + from, len) != 0) return false;
    }
    return true;
}

static bool has_edge_space(Str s) { return str_trim(s).len != s.len; }

bool profile_check_name(Str user, Err *err)
{
    size_t length = utf8_length(user);
    if (length == 0) return err_set(err, REFUSED, "a user name is needed");
    if (length > PROFILE_NAME_MAX)
        return err_set(err, REFUSED, "a user name has at most %d characters; this one has %zu",
                       PROFILE_NAME_MAX, length);
    if (!is_printable(user))
        return err_set(err, REFUSED, "a user name may not hold control or invisible characters");
    if (has_edge_space(user)) return err_set(err, REFUSED, "a user name may not begin or end with a blank");
    Bytes folded;
    bytes_init(&folded, PROFILE_NAME_MAX * FOLD_GROWTH);
    bool ok = utf8_fold(&folded, user) && folded.len > 0;
    bytes_done(&folded);
    return ok || err_set(err, REFUSED, "a user name needs at least one visible character");
}

static const char *const common[] = {
    "password",   "password1",  "password12", "password123", "password1234",  "passw0rd",    "p@ssw0rd",
    "p@ssword",   "12345678",   "123456789",  "1234567890",  "0123456789",    "0987654321",  "987654321",
    "87654321",   "11111111",   "111111111",  "00000000",    "88888888",      "12341234",    "11223344",
    "123123123",  "qwertyui",   "qwertyuiop", "qwerty123",   "qwerty12",      "qwertz123",   "qwertzui",
    "1q2w3e4r",   "1q2w3e4r5t", "1qaz2wsx",   "zaq12wsx",    "asdfghjk",      "asdfghjkl",   "zxcvbnm1",
    "abcd1234",   "abcdefgh",   "abc12345",   "a1b2c3d4",    "iloveyou",      "iloveyou1",   "sunshine",
    "princess",   "football",   "baseball",   "superman",    "batman123",     "trustno1",    "welcome1",
    "welcome123", "letmein1",   "letmein123", "changeme",    "changeme1",     "changeme123", "computer",
    "internet",   "whatever",   "starwars",   "michelle",    "jennifer",      "master123",   "shadow123",
    "dragon123",  "monkey123",  "admin123",   "admin1234",   "administrator", "root1234",    "rootroot",
    "adminadmin", "test1234",   "testtest",   "database",    "database1",     "secret123",   "topsecret",
    "default1",   "security",   "passwort",   "passwort1",   "hallo123",      "schalke04",   "motdepasse",
    "contraseña", "d2dbd2db",
};

static bool is_common(Str folded)
{
    for (size_t i = 0; i < COUNT_OF(common); i++)
        if (str_equal(folded, str_of(common[i]))) return true;
    return false;
}

static bool check_guessable(Str password, Str user, Err *err)
{
    Bytes folded, name;
    bytes_init(&folded, PROFILE_PASSWORD_MAX * FOLD_GROWTH);
    bytes_init(&name, PROFILE_NAME_MAX * FOLD_GROWTH);
    bool ok = true;
    if (utf8_fold(&folded, password)) {
        Str plain = bytes_str(&folded);
        if (is_common(plain))
            ok = err_set(err, REFUSED, "this password is one of the commonest; choose another one");
        bool same = user.len && utf8_fold(&name, user) && str_equal(bytes_str(&name), plain);
        if (ok && same) ok = err_set(err, REFUSED, "the password may not be the user name");
    }
    scram_forget_bytes(&folded);
    bytes_done(&name);
    return ok;
}

bool profile_check_password(Str password, Str user, Err *err)
{
    size_t length = utf8_length(password);
    if (length < PROFILE_PASSWORD_MIN)
        return err_set(err, REFUSED, "a password has at least %d characters", PROFILE_PASSWORD_MIN);
    if (length > PROFILE_PASSWORD_MAX)
        return err_set(err, REFUSED, "a password has at most %d characters", PROFILE_PASSWORD_MAX);
    for (size_t pos = 0; pos < password.len;) {
        uint32_t rune = utf8_next(password, &pos);
        if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0))
            return err_set(err, REFUSED, "a password may not hold control characters");
    }
    if (utf8_check(password) != SIZE_MAX) return err_set(err, REFUSED, "the password is not valid UTF-8");
    return check_guessable(password, user, err);
}

bool profile_check_question(Str question, Err *err)
{
    if (str_trim(question).len == 0) return err_set(err, REFUSED, "a security question is needed");
    if (utf8_length(question) > PROFILE_QUESTION_MAX)
        return err_set(err, REFUSED, "a security question has at most %d characters", PROFILE_QUESTION_MAX);
    return is_printable(question) ||
           err_set(err, REFUSED, "a security question may not hold control or invisible characters");
}

static bool is_white(uint32_t rune)
{
    return rune == ' ' || (rune >= '\t' && rune <= '\r') || rune == 0x85 || rune == 0x1680 ||
           rune == 0x2028 || rune == 0x2029;
}

bool profile_rule_fold(Bytes *out, Str text, size_t max)
{
    Bytes folded;
    if (utf8_length(text) > max) return false;
    bytes_init(&folded, max * FOLD_GROWTH);
    bool ok = utf8_fold(&folded, text);
    Str s = bytes_str(&folded);
    bool gap = false;
    for (size_t pos = 0; ok && pos < s.len;) {
        size_t from = pos;
        if (is_white(utf8_next(s, &pos))) {
            gap = out->len > 0;
            continue;
        }
        if (gap) bytes_put_byte(out, ' ');
        gap = false;
        bytes_put(out, str_slice(s, from, pos - from));
    }
    scram_forget_bytes(&folded);
    return ok && !out->failed;
}

bool profile_check_answer(Str answer, Err *err)
{
    Bytes folded;
    bytes_init(&folded, PROFILE_ANSWER_MAX * FOLD_GROWTH);
    bool ok = profile_rule_fold(&folded, answer, PROFILE_ANSWER_MAX);
    size_t length = utf8_length(bytes_str(&folded));
    scram_forget_bytes(&folded);
    if (!ok) return err_set(err, REFUSED, "an answer is text of at most %d characters", PROFILE_ANSWER_MAX);
    return length >= PROFILE_ANSWER_MIN ||
           err_set(err, REFUSED, "an answer has at least %d characters besides blanks", PROFILE_ANSWER_MIN);
}
