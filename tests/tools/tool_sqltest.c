// tool_sqltest [-j N] FILE…: runs sqllogictest files on the engine, each in a fresh data directory with the
// database "test" chosen, N files at once; prints TAP, one test per file. Records: statement ok | error
// [SQLSTATE or regular expression] | count N; query TYPES [nosort|rowsort|valuesort] [label] with ---- and
// values, rows, or "N values hashing to MD5"; query error …; skipif/onlyif NAME (we are d2db and postgresql);
// connection NAME (for the next record); reopen (closes the engine and opens it again); hash-threshold,
// include FILE, halt.
#include "engine/data/cast.h"
#include "engine/data/source.h"
#include "tests/unit/kit_engine.h"
#include "tests/unit/kit_md5.h"

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FILE_BYTES_MAX = 256 << 20,
    RESULT_BYTES_MAX = 1 << 30,
    REPORT_MAX = 1 << 20,
    SHOWN_FAILURES = 10,
    CONNECTIONS_MAX = 8,
    INCLUDE_DEPTH_MAX = 8,
    CELL_MAX = 1 << 16
};

typedef struct Connection {
    char name[32];
    Source *source;
} Connection;

typedef struct Script {
    KitEngine *kit;
    Connection connection[CONNECTIONS_MAX];
    size_t connections;
    Source *now; // of the next record
    const char *path;
    Str rest; // of the file
    unsigned line;
    unsigned failures, records;
    bool skip, halt, server_text;
    Bytes report;
} Script;

// Cells of one result, as the format writes them.
typedef struct Result {
    const char *types;
    size_t columns, cells, cap;
    Str *cell;
    Arena mem;
    uint64_t rows;
    int64_t changed;
    bool server_text; // cells as PostgreSQL sends them, not as SQLite's tests want them
} Result;

static void complain(Script *s, unsigned line, const char *format, ...) PRINTF_LIKE(3, 4);
static void complain(Script *s, unsigned line, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (s->failures++ < SHOWN_FAILURES) bytes_printf(&s->report, "# %s:%u: %s\n", s->path, line, text);
}

// ---- results ----

static Str shown_text(Result *r, Str text)
{
    if (!text.len) return STR("(empty)");
    char *out = arena_get(&r->mem, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        out[i] = text.at[i] == '\n' || text.at[i] == '\r' || !text.at[i] ? '@' : text.at[i];
    return (Str){out, text.len};
}

// As a server sends it: control characters as @, blanks alone by their number.
static Str server_text(Result *r, Str text)
{
    char *out = arena_get(&r->mem, text.len + 1);
    size_t blanks = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        blanks += c == ' ';
        out[i] = c < 32 || c == 127 ? '@' : (char)c;
    }
    if (!text.len) return STR("(empty)");
    return blanks == text.len ? arena_printf(&r->mem, "(%zu spaces)", blanks) : (Str){out, text.len};
}

static Str shown_cell(Result *r, const Vector *v, uint32_t row, char type)
{
    if (vector_is_null(v, row)) return STR("NULL");
    Bytes text;
    bytes_init(&text, CELL_MAX);
    cast_cell_to_text(v, row, &text);
    Str raw = arena_copy(&r->mem, bytes_str(&text));
    bytes_done(&text);
    if (r->server_text) return server_text(r, raw);
    bool is_boolean = v->type.id == TYPE_BOOLEAN;
    if (type == 'I') {
        if (is_boolean) return str_equal(raw, STR("t")) ? STR("1") : STR("0");
        int64_t whole;
        if (!str_to_int64(raw, &whole)) whole = (int64_t)strtod(arena_cstr(&r->mem, raw), NULL);
        return arena_printf(&r->mem, "%lld", (long long)whole);
    }
    if (type == 'R') return arena_printf(&r->mem, "%.3f", strtod(arena_cstr(&r->mem, raw), NULL));
    return shown_text(r, raw);
}

static void add_cell(Result *r, Str cell)
{
    if (r->cells == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 256;
        r->cell = realloc(r->cell, r->cap * sizeof *r->cell);
        if (!r->cell) exit(1);
    }
    r->cell[r->cells++] = cell;
}

static bool take_columns(void *self, const ResultColumn *column, uint32_t count)
{
    (void)column;
    Result *r = self;
    r->columns = count;
    r->cells = 0;
    return true;
}

static bool take_rows(void *self, const Batch *b)
{
    Result *r = self;
    size_t types = strlen(r->types);
    for (uint32_t i = 0; i < b->sel_len; i++)
        for (uint32_t c = 0; c < b->columns; c++)
            add_cell(r, shown_cell(r, &b->vector[c], batch_row(b, i), c < types ? r->types[c] : 'T'));
    r->rows += b->sel_len;
    return true;
}

