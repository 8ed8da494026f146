// Tree: nodes in an arena, and the rows that are seen as an array made again when something opens or closes.
// Relies on tree.h, base/size.
#include "tui/widget/tree.h"
#include "engine/base/size.h"
#include <stdlib.h>

enum { TREE_INDENT = 2, TREE_WHEEL_ROWS = 3, TREE_ROWS_FIRST = 64 };

void tree_init(Tree *t) { *t = (Tree){.root = {.branch = true, .open = true, .loaded = true}}; }

void tree_done(Tree *t)
{
    free(t->row);
    arena_done(&t->mem);
    *t = (Tree){0};
}

TreeNode *tree_add(Tree *t, TreeNode *parent, const TreeNode *like)
{
    if (!parent) parent = &t->root;
    TreeNode *n = arena_new(&t->mem, TreeNode);
    *n = *like;
    n->label = arena_copy(&t->mem, like->label);
    n->detail = arena_copy(&t->mem, like->detail);
    n->key = arena_copy(&t->mem, like->key);
    n->parent = parent;
    n->child = n->last = n->next = NULL;
    if (parent->last)
        parent->last->next = n;
    else
        parent->child = n;
    parent->last = n;
    return n;
}

// Rows outside of what is removed stay valid; the cursor goes up to a node that stays.
void tree_remove_children(Tree *t, TreeNode *n)
{
    TreeNode *at = tree_at(t);
    for (TreeNode *up = at; up; up = up->parent)
        if (up == n) tree_goto(t, n);
    n->child = n->last = NULL;
    tree_changed(t);
}

void tree_set_detail(Tree *t, TreeNode *n, Str detail) { n->detail = arena_copy(&t->mem, detail); }

void tree_loaded(Tree *t, TreeNode *n)
{
    n->loaded = true;
    n->loading = false;
    tree_changed(t);
}

static void put_row(Tree *t, TreeNode *n)
{
    if (t->rows == t->rows_cap) {
        size_t cap = t->rows_cap ? t->rows_cap * 2 : TREE_ROWS_FIRST;
        TreeNode **row = size_realloc(t->row, cap, sizeof(TreeNode *));
        if (!row) return;
        t->row = row;
        t->rows_cap = cap;
    }
    t->row[t->rows++] = n;
}

static TreeNode *next_seen(TreeNode *n, const TreeNode *root)
{
    if (n->open && n->child) return n->child;
    while (n != root && !n->next) n = n->parent;
    return n == root ? NULL : n->next;
}

static void find_row(Tree *t, const TreeNode *n)
{
    for (size_t i = 0; i < t->rows; i++)
        if (t->row[i] == n) scroll_to(&t->scroll, i);
}

void tree_changed(Tree *t)
{
    TreeNode *at = tree_at(t);
    t->rows = 0;
    for (TreeNode *n = t->root.child; n; n = next_seen(n, &t->root)) put_row(t, n);
    scroll_set(&t->scroll, t->rows, t->scroll.height);
    for (; at && at != &t->root; at = at->parent) { // its node, or the nearest above that is still seen
        bool seen = true;
        for (const TreeNode *up = at->parent; up && up != &t->root; up = up->parent) seen = seen && up->open;
        if (!seen) continue;
        find_row(t, at);
        break;
    }
}

TreeNode *tree_at(const Tree *t) { return t->scroll.at < t->rows ? t->row[t->scroll.at] : NULL; }

TreeNode *tree_child(const TreeNode *parent, int kind, Str key)
{
    for (TreeNode *n = parent->child; n; n = n->next)
        if (n->kind == kind && str_equal(n->key, key)) return n;
    return NULL;
}

void tree_goto(Tree *t, const TreeNode *n)
{
    bool changed = false;
    for (TreeNode *up = n->parent; up && up != &t->root; up = up->parent)
        if (!up->open) up->open = changed = true;
    if (changed) tree_changed(t);
    find_row(t, n);
}

bool tree_open(Tree *t, TreeNode *n, bool open, TreeNode **load)
{
    if (!n->branch) return false;
    n->open = open;
    if (open && !n->loaded && !n->loading) {
        n->loading = true;
        *load = n;
    }
    tree_changed(t);
    return true;
}

