// SchemaTree: the tree of databases, tables and columns, read beside the person's connection; children are
// asked for when a node is opened. Enter puts a name into the editor or shows rows. Relies on desk, tree.
#include "tui/panes/panes.h"

#include "tui/panes/desk.h"
#include "tui/panes/record.h"
#include "tui/widget/dialog.h"
#include "tui/widget/menu.h"
#include "tui/widget/tree.h"

#include <stdio.h>
#include <string.h>

enum { KIND_DATABASE = 1, KIND_GROUP, KIND_TABLE, KIND_COLUMN, KIND_OBJECT };
enum { LOAD_DATABASES = DESK_OWN, LOAD_TABLES, LOAD_COLUMNS, LOAD_OBJECTS };
enum { ASK_FIND = 1, ASK_DROP };
enum { SIGN_KEY = 0x25C6, SIGN_FOREIGN = 0x2197, SIGN_PLAIN = 0x00B7 };

typedef struct TreeState {
    Tree tree;
    Bytes needle;
    char chosen[128]; // database that was opened for the person
    bool again;       // a refresh is wanted when the one under way has come
    bool loading;
    bool known; // the databases have been read once
} TreeState;

// What a load was for, and its answer.
typedef struct Load {
    Str database, table;
    Collected rows;
} Load;

// ---- loading, on the side connection's thread ----

static void read_list(Job *j, void *context, const char *format, Str name)
{
    Load *l = j->data;
    Bytes quoted, text;
    bytes_init(&quoted, 4096);
    bytes_init(&text, 16384);
    source_quote_text(&quoted, name);
    const char *hole = strstr(format, "%s");
    bytes_put(&text, (Str){format, hole ? (size_t)(hole - format) : strlen(format)});
    if (hole) {
        bytes_put(&text, bytes_str(&quoted));
        bytes_put(&text, str_of(hole + 2));
    }
    if (!source_collect(context, bytes_str(&text), &j->mem, &l->rows, &j->err)) l->rows.rows = 0;
    bytes_done(&text);
    bytes_done(&quoted);
}

static void read_databases(Job *j, void *context)
{
    read_list(j, context, "SELECT database FROM d2db.show_databases ORDER BY database", STR_NONE);
}

static void read_tables(Job *j, void *context)
{
    Load *l = j->data;
    read_list(j, context,
              "SELECT table_name, row_estimate FROM d2db.tables WHERE database = %s ORDER BY table_name",
              l->database);
}

// What a database holds beside tables; the last column orders them by name within a kind.
static void read_objects(Job *j, void *context)
{
    Load *l = j->data;
    read_list(
        j, context,
        "SELECT DISTINCT kind, CASE WHEN schema_name IN ('', 'public') THEN name ELSE schema_name || '.' "
        "|| name END FROM d2db.definitions WHERE database = %s AND kind IN ('view', 'materialized view', "
        "'sequence', 'type', 'domain', 'function', 'procedure', 'trigger') ORDER BY 1, 2",
        l->database);
}

static void read_columns(Job *j, void *context)
{
    Load *l = j->data;
    Bytes text;
    bytes_init(&text, 16384);
    bytes_put(&text, STR("SELECT c.column_name, c.column_type, c.in_primary, c.in_foreign FROM d2db.columns "
                         "c WHERE c.database = "));
    source_quote_text(&text, l->database);
    bytes_put(&text, STR(" AND c.table_name = "));
    source_quote_text(&text, l->table);
    bytes_put(&text, STR(" ORDER BY c.position"));
    if (!source_collect(context, bytes_str(&text), &j->mem, &l->rows, &j->err)) l->rows.rows = 0;
    bytes_done(&text);
}

static void start_load(Pane *p, uint32_t what, void (*work)(Job *j, void *context), Str database, Str table)
{
    Job *j = desk_side_job(p, what, work);
    Load *l = arena_new(&j->mem, Load);
    l->database = arena_copy(&j->mem, database);
    l->table = arena_copy(&j->mem, table);
    j->data = l;
    desk_side_start(desk_of(p->app), j);
}

static void load_node(Pane *p, TreeNode *n)
{
    if (!n) return;
    if (n->kind == KIND_DATABASE) {
        start_load(p, LOAD_TABLES, read_tables, n->key, STR_NONE);
        start_load(p, LOAD_OBJECTS, read_objects, n->key, STR_NONE);
    }
    if (n->kind == KIND_TABLE) start_load(p, LOAD_COLUMNS, read_columns, n->parent->parent->key, n->key);
}

