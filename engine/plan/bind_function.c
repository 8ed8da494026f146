// Bind: which entry of the FunctionList an operator or call means. Follows PostgreSQL 15, sections 10.2
// and 10.3: exact match; else those reachable by implicit casts, then most exact matches, then most preferred
// types, then untyped literals by category. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

enum { CANDIDATES_MAX = 64, CALL_ARGS_MAX = 100 };

typedef struct Candidate {
    const Function *f;
    // What the arguments are brought to; TYPE_NULL = left alone. The last stands for all that follow it.
    TypeId arg[FUNCTION_ARGS_MAX];
} Candidate;
typedef struct Search {
    Planner *p;
    Str name;
    bool is_operator;
    Expr **arg;
    uint32_t args;
    int64_t at;
    Candidate found[CANDIDATES_MAX];
    uint32_t count;
} Search;

static TypeId param_of(const Function *f, uint32_t i)
{
    if (i < f->args) return f->arg[i];
    return f->args ? f->arg[f->args - 1] : TYPE_NULL;
}

static bool takes_count(const Function *f, uint32_t args)
{
    if (f->flags & FUNCTION_VARIADIC) return args + 1 >= f->args && args <= CALL_ARGS_MAX;
    return args == f->args;
}

static TypeId wanted(const Candidate *c, uint32_t i)
{
    const uint32_t last = c->f->args ? c->f->args - 1u : 0;
    return c->arg[i < last ? i : last];
}

// varchar has no functions of its own: it is a text.
static TypeId as_text(TypeId id) { return id == TYPE_VARCHAR ? TYPE_TEXT : id; }
static bool preferred(TypeId id)
{
    return id == TYPE_DOUBLE || id == TYPE_TEXT || id == TYPE_BOOLEAN || id == TYPE_TIMESTAMPTZ ||
           id == TYPE_INTERVAL;
}

// The one type all arguments of a SAME_TYPE function are brought to.
static bool same_type(const Search *s, TypeId *out)
{
    Type all = type_of(TYPE_NULL);
    for (uint32_t i = 0; i < s->args; i++) {
        Type t = type_bare(s->arg[i]->type);
        if (t.id == TYPE_NULL || t.id == all.id) continue;
        Type both = t;
        if (all.id != TYPE_NULL && !type_common(all, t, &both)) return false;
        if (all.id != TYPE_NULL && type_is_string(t.id)) both = type_of(TYPE_TEXT);
        all = type_bare(both);
    }
    *out = all.id == TYPE_NULL ? TYPE_TEXT : as_text(all.id);
    return true;
}

// Two enums have nothing in common.
static bool same_enum(const Search *s)
{
    uint32_t of = 0;
    for (uint32_t i = 0; i < s->args; i++) {
        if (s->arg[i]->type.id != TYPE_ENUM) continue;
        if (of && of != s->arg[i]->type.of) return false;
        of = s->arg[i]->type.of;
    }
    return true;
}

// An enum among the parameters is the one that an argument has.
static Type wanted_type(const Search *s, TypeId id)
{
    for (uint32_t i = 0; i < s->args && (id == TYPE_ENUM || id == TYPE_ARRAY); i++)
        if (s->arg[i]->type.id == id) return type_bare(s->arg[i]->type);
    return type_of(id);
}

// An operator is one of arrays only when one stands where it wants one; an element is no array.
static bool arrays_viable(const Search *s, const Function *f)
{
    bool any = !s->is_operator;
    for (uint32_t i = 0; i < s->args; i++) {
        bool array = s->arg[i]->type.id == TYPE_ARRAY;
        if (param_of(f, i) == TYPE_NULL && array) return false;
        any = any || (param_of(f, i) == TYPE_ARRAY && array);
    }
    return any;
}

