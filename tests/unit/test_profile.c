// Profile: rules, both steps of signing in, what the file and the journal hold, damage to every byte, full
// disks.
#include "engine/auth/profile.h"
#include "engine/base/thread.h"
#include "tests/unit/kit_clock.h"
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_dir.h"
#include "tests/unit/kit_fault_io.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECOND   INT64_C(1000000)
#define PASSWORD STR("correct horse battery")
#define QUESTION STR("Name of the first cat?")
#define ANSWER   STR("Minka die  Erste")

typedef struct Place {
    KitDir dir;
    IoDir d;
    KitClock clock;
    FaultIo fault;
    Journal *journal;
    Profile *p;
    Arena mem;
} Place;

static bool reopen(Place *s, Err *err)
{
    profile_close(s->p);
    s->p = NULL;
    ThrottleClock clock = kit_clock(&s->clock);
    ProfileOptions o = {.directory = &s->d, .journal = s->journal, .clock = &clock};
    return profile_open(&s->p, &o, err);
}

static int set_up(void **state)
{
    Place *s = calloc(1, sizeof *s);
    Err err = {0};
    char path[KIT_PATH_MAX];
    kit_dir_make(&s->dir);
    fault_io_init(&s->fault);
    atomic_store(&s->clock.now_us, 1000000 * SECOND);
    assert_ok(io_dir_open(&s->d, fault_io(&s->fault), s->dir.path, false, &err), &err);
    JournalOptions o = {.io = io_posix(), .directory = kit_dir_path(&s->dir, "journal", path), .node = "vm1"};
    assert_ok(journal_open(&s->journal, &o, &err), &err);
    assert_ok(reopen(s, &err), &err);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    Place *s = *state;
    profile_close(s->p);
    journal_close(s->journal);
    io_dir_close(&s->d);
    arena_done(&s->mem);
    kit_dir_remove(&s->dir);
    free(s);
    return 0;
}

static ProfileRegistration registration(Str user)
{
    return (ProfileRegistration){.user = user, .password = PASSWORD, .question = QUESTION, .answer = ANSWER};
}

static void add(Place *s, Str user)
{
    Err err = {0};
    ProfileRegistration r = registration(user);
    assert_ok(profile_register(s->p, &r, &err), &err);
}

// SQLSTATE of a whole sign-in; "" = signed in.
static const char *sign_in(Place *s, Str user, Str password, Str answer, ProfileUser *out, Err *err)
{
    ProfileTicket *t;
    ProfileUser unused;
    err_clear(err);
    if (profile_sign_in(s->p, user, password, NULL, &t, err)) {
        assert_true(str_equal(profile_ticket_question(t), QUESTION));
        if (!profile_answer(s->p, t, answer, NULL, out ? out : &unused, &s->mem, err))
            assert_true(err_any(err));
    }
    return err->state;
}

static void signs_in_with_both(void **state)
{
    Place *s = *state;
    Err err;
    ProfileUser user;
    assert_int_equal(profile_count(s->p), 0);
    add(s, STR("S.Dey"));
    add(s, STR("J\xC3\xBCrgen"));
    assert_string_equal(sign_in(s, STR("s.dey"), PASSWORD, ANSWER, &user, &err), ""); // names fold
    assert_str(user.name, "s.dey");
    assert_int_equal(user.role, PROFILE_ADMINISTRATOR); // the first one
    assert_int_equal(user.name_hash.len, 64);
    assert_string_equal(sign_in(s, STR("JU\xCC\x88RGEN"), PASSWORD, STR("  minka\tDIE erste "), &user, &err),
                        "");
    assert_int_equal(user.role, PROFILE_USER);
    assert_string_equal(sign_in(s, STR("s.dey"), PASSWORD, STR("minkadieerste"), NULL, &err), "28P01");
    assert_string_equal(sign_in(s, STR("s.dey"), PASSWORD, STR(""), NULL, &err), "28P01");
    assert_string_equal(sign_in(s, STR("s.dey"), STR("Correct horse battery"), ANSWER, NULL, &err), "28P01");
    assert_string_equal(sign_in(s, STR("s.dey"), ANSWER, ANSWER, NULL, &err),
                        "28P01"); // no way around the password
    assert_ok(reopen(s, &err), &err);
    assert_int_equal(profile_count(s->p), 2);
    assert_string_equal(sign_in(s, STR("S.Dey"), PASSWORD, ANSWER, &user, &err), "");
    assert_int_equal(user.role, PROFILE_ADMINISTRATOR);
    assert_true(profile_may_work(s->p, user.name_hash));
    assert_false(profile_may_work(s->p, STR("")));
}

