// Changes inside jsonb by a path: jsonb_set, jsonb_set_lax, jsonb_insert, #-, and assignment to a subscript.
// One walk along the path (PostgreSQL 15's setPath) over the document's tree.
#include "engine/exec/array_work.h"
#include "engine/exec/fn.h"
#include "engine/exec/json_put.h"

typedef enum PathChange {
    PATH_DELETE,
    PATH_REPLACE,
    PATH_SET, // replace or add
    PATH_INSERT_BEFORE,
    PATH_INSERT_AFTER,
    PATH_ASSIGN, // set, and make what the path needs on its way
} PathChange;

typedef struct PathJob {
    PathChange how;
    uint32_t steps;
    const Value *step; // texts
    Document *value;   // NULL: delete
    KernelContext *ctx;
} PathJob;

static bool adds(const PathJob *j) { return j->how >= PATH_SET; }

static Document *node(const PathJob *j, DocumentKind kind)
{
    return document_new(j->ctx->mem, kind, kind == DOCUMENT_NULL ? STR("null") : STR_NONE);
}

// The value may come to stand at several places of one list: each gets a node of its own.
static Document *value_node(const PathJob *j)
{
    Document *d = arena_new(j->ctx->mem, Document);
    *d = *j->value;
    d->next = NULL;
    return d;
}

static void fill(const PathJob *j, Document *list, int64_t count)
{
    for (int64_t i = 0; i < count; i++) document_add(list, node(j, DOCUMENT_NULL));
}

// What stands at the end of the path from `level` on, in as many objects and lists as the steps ask for.
static bool path_made(const PathJob *j, uint32_t level, Document **out)
{
    int64_t place;
    if (level == j->steps) {
        *out = value_node(j);
        return true;
    }
    if (j->step[level].null)
        return err_set_at(j->ctx->err, "22004", j->ctx->at, "path element at position %u is null",
                          (unsigned)level + 1);
    Str key = text_str(&j->step[level].text);
    bool list = str_to_int64(key, &place) && place >= 0 && place <= INT32_MAX;
    if (list && place > DOCUMENT_NODES_MAX)
        return err_set_at(j->ctx->err, SQLSTATE_LIMIT, j->ctx->at, "a JSON value has more than %d parts",
                          DOCUMENT_NODES_MAX);
    Document *d = node(j, list ? DOCUMENT_ARRAY : DOCUMENT_OBJECT), *member;
    if (!path_made(j, level + 1, &member)) return false;
    if (list)
        fill(j, d, place);
    else
        member->key = key;
    document_add(d, member);
    *out = d;
    return true;
}

static bool change(const PathJob *j, Document *d, uint32_t level);

static Document *empty(Document *d)
{
    Document *first = d->first;
    d->first = d->last = NULL;
    d->count = 0;
    return first;
}

static bool cannot_replace(const PathJob *j)
{
    err_set_at(j->ctx->err, "22023", j->ctx->at, "cannot replace existing key");
    return err_hint(j->ctx->err, "Try using the function jsonb_set to replace key value.");
}

static bool change_object(const PathJob *j, Document *d, uint32_t level)
{
    Str key = text_str(&j->step[level].text);
    bool last = level + 1 == j->steps, found = false;
    for (Document *m = empty(d), *next; m; m = next) {
        next = m->next;
        Document *put = m;
        if (str_equal(m->key, key)) {
            found = true;
            if (!last) {
                if (!change(j, m, level + 1)) return false;
            } else if (j->how == PATH_INSERT_BEFORE || j->how == PATH_INSERT_AFTER) {
                return cannot_replace(j);
            } else {
                put = j->how == PATH_DELETE ? NULL : value_node(j);
            }
        }
        if (put) put->key = m->key;
        if (put) document_add(d, put);
    }
    if (found || !adds(j) || (!last && j->how != PATH_ASSIGN)) return true;
    Document *made;
    if (!path_made(j, level + 1, &made)) return false;
    made->key = key;
    document_add(d, made);
    document_sort(d, j->ctx->mem);
    return true;
}

