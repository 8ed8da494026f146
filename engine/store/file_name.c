// File name: see the header. "con" and the like get an escape too, so that a copy onto other systems works.
#include "engine/store/file_name_in.h"

#include "engine/base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool is_device(Str name)
{
    static const char *const device[] = {"con", "prn", "aux", "nul"};
    for (size_t i = 0; i < COUNT_OF(device); i++)
        if (str_equal(name, str_of(device[i]))) return true;
    return name.len == 4 && (str_starts(name, STR("com")) || str_starts(name, STR("lpt")));
}

static size_t encode(char out[FILE_NAME_SIZE], Str name)
{
    size_t len = 0;
    bool device = is_device(name);
    for (size_t i = 0; i < name.len && len + 3 <= FILE_NAME_PLAIN_MAX; i++) {
        if (is_plain(name.at[i]) && !(device && i == 0))
            out[len++] = name.at[i];
        else
            len += (size_t)snprintf(out + len, 4, "%%%02x", (unsigned char)name.at[i]);
        if (len + 3 > FILE_NAME_PLAIN_MAX && i + 1 < name.len)
            len += (size_t)snprintf(out + len, 18, "~%016" PRIx64, hash_bytes(name.at, name.len, 0));
    }
    return len;
}

bool file_name_encode(char out[FILE_NAME_SIZE], Str name, const char *ending, Err *err)
{
    if (name.len == 0) return err_set(err, "42602", "a name must not be empty");
    size_t len = encode(out, name);
    snprintf(out + len, FILE_NAME_SIZE - len, "%s", ending);
    return true;
}

bool file_name_numbered(char out[FILE_NAME_SIZE], Str name, uint64_t id, const char *ending, Err *err)
{
    if (name.len == 0) return err_set(err, "42602", "a name must not be empty");
    size_t len = encode(out, name);
    snprintf(out + len, FILE_NAME_SIZE - len, "~%" PRIu64 "%s", id, ending);
    return true;
}

bool file_name_ok(Str file)
{
    if (file.len == 0 || file.len >= FILE_NAME_SIZE || file.at[0] == '.') return false;
    for (size_t i = 0; i < file.len; i++)
        if (!is_plain(file.at[i]) && !strchr("%~.", file.at[i])) return false;
    return true;
}
