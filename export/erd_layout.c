// Layered layout (Sugiyama, Tagawa, Toda 1981) in whole cells: cycles are broken along a depth-first walk,
// layers are longest paths, order in a layer comes from barycentres over ports, rows from the median
// neighbour with boxes kept apart by pooling (isotonic regression). Everything is decided by position in the
// catalog: same model, same drawing.
#include "export/erd_in.h"

#include <stdlib.h>
#include <string.h>

enum { LAY_ORDER_SWEEPS = 12, LAY_ROW_SWEEPS = 10 };

// ---- which way each line runs ----

typedef struct LayWalk {
    uint32_t node, next;
} LayWalk;

// Lines that lead back to a table still being walked are turned round: their child then stands left of the
// parent.
static void walk_from(Lay *l, uint32_t root, uint8_t *state, LayWalk *stack)
{
    uint32_t depth = 0;
    stack[depth++] = (LayWalk){root, 0};
    state[root] = 1;
    while (depth) {
        LayWalk *top = &stack[depth - 1];
        if (top->next == l->lines) {
            state[top->node] = 2;
            depth--;
            continue;
        }
        LayLine *line = &l->line[top->next++];
        if (line->self || line->reversed || line->left != top->node) continue;
        if (state[line->right] == 1) {
            line->reversed = true;
            uint32_t parent = line->left;
            line->left = line->right;
            line->right = parent;
        } else if (state[line->right] == 0) {
            state[line->right] = 1;
            stack[depth++] = (LayWalk){line->right, 0};
        }
    }
}

static void break_cycles(Lay *l)
{
    uint8_t *state = arena_array(l->mem, uint8_t, l->boxes);
    uint8_t *has_parent = arena_array(l->mem, uint8_t, l->boxes);
    LayWalk *stack = arena_array(l->mem, LayWalk, l->boxes + 1);
    for (uint32_t i = 0; i < l->lines; i++)
        if (!l->line[i].self) has_parent[l->line[i].right] = 1;
    for (int round = 0; round < 2; round++) // tables without parents first
        for (uint32_t i = 0; i < l->boxes; i++)
            if (!state[i] && (round || !has_parent[i])) walk_from(l, i, state, stack);
}

// ---- layers ----

static void layer_by_longest_path(Lay *l)
{
    uint32_t *waiting = arena_array(l->mem, uint32_t, l->boxes);
    uint32_t *queue = arena_array(l->mem, uint32_t, l->boxes);
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < l->lines; i++)
        if (!l->line[i].self) waiting[l->line[i].right]++;
    for (uint32_t i = 0; i < l->boxes; i++)
        if (!waiting[i]) queue[tail++] = i;
    while (head < tail) {
        uint32_t node = queue[head++];
        for (uint32_t i = 0; i < l->lines; i++) {
            const LayLine *line = &l->line[i];
            if (line->self || line->left != node) continue;
            LayNode *right = &l->node[line->right];
            if (right->layer < l->node[node].layer + 1) right->layer = l->node[node].layer + 1;
            if (!--waiting[line->right]) queue[tail++] = line->right;
        }
    }
    while (tail > 0) { // pull tables with more children than parents towards their children
        uint32_t node = queue[--tail], nearest = UINT32_MAX, in = 0, out = 0;
        for (uint32_t i = 0; i < l->lines; i++) {
            const LayLine *line = &l->line[i];
            if (line->self) continue;
            in += line->right == node;
            if (line->left != node) continue;
            out++;
            if (l->node[line->right].layer < nearest) nearest = l->node[line->right].layer;
        }
        if (out > in && nearest - 1 > l->node[node].layer) l->node[node].layer = nearest - 1;
    }
}

// ---- ports and nets ----

static uint32_t row_of_column(const LayBox *b, uint32_t column)
{
    for (uint32_t i = 0; i < b->rows; i++)
        if (b->row[i].column == column) return i;
    return 0; // boxes without columns have one row
}

