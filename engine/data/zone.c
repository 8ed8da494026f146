// Zone: which offset holds when: the transitions of a TZif file, behind the last one its POSIX rule.
#include "engine/data/zone_in.h"

#include "engine/base/clock.h"
#include "engine/data/datetime.h"

#define US_PER_S INT64_C(1000000)

const char *zone_name(const Zone *z) { return z ? z->name : "UTC"; }

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

// The second of the year `year` (its own clock, from 1970) at which a rule's day and time stand.
static int64_t rule_second(const ZoneDay *d, int32_t year)
{
    int32_t first = date_from_parts((DateParts){year, 1, 1}), day = first;
    bool leap = date_parts_valid((DateParts){year, 2, 29});
    switch (d->kind) {
    case ZONE_DAY_JULIAN: day = first + d->day - 1 + (leap && d->day >= 60); break;
    case ZONE_DAY_PLAIN: day = first + d->day; break;
    case ZONE_DAY_WEEK: {
        int32_t begin = date_from_parts((DateParts){year, d->month, 1});
        int32_t weekday = (int32_t)(((int64_t)begin + 4) % 7 + 7) % 7;
        day = begin + (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
        while (!date_parts_valid((DateParts){year, d->month, day - begin + 1})) day -= 7;
        break;
    }
    }
    return day * INT64_C(86400) + d->time_s;
}

static const ZoneKind *rule_at(const ZoneRule *r, int64_t utc_s)
{
    if (!r->has_dst) return &r->standard;
    int32_t year = date_to_parts((int32_t)floor_div(utc_s + r->standard.east_s, 86400)).year;
    int64_t begin = rule_second(&r->begin, year) - r->standard.east_s,
            end = rule_second(&r->end, year) - r->summer.east_s;
    bool summer = begin < end ? utc_s >= begin && utc_s < end : utc_s >= begin || utc_s < end;
    return summer ? &r->summer : &r->standard;
}

static const ZoneKind *kind_at(const Zone *z, int64_t utc_s)
{
    if (!z->count || utc_s < z->at[0])
        return z->count || !z->has_rule ? &z->kind[0] : rule_at(&z->rule, utc_s);
    if (utc_s >= z->at[z->count - 1] && z->has_rule) return rule_at(&z->rule, utc_s);
    size_t low = 0, high = z->count; // at[low] <= utc_s < at[high]
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (z->at[mid] <= utc_s)
            low = mid;
        else
            high = mid;
    }
    return &z->kind[z->index[low]];
}

int32_t zone_offset_at(const Zone *z, int64_t utc_us, const char **word)
{
    if (!z) {
        if (word) *word = "UTC";
        return 0;
    }
    const ZoneKind *k = kind_at(z, floor_div(utc_us, US_PER_S));
    if (word) *word = k->word;
    return k->east_s;
}

static int64_t minus_offset(int64_t us, int32_t east_s)
{
    int64_t out;
    if (__builtin_sub_overflow(us, east_s * US_PER_S, &out)) return us;
    return out;
}

int32_t zone_offset_of(const Zone *z, int64_t local_us)
{
    const int64_t day = 86400 * US_PER_S;
    if (!z || local_us < INT64_MIN + 2 * day || local_us > INT64_MAX - 2 * day)
        return zone_offset_at(z, local_us, NULL);
    int32_t before = zone_offset_at(z, local_us - day, NULL), after = zone_offset_at(z, local_us + day, NULL);
    if (before == after) return before;
    bool as_after = zone_offset_at(z, minus_offset(local_us, after), NULL) == after;
    return as_after ? after : before;
}

static bool is_endless(int64_t us) { return us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY; }

bool zone_to_local(const Zone *z, int64_t utc_us, int64_t *local_us)
{
    *local_us = utc_us;
    if (is_endless(utc_us)) return true;
    return !__builtin_add_overflow(utc_us, zone_offset_at(z, utc_us, NULL) * US_PER_S, local_us) &&
           timestamp_in_range(*local_us);
}

bool zone_to_utc(const Zone *z, int64_t local_us, int64_t *utc_us)
{
    *utc_us = local_us;
    if (is_endless(local_us)) return true;
    return !__builtin_sub_overflow(local_us, zone_offset_of(z, local_us) * US_PER_S, utc_us) &&
           timestamp_in_range(*utc_us);
}

int64_t zone_now_us(const ZoneContext *c) { return c && c->now_us ? c->now_us : clock_wall_us(); }