static void refresh(Pane *p)
{
    TreeState *s = pane_state(p, TreeState);
    if (s->loading)
        s->again = true;
    else
        start_load(p, LOAD_DATABASES, read_databases, STR_NONE, STR_NONE);
    s->loading = true;
}

// ---- answers ----

static void set_detail(TreeState *s, TreeNode *n, Str detail)
{
    if (!str_equal(n->detail, detail)) tree_set_detail(&s->tree, n, detail); // each one stays in its memory
}

// The answer names the same children, in the same order.
static bool same_children(const TreeNode *parent, const Load *l)
{
    uint64_t i = 0;
    for (const TreeNode *n = parent->child; n; n = n->next, i++)
        if (i >= l->rows.rows || !str_equal(n->key, collected_cell(&l->rows, i, 0))) return false;
    return i == l->rows.rows;
}

// What was open below a node that is made anew, and where the cursor was, by key.
typedef struct Kept {
    Arena mem;
    Str *open;
    size_t opens;
    Str at;
    int at_kind;
} Kept;

static Kept keep(const TreeState *s, const TreeNode *parent)
{
    Kept k = {0};
    size_t count = 0;
    for (const TreeNode *n = parent->child; n; n = n->next) count += n->open;
    k.open = arena_array(&k.mem, Str, count + 1);
    for (const TreeNode *n = parent->child; n; n = n->next)
        if (n->open) k.open[k.opens++] = arena_copy(&k.mem, n->key);
    const TreeNode *at = tree_at(&s->tree);
    while (at && at->parent != parent) at = at->parent;
    if (at) {
        k.at = arena_copy(&k.mem, at->key);
        k.at_kind = at->kind;
    }
    return k;
}

static void open_again(Pane *p, TreeNode *parent, Kept *k)
{
    TreeState *s = pane_state(p, TreeState);
    tree_loaded(&s->tree, parent);
    for (TreeNode *n = parent->child; n; n = n->next)
        for (size_t i = 0; i < k->opens; i++) {
            TreeNode *load = NULL;
            if (!str_equal(n->key, k->open[i])) continue;
            tree_open(&s->tree, n, true, &load);
            load_node(p, load);
        }
    TreeNode *at = k->at.len ? tree_child(parent, k->at_kind, k->at) : NULL;
    if (at) tree_goto(&s->tree, at);
    arena_done(&k->mem);
}

static void use_database(Pane *p, Str name)
{
    Bytes text;
    bytes_init(&text, 4096);
    bytes_put(&text, STR("USE "));
    source_quote_name(&text, name);
    desk_run(desk_of(p->app), NULL, bytes_str(&text));
    bytes_done(&text);
}

static void take_databases(Pane *p, const Load *l)
{
    TreeState *s = pane_state(p, TreeState);
    Str chosen = desk_database(desk_of(p->app));
    bool same = same_children(&s->tree.root, l);
    if (!same) {
        Kept k = keep(s, &s->tree.root);
        tree_remove_children(&s->tree, &s->tree.root);
        for (uint64_t i = 0; i < l->rows.rows; i++) {
            Str name = collected_cell(&l->rows, i, 0);
            TreeNode like = {.label = name,
                             .key = name,
                             .kind = KIND_DATABASE,
                             .branch = true,
                             .style = STYLE_STRONG,
                             .detail_style = STYLE_ACCENT};
            tree_add(&s->tree, NULL, &like);
        }
        open_again(p, &s->tree.root, &k);
    }
    for (TreeNode *n = s->tree.root.child; n; n = n->next) {
        bool here = str_equal(n->key, chosen);
        set_detail(s, n, here ? STR("in use") : STR(""));
        TreeNode *load = NULL;
        if (here && !str_equal(chosen, str_of(s->chosen))) {
            tree_open(&s->tree, n, true, &load);
            load_node(p, load);
            tree_goto(&s->tree, n);
        } else if (n->loaded) {
            load_node(p, n); // counts and tables may be others now
        }
    }
    // Where there is only one to choose, it is chosen.
    if (chosen.len == 0 && !s->known && l->rows.rows == 1 && !desk_running(desk_of(p->app)))
        use_database(p, collected_cell(&l->rows, 0, 0));
    s->known = true;
    snprintf(s->chosen, sizeof s->chosen, "%.*s", STR_ARG(chosen));
    tree_changed(&s->tree);
}