static void take_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    (void)tag, (void)duration_us;
    ((Result *)self)->changed = rows;
}

static void result_done(Result *r)
{
    free(r->cell);
    arena_done(&r->mem);
}

static bool run(Script *s, Str sql, Result *r, Err *err)
{
    ResultSink sink = {.self = r, .columns = take_columns, .rows = take_rows, .done = take_done};
    *err = (Err){.at = -1};
    return source_run(s->now, sql, &sink, err);
}

// ---- sorting, hashing ----

static int compare_cells(const void *a, const void *b)
{
    return str_compare(*(const Str *)a, *(const Str *)b);
}

typedef struct Row {
    const Str *cell;
    size_t columns;
} Row;

static int compare_rows(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    for (size_t i = 0; i < x->columns; i++) {
        int order = str_compare(x->cell[i], y->cell[i]);
        if (order) return order;
    }
    return 0;
}

static void sort_rows(Result *r)
{
    size_t rows = r->columns ? r->cells / r->columns : 0;
    Row *row = calloc(rows + 1, sizeof *row);
    Str *sorted = calloc(r->cells + 1, sizeof *sorted);
    if (!row || !sorted) exit(1);
    for (size_t i = 0; i < rows; i++) row[i] = (Row){r->cell + i * r->columns, r->columns};
    qsort(row, rows, sizeof *row, compare_rows);
    for (size_t i = 0; i < rows; i++)
        memcpy(sorted + i * r->columns, row[i].cell, r->columns * sizeof *sorted);
    free(row);
    free(r->cell);
    r->cell = sorted;
    r->cap = r->cells + 1;
}

static void hash(const Result *r, char out[33])
{
    Bytes all;
    bytes_init(&all, RESULT_BYTES_MAX);
    for (size_t i = 0; i < r->cells; i++) {
        bytes_put(&all, r->cell[i]);
        bytes_put_byte(&all, '\n');
    }
    kit_md5_hex(all.at, all.len, out);
    bytes_done(&all);
}

// ---- the file ----

static Str next_line(Script *s)
{
    s->line++;
    Str line = str_cut(&s->rest, '\n');
    if (line.len && line.at[line.len - 1] == '\r') line.len--;
    return line;
}

static Str next_word(Str *rest)
{
    *rest = str_trim(*rest);
    return str_cut(rest, ' ');
}

// The lines up to an empty one or ----; *results tells which.
static Str read_sql(Script *s, bool *results)
{
    const char *from = s->rest.at;
    size_t len = 0;
    *results = false;
    while (s->rest.len) {
        Str line = next_line(s);
        if (str_equal(line, STR("----"))) {
            *results = true;
            break;
        }
        if (!str_trim(line).len) break;
        len = (size_t)(line.at + line.len - from);
    }
    return (Str){from, len};
}

static bool is_state(Str s)
{
    if (s.len != 5) return false;
    for (size_t i = 0; i < 5; i++)
        if (!((s.at[i] >= '0' && s.at[i] <= '9') || (s.at[i] >= 'A' && s.at[i] <= 'Z'))) return false;
    return true;
}

static bool error_fits(Str wanted, const Err *err)
{
    if (!wanted.len) return true;
    if (is_state(wanted)) return str_equal(wanted, str_of(err->state));
    regex_t re;
    char pattern[1024];
    snprintf(pattern, sizeof pattern, "%.*s", STR_ARG(wanted));
    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB)) return strstr(err->text, pattern) != NULL;
    bool fits = regexec(&re, err->text, 0, NULL, 0) == 0;
    regfree(&re);
    return fits;
}

static void expect_error(Script *s, unsigned line, bool good, Str wanted, const Err *err)
{
    if (good)
        complain(s, line, "succeeded, but error %.*s was expected", STR_ARG(wanted));
    else if (!error_fits(wanted, err))
        complain(s, line, "failed with %s %s, but %.*s was expected", err->state, err->text, STR_ARG(wanted));
}

static void statement(Script *s, Str rest)
{
    unsigned line = s->line;
    Str what = next_word(&rest);
    bool results;
    Str sql = read_sql(s, &results);
    if (results) (void)read_sql(s, &results);
    if (s->skip) return;
    Result r = {.types = "", .server_text = s->server_text};
    Err err;
    int64_t count;
    bool good = run(s, sql, &r, &err);
    s->records++;
    if (str_equal(what, STR("error")))
        expect_error(s, line, good, str_trim(rest), &err);
    else if (!good)
        complain(s, line, "%s %s (line %u, column %u)", err.state, err.text, err.line, err.column);
    else if (str_equal(what, STR("count")) && (!str_to_int64(str_trim(rest), &count) || count != r.changed))
        complain(s, line, "%lld rows, but %.*s were expected", (long long)r.changed, STR_ARG(rest));
    result_done(&r);
}