// The place that a step means: INT32_MIN is before the first.
static bool step_place(const PathJob *j, uint32_t level, uint32_t count, int64_t *place)
{
    Str s = text_str(&j->step[level].text);
    if (!str_to_int64(s, place) || *place < INT32_MIN || *place > INT32_MAX)
        return err_set_at(j->ctx->err, SQLSTATE_BAD_TEXT, j->ctx->at,
                          "path element at position %u is not an integer: \"%.*s\"", (unsigned)level + 1,
                          STR_ARG(s));
    if (*place < 0 && -*place > (int64_t)count && j->how == PATH_ASSIGN)
        return err_set_at(j->ctx->err, "22023", j->ctx->at, "path element at position %u is out of range: %d",
                          (unsigned)level + 1, (int)*place);
    if (*place < 0) *place = -*place > (int64_t)count ? INT32_MIN : *place + count;
    if (*place > (int64_t)count && j->how != PATH_ASSIGN) *place = count;
    if (*place > DOCUMENT_NODES_MAX)
        return err_set_at(j->ctx->err, SQLSTATE_LIMIT, j->ctx->at, "a JSON value has more than %d parts",
                          DOCUMENT_NODES_MAX);
    return true;
}

// The element that the path ends at.
static void change_element(const PathJob *j, Document *d, Document *m)
{
    if (j->how == PATH_INSERT_BEFORE || j->how == PATH_SET || j->how == PATH_ASSIGN)
        document_add(d, value_node(j));
    if (j->how == PATH_INSERT_BEFORE || j->how == PATH_INSERT_AFTER) document_add(d, m);
    if (j->how == PATH_INSERT_AFTER || j->how == PATH_REPLACE) document_add(d, value_node(j));
}

static bool change_list(const PathJob *j, Document *d, uint32_t level)
{
    int64_t place, i = 0;
    uint32_t count = d->count;
    bool last = level + 1 == j->steps, done = false;
    if (!step_place(j, level, count, &place)) return false;
    Document *m = empty(d), *next;
    if (last && adds(j) && place == INT32_MIN) {
        document_add(d, value_node(j));
        done = true;
    }
    for (; m; m = next, i++) {
        next = m->next;
        if (i != place) {
            document_add(d, m);
            continue;
        }
        done = true;
        if (last)
            change_element(j, d, m);
        else if (change(j, m, level + 1))
            document_add(d, m);
        else
            return false;
    }
    if (done || !adds(j) || (!last && j->how != PATH_ASSIGN)) return true;
    Document *made;
    if (!path_made(j, level + 1, &made)) return false;
    if (j->how == PATH_ASSIGN) fill(j, d, place - count);
    document_add(d, made);
    return true;
}

static bool change(const PathJob *j, Document *d, uint32_t level)
{
    if (j->step[level].null)
        return err_set_at(j->ctx->err, "22004", j->ctx->at, "path element at position %u is null",
                          (unsigned)level + 1);
    if (d->kind == DOCUMENT_OBJECT) return change_object(j, d, level);
    if (d->kind == DOCUMENT_ARRAY) return change_list(j, d, level);
    if (j->how != PATH_ASSIGN) return true;
    err_set_at(j->ctx->err, "22023", j->ctx->at, "cannot replace existing key");
    return err_hint(j->ctx->err, "The path assumes key is a composite object, but it is a scalar value.");
}

// ---- functions ----

static bool put_tree(const Document *d, Vector *out, uint32_t row, KernelContext *ctx)
{
    Bytes text;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    document_put(&text, d);
    if (!text.failed) {
        bool fine = fn_put(out, row, bytes_str(&text), ctx);
        bytes_done(&text);
        return fine;
    }
    return err_set_at(ctx->err, SQLSTATE_LIMIT, ctx->at, "the JSON value is longer than one value may be");
}

