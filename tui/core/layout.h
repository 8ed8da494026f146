// Layout: a tree of splits as data: which pane where, by shares, with minimum sizes. Below 70 columns it
// folds to one pane with tabs. Panes are numbers here; the app knows which pane a number is. Relies on
// canvas.
#ifndef TUI_CORE_LAYOUT_H
#define TUI_CORE_LAYOUT_H

#include "tui/core/canvas.h"

enum { LAYOUT_NODE_MAX = 32, LAYOUT_FOLD_COLUMNS = 70, LAYOUT_NONE = -1 };

// A table in reading order: a split is followed by its `children` subtrees.
// {LAYOUT_COLUMNS, .children = 2}, {LAYOUT_PANE, .slot = 0, .share = 25, .min = 20}, {LAYOUT_ROWS, .share =
// 75, …
typedef enum LayoutKind { LAYOUT_PANE, LAYOUT_COLUMNS, LAYOUT_ROWS } LayoutKind;
typedef struct LayoutNode {
    LayoutKind kind;
    int share; // part of the parent's room, relative to its siblings; 0 counts as 1
    int min;   // cells it needs, frame included; 0 counts as 3
    int children;
    int slot;    // of a pane
    bool hidden; // takes no room until shown
} LayoutNode;

typedef struct Layout {
    LayoutNode node[LAYOUT_NODE_MAX];
    Rect rect[LAYOUT_NODE_MAX]; // set by layout_place; neighbours share their border line
    size_t count;
    Rect area;
    bool folded;
    int zoomed; // a slot that has all the room, or LAYOUT_NONE
} Layout;

// The table must be well formed (asserted).
void layout_init(Layout *l, const LayoutNode *table, size_t count);
// focus: the slot that is shown when folded. Panes without room get an empty rectangle.
void layout_place(Layout *l, Rect area, int focus);
// The outer rectangle of a slot (frame included); empty when hidden or folded away.
Rect layout_rect(const Layout *l, int slot);
bool layout_shown(const Layout *l, int slot);
void layout_show(Layout *l, int slot, bool shown);
// Which slot is at that cell (frames belong to the pane below or right of them); LAYOUT_NONE.
int layout_hit(const Layout *l, int x, int y);
// The slot after/before in reading order that is not hidden.
int layout_next(const Layout *l, int slot, int step);
// Moves a slot's border: more > 0 makes it larger by that many cells where its siblings can give them.
void layout_grow(Layout *l, int slot, int more);
// The split border at that cell, to be dragged: a node index for layout_drag, or LAYOUT_NONE.
int layout_border(const Layout *l, int x, int y);
void layout_drag(Layout *l, int node, int x, int y);

#endif
