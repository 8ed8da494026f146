// User_Profile's format, version 2 (version 1, which had no service accounts, is read too). Lines of fields
// between single blanks; the last field of each line is the CRC-32C of everything before the blank in front
// of it, in 8 hexadecimal digits. Every line ends with a newline.
//
//   d2db User_Profile 2 CRC
//   key KEY CRC                                       64 hex digits, random, made once: names are hashed with
//   it user HASH ROLE STATE CREATED VERIFIER ANSWER QUESTION… CRC end COUNT CRC how many user lines there
//   are; nothing may follow
//
//   HASH      HMAC-SHA-256(KEY, folded name), 64 hex digits
//   ROLE      user | administrator
//   STATE     enabled | disabled | enabled-service | disabled-service (a service is not asked for the answer)
//   CREATED   microseconds since 1970-01-01 UTC
//   VERIFIER  SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY, base64 (RFC 5802, RFC 7677)
//   ANSWER    PBKDF2-SHA-256$ITERATIONS:SALT$HASH, base64, of the folded answer
//   QUESTION  the rest of the line, printable UTF-8, may hold blanks
#include "engine/auth/profile_in.h"
#include "engine/base/base64.h"
#include "engine/base/crc32c.h"
#include "engine/base/size.h"
#include "engine/base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 256 << 20, CRC_FIELD = 9 };
#define HEAD          "d2db User_Profile "
#define VERSION       "2"
#define VERSION_OLD   "1"
#define ANSWER_SCHEME "PBKDF2-SHA-256$"

// By disabled + 2 * service.
static const char *const states[] = {"enabled", "disabled", "enabled-service", "disabled-service"};

// ---- writing ----

static void end_line(Bytes *out, size_t start)
{
    Str line = str_slice(bytes_str(out), start, SIZE_MAX);
    uint32_t crc = crc32c(0, line.at, line.len);
    bytes_put_byte(out, ' ');
    bytes_put_hex64(out, crc, 8);
    bytes_put_byte(out, '\n');
}

static void put_record(Bytes *out, const ProfileRecord *r)
{
    size_t start = out->len;
    bytes_printf(out, "user %s %s %s %lld ", r->hash, profile_role_name(r->role),
                 states[r->disabled + 2 * r->service], (long long)r->created_us);
    scram_verifier_put(out, &r->verifier);
    bytes_printf(out, " " ANSWER_SCHEME "%u:", (unsigned)r->answer_iterations);
    base64_put(out, r->answer_salt, sizeof r->answer_salt);
    bytes_put_byte(out, '$');
    base64_put(out, r->answer_hash, sizeof r->answer_hash);
    bytes_put_byte(out, ' ');
    bytes_put(out, r->question);
    end_line(out, start);
}

bool profile_file_write(const Profile *p, Err *err)
{
    Bytes out;
    bytes_init(&out, FILE_MAX);
    bytes_put(&out, STR(HEAD VERSION));
    end_line(&out, 0);
    size_t start = out.len;
    bytes_put(&out, STR("key "));
    for (size_t i = 0; i < sizeof p->key; i++) bytes_put_hex64(&out, p->key[i], 2);
    end_line(&out, start);
    for (size_t i = 0; i < p->count; i++) put_record(&out, p->record[i]);
    start = out.len;
    bytes_printf(&out, "end %zu", p->count);
    end_line(&out, start);
    bool ok = !out.failed ||
              err_set(err, SQLSTATE_LIMIT, PROFILE_FILE " would be larger than %d MiB", FILE_MAX >> 20);
    ok = ok && io_replace(p->dir, PROFILE_FILE, bytes_str(&out), err);
    scram_forget_bytes(&out); // the key
    return ok;
}

// ---- reading ----

typedef struct Reader {
    Profile *p;
    Str rest;
    unsigned line; // of the file, from 1
    bool ended;
    bool old; // version 1
} Reader;

