// Ask: dialogs of the app (they have no pane): each question is one line in a table from its number to what
// its answer does. Names typed here become quoted identifiers, texts quoted strings. Relies on desk, dialog,
// task, record.
#include "tui/panes/ask.h"

#include "engine/base/clock.h"
#include "export/dump.h"
#include "export/erd.h"
#include "tui/panes/record.h"
#include "tui/panes/task.h"
#include "tui/widget/dialog.h"

#include <stdio.h>
#include <string.h>

enum {
    ASK_QUIT = 1,
    ASK_SIGN_OUT,
    ASK_IMPORT,
    ASK_SAMPLE,
    ASK_ISOLATION,
    ASK_USE,
    ASK_CREATE_DATABASE,
    ASK_DROP_DATABASE,
    ASK_DROP_SURE,
    ASK_INSERT_ROW,
    ASK_UPDATE_ROW,
    ASK_DELETE_ROW,
    ASK_MODEL_FILE,
    ASK_EXPORT,
    ASK_ADD_USER,
};
enum { DROP_TITLE_MAX = 120 };
// What a list of names was asked for: the choice dialog opens when it has come.
enum { LIST_USE = DESK_OWN, LIST_DROP, LIST_INSERT, LIST_UPDATE, LIST_DELETE, LIST_ENROLLED };

// ---- leaving ----

void ask_leave(App *a, bool quit)
{
    static const char *const buttons[] = {"&Leave", "&Stay", NULL};
    Desk *d = desk_of(a);
    Bytes text;
    bytes_init(&text, 16384);
    if (desk_is_open(d)) {
        desk_look(d);
        if (d->state.in_transaction)
            bytes_printf(&text, "A transaction is open with %llu %s: leaving rolls it back. ",
                         (unsigned long long)d->state.pending, d->state.pending == 1 ? "change" : "changes");
        if (desk_running(d)) bytes_put(&text, STR("A statement is running: leaving stops it. "));
        app_unsaved(a, &text);
    }
    const char *title = quit ? "Leave d2db" : "Sign out";
    if (text.len)
        dialog_confirm(a, NULL, quit ? ASK_QUIT : ASK_SIGN_OUT, title, bytes_str(&text), buttons, 1);
    else if (quit)
        app_quit(a);
    else
        d->leave(d);
    bytes_done(&text);
}

static void answer_quit(App *a, const Answer *answer)
{
    if (answer->choice == 0) app_quit(a);
}

static void answer_sign_out(App *a, const Answer *answer)
{
    if (answer->choice == 0) desk_of(a)->leave(desk_of(a));
}

// ---- lists of names, read beside the person's connection ----

typedef struct NameList {
    Str text;
    Collected rows;
} NameList;

static void read_names(Job *j, void *context)
{
    NameList *l = j->data;
    if (!source_collect(context, l->text, &j->mem, &l->rows, &j->err)) l->rows.rows = 0;
}

static void list_names(App *a, uint32_t what, const char *before, Str quoted, const char *after)
{
    Job *j = job_new(0, what, read_names);
    NameList *l = arena_new(&j->mem, NameList);
    Bytes text;
    bytes_init(&text, 16384);
    bytes_put(&text, str_of(before));
    if (quoted.len) source_quote_text(&text, quoted);
    bytes_put(&text, str_of(after));
    l->text = arena_copy(&j->mem, bytes_str(&text));
    bytes_done(&text);
    j->data = l;
    desk_side_start(desk_of(a), j);
}

static void list_databases(App *a, uint32_t what)
{
    list_names(a, what, "SELECT database FROM d2db.show_databases ORDER BY database", STR_NONE, "");
}

static void list_tables(App *a, uint32_t what)
{
    if (desk_database(desk_of(a)).len == 0)
        app_notice(a, NOTICE_INFO, "Choose a database first: Data → Use database");
    else
        list_names(a, what, "SELECT table_name FROM d2db.tables WHERE database = ", desk_database(desk_of(a)),
                   " ORDER BY table_name");
}