static bool path_open(const Vector *v, uint32_t row, const Value **step, uint32_t *steps, KernelContext *ctx)
{
    Array a;
    if (!elements_open(&a, v, row, ctx)) return false;
    if (a.dims > 1) return err_set_at(ctx->err, "2202E", ctx->at, "wrong number of array subscripts");
    if (a.count && !type_is_string(a.element.id))
        return err_set_at(ctx->err, SQLSTATE_TYPE_MISMATCH, ctx->at, "an array of text is wanted, not of %s",
                          type_name(a.element.id));
    Value *all = arena_array(ctx->mem, Value, a.count + 1);
    for (uint32_t i = 0; i < a.count; i++) {
        Value v_ = array_value(&a, i, ctx->mem);
        all[i] = value_copy(ctx->mem, &v_);
    }
    *step = all;
    *steps = a.count;
    return true;
}

// value: the row's cell of jsonb, NULL = none.
static bool change_row(const Vector *arg, uint32_t row, PathChange how, const Vector *value, Vector *out,
                       KernelContext *ctx)
{
    PathJob j = {.how = how, .ctx = ctx};
    Document *d;
    if (!document_parse(&d, fn_str(arg, 0, row), true, ctx->mem, ctx->err)) return false;
    if (d->kind < DOCUMENT_ARRAY)
        return err_set_at(ctx->err, "22023", ctx->at,
                          how == PATH_DELETE ? "cannot delete path in scalar" : "cannot set path in scalar");
    if (!path_open(&arg[1], row, &j.step, &j.steps, ctx)) return false;
    if (value && !document_parse(&j.value, fn_str(value, 0, row), true, ctx->mem, ctx->err)) return false;
    bool idle = !j.steps || (!d->count && (how == PATH_DELETE || how == PATH_REPLACE));
    if (!idle && !change(&j, d, 0)) return false;
    return put_tree(d, out, row, ctx);
}

FN_KERNEL(jsonb_set)
{
    FN_ROWS(r, {
        bool create = args < 4 || FN_CELL(uint8_t, 3, r);
        if (!change_row(arg, r, create ? PATH_SET : PATH_REPLACE, &arg[2], out, ctx)) return false;
    });
    return true;
}

FN_KERNEL(jsonb_insert)
{
    FN_ROWS(r, {
        bool after = args > 3 && FN_CELL(uint8_t, 3, r);
        if (!change_row(arg, r, after ? PATH_INSERT_AFTER : PATH_INSERT_BEFORE, &arg[2], out, ctx))
            return false;
    });
    return true;
}

FN_KERNEL(jsonb_drop_path)
{
    (void)args;
    FN_ROWS(r, {
        if (!change_row(arg, r, PATH_DELETE, NULL, out, ctx)) return false;
    });
    return true;
}

// What jsonb_set_lax does with a NULL value.
static bool lax_null(const Vector *arg, uint32_t args, uint32_t row, bool create, Vector *out,
                     KernelContext *ctx)
{
    Str how = args > 4 ? fn_str(arg, 4, row) : STR("use_json_null");
    if (str_equal(how, STR("raise_exception"))) {
        err_set_at(ctx->err, "22004", ctx->at, "JSON value must not be null");
        return err_hint(ctx->err, "To avoid, either change the null_value_treatment argument or ensure that "
                                  "an SQL NULL is not passed.");
    }
    if (str_equal(how, STR("return_target"))) return fn_put(out, row, fn_str(arg, 0, row), ctx);
    if (str_equal(how, STR("delete_key"))) return change_row(arg, row, PATH_DELETE, NULL, out, ctx);
    if (!str_equal(how, STR("use_json_null")))
        return err_set_at(ctx->err, "22023", ctx->at,
                          "null_value_treatment must be \"delete_key\", \"return_target\", "
                          "\"use_json_null\", or \"raise_exception\"");
    Text null_text = text_of(STR("null"));
    Vector null_value = {.type = type_of(TYPE_JSONB), .data = &null_text, .constant = true};
    return change_row(arg, row, create ? PATH_SET : PATH_REPLACE, &null_value, out, ctx);
}

