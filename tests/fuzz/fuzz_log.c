// Fuzz: any bytes as a log segment: the reader ends, and what it takes for a record lies inside the text.
#include "engine/store/log_in.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    LogReader r = {.text = {(const char *)at, len}};
    LogRecord record;
    Err err = {0};
    if (!log_head(&r, 1, &err)) r.at = 0; // go on behind a bad head, as a reader of records
    for (size_t last = r.at; log_read(&r, &record, &err) == LOG_READ_RECORD; last = r.at) {
        if (r.at <= last || r.at > len || record.body.at < r.text.at ||
            record.body.at + record.body.len > r.text.at + len)
            abort();
    }
    return 0;
}