static void count_text(Str rows, Bytes *out)
{
    int64_t n;
    if (!str_to_int64(rows, &n)) return;
    if (n < 1000)
        bytes_put_int64(out, n);
    else if (n < 1000000)
        bytes_printf(out, n < 100000 ? "%.1fk" : "%.0fk", (double)n / 1000);
    else
        bytes_printf(out, "%.1fM", (double)n / 1000000);
}

static void set_counts(TreeState *s, TreeNode *group, const Load *l)
{
    Bytes count;
    bytes_init(&count, 64);
    bytes_put_uint64(&count, l->rows.rows);
    set_detail(s, group, bytes_str(&count));
    uint64_t i = 0;
    for (TreeNode *n = group->child; n; n = n->next, i++) {
        bytes_clear(&count);
        count_text(collected_cell(&l->rows, i, 1), &count);
        set_detail(s, n, bytes_str(&count));
    }
    bytes_done(&count);
}

static void take_tables(Pane *p, const Load *l)
{
    TreeState *s = pane_state(p, TreeState);
    TreeNode *database = tree_child(&s->tree.root, KIND_DATABASE, l->database);
    if (!database) return;
    TreeNode *group = tree_child(database, KIND_GROUP, STR("tables"));
    if (!group) {
        TreeNode like = {.label = STR("tables"),
                         .key = STR("tables"),
                         .kind = KIND_GROUP,
                         .branch = true,
                         .open = true,
                         .detail_style = STYLE_DIM};
        group = tree_add(&s->tree, database, &like);
        group->open = true;
    }
    if (!same_children(group, l)) {
        Kept k = keep(s, group);
        tree_remove_children(&s->tree, group);
        for (uint64_t i = 0; i < l->rows.rows; i++) {
            Str name = collected_cell(&l->rows, i, 0);
            TreeNode like = {
                .label = name, .key = name, .kind = KIND_TABLE, .branch = true, .detail_style = STYLE_NUMBER};
            tree_add(&s->tree, group, &like);
        }
        open_again(p, group, &k);
    } else {
        for (TreeNode *n = group->child; n; n = n->next)
            if (n->loaded) load_node(p, n); // columns may be others now
    }
    set_counts(s, group, l);
    group->loaded = true;
    tree_loaded(&s->tree, database);
}

static TreeNode *kind_group(TreeState *s, TreeNode *database, Str kind)
{
    TreeNode *group = tree_child(database, KIND_GROUP, kind);
    if (group) return group;
    char label[48];
    snprintf(label, sizeof label, "%.*ss", STR_ARG(kind));
    TreeNode like = {
        .label = str_of(label), .key = kind, .kind = KIND_GROUP, .branch = true, .detail_style = STYLE_DIM};
    group = tree_add(&s->tree, database, &like);
    group->loaded = true;
    return group;
}

static bool same_objects(const TreeNode *database, const Load *l)
{
    uint64_t i = 0;
    for (const TreeNode *g = database->child; g; g = g->next)
        for (const TreeNode *n = g->child; n && n->kind == KIND_OBJECT; n = n->next, i++)
            if (i >= l->rows.rows || !str_equal(g->key, collected_cell(&l->rows, i, 0)) ||
                !str_equal(n->key, collected_cell(&l->rows, i, 1)))
                return false;
    return i == l->rows.rows;
}

// One group per kind that there is, behind the tables.
static void take_objects(Pane *p, const Load *l)
{
    TreeState *s = pane_state(p, TreeState);
    TreeNode *database = tree_child(&s->tree.root, KIND_DATABASE, l->database);
    if (!database || same_objects(database, l)) return;
    Bytes count;
    bytes_init(&count, 64);
    for (TreeNode *g = database->child; g; g = g->next)
        if (!str_equal(g->key, STR("tables"))) tree_remove_children(&s->tree, g);
    for (uint64_t i = 0, members = 0; i < l->rows.rows; i++) {
        Str kind = collected_cell(&l->rows, i, 0), name = collected_cell(&l->rows, i, 1);
        TreeNode *group = kind_group(s, database, kind);
        TreeNode like = {
            .label = name, .key = name, .kind = KIND_OBJECT, .sign = SIGN_PLAIN, .sign_style = STYLE_DIM};
        members = group->child ? members + 1 : 1;
        tree_add(&s->tree, group, &like);
        bytes_clear(&count);
        bytes_put_uint64(&count, members);
        set_detail(s, group, bytes_str(&count));
    }
    for (TreeNode *g = database->child; g; g = g->next)
        if (!g->child && !str_equal(g->key, STR("tables"))) set_detail(s, g, STR("0"));
    bytes_done(&count);
    tree_changed(&s->tree);
}

