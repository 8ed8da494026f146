// Tree: nodes that open, with children loaded when first opened. Relies on list.
#ifndef TUI_WIDGET_TREE_H
#define TUI_WIDGET_TREE_H

#include "engine/base/arena.h"
#include "tui/core/canvas.h"
#include "tui/core/event.h"
#include "tui/widget/list.h"

typedef struct TreeNode TreeNode;
struct TreeNode {
    Str label, detail; // detail stands at the right (counts)
    Style style, detail_style;
    uint32_t sign; // before the label, for leaves: ◆ key, ↗ foreign key …
    Style sign_style;
    int kind;    // the caller's word
    Str key;     // the caller's name for it (table, database …)
    bool branch; // can be opened
    bool open, loaded, loading;
    TreeNode *parent, *child, *last, *next;
};

typedef struct Tree {
    Arena mem;      // nodes and copies of their strings
    TreeNode root;  // not shown
    TreeNode **row; // what is seen when opened, in order
    size_t rows, rows_cap;
    Scroll scroll;
    int width;
} Tree;

void tree_init(Tree *t);
void tree_done(Tree *t);
// Adds a copy below parent (NULL = root), behind its other children. Call tree_changed when all are added.
TreeNode *tree_add(Tree *t, TreeNode *parent, const TreeNode *like);
void tree_remove_children(Tree *t, TreeNode *n); // before they are loaded again
void tree_set_detail(Tree *t, TreeNode *n, Str detail);
void tree_loaded(Tree *t, TreeNode *n);
void tree_changed(Tree *t);       // makes the rows again; the cursor stays on its node
TreeNode *tree_at(const Tree *t); // the cursor's node; NULL when empty
// Finds a child by kind and key; NULL.
TreeNode *tree_child(const TreeNode *parent, int kind, Str key);
void tree_goto(Tree *t, const TreeNode *n);
// Moves; Right opens, Left closes or goes to the parent, Enter on a branch toggles. *load is set to a node
// whose children are wanted (now `loading`). False for others (Enter on a leaf).
bool tree_act(Tree *t, Action a, TreeNode **load);
bool tree_open(Tree *t, TreeNode *n, bool open, TreeNode **load);
bool tree_mouse(Tree *t, const Mouse *m, TreeNode **load, bool *chosen);
// The next row whose label holds the text (ASCII case folded), around the end.
bool tree_find(Tree *t, Str needle, bool backwards);
void tree_place(Tree *t, int width, int height);
void tree_draw(const Tree *t, Canvas *c, bool focused);

#endif