bool tree_act(Tree *t, Action a, TreeNode **load)
{
    TreeNode *n = tree_at(t);
    *load = NULL;
    if (a == ACTION_HOME) a = ACTION_TOP;
    if (a == ACTION_END) a = ACTION_BOTTOM;
    if (scroll_act(&t->scroll, a)) return true;
    if (!n) return false;
    switch (a) {
    case ACTION_RIGHT:
        if (n->branch && !n->open) return tree_open(t, n, true, load);
        if (n->open && n->child) tree_goto(t, n->child);
        return true;
    case ACTION_LEFT:
        if (n->branch && n->open) return tree_open(t, n, false, load);
        if (n->parent != &t->root) tree_goto(t, n->parent);
        return true;
    case ACTION_ENTER: return n->branch && tree_open(t, n, !n->open, load);
    default: return false;
    }
}

static int depth_of(const Tree *t, const TreeNode *n)
{
    int depth = 0;
    for (n = n->parent; n && n != &t->root; n = n->parent) depth++;
    return depth;
}

bool tree_mouse(Tree *t, const Mouse *m, TreeNode **load, bool *chosen)
{
    *load = NULL;
    *chosen = false;
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN) {
        scroll_by(&t->scroll, m->kind == MOUSE_WHEEL_UP ? -TREE_WHEEL_ROWS : TREE_WHEEL_ROWS);
        return true;
    }
    uint64_t row = t->scroll.first + (uint64_t)(m->y < 0 ? 0 : m->y);
    if (m->kind != MOUSE_PRESS || m->y < 0 || row >= t->rows) return false;
    scroll_to(&t->scroll, row);
    TreeNode *n = t->row[row];
    bool on_sign = m->x / TREE_INDENT == depth_of(t, n);
    if (n->branch && (on_sign || m->twice))
        tree_open(t, n, !n->open, load);
    else
        *chosen = m->twice;
    return true;
}

static bool holds(Str text, Str needle)
{
    for (size_t i = 0; i + needle.len <= text.len; i++)
        if (str_equal_fold(str_slice(text, i, needle.len), needle)) return true;
    return false;
}

bool tree_find(Tree *t, Str needle, bool backwards)
{
    for (size_t k = 1; k <= t->rows; k++) {
        size_t i = (t->scroll.at + (backwards ? t->rows - k : k)) % t->rows;
        if (!holds(t->row[i]->label, needle)) continue;
        scroll_to(&t->scroll, i);
        return true;
    }
    return false;
}

void tree_place(Tree *t, int width, int height)
{
    t->width = width;
    scroll_set(&t->scroll, t->rows, height);
}

void tree_draw(const Tree *t, Canvas *c, bool focused)
{
    canvas_fill(c, (Rect){0, 0, c->width, c->height}, STYLE_TEXT);
    Canvas rows =
        canvas_sub(c, (Rect){0, 0, c->width - (t->rows > (size_t)c->height), c->height}); // room for the bar
    for (int y = 0; y < c->height && t->scroll.first + (uint64_t)y < t->rows; y++) {
        uint64_t i = t->scroll.first + (uint64_t)y;
        const TreeNode *n = t->row[i];
        uint32_t sign = n->branch ? (n->open ? 0x25BE : 0x25B8) : n->sign ? n->sign : ' ';
        ListRow row = {.label = n->label,
                       .detail = n->loading ? STR("…") : n->detail,
                       .style = n->style,
                       .detail_style = n->detail_style,
                       .sign = sign,
                       .sign_style = n->branch ? STYLE_DIM : n->sign_style,
                       .indent = 1 + TREE_INDENT * depth_of(t, n)};
        list_draw_row(&rows, y, &row, STYLE_TEXT, i == t->scroll.at, focused);
        if (i == t->scroll.at && focused) canvas_park(c, 0, y);
    }
    canvas_scrollbar(c, c->width - 1, 0, c->height, t->scroll.first, (uint64_t)c->height, t->rows, STYLE_DIM);
}