static void unknown_and_wrong_look_alike(void **state)
{
    Place *s = *state;
    Err wrong, unknown;
    add(s, STR("bob"));
    const Str odd[] = {STR("nobody"), STR(""), STR("\xff\xfe"), {"b\0b", 3}, STR("\x1b[2J")};
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        for (int n = 0; n < 4; n++) {
            sign_in(s, STR("bob"), STR("wrong password"), ANSWER, NULL, &wrong);
            sign_in(s, odd[i], STR("wrong password"), ANSWER, NULL, &unknown);
            assert_string_equal(wrong.state, unknown.state);
            assert_string_equal(wrong.text, unknown.text);
            assert_string_equal(wrong.hint, unknown.hint); // slowed alike, too
        }
        atomic_fetch_add(&s->clock.now_us, 1000 * SECOND);
    }
    ScramVerifier real, mock;
    assert_ok(profile_verifier(s->p, STR("bob"), &real, &wrong), &wrong);
    assert_ok(profile_verifier(s->p, STR("nobody"), &mock, &wrong), &wrong);
    assert_int_equal(real.iterations, mock.iterations);
    assert_int_equal(real.salt_len, mock.salt_len);
    bool fits = false;
    assert_ok(scram_verifier_check(&real, PASSWORD, &fits, &wrong), &wrong);
    assert_true(fits);
}

static void tries_are_slowed_in_both_steps(void **state)
{
    Place *s = *state;
    Err err;
    add(s, STR("bob"));
    for (int i = 0; i < 4; i++) sign_in(s, STR("bob"), STR("wrong password"), ANSWER, NULL, &err);
    assert_int_equal(atomic_load(&s->clock.waited_us), 1 * SECOND);
    assert_true(err.hint[0] != 0);
    assert_ok(reopen(s, &err), &err); // a restart gives no new tries
    sign_in(s, STR("bob"), PASSWORD, STR("wrong answer"), NULL, &err);
    assert_string_equal(err.state, "28P01");
    int64_t waited = atomic_load(&s->clock.waited_us);
    assert_int_equal(waited, 3 * SECOND);
    sign_in(s, STR("bob"), PASSWORD, STR("wrong answer"), NULL, &err); // the right password forgave nothing
    assert_int_equal(atomic_load(&s->clock.waited_us) - waited, 4 * SECOND);
    assert_string_equal(sign_in(s, STR("bob"), PASSWORD, ANSWER, NULL, &err), "");
    waited = atomic_load(&s->clock.waited_us);
    sign_in(s, STR("bob"), STR("wrong password"), ANSWER, NULL, &err);
    assert_int_equal(atomic_load(&s->clock.waited_us), waited);
    for (int i = 0; i < 5; i++) sign_in(s, STR("bob"), STR("wrong password"), ANSWER, NULL, &err);
    atomic_bool stop = false;
    s->clock.stop_at_wait = &stop;
    ProfileTicket *t;
    err_clear(&err);
    assert_err(profile_sign_in(s->p, STR("bob"), PASSWORD, &stop, &t, &err), &err, "57014");
    assert_null(t);
}

