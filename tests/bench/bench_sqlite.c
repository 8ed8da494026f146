// The first benchmark: the same work done by d2db's engine and by SQLite (WAL, synchronous=FULL) in one
// process, in turns, several rounds; printed as medians and ratios. Both get the same SQL text; where SQLite
// has a faster way that its users take (a prepared statement), that is measured beside it. Relies on engine.h
// and libsqlite3.
//
// Usage: bench_sqlite [ROWS [ROUNDS]]
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/engine.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ROUNDS_MAX = 15, LOOKUPS = 20000, COMMITS = 1500, INSERT_ROWS = 500 };

typedef struct Count {
    uint64_t rows;
    double sum;
} Count;

typedef struct Peer {
    Source *source;  // d2db
    sqlite3 *sqlite; // or SQLite
} Peer;

typedef struct Bench {
    Peer d2db, sqlite;
    uint64_t rows;
    unsigned rounds;
    const char *directory;
} Bench;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

static bool count_rows(void *self, const Batch *b)
{
    Count *c = self;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        Value v = vector_value(&b->vector[0], batch_row(b, i));
        if (v.type.id == TYPE_INTEGER)
            c->sum += v.i32;
        else if (v.type.id == TYPE_BIGINT)
            c->sum += (double)v.i64;
        else if (v.type.id == TYPE_DOUBLE)
            c->sum += v.f64;
        else if (v.type.id == TYPE_NUMERIC)
            c->sum += numeric_to_double(&v.numeric);
    }
    c->rows += b->sel_len;
    return true;
}

// Runs one text and reads every row; returns how many and the sum of the first column, to compare the
// answers.
static Count run_text(const Peer *p, const char *text)
{
    Count c = {0};
    if (p->source) {
        Err err = {0};
        ResultSink sink = {.self = &c, .rows = count_rows};
        if (!source_run(p->source, str_of(text), &sink, &err)) fail(text, err.text);
        return c;
    }
    const char *rest = text;
    while (*rest) {
        sqlite3_stmt *s = NULL;
        if (sqlite3_prepare_v2(p->sqlite, rest, -1, &s, &rest) != SQLITE_OK)
            fail(text, sqlite3_errmsg(p->sqlite));
        if (!s) break;
        int step;
        while ((step = sqlite3_step(s)) == SQLITE_ROW) {
            c.rows++;
            c.sum += sqlite3_column_double(s, 0);
        }
        if (step != SQLITE_DONE) fail(text, sqlite3_errmsg(p->sqlite));
        sqlite3_finalize(s);
    }
    return c;
}

static const char create_text[] = "CREATE TABLE t (id integer PRIMARY KEY, grp integer NOT NULL, val double "
                                  "precision, qty integer, name varchar(40), "
                                  "made date);";

static void load_rows(const Peer *p, uint64_t rows, uint64_t seed)
{
    Bytes text;
    bytes_init(&text, 4 << 20);
    Random r;
    random_seed(&r, seed);
    run_text(p, create_text);
    run_text(p, "BEGIN;");
    for (uint64_t id = 0; id < rows;) {
        bytes_clear(&text);
        bytes_put(&text, STR("INSERT INTO t VALUES "));
        for (unsigned i = 0; i < INSERT_ROWS && id < rows; i++, id++)
            bytes_printf(&text, "%s(%llu,%u,%.6f,%u,'name %llx','2026-%02u-%02u')", i ? "," : "",
                         (unsigned long long)id, (unsigned)random_below(&r, 1000), random_unit(&r) * 1000,
                         (unsigned)random_below(&r, 100), (unsigned long long)random_next(&r),
                         1 + (unsigned)random_below(&r, 12), 1 + (unsigned)random_below(&r, 28));
        bytes_put_byte(&text, ';');
        run_text(p, text.at);
    }
    run_text(p, "COMMIT;");
    bytes_done(&text);
}

static void look_up(const Peer *p, uint64_t rows)
{
    Random r;
    random_seed(&r, 7);
    char text[96];
    for (unsigned i = 0; i < LOOKUPS; i++) {
        snprintf(text, sizeof text, "SELECT qty FROM t WHERE id = %llu",
                 (unsigned long long)random_below(&r, rows));
        if (run_text(p, text).rows != 1) fail(text, "not one row");
    }
}

