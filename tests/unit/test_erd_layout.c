// The drawing of the data model: on hundreds of random schemas no box overlaps, no line is lost, lines of
// different keys never share a cell except where they cross, and the same schema gives the same drawing.
#include "export/erd_in.h"
#include "tests/unit/kit_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SCHEMAS = 400 };

// What stands in one cell of a Lay: a box, at most one net running across and one running down.
typedef struct Raster {
    int32_t width, height;
    uint32_t *box, *across, *down; // position + 1; 0 = none
} Raster;

static size_t raster_at(const Raster *r, int32_t x, int32_t y)
{
    assert_true(x >= 0 && y >= 0 && x < r->width && y < r->height);
    return (size_t)y * (size_t)r->width + (size_t)x;
}

static void raster_boxes(Raster *r, const Lay *l)
{
    for (uint32_t i = 0; i < l->boxes; i++) {
        const LayNode *n = &l->node[i];
        for (uint32_t y = 0; y < l->box[i].height; y++)
            for (uint32_t x = 0; x < l->box[i].width; x++) {
                uint32_t *cell = &r->box[raster_at(r, l->layer[n->layer].x + (int32_t)x, n->y + (int32_t)y)];
                assert_int_equal(*cell, 0);
                *cell = i + 1;
            }
    }
}

static void raster_segments(Raster *r, const Lay *l)
{
    for (uint32_t i = 0; i < l->segments; i++) {
        const LaySegment *s = &l->segment[i];
        assert_true(s->x1 <= s->x2 && s->y1 <= s->y2 && (s->x1 == s->x2 || s->y1 == s->y2));
        for (int32_t y = s->y1; y <= s->y2; y++)
            for (int32_t x = s->x1; x <= s->x2; x++) {
                size_t at = raster_at(r, x, y);
                uint32_t *cell = s->x1 == s->x2 && s->y1 != s->y2 ? &r->down[at] : &r->across[at];
                assert_int_equal(r->box[at], 0);
                assert_true(*cell == 0 || *cell == s->net + 1);
                *cell = s->net + 1;
            }
    }
    // A net that turns or ends in a cell has it alone.
    for (uint32_t i = 0; i < l->segments; i++) {
        const LaySegment *s = &l->segment[i];
        size_t ends[] = {raster_at(r, s->x1, s->y1), raster_at(r, s->x2, s->y2)};
        for (int k = 0; k < 2; k++) {
            assert_true(r->across[ends[k]] == 0 || r->across[ends[k]] == s->net + 1);
            assert_true(r->down[ends[k]] == 0 || r->down[ends[k]] == s->net + 1);
        }
    }
}

static void flood(const Raster *r, uint32_t net, int32_t x, int32_t y, uint8_t *seen)
{
    int32_t *stack = malloc(sizeof *stack * 8 * (size_t)r->width * (size_t)r->height + 64);
    size_t depth = 0;
    stack[depth++] = x;
    stack[depth++] = y;
    while (depth) {
        y = stack[--depth];
        x = stack[--depth];
        if (x < 0 || y < 0 || x >= r->width || y >= r->height) continue;
        size_t at = raster_at(r, x, y);
        if (seen[at]) continue;
        bool across = r->across[at] == net, down = r->down[at] == net;
        if (!across && !down) continue;
        seen[at] = 1;
        for (int d = -1; d <= 1; d += 2) {
            if (across) stack[depth++] = x + d, stack[depth++] = y;
            if (down) stack[depth++] = x, stack[depth++] = y + d;
        }
    }
    free(stack);
}

// Every line's end is reached from its net's start along cells of the net.
static void check_connected(const Raster *r, const Lay *l)
{
    uint8_t *seen = malloc((size_t)r->width * (size_t)r->height + 1);
    for (uint32_t i = 0; i < l->lines; i++) {
        const LayLine *line = &l->line[i];
        const LayNet *net = &l->net[line->net];
        const LayNode *start = &l->node[net->node], *end = &l->node[line->self ? line->left : line->right];
        int32_t x = l->layer[start->layer].x + (int32_t)l->box[net->node].width,
                y = start->y + (int32_t)net->line;
        int32_t ex = line->self ? x : l->layer[end->layer].x - 1, ey = end->y + (int32_t)line->line;
        memset(seen, 0, (size_t)r->width * (size_t)r->height + 1);
        flood(r, line->net + 1, x, y, seen);
        assert_true(seen[raster_at(r, x, y)]);
        assert_true(seen[raster_at(r, ex, ey)]);
        // and it arrives in a row of its column
        const ErdRelation *rel = &l->erd->relation[line->relation];
        const LayBox *box = &l->box[line->self ? line->left : line->right];
        uint32_t column = line->reversed ? rel->key->parent_column[0] : rel->key->column[0];
        const LayRow *row = &box->row[line->row];
        assert_true(row->column == column || row->column == ERD_NOWHERE);
        assert_true(line->line >= row->line && line->line < row->line + row->lines);
    }
    free(seen);
}