static void tickets_grow_old(void **state)
{
    Place *s = *state;
    Err err = {0};
    ProfileTicket *t;
    ProfileUser user;
    add(s, STR("root"));
    add(s, STR("bob"));
    assert_ok(profile_sign_in(s->p, STR("bob"), PASSWORD, NULL, &t, &err), &err);
    atomic_fetch_add(&s->clock.now_us, 601 * SECOND);
    assert_err(profile_answer(s->p, t, ANSWER, NULL, &user, &s->mem, &err), &err, "28P01");
    assert_ok(profile_sign_in(s->p, STR("bob"), PASSWORD, NULL, &t, &err), &err);
    assert_ok(profile_reset(s->p, STR("root"), STR("bob"), STR("another password"), QUESTION, ANSWER, &err),
              &err);
    assert_err(profile_answer(s->p, t, ANSWER, NULL, &user, &s->mem, &err), &err, "28P01");
    assert_string_equal(sign_in(s, STR("bob"), PASSWORD, ANSWER, NULL, &err), "28P01");
    assert_string_equal(sign_in(s, STR("bob"), STR("another password"), ANSWER, NULL, &err), "");
    err_clear(&err);
    assert_ok(profile_sign_in(s->p, STR("bob"), STR("another password"), NULL, &t, &err), &err);
    assert_ok(profile_disable(s->p, STR("root"), STR("bob"), true, &err), &err);
    assert_err(profile_answer(s->p, t, ANSWER, NULL, &user, &s->mem, &err), &err, "28P01");
    profile_ticket_drop(NULL);
}

static void administers(void **state)
{
    Place *s = *state;
    Err err = {0};
    ProfileUser *list;
    size_t count;
    add(s, STR("root"));
    atomic_fetch_add(&s->clock.now_us, SECOND);
    add(s, STR("bob"));
    atomic_fetch_add(&s->clock.now_us, SECOND);
    ProfileRegistration r = registration(STR("eve"));
    r.role = STR("administrator");
    assert_err(profile_register(s->p, &r, &err), &err, "42501");
    r.by_administrator = true;
    r.role = STR("auditor");
    assert_ok(profile_register(s->p, &r, &err), &err);
    r.role = STR("king");
    assert_err(profile_register(s->p, &r, &err), &err, "22023");
    r = registration(STR("BOB"));
    assert_err(profile_register(s->p, &r, &err), &err, "42710");
    assert_err(profile_disable(s->p, STR("root"), STR("root"), true, &err), &err,
               "55000"); // nobody would be left
    assert_err(profile_disable(s->p, STR("root"), STR("nobody"), true, &err), &err, "42704");
    assert_err(profile_reset(s->p, STR("root"), STR("nobody"), PASSWORD, QUESTION, ANSWER, &err), &err,
               "42704");
    assert_err(profile_reset(s->p, STR("root"), STR("bob"), STR("short"), QUESTION, ANSWER, &err), &err,
               "22023");
    assert_ok(profile_disable(s->p, STR("root"), STR("bob"), true, &err), &err);
    assert_string_equal(sign_in(s, STR("bob"), PASSWORD, ANSWER, NULL, &err), "28000");
    assert_string_equal(sign_in(s, STR("bob"), STR("wrong password"), ANSWER, NULL, &err), "28P01");
    assert_ok(reopen(s, &err), &err);
    assert_ok(profile_list(s->p, &s->mem, &list, &count, &err), &err);
    assert_int_equal(count, 3);
    assert_int_equal(list[0].role, PROFILE_ADMINISTRATOR);
    assert_true(list[1].disabled && !list[0].disabled);
    assert_int_equal(list[1].created_us - list[0].created_us, SECOND);
    assert_false(profile_may_work(s->p, list[1].name_hash));
    assert_ok(profile_disable(s->p, STR("root"), STR("bob"), false, &err), &err);
    assert_string_equal(sign_in(s, STR("bob"), PASSWORD, ANSWER, NULL, &err), "");
}

