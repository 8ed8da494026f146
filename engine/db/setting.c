// Setting: the table. Most entries are there because drivers and dumps of PostgreSQL set them; those of fixed
// value say what this engine does, and refuse anything else.
#include "engine/db/setting.h"

#include <stdio.h>
#include <string.h>

static const char *const isolation_words[] = {"read uncommitted", "read committed", "repeatable read",
                                              "serializable", NULL};
static const char *const message_words[] = {"debug5", "debug4", "debug3", "debug2",  "debug1", "debug",
                                            "log",    "notice", "info",   "warning", "error",  NULL};
static const char *const bytea_words[] = {"hex", "escape", NULL};

#define SWITCH SETTING_KIND_SWITCH
#define NUMBER SETTING_KIND_NUMBER
#define WORD   SETTING_KIND_WORD
#define TEXT   SETTING_KIND_TEXT
#define TIME   SETTING_KIND_TIME
static const SettingEntry entries[] = {
    [SETTING_SYNCHRONOUS] = {"synchronous", SWITCH, "on", NULL, false,
                             "COMMIT returns when the log is on disk"},
    [SETTING_ISOLATION] = {"default_transaction_isolation", WORD, "read committed", isolation_words, false,
                           "isolation level of new transactions"},
    [SETTING_READ_ONLY] = {"default_transaction_read_only", SWITCH, "off", NULL, false,
                           "new transactions may not change anything"},
    [SETTING_SEARCH_PATH] = {"search_path", TEXT, "\"$user\", public", NULL, false,
                             "schemas in which bare names are looked for"},
    [SETTING_LOCK_TIMEOUT] = {"lock_timeout", TIME, "0", NULL, false,
                              "how long a statement waits for a lock; 0 = as long as it takes"},
    [SETTING_STATEMENT_TIMEOUT] = {"statement_timeout", TIME, "0", NULL, false,
                                   "how long a statement may run; 0 = as long as it takes"},
    [SETTING_IDLE_TIMEOUT] = {"idle_in_transaction_session_timeout", TIME, "0", NULL, false,
                              "how long a transaction may lie idle before it is rolled back; 0 = for ever"},
    [SETTING_ROLE] = {"role", TEXT, "none", NULL, false, "role that statements run as"},
    [SETTING_AUTHORIZATION] = {"session_authorization", TEXT, "", NULL, false,
                               "user that the session stands for; empty = who signed in"},
    {"application_name", TEXT, "", NULL, false, "what the client calls itself"},
    {"bytea_output", WORD, "hex", bytea_words, true, "how bytea values are written"},
    {"check_function_bodies", SWITCH, "on", NULL, false, "whether CREATE FUNCTION plans the body"},
    {"client_encoding", TEXT, "UTF8", NULL, true, "encoding of texts sent and received"},
    {"client_min_messages", WORD, "notice", message_words, false, "without effect"},
    {"datestyle", TEXT, "ISO, MDY", NULL, false, "dates are written as ISO 8601"},
    {"default_table_access_method", TEXT, "heap", NULL, false, "without effect"},
    {"default_tablespace", TEXT, "", NULL, false, "without effect"},
    {"default_with_oids", SWITCH, "off", NULL, true, "tables have no oids"},
    {"escape_string_warning", SWITCH, "on", NULL, false, "without effect"},
    {"extra_float_digits", NUMBER, "1", NULL, false,
     "without effect: the shortest exact text is always written"},
    {"intervalstyle", TEXT, "postgres", NULL, false, "without effect"},
    {"row_security", SWITCH, "on", NULL, false, "without effect"},
    {"server_encoding", TEXT, "UTF8", NULL, true, "encoding of stored texts"},
    {"server_version", TEXT, "15.0 (d2db)", NULL, true, "version whose dialect is spoken"},
    {"server_version_num", TEXT, "150000", NULL, true, "the same as a number"},
    {"session_replication_role", TEXT, "origin", NULL, true, "rules of keys are always kept"},
    {"standard_conforming_strings", SWITCH, "on", NULL, true, "backslashes in '…' mean themselves"},
    {"timezone", TEXT, "UTC", NULL, false, "zone in which moments are read and shown"},
    {"transaction_timeout", NUMBER, "0", NULL, false, "without effect"},
    {"work_mem", TEXT, "4MB", NULL, false, "without effect: node.yaml limits a statement's memory"},
    {"maintenance_work_mem", TEXT, "64MB", NULL, false, "without effect"},
    {"temp_buffers", TEXT, "8MB", NULL, false, "without effect"},
    {"max_index_keys", TEXT, "32", NULL, true, "columns that a key may have"},
    {"max_identifier_length", TEXT, "63", NULL, true, "bytes of a name that clients may count on"},
    {"integer_datetimes", SWITCH, "on", NULL, true, "moments are whole microseconds"},
    {"jit", SWITCH, "off", NULL, false, "without effect"},
    {"enable_seqscan", SWITCH, "on", NULL, false, "without effect"},
    {"enable_indexscan", SWITCH, "on", NULL, false, "without effect"},
    {"enable_hashjoin", SWITCH, "on", NULL, false, "without effect"},
    {"enable_mergejoin", SWITCH, "on", NULL, false, "without effect"},
    {"enable_nestloop", SWITCH, "on", NULL, false, "without effect"},
    {"enable_sort", SWITCH, "on", NULL, false, "without effect"},
    {"xmloption", TEXT, "content", NULL, false, "without effect"},
};
_Static_assert(sizeof entries / sizeof entries[0] <= SETTING_COUNT_MAX, "Settings has room for all entries");