static bool damaged(const Reader *r, const char *what, Err *err)
{
    err_set(err, SQLSTATE_CORRUPT, PROFILE_FILE " is damaged in line %u: %s", r->line, what);
    return err_hint(err, "put back a copy of " PROFILE_FILE
                         " from a backup; nobody can sign in with a damaged one");
}

// The next line without its checksum.
static bool next_line(Reader *r, Str *fields, Err *err)
{
    r->line++;
    if (r->rest.len == 0) return damaged(r, "the file ends too early", err);
    if (str_find_byte(r->rest, '\n', 0) == SIZE_MAX) return damaged(r, "the line has no end", err);
    Str line = str_cut(&r->rest, '\n');
    if (line.len <= CRC_FIELD) return damaged(r, "no checksum", err);
    *fields = str_slice(line, 0, line.len - CRC_FIELD);
    char sum[CRC_FIELD + 1];
    snprintf(sum, sizeof sum, " %08x", (unsigned)crc32c(0, fields->at, fields->len));
    return str_ends(line, (Str){sum, CRC_FIELD}) || damaged(r, "the checksum does not fit", err);
}

static bool read_head(Reader *r, Err *err)
{
    Str head, line = r->rest;
    uint64_t version;
    bool ours = str_starts(line, STR(HEAD));
    line = str_cut(&line, '\n');
    line = str_slice(line, ours ? sizeof HEAD - 1 : 0, SIZE_MAX);
    Str number = str_cut(&line, ' ');
    if (!ours || !str_to_uint64(number, &version)) {
        r->line++;
        return damaged(r, "it does not begin as this file does", err);
    }
    r->old = str_equal(number, STR(VERSION_OLD));
    if (!r->old &&
        !str_equal(number, STR(VERSION))) // before the checksum: another version may have another one
        return err_set(err, SQLSTATE_UNSUPPORTED,
                       PROFILE_FILE " has format version %.*s; this program reads versions " VERSION_OLD
                                    " and " VERSION,
                       STR_ARG(str_slice(number, 0, 20)));
    return next_line(r, &head, err);
}

static bool read_key(Reader *r, Err *err)
{
    Str fields;
    if (!next_line(r, &fields, err)) return false;
    Str word = str_cut(&fields, ' ');
    bool good = str_equal(word, STR("key")) && fields.len == 2 * SCRAM_KEY_SIZE;
    for (size_t i = 0; good && i < SCRAM_KEY_SIZE; i++) {
        uint64_t byte = 0;
        good = str_to_hex64(str_slice(fields, 2 * i, 2), &byte);
        r->p->key[i] = (uint8_t)byte;
    }
    return good || damaged(r, "the key was expected", err);
}

static bool read_answer(ProfileRecord *r, Str text)
{
    uint64_t iterations;
    size_t salt_len, hash_len;
    if (!str_starts(text, STR(ANSWER_SCHEME))) return false;
    Str rest = str_slice(text, sizeof ANSWER_SCHEME - 1, SIZE_MAX);
    Str count = str_cut(&rest, ':'), salt = str_cut(&rest, '$');
    if (!str_to_uint64(count, &iterations) || iterations < SCRAM_ITERATIONS_MIN ||
        iterations > SCRAM_ITERATIONS_MAX)
        return false;
    r->answer_iterations = (uint32_t)iterations;
    return base64_read(salt, r->answer_salt, sizeof r->answer_salt, &salt_len) &&
           salt_len == sizeof r->answer_salt &&
           base64_read(rest, r->answer_hash, sizeof r->answer_hash, &hash_len) &&
           hash_len == sizeof r->answer_hash;
}

static bool read_hash(ProfileRecord *r, Str text)
{
    if (text.len != PROFILE_HASH_SIZE - 1) return false;
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("0123456789abcdef", text.at[i]) || !text.at[i]) return false;
    memcpy(r->hash, text.at, text.len);
    return true;
}

static bool read_role(ProfileRecord *r, Str text)
{
    for (int role = 0; role < PROFILE_ROLES; role++)
        if (str_equal(text, str_of(profile_role_name((ProfileRole)role)))) {
            r->role = (ProfileRole)role;
            return true;
        }
    return false;
}