static uint32_t net_for(Lay *l, const LayLine *line)
{
    const ErdRelation *r = &l->erd->relation[line->relation];
    uint32_t column = line->reversed ? r->key->column[0] : r->key->parent_column[0];
    uint32_t row = row_of_column(&l->box[line->left], column);
    for (uint32_t i = 0; i < l->nets && !line->reversed; i++) {
        const LayNet *n = &l->net[i];
        if (n->node == line->left && n->row == row && !n->reversed && n->optional == r->optional) return i;
    }
    LayNet *n = &l->net[l->nets];
    *n = (LayNet){.node = line->left, .row = row, .reversed = line->reversed, .optional = r->optional};
    n->layer = n->last = l->node[line->left].layer;
    n->line = l->box[line->left].row[row].right++; // still counted inside the row
    return l->nets++;
}

// Gives each line its ports, counted inside rows; then rows get their height and ports their place in the
// box.
static void give_ports(Lay *l)
{
    l->net = arena_array(l->mem, LayNet, l->lines + 1);
    for (uint32_t i = 0; i < l->lines; i++) {
        LayLine *line = &l->line[i];
        const ErdRelation *r = &l->erd->relation[line->relation];
        line->net = net_for(l, line);
        LayBox *end = &l->box[line->self ? line->left : line->right];
        line->row = row_of_column(end, line->reversed ? r->key->parent_column[0] : r->key->column[0]);
        LayRow *row = &end->row[line->row];
        line->line = line->self ? row->right++ : row->left++;
        if (l->node[line->right].layer > l->net[line->net].last)
            l->net[line->net].last = l->node[line->right].layer;
    }
    for (uint32_t b = 0; b < l->boxes; b++) {
        LayBox *box = &l->box[b];
        uint32_t at = 1;
        for (uint32_t i = 0; i < box->rows; i++) {
            LayRow *row = &box->row[i];
            row->line = at;
            row->lines = row->left > row->right ? row->left : row->right;
            if (!row->lines) row->lines = 1;
            at += row->lines;
        }
        box->height = l->node[b].height = at + 1;
    }
    for (uint32_t i = 0; i < l->lines; i++) {
        LayLine *line = &l->line[i];
        line->line += l->box[line->self ? line->left : line->right].row[line->row].line;
    }
    for (uint32_t i = 0; i < l->nets; i++) l->net[i].line += l->box[l->net[i].node].row[l->net[i].row].line;
}

static void add_dummies(Lay *l)
{
    size_t count = l->boxes;
    for (uint32_t i = 0; i < l->nets; i++)
        if (l->net[i].last > l->net[i].layer + 1) count += l->net[i].last - l->net[i].layer - 1;
    LayNode *node = arena_array(l->mem, LayNode, count);
    memcpy(node, l->node, l->boxes * sizeof *node);
    l->node = node;
    l->nodes = l->boxes;
    for (uint32_t i = 0; i < l->nets; i++) {
        LayNet *n = &l->net[i];
        n->dummy = l->nodes;
        for (uint32_t layer = n->layer + 1; layer < n->last; layer++)
            node[l->nodes++] = (LayNode){.box = ERD_NOWHERE, .net = i, .layer = layer, .height = 1};
    }
}

// ---- pins ----

static void add_pin(Lay *l, LayPin p) { l->pin[l->pins++] = p; }

static int pin_order(const void *a, const void *b)
{
    const LayPin *p = a, *q = b;
    if (p->gutter != q->gutter) return p->gutter < q->gutter ? -1 : 1;
    if (p->net != q->net) return p->net < q->net ? -1 : 1;
    if (p->right != q->right) return p->right ? 1 : -1;
    if (p->node != q->node) return p->node < q->node ? -1 : 1;
    return p->line < q->line ? -1 : p->line > q->line;
}

