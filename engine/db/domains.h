// Domains: CREATE DOMAIN (DROP is with the enums'). Relies on statement.
#ifndef ENGINE_DB_DOMAINS_H
#define ENGINE_DB_DOMAINS_H

#include "engine/db/statement.h"

// 42710, 42704, 42601, and what the expressions say.
MUST_CHECK bool domains_create(Run *run, const AstCreateDomain *d, Err *err);

#endif
