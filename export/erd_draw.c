// The drawing: boxes and lines of every Lay on one grid. Lines are first masks of directions per cell, so
// that crossings and joins come out of one table; markers (crow's feet) are set last.
#include "export/erd_in.h"

#include "engine/base/size.h"
#include "engine/base/utf8.h"
#include <inttypes.h>
#include <stdlib.h>

enum { NAME_WIDTH_MAX = 40, TYPE_WIDTH_MAX = 24, TITLE_WIDTH_MAX = 60 };
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

// ---- groups of connected tables ----

static uint32_t group_of(uint32_t *group, uint32_t i)
{
    while (group[i] != i) i = group[i] = group[group[i]];
    return i;
}

typedef struct GroupSize {
    uint32_t group, tables;
} GroupSize;

static int group_order(const void *a, const void *b)
{
    const GroupSize *p = a, *q = b;
    if (p->tables != q->tables) return p->tables > q->tables ? -1 : 1;
    return p->group < q->group ? -1 : p->group > q->group;
}

// ---- sizes of boxes ----

static uint32_t safe_width(Str s, uint32_t most)
{
    size_t width = utf8_width(s);
    return width > most ? most : (uint32_t)width;
}

static Str title_count(const CatalogTable *t, Arena *mem)
{
    return t->rows < 0 ? STR_NONE : arena_printf(mem, "%" PRId64, t->rows);
}

static bool column_shown(const Erd *e, uint32_t table, uint32_t column, ErdDetail detail)
{
    const CatalogTable *t = &e->catalog.table[table];
    if (detail == ERD_ALL_COLUMNS || catalog_in_primary(t, column) || catalog_in_foreign(t, column))
        return true;
    for (uint32_t i = 0; i < e->relations; i++)
        if (e->relation[i].parent == table && e->relation[i].key->parent_column[0] == column) return true;
    return false;
}

static void box_make(LayBox *b, const Erd *e, uint32_t table, ErdDetail detail, Arena *mem)
{
    const CatalogTable *t = &e->catalog.table[table];
    *b = (LayBox){.table = table, .row = arena_array(mem, LayRow, t->columns + 1)};
    for (uint32_t i = 0; i < t->columns && detail != ERD_NAMES; i++) {
        if (!column_shown(e, table, i, detail)) continue;
        b->row[b->rows++].column = i;
        uint32_t name = safe_width(t->column[i].name, NAME_WIDTH_MAX);
        uint32_t type = safe_width(t->column[i].type_text, TYPE_WIDTH_MAX);
        if (name > b->name_width) b->name_width = name;
        if (type > b->type_width) b->type_width = type;
    }
    if (!b->rows) b->row[b->rows++].column = ERD_NOWHERE;
    uint32_t inside = b->name_width + (b->type_width ? 2 + b->type_width : 0) + 2;
    uint32_t count = safe_width(title_count(t, mem), 20);
    uint32_t title = safe_width(t->name, TITLE_WIDTH_MAX) + (count ? count + 2 : 0);
    if (title > inside) {
        b->name_width += title - inside;
        inside = title;
    }
    b->width = inside + 4;
    b->height = b->rows + 2;
}

// ---- Lays ----

static void lay_make(Lay *l, const Erd *e, const uint32_t *group, uint32_t wanted, ErdDetail detail,
                     Arena *mem)
{
    uint32_t tables = e->catalog.tables, *box_of = arena_array(mem, uint32_t, tables + 1);
    *l = (Lay){.erd = e, .mem = mem};
    for (uint32_t i = 0; i < tables; i++) l->boxes += group[i] == wanted;
    l->box = arena_array(mem, LayBox, l->boxes);
    l->node = arena_array(mem, LayNode, l->boxes);
    l->nodes = l->boxes;
    for (uint32_t i = 0, at = 0; i < tables; i++) {
        if (group[i] != wanted) continue;
        box_of[i] = at;
        box_make(&l->box[at], e, i, detail, mem);
        l->node[at] = (LayNode){.box = at};
        at++;
    }
    l->line = arena_array(mem, LayLine, e->relations + 1);
    for (uint32_t i = 0; i < e->relations; i++) {
        const ErdRelation *r = &e->relation[i];
        if (group[r->child] != wanted) continue;
        l->line[l->lines++] = (LayLine){.relation = i,
                                        .left = box_of[r->parent],
                                        .right = box_of[r->child],
                                        .self = r->parent == r->child};
    }
    lay_out(l);
    lay_route(l);
}