static void make_pins(Lay *l)
{
    l->pin = arena_array(l->mem, LayPin, (size_t)l->nets + l->lines + 2 * (size_t)(l->nodes - l->boxes) + 1);
    for (uint32_t i = 0; i < l->nets; i++) {
        const LayNet *n = &l->net[i];
        add_pin(l,
                (LayPin){
                    .gutter = n->layer, .net = i, .node = n->node, .line = n->line, .relation = ERD_NOWHERE});
    }
    for (uint32_t i = l->boxes; i < l->nodes; i++) {
        const LayNode *d = &l->node[i];
        add_pin(
            l, (LayPin){
                   .gutter = d->layer - 1, .net = d->net, .node = i, .relation = ERD_NOWHERE, .right = true});
        add_pin(l, (LayPin){.gutter = d->layer, .net = d->net, .node = i, .relation = ERD_NOWHERE});
    }
    for (uint32_t i = 0; i < l->lines; i++) {
        const LayLine *line = &l->line[i];
        uint32_t node = line->self ? line->left : line->right;
        add_pin(l, (LayPin){.gutter = line->self ? l->node[node].layer : l->node[node].layer - 1,
                            .net = line->net,
                            .node = node,
                            .line = line->line,
                            .relation = line->relation,
                            .right = !line->self});
    }
    qsort(l->pin, l->pins, sizeof *l->pin, pin_order);
}

// ---- order in layers ----

typedef struct LayKey {
    double at;
    uint32_t node, rank;
} LayKey;

static int key_order(const void *a, const void *b)
{
    const LayKey *p = a, *q = b;
    if (p->at < q->at) return -1;
    if (p->at > q->at) return 1;
    return p->rank < q->rank ? -1 : p->rank > q->rank;
}

// The first left pin of pin i's net in its gutter: the start or the dummy (self references come behind it or
// before; any pin of the same box serves).
static uint32_t first_of_net(const Lay *l, uint32_t i)
{
    while (i > 0 && l->pin[i - 1].gutter == l->pin[i].gutter && l->pin[i - 1].net == l->pin[i].net) i--;
    return i;
}

static double port_place(const Lay *l, const LayPin *p)
{
    const LayNode *n = &l->node[p->node];
    return n->rank + (p->line + 1.0) / (n->height + 1.0);
}

static void order_layer(Lay *l, uint32_t layer, const double *sum, const uint32_t *count, LayKey *key)
{
    LayLayer *y = &l->layer[layer];
    for (uint32_t i = 0; i < y->nodes; i++) {
        uint32_t node = y->node[i];
        key[i] = (LayKey){.at = count[node] ? sum[node] / count[node] : i + 0.5, .node = node, .rank = i};
    }
    qsort(key, y->nodes, sizeof *key, key_order);
    for (uint32_t i = 0; i < y->nodes; i++) {
        y->node[i] = key[i].node;
        l->node[key[i].node].rank = i;
    }
}

// One sweep: each layer is ordered by the means of its neighbours' places in the layer before (or behind).
static void sweep_order(Lay *l, bool forward, double *sum, uint32_t *count, LayKey *key)
{
    for (uint32_t step = 1; step < l->layers; step++) {
        uint32_t layer = forward ? step : l->layers - 1 - step, gutter = forward ? layer - 1 : layer;
        memset(sum, 0, l->nodes * sizeof *sum);
        memset(count, 0, l->nodes * sizeof *count);
        for (uint32_t i = 0; i < l->pins; i++) {
            const LayPin *right = &l->pin[i];
            if (right->gutter != gutter || !right->right) continue;
            const LayPin *left = &l->pin[first_of_net(l, i)];
            const LayPin *moved = forward ? right : left, *fixed = forward ? left : right;
            sum[moved->node] += port_place(l, fixed);
            count[moved->node]++;
        }
        order_layer(l, layer, sum, count, key);
    }
}

typedef struct LayCross {
    double left, right;
} LayCross;

static int cross_order(const void *a, const void *b)
{
    const LayCross *p = a, *q = b;
    if (p->left != q->left) return p->left < q->left ? -1 : 1;
    return p->right < q->right ? -1 : p->right > q->right;
}

