// Report: the counts as text files for DATA/reports and for the screen. Relies on count.
#ifndef ANALYTICS_REPORT_H
#define ANALYTICS_REPORT_H

#include "analytics/count.h"
#include "engine/base/io.h"

// The whole text: title, when and where, sentences, totals, valid and invalid apart, and a table of bars.
void report_queries_text(const QueryCounts *c, Str node, int64_t wall_us, Bytes *out);
void report_updates_text(const UpdateCounts *c, Str node, int64_t wall_us, Bytes *out);
// Writes text to DIRECTORY/KIND-2026-11-21T025349Z.txt (never over another file: -2, -3 … are tried) and
// gives the path.
MUST_CHECK bool report_write(Io io, Str directory, const char *kind, int64_t wall_us, Str text, Bytes *path,
                             Err *err);

#endif