Lay *lay_all(const Erd *e, ErdDetail detail, Arena *mem, uint32_t *count)
{
    uint32_t tables = e->catalog.tables;
    uint32_t *group = arena_array(mem, uint32_t, tables + 1);
    GroupSize *size = arena_array(mem, GroupSize, tables + 1);
    for (uint32_t i = 0; i < tables; i++) group[i] = i;
    for (uint32_t i = 0; i < e->relations; i++) {
        uint32_t a = group_of(group, e->relation[i].child), b = group_of(group, e->relation[i].parent);
        if (a < b) group[b] = a;
        if (b < a) group[a] = b;
    }
    for (uint32_t i = 0; i < tables; i++) group[i] = group_of(group, i);
    for (uint32_t i = 0; i < tables; i++) size[i].group = i;
    for (uint32_t i = 0; i < tables; i++) size[group[i]].tables++;
    qsort(size, tables, sizeof *size, group_order);
    *count = 0;
    while (*count < tables && size[*count].tables) ++*count;
    Lay *list = arena_array(mem, Lay, *count + 1);
    for (uint32_t i = 0; i < *count; i++) lay_make(&list[i], e, group, size[i].group, detail, mem);
    return list;
}

// ---- cells ----

typedef struct Canvas {
    ErdGrid *grid;
    const Erd *erd;
    Arena *mem;
    uint8_t *mask; // directions of lines, per cell
} Canvas;

static ErdCell *cell_at(Canvas *c, uint32_t x, uint32_t y)
{
    return &c->grid->cell[(size_t)y * c->grid->width + x];
}

static void put_rune(Canvas *c, uint32_t x, uint32_t y, uint32_t rune, ErdRole role, uint32_t table,
                     uint32_t column)
{
    *cell_at(c, x, y) =
        (ErdCell){.rune = rune, .role = role, .table = table, .column = column, .relation = ERD_NOWHERE};
}

// Text in `width` cells, cut with … when longer; marks without a width are left out. Returns the cells used.
static uint32_t put_text(Canvas *c, uint32_t x, uint32_t y, uint32_t width, Str text, ErdRole role,
                         uint32_t table, uint32_t column)
{
    Bytes safe;
    bytes_init(&safe, 64 << 10);
    utf8_safe(&safe, text, false);
    Str s = bytes_str(&safe);
    bool cut = utf8_width(text) > width;
    uint32_t used = 0, room = cut ? width - 1 : width;
    for (size_t at = 0; at < s.len;) {
        uint32_t rune = utf8_next(s, &at);
        int wide = utf8_rune_width(rune);
        if (wide <= 0) continue;
        if (used + (uint32_t)wide > room) break;
        put_rune(c, x + used, y, rune, role, table, column);
        if (wide == 2) put_rune(c, x + used + 1, y, 0, role, table, column);
        used += (uint32_t)wide;
    }
    bytes_done(&safe);
    if (cut) put_rune(c, x + used++, y, 0x2026, role, table, column);
    return used;
}

