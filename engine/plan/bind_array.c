// Bind: arrays: ARRAY[…], ARRAY(query), subscripts and slices, ANY and ALL over an array, and the element
// type in which the arguments of an array function meet. What an array operation does is a function that only
// the binder can name. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

enum { LIST_FROM_ARRAY_MAX = 4096 }; // elements of a constant array that become a list

static Type element_type(Type array) { return type_bare(type_element(array)); }

static const Function *internal(const Planner *p, const char *name)
{
    for (const Function *const *list = p->request->functions->scalar; list && *list; list++)
        for (const Function *f = *list; f->name; f++)
            if (f->flags & FUNCTION_INTERNAL && str_equal(str_of(f->name), str_of(name))) return f;
    return NULL;
}

Expr *bind_internal(Planner *p, const char *name, Type type, uint32_t args, int64_t at)
{
    const Function *f = internal(p, name);
    if (!f) {
        err_set_at(p->err, SQLSTATE_INTERNAL, at, "there is no function %s", name);
        return NULL;
    }
    Expr *e = bind_new(p, EXPR_CALL, type, args, at);
    e->function = f;
    return e;
}

// ---- ARRAY[…] ----

static Expr *from_elements(Planner *p, Expr **item, uint32_t count, Type element, int64_t at)
{
    Expr *x = bind_internal(p, "array make", type_of_array(element), count, at);
    for (uint32_t i = 0; x && i < count; i++) x->arg[i] = item[i];
    return x;
}

static Expr *from_arrays(Planner *p, Expr **item, uint32_t count, Type array, int64_t at)
{
    Expr *x = bind_internal(p, "array stack", array, count, at);
    for (uint32_t i = 0; x && i < count; i++)
        if (!(x->arg[i] = bind_coerce(p, item[i], array, CAST_EXPLICIT))) return NULL;
    return x;
}

