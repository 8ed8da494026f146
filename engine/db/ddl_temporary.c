// DDL: the session's own schema, pg_temp: its tables, views and sequences are in no file, and go with the
// session (or with a transaction, by ON COMMIT).
#include "engine/db/ddl_object.h"

#include <inttypes.h>
#include <stdio.h>

bool ddl_temporary_place(Run *run, SearchPlace *out, Err *err)
{
    Session *s = run->session;
    out->database = session_database(s);
    if (!out->database.len) {
        err_set(err, "3D000", "no database is chosen");
        return err_hint(err, "Choose one with USE name.");
    }
    if (!s->temporary[0]) snprintf(s->temporary, sizeof s->temporary, "pg_temp_%" PRIu64, s->number);
    out->schema = str_of(s->temporary);
    return true;
}
