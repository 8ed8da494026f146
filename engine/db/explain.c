// EXPLAIN: the plan as text, with what the planner expects of each node, and with ANALYZE what was seen of
// it.
#include "engine/base/clock.h"
#include "engine/db/system.h"
#include "engine/exec/measure.h"

enum { EXPLAIN_TEXT_MAX = 16 << 20 };

typedef struct ExplainOptions {
    bool analyze, costs, timing, summary;
} ExplainOptions;

static bool option_yes(const AstOption *o, bool *out, Err *err)
{
    static const Str yes[] = {{"true", 4}, {"on", 2}, {"1", 1}}, no[] = {{"false", 5}, {"off", 3}, {"0", 1}};
    *out = true;
    if (!o->value) return true;
    for (size_t i = 0; i < COUNT_OF(yes); i++)
        if (str_equal_fold(o->value->text, yes[i])) return true;
    *out = false;
    for (size_t i = 0; i < COUNT_OF(no); i++)
        if (str_equal_fold(o->value->text, no[i])) return true;
    return err_set_at(err, SQLSTATE_SYNTAX, o->name.at, "%.*s requires a Boolean value",
                      STR_ARG(o->name.text));
}

static bool option_format(const AstOption *o, Err *err)
{
    static const char *const others[] = {"json", "xml", "yaml"};
    Str text = o->value ? o->value->text : STR_NONE;
    if (str_equal_fold(text, STR("text"))) return true;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (str_equal_fold(text, str_of(others[i])))
            return err_set_at(err, SQLSTATE_UNSUPPORTED, o->name.at, "EXPLAIN (FORMAT %s) is not supported",
                              others[i]);
    return err_set_at(err, "22023", o->name.at, "unrecognized value for EXPLAIN option \"format\": \"%.*s\"",
                      STR_ARG(text));
}

// VERBOSE, BUFFERS, SETTINGS and WAL are taken and add nothing: a node's text says all there is.
static bool take_option(const AstOption *o, ExplainOptions *out, Err *err)
{
    static const char *const plain[] = {"verbose", "buffers", "settings", "wal"};
    const struct {
        const char *name;
        bool *value;
    } known[] = {{"analyze", &out->analyze},
                 {"costs", &out->costs},
                 {"timing", &out->timing},
                 {"summary", &out->summary}};
    bool ignored;
    Str name = o->name.text;
    if (str_equal(name, STR("format"))) return option_format(o, err);
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_equal(name, str_of(known[i].name))) return option_yes(o, known[i].value, err);
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        if (str_equal(name, str_of(plain[i]))) return option_yes(o, &ignored, err);
    return err_set_at(err, SQLSTATE_SYNTAX, o->name.at, "unrecognized EXPLAIN option \"%.*s\"",
                      STR_ARG(name));
}

static bool take_options(const AstExplain *e, ExplainOptions *out, Err *err)
{
    *out = (ExplainOptions){.analyze = e->analyze, .costs = true, .timing = true, .summary = true};
    for (uint32_t i = 0; i < e->options.count; i++)
        if (!take_option(&e->options.at[i], out, err)) return false;
    return true;
}

static bool put_lines(Run *run, Str text, Err *err)
{
    static const char *const name[] = {"QUERY PLAN"};
    static const Type type[] = {{.id = TYPE_TEXT}};
    SystemRows out;
    if (!system_rows_begin(&out, run, name, type, 1, err)) return false;
    while (text.len) {
        Str line = str_cut(&text, '\n');
        system_put_text(&out, line);
        if (!system_row_done(&out)) break;
    }
    return system_rows_end(&out, err);
}

static void no_note(void *arg, const PlanNode *node, Bytes *out)
{
    (void)arg;
    (void)node;
    (void)out;
}

// What the statement did, without the parts that differ from run to run.
static void rows_note(void *measure, const PlanNode *node, Bytes *out)
{
    const MeasureSeen *s = measure_find(measure, node);
    bytes_printf(out, s && s->loops ? "  (%llu rows seen)" : "  (never run)", s ? atomic_load(&s->rows) : 0);
}

static bool run_measured(Run *run, const Plan *plan, const ExplainOptions *o, Bytes *text, Err *err)
{
    Run inner = *run;
    Measure *m = measure_new();
    if (!m) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to measure a statement");
    inner.sink = NULL;
    inner.measure = m;
    int64_t start = clock_mono_us();
    bool good = query_run_plan(&inner, plan, NULL, 0, err);
    int64_t spent = clock_mono_us() - start;
    if (good) {
        plan_text_noted(plan->root, o->timing ? measure_text : rows_note, m, text);
        if (o->summary)
            bytes_printf(text, "Execution: %lld rows in %.3f ms\n", (long long)inner.rows,
                         (double)spent / 1000.0);
        run->verb = inner.verb;
        run->table = inner.table;
        run->counts = inner.counts;
    }
    measure_free(m);
    return good;
}

bool query_explain(Run *run, const AstExplain *e, Err *err)
{
    ExplainOptions o;
    Plan *plan;
    Bytes text;
    if (!take_options(e, &o, err)) return false;
    if (e->statement->kind > STATEMENT_DELETE)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, e->statement->at, "EXPLAIN %s is not supported",
                          ast_statement_name(e->statement));
    if (!query_plan(&plan, run, e->statement, err)) return false;
    bytes_init(&text, EXPLAIN_TEXT_MAX);
    bool good = true;
    if (o.analyze)
        good = run_measured(run, plan, &o, &text, err);
    else
        plan_text_noted(plan->root, o.costs ? NULL : no_note, NULL, &text);
    if (good && text.failed) good = err_set(err, SQLSTATE_LIMIT, "the plan's text is too long");
    good = good && put_lines(run, bytes_str(&text), err);
    run->tag = "EXPLAIN";
    bytes_done(&text);
    plan_free(plan);
    return good;
}
