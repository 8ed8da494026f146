// store_check: quiet on a whole directory, and every damaged byte of every file is told with the file's name.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Told {
    int count;
    char file[256], sentence[512];
} Told;

static void tell(void *self, const char *file, const char *sentence)
{
    Told *t = self;
    t->count++;
    snprintf(t->file, sizeof t->file, "%s", file);
    snprintf(t->sentence, sizeof t->sentence, "%s", sentence);
}

static Told check(const KitDir *d, uint64_t *rows)
{
    Err err = {0};
    Told told = {0};
    char path[KIT_PATH_MAX];
    uint64_t files;
    assert_ok(store_check(io_posix(), kit_dir_path(d, "data", path), tell, &told, &files, rows, &err), &err);
    assert_true(files >= 3);
    return told;
}

static void every_file_is_read(void **state)
{
    (void)state;
    KitStore k;
    KitDir d;
    Err err = {0};
    uint64_t rows;
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text, v double precision");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    for (int i = 0; i < 20; i++) {
        char row[64];
        snprintf(row, sizeof row, "%d|some name of %d|0.5", i, i);
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), row, &err), &err);
    }
    kit_store_commit(t);
    assert_ok(store_checkpoint(k.s, &err), &err);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "77|in the log|1", &err), &err);
    kit_store_commit(t);
    kit_store_copy(&k, &d);
    kit_store_done(&k);
    assert_int_equal(check(&d, &rows).count, 0);
    assert_int_equal(rows, 20);
    static const char *const file[] = {"dictionary.local", "dictionary.global", "databases/db/t.d2t",
                                       "log/000000000002.d2l"};
    for (size_t i = 0; i < COUNT_OF(file); i++) {
        char name[128];
        size_t len;
        snprintf(name, sizeof name, "data/%s", file[i]);
        char *at = kit_dir_read(&d, name, &len);
        size_t end = len;
        while (end > 1 && at[end - 2] == '\n') end--; // the log's filler
        for (size_t bit = 3; bit < end * 8; bit += 97) {
            at[bit / 8] = (char)(at[bit / 8] ^ 1 << bit % 8);
            kit_dir_write(&d, name, at, len);
            at[bit / 8] = (char)(at[bit / 8] ^ 1 << bit % 8);
            Told told = check(&d, &rows);
            if (told.count == 0) fail_msg("%s: bit %zu of byte %zu went unseen", file[i], bit % 8, bit / 8);
            assert_non_null(
                strstr(file[i], told.file[0] == 'd' && told.file[1] == 'b' ? "db/t.d2t" : told.file));
        }
        kit_dir_write(&d, name, at, len);
        free(at);
    }
    assert_int_equal(check(&d, &rows).count, 0);
    kit_dir_remove(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_file_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
