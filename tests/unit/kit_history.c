// Kit: see the header. Dependencies: ww between neighbours of a key's list, wr from the last value of a read
// to the reader, rw from the reader to whoever appended the next value.
#include "tests/unit/kit_history.h"

#include <stdlib.h>
#include <string.h>

typedef enum EdgeKind { EDGE_WW = 1, EDGE_WR = 2, EDGE_RW = 4 } EdgeKind;
typedef struct Edge {
    uint32_t to;
    EdgeKind kind;
    struct Edge *next;
} Edge;

typedef struct Graph {
    const History *h;
    Arena mem;
    Edge **out;
    uint32_t *writer; // of a value: transaction + 1
    uint32_t values;
    unsigned found;
} Graph;

void kit_history_init(History *h)
{
    memset(h, 0, sizeof *h);
    h->cap = HISTORY_TXNS_MAX;
    h->txn = calloc(h->cap, sizeof *h->txn);
    if (!h->txn) abort();
}

void kit_history_done(History *h)
{
    free(h->txn);
    arena_done(&h->mem);
}

HistoryTxn *kit_history_add(History *h, bool committed)
{
    if (h->txns == h->cap) abort();
    h->txn[h->txns].committed = committed;
    return &h->txn[h->txns++];
}

static HistoryOp *op_new(HistoryTxn *t)
{
    if (t->ops == HISTORY_OPS) abort();
    return &t->op[t->ops++];
}

void kit_history_append(HistoryTxn *t, unsigned key, uint32_t value)
{
    *op_new(t) = (HistoryOp){.append = true, .key = (uint8_t)key, .value = value};
}

static const uint32_t *copy(History *h, const uint32_t *list, uint32_t len)
{
    uint32_t *own = arena_array(&h->mem, uint32_t, len + 1);
    if (len) memcpy(own, list, len * sizeof *own);
    return own;
}

void kit_history_read(History *h, HistoryTxn *t, unsigned key, const uint32_t *list, uint32_t len)
{
    *op_new(t) = (HistoryOp){.key = (uint8_t)key, .list = copy(h, list, len), .len = len};
}

void kit_history_final(History *h, unsigned key, const uint32_t *list, uint32_t len)
{
    h->final[key] = copy(h, list, len);
    h->final_len[key] = len;
}

static void link_edge(Graph *g, uint32_t from, uint32_t to, EdgeKind kind)
{
    if (from == to) return;
    Edge *e = arena_new(&g->mem, Edge);
    *e = (Edge){to, kind, g->out[from]};
    g->out[from] = e;
}

static void note_writers(Graph *g)
{
    const History *h = g->h;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t t = 0; t < h->txns; t++)
            for (uint32_t i = 0; i < h->txn[t].ops; i++) {
                const HistoryOp *op = &h->txn[t].op[i];
                if (!op->append) continue;
                if (!pass && op->value >= g->values) g->values = op->value + 1;
                if (pass) g->writer[op->value] = t + 1;
            }
        if (!pass) g->writer = arena_array(&g->mem, uint32_t, g->values + 1);
    }
}

static uint32_t writer_of(const Graph *g, uint32_t value) { return value < g->values ? g->writer[value] : 0; }

// The values of a committed transaction stand together in the final list, in its own order.
static void check_final(Graph *g, unsigned key)
{
    const uint32_t *list = g->h->final[key];
    uint32_t len = g->h->final_len[key];
    bool *seen = arena_array(&g->mem, bool, g->values + 1);
    for (uint32_t i = 0; i < len; i++) {
        uint32_t w = writer_of(g, list[i]);
        if (!w || seen[list[i]]) g->found |= HISTORY_ORDER;
        if (w && !g->h->txn[w - 1].committed) g->found |= HISTORY_G1A;
        if (w) seen[list[i]] = true;
        uint32_t before = i ? writer_of(g, list[i - 1]) : 0;
        if (w && before) link_edge(g, before - 1, w - 1, EDGE_WW);
    }
    for (uint32_t t = 0; t < g->h->txns; t++)
        for (uint32_t i = 0; g->h->txn[t].committed && i < g->h->txn[t].ops; i++) {
            const HistoryOp *op = &g->h->txn[t].op[i];
            if (op->append && op->key == key && !seen[op->value]) g->found |= HISTORY_LOST;
        }
}

