// Fuzz datetime: any text is read or refused with a SQLSTATE; what is read prints and reads back as itself.
#include "engine/data/datetime.h"

#include <stdlib.h>

static void require(bool holds)
{
    if (!holds) abort();
}

static void refused(const Err *err) { require(err_is(err, "22007") || err_is(err, "22008")); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str s = {(const char *)data, size};
    char text[DATETIME_TEXT_SIZE];
    Err date = {.at = -1}, time = {.at = -1}, stamp = {.at = -1}, again = {.at = -1};
    int32_t days, days_back;
    int64_t us, us_back;
    if (date_from_text(&days, s, NULL, &date)) {
        size_t len = date_to_text(days, text);
        require(len < DATETIME_TEXT_SIZE && date_from_text(&days_back, (Str){text, len}, NULL, &again) &&
                days_back == days);
    } else {
        refused(&date);
    }
    if (time_from_text(&us, s, NULL, &time)) {
        require(us >= 0 && us <= DATETIME_US_PER_DAY);
        size_t len = time_to_text(us, text);
        require(len < DATETIME_TEXT_SIZE && time_from_text(&us_back, (Str){text, len}, NULL, &again) &&
                us_back == us);
    } else {
        refused(&time);
    }
    if (timestamp_from_text(&us, s, NULL, &stamp)) {
        size_t len = timestamp_to_text(us, text);
        require(len < DATETIME_TEXT_SIZE && timestamp_from_text(&us_back, (Str){text, len}, NULL, &again) &&
                us_back == us);
    } else {
        refused(&stamp);
    }
    return 0;
}
