// Zones: the zones in use, each read once and kept; names are looked up in the tz database without regard to
// case. A mutex guards the list only: the zones themselves never change.
#include "engine/data/zone_in.h"

#include "engine/base/thread.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONES_DIRECTORY "/usr/share/zoneinfo"
enum { ZONES_MAX = 4096, ZONE_FILE_MAX = 1 << 20, ZONE_PARTS_MAX = 4 };

struct Zones {
    Io io;
    Mutex lock;
    Arena mem;
    Zone *first;
    size_t count;
};

bool zones_new(Zones **out, Io io, Err *err)
{
    Zones *z = calloc(1, sizeof *z);
    if (!z) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for time zones");
    z->io = io;
    mutex_init(&z->lock);
    arena_init(&z->mem, 0);
    *out = z;
    return true;
}

void zones_free(Zones *z)
{
    if (!z) return;
    arena_done(&z->mem);
    mutex_done(&z->lock);
    free(z);
}

bool zone_abbreviation(Str word, int32_t *east_s)
{
    static const struct {
        const char *word;
        int16_t minutes;
    } known[] = {
        {"utc", 0},    {"gmt", 0},    {"z", 0},        {"zulu", 0},    {"ut", 0},       {"uct", 0},
        {"wet", 0},    {"west", 60},  {"wetdst", 60},  {"bst", 60},    {"cet", 60},     {"met", 60},
        {"mez", 60},   {"cest", 120}, {"mest", 120},   {"mesz", 120},  {"cetdst", 120}, {"eet", 120},
        {"sast", 120}, {"eest", 180}, {"eetdst", 180}, {"eat", 180},   {"msk", 180},    {"msd", 240},
        {"trt", 180},  {"pkt", 300},  {"pkst", 360},   {"ist", 120},   {"npt", 345},    {"ict", 420},
        {"hkt", 480},  {"sgt", 480},  {"awst", 480},   {"pht", 480},   {"jst", 540},    {"kst", 540},
        {"acst", 570}, {"acdt", 630}, {"cadt", 630},   {"sadt", 630},  {"aest", 600},   {"aesst", 660},
        {"aedt", 660}, {"lhst", 630}, {"nzst", 720},   {"nzt", 720},   {"nzdt", 780},   {"ast", -240},
        {"adt", -180}, {"est", -300}, {"edt", -240},   {"cst", -360},  {"cdt", -300},   {"mst", -420},
        {"mdt", -360}, {"pst", -480}, {"pdt", -420},   {"akst", -540}, {"akdt", -480},  {"hst", -600},
        {"nst", -210}, {"ndt", -150}, {"nft", -210},   {"brt", -180},  {"brst", -120},  {"nut", -660},
        {"egt", -60},  {"egst", 0},   {"yekt", 300},   {"omst", 360},  {"novt", 420},   {"krat", 420},
        {"irkt", 480}, {"yakt", 540}, {"vlat", 600},   {"magt", 660},  {"kgt", 360},    {"uzt", 300},
        {"bdt", 360},  {"mmt", 390},  {"iot", 360},    {"mvt", 300},   {"mut", 240},    {"ret", 240},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (!str_equal_fold(word, str_of(known[i].word))) continue;
        *east_s = known[i].minutes * 60;
        return true;
    }
    return false;
}

static Zone *kept(Zones *z, Str name)
{
    for (Zone *k = z->first; k; k = k->next)
        if (str_equal_fold(str_of(k->name), name)) return k;
    return NULL;
}

static Zone *keep(Zones *z, Zone *k, Str name)
{
    if (name.len > ZONE_NAME_MAX || z->count >= ZONES_MAX) return NULL;
    memcpy(k->name, name.at, name.len);
    k->name[name.len] = 0;
    k->next = z->first;
    z->first = k;
    z->count++;
    return k;
}

static bool not_known(Str name, Err *err)
{
    return err_set(err, "22023", "time zone \"%.*s\" not recognized", (int)(name.len > 100 ? 100 : name.len),
                   name.at ? name.at : "");
}

// A name that can be a path below the directory: no part that climbs out of it.
static bool name_is_path(Str name)
{
    if (!name.len || name.len > ZONE_NAME_MAX) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '+' || c == '-';
        if (!plain && (c != '/' || i == 0 || name.at[i - 1] == '/' || i + 1 == name.len)) return false;
    }
    return true;
}

// The entry of a directory that a part of the name means, whatever its case.
static bool real_part(const Zones *z, const char *path, Str part, Arena *mem, Str *out)
{
    IoDir dir;
    Err err = {0};
    Str *names;
    size_t count;
    if (!io_dir_open(&dir, z->io, path, false, &err)) return false;
    bool good = io_dir_list(&dir, mem, &names, &count, &err);
    io_dir_close(&dir);
    for (size_t pass = 0; good && pass < 2; pass++)
        for (size_t i = 0; i < count; i++)
            if (pass ? str_equal_fold(names[i], part) : str_equal(names[i], part)) {
                *out = names[i];
                return true;
            }
    return false;
}

// The name as the database writes it.
static bool real_name(const Zones *z, Str name, Arena *mem, Str *out)
{
    char path[sizeof ZONES_DIRECTORY + ZONE_NAME_MAX + ZONE_PARTS_MAX];
    size_t at = 0, len = sizeof ZONES_DIRECTORY - 1;
    memcpy(path, ZONES_DIRECTORY, sizeof ZONES_DIRECTORY);
    for (int part = 0; part < ZONE_PARTS_MAX && at < name.len; part++) {
        size_t end = str_find_byte(name, '/', at);
        if (end == SIZE_MAX) end = name.len;
        Str real;
        if (!real_part(z, path, str_slice(name, at, end - at), mem, &real)) return false;
        len += (size_t)snprintf(path + len, sizeof path - len, "/%.*s", STR_ARG(real));
        if (len >= sizeof path) return false;
        at = end + 1;
    }
    *out = arena_copy(mem, str_of(path + sizeof ZONES_DIRECTORY));
    return true;
}

