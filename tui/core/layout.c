// Layout: giving room to a tree of splits. Neighbours share the line between them, so n children of a row of
// width w have w + n - 1 cells to divide. Relies on layout.h.
#include "tui/core/layout.h"
#include <assert.h>
#include <string.h>

enum { LAYOUT_MIN_DEFAULT = 3 };

static size_t subtree_end(const Layout *l, size_t node)
{
    size_t end = node + 1;
    for (int i = 0; i < l->node[node].children; i++) end = subtree_end(l, end);
    return end;
}

// A split is shown while one of its panes is.
static bool is_shown(const Layout *l, size_t node)
{
    const LayoutNode *n = &l->node[node];
    if (n->hidden) return false;
    if (n->kind == LAYOUT_PANE) return true;
    size_t child = node + 1;
    for (int i = 0; i < n->children; i++, child = subtree_end(l, child))
        if (is_shown(l, child)) return true;
    return false;
}

void layout_init(Layout *l, const LayoutNode *table, size_t count)
{
    assert(count >= 1 && count <= LAYOUT_NODE_MAX);
    *l = (Layout){.count = count, .zoomed = LAYOUT_NONE};
    memcpy(l->node, table, count * sizeof *table);
    assert(subtree_end(l, 0) == count);
}

// Cells the subtree needs along one direction; a node's own minimum speaks of its parent's direction only.
static int need(const Layout *l, size_t node, LayoutKind along, LayoutKind parent)
{
    const LayoutNode *n = &l->node[node];
    int own = n->min && parent == along ? n->min : LAYOUT_MIN_DEFAULT;
    if (n->kind == LAYOUT_PANE) return own;
    int sum = 0, most = 0;
    size_t child = node + 1;
    for (int i = 0; i < n->children; i++, child = subtree_end(l, child)) {
        if (!is_shown(l, child)) continue;
        int cells = need(l, child, along, n->kind);
        sum += sum ? cells - 1 : cells;
        if (cells > most) most = cells;
    }
    int inside = n->kind == along ? sum : most;
    return inside > own ? inside : own;
}

typedef struct Child {
    size_t node;
    int share, min, cells;
} Child;

static size_t shown_children(const Layout *l, size_t node, Child *out)
{
    size_t count = 0, child = node + 1;
    for (int i = 0; i < l->node[node].children; i++, child = subtree_end(l, child)) {
        if (!is_shown(l, child)) continue;
        int share = l->node[child].share;
        LayoutKind kind = l->node[node].kind;
        out[count++] = (Child){child, share > 0 ? share : 1, need(l, child, kind, kind), 0};
    }
    return count;
}

// Shares first; who would fall below its minimum gets that, and the others divide the rest.
static void divide(Child *c, size_t count, int room)
{
    bool fixed[LAYOUT_NODE_MAX] = {false};
    for (bool again = true; again;) {
        int left = room, shares = 0;
        for (size_t i = 0; i < count; i++) {
            if (fixed[i])
                left -= c[i].cells;
            else
                shares += c[i].share;
        }
        again = false;
        int used = 0;
        size_t last = count;
        for (size_t i = 0; i < count; i++) {
            if (fixed[i]) continue;
            c[i].cells = left > 0 ? (int)((int64_t)left * c[i].share / shares) : 0;
            used += c[i].cells;
            last = i;
            if (c[i].cells >= c[i].min) continue;
            c[i].cells = c[i].min;
            fixed[i] = again = true;
        }
        if (!again && last < count) c[last].cells += left - used;
    }
    int total = 0;
    for (size_t i = 0; i < count; i++) total += c[i].cells;
    for (size_t i = count; i-- > 0 && total > room;) { // not even the minimums fit: the last ones give way
        int give = total - room < c[i].cells ? total - room : c[i].cells;
        c[i].cells -= give;
        total -= give;
    }
}

static void place(Layout *l, size_t node, Rect r)
{
    LayoutNode *n = &l->node[node];
    l->rect[node] = r;
    if (n->kind == LAYOUT_PANE) return;
    Child child[LAYOUT_NODE_MAX];
    size_t count = shown_children(l, node, child);
    if (count == 0) return;
    bool columns = n->kind == LAYOUT_COLUMNS;
    divide(child, count, (columns ? r.width : r.height) + (int)count - 1);
    int at = columns ? r.x : r.y;
    for (size_t i = 0; i < count; i++) {
        Rect part =
            columns ? (Rect){at, r.y, child[i].cells, r.height} : (Rect){r.x, at, r.width, child[i].cells};
        place(l, child[i].node, part);
        if (child[i].cells > 0) at += child[i].cells - 1;
    }
}

static void place_one(Layout *l, int slot, Rect area)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->node[i].kind == LAYOUT_PANE && l->node[i].slot == slot) l->rect[i] = area;
}

