// Order of tables in a dump: depth first along the foreign keys, by name among equals, without recursion, so
// that a chain of a hundred thousand tables is only memory.
#include "export/dump_in.h"

typedef struct OrderStep {
    uint32_t table, next; // next: which of its foreign keys is looked at
} OrderStep;

enum { ORDER_NEW = 0, ORDER_OPEN, ORDER_DONE };

static void order_from(DumpRun *d, uint32_t root, uint8_t *state, OrderStep *stack, uint32_t *done)
{
    uint32_t depth = 0;
    stack[depth++] = (OrderStep){root, 0};
    state[root] = ORDER_OPEN;
    while (depth) {
        OrderStep *top = &stack[depth - 1];
        const CatalogTable *t = &d->catalog.table[top->table];
        if (top->next < t->foreigns) {
            uint32_t parent = t->foreign[top->next++].parent;
            if (state[parent] != ORDER_NEW) continue;
            state[parent] = ORDER_OPEN;
            stack[depth++] = (OrderStep){parent, 0};
            continue;
        }
        state[top->table] = ORDER_DONE;
        d->place[top->table] = *done;
        d->order[(*done)++] = (DumpTable){.table = top->table};
        depth--;
    }
}

void dump_order(DumpRun *d)
{
    uint32_t count = d->catalog.tables, done = 0;
    d->order = arena_array(d->mem, DumpTable, count + 1);
    d->place = arena_array(d->mem, uint32_t, count + 1);
    uint8_t *state = arena_array(d->mem, uint8_t, count + 1);
    OrderStep *stack = arena_array(d->mem, OrderStep, count + 1);
    for (uint32_t i = 0; i < count; i++)
        if (state[i] == ORDER_NEW) order_from(d, i, state, stack, &done);
}

bool dump_foreign_early(const DumpRun *d, uint32_t table, const CatalogForeignKey *key)
{
    return !d->dialect->alter_foreign || d->place[key->parent] < d->place[table];
}