// Inversions of the right ends while merging halves (Barth, Jünger, Mutzel 2002 count the same with a tree).
static uint64_t count_inversions(LayCross *c, LayCross *spare, size_t count)
{
    if (count < 2) return 0;
    size_t half = count / 2, a = 0, b = half, to = 0;
    uint64_t found = count_inversions(c, spare, half) + count_inversions(c + half, spare, count - half);
    while (a < half || b < count) {
        if (b == count || (a < half && c[a].right <= c[b].right)) {
            spare[to++] = c[a++];
        } else {
            found += half - a;
            spare[to++] = c[b++];
        }
    }
    memcpy(c, spare, count * sizeof *c);
    return found;
}

static uint64_t count_crossings(const Lay *l, LayCross *cross, LayCross *spare)
{
    uint64_t found = 0;
    for (uint32_t i = 0; i < l->pins;) {
        uint32_t gutter = l->pin[i].gutter;
        size_t count = 0;
        for (; i < l->pins && l->pin[i].gutter == gutter; i++)
            if (l->pin[i].right)
                cross[count++] =
                    (LayCross){port_place(l, &l->pin[first_of_net(l, i)]), port_place(l, &l->pin[i])};
        qsort(cross, count, sizeof *cross, cross_order);
        found += count_inversions(cross, spare, count);
    }
    return found;
}

static void fill_layers(Lay *l)
{
    for (uint32_t i = 0; i < l->nodes; i++)
        if (l->node[i].layer >= l->layers) l->layers = l->node[i].layer + 1;
    l->layer = arena_array(l->mem, LayLayer, l->layers);
    for (uint32_t i = 0; i < l->nodes; i++) l->layer[l->node[i].layer].nodes++;
    for (uint32_t i = 0; i < l->layers; i++) {
        l->layer[i].node = arena_array(l->mem, uint32_t, l->layer[i].nodes + 1);
        l->layer[i].nodes = 0;
    }
    for (uint32_t i = 0; i < l->nodes; i++) {
        LayLayer *y = &l->layer[l->node[i].layer];
        l->node[i].rank = y->nodes;
        y->node[y->nodes++] = i;
    }
}

static void order_layers(Lay *l)
{
    double *sum = arena_array(l->mem, double, l->nodes);
    uint32_t *count = arena_array(l->mem, uint32_t, l->nodes),
             *best = arena_array(l->mem, uint32_t, l->nodes);
    LayKey *key = arena_array(l->mem, LayKey, l->nodes);
    LayCross *cross = arena_array(l->mem, LayCross, l->pins + 1),
             *spare = arena_array(l->mem, LayCross, l->pins + 1);
    uint64_t fewest = UINT64_MAX;
    for (int sweep = 0; sweep <= LAY_ORDER_SWEEPS && fewest; sweep++) {
        if (sweep) sweep_order(l, sweep % 2, sum, count, key);
        uint64_t crossings = count_crossings(l, cross, spare);
        if (crossings >= fewest) continue;
        fewest = crossings;
        for (uint32_t i = 0; i < l->nodes; i++) best[i] = l->node[i].rank;
    }
    for (uint32_t i = 0; i < l->nodes; i++) {
        l->node[i].rank = best[i];
        l->layer[l->node[i].layer].node[best[i]] = i;
    }
}

// ---- rows ----

// Empty rows between two neighbours of a layer: lines may run side by side, boxes keep a distance.
static int32_t node_gap(const LayNode *above, const LayNode *below)
{
    return above->box == ERD_NOWHERE && below->box == ERD_NOWHERE ? 0 : LAY_GAP_Y;
}

typedef struct LayWish {
    uint32_t node;
    double row;
} LayWish;

