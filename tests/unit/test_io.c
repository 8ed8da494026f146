// Io: names, links, whole reads and writes, replacing under every possible fault, and locks.
#include "engine/base/io.h"
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_dir.h"
#include "tests/unit/kit_fault_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Place {
    KitDir dir;
    IoDir d;
    Arena mem;
} Place;

static int set_up(void **state)
{
    Place *p = calloc(1, sizeof *p);
    Err err = {0};
    kit_dir_make(&p->dir);
    assert_ok(io_dir_open(&p->d, io_posix(), p->dir.path, false, &err), &err);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    Place *p = *state;
    io_dir_close(&p->d);
    arena_done(&p->mem);
    kit_dir_remove(&p->dir);
    free(p);
    return 0;
}

static void refuses_names_that_leave(void **state)
{
    Place *p = *state;
    char long_name[300];
    memset(long_name, 'n', sizeof long_name);
    long_name[299] = 0;
    const char *bad[] = {"../x", "..", ".", "", "a/b", "/etc/passwd", "x/", long_name};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Err err = {0};
        IoFile f;
        IoDir d;
        Bytes out;
        bytes_init(&out, 100);
        assert_err(io_open(&f, &p->d, bad[i], IO_WRITE | IO_CREATE, &err), &err, "42602");
        assert_int_equal(f.fd, -1);
        assert_err(io_dir_open_at(&d, &p->d, bad[i], true, &err), &err, "42602");
        assert_err(io_rename(&p->d, "x", bad[i], &err), &err, "42602");
        assert_err(io_remove(&p->d, bad[i], &err), &err, "42602");
        assert_err(io_replace(&p->d, bad[i], STR("x"), &err), &err, "42602");
        assert_err(io_read_all(&p->d, bad[i], &out, &err), &err, "42602");
        assert_false(io_exists(&p->d, bad[i]));
    }
}

static void follows_no_links(void **state)
{
    Place *p = *state;
    char link[KIT_PATH_MAX], pipe_path[KIT_PATH_MAX];
    Err err = {0};
    IoFile f;
    IoDir d;
    Bytes out;
    bytes_init(&out, 1 << 20);
    kit_dir_path(&p->dir, "link", link);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_err(io_open(&f, &p->d, "link", IO_READ, &err), &err, "42501");
    assert_err(io_read_all(&p->d, "link", &out, &err), &err, "42501");
    assert_ok(io_replace(&p->d, "link", STR("mine"), &err), &err); // replaces the link, not its target
    assert_ok(io_read_all(&p->d, "link", &out, &err), &err);
    assert_str(bytes_str(&out), "mine");
    assert_ok(io_remove(&p->d, "link", &err), &err);
    assert_int_equal(symlink("/tmp", link), 0);
    assert_err(io_dir_open_at(&d, &p->d, "link", false, &err), &err, "58030"); // ELOOP or ENOTDIR
    kit_dir_path(&p->dir, "pipe", pipe_path);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_err(io_open(&f, &p->d, "pipe", IO_READ, &err), &err, "58030"); // and does not hang
    bytes_done(&out);
}

static void writes_and_reads_whole(void **state)
{
    Place *p = *state;
    FaultIo fault;
    fault_io_init(&fault);
    fault.short_max = 7; // every call is cut short
    IoDir d = {fault_io(&fault), p->d.fd};
    IoFile f;
    Err err = {0};
    char text[1000], back[2000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)(i * 7);
    assert_ok(io_open(&f, &d, "data", IO_WRITE | IO_NEW, &err), &err);
    mode_t mode;
    assert_ok(io_mode(&f, &mode, &err), &err);
    assert_int_equal(mode, 0600);
    assert_ok(io_write(&f, text, 500, -1, &err), &err);
    assert_ok(io_write(&f, text + 500, 500, 500, &err), &err);
    size_t got = 0;
    assert_ok(io_read(&f, back, sizeof back, 0, &got, &err), &err);
    assert_int_equal(got, sizeof text);
    assert_memory_equal(back, text, sizeof text);
    assert_ok(io_read(&f, back, 10, 995, &got, &err), &err);
    assert_int_equal(got, 5);
    int64_t size = 0;
    assert_ok(io_allocate(&f, 5000, &err), &err);
    assert_ok(io_size(&f, &size, &err), &err);
    assert_int_equal(size, 5000);
    assert_ok(io_truncate(&f, 10, &err), &err);
    assert_ok(io_sync(&f, &err), &err);
    io_close(&f);
    io_close(&f);
    Bytes out;
    bytes_init(&out, 10);
    assert_ok(io_read_all(&d, "data", &out, &err), &err);
    assert_int_equal(out.len, 10);
    bytes_done(&out);
    bytes_init(&out, 9);
    assert_err(io_read_all(&d, "data", &out, &err), &err, "53400");
    bytes_done(&out);
    assert_err(io_open(&f, &d, "data", IO_WRITE | IO_NEW, &err), &err, "58P02");
    assert_err(io_open(&f, &d, "absent", IO_READ, &err), &err, "58P01");
    assert_err(io_remove(&d, "absent", &err), &err, "58P01");
    bytes_init(&out, 100);
    assert_err(io_read_path(io_posix(), "/dev/zero", &out, &err), &err, "53400"); // endless
    bytes_done(&out);
}