static void draw_frame(Canvas *c, const ErdBox *b, uint32_t table)
{
    uint32_t right = b->x + b->width - 1, bottom = b->y + b->height - 1;
    for (uint32_t y = b->y; y <= bottom; y++)
        for (uint32_t x = b->x; x <= right; x++) {
            bool across = y == b->y || y == bottom, down = x == b->x || x == right;
            put_rune(c, x, y,
                     across ? 0x2500
                     : down ? 0x2502
                            : ' ',
                     across || down ? ERD_BORDER : ERD_TEXT, table, ERD_NOWHERE);
        }
    put_rune(c, b->x, b->y, 0x250c, ERD_BORDER, table, ERD_NOWHERE);
    put_rune(c, right, b->y, 0x2510, ERD_BORDER, table, ERD_NOWHERE);
    put_rune(c, b->x, bottom, 0x2514, ERD_BORDER, table, ERD_NOWHERE);
    put_rune(c, right, bottom, 0x2518, ERD_BORDER, table, ERD_NOWHERE);
}

static void draw_title(Canvas *c, const ErdBox *b, uint32_t table)
{
    const CatalogTable *t = &c->erd->catalog.table[table];
    uint32_t width = safe_width(t->name, TITLE_WIDTH_MAX);
    put_rune(c, b->x + 1, b->y, ' ', ERD_TITLE, table, ERD_NOWHERE);
    uint32_t used = put_text(c, b->x + 2, b->y, width, t->name, ERD_TITLE, table, ERD_NOWHERE);
    put_rune(c, b->x + 2 + used, b->y, ' ', ERD_TITLE, table, ERD_NOWHERE);
    Str count = title_count(t, c->mem);
    if (!count.len) return;
    uint32_t x = b->x + b->width - 2 - (uint32_t)count.len;
    put_rune(c, x - 1, b->y, ' ', ERD_TITLE, table, ERD_NOWHERE);
    put_text(c, x, b->y, (uint32_t)count.len, count, ERD_TITLE, table, ERD_NOWHERE);
    put_rune(c, x + (uint32_t)count.len, b->y, ' ', ERD_TITLE, table, ERD_NOWHERE);
}

static void draw_box(Canvas *c, const LayBox *b, uint32_t x, uint32_t y)
{
    ErdBox *frame = &c->grid->box[b->table];
    const CatalogTable *t = &c->erd->catalog.table[b->table];
    *frame = (ErdBox){x, y, b->width, b->height};
    draw_frame(c, frame, b->table);
    draw_title(c, frame, b->table);
    for (uint32_t i = 0; i < b->rows; i++) {
        const LayRow *row = &b->row[i];
        for (uint32_t k = 0; k < row->lines; k++)
            for (uint32_t at = 1; at + 1 < b->width; at++)
                cell_at(c, x + at, y + row->line + k)->column = row->column;
        if (row->column == ERD_NOWHERE) continue;
        bool pk = catalog_in_primary(t, row->column), fk = catalog_in_foreign(t, row->column);
        ErdRole role = pk ? ERD_PK : fk ? ERD_FK : ERD_TEXT;
        if (pk || fk) put_rune(c, x + 2, y + row->line, pk ? 0x25c6 : 0x2197, role, b->table, row->column);
        const CatalogColumn *column = &t->column[row->column];
        put_text(c, x + 4, y + row->line, b->name_width, column->name, role, b->table, row->column);
        put_text(c, x + 6 + b->name_width, y + row->line, b->type_width, column->type_text, ERD_TYPE,
                 b->table, row->column);
    }
}

static void draw_segment(Canvas *c, const LaySegment *s, uint32_t left, uint32_t top, uint32_t relation)
{
    for (int32_t y = s->y1; y <= s->y2; y++)
        for (int32_t x = s->x1; x <= s->x2; x++) {
            size_t at = (size_t)(top + (uint32_t)y) * c->grid->width + left + (uint32_t)x;
            if (s->y1 == s->y2 && s->x1 == s->x2) c->mask[at] |= 0;
            if (x > s->x1) c->mask[at] |= LEFT;
            if (x < s->x2) c->mask[at] |= RIGHT;
            if (y > s->y1) c->mask[at] |= UP;
            if (y < s->y2) c->mask[at] |= DOWN;
            c->grid->cell[at].role = ERD_LINE;
            c->grid->cell[at].relation = relation;
        }
}

