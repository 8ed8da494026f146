// SchemaTree: the tree of databases, tables and columns, read beside the person's connection; children are
// asked for when a node is opened. Enter puts a name into the editor or shows rows. Relies on desk, tree.
#include "tui/panes/panes.h"

#include "tui/panes/desk.h"
#include "tui/widget/dialog.h"
#include "tui/widget/menu.h"
#include "tui/widget/tree.h"

#include <stdio.h>
#include <string.h>

enum { KIND_DATABASE = 1, KIND_GROUP, KIND_TABLE, KIND_COLUMN };
enum { LOAD_DATABASES = DESK_OWN, LOAD_TABLES, LOAD_COLUMNS };
enum { ASK_FIND = 1, ASK_DROP };
enum { SIGN_KEY = 0x25C6, SIGN_FOREIGN = 0x2197, SIGN_PLAIN = 0x00B7 };

typedef struct TreeState {
    Tree tree;
    Bytes needle;
    char chosen[128]; // database that was opened for the person
    bool again;       // a refresh is wanted when the one under way has come
    bool loading;
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
    read_list(j, context,
              "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN "
              "('information_schema', 'd2db', 'pg_catalog') ORDER BY schema_name",
              STR_NONE);
}

static void read_tables(Job *j, void *context)
{
    Load *l = j->data;
    read_list(j, context,
              "SELECT table_name, row_estimate FROM d2db.tables WHERE database = %s ORDER BY table_name",
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
    if (n->kind == KIND_DATABASE) start_load(p, LOAD_TABLES, read_tables, n->key, STR_NONE);
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

// Databases that are there already keep their children; those that went go.
static void take_databases(Pane *p, const Load *l)
{
    TreeState *s = pane_state(p, TreeState);
    Desk *d = desk_of(p->app);
    Str chosen = desk_database(d);
    bool same = true;
    size_t i = 0;
    for (TreeNode *n = s->tree.root.child; n || i < l->rows.rows; n = n ? n->next : NULL, i++)
        if (!n || i >= l->rows.rows || !str_equal(n->key, l->rows.cell[i])) same = false;
    if (!same) {
        tree_remove_children(&s->tree, &s->tree.root);
        for (i = 0; i < l->rows.rows; i++) {
            TreeNode like = {.label = l->rows.cell[i],
                             .key = l->rows.cell[i],
                             .kind = KIND_DATABASE,
                             .branch = true,
                             .style = STYLE_STRONG};
            tree_add(&s->tree, NULL, &like);
        }
        tree_loaded(&s->tree, &s->tree.root);
    }
    for (TreeNode *n = s->tree.root.child; n; n = n->next) {
        bool here = str_equal(n->key, chosen);
        tree_set_detail(&s->tree, n, here ? STR("in use") : STR(""));
        TreeNode *load = NULL;
        if (here && !str_equal(chosen, str_of(s->chosen))) {
            tree_open(&s->tree, n, true, &load);
            load_node(p, load);
        } else if (n->loaded) {
            load_node(p, n); // counts and tables may be others now
        }
    }
    snprintf(s->chosen, sizeof s->chosen, "%.*s", STR_ARG(chosen));
    tree_changed(&s->tree);
}

static void count_text(Str rows, Bytes *out)
{
    int64_t n;
    if (!str_to_int64(rows, &n)) return;
    if (n < 10000)
        bytes_put_int64(out, n);
    else if (n < 1000000)
        bytes_printf(out, n < 100000 ? "%.1fk" : "%.0fk", (double)n / 1000);
    else
        bytes_printf(out, "%.1fM", (double)n / 1000000);
}

static void take_tables(Pane *p, const Load *l)
{
    TreeState *s = pane_state(p, TreeState);
    TreeNode *database = tree_child(&s->tree.root, KIND_DATABASE, l->database);
    if (!database) return;
    // Which tables were open stays so.
    Arena mem = {0};
    Str *open = NULL;
    size_t opens = 0;
    TreeNode *group = database->child, *load = NULL;
    if (group) {
        for (TreeNode *t = group->child; t; t = t->next) opens += t->open;
        open = arena_array(&mem, Str, opens + 1);
        opens = 0;
        for (TreeNode *t = group->child; t; t = t->next)
            if (t->open) open[opens++] = arena_copy(&mem, t->key);
    }
    TreeNode *cursor = tree_at(&s->tree);
    Str at = cursor && cursor->kind == KIND_TABLE ? arena_copy(&mem, cursor->key) : STR_NONE;
    bool group_open = !group || group->open;
    tree_remove_children(&s->tree, database);
    Bytes count;
    bytes_init(&count, 64);
    bytes_put_uint64(&count, l->rows.rows);
    TreeNode like = {.label = STR("tables"),
                     .key = STR("tables"),
                     .kind = KIND_GROUP,
                     .branch = true,
                     .open = group_open,
                     .loaded = true,
                     .detail = bytes_str(&count),
                     .detail_style = STYLE_DIM};
    group = tree_add(&s->tree, database, &like);
    group->open = group_open;
    for (size_t i = 0; i < l->rows.rows; i++) {
        bytes_clear(&count);
        count_text(l->rows.cell[i * l->rows.columns + 1], &count);
        Str name = l->rows.cell[i * l->rows.columns];
        TreeNode table = {.label = name,
                          .key = name,
                          .kind = KIND_TABLE,
                          .branch = true,
                          .detail = bytes_str(&count),
                          .detail_style = STYLE_NUMBER};
        TreeNode *n = tree_add(&s->tree, group, &table);
        for (size_t k = 0; k < opens; k++) {
            if (!str_equal(open[k], name)) continue;
            tree_open(&s->tree, n, true, &load);
            load_node(p, load);
        }
    }
    tree_loaded(&s->tree, group);
    tree_loaded(&s->tree, database);
    tree_changed(&s->tree);
    TreeNode *back = at.at ? tree_child(group, KIND_TABLE, at) : NULL;
    if (back) tree_goto(&s->tree, back);
    bytes_done(&count);
    arena_done(&mem);
}

static void take_columns(Pane *p, const Load *l)
{
    TreeState *s = pane_state(p, TreeState);
    TreeNode *database = tree_child(&s->tree.root, KIND_DATABASE, l->database);
    TreeNode *table = database && database->child ? tree_child(database->child, KIND_TABLE, l->table) : NULL;
    if (!table) return;
    tree_remove_children(&s->tree, table);
    for (size_t i = 0; i < l->rows.rows; i++) {
        const Str *cell = &l->rows.cell[i * l->rows.columns];
        bool primary = str_equal(cell[2], STR("t")), foreign = str_equal(cell[3], STR("t"));
        TreeNode like = {.label = cell[0],
                         .key = cell[0],
                         .kind = KIND_COLUMN,
                         .detail = cell[1],
                         .detail_style = STYLE_TYPE,
                         .sign = primary   ? SIGN_KEY
                                 : foreign ? SIGN_FOREIGN
                                           : SIGN_PLAIN,
                         .sign_style = primary || foreign ? STYLE_KEY_GLYPH : STYLE_DIM};
        tree_add(&s->tree, table, &like);
    }
    tree_loaded(&s->tree, table);
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
        if (!err_is(&m->err, SQLSTATE_CANCELED)) app_notice_err(p->app, &m->err);
        return;
    }
    if (m->what == LOAD_DATABASES) take_databases(p, m->data);
    if (m->what == LOAD_TABLES) take_tables(p, m->data);
    if (m->what == LOAD_COLUMNS) take_columns(p, m->data);
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
    source_quote_name(&text, name);
    bytes_put(&text, str_of(after));
    desk_run(desk_of(p->app), NULL, bytes_str(&text));
    bytes_done(&text);
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

static void insert_name(Pane *p, Str name)
{
    Bytes text;
    bytes_init(&text, 4096);
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

static void tree_answer(Pane *p, const Answer *a)
{
    TreeState *s = pane_state(p, TreeState);
    const TreeNode *t = table_at(s);
    if (!a->ok) return;
    if (a->question == ASK_DROP && a->choice == 0 && t) run_on(p, "DROP TABLE ", t->key, "");
    if (a->question != ASK_FIND) return;
    bytes_clear(&s->needle);
    bytes_put(&s->needle, a->field[0]);
    if (!tree_find(&s->tree, bytes_str(&s->needle), false))
        app_notice(p->app, NOTICE_WARNING, "Not found: %.*s", STR_ARG(a->field[0]));
}

static bool enter_leaf(Pane *p)
{
    const TreeNode *n = tree_at(&pane_state(p, TreeState)->tree);
    if (!n || n->kind != KIND_COLUMN) return false;
    insert_name(p, n->key);
    return true;
}

static bool act_table(Pane *p, Action a)
{
    TreeState *s = pane_state(p, TreeState);
    const TreeNode *t = table_at(s);
    if (a == ACTION_DATA_DROP_TABLE) {
        ask_drop(p);
        return true;
    }
    if (!t) return false;
    if (a == ACTION_DATA_BROWSE)
        run_on(p, "SELECT * FROM ", t->key, "");
    else if (a == ACTION_DATA_DESCRIBE)
        run_on(p, "DESCRIBE ", t->key, "");
    else if (a == ACTION_EDIT_COPY)
        insert_name(p, t->key);
    else
        return false;
    return true;
}

static bool tree_act_in(Pane *p, Action a)
{
    TreeState *s = pane_state(p, TreeState);
    TreeNode *load = NULL;
    if (a == ACTION_DATA_USE && database_at(s).len)
        use_database(p, database_at(s));
    else if (a == ACTION_DATA_REFRESH)
        refresh(p);
    else if (a == ACTION_EDIT_FIND)
        dialog_prompt(p->app, p, ASK_FIND, "Find", "Name", bytes_str(&s->needle));
    else if (a == ACTION_EDIT_FIND_NEXT)
        tree_find(&s->tree, bytes_str(&s->needle), false);
    else if (a == ACTION_EDIT_FIND_PREV)
        tree_find(&s->tree, bytes_str(&s->needle), true);
    else if (a == ACTION_ENTER && enter_leaf(p))
        return true;
    else if (tree_act(&s->tree, a, &load))
        load_node(p, load);
    else
        return act_table(p, a);
    return true;
}

static bool tree_key(Pane *p, Key k)
{
    if (k.mods) return false;
    switch (k.code) {
    case 'b': return tree_act_in(p, ACTION_DATA_BROWSE);
    case 'd': return tree_act_in(p, ACTION_DATA_DESCRIBE);
    case 'u': return tree_act_in(p, ACTION_DATA_USE);
    case 'i': return tree_act_in(p, ACTION_EDIT_COPY);
    case '/': return tree_act_in(p, ACTION_EDIT_FIND);
    case ' ': return tree_act_in(p, ACTION_ENTER);
    default: return false;
    }
}

static bool tree_mouse_in(Pane *p, const Mouse *m)
{
    static const Action actions[] = {ACTION_DATA_BROWSE, ACTION_DATA_DESCRIBE, ACTION_DATA_INSERT,
                                     ACTION_DATA_USE, ACTION_DATA_DROP_TABLE};
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