static void replaces_wholly_or_not(void **state)
{
    Place *p = *state;
    FaultIo fault;
    Err err = {0};
    assert_ok(io_replace(&p->d, "file", STR("old content"), &err), &err);
    fault_io_init(&fault);
    IoDir d = {fault_io(&fault), p->d.fd};
    assert_ok(io_replace(&d, "file", STR("old content"), &err), &err);
    long calls = atomic_load(&fault.seen);
    assert_true(calls >= 5); // make, write, sync, rename, directory sync
    assert_int_equal(fault_io_count(&fault, FAULT_SYNC), 2);
    for (long k = 1; k <= calls; k++)
        for (int forever = 0; forever < 2; forever++) {
            fault_io_init(&fault);
            fault.fail_at = k;
            fault.forever = forever;
            fault.cut = 4;
            fault.error = ENOSPC;
            assert_err(io_replace(&d, "file", STR("new content"), &err), &err, "53100");
            Bytes out;
            bytes_init(&out, 100);
            assert_ok(io_read_all(&p->d, "file", &out, &err), &err);
            bool is_old = str_equal(bytes_str(&out), STR("old content"));
            assert_true(is_old || (k == calls && str_equal(bytes_str(&out), STR("new content"))));
            bytes_done(&out);
            assert_ok(io_replace(&p->d, "file", STR("old content"), &err), &err);
        }
}

static void leaves_no_litter(void **state)
{
    Place *p = *state;
    FaultIo fault;
    Err err = {0};
    fault_io_init(&fault);
    IoDir d = {fault_io(&fault), p->d.fd};
    fault.fail_at = 2;
    assert_err(io_replace(&d, "b", STR("x"), &err), &err, "58030");
    assert_ok(io_replace(&d, "b", STR("x"), &err), &err);
    assert_ok(io_replace(&d, "a", STR("x"), &err), &err);
    atomic_store(&fault.space, 3);
    assert_err(io_replace(&d, "c", STR("0123456789"), &err), &err, "53100");
    Str *names;
    size_t count;
    assert_ok(io_dir_list(&p->d, &p->mem, &names, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_str(names[0], "a");
    assert_str(names[1], "b");
    assert_true(io_is_temporary(STR("a.tmp-0123abcd")));
    assert_false(io_is_temporary(STR("a.tmp-0123abc")));
    assert_false(io_is_temporary(STR("a.tmp")));
}

static void reports_a_full_disk(void **state)
{
    Place *p = *state;
    FaultIo fault;
    IoFile f;
    Err err = {0};
    fault_io_init(&fault);
    IoDir d = {fault_io(&fault), p->d.fd};
    assert_ok(io_open(&f, &d, "full", IO_WRITE | IO_CREATE | IO_APPEND, &err), &err);
    atomic_store(&fault.space, 15);
    assert_ok(io_write(&f, "0123456789", 10, -1, &err), &err);
    assert_false(io_write(&f, "0123456789", 10, -1, &err));
    assert_string_equal(err.state, "53100");
    assert_true(err.hint[0] != 0);
    int64_t size = 0;
    err_clear(&err);
    assert_ok(io_size(&f, &size, &err), &err);
    assert_int_equal(size, 15); // what fitted is there: io_write does not pretend
    fault.fail_at = atomic_load(&fault.seen) + 1;
    fault.error = EROFS;
    assert_err(io_truncate(&f, 0, &err), &err, "42501");
    io_close(&f);
}

static void paths_of_the_user(void **state)
{
    Place *p = *state;
    char target[KIT_PATH_MAX], link[KIT_PATH_MAX], below[KIT_PATH_MAX];
    Err err = {0};
    kit_dir_path(&p->dir, "target.sql", target);
    kit_dir_path(&p->dir, "link.sql", link);
    assert_ok(io_replace_path(io_posix(), target, STR("one"), &err), &err);
    assert_int_equal(chmod(target, 0644), 0);
    assert_int_equal(symlink(target, link), 0);
    assert_ok(io_replace_path(io_posix(), link, STR("two"), &err), &err);
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode)); // the link stays, its target has the new content and its old mode
    assert_int_equal(stat(target, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    Bytes out;
    bytes_init(&out, 100);
    assert_ok(io_read_path(io_posix(), link, &out, &err), &err);
    assert_str(bytes_str(&out), "two");
    bytes_done(&out);
    assert_err(io_replace_path(io_posix(), kit_dir_path(&p->dir, "no/x", below), STR(""), &err), &err,
               "58P01");
    assert_false(io_replace_path(io_posix(), p->dir.path, STR(""), &err)); // a directory
    err_clear(&err);
    assert_ok(io_replace_path(io_posix(), "/dev/null", STR("gone"), &err), &err);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode)); // still the device
    IoFile f;
    assert_err(io_open_path(&f, io_posix(), p->dir.path, IO_READ, &err), &err, "58030");
    IoDir parent;
    const char *name;
    assert_ok(io_open_parent(&parent, io_posix(), target, &p->mem, &name, &err), &err);
    assert_string_equal(name, "target.sql");
    io_dir_close(&parent);
    assert_err(io_open_parent(&parent, io_posix(), "x/", &p->mem, &name, &err), &err, "42602");
    assert_ok(io_open_parent(&parent, io_posix(), "/x", &p->mem, &name, &err), &err);
    io_dir_close(&parent);
}

