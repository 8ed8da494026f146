// Log, read: telling a whole record, the end, an unfinished write and damage apart. A segment is filled with
// line ends before the first record is written, and no record holds an empty line: a sector of nothing but
// line ends inside a record was never written. FORMAT.md has every byte.
#include "engine/store/log_in.h"

#include "engine/base/crc32c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HEAD_FIELDS = 9 };

void log_segment_name(char out[LOG_NAME_SIZE], uint64_t segment)
{
    snprintf(out, LOG_NAME_SIZE, "%012" PRIu64 ".d2l", segment % 1000000000000u);
}

bool log_segment_number(Str name, uint64_t *segment)
{
    return name.len == 16 && str_ends(name, STR(".d2l")) && str_to_uint64(str_slice(name, 0, 12), segment);
}

bool log_head(LogReader *r, uint64_t segment, Err *err)
{
    Str rest = r->text, line = str_cut(&rest, '\n'), all = line;
    uint64_t number = 0, crc = 0;
    bool known = str_equal(str_cut(&line, ' '), STR("d2l"));
    Str version = str_cut(&line, ' ');
    bool readable = str_equal(version, STR("1")) || str_equal(version, STR("2"));
    if (known && !readable && version.len && version.len < 8)
        return err_set(err, SQLSTATE_CORRUPT,
                       "log segment %012" PRIu64 ".d2l has version %.*s; this program reads versions 1 to %d",
                       segment, STR_ARG(version), LOG_VERSION);
    bool ok = known && str_equal(str_cut(&line, ' '), STR("segment")) &&
              str_to_uint64(str_cut(&line, ' '), &number) && line.len == 8 &&
              str_to_hex64_lower(line, &crc) && crc == crc32c(0, all.at, all.len - 9) && number == segment;
    if (!ok)
        return err_set(err, SQLSTATE_CORRUPT, "log segment %012" PRIu64 ".d2l: its first line is damaged",
                       segment);
    r->at = all.len + 1;
    return true;
}

static bool read_fields(Str line, Str field[HEAD_FIELDS])
{
    for (int i = 0; i < HEAD_FIELDS; i++) {
        if (i && line.len == 0) return false;
        field[i] = str_cut(&line, ' ');
    }
    return line.len == 0;
}

// commit SEQ SYNCED TXN STAMP TIME USER BYTES BODYCRC HEADCRC; *total: bytes of the whole record.
static bool read_head(Str text, LogRecord *out, uint32_t *body_crc, size_t *total)
{
    size_t len = str_find_byte(text, '\n', 0);
    Str line = {text.at, len == SIZE_MAX || len > LOG_HEAD_MAX ? 0 : len}, field[HEAD_FIELDS];
    uint64_t crc, head, bytes;
    if (line.len < 10 || !str_starts(line, STR("commit ")) ||
        !str_to_hex64_lower(str_slice(line, line.len - 8, 8), &head) ||
        head != crc32c(0, line.at, line.len - 8))
        return false;
    if (!read_fields(str_slice(line, 7, line.len - 7), field)) return false;
    *out = (LogRecord){.user = field[5]};
    if (!str_to_uint64(field[0], &out->seq) || !str_to_uint64(field[1], &out->synced) ||
        !str_to_uint64(field[2], &out->txn) || !str_to_hex64_lower(field[3], &out->stamp) ||
        !str_to_uint64(field[6], &bytes) || !str_to_hex64_lower(field[7], &crc) || bytes > LOG_RECORD_MAX ||
        stamp_is_txn(out->stamp))
        return false;
    *body_crc = (uint32_t)crc;
    out->body = (Str){text.at + len + 1, (size_t)bytes};
    char end[64];
    *total = len + 1 + (size_t)bytes +
             (size_t)snprintf(end, sizeof end, "end %" PRIu64 " %08" PRIx64 "\n", out->seq, head);
    return true;
}

static bool is_whole(Str text, LogRecord *out, size_t *total)
{
    uint32_t crc;
    char end[64];
    if (!read_head(text, out, &crc, total) || *total > text.len) return false;
    size_t behind = (size_t)(out->body.at - text.at) + out->body.len;
    uint64_t head = crc32c(0, text.at, (size_t)(out->body.at - text.at) - 9);
    snprintf(end, sizeof end, "end %" PRIu64 " %08" PRIx64 "\n", out->seq, head);
    return str_equal(str_slice(text, behind, *total - behind), str_of(end)) &&
           crc32c(0, out->body.at, out->body.len) == crc;
}

static bool is_filler(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != '\n') return false;
    return true;
}

static bool is_unwritten(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != s.at[0]) return false;
    return s.len && (s.at[0] == '\n' || s.at[0] == 0);
}

// Is there a sector's part of [at, at + len) that was never written?
static bool has_hole(Str text, size_t at, size_t len)
{
    for (size_t from = at; from < at + len;) {
        size_t to = (from / LOG_SECTOR + 1) * LOG_SECTOR;
        if (to > at + len) to = at + len;
        if ((to - from > 1 || from == at) && is_unwritten(str_slice(text, from, to - from))) return true;
        from = to;
    }
    return false;
}

// A whole record behind `at` that was written when the one at `at` was durable already.
static bool later_knows(const LogReader *r, uint64_t seq)
{
    LogRecord later;
    size_t total;
    for (size_t at = r->at; (at = str_find(r->text, STR("\ncommit "), at)) != SIZE_MAX; at++)
        if (is_whole(str_slice(r->text, at + 1, r->text.len), &later, &total) && later.synced >= seq &&
            later.seq > seq)
            return true;
    return false;
}

static LogRead judge(const LogReader *r, Err *why)
{
    Str text = str_slice(r->text, r->at, r->text.len);
    LogRecord head = {0};
    uint32_t crc;
    size_t total = 0, line = str_find_byte(text, '\n', 0);
    bool known = read_head(text, &head, &crc, &total);
    uint64_t seq = known ? head.seq : r->expect ? r->expect : 1;
    if (later_knows(r, seq)) {
        err_set(why, SQLSTATE_CORRUPT,
                "record %" PRIu64 " at byte %zu is damaged, and whole records follow it", seq, r->at);
        return LOG_READ_DAMAGED;
    }
    if (known ? total > text.len || has_hole(r->text, r->at, total)
              : line == SIZE_MAX || has_hole(r->text, r->at, line + 1) || line + 1 == text.len ||
                    text.at[line + 1] == '\n' || text.at[line + 1] == 0)
        return LOG_READ_TORN;
    err_set(why, SQLSTATE_CORRUPT, "record %" PRIu64 " at byte %zu is damaged", seq, r->at);
    return LOG_READ_DAMAGED;
}

LogRead log_read(LogReader *r, LogRecord *out, Err *why)
{
    Str text = str_slice(r->text, r->at, r->text.len);
    size_t total;
    if (text.len == 0 || (text.at[0] == '\n' && is_filler(text))) return LOG_READ_END;
    if (!is_whole(text, out, &total)) return judge(r, why);
    if (r->expect && out->seq != r->expect) {
        err_set(why, SQLSTATE_CORRUPT,
                "record %" PRIu64 " was expected at byte %zu, record %" PRIu64 " is there", r->expect, r->at,
                out->seq);
        return LOG_READ_DAMAGED;
    }
    out->at = r->at;
    r->at += total;
    r->expect = out->seq + 1;
    return LOG_READ_RECORD;
}
