// Setting: what SET, RESET and SHOW know: a table of names with their kind and start value, and a session's
// values. Relies on base.
#ifndef ENGINE_DB_SETTING_H
#define ENGINE_DB_SETTING_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

enum { SETTING_TEXT_MAX = 128, SETTING_COUNT_MAX = 64 };

typedef enum SettingId {
    SETTING_SYNCHRONOUS,
    SETTING_ISOLATION, // default_transaction_isolation
    SETTING_READ_ONLY, // default_transaction_read_only
    SETTING_SEARCH_PATH,
    SETTING_LOCK_TIMEOUT,
    SETTING_STATEMENT_TIMEOUT,
    SETTING_IDLE_TIMEOUT, // idle_in_transaction_session_timeout
    SETTING_ROLE,
    SETTING_AUTHORIZATION, // session_authorization; empty = the signed-in user
    SETTING_NAMED,         // all others are asked for by name
} SettingId;

typedef enum SettingKind {
    SETTING_KIND_SWITCH,
    SETTING_KIND_NUMBER,
    SETTING_KIND_WORD,
    SETTING_KIND_TEXT,
    SETTING_KIND_TIME // milliseconds when no unit is given; kept with the largest unit that fits
} SettingKind;
typedef struct SettingEntry {
    const char *name;
    SettingKind kind;
    const char *start;
    const char *const *words; // WORD: the allowed ones, ended by NULL
    bool fixed;               // may be set to its start value only
    const char *about;
} SettingEntry;

typedef struct Settings {
    char value[SETTING_COUNT_MAX][SETTING_TEXT_MAX];
    uint64_t moves; // grows with every change
} Settings;

void setting_init(Settings *s);
size_t setting_count(void);
const SettingEntry *setting_at(size_t i);
// Position by name (aliases too: synchronous_commit, transaction_isolation), SIZE_MAX if there is none.
size_t setting_find(Str name);
const char *setting_value(const Settings *s, size_t i);
// 22023 for a value that it cannot take.
MUST_CHECK bool setting_set(Settings *s, size_t i, Str value, Err *err);
void setting_reset(Settings *s, size_t i);
bool setting_on(const Settings *s, size_t i);
int64_t setting_time_us(const Settings *s, size_t i); // of a TIME

#endif
