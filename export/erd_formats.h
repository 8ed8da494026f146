// The writers of a data model for other tools; a room's own header. Relies on erd.
#ifndef EXPORT_ERD_FORMATS_H
#define EXPORT_ERD_FORMATS_H

#include "export/erd.h"

bool erd_write_mermaid(const Erd *e, OutFile *out, Err *err);
bool erd_write_dot(const Erd *e, OutFile *out, Err *err);
bool erd_write_dbml(const Erd *e, OutFile *out, Err *err);

#endif