static Expr *empty_array(Planner *p, const Type *as, int64_t at)
{
    if (as) return bind_internal(p, "array make", *as, 0, at);
    err_set_at(p->err, "42P18", at, "cannot determine type of empty array");
    err_hint(p->err, "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
    return NULL;
}

// as: the type a cast around it asks for, NULL = none.
static Expr *array_as(Scope *s, const AstExpr *e, const Type *as)
{
    Planner *p = s->p;
    uint32_t count = e->list.count, arrays = 0;
    if (!count) return empty_array(p, as, e->at);
    Expr **item = arena_array(p->mem, Expr *, count);
    for (uint32_t i = 0; i < count; i++) {
        const AstExpr *a = e->list.at[i];
        if (!(item[i] = a->kind == AST_ARRAY ? array_as(s, a, as) : bind_expr(s, a))) return NULL;
        arrays += item[i]->type.id == TYPE_ARRAY;
    }
    Type type;
    if (arrays && as) return from_arrays(p, item, count, *as, e->at);
    if (arrays)
        return bind_coerce_all(p, item, count, "ARRAY", &type) ? from_arrays(p, item, count, type, e->at)
                                                               : NULL;
    if (as) {
        type = element_type(*as);
        for (uint32_t i = 0; i < count; i++)
            if (!(item[i] = bind_coerce(p, item[i], type, CAST_EXPLICIT))) return NULL;
    } else if (!bind_coerce_all(p, item, count, "ARRAY", &type)) {
        return NULL;
    }
    return from_elements(p, item, count, type_bare(type), e->at);
}

Expr *bind_array_as(Scope *s, const AstExpr *e, Type as) { return array_as(s, e, &as); }

// ---- ARRAY(query) ----

static const Aggregate *aggregate_named(const Planner *p, Str name)
{
    for (const Aggregate *const *list = p->request->functions->aggregate; list && *list; list++)
        for (const Aggregate *a = *list; a->name; a++)
            if (str_equal(str_of(a->name), name)) return a;
    return NULL;
}

// The rows are aggregated in the order in which the query gives them; no rows make an empty array.
static Expr *array_of_query(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    Bound b;
    if (!bind_query(p, e->query, s, s->cte, false, &b)) return NULL;
    if (b.columns != 1) {
        err_set_at(p->err, SQLSTATE_SYNTAX, e->at, "subquery must return only one column");
        return NULL;
    }
    Expr *slot = rel_slot(p, b.id[0], e->at);
    if (slot->type.id == TYPE_ARRAY) {
        bind_unsupported(p, e->at, "ARRAY(…) over a query that gives arrays");
        return NULL;
    }
    Type type = type_of_array(type_bare(slot->type));
    Rel *r = rel_over(p, REL_AGGREGATE, b.rel);
    const Aggregate *f = aggregate_named(p, STR("array_agg"));
    Expr *none = bind_internal(p, "array make", type, 0, e->at);
    if (!r || !f || !none) return NULL;
    r->calls = r->columns = 1;
    r->call = arena_new(p->mem, AggregateCall);
    r->call->function = f;
    r->call->args = 1;
    r->call->arg = arena_new(p->mem, Expr *);
    r->call->arg[0] = slot;
    r->call->type = type;
    r->id = arena_new(p->mem, ColumnId);
    r->id[0] = rel_column_new(p, STR("array"), type);
    Expr *all = bind_new(p, EXPR_COALESCE, type, 2, e->at), **out = arena_new(p->mem, Expr *);
    all->arg[0] = rel_slot(p, r->id[0], e->at);
    all->arg[1] = none;
    *out = all;
    ColumnId *id = arena_new(p->mem, ColumnId);
    *id = rel_column_new(p, STR("array"), type);
    Expr *x = bind_new(p, EXPR_SUBQUERY, type, 0, e->at);
    x->subquery = SUBQUERY_SCALAR;
    x->logical = rel_project(p, r, 1, id, out);
    return x->logical ? x : NULL;
}

Expr *bind_array(Scope *s, const AstExpr *e)
{
    return e->kind == AST_ARRAY_QUERY ? array_of_query(s, e) : array_as(s, e, NULL);
}

// ---- subscripts ----

static Expr *integer_at(Scope *s, const AstExpr *e, int32_t missing, int64_t at)
{
    Planner *p = s->p;
    if (!e) return rel_constant(p, (Value){.type = type_of(TYPE_INTEGER), .i32 = missing}, at);
    Expr *x = bind_expr(s, e);
    if (!x) return NULL;
    if (!bind_is_unknown(x) && !type_is_number(x->type.id)) {
        err_set_at(p->err, SQLSTATE_TYPE_MISMATCH, x->at, "array subscript must have type integer");
        return NULL;
    }
    return bind_coerce(p, x, type_of(TYPE_INTEGER), CAST_ASSIGNMENT);
}

// The bounds of all subscripts, lower and upper in turn; a plain one beside slices is 1 to it.
static bool slice_bounds(Scope *s, const AstExpr *const *sub, uint32_t count, Expr **out)
{
    for (uint32_t i = 0; i < count; i++) {
        const AstExpr *e = sub[i];
        out[2 * i] = e->flag ? integer_at(s, e->b, INT32_MIN, e->at) : integer_at(s, NULL, 1, e->at);
        out[2 * i + 1] = integer_at(s, e->flag ? e->c : e->b, INT32_MAX, e->at);
        if (!out[2 * i] || !out[2 * i + 1]) return false;
    }
    return true;
}

static Expr *array_subscript(Scope *s, Expr *base, const AstExpr *const *sub, uint32_t count, int64_t at)
{
    Planner *p = s->p;
    bool slice = false;
    for (uint32_t i = 0; i < count; i++) slice = slice || sub[i]->flag;
    uint32_t args = 1 + (slice ? 2 * count : count);
    Expr *x = bind_internal(p, slice ? "array slice" : "array get",
                            slice ? type_bare(base->type) : element_type(base->type), args, at);
    if (!x) return NULL;
    x->arg[0] = base;
    if (slice) return slice_bounds(s, sub, count, x->arg + 1) ? x : NULL;
    for (uint32_t i = 0; i < count; i++)
        if (!(x->arg[1 + i] = integer_at(s, sub[i]->b, 0, at))) return NULL;
    return x;
}

static Expr *jsonb_subscript(Scope *s, Expr *x, const AstExpr *const *sub, uint32_t count)
{
    for (uint32_t i = 0; x && i < count; i++) {
        if (sub[i]->flag) {
            err_set_at(s->p->err, "42804", sub[i]->at, "jsonb subscript does not support slices");
            return NULL;
        }
        Expr *key = bind_expr(s, sub[i]->b);
        if (!key) return NULL;
        bool number = type_is_integer(key->type.id);
        key = bind_coerce(s->p, key, type_of(number ? TYPE_INTEGER : TYPE_TEXT), CAST_ASSIGNMENT);
        x = bind_operator(s->p, STR("->"), x, key, sub[i]->at);
    }
    return x;
}

Expr *bind_subscript(Scope *s, const AstExpr *e)
{
    const AstExpr *sub[16];
    uint32_t count = 0;
    const AstExpr *base = e;
    for (; base->kind == AST_SUBSCRIPT; base = base->a) {
        if (count == COUNT_OF(sub)) {
            err_set_at(s->p->err, SQLSTATE_LIMIT, e->at,
                       "number of array dimensions (%u) exceeds the maximum allowed (6)",
                       (unsigned)count + 1);
            return NULL;
        }
        sub[count++] = base;
    }
    for (uint32_t i = 0; i < count / 2; i++) {
        const AstExpr *x = sub[i];
        sub[i] = sub[count - 1 - i];
        sub[count - 1 - i] = x;
    }
    Expr *x = bind_expr(s, base);
    if (!x) return NULL;
    if (x->type.id == TYPE_ARRAY) return array_subscript(s, x, sub, count, e->at);
    if (x->type.id == TYPE_JSONB) return jsonb_subscript(s, x, sub, count);
    err_set_at(s->p->err, SQLSTATE_TYPE_MISMATCH, e->at,
               "cannot subscript type %s because it does not support subscripting",
               bind_is_unknown(x) ? "unknown" : type_name(x->type.id));
    return NULL;
}

// old with the element at the subscripts replaced.
Expr *bind_array_assign(Scope *s, Expr *old, const AstExprs *subscript, Expr *value, int64_t at)
{
    Planner *p = s->p;
    if (old->type.id == TYPE_JSONB) return bind_jsonb_assign(s, old, subscript, value, at);
    if (old->type.id != TYPE_ARRAY) {
        bind_unsupported(p, at, "assigning to a subscript of what is no array");
        return NULL;
    }
    Expr *x = bind_internal(p, "array set", old->type, 2 + subscript->count, at);
    if (!x || !value) return NULL;
    x->arg[0] = old;
    if (!(x->arg[1] = bind_coerce(p, value, element_type(old->type), CAST_ASSIGNMENT))) return NULL;
    for (uint32_t i = 0; i < subscript->count; i++) {
        const AstExpr *e = subscript->at[i];
        if (e->kind == AST_SUBSCRIPT && e->flag) {
            bind_unsupported(p, at, "assigning to a slice");
            return NULL;
        }
        if (!(x->arg[2 + i] = integer_at(s, e->kind == AST_SUBSCRIPT ? e->b : e, 0, at))) return NULL;
    }
    return x;
}

// ---- ANY and ALL ----

// A constant array is a list: IN finds it by a hash, and an index may serve it.
static Expr *as_list(Planner *p, const Expr *call, const Expr *array, bool all)
{
    Str op = str_of(call->function->name);
    Array a;
    bool fits = (!all && str_equal(op, STR("="))) || (all && str_equal(op, STR("<>")));
    if (!fits || array->kind != EXPR_CONSTANT || array->value.null || !array_open(&a, &array->value.text) ||
        !a.count || a.count > LIST_FROM_ARRAY_MAX)
        return NULL;
    Expr *x = bind_new(p, EXPR_IN_LIST, type_of(TYPE_BOOLEAN), a.count + 1, call->at);
    x->negated = all;
    x->arg[0] = call->arg[0];
    for (uint32_t i = 0; i < a.count; i++) x->arg[i + 1] = rel_constant(p, array_value(&a, i, p->mem), -1);
    return x;
}

static Expr *no_array(Planner *p, int64_t at)
{
    err_set_at(p->err, "42809", at, "op ANY/ALL (array) requires array on right side");
    return NULL;
}

// The operator is chosen for one element; a cast of the element becomes one of the array.
Expr *bind_any_array(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    Expr *left = bind_expr(s, e->a), *array = left ? bind_expr(s, e->b) : NULL;
    if (!array) return NULL;
    if (bind_is_unknown(array)) {
        Type of = bind_is_unknown(left) ? type_of(TYPE_TEXT) : type_bare(left->type);
        if (of.id == TYPE_ARRAY || of.id == TYPE_NULL) return no_array(p, e->at);
        if (!(array = bind_coerce(p, array, type_of_array(of), CAST_IMPLICIT))) return NULL;
    }
    if (array->type.id != TYPE_ARRAY) return no_array(p, e->at);
    Str op = str_equal(e->text, STR("!=")) ? STR("<>") : e->text;
    static const char *const words[][2] = {
        {"like", "~~"}, {"not like", "!~~"}, {"ilike", "~~*"}, {"not ilike", "!~~*"}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_equal(op, str_of(words[i][0]))) op = str_of(words[i][1]);
    Expr *one = bind_new(p, EXPR_SLOT, element_type(array->type), 0, e->at);
    one->slot = COLUMN_NONE;
    Expr *call = bind_operator(p, op, left, one, e->at);
    if (!call) return NULL;
    if (call->kind != EXPR_CALL || call->type.id != TYPE_BOOLEAN) {
        err_set_at(p->err, "42809", e->at, "op ANY/ALL (array) requires operator to yield boolean");
        return NULL;
    }
    array = bind_coerce(p, array, type_of_array(type_bare(call->arg[1]->type)), CAST_EXPLICIT);
    if (!array) return NULL;
    Expr *list = as_list(p, call, array, e->flag);
    if (list) return list;
    Expr *x = bind_new(p, EXPR_ANY_ARRAY, type_of(TYPE_BOOLEAN), 2, e->at);
    x->negated = e->flag;
    x->function = call->function;
    x->arg[0] = call->arg[0];
    x->arg[1] = array;
    return x;
}

// ---- arguments of array functions ----

// Arrays and elements among the arguments meet in one element type.
bool bind_arrays_meet(Planner *p, const TypeId *want, bool elements, bool exact, Expr **arg, uint32_t args,
                      int64_t at, Type *element)
{
    *element = type_of(TYPE_NULL);
    for (uint32_t i = 0; i < args; i++) {
        Type t = type_bare(arg[i]->type);
        if (t.id == TYPE_NULL) continue;
        if (want[i] == TYPE_ARRAY && t.id == TYPE_ARRAY)
            t = element_type(t);
        else if (want[i] != TYPE_NULL || !elements)
            continue;
        Type both;
        if (element->id == TYPE_NULL || type_equal(*element, t)) {
            *element = t;
        } else if (!exact && type_common(*element, t, &both)) {
            *element = type_bare(both);
        } else {
            return true; // the arguments do not meet: the caller says so
        }
    }
    if (element->id == TYPE_NULL && !elements) *element = type_of(TYPE_TEXT); // wants an array of text
    if (element->id == TYPE_NULL)
        return err_set_at(p->err, SQLSTATE_TYPE_MISMATCH, at,
                          "could not determine polymorphic type because input has type unknown");
    for (uint32_t i = 0; i < args; i++) {
        bool is_element = want[i] == TYPE_NULL && elements;
        if (want[i] != TYPE_ARRAY && !is_element) continue;
        Type to = is_element ? *element : type_of_array(*element);
        if (!(arg[i] = bind_coerce(p, arg[i], to, CAST_IMPLICIT))) return false;
    }
    return true;
}
