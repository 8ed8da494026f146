// SystemSchema: the dictionary as tables that can be SELECTed from: information_schema as the standard has
// it, and d2db.* with what screens and exporters need. table_schema is the database's name, table_catalog the
// node's. Relies on plan, store.
#ifndef ENGINE_DB_SYSTEM_SCHEMA_H
#define ENGINE_DB_SYSTEM_SCHEMA_H

#include "engine/plan/plan.h"

// Ended by NULL. fill's db is the Session.
extern const SystemTable *const system_schema_tables[];

#endif