static Zone *read_path(Zones *z, const char *path, Str name)
{
    Bytes content;
    Err err = {0};
    bytes_init(&content, ZONE_FILE_MAX);
    Zone *k = arena_new(&z->mem, Zone);
    bool good = io_read_path(z->io, path, &content, &err) && zone_file_read(k, bytes_str(&content), &z->mem);
    bytes_done(&content);
    return good ? keep(z, k, name) : NULL;
}

static Zone *read_name(Zones *z, Str name)
{
    char path[sizeof ZONES_DIRECTORY + ZONE_NAME_MAX + 2];
    Arena mem;
    Str real;
    Zone *found = NULL;
    if (!name_is_path(name)) return NULL;
    arena_init(&mem, 0);
    if (real_name(z, name, &mem, &real) && !(found = kept(z, real))) {
        snprintf(path, sizeof path, "%s/%.*s", ZONES_DIRECTORY, STR_ARG(real));
        found = read_path(z, path, real);
    }
    arena_done(&mem);
    return found;
}

static Zone *make_rule(Zones *z, const ZoneRule *rule, Str name)
{
    Zone *k = arena_new(&z->mem, Zone);
    k->has_rule = true;
    k->rule = *rule;
    k->kind = arena_array(&z->mem, ZoneKind, 1);
    return keep(z, k, name);
}

static Zone *find(Zones *z, Str name)
{
    Zone *k = kept(z, name);
    ZoneRule rule = {.standard.word = "UTC"};
    if (k) return k;
    if ((k = read_name(z, name))) return k;
    if (str_equal_fold(name, STR("utc"))) return make_rule(z, &rule, STR("UTC")); // without a database too
    return zone_rule_read(&rule, name) ? make_rule(z, &rule, name) : NULL;
}

bool zones_find(Zones *z, Str name, const Zone **out, Err *err)
{
    int32_t east_s;
    bool word = zone_abbreviation(name, &east_s);
    if (word && !str_equal_fold(name, STR("utc"))) return zones_fixed(z, east_s, out, err);
    *out = NULL;
    if (!z) return word || not_known(name, err);
    mutex_lock(&z->lock);
    *out = find(z, name);
    mutex_unlock(&z->lock);
    return *out || not_known(name, err);
}

bool zones_fixed(Zones *z, int32_t east_s, const Zone **out, Err *err)
{
    char name[ZONE_NAME_MAX + 1], sign = east_s > 0 ? '-' : '+';
    ZoneRule rule = {.standard.east_s = east_s};
    if (east_s > ZONE_OFFSET_MAX || east_s < -ZONE_OFFSET_MAX)
        return err_set(err, "22009", "time zone displacement out of range");
    *out = NULL;
    if (!z && !east_s) return true;
    if (!z) return err_set(err, SQLSTATE_UNSUPPORTED, "time zones cannot be used here");
    int size = abs(east_s), n = snprintf(rule.standard.word, sizeof rule.standard.word, "%c%02d",
                                         east_s < 0 ? '-' : '+', size / 3600);
    if (size % 3600)
        n += snprintf(rule.standard.word + n, sizeof rule.standard.word - (size_t)n, ":%02d", size / 60 % 60);
    if (size % 60)
        n += snprintf(rule.standard.word + n, sizeof rule.standard.word - (size_t)n, ":%02d", size % 60);
    // The sign of a POSIX zone counts to the west.
    snprintf(name, sizeof name, "<%.9s>%c%.8s", rule.standard.word, sign, rule.standard.word + 1);
    mutex_lock(&z->lock);
    Zone *k = kept(z, str_of(name));
    *out = k ? k : make_rule(z, &rule, str_of(name));
    mutex_unlock(&z->lock);
    return *out || err_set(err, SQLSTATE_LIMIT, "more than %d time zones are in use", ZONES_MAX);
}

bool zones_find_setting(Zones *z, Str name, const Zone **out, Err *err)
{
    char text[32], *end;
    Str plain = str_trim(name);
    if (plain.len && plain.len < sizeof text) {
        memcpy(text, plain.at, plain.len);
        text[plain.len] = 0;
        double hours = strtod(text, &end);
        if (end != text && !*end && isfinite(hours)) {
            if (fabs(hours) > 168) return not_known(name, err);
            return zones_fixed(z, (int32_t)rint(hours * 3600), out, err);
        }
    }
    *out = NULL;
    if (!z) return str_equal_fold(plain, STR("utc")) || not_known(name, err);
    mutex_lock(&z->lock);
    *out = find(z, plain);
    mutex_unlock(&z->lock);
    return *out || not_known(name, err);
}

const Zone *zones_local(Zones *z)
{
    Bytes name;
    Err err = {0};
    const Zone *out = NULL;
    bytes_init(&name, 4096);
    mutex_lock(&z->lock);
    if (io_read_path(z->io, "/etc/timezone", &name, &err)) out = read_name(z, str_trim(bytes_str(&name)));
    if (!out) out = kept(z, STR("localtime"));
    if (!out) out = read_path(z, "/etc/localtime", STR("localtime"));
    if (!out) out = find(z, STR("UTC"));
    mutex_unlock(&z->lock);
    bytes_done(&name);
    return out;
}