static bool read_state(const Reader *reader, ProfileRecord *r, Str text)
{
    for (unsigned i = 0; i < (reader->old ? 2 : COUNT_OF(states)); i++)
        if (str_equal(text, str_of(states[i]))) {
            r->disabled = i & 1;
            r->service = i & 2;
            return true;
        }
    return false;
}

static bool read_question(Reader *reader, ProfileRecord *r, Str text)
{
    Err ignored = {0};
    if (!profile_check_question(text, &ignored)) return false;
    r->question = arena_copy(&reader->p->mem, text);
    return true;
}

static bool read_user(Reader *r, Str fields, Err *err)
{
    ProfileRecord *record = arena_new(&r->p->mem, ProfileRecord);
    if (!read_hash(record, str_cut(&fields, ' '))) return damaged(r, "the user's hash was expected", err);
    if (map_get(&r->p->by_hash, str_of(record->hash)))
        return damaged(r, "the user stands here a second time", err);
    if (!read_role(record, str_cut(&fields, ' '))) return damaged(r, "a role was expected", err);
    if (!read_state(r, record, str_cut(&fields, ' ')))
        return damaged(r, "the account's state was expected", err);
    if (!str_to_int64(str_cut(&fields, ' '), &record->created_us))
        return damaged(r, "a time was expected", err);
    if (!scram_verifier_read(&record->verifier, str_cut(&fields, ' ')))
        return damaged(r, "a SCRAM verifier was expected", err);
    if (!read_answer(record, str_cut(&fields, ' '))) return damaged(r, "an answer's hash was expected", err);
    if (!read_question(r, record, fields)) return damaged(r, "a question was expected", err);
    return profile_file_add(r->p, record, err);
}

static bool read_end(Reader *r, Str count, Err *err)
{
    uint64_t users;
    if (!str_to_uint64(count, &users) || users != r->p->count)
        return damaged(r, "the number of users does not fit", err);
    if (r->rest.len) return damaged(r, "something follows the end", err);
    r->ended = true;
    return true;
}

static bool read_lines(Reader *r, Err *err)
{
    if (!read_head(r, err) || !read_key(r, err)) return false;
    while (!r->ended) {
        Str fields;
        if (!next_line(r, &fields, err)) return false;
        Str word = str_cut(&fields, ' ');
        bool user = str_equal(word, STR("user"));
        if (!user && !str_equal(word, STR("end"))) return damaged(r, "user or end was expected", err);
        if (!(user ? read_user(r, fields, err) : read_end(r, fields, err))) return false;
    }
    return true;
}

static bool check_mode(const Profile *p, Err *err)
{
    IoFile f;
    mode_t mode = 0;
    if (!io_open(&f, p->dir, PROFILE_FILE, IO_READ, err)) return false;
    bool ok = io_mode(&f, &mode, err);
    io_close(&f);
    if (!ok || (mode & 077) == 0) return ok;
    err_set(err, "42501", PROFILE_FILE " can be read or written by others (mode %03o)", (unsigned)mode);
    return err_hint(err, "chmod 600 " PROFILE_FILE);
}

bool profile_file_read(Profile *p, Err *err)
{
    Bytes text;
    if (!check_mode(p, err)) return false;
    bytes_init(&text, FILE_MAX);
    Reader r = {.p = p};
    bool ok = io_read_all(p->dir, PROFILE_FILE, &text, err);
    r.rest = bytes_str(&text);
    ok = ok && read_lines(&r, err);
    scram_forget_bytes(&text);
    return ok;
}

bool profile_file_add(Profile *p, ProfileRecord *r, Err *err)
{
    if (p->count == PROFILE_USERS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "there are %d users already", PROFILE_USERS_MAX);
    if (p->count == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 16;
        ProfileRecord **grown = size_realloc(p->record, cap, sizeof(ProfileRecord *));
        if (!grown) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while reading the users");
        p->record = grown;
        p->cap = cap;
    }
    p->record[p->count++] = r;
    map_set(&p->by_hash, str_of(r->hash), r);
    return true;
}