static void rules_for_what_people_choose(void **state)
{
    Place *s = *state;
    char long_text[1100];
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = 0;
    const Str bad_names[] = {STR(""),        {long_text, 65},      STR("a\nb"),          {"a\0b", 3},
                             STR("a\x1b[m"), STR("a\xE2\x80\x8B"), STR("a\xE2\x80\xAE"), STR(" a"),
                             STR("a "),      STR("\xff"),          STR("\xE3\x85\xA4")};
    const Str bad_passwords[] = {STR(""),
                                 STR("1234567"),
                                 {long_text, 1025},
                                 STR("PassWord"),
                                 STR("12345678"),
                                 STR("Alexandra"),
                                 STR("\xEF\xBC\xB0\xEF\xBD\x81ssword"),
                                 STR("tab\tinside"),
                                 STR("bad\xffutf8")};
    const Str bad_questions[] = {STR(""), STR("  "), STR("a\nb"), {long_text, 257}, STR("\xE2\x80\xAE?")};
    const Str bad_answers[] = {STR(""), STR(" a "), STR("\t\n"), {long_text, 1025}, STR("\xff\xff")};
    Err err = {0};
    ProfileRegistration r = registration(STR("alexandra"));
    for (size_t i = 0; i < COUNT_OF(bad_names); i++) {
        r.user = bad_names[i];
        assert_err(profile_register(s->p, &r, &err), &err, "22023");
    }
    r = registration(STR("alexandra"));
    for (size_t i = 0; i < COUNT_OF(bad_passwords); i++) {
        r.password = bad_passwords[i];
        assert_false(profile_register(s->p, &r, &err));
        if (bad_passwords[i].len) assert_null(strstr(err.text, r.password.at)); // no secret in a sentence
        assert_err(profile_register(s->p, &r, &err), &err, "22023");
    }
    r = registration(STR("alexandra"));
    for (size_t i = 0; i < COUNT_OF(bad_questions); i++) {
        r.question = bad_questions[i];
        assert_err(profile_register(s->p, &r, &err), &err, "22023");
    }
    r = registration(STR("alexandra"));
    for (size_t i = 0; i < COUNT_OF(bad_answers); i++) {
        r.answer = bad_answers[i];
        assert_err(profile_register(s->p, &r, &err), &err, "22023");
    }
    r = registration(STR("alexandra"));
    r.role = STR("user"); // the first one has to administer
    assert_err(profile_register(s->p, &r, &err), &err, "22023");
    assert_int_equal(profile_count(s->p), 0);
    assert_ok(profile_check_password((Str){long_text, 1024}, STR("a"), &err), &err);
    assert_ok(profile_check_name((Str){long_text, 64}, &err), &err);
    assert_ok(profile_check_name(STR("\xE6\x9D\x8E \xE5\xB0\x8F\xE9\xBE\x99"), &err), &err);
}

