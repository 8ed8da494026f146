// Repair: after random damage to table files and log the directory is clean, every row whose block was whole
// is there, what is lost is told, and the damaged files are kept aside.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include "engine/base/random.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = STORE_BLOCK_ROWS + 1000, COMMITS = 5, ROUNDS = 12, ROUNDS_FULL = 400 };
#define FILE_T "data/databases/db/t.d2t"

typedef struct Told {
    Bytes text;
    unsigned lost;
} Told;

static void on_told(void *self, const char *file, const char *sentence)
{
    Told *t = self;
    t->lost += strstr(sentence, "lost") != NULL;
    bytes_printf(&t->text, "%s: %s\n", file, sentence);
}

static void insert(KitStore *k, const char *table, int from, int to)
{
    Err err = {0};
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    for (int i = from; i < to; i++) {
        char row[64];
        snprintf(row, sizeof row, "%d|row %d", i, i);
        assert_ok(kit_store_insert(t, kit_store_table(t, table), row, &err), &err);
    }
    kit_store_commit(t);
}

// Two blocks of t in its file, one row of "other" in another, and some commits of t in the log.
static void make(KitDir *d)
{
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text");
    kit_store_create(&k, "other", "id bigint!, name text");
    insert(&k, "t", 0, ROWS);
    insert(&k, "other", 7, 8);
    assert_ok(store_checkpoint(k.s, &err), &err);
    for (int i = 0; i < COMMITS; i++) insert(&k, "t", ROWS + i, ROWS + i + 1);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_delete(t, kit_store_table(t, "t"), 5, &err), &err); // of block 0, which may get lost
    kit_store_commit(t);
    kit_store_copy(&k, d);
    kit_store_done(&k);
}

static void repair(const KitDir *d, Told *told)
{
    char path[KIT_PATH_MAX];
    Err err = {0};
    uint64_t files, rows;
    *told = (Told){0};
    bytes_init(&told->text, 1 << 20);
    kit_dir_path(d, "data", path);
    assert_ok(store_repair(io_posix(), path, on_told, told, &err), &err);
    Told clean = {0};
    bytes_init(&clean.text, 1 << 20);
    assert_ok(store_check(io_posix(), path, on_told, &clean, &files, &rows, &err), &err);
    if (clean.text.len) fail_msg("still damaged: %s", clean.text.at);
    bytes_done(&clean.text);
}

// Marks which of the ids 0 … ROWS + COMMITS - 1 are there.
static void read_ids(const KitDir *d, bool *there)
{
    KitStore k = {.dir = *d};
    Err err = {0};
    Bytes dumped;
    uint64_t id;
    k.options = (StoreOptions){
        .io = io_posix(), .path = kit_dir_path(d, "data", k.path), .node = 1, .no_background = true};
    assert_ok(store_open(&k.s, &k.options, &err), &err);
    kit_store_expect(&k, "other", "7|row 7\n");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_dump(t, kit_store_table(t, "t"), &dumped, &err), &err);
    memset(there, 0, ROWS + COMMITS);
    for (Str rest = bytes_str(&dumped); rest.len;) {
        char want[32];
        Str line = str_cut(&rest, '\n');
        assert_true(str_to_uint64(str_cut(&line, '|'), &id) && id < ROWS + COMMITS && !there[id]);
        snprintf(want, sizeof want, "row %llu", (unsigned long long)id);
        assert_true(str_equal(line, str_of(want)));
        there[id] = true;
    }
    bytes_done(&dumped);
    kit_store_commit(t);
    insert(&k, "t", 9000000, 9000001); // it goes on
    store_close(k.s);
}

// The only segment there is.
static const char *log_file(const KitDir *d, char name[64])
{
    char path[KIT_PATH_MAX];
    int i = 0;
    do snprintf(name, 64, "data/log/%012d.d2l", ++i);
    while (i < 20 && access(kit_dir_path(d, name, path), F_OK) != 0);
    return name;
}

static void damage(const KitDir *d, const char *file, size_t at)
{
    size_t len;
    char *text = kit_dir_read(d, file, &len);
    assert_true(at < len);
    text[at] ^= 1;
    kit_dir_write(d, file, text, len);
    free(text);
}

static size_t size_of(const KitDir *d, const char *file)
{
    size_t len;
    free(kit_dir_read(d, file, &len));
    return len;
}