static TreeNode column_node(const Collected *rows, uint64_t i)
{
    bool primary = collected_true(rows, i, 2), foreign = collected_true(rows, i, 3);
    return (TreeNode){.label = collected_cell(rows, i, 0),
                      .key = collected_cell(rows, i, 0),
                      .kind = KIND_COLUMN,
                      .detail = collected_cell(rows, i, 1),
                      .detail_style = STYLE_TYPE,
                      .sign = primary   ? SIGN_KEY
                              : foreign ? SIGN_FOREIGN
                                        : SIGN_PLAIN,
                      .sign_style = primary || foreign ? STYLE_KEY_GLYPH : STYLE_DIM};
}

static void take_columns(Pane *p, const Load *l)
{
    TreeState *s = pane_state(p, TreeState);
    TreeNode *database = tree_child(&s->tree.root, KIND_DATABASE, l->database);
    TreeNode *group = database ? tree_child(database, KIND_GROUP, STR("tables")) : NULL;
    TreeNode *table = group ? tree_child(group, KIND_TABLE, l->table) : NULL;
    if (!table) return;
    bool same = same_children(table, l);
    uint64_t i = 0;
    for (TreeNode *n = table->child; n && same; n = n->next, i++) {
        TreeNode like = column_node(&l->rows, i);
        same = str_equal(n->detail, like.detail) && n->sign == like.sign;
    }
    if (!same) {
        Kept k = keep(s, table);
        tree_remove_children(&s->tree, table);
        for (i = 0; i < l->rows.rows; i++) {
            TreeNode like = column_node(&l->rows, i);
            tree_add(&s->tree, table, &like);
        }
        open_again(p, table, &k);
    }
    tree_loaded(&s->tree, table);
}

// A load that failed leaves its node closed, so that opening it asks again.
static void load_failed(Pane *p, const Msg *m)
{
    TreeState *s = pane_state(p, TreeState);
    const Load *l = m->data;
    if (!err_is(&m->err, SQLSTATE_CANCELED)) app_notice_err(p->app, &m->err);
    TreeNode *n = tree_child(&s->tree.root, KIND_DATABASE, l->database);
    if (n && m->what == LOAD_COLUMNS) n = tree_child(n, KIND_GROUP, STR("tables"));
    if (n && m->what == LOAD_COLUMNS) n = tree_child(n, KIND_TABLE, l->table);
    if (!n || m->what == LOAD_DATABASES) return;
    n->loading = false;
    if (!n->loaded) n->open = false;
    tree_changed(&s->tree);
}

static void tree_message_in(Pane *p, Msg *m)
{
    TreeState *s = pane_state(p, TreeState);
    if (m->what == DESK_CHANGED) {
        refresh(p);
        return;
    }
    if (m->what < DESK_OWN) return;
    if (m->what == LOAD_DATABASES) s->loading = false;
    if (err_any(&m->err)) {
        load_failed(p, m);
        return;
    }
    if (m->what == LOAD_DATABASES) take_databases(p, m->data);
    if (m->what == LOAD_TABLES) take_tables(p, m->data);
    if (m->what == LOAD_COLUMNS) take_columns(p, m->data);
    if (m->what == LOAD_OBJECTS) take_objects(p, m->data);
    if (m->what == LOAD_DATABASES && s->again) {
        s->again = false;
        refresh(p);
    }
}

// ---- actions ----

// Name of the table at the cursor (also from one of its columns); its database; NULL when there is none.
static const TreeNode *table_at(const TreeState *s)
{
    const TreeNode *n = tree_at(&s->tree);
    if (n && n->kind == KIND_COLUMN) n = n->parent;
    return n && n->kind == KIND_TABLE ? n : NULL;
}

static const TreeNode *view_at(const TreeState *s)
{
    const TreeNode *n = tree_at(&s->tree);
    return n && n->kind == KIND_OBJECT && str_ends(n->parent->key, STR("view")) ? n : NULL;
}

