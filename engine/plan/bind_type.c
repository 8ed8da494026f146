// Bind: types: untyped literals take the type of their surroundings, casts are written out, several
// expressions meet in one type. Follows PostgreSQL 15, chapter 10 (type conversion). Relies on bind_in.h.
#include "engine/plan/bind_in.h"

enum { TYPE_MODS_MAX = 2 };

bool bind_is_unknown(const Expr *e) { return e->type.id == TYPE_NULL; }

Expr *bind_new(Planner *p, ExprKind kind, Type type, uint32_t args, int64_t at)
{
    Expr *e = arena_new(p->mem, Expr);
    e->kind = kind;
    e->type = type;
    e->at = at;
    e->args = args;
    if (args) e->arg = arena_array(p->mem, Expr *, args);
    return e;
}

Expr *bind_not(Planner *p, Expr *e, int64_t at)
{
    if (!e) return NULL;
    Expr *n = bind_new(p, EXPR_NOT, type_of(TYPE_BOOLEAN), 1, at);
    n->arg[0] = e;
    return n;
}

bool bind_can_coerce(const Expr *e, TypeId to, CastHow how)
{
    if (e->type.id == to || bind_is_unknown(e)) return true;
    return cast_exists(e->type.id, to, how);
}

static const CastContext *bind_cast_context(const Planner *p) { return p->request ? p->request->cast : NULL; }

static Expr *bind_new_cast(Planner *p, Expr *e, Type to, CastHow how)
{
    Expr *cast = bind_new(p, EXPR_CAST, to, 1, e->at);
    cast->how = how;
    cast->arg[0] = e;
    return cast;
}

// 'now' and the like are another value next time.
static bool names_clock(Str s)
{
    static const char *const word[] = {"now", "today", "tomorrow", "yesterday"};
    s = str_trim(s);
    for (size_t i = 0; i < COUNT_OF(word); i++) {
        Str w = str_of(word[i]);
        if (s.len >= w.len && str_equal_fold(str_slice(s, 0, w.len), w)) return true;
    }
    return false;
}

static Expr *literal_coerce(Planner *p, const Expr *e, Type to, CastHow how)
{
    Value v;
    if (e->value.null) return rel_constant(p, value_null(to), e->at);
    Value text = e->value;
    text.type = type_of(TYPE_TEXT);
    bool stored = how == CAST_ASSIGNMENT && type_is_string(to.id); // too long is an error there
    const CastContext *c = bind_cast_context(p);
    if (!c && cast_needs_context(to.id)) return bind_new_cast(p, rel_constant(p, text, e->at), to, how);
    bool clock = type_is_when(to.id) && names_clock(text_str(&text.text));
    if (clock) p->volatile_used = true;
    if (!cast_value_in(c, &v, &text, to, stored ? CAST_ASSIGNMENT : CAST_EXPLICIT, p->mem, p->err)) {
        if (p->err->at < 0) p->err->at = e->at;
        return NULL;
    }
    v.type = to;
    return rel_constant(p, v, e->at);
}

// Constants are cast at once; what fails is left for the run, which may never reach it.
static Expr *constant_coerce(Planner *p, const Expr *e, Type to, CastHow how)
{
    Err failed = {0};
    Value v;
    if (e->value.null) return rel_constant(p, value_null(to), e->at);
    const CastContext *c = bind_cast_context(p);
    if (!c && (cast_needs_context(to.id) || cast_needs_context(e->type.id))) return NULL;
    if (!cast_value_in(c, &v, &e->value, to, how, p->mem, &failed)) return NULL;
    v.type = to;
    return rel_constant(p, v, e->at);
}

// A parameter keeps one type: the first that is asked of it.
static Expr *param_coerce(Planner *p, Expr *e, Type to)
{
    if (p->param_type[e->slot].id == TYPE_NULL) p->param_type[e->slot] = type_bare(to);
    Expr *typed = bind_new(p, EXPR_PARAM, p->param_type[e->slot], 0, e->at);
    typed->slot = e->slot;
    return bind_coerce(p, typed, to, CAST_EXPLICIT);
}

Expr *bind_coerce(Planner *p, Expr *e, Type to, CastHow how)
{
    if (!e) return NULL;
    if (to.id == TYPE_NULL) return e;
    if (to.domain) {
        Type base = to;
        base.domain = 0;
        return e->type.domain == to.domain ? e : bind_domain(p, bind_coerce(p, e, base, how), to);
    }
    if (bind_is_unknown(e)) {
        if (e->kind == EXPR_CONSTANT) return literal_coerce(p, e, to, how);
        if (e->kind == EXPR_PARAM) return param_coerce(p, e, to);
    }
    bool same = e->type.id == to.id && e->type.of == to.of;
    if (same && e->type.domain) return bind_new_cast(p, e, to, how);
    if (same && (type_equal(e->type, to) || (to.length == 0 && to.scale == 0))) return e;
    bool arrays = e->type.id == TYPE_ARRAY && to.id == TYPE_ARRAY;
    TypeId from_id = arrays ? type_element(e->type).id : e->type.id,
           to_id = arrays ? type_element(to).id : to.id;
    if (!same && !bind_is_unknown(e) && !cast_exists(from_id, to_id, how)) {
        err_set_at(p->err, how == CAST_EXPLICIT ? "42846" : SQLSTATE_TYPE_MISMATCH, e->at,
                   "cannot cast type %.*s to %.*s", STR_ARG(search_type_name(&p->search, e->type, p->mem)),
                   STR_ARG(search_type_name(&p->search, to, p->mem)));
        return NULL;
    }
    Expr *done = e->kind == EXPR_CONSTANT ? constant_coerce(p, e, to, how) : NULL;
    if (done) return done;
    return bind_new_cast(p, e, to, how);
}