static bool hash_line(Script *s, unsigned line, Str expected, const Result *r)
{
    size_t at = str_find(expected, STR(" values hashing to "), 0);
    if (at == SIZE_MAX) return false;
    char md5[33], want[64];
    hash(r, md5);
    snprintf(want, sizeof want, "%zu values hashing to %s", r->cells, md5);
    if (!str_equal(expected, str_of(want)))
        complain(s, line, "got %s, expected %.*s", want, STR_ARG(expected));
    return true;
}

static Str row_text(Result *r, size_t row, char between)
{
    Bytes b;
    bytes_init(&b, CELL_MAX * 16);
    for (size_t c = 0; c < r->columns; c++) {
        if (c) bytes_put_byte(&b, between);
        bytes_put(&b, r->cell[row * r->columns + c]);
    }
    Str text = arena_copy(&r->mem, bytes_str(&b));
    bytes_done(&b);
    return text;
}

// Lines hold one value each, or one row each with tabs or single blanks between its values.
static void compare(Script *s, unsigned line, Str expected, Result *r)
{
    if (hash_line(s, line, expected, r)) return;
    size_t lines = 0, rows = r->columns ? r->cells / r->columns : 0;
    for (Str e = expected; e.len; lines++) (void)str_cut(&e, '\n');
    bool by_row = lines == rows && r->columns > 1;
    if (!by_row && lines != r->cells) {
        complain(s, line, "%zu values in %zu rows, but %zu lines were expected", r->cells, rows, lines);
        lines = lines < r->cells ? lines : r->cells;
    }
    for (size_t i = 0; i < lines; i++) {
        Str want = str_cut(&expected, '\n');
        if (want.len && want.at[want.len - 1] == '\r') want.len--;
        Str got = by_row ? row_text(r, i, '\t') : r->cell[i];
        if (str_equal(want, got) || (by_row && str_equal(want, row_text(r, i, ' ')))) continue;
        complain(s, line, "%s %zu is \"%.*s\", expected \"%.*s\"", by_row ? "row" : "value", i + 1,
                 STR_ARG(got), STR_ARG(want));
        return;
    }
}

static void query(Script *s, Str rest)
{
    unsigned line = s->line;
    Str types = next_word(&rest);
    Str mode = str_equal(types, STR("error")) ? STR_NONE : next_word(&rest);
    bool results;
    Str sql = read_sql(s, &results), expected = STR_NONE;
    if (results) expected = read_sql(s, &results);
    if (s->skip) return;
    char type_text[64];
    snprintf(type_text, sizeof type_text, "%.*s", STR_ARG(types));
    Result r = {.types = type_text, .server_text = s->server_text};
    Err err;
    bool good = run(s, sql, &r, &err);
    s->records++;
    if (str_equal(types, STR("error")))
        expect_error(s, line, good, str_trim(rest), &err);
    else if (!good)
        complain(s, line, "%s %s (line %u, column %u)", err.state, err.text, err.line, err.column);
    else if (r.columns != types.len)
        complain(s, line, "%zu columns, but the record says %zu", r.columns, types.len);
    else {
        if (str_equal(mode, STR("rowsort"))) sort_rows(&r);
        if (str_equal(mode, STR("valuesort"))) qsort(r.cell, r.cells, sizeof *r.cell, compare_cells);
        compare(s, line, expected, &r);
    }
    result_done(&r);
}

static bool is_us(Str name) { return str_equal(name, STR("d2db")) || str_equal(name, STR("postgresql")); }

static void connection(Script *s, Str name)
{
    for (size_t i = 0; i < s->connections; i++)
        if (str_equal(name, str_of(s->connection[i].name))) {
            s->now = s->connection[i].source;
            return;
        }
    if (s->connections == CONNECTIONS_MAX) {
        complain(s, s->line, "more than %d connections", CONNECTIONS_MAX);
        return;
    }
    Connection *c = &s->connection[s->connections++];
    snprintf(c->name, sizeof c->name, "%.*s", STR_ARG(name));
    c->source = kit_engine_session(s->kit);
    Err err = {.at = -1};
    if (!source_run(c->source, STR("USE test"), NULL, &err)) complain(s, s->line, "%s", err.text);
    s->now = c->source;
}

static void close_connections(Script *s)
{
    for (size_t i = 0; i < s->connections; i++) source_close(s->connection[i].source);
    s->connections = 0;
}

static void reopen(Script *s)
{
    close_connections(s);
    kit_engine_reopen(s->kit);
    Err err = {.at = -1};
    if (!source_run(s->kit->session, STR("USE test"), NULL, &err)) complain(s, s->line, "%s", err.text);
}

static void run_file(Script *s, const char *path, unsigned depth);

