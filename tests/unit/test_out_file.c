// OutFile: the file appears whole or not at all; the first error sticks.
#include "export/out_file.h"
#include "tests/unit/kit_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static size_t files_in(const KitDir *d)
{
    IoDir dir;
    Err err = {0};
    Arena mem = {0};
    Str *names;
    size_t count;
    assert_true(io_dir_open(&dir, io_posix(), d->path, false, &err));
    assert_true(io_dir_list(&dir, &mem, &names, &count, &err));
    io_dir_close(&dir);
    arena_done(&mem);
    return count;
}

static void appears_when_finished(void **state)
{
    (void)state;
    KitDir d;
    OutFile *o;
    Err err = {0};
    char path[KIT_PATH_MAX];
    kit_dir_make(&d);
    assert_true(out_file_open(&o, io_posix(), kit_dir_path(&d, "dump.sql", path), &err));
    for (int i = 0; i < 100000; i++) out_printf(o, "line %d\n", i);
    assert_int_not_equal(access(path, F_OK), 0);
    uint64_t size = out_size(o);
    assert_true(out_file_finish(o, &err));
    size_t len;
    char *text = kit_dir_read(&d, "dump.sql", &len);
    assert_int_equal(len, size);
    assert_true(strncmp(text, "line 0\nline 1\n", 14) == 0);
    free(text);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(files_in(&d), 1);
    kit_dir_remove(&d);
}

static void abandoned_leaves_the_old_file(void **state)
{
    (void)state;
    KitDir d;
    OutFile *o;
    Err err = {0};
    char path[KIT_PATH_MAX];
    kit_dir_make(&d);
    kit_dir_write(&d, "x", "old", 3);
    assert_true(out_file_open(&o, io_posix(), kit_dir_path(&d, "x", path), &err));
    out_put(o, STR("new"));
    out_file_abandon(o);
    size_t len;
    char *text = kit_dir_read(&d, "x", &len);
    assert_string_equal(text, "old");
    free(text);
    assert_int_equal(files_in(&d), 1);
    kit_dir_remove(&d);
}

static void link_is_followed(void **state)
{
    (void)state;
    KitDir d;
    OutFile *o;
    Err err = {0};
    char path[KIT_PATH_MAX], target[KIT_PATH_MAX];
    kit_dir_make(&d);
    kit_dir_write(&d, "real", "old", 3);
    assert_int_equal(symlink(kit_dir_path(&d, "real", target), kit_dir_path(&d, "link", path)), 0);
    assert_true(out_file_open(&o, io_posix(), path, &err));
    out_put(o, STR("new"));
    assert_true(out_file_finish(o, &err));
    size_t len;
    char *text = kit_dir_read(&d, "real", &len);
    assert_string_equal(text, "new");
    free(text);
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    kit_dir_remove(&d);
}

static void device_is_written_in_place(void **state)
{
    (void)state;
    OutFile *o;
    Err err = {0};
    assert_true(out_file_open(&o, io_posix(), "/dev/null", &err));
    out_put(o, STR("gone"));
    assert_true(out_file_finish(o, &err));
    struct stat st;
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    if (access("/dev/full", W_OK) != 0) return;
    assert_true(out_file_open(&o, io_posix(), "/dev/full", &err));
    for (int i = 0; i < 100000; i++) out_put(o, STR("0123456789"));
    assert_true(out_failed(o));
    assert_false(out_file_finish(o, &err));
    assert_string_equal(err.state, "53100");
}

static void directory_and_absent_place_are_errors(void **state)
{
    (void)state;
    OutFile *o;
    Err err = {0};
    assert_false(out_file_open(&o, io_posix(), "/", &err));
    err_clear(&err);
    assert_false(out_file_open(&o, io_posix(), "/no/such/place/x", &err));
    assert_true(err_any(&err));
}

static void memory_has_its_limit(void **state)
{
    (void)state;
    OutFile *o;
    Err err = {0};
    assert_true(out_file_memory(&o, 100, &err));
    for (int i = 0; i < 30; i++) out_put(o, STR("1234567890"));
    assert_true(out_failed(o));
    assert_false(out_file_finish(o, &err));
    assert_string_equal(err.state, "53200");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appears_when_finished),
        cmocka_unit_test(abandoned_leaves_the_old_file),
        cmocka_unit_test(link_is_followed),
        cmocka_unit_test(device_is_written_in_place),
        cmocka_unit_test(directory_and_absent_place_are_errors),
        cmocka_unit_test(memory_has_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