// Runs that touch end to end (gutter, layer, gutter) are joined sideways.
static void join_ends(Canvas *c, const Lay *l, uint32_t left, uint32_t top)
{
    for (uint32_t i = 0; i < l->segments; i++) {
        const LaySegment *s = &l->segment[i];
        if (s->y1 != s->y2) continue;
        uint8_t *row = &c->mask[(size_t)(top + (uint32_t)s->y1) * c->grid->width + left];
        if (s->x1 > 0 && (row[s->x1 - 1] ||
                          cell_at(c, left + (uint32_t)s->x1 - 1, top + (uint32_t)s->y1)->role == ERD_BORDER))
            row[s->x1] |= LEFT;
        if (row[s->x2 + 1] ||
            cell_at(c, left + (uint32_t)s->x2 + 1, top + (uint32_t)s->y1)->role == ERD_BORDER)
            row[s->x2] |= RIGHT;
    }
}

static void masks_to_runes(Canvas *c)
{
    static const uint16_t rune[16] = {
        ' ',    0x2502, 0x2502, 0x2502, // -, up, down, both
        0x2500, 0x2518, 0x2510, 0x2524, // left with …
        0x2500, 0x2514, 0x250c, 0x251c, // right with …
        0x2500, 0x2534, 0x252c, 0x253c, // both with …
    };
    size_t cells = (size_t)c->grid->width * c->grid->height;
    for (size_t i = 0; i < cells; i++)
        if (c->mask[i]) c->grid->cell[i].rune = rune[c->mask[i]];
}

// ---- markers ----

static void put_markers(Canvas *c, uint32_t x, uint32_t y, bool leftwards, const uint16_t *rune, int runes,
                        uint32_t relation)
{
    for (int i = 0; i < runes; i++) {
        ErdCell *cell = cell_at(c, leftwards ? x - (uint32_t)i : x + (uint32_t)i, y);
        cell->rune = rune[i];
        cell->role = ERD_MARKER;
        cell->relation = relation;
    }
}

// The end at the parent, seen from its box outwards.
static void mark_parent(Canvas *c, uint32_t x, uint32_t y, bool leftwards, const ErdRelation *r,
                        uint32_t relation)
{
    static const uint16_t one[][3] = {{0x2500, 0x2524, 0x251c}, {0x2500, 0x251c, 0x2524}};
    static const uint16_t maybe[][3] = {{0x2500, 0x2524, 0x25cb}, {0x2500, 0x251c, 0x25cb}};
    put_markers(c, x, y, leftwards, r->optional ? maybe[leftwards] : one[leftwards], 3, relation);
}

static void mark_child(Canvas *c, uint32_t x, uint32_t y, bool leftwards, const ErdRelation *r,
                       uint32_t relation)
{
    static const uint16_t many[][2] = {{'>', 0x25cb}, {'<', 0x25cb}};
    static const uint16_t single[][2] = {{0x251c, 0x25cb}, {0x2524, 0x25cb}};
    put_markers(c, x, y, leftwards, r->single ? single[leftwards] : many[leftwards], 2, relation);
}

static void draw_markers(Canvas *c, const Lay *l)
{
    for (uint32_t i = 0; i < l->lines; i++) {
        const LayLine *line = &l->line[i];
        const LayNet *net = &l->net[line->net];
        const ErdRelation *r = &c->erd->relation[line->relation];
        const ErdBox *start = &c->grid->box[l->box[line->left].table];
        const ErdBox *end = &c->grid->box[l->box[line->right].table];
        uint32_t start_x = start->x + start->width, start_y = start->y + net->line;
        uint32_t end_x = line->self ? start_x : end->x - 1,
                 end_y = (line->self ? start->y : end->y) + line->line;
        (line->reversed ? mark_child : mark_parent)(c, start_x, start_y, false, r, line->relation);
        (line->reversed ? mark_parent : mark_child)(c, end_x, end_y, !line->self, r, line->relation);
    }
}