typedef struct ListQuestion {
    uint32_t what;
    int question;
    const char *title;
} ListQuestion;
static const ListQuestion list_questions[] = {
    {LIST_USE, ASK_USE, "Use database"},
    {LIST_DROP, ASK_DROP_DATABASE, "Drop database"},
    {LIST_INSERT, ASK_INSERT_ROW, "Insert a row into"},
    {LIST_UPDATE, ASK_UPDATE_ROW, "Edit a row of"},
    {LIST_DELETE, ASK_DELETE_ROW, "Delete a row of"},
};

static void enrolled(App *a, const Msg *m)
{
    if (err_any(&m->err))
        dialog_error(a, "Add user", &m->err);
    else
        app_notice(a, NOTICE_OK, "The user is registered");
}

void ask_message(App *a, Msg *m)
{
    if (!desk_is_open(desk_of(a))) return; // who asked has signed out
    if (m->what == LIST_ENROLLED) {
        enrolled(a, m);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(list_questions); i++) {
        const ListQuestion *q = &list_questions[i];
        if (q->what != m->what) continue;
        const NameList *l = m->data;
        Desk *d = desk_of(a);
        if (err_any(&m->err)) {
            app_notice_err(a, &m->err);
        } else if (l->rows.rows == 0) {
            app_notice(a, NOTICE_INFO, "There is none yet");
        } else {
            arena_done(&d->names_mem); // the answer names one of them by its place
            d->names = arena_array(&d->names_mem, Str, l->rows.rows);
            d->name_count = l->rows.rows;
            for (size_t k = 0; k < l->rows.rows; k++)
                d->names[k] = arena_copy(&d->names_mem, l->rows.cell[k * l->rows.columns]);
            dialog_choose(a, NULL, q->question, q->title, d->names, NULL, d->name_count, 0);
        }
    }
}

static Str chosen_name(App *a, const Answer *answer)
{
    Desk *d = desk_of(a);
    return answer->choice < d->name_count ? d->names[answer->choice] : STR_NONE;
}

static void run_named(App *a, const char *before, Str name)
{
    Bytes text;
    bytes_init(&text, 4096);
    bytes_put(&text, str_of(before));
    source_quote_name(&text, name);
    desk_run(desk_of(a), NULL, bytes_str(&text));
    bytes_done(&text);
}

// ---- databases ----

void ask_use(App *a) { list_databases(a, LIST_USE); }
static void answer_use(App *a, const Answer *answer) { run_named(a, "USE ", chosen_name(a, answer)); }

void ask_create_database(App *a)
{
    dialog_prompt(a, NULL, ASK_CREATE_DATABASE, "Create database", "Name", STR(""));
}
static void answer_create_database(App *a, const Answer *answer)
{
    Str name = str_trim(answer->field[0]);
    Bytes text;
    bytes_init(&text, 4096);
    bytes_put(&text, STR("CREATE DATABASE "));
    source_quote_name(&text, name);
    bytes_put(&text, STR("; USE "));
    source_quote_name(&text, name);
    desk_run(desk_of(a), NULL, bytes_str(&text));
    bytes_done(&text);
}

void ask_drop_database(App *a) { list_databases(a, LIST_DROP); }
static void answer_drop_database(App *a, const Answer *answer)
{
    Desk *d = desk_of(a);
    char title[DROP_TITLE_MAX];
    d->names[0] = chosen_name(a, answer);
    d->name_count = 1;
    snprintf(title, sizeof title, "Drop %.*s with all its tables", STR_ARG(d->names[0]));
    dialog_prompt(a, NULL, ASK_DROP_SURE, title, "Type its name to be sure", STR(""));
}
static void answer_drop_sure(App *a, const Answer *answer)
{
    Desk *d = desk_of(a);
    if (d->name_count && str_equal(answer->field[0], d->names[0]))
        run_named(a, "DROP DATABASE ", d->names[0]);
    else
        app_notice(a, NOTICE_WARNING, "That is not its name: nothing was dropped");
}

// ---- transactions ----

static const char *const isolation_levels[] = {"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"};

