// Domains: CREATE DOMAIN. A domain's object has the base type ("type", "length", "scale", "of", "domain" when
// that is a domain itself), "not_null", "default", and a field "check NAME" per CHECK.
#include "engine/db/access.h"
#include "engine/db/domains.h"

#include "engine/db/ddl.h"
#include "engine/plan/search.h"

#include <inttypes.h>

typedef struct DomainDraft {
    Run *run;
    ObjectDef def;
    Type type;
} DomainDraft;

static void put_number(DomainDraft *d, const char *name, int64_t value)
{
    if (value) object_set_field(&d->def, d->run->mem, name, arena_printf(d->run->mem, "%" PRId64, value));
}

static void put_type(DomainDraft *d)
{
    object_set_field(&d->def, d->run->mem, "type", str_of(type_name(d->type.id)));
    put_number(d, "length", d->type.length);
    put_number(d, "scale", d->type.scale);
    put_number(d, "of", d->type.of);
    put_number(d, "domain", d->type.domain);
}

// "d_check", "d_check1" …
static const char *check_field(DomainDraft *d, const AstConstraint *c, Str *name)
{
    Arena *mem = d->run->mem;
    *name = c->name.text;
    for (unsigned i = 0;; i++) {
        if (!c->name.text.len)
            *name = i ? arena_printf(mem, "%.*s_check%u", STR_ARG(d->def.name), i)
                      : arena_printf(mem, "%.*s_check", STR_ARG(d->def.name));
        Str whole = arena_printf(mem, "check %.*s", STR_ARG(*name));
        const char *field = arena_cstr(mem, whole);
        if (!object_field(&d->def, field).at) return field;
        if (c->name.text.len) return NULL;
    }
}

static bool add_check(DomainDraft *d, const AstConstraint *c, Err *err)
{
    ColumnDef value = {.name = STR("value"), .type = d->type, .slot = 1};
    const TableDef table = {.column = &value, .column_count = 1, .slots = 1};
    Expr *bound;
    Str name, text;
    value.type.domain = 0;
    const char *field = check_field(d, c, &name);
    if (!field)
        return err_set_at(err, "42710", c->at, "constraint \"%.*s\" for domain \"%.*s\" already exists",
                          STR_ARG(name), STR_ARG(d->def.name));
    if (!plan_bind_expr(&bound, c->expr, &table, type_of(TYPE_BOOLEAN), query_names(d->run), d->run->mem,
                        err) ||
        !ddl_expr_text(d->run, c->expr, &text, err))
        return false;
    object_set_field(&d->def, d->run->mem, field, text);
    return true;
}

static bool add_default(DomainDraft *d, const AstConstraint *c, Err *err)
{
    Expr *bound;
    Str text;
    if (object_field(&d->def, "default").at)
        return err_set_at(err, "42601", c->at, "multiple default expressions");
    if (!plan_bind_expr(&bound, c->expr, NULL, d->type, query_names(d->run), d->run->mem, err) ||
        !ddl_expr_text(d->run, c->expr, &text, err))
        return false;
    object_set_field(&d->def, d->run->mem, "default", text);
    return true;
}

static bool add_constraint(DomainDraft *d, const AstConstraint *c, Err *err)
{
    switch (c->kind) {
    case AST_CONSTRAINT_NOT_NULL: object_set_field(&d->def, d->run->mem, "not_null", STR("n")); return true;
    case AST_CONSTRAINT_NULL:
        if (!object_field(&d->def, "not_null").at) return true;
        return err_set_at(err, "42601", c->at, "conflicting NULL/NOT NULL constraints");
    case AST_CONSTRAINT_CHECK: return add_check(d, c, err);
    case AST_CONSTRAINT_DEFAULT: return add_default(d, c, err);
    default: return err_set_at(err, "42601", c->at, "such constraints are not possible for domains");
    }
}

bool domains_create(Run *run, const AstCreateDomain *a, Err *err)
{
    SearchPlace place;
    uint64_t id;
    Type taken;
    Err none = {.at = -1};
    DomainDraft d = {.run = run};
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute CREATE DOMAIN in a read-only transaction");
    if (!ddl_new_place(run, &a->name, &place, err) || !ddl_type(run, &d.type, a->type, NULL, err))
        return false;
    d.def = (ObjectDef){.kind = OBJECT_DOMAIN,
                        .database = place.database,
                        .schema = place.schema,
                        .name = ast_path_name(&a->name),
                        .owner = role_current_key(run->session)};
    if (type_from_name(&taken, d.def.name, NULL, 0, &none) && !place.schema.len)
        return err_set_at(err, "42710", a->name.at, "type \"%.*s\" already exists", STR_ARG(d.def.name));
    put_type(&d);
    if (d.type.domain) object_add_dependency(&d.def, run->mem, d.type.domain);
    if (d.type.id == TYPE_ENUM) object_add_dependency(&d.def, run->mem, type_number(d.type));
    for (uint32_t i = 0; i < a->constraints; i++)
        if (!add_constraint(&d, &a->constraint[i], err)) return false;
    if (!transaction_object_create(run->session->transaction, &d.def, &id, err)) {
        if (err->at < 0) err->at = a->name.at;
        return false;
    }
    if (id > TYPE_NUMBER_MAX)
        return err_set(err, SQLSTATE_LIMIT, "the dictionary has no numbers left for types");
    ddl_changed(run);
    return true;
}
