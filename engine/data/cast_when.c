// Cast: intervals, moments in the session's zone, oids and uuids among themselves and their neighbours.
#include "engine/data/cast_in.h"
#include "engine/data/datetime.h"

void cast_round_interval(Interval *v, const CastJob *job)
{
    if (job->how == CAST_IMPLICIT) return;
    interval_fit(v, job->to.length);
    v->us = cast_round_fraction(v->us, job);
}

static bool interval_to_interval(const CastJob *job)
{
    CAST_ROWS(job, Interval, Interval, {
        Interval v = x;
        cast_round_interval(&v, job);
        *d = v;
    });
    return true;
}

static bool time_to_interval(const CastJob *job)
{
    CAST_ROWS(job, int64_t, Interval, {
        Interval v = {.us = x};
        cast_round_interval(&v, job);
        *d = v;
    });
    return true;
}

static bool interval_to_time(const CastJob *job)
{
    CAST_ROWS(job, Interval, int64_t, {
        int64_t us = x.us % DATETIME_US_PER_DAY;
        *d = cast_round_fraction(us < 0 ? us + DATETIME_US_PER_DAY : us, job);
    });
    return true;
}

// ---- moments ----

static const Zone *zone_of(const CastJob *job) { return job->context ? job->context->when.zone : NULL; }
static bool out_of_range(const CastJob *job) { return err_set(job->err, "22008", "timestamp out of range"); }
static bool is_endless(int64_t us) { return us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY; }

static bool timestamp_to_timestamptz(const CastJob *job)
{
    const Zone *zone = zone_of(job);
    CAST_ROWS(job, int64_t, int64_t, {
        int64_t us;
        if (!zone_to_utc(zone, x, &us)) return out_of_range(job);
        *d = cast_round_fraction(us, job);
    });
    return true;
}

static bool date_to_timestamptz(const CastJob *job)
{
    const Zone *zone = zone_of(job);
    CAST_ROWS(job, int32_t, int64_t, {
        int64_t us;
        if (!timestamp_from_date(&us, x))
            return err_set(job->err, "22008", "date out of range for timestamp");
        if (!zone_to_utc(zone, us, d)) return out_of_range(job);
    });
    return true;
}

static bool timestamptz_to_timestamp(const CastJob *job)
{
    const Zone *zone = zone_of(job);
    CAST_ROWS(job, int64_t, int64_t, {
        int64_t us;
        if (!zone_to_local(zone, x, &us)) return out_of_range(job);
        *d = cast_round_fraction(us, job);
    });
    return true;
}

static bool timestamptz_to_date(const CastJob *job)
{
    const Zone *zone = zone_of(job);
    CAST_ROWS(job, int64_t, int32_t, {
        int64_t us;
        if (!zone_to_local(zone, x, &us)) return out_of_range(job);
        if (is_endless(us))
            *d = us == TIMESTAMP_INFINITY ? DATE_INFINITY : DATE_NEG_INFINITY;
        else
            *d = (int32_t)(us / DATETIME_US_PER_DAY - (us % DATETIME_US_PER_DAY < 0));
    });
    return true;
}

static bool timestamptz_to_time(const CastJob *job)
{
    const Zone *zone = zone_of(job);
    if (!job->out->nulls) job->out->nulls = arena_array(job->mem, uint64_t, BATCH_NULL_WORDS);
    CAST_ROWS(job, int64_t, int64_t, {
        int64_t us;
        const bool endless = is_endless(x);
        if (!zone_to_local(zone, x, &us)) return out_of_range(job);
        us = endless ? 0 : us % DATETIME_US_PER_DAY;
        *d = cast_round_fraction(us < 0 ? us + DATETIME_US_PER_DAY : us, job);
        if (endless)
            vector_set_null(job->out, (uint32_t)(d - target_)); // as in PostgreSQL: no time of the day
    });
    return true;
}

static bool timestamptz_round(const CastJob *job)
{
    CAST_ROWS(job, int64_t, int64_t, { *d = cast_round_fraction(x, job); });
    return true;
}

// ---- oids, uuids, enums ----

static bool integer_to_oid(const CastJob *job)
{
    CAST_ROWS(job, int32_t, int64_t, { *d = (int64_t)(uint32_t)x; });
    return true;
}

static bool smallint_to_oid(const CastJob *job)
{
    CAST_ROWS(job, int16_t, int64_t, { *d = (int64_t)(uint32_t)(int32_t)x; });
    return true;
}

static bool bigint_to_oid(const CastJob *job)
{
    CAST_ROWS(job, int64_t, int64_t, {
        if (x < 0 || x > UINT32_MAX) return err_set(job->err, SQLSTATE_OUT_OF_RANGE, "OID out of range");
        *d = x;
    });
    return true;
}

static bool oid_to_integer(const CastJob *job)
{
    CAST_ROWS(job, int64_t, int32_t, { *d = (int32_t)(uint32_t)x; });
    return true;
}

static bool copy_i64(const CastJob *job)
{
    CAST_ROWS(job, int64_t, int64_t, { *d = x; });
    return true;
}

static bool copy_uuid(const CastJob *job)
{
    CAST_ROWS(job, Uuid, Uuid, { *d = x; });
    return true;
}

static CastKernel oid_kernel(TypeId from, TypeId to)
{
    if (type_is_oid(from)) return to == TYPE_INTEGER ? oid_to_integer : copy_i64;
    if (from == TYPE_SMALLINT) return smallint_to_oid;
    return from == TYPE_INTEGER ? integer_to_oid : bigint_to_oid;
}

CastKernel cast_when_kernel(TypeId from, TypeId to)
{
    static const struct {
        TypeId from, to;
        CastKernel kernel;
    } kernel[] = {
        {TYPE_DATE, TYPE_TIMESTAMPTZ, date_to_timestamptz},
        {TYPE_TIMESTAMP, TYPE_TIMESTAMPTZ, timestamp_to_timestamptz},
        {TYPE_TIMESTAMPTZ, TYPE_DATE, timestamptz_to_date},
        {TYPE_TIMESTAMPTZ, TYPE_TIME, timestamptz_to_time},
        {TYPE_TIMESTAMPTZ, TYPE_TIMESTAMP, timestamptz_to_timestamp},
        {TYPE_TIMESTAMPTZ, TYPE_TIMESTAMPTZ, timestamptz_round},
        {TYPE_TIME, TYPE_INTERVAL, time_to_interval},
        {TYPE_INTERVAL, TYPE_TIME, interval_to_time},
        {TYPE_INTERVAL, TYPE_INTERVAL, interval_to_interval},
        {TYPE_UUID, TYPE_UUID, copy_uuid},
        {TYPE_ENUM, TYPE_ENUM, copy_i64},
    };
    if (type_is_oid(from) || type_is_oid(to)) return oid_kernel(from, to);
    for (size_t i = 0; i < COUNT_OF(kernel); i++)
        if (kernel[i].from == from && kernel[i].to == to) return kernel[i].kernel;
    return NULL;
}