static Str database_at(const TreeState *s)
{
    const TreeNode *n = tree_at(&s->tree);
    while (n && n->kind != KIND_DATABASE) n = n->parent;
    return n ? n->key : STR_NONE;
}

static void run_on(Pane *p, const char *before, Str name, const char *after)
{
    Bytes text;
    bytes_init(&text, 16384);
    Str database = database_at(pane_state(p, TreeState));
    if (!str_equal(database, desk_database(desk_of(p->app)))) {
        bytes_put(&text, STR("USE "));
        source_quote_name(&text, database);
        bytes_put(&text, STR("; "));
    }
    bytes_put(&text, str_of(before));
    desk_quote_table(&text, name);
    bytes_put(&text, str_of(after));
    desk_run(desk_of(p->app), NULL, bytes_str(&text));
    bytes_done(&text);
}

static void insert_name(Pane *p, Str name, bool in_schema)
{
    Bytes text;
    bytes_init(&text, 4096);
    if (in_schema)
        desk_quote_table(&text, name);
    else
        source_quote_name(&text, name);
    desk_tell(desk_of(p->app), SLOT_EDITOR, DESK_INSERT_TEXT, 0, bytes_str(&text));
    bytes_done(&text);
}

static void ask_drop(Pane *p)
{
    static const char *const buttons[] = {"&Drop it", "&Keep it", NULL};
    const TreeNode *t = table_at(pane_state(p, TreeState));
    if (!t) {
        app_notice(p->app, NOTICE_INFO, "Go to a table in the tree first");
        return;
    }
    Bytes text;
    bytes_init(&text, 4096);
    bytes_put(&text, STR("Drop table "));
    bytes_put(&text, t->key);
    bytes_put(&text, STR(" with all its rows? Inside a transaction it can be rolled back; else it cannot."));
    dialog_confirm(p->app, p, ASK_DROP, "Drop table", bytes_str(&text), buttons, 1);
    bytes_done(&text);
}

static bool find_again(Pane *p, bool backwards)
{
    TreeState *s = pane_state(p, TreeState);
    Str needle = bytes_str(&s->needle);
    if (needle.len && !tree_find(&s->tree, needle, backwards))
        app_notice(p->app, NOTICE_WARNING, "Not found: %.*s", STR_ARG(needle));
    return true;
}

static void tree_answer(Pane *p, const Answer *a)
{
    TreeState *s = pane_state(p, TreeState);
    const TreeNode *t = table_at(s);
    if (!a->ok) return;
    if (a->question == ASK_DROP && a->choice == 0 && t) run_on(p, "DROP TABLE ", t->key, "");
    if (a->question != ASK_FIND) return;
    bytes_clear(&s->needle);
    bytes_put(&s->needle, a->field[0]);
    find_again(p, false);
}

static bool enter_leaf(Pane *p)
{
    const TreeNode *n = tree_at(&pane_state(p, TreeState)->tree);
    if (!n || (n->kind != KIND_COLUMN && n->kind != KIND_OBJECT)) return false;
    insert_name(p, n->key, n->kind == KIND_OBJECT);
    return true;
}

static bool act_table(Pane *p, Action a)
{
    TreeState *s = pane_state(p, TreeState);
    const TreeNode *t = table_at(s);
    Str database = database_at(s);
    switch (a) {
    case ACTION_DATA_DROP_TABLE: ask_drop(p); return true;
    case ACTION_DATA_BROWSE:
    case ACTION_DATA_DESCRIBE:
        if (!t && a == ACTION_DATA_BROWSE && view_at(s))
            run_on(p, "SELECT * FROM ", view_at(s)->key, "");
        else if (!t)
            app_notice(p->app, NOTICE_INFO, "Go to a table in the tree first");
        else if (a == ACTION_DATA_BROWSE)
            run_on(p, "SELECT * FROM ", t->key, "");
        else
            run_on(p, "DESCRIBE ", t->key, "");
        return true;
    case ACTION_DATA_INSERT:
        if (t) record_insert(p->app, database, t->key);
        return t != NULL;
    case ACTION_DATA_UPDATE:
    case ACTION_DATA_DELETE:
        if (t) record_change(p->app, database, t->key, a == ACTION_DATA_DELETE);
        return t != NULL;
    default: return false;
    }
}

