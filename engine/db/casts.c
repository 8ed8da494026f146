// Casts: the session's side of CastContext, and the results' way to the sink: there, moments are shown in the
// session's zone, enums by their labels and oids by their names.
#include "engine/db/casts.h"

#include "engine/db/enums.h"
#include "engine/db/look.h"

#include <stdio.h>
#include <string.h>

static void use_zone(Session *s, const Zone *zone)
{
    size_t at = setting_find(STR("timezone"));
    s->cast.when.zone = zone;
    snprintf(s->settings.value[at], SETTING_TEXT_MAX, "%s", zone_name(zone));
    plan_cache_done(&s->plans); // plans hold constants that were read in the old zone
    s->plans = (PlanCache){0};
    s->settings.moves++;
}

void casts_init(Session *s)
{
    s->cast = (CastContext){.when = {.zones = s->engine->zones},
                            .self = s,
                            .enum_label = enums_label,
                            .enum_place = enums_place,
                            .name_to_oid = look_name_to_oid,
                            .oid_to_name = look_oid_to_name};
    casts_reset_zone(s);
}

void casts_reset_zone(Session *s) { use_zone(s, zones_local(s->engine->zones)); }

bool casts_set_zone(Session *s, Str value, Err *err)
{
    const Zone *zone;
    Err none = {0};
    if (str_equal_fold(value, STR("local")) || str_equal_fold(value, STR("default"))) {
        casts_reset_zone(s);
        return true;
    }
    if (!zones_find_setting(s->engine->zones, value, &zone, &none))
        return err_set(err, "22023", "invalid value for parameter \"TimeZone\": \"%.*s\"", STR_ARG(value));
    use_zone(s, zone);
    return true;
}

bool casts_show(const Session *s, const Batch *in, const bool *raw, Batch *out, Arena *mem, Err *err)
{
    *out = *in;
    out->vector = arena_array(mem, Vector, in->columns + 1);
    memcpy(out->vector, in->vector, in->columns * sizeof(Vector));
    for (uint32_t c = 0; c < in->columns; c++) {
        if ((raw && raw[c]) || !cast_needs_context(in->vector[c].type.id)) continue;
        out->vector[c] = vector_new(mem, type_of(TYPE_TEXT));
        if (!cast_vector_in(&s->cast, &out->vector[c], &in->vector[c], in->sel, in->sel_len,
                            type_of(TYPE_TEXT), CAST_EXPLICIT, mem, err))
            return false;
    }
    return true;
}