static void directories(void **state)
{
    Place *p = *state;
    Err err = {0};
    IoDir sub, again;
    assert_err(io_dir_open_at(&sub, &p->d, "sub", false, &err), &err, "58P01");
    assert_ok(io_dir_open_at(&sub, &p->d, "sub", true, &err), &err);
    assert_ok(io_dir_open_at(&again, &p->d, "sub", true, &err), &err);
    struct stat st;
    assert_int_equal(fstat(sub.fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_ok(io_replace(&sub, "x", STR(""), &err), &err);
    assert_false(io_remove_dir(&p->d, "sub", &err));
    err_clear(&err);
    assert_ok(io_rename_between(&sub, "x", &p->d, "y", &err), &err);
    assert_true(io_exists(&p->d, "y"));
    assert_ok(io_remove_dir(&p->d, "sub", &err), &err);
    assert_ok(io_dir_sync(&p->d, &err), &err);
    io_dir_close(&sub);
    io_dir_close(&again);
    char path[KIT_PATH_MAX];
    assert_ok(io_dir_open(&sub, io_posix(), kit_dir_path(&p->dir, "made", path), true, &err), &err);
    io_dir_close(&sub);
    assert_err(io_dir_open(&sub, io_posix(), kit_dir_path(&p->dir, "no/made", path), true, &err), &err,
               "58P01");
}

static void unnamed_files_have_no_name(void **state)
{
    Place *p = *state;
    Err err = {0};
    IoFile f;
    setenv("TMPDIR", p->dir.path, 1);
    assert_ok(io_open_unnamed(&f, io_posix(), &err), &err);
    assert_ok(io_write(&f, "spill", 5, 0, &err), &err);
    char back[5];
    size_t got;
    assert_ok(io_read(&f, back, 5, 0, &got, &err), &err);
    assert_memory_equal(back, "spill", 5);
    Str *names;
    size_t count;
    assert_ok(io_dir_list(&p->d, &p->mem, &names, &count, &err), &err);
    assert_int_equal(count, 0);
    io_close(&f);
    unsetenv("TMPDIR");
}

static void locks_keep_others_out(void **state)
{
    Place *p = *state;
    Err err = {0};
    IoFile first, second;
    Bytes holder;
    bytes_init(&holder, 1000);
    assert_ok(io_open(&first, &p->d, "lock", IO_WRITE | IO_CREATE, &err), &err);
    assert_ok(io_open(&second, &p->d, "lock", IO_WRITE | IO_CREATE, &err), &err);
    assert_ok(io_lock(&first, STR("pid 4711 since yesterday"), &holder, &err), &err);
    assert_false(io_lock(&second, STR("pid 1"), &holder, &err));
    assert_string_equal(err.state, "55006");
    assert_str(bytes_str(&holder), "pid 4711 since yesterday");
    assert_non_null(strstr(err.text, "4711"));
    err_clear(&err);
    io_close(&first); // ends with its descriptor, as it would with its process
    assert_ok(io_lock(&second, STR("pid 1"), &holder, &err), &err);
    io_close(&second);
    bytes_done(&holder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_names_that_leave, set_up, tear_down),
        cmocka_unit_test_setup_teardown(follows_no_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_and_reads_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replaces_wholly_or_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_no_litter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reports_a_full_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_of_the_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directories, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unnamed_files_have_no_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(locks_keep_others_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