// ---- all of it ----

static void draw_lay(Canvas *c, const Lay *l, uint32_t left, uint32_t top)
{
    for (uint32_t i = 0; i < l->boxes; i++) {
        const LayNode *n = &l->node[i];
        draw_box(c, &l->box[i], left + (uint32_t)l->layer[n->layer].x, top + (uint32_t)n->y);
    }
    uint32_t *relation = arena_array(c->mem, uint32_t, l->nets + 1);
    for (uint32_t i = 0; i < l->lines; i++) relation[l->line[i].net] = l->line[i].relation;
    for (uint32_t i = 0; i < l->segments; i++)
        draw_segment(c, &l->segment[i], left, top, relation[l->segment[i].net]);
    join_ends(c, l, left, top);
}

typedef struct Place {
    uint32_t x, y;
} Place;

// Shelves: groups side by side while they fit the wished width, the next shelf below the tallest.
static Place *pack(const Lay *list, uint32_t count, uint32_t wished, Arena *mem, uint64_t *width,
                   uint64_t *height)
{
    Place *place = arena_array(mem, Place, count + 1);
    uint32_t x = 0, y = 0, shelf = 0;
    *width = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t w = (uint32_t)list[i].width, h = (uint32_t)list[i].height;
        if (x && x + w > wished) {
            x = 0;
            y += shelf + 1;
            shelf = 0;
        }
        place[i] = (Place){x, y};
        if (x + w > *width) *width = x + w;
        if (h > shelf) shelf = h;
        x += w + LAY_GAP_X;
    }
    *height = y + shelf;
    return place;
}

bool erd_draw(ErdGrid *out, const Erd *e, ErdDetail detail, uint32_t width_wished, Arena *mem, Err *err)
{
    *out = (ErdGrid){.box = arena_array(mem, ErdBox, e->catalog.tables + 1)};
    uint32_t count;
    Lay *list = lay_all(e, detail, mem, &count);
    uint64_t width, height;
    Place *place = pack(list, count, width_wished, mem, &width, &height);
    width += 1; // so that a cell right of the last line can be looked at
    if (width * height > ERD_CELLS_MAX)
        return err_set(err, SQLSTATE_LIMIT,
                       "the drawing would have %" PRIu64 " x %" PRIu64 " cells, more than %d", width, height,
                       ERD_CELLS_MAX);
    out->width = (uint32_t)width;
    out->height = (uint32_t)height;
    out->cell = arena_try(mem, (size_t)(width * height) + 1, sizeof *out->cell);
    Canvas c = {.grid = out, .erd = e, .mem = mem, .mask = arena_try(mem, (size_t)(width * height) + 1, 1)};
    if (!out->cell || !c.mask)
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the drawing of the data model");
    for (size_t i = 0; i < (size_t)(width * height); i++)
        out->cell[i] = (ErdCell){' ', ERD_BLANK, ERD_NOWHERE, ERD_NOWHERE, ERD_NOWHERE};
    for (uint32_t i = 0; i < count; i++) draw_lay(&c, &list[i], place[i].x, place[i].y);
    masks_to_runes(&c);
    for (uint32_t i = 0; i < count; i++) draw_markers(&c, &list[i]);
    return true;
}

void erd_grid_write(const ErdGrid *g, OutFile *out)
{
    for (uint32_t y = 0; y < g->height; y++) {
        uint32_t end = g->width;
        while (end && erd_cell(g, end - 1, y)->rune == ' ') end--;
        for (uint32_t x = 0; x < end; x++) {
            char bytes[4];
            uint32_t rune = erd_cell(g, x, y)->rune;
            if (rune) out_put(out, (Str){bytes, utf8_encode(rune, bytes)});
        }
        out_byte(out, '\n');
    }
}
