// Fuzz: any bytes as User_Profile and as SCRAM messages. So that the fuzzer gets past the checksums, a line's
// last eight letters are put right first when the input begins with '!'.
#include "engine/auth/profile.h"
#include "engine/base/crc32c.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Every line ends with the checksum that belongs to it.
static void mend(Bytes *out, Str text)
{
    while (text.len) {
        Str line = str_cut(&text, '\n');
        bytes_put(out, line);
        bytes_printf(out, " %08x\n", (unsigned)crc32c(0, line.at, line.len));
    }
}

static void check_profile(const IoDir *d, Str text)
{
    Err err = {0};
    Profile *p;
    ProfileOptions o = {.directory = d};
    if (!io_replace(d, PROFILE_FILE, text, &err)) abort();
    if (!profile_open(&p, &o, &err)) {
        assert(err_any(&err));
        return;
    }
    Arena mem = {0};
    ProfileUser *list;
    size_t count;
    assert(profile_list(p, &mem, &list, &count, &err) && count == profile_count(p));
    for (size_t i = 0; i < count; i++) assert(list[i].name_hash.len == 64 && list[i].role < PROFILE_ROLES);
    arena_done(&mem);
    profile_close(p);
}

static void check_scram(Str text)
{
    Err err = {0};
    ScramServer s;
    ScramClient c;
    ScramVerifier v = {.iterations = SCRAM_ITERATIONS_MIN, .salt = {1}, .salt_len = 16};
    Bytes m;
    bool proven = false;
    bytes_init(&m, SCRAM_MESSAGE_MAX);
    bool ok = scram_server_read_first(&s, text, NULL, &err) && scram_server_first(&s, &v, STR_NONE, &m, &err);
    if (!ok) assert(err_any(&err));
    err_clear(&err);
    ok = scram_server_read_first(&s, STR("n,,n=u,r=abc"), NULL, &err) &&
         scram_server_first(&s, &v, STR("def"), &m, &err) && scram_server_final(&s, text, &m, &proven, &err);
    assert(!proven && (ok || err_any(&err)));
    err_clear(&err);
    ok = scram_client_first(&c, STR("u"), STR("abc"), &m, &err) &&
         scram_client_final(&c, text, STR("pw"), &m, &err);
    assert(ok || err_any(&err));
    bytes_done(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/d2db-fuzz-XXXXXX", file[64];
    Err err = {0};
    IoDir d;
    if (size > 4096) return 0;
    Str s = {(const char *)data, size};
    check_scram(s);
    if (!mkdtemp(path) || !io_dir_open(&d, io_posix(), path, false, &err)) abort();
    Bytes text;
    bytes_init(&text, 1 << 20);
    if (s.len && s.at[0] == '!')
        mend(&text, str_slice(s, 1, SIZE_MAX));
    else
        bytes_put(&text, s);
    check_profile(&d, bytes_str(&text));
    bytes_done(&text);
    io_dir_close(&d);
    const char *made[] = {PROFILE_FILE, THROTTLE_FILE, THROTTLE_FILE ".damaged"};
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        snprintf(file, sizeof file, "%s/%s", path, made[i]);
        unlink(file);
    }
    rmdir(path);
    return 0;
}