void ask_isolation(App *a)
{
    Str item[COUNT_OF(isolation_levels)];
    for (size_t i = 0; i < COUNT_OF(item); i++) item[i] = str_of(isolation_levels[i]);
    dialog_choose(a, NULL, ASK_ISOLATION, "Begin a transaction with", item, NULL, COUNT_OF(item), 0);
}
static void answer_isolation(App *a, const Answer *answer)
{
    desk_run_printf(desk_of(a), "BEGIN ISOLATION LEVEL %s", isolation_levels[answer->choice]);
}

// ---- rows ----

void ask_insert_row(App *a) { list_tables(a, LIST_INSERT); }
void ask_update_row(App *a) { list_tables(a, LIST_UPDATE); }
void ask_delete_row(App *a) { list_tables(a, LIST_DELETE); }
static void answer_insert_row(App *a, const Answer *answer)
{
    record_insert(a, desk_database(desk_of(a)), chosen_name(a, answer));
}
static void answer_update_row(App *a, const Answer *answer)
{
    record_change(a, desk_database(desk_of(a)), chosen_name(a, answer), false);
}
static void answer_delete_row(App *a, const Answer *answer)
{
    record_change(a, desk_database(desk_of(a)), chosen_name(a, answer), true);
}

// ---- files ----

// DATA/exports/DATABASE.ENDING as a proposal.
static void propose_path(App *a, const char *ending, Bytes *out)
{
    Desk *d = desk_of(a);
    Err err = {0};
    bytes_init(out, 8192);
    if (!d->host->kind->directory(d->host, "exports", out, &err)) return;
    bytes_put_byte(out, '/');
    for (Str name = desk_database(d); name.len; name = str_slice(name, 1, name.len))
        bytes_put_byte(out, name.at[0] == '/' || (unsigned char)name.at[0] < 32 ? '_' : name.at[0]);
    bytes_put(out, str_of(ending));
}

static const char *const dialects[] = {"postgres", "d2db", "sqlite", "mysql", NULL};
static const char *const model_formats[] = {"text", "drawing", "mermaid", "dot", "dbml", NULL};
static const FieldSpec export_fields[] = {
    {.label = "Database", .required = true},
    {.label = "Dialect", .choice = dialects},
    {.label = "File", .required = true, .width = 56},
};
static const FieldSpec model_fields[] = {{.label = "Format", .choice = model_formats},
                                         {.label = "File", .required = true, .width = 56}};
static const FieldSpec import_fields[] = {
    {.label = "File", .required = true, .width = 56, .hint = "A .sql script or dump, or a .csv"},
    {.label = "Database", .hint = "Made when it is absent; empty: the script chooses its own"},
    {.label = "Table", .hint = "For a .csv: the table that takes its rows"},
};
static const FieldSpec user_fields[] = {
    {.label = "User", .required = true, .max = 64},
    {.label = "Password", .secret = true, .required = true, .max = 1024},
    {.label = "Password again", .secret = true, .required = true, .max = 1024},
    {.label = "Security question", .required = true, .max = 256},
    {.label = "Its answer", .secret = true, .required = true, .max = 1024},
};

void ask_export(App *a)
{
    Bytes path;
    propose_path(a, ".sql", &path);
    Str initial[] = {desk_database(desk_of(a)), STR("postgres"), bytes_str(&path)};
    dialog_form(a, NULL, ASK_EXPORT, "Export database", export_fields, COUNT_OF(export_fields), initial,
                "Export");
    bytes_done(&path);
}
static void answer_export(App *a, const Answer *answer)
{
    TaskSpec spec = {.kind = TASK_EXPORT,
                     .database = answer->field[0],
                     .format = answer->field[1],
                     .path = answer->field[2]};
    task_start(a, &spec);
}

void ask_model_file(App *a)
{
    if (desk_database(desk_of(a)).len == 0) {
        app_notice(a, NOTICE_INFO, "Choose a database first: Data → Use database");
        return;
    }
    Bytes path;
    propose_path(a, "-model.txt", &path);
    Str initial[] = {STR("text"), bytes_str(&path)};
    dialog_form(a, NULL, ASK_MODEL_FILE, "Write the data model", model_fields, COUNT_OF(model_fields),
                initial, "Write");
    bytes_done(&path);
}
static void answer_model_file(App *a, const Answer *answer)
{
    TaskSpec spec = {.kind = TASK_MODEL,
                     .database = desk_database(desk_of(a)),
                     .format = answer->field[0],
                     .path = answer->field[1]};
    task_start(a, &spec);
}