static bool is_last_append(const HistoryTxn *t, unsigned key, uint32_t value)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < t->ops; i++)
        if (t->op[i].append && t->op[i].key == key) last = t->op[i].value;
    return last == value;
}

// What the transaction had appended to the key before its operation `until` stands at the end of what it
// reads.
static uint32_t own_tail(Graph *g, uint32_t t, uint32_t until)
{
    const HistoryOp *read = &g->h->txn[t].op[until];
    uint32_t own = 0, at;
    for (uint32_t i = 0; i < until; i++)
        own += g->h->txn[t].op[i].append && g->h->txn[t].op[i].key == read->key;
    if (own > read->len) {
        g->found |= HISTORY_INTERNAL;
        return 0;
    }
    at = read->len - own;
    for (uint32_t i = 0; i < until; i++) {
        const HistoryOp *op = &g->h->txn[t].op[i];
        if (op->append && op->key == read->key && read->list[at++] != op->value) g->found |= HISTORY_INTERNAL;
    }
    return own;
}

static void check_read(Graph *g, uint32_t t, uint32_t i)
{
    const History *h = g->h;
    const HistoryOp *op = &h->txn[t].op[i];
    uint32_t len = op->len - own_tail(g, t, i);
    if (len > h->final_len[op->key] ||
        (len && memcmp(op->list, h->final[op->key], len * sizeof(uint32_t)) != 0))
        g->found |= HISTORY_ORDER;
    for (uint32_t k = 0; k < len; k++) {
        uint32_t w = writer_of(g, op->list[k]);
        if (!w) g->found |= HISTORY_ORDER;
        if (w && w - 1 != t && !h->txn[w - 1].committed) g->found |= HISTORY_G1A;
    }
    if (len) {
        uint32_t w = writer_of(g, op->list[len - 1]);
        if (w && w - 1 != t && !is_last_append(&h->txn[w - 1], op->key, op->list[len - 1]))
            g->found |= HISTORY_G1B;
        if (w) link_edge(g, w - 1, t, EDGE_WR);
    }
    if (len < h->final_len[op->key]) {
        uint32_t w = writer_of(g, h->final[op->key][len]);
        if (w) link_edge(g, t, w - 1, EDGE_RW);
    }
}

// Is there a way from `from` to `to` over edges of these kinds?
static bool reaches(const Graph *g, uint32_t from, uint32_t to, unsigned kinds)
{
    uint32_t *todo = malloc((g->h->txns + 1) * sizeof *todo), count = 0;
    bool *seen = calloc(g->h->txns + 1, 1), found = false;
    if (!todo || !seen) abort();
    todo[count++] = from;
    seen[from] = true;
    while (count && !found) {
        for (const Edge *e = g->out[todo[--count]]; e && !found; e = e->next) {
            if (!(e->kind & kinds)) continue;
            found = e->to == to;
            if (seen[e->to]) continue;
            seen[e->to] = true;
            todo[count++] = e->to;
        }
    }
    free(todo);
    free(seen);
    return found;
}

static void find_circles(Graph *g)
{
    for (uint32_t t = 0; t < g->h->txns; t++)
        for (const Edge *e = g->out[t]; e; e = e->next) {
            if (e->kind == EDGE_WW && reaches(g, e->to, t, EDGE_WW)) g->found |= HISTORY_G0;
            if (e->kind == EDGE_WR && reaches(g, e->to, t, EDGE_WW | EDGE_WR)) g->found |= HISTORY_G1C;
            if (e->kind != EDGE_RW) continue;
            if (reaches(g, e->to, t, EDGE_WW | EDGE_WR))
                g->found |= HISTORY_G_SINGLE;
            else if (reaches(g, e->to, t, EDGE_WW | EDGE_WR | EDGE_RW))
                g->found |= HISTORY_G2;
        }
}

unsigned kit_history_check(const History *h)
{
    Graph g = {.h = h};
    g.out = arena_array(&g.mem, Edge *, h->txns + 1);
    note_writers(&g);
    for (unsigned key = 0; key < HISTORY_KEYS; key++) check_final(&g, key);
    for (uint32_t t = 0; t < h->txns; t++)
        for (uint32_t i = 0; h->txn[t].committed && i < h->txn[t].ops; i++)
            if (!h->txn[t].op[i].append) check_read(&g, t, i);
    find_circles(&g);
    arena_done(&g.mem);
    return g.found;
}