static bool viable(const Search *s, const Function *f, Candidate *out)
{
    if (!str_equal(str_of(f->name), s->name) || !takes_count(f, s->args)) return false;
    if (((f->flags & FUNCTION_OPERATOR) != 0) != s->is_operator || f->flags & FUNCTION_INTERNAL) return false;
    if (f->flags & FUNCTION_ARRAYS && !arrays_viable(s, f)) return false;
    if (!same_enum(s)) return false;
    *out = (Candidate){.f = f};
    TypeId shared = TYPE_NULL;
    if (f->flags & FUNCTION_SAME_TYPE && !same_type(s, &shared)) return false;
    for (uint32_t i = 0; i < s->args; i++) {
        TypeId want = param_of(f, i);
        if (want == TYPE_NULL && s->is_operator && !(f->flags & FUNCTION_ARRAYS) &&
            s->arg[i]->type.id == TYPE_ARRAY)
            return false;
        if (want == TYPE_NULL) want = shared;
        if (i < f->args) out->arg[i] = want;
        if (want != TYPE_NULL && !bind_can_coerce(s->arg[i], want, CAST_IMPLICIT)) return false;
    }
    return true;
}

static void collect(Search *s)
{
    const Function *const *list = s->p->request->functions ? s->p->request->functions->scalar : NULL;
    for (; list && *list; list++)
        for (const Function *f = *list; f->name; f++)
            if (s->count < CANDIDATES_MAX && viable(s, f, &s->found[s->count])) s->count++;
    const TableFunction *const *table = s->p->request->functions ? s->p->request->functions->table : NULL;
    for (; table && *table; table++)
        for (const TableFunction *f = *table; f->call.name; f++)
            if (s->count < CANDIDATES_MAX && viable(s, &f->call, &s->found[s->count])) s->count++;
}

static uint32_t score(const Search *s, const Candidate *c, bool with_preferred)
{
    uint32_t points = 0;
    for (uint32_t i = 0; i < s->args; i++) {
        TypeId have = as_text(s->arg[i]->type.id);
        if (have != TYPE_NULL && have == wanted(c, i))
            points++;
        else if (with_preferred && have != TYPE_NULL && preferred(wanted(c, i)))
            points++;
    }
    return points;
}

static void keep_best(Search *s, bool with_preferred)
{
    uint32_t best = 0, kept = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t points = score(s, &s->found[i], with_preferred);
        if (points > best) best = points;
    }
    for (uint32_t i = 0; i < s->count; i++)
        if (score(s, &s->found[i], with_preferred) == best) s->found[kept++] = s->found[i];
    s->count = kept;
}

static int category(TypeId id)
{
    if (type_is_number(id)) return 1;
    if (type_is_string(id)) return 2;
    if (type_is_when(id)) return 3;
    return 10 + (int)id;
}

// At each untyped literal: a string when any candidate takes one, else the category all agree on.
static void keep_by_category(Search *s)
{
    for (uint32_t i = 0; i < s->args && s->count > 1; i++) {
        if (!bind_is_unknown(s->arg[i])) continue;
        int want = category(wanted(&s->found[0], i));
        bool agree = true, any_preferred = false;
        for (uint32_t k = 0; k < s->count; k++) {
            int c = category(wanted(&s->found[k], i));
            if (c == 2) want = 2;
            if (c != category(wanted(&s->found[0], i))) agree = false;
        }
        if (!agree && want != 2) return;
        for (uint32_t k = 0; k < s->count; k++)
            if (category(wanted(&s->found[k], i)) == want && preferred(wanted(&s->found[k], i)))
                any_preferred = true;
        uint32_t kept = 0;
        for (uint32_t k = 0; k < s->count; k++) {
            TypeId t = wanted(&s->found[k], i);
            if (category(t) == want && (!any_preferred || preferred(t))) s->found[kept++] = s->found[k];
        }
        s->count = kept;
    }
}

// The one type that the typed arguments share is tried for the untyped ones as well.
static void keep_like_known(Search *s)
{
    TypeId known = TYPE_NULL;
    bool mixed = false;
    for (uint32_t i = 0; i < s->args; i++) {
        TypeId id = as_text(s->arg[i]->type.id);
        if (id == TYPE_NULL) continue;
        if (known != TYPE_NULL && known != id) mixed = true;
        known = id;
    }
    if (mixed || known == TYPE_NULL) return;
    for (uint32_t k = 0; k < s->count; k++) {
        bool all = true;
        for (uint32_t i = 0; i < s->args; i++) all = all && wanted(&s->found[k], i) == known;
        if (!all) continue;
        s->found[0] = s->found[k];
        s->count = 1;
    }
}