static bool tree_act_in(Pane *p, Action a)
{
    TreeState *s = pane_state(p, TreeState);
    TreeNode *load = NULL;
    if (a == ACTION_DATA_USE && database_at(s).len)
        use_database(p, database_at(s));
    else if (a == ACTION_DATA_REFRESH) {
        refresh(p);
        app_notice(p->app, NOTICE_INFO, "Reading databases and tables again");
    } else if (a == ACTION_EDIT_FIND)
        dialog_prompt(p->app, p, ASK_FIND, "Find", "Name", bytes_str(&s->needle));
    else if (a == ACTION_EDIT_FIND_NEXT)
        return find_again(p, false);
    else if (a == ACTION_EDIT_FIND_PREV)
        return find_again(p, true);
    else if (a == ACTION_EDIT_COPY && tree_at(&s->tree))
        app_copy(p->app, tree_at(&s->tree)->key);
    else if (a == ACTION_ENTER && enter_leaf(p))
        return true;
    else if (tree_act(&s->tree, a, &load))
        load_node(p, load);
    else
        return act_table(p, a);
    return true;
}

static bool insert_at(Pane *p)
{
    const TreeNode *n = tree_at(&pane_state(p, TreeState)->tree);
    if (!n || n->kind == KIND_GROUP) return false;
    insert_name(p, n->key, n->kind == KIND_TABLE || n->kind == KIND_OBJECT);
    return true;
}

static bool tree_key(Pane *p, Key k)
{
    if (k.mods) return false;
    switch (k.code) {
    case 'b': return tree_act_in(p, ACTION_DATA_BROWSE);
    case 'd': return tree_act_in(p, ACTION_DATA_DESCRIBE);
    case 'u': return tree_act_in(p, ACTION_DATA_USE);
    case 'i': return insert_at(p);
    case '/': return tree_act_in(p, ACTION_EDIT_FIND);
    case ' ': return tree_act_in(p, ACTION_ENTER);
    default: return false;
    }
}

static bool tree_mouse_in(Pane *p, const Mouse *m)
{
    static const Action actions[] = {ACTION_DATA_BROWSE, ACTION_DATA_DESCRIBE, ACTION_DATA_INSERT,
                                     ACTION_DATA_UPDATE, ACTION_DATA_USE,      ACTION_DATA_DROP_TABLE};
    TreeState *s = pane_state(p, TreeState);
    TreeNode *load = NULL;
    bool chosen = false;
    if (!tree_mouse(&s->tree, m, &load, &chosen)) return false;
    load_node(p, load);
    Rect in = app_inside(p->app, p);
    if (m->kind == MOUSE_PRESS && m->button == 3)
        menu_context(p->app, in.x + m->x, in.y + m->y, actions, COUNT_OF(actions));
    else if (chosen && !enter_leaf(p))
        tree_act_in(p, ACTION_DATA_BROWSE);
    return true;
}

static void tree_open_pane(Pane *p, const void *arg)
{
    (void)arg;
    TreeState *s = pane_state(p, TreeState);
    tree_init(&s->tree);
    bytes_init(&s->needle, 4096);
    refresh(p);
}

static void tree_close(Pane *p)
{
    TreeState *s = pane_state(p, TreeState);
    tree_done(&s->tree);
    bytes_done(&s->needle);
}

static void tree_place_pane(Pane *p) { tree_place(&pane_state(p, TreeState)->tree, p->width, p->height); }

static void tree_draw_pane(const Pane *p, Canvas *c)
{
    const TreeState *s = pane_state(p, TreeState);
    tree_draw(&s->tree, c, p->focused);
    if (s->tree.rows == 0 && !s->loading) canvas_cstr(c, 1, 0, STYLE_DIM, "no database yet");
}

static void tree_title(const Pane *p, Bytes *out)
{
    Str database = desk_database(desk_of(p->app));
    bytes_put(out, database.len ? database : STR("databases"));
}

static void tree_hint(const Pane *p, Bytes *out)
{
    (void)p;
    bytes_put(out, STR("b browse  d describe  u use  i insert name"));
}

const PaneKind pane_tree = {
    .name = "tree",
    .state_size = sizeof(TreeState),
    .open = tree_open_pane,
    .close = tree_close,
    .place = tree_place_pane,
    .draw = tree_draw_pane,
    .key = tree_key,
    .act = tree_act_in,
    .mouse = tree_mouse_in,
    .message = tree_message_in,
    .answer = tree_answer,
    .title = tree_title,
    .hint = tree_hint,
};
