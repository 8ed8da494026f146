// Fuzz plan: any text that parses is planned over two made-up tables, with and without rules; nothing may
// crash, every refusal has a SQLSTATE, and both ways agree on whether the statement can be planned.
#include "engine/exec/exec.h"
#include "engine/sql/parser.h"

#include <stdlib.h>

static void require(bool holds)
{
    if (!holds) abort();
}

static bool fill(void *db, const Str *args, uint32_t arg_count, bool (*emit)(void *self, const Value *row),
                 void *self, Arena *mem, Err *err)
{
    (void)db;
    (void)args;
    (void)arg_count;
    (void)emit;
    (void)self;
    (void)mem;
    (void)err;
    return true;
}

static const char *const names[] = {"a", "b", "c", "d"};
static const Type types[] = {{.id = TYPE_INTEGER, .length = 0, .scale = 0},
                             {.id = TYPE_TEXT, .length = 0, .scale = 0},
                             {.id = TYPE_NUMERIC, .length = 0, .scale = 0},
                             {.id = TYPE_DATE, .length = 0, .scale = 0}};
static const SystemTable t = {.schema = "d2db",
                              .name = "t",
                              .columns = 4,
                              .column_name = names,
                              .column_type = types,
                              .fill = fill},
                         u = {.schema = "d2db",
                              .name = "u",
                              .columns = 3,
                              .column_name = names,
                              .column_type = types,
                              .fill = fill};
static const SystemTable *const tables[] = {&t, &u, NULL};

static bool evaluate(void *arg, const Expr *e, Value *out, Arena *mem, Err *err)
{
    return exec_constant(e, arg, out, mem, err);
}

// Folding leaves out parts that are never reached, so only refusals by the binder have to agree.
static bool plan(const Statement *s, bool no_optimise)
{
    ExecContext ctx = {.functions = exec_functions(), .user = "u", .database = "d", .node = "n"};
    PlanRequest request = {.statement = s,
                           .functions = exec_functions(),
                           .system = tables,
                           .evaluate = evaluate,
                           .evaluate_arg = &ctx,
                           .no_optimise = no_optimise};
    Err err = {.at = -1};
    Plan *p = NULL;
    bool made = plan_make(&p, &request, &err);
    require(made || err_any(&err));
    if (made) {
        Bytes out;
        bytes_init(&out, 1 << 20);
        plan_text(p->root, &out);
        bytes_done(&out);
    }
    plan_free(p);
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena mem = {0};
    Err err = {.at = -1};
    Statement *s = NULL;
    size_t pos = 0;
    Str text = {(const char *)data, size};
    while (parser_statement(&s, text, &pos, &mem, &err) && s) {
        bool plain = plan(s, true), optimised = plan(s, false);
        require(plain || !optimised);
    }
    arena_done(&mem);
    return 0;
}
