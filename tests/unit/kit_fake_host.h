// Kit: a Host without an engine: one user, sessions that answer from one script (kit_fake_source) statement
// by statement, logs that are lists of lines, directories below a temporary one.
#ifndef TESTS_UNIT_KIT_FAKE_HOST_H
#define TESTS_UNIT_KIT_FAKE_HOST_H

#include "engine/base/thread.h"
#include "tests/unit/kit_dir.h"
#include "tests/unit/kit_fake_source.h"
#include "tui/panes/host.h"

enum { FAKE_LOGS = 3, FAKE_LINES = 256 };

typedef struct FakeHost {
    Host host; // first
    FakeSource *script;
    KitDir dir;
    Mutex mutex; // of all below: sessions run on their workers' threads
    Cond released;
    bool held;       // a statement that begins with HOLD waits until fake_host_release or its cancel
    int64_t changed; // what INSERT, UPDATE and DELETE report
    uint64_t progress_done, progress_expected; // of a statement that is held
    uint64_t users;
    char user[64], password[64], question[128], answer[64];
    bool asked, signed_in, plain_user;
    bool no_database; // sessions begin without one
    char *line[FAKE_LOGS][FAKE_LINES];
    size_t lines[FAKE_LOGS];
    Bytes done; // administration that was asked for, one line each
} FakeHost;

void fake_host_init(FakeHost *h);
void fake_host_done(FakeHost *h);
void fake_host_line(FakeHost *h, const char *log, const char *json); // copied
void fake_host_release(FakeHost *h);
// Whether a statement with this text has run; as if none had. Also while workers are busy.
bool fake_host_saw(FakeHost *h, const char *text);
void fake_host_forget(FakeHost *h);
// SQL's own words as spans, by the engine's lexer: what every Source of ours does.
size_t fake_spans_of(Str text, Span *out, size_t max);

#endif
