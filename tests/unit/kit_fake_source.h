// A Source that answers from a script: for tests of what reads databases.
#ifndef TESTS_UNIT_KIT_FAKE_SOURCE_H
#define TESTS_UNIT_KIT_FAKE_SOURCE_H

#include "engine/data/source.h"

typedef struct FakeSource FakeSource;

FakeSource *fake_new(void);
void fake_free(FakeSource *f);
Source *fake_source(FakeSource *f);
// A statement that begins with `begins` gives this result. columns: "name:type name:type"; rows: lines of
// cells parted by '|'; "~" is NULL; \n, \p (a bar), \\ , \xHH inside cells. Later answers go before earlier
// ones.
void fake_answer(FakeSource *f, const char *begins, const char *columns, const char *rows);
// It fails, with a position.
void fake_fail(FakeSource *f, const char *begins, const char *state, const char *text, int64_t at);
// Everything that was run, one statement per line (line ends inside shown as blanks).
const char *fake_log(const FakeSource *f);
void fake_forget(FakeSource *f); // empties the log
// Rows of one batch; 0 = as many as fit.
void fake_batch_rows(FakeSource *f, uint32_t rows);

#endif