static void include(Script *s, Str name, unsigned depth)
{
    char path[1024];
    const char *slash = strrchr(s->path, '/');
    snprintf(path, sizeof path, "%.*s%.*s", slash ? (int)(slash + 1 - s->path) : 0, s->path, STR_ARG(name));
    if (depth >= INCLUDE_DEPTH_MAX)
        complain(s, s->line, "includes are nested too deeply");
    else
        run_file(s, path, depth + 1);
}

static void record(Script *s, Str line, unsigned depth)
{
    Str rest = line, word = next_word(&rest);
    bool keep = true; // skip and connection stand for the next record only
    if (str_equal(word, STR("skipif")))
        s->skip |= is_us(next_word(&rest)), keep = false;
    else if (str_equal(word, STR("onlyif")))
        s->skip |= !is_us(next_word(&rest)), keep = false;
    else if (str_equal(word, STR("connection")))
        connection(s, next_word(&rest)), keep = false;
    else if (str_equal(word, STR("statement")))
        statement(s, rest);
    else if (str_equal(word, STR("query")))
        query(s, rest);
    else if (str_equal(word, STR("halt")))
        s->halt = !s->skip;
    else if (str_equal(word, STR("include")))
        include(s, str_trim(rest), depth);
    else if (str_equal(word, STR("reopen")))
        reopen(s);
    else if (!str_equal(word, STR("hash-threshold")))
        complain(s, s->line, "what is \"%.*s\"?", STR_ARG(word));
    if (!keep) return;
    s->skip = false;
    s->now = s->kit->session;
}

static void run_file(Script *s, const char *path, unsigned depth)
{
    Bytes content;
    Err err = {.at = -1};
    Script outer = *s;
    bytes_init(&content, FILE_BYTES_MAX);
    s->path = path;
    s->line = 0;
    if (!io_read_path(io_posix(), path, &content, &err)) complain(s, 0, "%s", err.text);
    s->rest = bytes_str(&content);
    s->now = s->kit->session;
    while (s->rest.len && !s->halt) {
        Str line = str_trim(next_line(s));
        if (line.len && line.at[0] != '#') record(s, line, depth);
    }
    bytes_done(&content);
    s->path = outer.path;
    s->rest = outer.rest;
    s->line = outer.line;
    s->halt = false;
}

// A file DIALECT in the script's directory, or in one above it, may hold the word pgtext.
static bool wants_server_text(const char *path)
{
    char name[4096];
    size_t len = strlen(path);
    for (; len > 0; len--) {
        if (path[len - 1] != '/' || len + sizeof "DIALECT" > sizeof name) continue;
        snprintf(name, sizeof name, "%.*sDIALECT", (int)len, path);
        FILE *f = fopen(name, "r");
        char word[16] = "";
        if (!f) continue;
        bool read = fscanf(f, "%15s", word) == 1;
        fclose(f);
        return read && strcmp(word, "pgtext") == 0;
    }
    return false;
}

static bool run_script(const char *path, unsigned number)
{
    KitEngine kit;
    Script s = {.kit = &kit, .path = path, .server_text = wants_server_text(path)};
    Err err = {.at = -1};
    bytes_init(&s.report, REPORT_MAX);
    kit_engine_open(&kit);
    if (!source_run(kit.session, STR("CREATE DATABASE test; USE test"), NULL, &err))
        complain(&s, 0, "%s %s", err.state, err.text);
    run_file(&s, path, 0);
    close_connections(&s);
    kit_engine_close(&kit);
    if (!s.records && !s.failures) complain(&s, 0, "the file has no record");
    printf("%sok %u - %s (%u records)\n%.*s", s.failures ? "not " : "", number, path, s.records,
           (int)s.report.len, s.report.at ? s.report.at : "");
    if (s.failures > SHOWN_FAILURES) printf("# and %u more\n", s.failures - SHOWN_FAILURES);
    fflush(stdout);
    bytes_done(&s.report);
    return s.failures == 0;
}

static bool wait_one(void)
{
    int status;
    return wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    int jobs = 1, option, running = 0;
    bool good = true;
    while ((option = getopt(argc, argv, "j:")) != -1)
        if (option == 'j') jobs = (int)strtol(optarg, NULL, 10);
    if (optind == argc || jobs < 1) {
        fprintf(stderr, "usage: tool_sqltest [-j N] FILE…\n");
        return 2;
    }
    printf("1..%d\n", argc - optind);
    fflush(stdout);
    for (int i = optind; i < argc; i++) {
        if (running == jobs) good &= wait_one(), running--;
        pid_t child = fork();
        if (child < 0) return 1;
        if (child == 0) {
            bool passed = run_script(argv[i], (unsigned)(i - optind + 1));
            exit(passed ? 0 : 1); // leaves by the sanitizers' own end
        }
        running++;
    }
    for (; running; running--) good &= wait_one();
    return good ? 0 : 1;
}