static void whole_directories_stay(void **state)
{
    (void)state;
    KitDir d;
    Told told;
    static bool there[ROWS + COMMITS];
    make(&d);
    repair(&d, &told);
    assert_int_equal(told.text.len, 0);
    bytes_done(&told.text);
    read_ids(&d, there);
    for (int i = 0; i < ROWS + COMMITS; i++) assert_true(there[i] == (i != 5));
    kit_dir_remove(&d);
}

static void a_damaged_block_takes_only_its_rows(void **state)
{
    (void)state;
    KitDir d;
    Told told;
    static bool there[ROWS + COMMITS];
    make(&d);
    damage(&d, FILE_T, 2000); // in block 0
    repair(&d, &told);
    assert_non_null(strstr(told.text.at, "65536 rows are lost"));
    assert_non_null(strstr(told.text.at, "id from 0 to 65535"));
    assert_non_null(strstr(told.text.at, "damaged/db-t.d2t.1"));
    bytes_done(&told.text);
    assert_true(size_of(&d, "data/damaged/db-t.d2t.1") > 0);
    read_ids(&d, there);
    for (int i = 0; i < ROWS + COMMITS; i++) assert_true(there[i] == (i >= STORE_BLOCK_ROWS));
    kit_dir_remove(&d);
}

static void a_damaged_log_keeps_what_stands_before(void **state)
{
    (void)state;
    KitDir d;
    Told told;
    static bool there[ROWS + COMMITS];
    make(&d);
    size_t len;
    char name[64];
    char *log = kit_dir_read(&d, log_file(&d, name), &len), *third = log;
    for (int i = 0; i < 3; i++) third = strstr(third + 1, "\ncommit ");
    size_t at = (size_t)(third - log) + 20;
    free(log);
    damage(&d, name, at);
    repair(&d, &told);
    assert_int_equal(told.lost, 1);
    bytes_done(&told.text);
    read_ids(&d, there);
    for (int i = 0; i < ROWS + COMMITS; i++) assert_true(there[i] == (i < ROWS + 2));
    kit_dir_remove(&d);
}

static void random_damage_is_never_made_worse(void **state)
{
    (void)state;
    static bool there[ROWS + COMMITS];
    Random r;
    uint64_t seed = getenv("D2DB_SEED") ? strtoull(getenv("D2DB_SEED"), NULL, 10) : (uint64_t)clock_wall_us();
    print_message("# seed %llu (D2DB_SEED)\n", (unsigned long long)seed);
    random_seed(&r, seed);
    KitDir d;
    make(&d);
    size_t table_len, log_len;
    char name[64];
    char *table = kit_dir_read(&d, FILE_T, &table_len), *log = kit_dir_read(&d, log_file(&d, name), &log_len);
    kit_dir_remove(&d);
    for (int i = 0, n = getenv("D2DB_FULL") ? ROUNDS_FULL : ROUNDS; i < n; i++) {
        Told told;
        make(&d);
        for (uint64_t k = 1 + random_below(&r, 2); k > 0; k--)
            damage(&d, FILE_T, (size_t)random_below(&r, table_len));
        if (random_below(&r, 2)) damage(&d, name, (size_t)random_below(&r, 1500));
        repair(&d, &told);
        read_ids(&d, there);
        // A block is there as a whole or not at all, and the commits in the log are a beginning of them.
        for (int id = 1; id < STORE_BLOCK_ROWS; id++)
            if (id != 5) assert_true(there[id] == there[0]);
        for (int id = STORE_BLOCK_ROWS + 1; id < ROWS; id++)
            assert_true(there[id] == there[STORE_BLOCK_ROWS]);
        for (int id = ROWS + 1; id < ROWS + COMMITS; id++) assert_true(!there[id] || there[id - 1]);
        bool all = there[0] && there[STORE_BLOCK_ROWS] && there[ROWS + COMMITS - 1] && !there[5];
        assert_true(all || told.lost);
        bytes_done(&told.text);
        kit_dir_remove(&d);
    }
    free(table);
    free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_directories_stay),
        cmocka_unit_test(a_damaged_block_takes_only_its_rows),
        cmocka_unit_test(a_damaged_log_keeps_what_stands_before),
        cmocka_unit_test(random_damage_is_never_made_worse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