FN_KERNEL(jsonb_set_lax)
{
    FN_ROWS(r, {
        bool none = vector_is_null(&arg[0], r) || vector_is_null(&arg[1], r) ||
                    (args > 3 && vector_is_null(&arg[3], r));
        if (none) {
            vector_set_null(out, r);
            continue;
        }
        if (args > 4 && vector_is_null(&arg[4], r))
            return err_set_at(ctx->err, "22004", ctx->at,
                              "null_value_treatment must be \"delete_key\", \"return_target\", "
                              "\"use_json_null\", or \"raise_exception\"");
        bool create = args < 4 || FN_CELL(uint8_t, 3, r);
        bool fine = vector_is_null(&arg[2], r)
                        ? lax_null(arg, args, r, create, out, ctx)
                        : change_row(arg, r, create ? PATH_SET : PATH_REPLACE, &arg[2], out, ctx);
        if (!fine) return false;
    });
    return true;
}

// jsonb[…][…] = value: old, value, the subscripts as texts.
static bool assign_row(const Vector *arg, uint32_t args, uint32_t row, Vector *out, KernelContext *ctx)
{
    PathJob j = {.how = PATH_ASSIGN, .steps = args - 2, .ctx = ctx};
    Value *step = arena_array(ctx->mem, Value, j.steps);
    Document *d;
    for (uint32_t i = 0; i < j.steps; i++) {
        step[i] = vector_value(&arg[2 + i], row);
        if (step[i].null)
            return err_set_at(ctx->err, "22004", ctx->at, "jsonb subscript in assignment must not be null");
    }
    j.step = step;
    bool none = vector_is_null(&arg[1], row);
    if (!document_parse(&j.value, none ? STR("null") : fn_str(arg, 1, row), true, ctx->mem, ctx->err))
        return false;
    if (vector_is_null(&arg[0], row)) return path_made(&j, 0, &d) && put_tree(d, out, row, ctx);
    if (!document_parse(&d, fn_str(arg, 0, row), true, ctx->mem, ctx->err)) return false;
    return change(&j, d, 0) && put_tree(d, out, row, ctx);
}

FN_KERNEL(jsonb_assign)
{
    FN_ROWS(r, {
        if (!assign_row(arg, args, r, out, ctx)) return false;
    });
    return true;
}

#define S FUNCTION_STRICT
#define B TYPE_JSONB
#define A TYPE_ARRAY
#define O TYPE_BOOLEAN

const Function fn_json_change[] = {
    {"jsonb_set", 3, S, {B, A, B}, B, jsonb_set},
    {"jsonb_set", 4, S, {B, A, B, O}, B, jsonb_set},
    {"jsonb_set_lax", 3, 0, {B, A, B}, B, jsonb_set_lax},
    {"jsonb_set_lax", 4, 0, {B, A, B, O}, B, jsonb_set_lax},
    {"jsonb_set_lax", 5, 0, {B, A, B, O, TYPE_TEXT}, B, jsonb_set_lax},
    {"jsonb_insert", 3, S, {B, A, B}, B, jsonb_insert},
    {"jsonb_insert", 4, S, {B, A, B, O}, B, jsonb_insert},
    {"#-", 2, S | FUNCTION_OPERATOR, {B, A}, B, jsonb_drop_path},
    {"jsonb_delete_path", 2, S, {B, A}, B, jsonb_drop_path},
    {"jsonb assign", 3, FUNCTION_VARIADIC | FUNCTION_INTERNAL, {B, B, TYPE_TEXT}, B, jsonb_assign},
    {0},
};