void ask_import(App *a)
{
    Str initial[] = {STR(""), desk_database(desk_of(a)), STR("")};
    dialog_form(a, NULL, ASK_IMPORT, "Import", import_fields, COUNT_OF(import_fields), initial, "Import");
}
static void answer_import(App *a, const Answer *answer)
{
    TaskSpec spec = {.kind = TASK_IMPORT,
                     .path = answer->field[0],
                     .database = answer->field[1],
                     .table = answer->field[2],
                     .create = answer->field[1].len && !answer->field[2].len};
    task_start(a, &spec);
}

void ask_sample(App *a)
{
    size_t count;
    const HostSample *sample = desk_of(a)->host->kind->samples(&count);
    Str item[16], detail[16];
    for (size_t i = 0; i < count && i < COUNT_OF(item); i++) {
        item[i] = str_of(sample[i].database);
        detail[i] = str_of(sample[i].title);
    }
    dialog_choose(a, NULL, ASK_SAMPLE, "Load a sample database", item, detail,
                  count < COUNT_OF(item) ? count : COUNT_OF(item), 0);
}
static void answer_sample(App *a, const Answer *answer)
{
    TaskSpec spec = {.kind = TASK_SAMPLE, .sample = (int)answer->choice};
    task_start(a, &spec);
}

// ---- users ----

typedef struct EnrollJob {
    Host *host;
    HostRegistration r;
} EnrollJob;

static void enroll(Job *j, void *context)
{
    (void)context;
    EnrollJob *e = j->data;
    if (!e->host->kind->enroll(e->host, &e->r, &j->err)) return; // told by its message
}

void ask_add_user(App *a)
{
    dialog_form(a, NULL, ASK_ADD_USER, "Add user", user_fields, COUNT_OF(user_fields), NULL, "Register");
}
static void answer_add_user(App *a, const Answer *answer)
{
    if (!str_equal(answer->field[1], answer->field[2])) {
        app_notice(a, NOTICE_ERROR, "The two passwords are not the same: nobody was registered");
        return;
    }
    Job *j = job_new(0, LIST_ENROLLED, enroll);
    EnrollJob *e = arena_new(&j->mem, EnrollJob);
    e->host = desk_of(a)->host;
    e->r = (HostRegistration){
        arena_copy(&j->mem, str_trim(answer->field[0])), arena_copy(&j->mem, answer->field[1]),
        arena_copy(&j->mem, str_trim(answer->field[3])), arena_copy(&j->mem, answer->field[4])};
    j->data = e;
    desk_side_start(desk_of(a), j);
}

// ---- answers ----

typedef struct Question {
    int question;
    void (*answer)(App *a, const Answer *answer);
} Question;
static const Question questions[] = {
    {ASK_QUIT, answer_quit},
    {ASK_SIGN_OUT, answer_sign_out},
    {ASK_IMPORT, answer_import},
    {ASK_SAMPLE, answer_sample},
    {ASK_ISOLATION, answer_isolation},
    {ASK_USE, answer_use},
    {ASK_CREATE_DATABASE, answer_create_database},
    {ASK_DROP_DATABASE, answer_drop_database},
    {ASK_DROP_SURE, answer_drop_sure},
    {ASK_INSERT_ROW, answer_insert_row},
    {ASK_UPDATE_ROW, answer_update_row},
    {ASK_DELETE_ROW, answer_delete_row},
    {ASK_MODEL_FILE, answer_model_file},
    {ASK_EXPORT, answer_export},
    {ASK_ADD_USER, answer_add_user},
};

void ask_answered(App *a, const Answer *answer)
{
    if (!answer->ok) return;
    for (size_t i = 0; i < COUNT_OF(questions); i++)
        if (questions[i].question == answer->question) questions[i].answer(a, answer);
}