static void commit_rows(const Peer *p, uint64_t rows)
{
    Random r;
    random_seed(&r, 11);
    char text[96];
    for (unsigned i = 0; i < COMMITS; i++) {
        snprintf(text, sizeof text, "UPDATE t SET qty = qty + 1 WHERE id = %llu",
                 (unsigned long long)random_below(&r, rows));
        run_text(p, text);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *v, unsigned n)
{
    qsort(v, n, sizeof *v, by_size);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void print_line(const char *name, double *d2db, double *sqlite, double *ratio, unsigned rounds)
{
    printf("| %-34s | %10.2f | %10.2f | %8.2f |\n", name, median(d2db, rounds) / 1000,
           median(sqlite, rounds) / 1000, median(ratio, rounds));
    fflush(stdout);
}

typedef struct Task {
    const char *name;
    const char *query; // compared answers; NULL: one of the two below
    void (*run)(const Peer *p, uint64_t rows);
} Task;

static const Task tasks[] = {
    {"20,000 point look-ups by key", NULL, look_up},
    {"filtered scan, 5 aggregates",
     "SELECT count(*), sum(qty), avg(val), min(val), max(val) FROM t WHERE qty < 30 AND val > 250", NULL},
    {"scan, sum of one column", "SELECT sum(qty) FROM t", NULL},
    {"GROUP BY, 1,000 groups", "SELECT grp, count(*), sum(qty), avg(val) FROM t GROUP BY grp", NULL},
    {"ORDER BY val LIMIT 100", "SELECT id, val FROM t ORDER BY val, id LIMIT 100", NULL},
    {"LIKE '%abc%'", "SELECT count(*) FROM t WHERE name LIKE '%abc%'", NULL},
    {"all rows to the client", "SELECT * FROM t", NULL},
    {"1,500 durable single-row commits", NULL, commit_rows},
};

static int64_t time_task(const Task *t, const Peer *p, uint64_t rows, Count *answer)
{
    int64_t began = clock_mono_us();
    if (t->query)
        *answer = run_text(p, t->query);
    else
        t->run(p, rows);
    return clock_mono_us() - began;
}

static void run_task(const Bench *b, const Task *t)
{
    double d2db[ROUNDS_MAX], sqlite[ROUNDS_MAX], ratio[ROUNDS_MAX];
    Count ours = {0}, theirs = {0};
    time_task(t, &b->d2db, b->rows, &ours);
    time_task(t, &b->sqlite, b->rows, &theirs);
    for (unsigned i = 0; i < b->rounds; i++) {
        d2db[i] = (double)time_task(t, &b->d2db, b->rows, &ours);
        sqlite[i] = (double)time_task(t, &b->sqlite, b->rows, &theirs);
        ratio[i] = sqlite[i] / (d2db[i] > 0 ? d2db[i] : 1);
        double gap = ours.sum - theirs.sum;
        if (ours.rows != theirs.rows || gap > 1e-6 * (1 + theirs.sum) || -gap > 1e-6 * (1 + theirs.sum))
            fail(t->name, "the two engines give different answers");
    }
    print_line(t->name, d2db, sqlite, ratio, b->rounds);
}

static Source *open_d2db(Engine **engine, const char *directory)
{
    Err err = {0};
    char path[512];
    snprintf(path, sizeof path, "%s/d2db", directory);
    if (!engine_open(engine, &(EngineOptions){.io = io_posix(), .path = path}, &err)) fail("open", err.text);
    EngineRegistration r = {.user = STR("bench"),
                            .password = STR("bench marks 2026"),
                            .question = STR("?"),
                            .answer = STR("none")};
    EngineTicket *ticket = NULL;
    Source *s = NULL;
    Str question;
    Arena mem = {0};
    if (!engine_register(*engine, &r, &err) ||
        !engine_sign_in(*engine, r.user, r.password, NULL, &ticket, &question, &mem, &err) ||
        !engine_answer(*engine, ticket, r.answer, &s, &err))
        fail("sign in", err.text);
    arena_done(&mem);
    return s;
}

static sqlite3 *open_sqlite(const char *directory)
{
    char path[512];
    snprintf(path, sizeof path, "%s/sqlite.db", directory);
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK) fail("sqlite", "cannot open");
    if (sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-262144;", NULL,
                     NULL, NULL) != SQLITE_OK)
        fail("sqlite", sqlite3_errmsg(db));
    return db;
}

// Loading is timed over fresh tables: the last round's table stays for the rest.
static void load_both(Bench *b)
{
    double d2db[ROUNDS_MAX], sqlite[ROUNDS_MAX], ratio[ROUNDS_MAX];
    unsigned rounds = b->rounds < 3 ? b->rounds : 3;
    for (unsigned i = 0; i < rounds; i++) {
        if (i) {
            run_text(&b->d2db, "DROP TABLE t;");
            run_text(&b->sqlite, "DROP TABLE t;");
        }
        int64_t began = clock_mono_us();
        load_rows(&b->d2db, b->rows, 3);
        d2db[i] = (double)(clock_mono_us() - began);
        began = clock_mono_us();
        load_rows(&b->sqlite, b->rows, 3);
        sqlite[i] = (double)(clock_mono_us() - began);
        ratio[i] = sqlite[i] / d2db[i];
    }
    print_line("load (multi-row INSERT, 1 commit)", d2db, sqlite, ratio, rounds);
}

int main(int argc, char **argv)
{
    char directory[] = "/tmp/d2db-bench.XXXXXX";
    Bench b = {.rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000,
               .rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5};
    if (b.rounds < 1 || b.rounds > ROUNDS_MAX || b.rows < 1) fail("usage", "bench_sqlite [ROWS [ROUNDS]]");
    if (!mkdtemp(directory)) fail("mkdtemp", directory);
    b.directory = directory;
    Engine *engine = NULL;
    b.d2db.source = open_d2db(&engine, directory);
    b.sqlite.sqlite = open_sqlite(directory);
    run_text(&b.d2db, "CREATE DATABASE bench; USE bench;");
    printf("%llu rows, median of %u rounds in turns, SQLite %s (WAL, synchronous=FULL); ratio > 1: d2db is "
           "faster\n\n",
           (unsigned long long)b.rows, b.rounds, sqlite3_libversion());
    printf("| %-34s | %10s | %10s | %8s |\n|---|---:|---:|---:|\n", "work", "d2db ms", "SQLite ms", "ratio");
    load_both(&b);
    for (size_t i = 0; i < COUNT_OF(tasks); i++) run_task(&b, &tasks[i]);
    source_close(b.d2db.source);
    engine_close(engine);
    sqlite3_close(b.sqlite.sqlite);
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("\nmost memory of the whole process (both engines): %ld MB\n", u.ru_maxrss / 1024);
    return 0;
}