static int wish_order(const void *a, const void *b)
{
    const LayWish *p = a, *q = b;
    if (p->node != q->node) return p->node < q->node ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

// For each node of the layer the row at which it would lie straight with the median of its neighbours on both
// sides; its own row when it has none.
static void wish_rows(const Lay *l, uint32_t layer, double *wish, uint32_t *weight, LayWish *list)
{
    size_t count = 0;
    for (uint32_t i = 0; i < l->layer[layer].nodes; i++) {
        uint32_t node = l->layer[layer].node[i];
        wish[node] = l->node[node].y;
        weight[node] = 0;
    }
    for (uint32_t i = 0; i < l->pins; i++) {
        const LayPin *right = &l->pin[i];
        if (!right->right || (right->gutter + 1 != layer && right->gutter != layer)) continue;
        const LayPin *left = &l->pin[first_of_net(l, i)];
        const LayPin *own = right->gutter == layer ? left : right,
                     *other = right->gutter == layer ? right : left;
        list[count++] = (LayWish){own->node, (double)lay_pin_row(l, other) - own->line};
    }
    qsort(list, count, sizeof *list, wish_order);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && list[to].node == list[from].node;) to++;
        wish[list[from].node] = list[from + (to - from - 1) / 2].row;
        weight[list[from].node] = (uint32_t)(to - from);
    }
}

typedef struct LayBlock {
    double wish, weight; // mean and weight of its members
    uint32_t first;
} LayBlock;

// Nodes keep their order and distance and come as near to their wishes as the sum of squares allows:
// neighbours that would overlap are pooled (pool adjacent violators).
static void place_layer(Lay *l, uint32_t layer, const double *wish, const uint32_t *weight, LayBlock *block)
{
    const LayLayer *y = &l->layer[layer];
    uint32_t blocks = 0;
    int32_t below = 0; // rows from the first node's top to this one's
    for (uint32_t i = 0; i < y->nodes; i++) {
        if (i) {
            const LayNode *above = &l->node[y->node[i - 1]];
            below += (int32_t)above->height + node_gap(above, &l->node[y->node[i]]);
        }
        double w = weight[y->node[i]] + 0.01;
        block[blocks++] = (LayBlock){.wish = wish[y->node[i]] - below, .weight = w, .first = i};
        while (blocks > 1 && block[blocks - 2].wish > block[blocks - 1].wish) {
            LayBlock *a = &block[blocks - 2], *b = &block[blocks - 1];
            a->wish = (a->wish * a->weight + b->wish * b->weight) / (a->weight + b->weight);
            a->weight += b->weight;
            blocks--;
        }
    }
    below = 0;
    for (uint32_t i = 0, b = 0; i < y->nodes; i++) {
        if (i) {
            const LayNode *above = &l->node[y->node[i - 1]];
            below += (int32_t)above->height + node_gap(above, &l->node[y->node[i]]);
        }
        while (b + 1 < blocks && block[b + 1].first <= i) b++;
        double floor_of = block[b].wish;
        int32_t base = (int32_t)floor_of;
        if (base > floor_of) base--;
        l->node[y->node[i]].y = base + below;
    }
}

static void place_rows(Lay *l)
{
    double *wish = arena_array(l->mem, double, l->nodes);
    LayWish *list = arena_array(l->mem, LayWish, l->pins + 1);
    uint32_t *weight = arena_array(l->mem, uint32_t, l->nodes);
    LayBlock *block = arena_array(l->mem, LayBlock, l->nodes + 1);
    for (uint32_t i = 0; i < l->layers; i++) place_layer(l, i, wish, weight, block);
    for (int sweep = 0; sweep < LAY_ROW_SWEEPS; sweep++) {
        for (uint32_t step = 0; step < l->layers; step++) {
            uint32_t layer = sweep % 2 ? l->layers - 1 - step : step;
            wish_rows(l, layer, wish, weight, list);
            place_layer(l, layer, wish, weight, block);
        }
    }
    int32_t top = INT32_MAX;
    for (uint32_t i = 0; i < l->nodes; i++)
        if (l->node[i].y < top) top = l->node[i].y;
    for (uint32_t i = 0; i < l->nodes; i++) l->node[i].y -= top;
}

void lay_out(Lay *l)
{
    break_cycles(l);
    layer_by_longest_path(l);
    give_ports(l);
    add_dummies(l);
    fill_layers(l);
    make_pins(l);
    order_layers(l);
    place_rows(l);
}