// real with another kind of number is worked out in double precision.
static void keep_double(Search *s)
{
    if (!s->is_operator || s->args != 2) return;
    TypeId a = s->arg[0]->type.id, b = s->arg[1]->type.id;
    if (!type_is_number(a) || !type_is_number(b) || a == b || (a != TYPE_REAL && b != TYPE_REAL)) return;
    for (uint32_t k = 0; k < s->count; k++) {
        if (s->found[k].arg[0] != TYPE_DOUBLE || s->found[k].arg[1] != TYPE_DOUBLE) continue;
        s->found[0] = s->found[k];
        s->count = 1;
    }
}

static void choose(Search *s)
{
    bool has_unknown = false;
    for (uint32_t i = 0; i < s->args; i++) has_unknown = has_unknown || bind_is_unknown(s->arg[i]);
    keep_double(s);
    if (has_unknown && s->is_operator && s->args == 2) keep_like_known(s);
    if (s->count > 1) keep_best(s, false);
    if (s->count > 1) keep_best(s, true);
    if (s->count > 1 && has_unknown) keep_by_category(s);
    if (s->count > 1 && has_unknown) keep_like_known(s);
}

static Str arg_type(const Search *s, const Expr *e)
{
    return search_type_name(&s->p->search, e->type, s->p->mem);
}

static void describe(const Search *s, Bytes *out)
{
    if (s->is_operator) {
        if (s->args == 2) bytes_printf(out, "%.*s ", STR_ARG(arg_type(s, s->arg[0])));
        bytes_put(out, s->name);
        bytes_printf(out, " %.*s", STR_ARG(arg_type(s, s->arg[s->args - 1])));
        return;
    }
    bytes_put(out, s->name);
    bytes_put_byte(out, '(');
    for (uint32_t i = 0; i < s->args; i++)
        bytes_printf(out, "%s%.*s", i ? ", " : "", STR_ARG(arg_type(s, s->arg[i])));
    bytes_put_byte(out, ')');
}

static bool not_one(Search *s)
{
    Bytes text;
    bytes_init(&text, 4096);
    describe(s, &text);
    Str t = bytes_str(&text);
    const char *what = s->is_operator ? "operator" : "function";
    if (s->count) {
        err_set_at(s->p->err, "42725", s->at,
                   s->is_operator ? "operator is not unique: %.*s" : "function %.*s is not unique",
                   STR_ARG(t));
        err_hint(s->p->err,
                 "Could not choose a best candidate %s. You might need to add explicit type casts.", what);
    } else {
        err_set_at(s->p->err, SQLSTATE_UNDEFINED_FUNCTION, s->at,
                   s->is_operator ? "operator does not exist: %.*s" : "function %.*s does not exist",
                   STR_ARG(t));
        err_hint(
            s->p->err,
            "No %s matches the given name and argument types. You might need to add explicit type casts.",
            what);
    }
    bytes_done(&text);
    return false;
}

static bool takes_array(const Candidate *c, uint32_t args)
{
    for (uint32_t i = 0; i < args; i++)
        if (wanted(c, i) == TYPE_ARRAY) return true;
    return false;
}

// The result's type when the entry leaves it open.
static Type result_of(const Function *f, const Expr *e, Type element)
{
    if (f->flags & FUNCTION_ARRAYS && f->result == TYPE_ARRAY) return type_of_array(element);
    if (f->flags & FUNCTION_ARRAYS && f->result == TYPE_NULL) return element;
    if (f->result == TYPE_ARRAY) return type_of_array(type_bare(e->arg[0]->type));
    if ((f->result & 0xff) == TYPE_ARRAY) return type_of_array(type_of((TypeId)(f->result >> 8)));
    if (f->result == TYPE_NULL && e->args) return type_bare(e->arg[0]->type);
    return type_of(f->result);
}

// An operator that takes anything is ||, which wants its text.
// Arguments whose elements are of types that do not meet were left as they are.
static bool arrays_met(Search *s, const Candidate *c, const Expr *e, Type element)
{
    for (uint32_t i = 0; i < s->args; i++)
        if (wanted(c, i) == TYPE_ARRAY && !type_equal(type_bare(type_element(e->arg[i]->type)), element)) {
            s->count = 0;
            return not_one(s);
        }
    return true;
}

