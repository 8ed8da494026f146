// A Source that answers from a script: see kit_fake_source.h.
#include "tests/unit/kit_fake_source.h"

#include "engine/base/arena.h"
#include "engine/data/cast.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_ANSWERS = 64, FAKE_COLUMNS = 64, FAKE_LOG = 64 << 20 };

typedef struct FakeAnswer {
    Str begins, columns, rows;
    const char *state, *text;
    int64_t at;
} FakeAnswer;

struct FakeSource {
    Source base;
    Arena mem;
    FakeAnswer answer[FAKE_ANSWERS];
    size_t answers;
    Bytes log;
    SourceState state;
    uint32_t batch_rows;
};

static Str take_cell(Arena *mem, Str cell)
{
    char *out = arena_get(mem, cell.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < cell.len; i++) {
        char c = cell.at[i];
        if (c == '\\' && i + 1 < cell.len) {
            c = cell.at[++i];
            uint64_t hex;
            if (c == 'n')
                c = '\n';
            else if (c == 'p')
                c = '|';
            else if (c == 'x' && str_to_hex64(str_slice(cell, i + 1, 2), &hex))
                c = (char)hex, i += 2;
        }
        out[len++] = c;
    }
    return (Str){out, len};
}

static uint32_t read_columns(Str text, ResultColumn *out)
{
    uint32_t count = 0;
    while ((text = str_trim(text)).len) {
        Str type = str_cut(&text, ' '), name = str_cut(&type, ':');
        Err err = {0};
        int64_t mods[2];
        size_t mod_count = 0;
        Str mod = type, base = str_cut(&mod, '(');
        while (mod.len && mod_count < 2) {
            Str one = str_cut(&mod, ',');
            if (str_ends(one, STR(")"))) one.len--;
            assert(str_to_int64(one, &mods[mod_count]));
            mod_count++;
        }
        out[count].name = name;
        if (str_equal(base, STR("double"))) base = STR("double precision");
        bool ok = type_from_name(&out[count].type, base.len ? base : STR("text"), mods, mod_count, &err);
        assert(ok);
        (void)ok;
        count++;
    }
    return count;
}

static bool give_rows(FakeSource *f, const FakeAnswer *a, const ResultSink *sink, int64_t *rows)
{
    Arena mem = {0};
    ResultColumn column[FAKE_COLUMNS];
    Type type[FAKE_COLUMNS];
    uint32_t columns = read_columns(a->columns, column);
    for (uint32_t i = 0; i < columns; i++) type[i] = column[i].type;
    bool more = !sink->columns || sink->columns(sink->self, column, columns);
    Str rest = a->rows;
    uint32_t most = f->batch_rows ? f->batch_rows : BATCH_ROWS;
    while (more && rest.len) {
        Batch *b = batch_new(&mem, type, columns);
        while (rest.len && b->rows < most) {
            Str line = str_cut(&rest, '\n');
            for (uint32_t i = 0; i < columns; i++) {
                Str cell = str_cut(&line, '|');
                Err err = {0};
                Value v;
                if (str_equal(cell, STR("~"))) {
                    vector_set_null(&b->vector[i], b->rows);
                    continue;
                }
                bool ok = cast_text_to_value(&v, take_cell(&mem, cell), type[i], &mem, &err);
                assert(ok);
                (void)ok;
                vector_set_value(&b->vector[i], b->rows, &v);
            }
            b->rows++;
        }
        b->sel_len = b->rows;
        *rows += b->rows;
        more = !sink->rows || sink->rows(sink->self, b);
    }
    arena_done(&mem);
    return true;
}

static void follow(FakeSource *f, Str text)
{
    if (str_starts(text, STR("BEGIN"))) f->state.in_transaction = true;
    if (str_starts(text, STR("COMMIT")) || str_starts(text, STR("ROLLBACK"))) f->state.in_transaction = false;
    if (!str_starts(text, STR("USE "))) return;
    Str name = str_slice(text, 4, text.len);
    if (str_starts(name, STR("\""))) name = str_slice(name, 1, name.len - 2);
    memset(f->state.database, 0, sizeof f->state.database);
    memcpy(f->state.database, name.at, name.len < 63 ? name.len : 63);
}

static bool fake_run(Source *s, Str text, const ResultSink *sink, Err *err)
{
    FakeSource *f = (FakeSource *)s;
    for (size_t i = 0; i < text.len; i++) bytes_put_byte(&f->log, text.at[i] == '\n' ? ' ' : text.at[i]);
    bytes_put_byte(&f->log, '\n');
    if (sink->begin) sink->begin(sink->self, 0, 0, text.len);
    const FakeAnswer *a = NULL;
    for (size_t i = f->answers; i-- > 0 && !a;)
        if (str_starts(text, f->answer[i].begins)) a = &f->answer[i];
    if (a && a->state) {
        err_set_at(err, a->state, a->at, "%s", a->text);
        if (sink->error) sink->error(sink->self, err);
        return false;
    }
    follow(f, text);
    int64_t rows = 0;
    if (a) give_rows(f, a, sink, &rows);
    Str first = text;
    first = str_cut(&first, ' ');
    if (sink->done) sink->done(sink->self, first, rows, 0);
    return true;
}

static void fake_cancel(Source *s) { (void)s; }
static void fake_state(Source *s, SourceState *out) { *out = ((FakeSource *)s)->state; }
static void fake_progress(Source *s, SourceProgress *out)
{
    (void)s;
    *out = (SourceProgress){0};
}
static size_t fake_spans(Source *s, Str text, Span *out, size_t max)
{
    (void)s, (void)text, (void)out, (void)max;
    return 0;
}
static void fake_close(Source *s) { (void)s; }

static const SourceKind fake_kind = {"fake",        fake_run,   fake_cancel, fake_state,
                                     fake_progress, fake_spans, fake_close};

FakeSource *fake_new(void)
{
    FakeSource *f = calloc(1, sizeof *f);
    f->base.kind = &fake_kind;
    bytes_init(&f->log, FAKE_LOG);
    memcpy(f->state.user, "alice", 6);
    memcpy(f->state.node, "vm1", 4);
    memcpy(f->state.kind, "d2db", 5);
    return f;
}

void fake_free(FakeSource *f)
{
    arena_done(&f->mem);
    bytes_done(&f->log);
    free(f);
}

Source *fake_source(FakeSource *f) { return &f->base; }

void fake_answer(FakeSource *f, const char *begins, const char *columns, const char *rows)
{
    assert(f->answers < FAKE_ANSWERS);
    f->answer[f->answers++] =
        (FakeAnswer){.begins = str_of(begins), .columns = str_of(columns), .rows = str_of(rows)};
}

void fake_fail(FakeSource *f, const char *begins, const char *state, const char *text, int64_t at)
{
    assert(f->answers < FAKE_ANSWERS);
    f->answer[f->answers++] = (FakeAnswer){.begins = str_of(begins), .state = state, .text = text, .at = at};
}

const char *fake_log(const FakeSource *f) { return f->log.at ? f->log.at : ""; }
void fake_forget(FakeSource *f) { bytes_clear(&f->log); }
void fake_batch_rows(FakeSource *f, uint32_t rows) { f->batch_rows = rows; }