static void check_lay(const Lay *l)
{
    Raster r = {.width = l->width + 1, .height = l->height};
    size_t cells = (size_t)r.width * (size_t)r.height + 1;
    r.box = calloc(cells, sizeof *r.box);
    r.across = calloc(cells, sizeof *r.across);
    r.down = calloc(cells, sizeof *r.down);
    raster_boxes(&r, l);
    raster_segments(&r, l);
    check_connected(&r, l);
    free(r.box);
    free(r.across);
    free(r.down);
}

static void random_schema(Erd *e, uint64_t seed, Arena *mem)
{
    Random r;
    Catalog c;
    random_seed(&r, seed);
    uint32_t tables = 1 + (uint32_t)random_below(&r, seed % 10 == 0 ? 60 : 14);
    model_random(&c, &r, tables, (uint32_t)random_below(&r, 2 * tables + 2), mem);
    erd_of_catalog(e, &c, mem);
}

static void random_schemas_lose_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SCHEMAS; seed++) {
        Arena mem = {0};
        Erd e;
        random_schema(&e, seed, &mem);
        for (int detail = ERD_ALL_COLUMNS; detail <= ERD_NAMES; detail++) {
            uint32_t count, lines = 0, boxes = 0;
            Lay *list = lay_all(&e, (ErdDetail)detail, &mem, &count);
            for (uint32_t i = 0; i < count; i++) {
                check_lay(&list[i]);
                lines += list[i].lines;
                boxes += list[i].boxes;
            }
            assert_int_equal(lines, e.relations);
            assert_int_equal(boxes, e.catalog.tables);
        }
        arena_done(&mem);
    }
}

static Str draw_text(const Erd *e, Arena *mem)
{
    ErdGrid grid;
    Err err = {0};
    OutFile *out;
    assert_true(erd_draw(&grid, e, ERD_ALL_COLUMNS, 160, mem, &err));
    assert_true(out_file_memory(&out, 64 << 20, &err));
    erd_grid_write(&grid, out);
    Str text = arena_copy(mem, out_text(out));
    out_file_abandon(out);
    return text;
}

static void same_schema_same_drawing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        Arena one = {0}, two = {0};
        Erd a, b;
        random_schema(&a, seed, &one);
        random_schema(&b, seed, &two);
        Str x = draw_text(&a, &one), y = draw_text(&b, &two);
        assert_true(str_equal(x, y));
        arena_done(&one);
        arena_done(&two);
    }
}

static void boxes_of_the_grid_do_not_overlap(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        Arena mem = {0};
        Erd e;
        ErdGrid g;
        Err err = {0};
        random_schema(&e, seed, &mem);
        assert_true(erd_draw(&g, &e, ERD_ALL_COLUMNS, 120, &mem, &err));
        for (uint32_t i = 0; i < e.catalog.tables; i++) {
            const ErdBox *b = &g.box[i];
            assert_true(b->x + b->width <= g.width && b->y + b->height <= g.height);
            for (uint32_t y = b->y; y < b->y + b->height; y++)
                for (uint32_t x = b->x; x < b->x + b->width; x++)
                    assert_int_equal(erd_cell(&g, x, y)->table, i);
        }
        arena_done(&mem);
    }
}

static void two_tables_look_as_designed(void **state)
{
    (void)state;
    Arena mem = {0};
    Catalog c;
    Erd e;
    model_text(&c, "registration id! student_id>student.student_id; student student_id! name?", &mem);
    erd_of_catalog(&e, &c, &mem);
    Str text = draw_text(&e, &mem);
    if (getenv("ERD_SHOW")) fprintf(stderr, "%.*s\n", STR_ARG(text));
    Str row = STR("│ ◆ student_id  integer │─┤├───○<│ ↗ student_id  integer │\n");
    assert_true(str_find(text, row, 0) != SIZE_MAX);
    assert_true(str_find(text, STR("┌ student "), 0) != SIZE_MAX);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_schemas_lose_nothing),
        cmocka_unit_test(same_schema_same_drawing),
        cmocka_unit_test(boxes_of_the_grid_do_not_overlap),
        cmocka_unit_test(two_tables_look_as_designed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