static void the_file_tells_nothing(void **state)
{
    Place *s = *state;
    add(s, STR("Leonhard"));
    struct stat st;
    char path[KIT_PATH_MAX];
    assert_int_equal(stat(kit_dir_path(&s->dir, PROFILE_FILE, path), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    size_t len;
    char *text = kit_dir_read(&s->dir, PROFILE_FILE, &len);
    assert_true(str_starts((Str){text, len}, STR("d2db User_Profile 2 ")));
    const char *secrets[] = {"Leonhard", "leonhard", "correct", "horse", "inka", "Erste", "erste"};
    for (size_t i = 0; i < COUNT_OF(secrets); i++) assert_null(strstr(text, secrets[i]));
    assert_non_null(strstr(text, "SCRAM-SHA-256$15000:"));
    assert_non_null(strstr(text, "PBKDF2-SHA-256$65536:"));
    assert_non_null(strstr(text, "Name of the first cat?"));
    free(text);
}

static void the_journal_tells_no_secret(void **state)
{
    Place *s = *state;
    Err err;
    add(s, STR("Leonhard"));
    sign_in(s, STR("Leonhard"), STR("wrong-secret-1"), ANSWER, NULL, &err);
    sign_in(s, STR("hunter2hunter2"), STR("wrong-secret-2"), ANSWER, NULL,
            &err); // a password in the name field
    sign_in(s, STR("Leonhard"), PASSWORD, STR("wrong-secret-3"), NULL, &err);
    sign_in(s, STR("leonhard"), PASSWORD, ANSWER, NULL, &err);
    err_clear(&err);
    assert_ok(profile_reset(s->p, STR("Root\x1b[2J"), STR("Leonhard"), STR("new-secret-4"), QUESTION,
                            STR("secret-5"), &err),
              &err);
    journal_flush(s->journal);
    char *text = kit_dir_read(&s->dir, "journal/event.jsonl", NULL);
    const char *there[] = {"user_registered",
                           "sign_in_refused",
                           "\"sign_in\"",
                           "user_reset",
                           "\"user\":\"Leonhard\"",
                           "\"user\":\"leonhard\"",
                           "\"by\":\"Root\xE2\x90\x9B[2J\"",
                           "\"reason\":\"answer\""};
    for (size_t i = 0; i < COUNT_OF(there); i++)
        if (!strstr(text, there[i])) fail_msg("%s is not in the journal", there[i]);
    const char *absent[] = {"secret", "hunter2", "horse", "inka", "cat?", "SCRAM", "\x1b"};
    for (size_t i = 0; i < COUNT_OF(absent); i++)
        if (strstr(text, absent[i])) fail_msg("%s is in the journal", absent[i]);
    free(text);
}

// Every byte of the file changed, every length cut: an error with a sentence, never another set of users.
static void damage_is_refused(void **state)
{
    Place *s = *state;
    Err err = {0};
    add(s, STR("root"));
    add(s, STR("bob"));
    size_t len;
    char *text = kit_dir_read(&s->dir, PROFILE_FILE, &len);
    for (size_t i = 0; i < len; i++) {
        char was = text[i];
        text[i] = (char)(was ^ (1 << i % 7));
        kit_dir_write(&s->dir, PROFILE_FILE, text, len);
        assert_false(reopen(s, &err));
        assert_true(err_is(&err, "XX001") || err_is(&err, "0A000"));
        err_clear(&err);
        text[i] = was;
        kit_dir_write(&s->dir, PROFILE_FILE, text, i);
        assert_err(reopen(s, &err), &err, "XX001");
    }
    kit_dir_write(&s->dir, PROFILE_FILE, text, len);
    assert_ok(reopen(s, &err), &err);
    free(text);
}

static char *line_at(char *text, int number)
{
    while (number-- > 0) text = strchr(text, '\n') + 1;
    return text;
}

// Whole lines taken out, doubled or moved have right checksums each; the file as a whole does not fit.
static void lines_cannot_be_rearranged(void **state)
{
    Place *s = *state;
    Err err = {0};
    add(s, STR("root"));
    add(s, STR("bob"));
    size_t len;
    char *text = kit_dir_read(&s->dir, PROFILE_FILE, &len), edited[8192];
    char *root = line_at(text, 2), *bob = line_at(text, 3), *end = line_at(text, 4);
    const struct {
        char *from, *to, *again_from, *again_to;
    } rows[] = {{text, bob, end, text + len},
                {text, end, bob, text + len},
                {text, end, text + len, text + len},
                {root, text + len, text, text},
                {text, text + len, root, text + len}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t first = (size_t)(rows[i].to - rows[i].from),
               second = (size_t)(rows[i].again_to - rows[i].again_from);
        assert_true(first + second < sizeof edited);
        memcpy(edited, rows[i].from, first);
        memcpy(edited + first, rows[i].again_from, second);
        kit_dir_write(&s->dir, PROFILE_FILE, edited, first + second);
        assert_err(reopen(s, &err), &err, "XX001");
    }
    const char *other_version = "d2db User_Profile 3 00000000\n";
    kit_dir_write(&s->dir, PROFILE_FILE, other_version, strlen(other_version));
    assert_err(reopen(s, &err), &err, "0A000");
    free(text);
}

static void a_file_open_to_others_is_refused(void **state)
{
    Place *s = *state;
    Err err = {0};
    char path[KIT_PATH_MAX];
    add(s, STR("root"));
    const mode_t modes[] = {0640, 0604, 0666, 0620};
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        assert_int_equal(chmod(kit_dir_path(&s->dir, PROFILE_FILE, path), modes[i]), 0);
        assert_false(reopen(s, &err));
        assert_non_null(strstr(err.hint, "chmod 600"));
        assert_err(reopen(s, &err), &err, "42501");
        err_clear(&err);
    }
    assert_int_equal(chmod(path, 0600), 0);
    assert_ok(reopen(s, &err), &err);
}

static void a_failing_disk_changes_nothing(void **state)
{
    Place *s = *state;
    Err err;
    add(s, STR("root"));
    for (long k = 1; k <= 4; k++) {
        ProfileRegistration r = registration(STR("bob"));
        err_clear(&err);
        atomic_store(&s->fault.seen, 0);
        s->fault.fail_at = k;
        s->fault.forever = true;
        s->fault.cut = 10;
        assert_err(profile_register(s->p, &r, &err), &err, "58030");
        assert_int_equal(profile_count(s->p), 1);
        atomic_store(&s->fault.seen, 0);
        assert_err(
            profile_reset(s->p, STR("root"), STR("root"), STR("another password"), QUESTION, ANSWER, &err),
            &err, "58030");
        s->fault.fail_at = 0;
        assert_string_equal(sign_in(s, STR("bob"), PASSWORD, ANSWER, NULL, &err), "28P01");
        atomic_fetch_add(&s->clock.now_us, 1000 * SECOND);
        assert_string_equal(sign_in(s, STR("root"), PASSWORD, ANSWER, NULL, &err), "");
        assert_ok(reopen(s, &err), &err);
        assert_int_equal(profile_count(s->p), 1);
    }
    // Signing in works even while the disk takes nothing.
    atomic_store(&s->fault.space, 0);
    assert_string_equal(sign_in(s, STR("root"), STR("wrong password"), ANSWER, NULL, &err), "28P01");
    assert_string_equal(sign_in(s, STR("root"), PASSWORD, ANSWER, NULL, &err), "");
}

typedef struct Visitor {
    Profile *p;
    int number;
    atomic_int *signed_in, *first_winners;
} Visitor;

// Registers under a name of its own, races for a shared one, signs in, lists, is disabled and enabled again.
static void visit(void *arg)
{
    Visitor *v = arg;
    Err err = {0};
    Arena mem = {0};
    char name[] = "visitor0";
    name[7] = (char)('0' + v->number);
    ProfileRegistration r = registration(str_of(name)), shared = registration(STR("everybody"));
    ProfileTicket *t;
    ProfileUser user, *list;
    size_t count;
    if (profile_register(v->p, &shared, &err)) atomic_fetch_add(v->first_winners, 1);
    err_clear(&err);
    if (profile_register(v->p, &r, &err) && profile_sign_in(v->p, r.user, PASSWORD, NULL, &t, &err) &&
        profile_answer(v->p, t, ANSWER, NULL, &user, &mem, &err) &&
        profile_list(v->p, &mem, &list, &count, &err) &&
        profile_disable(v->p, STR("root"), r.user, true, &err) && !profile_may_work(v->p, user.name_hash) &&
        profile_disable(v->p, STR("root"), r.user, false, &err))
        atomic_fetch_add(v->signed_in, 1);
    arena_done(&mem);
}

static void many_at_once(void **state)
{
    Place *s = *state;
    Err err = {0};
    enum { VISITORS = 6 };
    Visitor v[VISITORS];
    Thread t[VISITORS] = {0};
    atomic_int signed_in = 0, first_winners = 0;
    add(s, STR("root"));
    for (int i = 0; i < VISITORS; i++) {
        v[i] = (Visitor){s->p, i, &signed_in, &first_winners};
        assert_ok(thread_start(&t[i], visit, &v[i], &err), &err);
    }
    for (int i = 0; i < VISITORS; i++) thread_join(&t[i]);
    assert_int_equal(signed_in, VISITORS);
    assert_int_equal(first_winners, 1);
    assert_ok(reopen(s, &err), &err);
    assert_int_equal(profile_count(s->p), VISITORS + 2);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(signs_in_with_both),
        WITH(unknown_and_wrong_look_alike),
        WITH(tries_are_slowed_in_both_steps),
        WITH(tickets_grow_old),
        WITH(administers),
        WITH(rules_for_what_people_choose),
        WITH(the_file_tells_nothing),
        WITH(the_journal_tells_no_secret),
        WITH(damage_is_refused),
        WITH(lines_cannot_be_rearranged),
        WITH(a_file_open_to_others_is_refused),
        WITH(a_failing_disk_changes_nothing),
        WITH(many_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
