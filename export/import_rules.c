// Rules: what to do with statements by their first words. What only adjusts the other system's session is
// skipped without a word; what has no counterpart here is skipped and told; everything else is run, and our
// engine has the last word.
#include "export/import_in.h"

#include <string.h>

enum { RULE_WORDS = 4 };

typedef struct ImportRule {
    const char *words; // in upper case, separated by blanks; matched against the first tokens
    unsigned dialects;
    ImportAction action;
    const char *why;
} ImportRule;

enum { PG = IMPORT_POSTGRES, MY = IMPORT_MYSQL, LITE = IMPORT_SQLITE, ALL = PG | MY | LITE };

static const ImportRule rules[] = {
    {"BEGIN", ALL, IMPORT_BEGIN, NULL},
    {"START TRANSACTION", ALL, IMPORT_BEGIN, NULL},
    {"COMMIT", ALL, IMPORT_BEGIN, NULL},
    {"END", ALL, IMPORT_BEGIN, NULL},
    {"SET", ALL, IMPORT_QUIET, NULL},
    {"RESET", ALL, IMPORT_QUIET, NULL},
    {"ANALYZE", ALL, IMPORT_QUIET, NULL},
    {"VACUUM", ALL, IMPORT_QUIET, NULL},
    {"LOCK TABLES", MY, IMPORT_QUIET, NULL},
    {"UNLOCK TABLES", MY, IMPORT_QUIET, NULL},
    {"PRAGMA", LITE, IMPORT_QUIET, NULL},
    {"INSERT INTO SQLITE_SEQUENCE", LITE, IMPORT_QUIET, NULL},
    {"DELETE FROM SQLITE_SEQUENCE", LITE, IMPORT_QUIET, NULL},
    {"INSERT INTO \"SQLITE_SEQUENCE\"", LITE, IMPORT_QUIET, NULL},
    {"SELECT PG_CATALOG . SET_CONFIG", PG, IMPORT_QUIET, NULL},
    {"GRANT", ALL, IMPORT_SKIP, "privileges"},
    {"REVOKE", ALL, IMPORT_SKIP, "privileges"},
    {"ALTER DEFAULT PRIVILEGES", PG, IMPORT_SKIP, "privileges"},
    {"CREATE EXTENSION", PG, IMPORT_SKIP, "an extension"},
    {"CREATE TRIGGER", MY | LITE, IMPORT_SKIP, "a trigger"},
    {"CREATE PROCEDURE", MY | LITE, IMPORT_SKIP, "a stored procedure"},
    {"CREATE FUNCTION", MY | LITE, IMPORT_SKIP, "a stored function"},
    {"CREATE DEFINER", MY, IMPORT_SKIP, "a stored program"},
    {"CREATE VIRTUAL TABLE", LITE, IMPORT_REFUSE, "a virtual table"},
    {"ATTACH", LITE, IMPORT_REFUSE, "an attached file"},
    {"LOAD DATA", MY, IMPORT_REFUSE, "LOAD DATA"},
};

static bool rule_fits(const ImportRule *rule, Str text, ImportDialect dialect)
{
    if (!(rule->dialects & dialect)) return false;
    Str rest = str_of(rule->words);
    for (size_t at = 0; rest.len;) {
        Str word = str_cut(&rest, ' ');
        ImportToken t;
        if (!import_next_word(text, &at, dialect, &t) || !str_equal_fold(import_token_text(text, &t), word))
            return false;
    }
    return true;
}

// COPY … FROM stdin …
static bool copy_from_stdin(Str text)
{
    ImportToken t;
    size_t at = 0;
    if (!import_next_word(text, &at, IMPORT_POSTGRES, &t) || !import_is_word(text, &t, "COPY")) return false;
    for (bool from = false; import_next_word(text, &at, IMPORT_POSTGRES, &t);
         from = import_is_word(text, &t, "FROM"))
        if (from && import_is_word(text, &t, "STDIN")) return true;
    return false;
}

// ALTER TABLE … OWNER TO …, … REPLICA IDENTITY …, … ENABLE/DISABLE …, ALTER COLUMN … RESTART (counters follow
// the rows)
static bool alter_without_meaning(Str text, ImportDialect dialect)
{
    static const char *const verbs[] = {"OWNER",   "REPLICA", "ENABLE", "DISABLE",
                                        "CLUSTER", "ATTACH",  "RESTART"};
    ImportToken t;
    size_t at = 0;
    if (!import_next_word(text, &at, dialect, &t) || !import_is_word(text, &t, "ALTER")) return false;
    for (int i = 0; i < 8 && import_next_word(text, &at, dialect, &t); i++)
        for (size_t k = 0; k < COUNT_OF(verbs); k++)
            if (import_is_word(text, &t, verbs[k])) return true;
    return false;
}

ImportAction import_action(Str statement, ImportDialect dialect, const char **why)
{
    *why = NULL;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (!rule_fits(&rules[i], statement, dialect)) continue;
        *why = rules[i].why;
        return rules[i].action;
    }
    if (dialect == IMPORT_POSTGRES && copy_from_stdin(statement)) return IMPORT_COPY;
    if (alter_without_meaning(statement, dialect)) return IMPORT_QUIET;
    return IMPORT_RUN;
}