Expr *bind_settle(Planner *p, Expr *e)
{
    return e && bind_is_unknown(e) ? bind_coerce(p, e, type_of(TYPE_TEXT), CAST_IMPLICIT) : e;
}

// ---- meeting in one type ----

static int family(TypeId id)
{
    if (type_is_number(id)) return 1;
    if (type_is_string(id)) return 2;
    if (type_is_when(id)) return 3;
    return 10 + (int)id;
}

static bool preferred(TypeId id)
{
    return id == TYPE_DOUBLE || id == TYPE_TEXT || id == TYPE_BOOLEAN || id == TYPE_TIMESTAMPTZ ||
           id == TYPE_INTERVAL;
}

static bool all_same(Expr *const *e, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (!type_equal(e[i]->type, e[0]->type)) return false;
    return true;
}

bool bind_common_type(Planner *p, Expr *const *e, uint32_t count, const char *where, Type *out)
{
    *out = type_of(TYPE_TEXT);
    if (!count) return true;
    if (all_same(e, count) && !bind_is_unknown(e[0])) {
        *out = e[0]->type;
        return true;
    }
    TypeId chosen = TYPE_NULL;
    Type like = type_of(TYPE_NULL);
    for (uint32_t i = 0; i < count; i++) {
        TypeId id = e[i]->type.id;
        if (id == TYPE_NULL || (id == chosen && like.of == e[i]->type.of)) continue;
        if (chosen == TYPE_NULL) {
            chosen = id;
            like = type_bare(e[i]->type);
        } else if (family(chosen) != family(id) || like.of != e[i]->type.of) {
            return err_set_at(p->err, SQLSTATE_TYPE_MISMATCH, e[i]->at,
                              "%s types %.*s and %.*s cannot be matched", where,
                              STR_ARG(search_type_name(&p->search, type_of(chosen), p->mem)),
                              STR_ARG(search_type_name(&p->search, e[i]->type, p->mem)));
        } else if (!preferred(chosen) && cast_exists(chosen, id, CAST_IMPLICIT) &&
                   !cast_exists(id, chosen, CAST_IMPLICIT)) {
            chosen = id;
            like = type_bare(e[i]->type);
        }
    }
    if (chosen != TYPE_NULL) *out = like;
    return true;
}

bool bind_coerce_all(Planner *p, Expr **e, uint32_t count, const char *where, Type *out)
{
    if (!bind_common_type(p, e, count, where, out)) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!bind_can_coerce(e[i], out->id, CAST_IMPLICIT))
            return err_set_at(p->err, "42846", e[i]->at, "%s could not convert type %s to %s", where,
                              type_name(e[i]->type.id), type_name(out->id));
        if (!(e[i] = bind_coerce(p, e[i], *out, CAST_IMPLICIT))) return false;
    }
    return true;
}

Expr *bind_boolean(Planner *p, Expr *e, const char *where)
{
    if (!e) return NULL;
    if (bind_is_unknown(e)) return bind_coerce(p, e, type_of(TYPE_BOOLEAN), CAST_IMPLICIT);
    if (e->type.id == TYPE_BOOLEAN) return e;
    err_set_at(p->err, SQLSTATE_TYPE_MISMATCH, e->at, "argument of %s must be type boolean, not type %s",
               where, type_name(e->type.id));
    return NULL;
}

bool bind_compare_types(Planner *p, const Expr *a, const Expr *b, const char *op, int64_t at, Type *out)
{
    Type x = type_bare(a->type), y = type_bare(b->type);
    if (x.id == TYPE_NULL) x = y;
    if (y.id == TYPE_NULL) y = x;
    if (x.id == TYPE_NULL) x = y = type_of(TYPE_TEXT);
    // A char(n) beside another string is read as text, without its padding.
    bool strings = type_is_string(x.id) && type_is_string(y.id);
    if (strings && x.id == TYPE_CHAR && y.id == TYPE_CHAR) {
        *out = x;
        return true;
    }
    if (strings) {
        *out = type_of(TYPE_TEXT);
        return true;
    }
    if (x.id == y.id || type_common(x, y, out)) {
        if (x.id == y.id) *out = x;
        *out = type_bare(*out);
        return true;
    }
    err_set_at(p->err, SQLSTATE_UNDEFINED_FUNCTION, at, "operator does not exist: %.*s %s %.*s",
               STR_ARG(search_type_name(&p->search, a->type, p->mem)), op,
               STR_ARG(search_type_name(&p->search, b->type, p->mem)));
    return err_hint(
        p->err, "No operator matches the given name and argument types. You might need to add explicit type "
                "casts.");
}

// ---- types as written ----

static bool type_mods(Planner *p, const AstType *ast, int64_t *mod)
{
    if (ast->mods.count > TYPE_MODS_MAX)
        return err_set_at(p->err, "42601", ast->at, "type %.*s has too many modifiers", STR_ARG(ast->name));
    for (uint32_t i = 0; i < ast->mods.count; i++) {
        const AstExpr *e = ast->mods.at[i];
        if (e->kind != AST_NUMBER || !str_to_int64(e->text, &mod[i]))
            return err_set_at(p->err, "42601", e->at, "type modifiers must be simple constants");
    }
    return true;
}

bool bind_type(Planner *p, const AstType *ast, Type *out)
{
    if (ast->set_of) return bind_unsupported(p, ast->at, "SETOF");
    int64_t mod[TYPE_MODS_MAX];
    if (!type_mods(p, ast, mod)) return false;
    return search_type(&p->search, ast, mod, ast->mods.count, p->mem, out, p->err);
}