void layout_place(Layout *l, Rect area, int focus)
{
    memset(l->rect, 0, sizeof l->rect);
    l->area = area;
    size_t shown = 0;
    for (size_t i = 0; i < l->count; i++) shown += l->node[i].kind == LAYOUT_PANE && is_shown(l, i);
    bool tight = area.width < LAYOUT_FOLD_COLUMNS || area.height < need(l, 0, LAYOUT_ROWS, LAYOUT_PANE) ||
                 area.width < need(l, 0, LAYOUT_COLUMNS, LAYOUT_PANE);
    l->folded = shown > 1 && tight;
    if (l->zoomed != LAYOUT_NONE)
        place_one(l, l->zoomed, area);
    else if (l->folded)
        place_one(l, focus, area);
    else
        place(l, 0, area);
}

static int node_of(const Layout *l, int slot)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->node[i].kind == LAYOUT_PANE && l->node[i].slot == slot) return (int)i;
    return LAYOUT_NONE;
}

Rect layout_rect(const Layout *l, int slot)
{
    int node = node_of(l, slot);
    return node == LAYOUT_NONE ? (Rect){0} : l->rect[node];
}

bool layout_shown(const Layout *l, int slot)
{
    int node = node_of(l, slot);
    return node != LAYOUT_NONE && !l->node[node].hidden;
}

void layout_show(Layout *l, int slot, bool shown)
{
    int node = node_of(l, slot);
    if (node != LAYOUT_NONE) l->node[node].hidden = !shown;
    if (!shown && l->zoomed == slot) l->zoomed = LAYOUT_NONE;
}

int layout_hit(const Layout *l, int x, int y)
{
    int found = LAYOUT_NONE;
    for (size_t i = 0; i < l->count; i++)
        if (l->node[i].kind == LAYOUT_PANE && rect_has(l->rect[i], x, y)) found = l->node[i].slot;
    return found;
}

int layout_next(const Layout *l, int slot, int step)
{
    int order[LAYOUT_NODE_MAX], count = 0, at = -1;
    for (size_t i = 0; i < l->count; i++) {
        if (l->node[i].kind != LAYOUT_PANE || l->node[i].hidden) continue;
        if (l->node[i].slot == slot) at = count;
        order[count++] = l->node[i].slot;
    }
    if (count == 0) return LAYOUT_NONE;
    if (at < 0) return order[0];
    return order[((at + step) % count + count) % count];
}

static size_t parent_of(const Layout *l, size_t node)
{
    size_t parent = 0;
    for (size_t i = 0; i < node; i++)
        if (l->node[i].kind != LAYOUT_PANE && subtree_end(l, i) > node) parent = i;
    return parent;
}

// Moves the line before children[i] of a split by `cells`, as far as the minimums allow. Shares become what
// is seen.
static void move_line(Layout *l, size_t parent, size_t i, int cells)
{
    Child child[LAYOUT_NODE_MAX];
    size_t count = shown_children(l, parent, child);
    if (i == 0 || i >= count) return;
    bool columns = l->node[parent].kind == LAYOUT_COLUMNS;
    for (size_t k = 0; k < count; k++) {
        Rect r = l->rect[child[k].node];
        child[k].cells = columns ? r.width : r.height;
    }
    int most = child[i].cells - child[i].min, least = -(child[i - 1].cells - child[i - 1].min);
    cells = cells > most ? most : cells < least ? least : cells;
    child[i - 1].cells += cells;
    child[i].cells -= cells;
    for (size_t k = 0; k < count; k++) l->node[child[k].node].share = child[k].cells > 0 ? child[k].cells : 1;
}

void layout_grow(Layout *l, int slot, int more)
{
    int node = node_of(l, slot);
    if (node <= 0 || l->folded || l->zoomed != LAYOUT_NONE) return;
    size_t parent = parent_of(l, (size_t)node);
    Child child[LAYOUT_NODE_MAX];
    size_t count = shown_children(l, parent, child);
    for (size_t i = 0; i < count; i++) {
        if (child[i].node != (size_t)node) continue;
        if (i + 1 < count)
            move_line(l, parent, i + 1, more);
        else
            move_line(l, parent, i, -more);
    }
}

int layout_border(const Layout *l, int x, int y)
{
    if (l->folded || l->zoomed != LAYOUT_NONE) return LAYOUT_NONE;
    for (size_t i = 0; i < l->count; i++) {
        if (l->node[i].kind == LAYOUT_PANE) continue;
        Child child[LAYOUT_NODE_MAX];
        size_t count = shown_children(l, i, child);
        for (size_t k = 1; k < count; k++) {
            Rect r = l->rect[child[k].node];
            bool columns = l->node[i].kind == LAYOUT_COLUMNS;
            if (columns ? x == r.x && y > r.y && y < r.y + r.height - 1
                        : y == r.y && x > r.x && x < r.x + r.width - 1)
                return (int)child[k].node;
        }
    }
    return LAYOUT_NONE;
}

void layout_drag(Layout *l, int node, int x, int y)
{
    if (node <= 0 || (size_t)node >= l->count) return;
    size_t parent = parent_of(l, (size_t)node);
    Child child[LAYOUT_NODE_MAX];
    size_t count = shown_children(l, parent, child);
    Rect r = l->rect[node];
    int cells = l->node[parent].kind == LAYOUT_COLUMNS ? x - r.x : y - r.y;
    for (size_t i = 1; i < count; i++)
        if (child[i].node == (size_t)node) move_line(l, parent, i, cells);
}
