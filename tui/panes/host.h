// Host: what panes may ask of the program around them: sign-in, more sessions, journal tails, directories,
// samples. Panes never see the engine; main hands them this table, filled over engine.h today and over a
// node's socket later. Relies on base, data.
#ifndef TUI_PANES_HOST_H
#define TUI_PANES_HOST_H

#include "engine/base/io.h"
#include "engine/data/source.h"

typedef struct Host Host;
typedef struct HostTail HostTail;

typedef struct HostRegistration {
    Str user, password, question, answer;
} HostRegistration;
typedef struct HostUser {
    Str name_hash, role;
    bool disabled;
    int64_t created_us;
} HostUser;
typedef struct HostSample {
    const char *database, *title;
    Str script;
} HostSample;

// Where a tail begins: behind the last line, at the oldest line that is kept, or some hundred lines before
// the end.
typedef enum HostFrom { HOST_FROM_END, HOST_FROM_START, HOST_FROM_NEAR_END } HostFrom;

// All calls may block (they run on job threads) unless marked instant.
typedef struct HostKind {
    uint64_t (*user_count)(Host *h); // instant
    Str (*node)(Host *h);            // instant
    bool (*enroll)(Host *h, const HostRegistration *r, Err *err);
    // Step one gives the question (in mem); step two the answer. *stop cancels the wait of a slowed account.
    bool (*sign_in)(Host *h, Str user, Str password, const atomic_bool *stop, Str *question, Arena *mem,
                    Err *err);
    bool (*answer)(Host *h, Str answer, Err *err);
    void (*sign_out)(Host *h); // all sources taken from it must be closed before
    // A session of its own for the signed-in user.
    // quiet: what runs there is the program's own reading, in no query log and in no count.
    bool (*session)(Host *h, bool quiet, Source **out, Err *err);
    bool (*administrator)(Host *h); // instant
    bool (*users)(Host *h, Arena *mem, HostUser **out, size_t *count, Err *err);
    bool (*user_disable)(Host *h, Str user, bool disable, Err *err);
    bool (*user_reset)(Host *h, const HostRegistration *r, Err *err);
    // log: "general", "event" or "query"; lines are JSON. next: *end = nothing more at the moment. All
    // instant.
    bool (*tail_open)(Host *h, const char *log, HostFrom from, HostTail **out, Err *err);
    bool (*tail_next)(HostTail *t, Str *line, bool *end, Err *err);
    void (*tail_close)(HostTail *t);
    // Path of DATA/NAME ("exports", "reports"), made when absent. Instant.
    bool (*directory)(Host *h, const char *name, Bytes *path, Err *err);
    const HostSample *(*samples)(size_t *count); // instant
} HostKind;
struct Host {
    const HostKind *kind;
    Io io;
}; // first member of an implementation

#endif