static Expr *make_call(Search *s)
{
    const Candidate *c = &s->found[0];
    Type element = type_of(TYPE_NULL);
    bool arrays = takes_array(c, s->args);
    TypeId want[CALL_ARGS_MAX];
    for (uint32_t i = 0; i < s->args; i++) want[i] = wanted(c, i);
    bool exact = s->is_operator && !str_equal(s->name, STR("||"));
    if (arrays &&
        !bind_arrays_meet(s->p, want, c->f->flags & FUNCTION_ARRAYS, exact, s->arg, s->args, s->at, &element))
        return NULL;
    Expr *e = bind_new(s->p, EXPR_CALL, type_of(c->f->result), s->args, s->at);
    e->function = c->f;
    for (uint32_t i = 0; i < s->args; i++) {
        Expr *a = s->arg[i];
        if (want[i] == TYPE_NULL)
            a = s->is_operator && !arrays ? bind_coerce(s->p, a, type_of(TYPE_TEXT), CAST_EXPLICIT)
                                          : bind_settle(s->p, a);
        else if (as_text(a->type.id) != want[i])
            a = bind_coerce(s->p, a, wanted_type(s, want[i]), CAST_IMPLICIT);
        if (!a) return NULL;
        e->arg[i] = a;
    }
    e->type = result_of(c->f, e, element);
    if (arrays && !arrays_met(s, c, e, element)) return NULL;
    if (c->f->flags & (FUNCTION_VOLATILE | FUNCTION_STABLE)) s->p->volatile_used = true;
    return e;
}

// || joins a string with anything: the other side becomes its text.
static bool concat_as_text(Search *s)
{
    if (!s->is_operator || !str_equal(s->name, STR("||")) || s->args != 2) return false;
    if (!type_is_string(s->arg[0]->type.id) && !type_is_string(s->arg[1]->type.id)) return false;
    for (uint32_t i = 0; i < 2; i++)
        if (!(s->arg[i] = bind_coerce(s->p, s->arg[i], type_of(TYPE_TEXT), CAST_EXPLICIT))) return false;
    collect(s);
    return s->count > 0;
}

Expr *bind_operator(Planner *p, Str op, Expr *left, Expr *right, int64_t at)
{
    if (!right) return NULL;
    if (str_equal(op, STR("!="))) op = STR("<>");
    Expr *arg[2] = {left ? left : right, right};
    Search s = {.p = p, .name = op, .is_operator = true, .arg = arg, .args = left ? 2 : 1, .at = at};
    collect(&s);
    if (!s.count && concat_as_text(&s)) return make_call(&s);
    if (err_any(p->err)) return NULL;
    choose(&s);
    if (s.count != 1) {
        not_one(&s);
        return NULL;
    }
    return make_call(&s);
}

// A type's name used as a function is a cast: date('2026-01-01'), float8(x).
static Expr *cast_by_name(Search *s, bool *is)
{
    Err none = {0};
    Type t;
    *is = s->args == 1 && type_from_name(&t, s->name, NULL, 0, &none);
    return *is ? bind_coerce(s->p, s->arg[0], t, CAST_EXPLICIT) : NULL;
}

Expr *bind_function(Planner *p, Str name, Expr **arg, uint32_t args, int64_t at)
{
    Search s = {.p = p, .name = name, .arg = arg, .args = args, .at = at};
    if (args > CALL_ARGS_MAX) {
        err_set_at(p->err, "54023", at, "cannot pass more than %d arguments to a function", CALL_ARGS_MAX);
        return NULL;
    }
    collect(&s);
    choose(&s);
    if (s.count == 1) return make_call(&s);
    if (!s.count) {
        bool is;
        Expr *e = cast_by_name(&s, &is);
        if (is) return e;
    }
    not_one(&s);
    return NULL;
}

void bind_not_found(Planner *p, Str name, Expr **arg, uint32_t args, int64_t at)
{
    Search s = {.p = p, .name = name, .arg = arg, .args = args, .at = at};
    not_one(&s);
}