static const char *const aliases[][2] = {
    {"synchronous_commit", "synchronous"},
    {"names", "client_encoding"},
    {"schema", "search_path"},
};

size_t setting_count(void) { return COUNT_OF(entries); }
const SettingEntry *setting_at(size_t i) { return &entries[i]; }
const char *setting_value(const Settings *s, size_t i) { return s->value[i]; }
bool setting_on(const Settings *s, size_t i) { return strcmp(s->value[i], "on") == 0; }

void setting_reset(Settings *s, size_t i)
{
    snprintf(s->value[i], SETTING_TEXT_MAX, "%s", entries[i].start);
    s->moves++;
}

void setting_init(Settings *s)
{
    for (size_t i = 0; i < COUNT_OF(entries); i++) setting_reset(s, i);
}

size_t setting_find(Str name)
{
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (str_equal_fold(name, str_of(aliases[i][0]))) name = str_of(aliases[i][1]);
    for (size_t i = 0; i < COUNT_OF(entries); i++)
        if (str_equal_fold(name, str_of(entries[i].name))) return i;
    return SIZE_MAX;
}

static bool bad_value(size_t i, Str value, Err *err)
{
    err_set(err, "22023", "invalid value for parameter \"%s\": \"%.*s\"", entries[i].name, STR_ARG(value));
    if (entries[i].fixed) return err_hint(err, "Here it is always %s.", entries[i].start);
    return false;
}

static bool is_one_of(Str value, const char *const *words)
{
    for (; *words; words++)
        if (str_equal_fold(value, str_of(*words))) return true;
    return false;
}

static bool switch_value(Str value, const char **out)
{
    static const char *const on[] = {"on", "true", "yes", "1", "local", "remote_write", "remote_apply", NULL},
                             *const off[] = {"off", "false", "no", "0", NULL};
    if (is_one_of(value, on))
        *out = "on";
    else if (is_one_of(value, off))
        *out = "off";
    else
        return false;
    return true;
}

// UTF-8, utf8 and UTF8 are one.
static bool same_fixed(Str value, const char *start)
{
    if (str_equal_fold(value, str_of(start))) return true;
    return strcmp(start, "UTF8") == 0 &&
           (str_equal_fold(value, STR("UTF-8")) || str_equal_fold(value, STR("UNICODE")) ||
            str_equal_fold(value, STR("utf8mb4")) || str_equal_fold(value, STR("SQL_ASCII")));
}

static bool number_value(Str value)
{
    int64_t number;
    Str rest = value;
    if (str_ends(rest, STR("ms")))
        rest.len -= 2;
    else if (str_ends(rest, STR("s")))
        rest.len -= 1;
    return str_to_int64(str_trim(rest), &number);
}

typedef struct TimeUnit {
    const char *name;
    int64_t ms;
} TimeUnit;
static const TimeUnit time_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"ms", 1}, {"s", 1000},
};

static bool time_value(Str value, int64_t *ms)
{
    int64_t unit = 1;
    value = str_trim(value);
    for (size_t i = 0; i < COUNT_OF(time_units); i++)
        if (str_ends(value, str_of(time_units[i].name))) {
            value.len -= strlen(time_units[i].name);
            unit = time_units[i].ms;
            break;
        }
    if (!str_to_int64(str_trim(value), ms) || *ms < 0 || *ms > INT32_MAX / unit) return false;
    *ms *= unit;
    return true;
}

static const char *time_text(int64_t ms, char room[32])
{
    const TimeUnit *best = NULL;
    for (size_t i = 0; i < COUNT_OF(time_units); i++)
        if (ms % time_units[i].ms == 0 && (!best || time_units[i].ms > best->ms)) best = &time_units[i];
    snprintf(room, 32, ms ? "%lld%s" : "0", (long long)(best ? ms / best->ms : 0), best ? best->name : "");
    return room;
}

int64_t setting_time_us(const Settings *s, size_t i)
{
    int64_t ms;
    if (s->value[i][0] == '0' || !time_value(str_of(s->value[i]), &ms)) return 0;
    return ms * 1000;
}

bool setting_set(Settings *s, size_t i, Str value, Err *err)
{
    const SettingEntry *e = &entries[i];
    const char *text = NULL;
    bool good = value.len < SETTING_TEXT_MAX;
    if (e->kind == SETTING_KIND_SWITCH) good = good && switch_value(value, &text);
    if (e->kind == SETTING_KIND_NUMBER) good = good && number_value(value);
    char time[32];
    int64_t ms;
    if (e->kind == SETTING_KIND_TIME && (good = good && time_value(value, &ms))) text = time_text(ms, time);
    if (e->kind == SETTING_KIND_WORD) good = good && is_one_of(value, e->words);
    if (good && text) value = str_of(text);
    if (!good || (e->fixed && !same_fixed(value, e->start))) return bad_value(i, value, err);
    if (e->fixed) return true;
    s->moves++;
    for (size_t k = 0; k < value.len; k++) {
        char c = value.at[k];
        s->value[i][k] = e->kind == SETTING_KIND_WORD && c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
    }
    s->value[i][value.len] = 0;
    return true;
}
