// Lay: how a data model becomes a drawing. Each group of connected tables is a Lay: boxes stand in layers
// from left (parents) to right (children); between two layers lies a gutter in which lines change rows. A Net
// is all the lines that leave one port to the right; where it passes a layer without stopping it has a Dummy
// node one row high. A room's own header. Relies on erd.
// Nouns: lay
#ifndef EXPORT_ERD_IN_H
#define EXPORT_ERD_IN_H

#include "export/erd.h"

enum { LAY_MARKER = 4, LAY_TRACK = 2, LAY_GAP_X = 3, LAY_GAP_Y = 1 };

// One line of a box's inside, or several when more lines end at the column than one row holds.
typedef struct LayRow {
    uint32_t column;      // ERD_NOWHERE: the box shows no columns
    uint32_t line, lines; // from the box's top (1 = below the title)
    uint32_t left, right; // ports given out on either side
} LayRow;

typedef struct LayBox {
    uint32_t table;
    LayRow *row;
    uint32_t rows;
    uint32_t width, height;
    uint32_t name_width, type_width;
} LayBox;

typedef struct LayNode {
    uint32_t box; // ERD_NOWHERE = dummy
    uint32_t net; // of a dummy
    uint32_t layer, rank;
    int32_t y;
    uint32_t height;
} LayNode;

typedef struct LayNet {
    uint32_t node, line;  // where it starts, on the right side
    uint32_t layer, last; // it ends in layer `last`; last == layer: it only loops back to its own box
    uint32_t dummy;       // node of its first dummy (layer + 1); they follow each other
    uint32_t row;         // of the box, while ports are given out
    bool reversed;        // starts at the child
    bool optional;
} LayNet;

typedef struct LayLine {
    uint32_t relation;
    uint32_t left, right; // nodes
    uint32_t net;
    uint32_t row;  // of the box where it ends
    uint32_t line; // there; on the left side of `right`, or on the right side of `left` for a self reference
    bool reversed, self;
} LayLine;

// Where a net touches a gutter. Right pins lie at the gutter's right edge (a box's left side).
typedef struct LayPin {
    uint32_t gutter, net, node, line;
    uint32_t relation; // ERD_NOWHERE for a dummy, and for the start of a net
    bool right;
} LayPin;

// A straight run of cells, ends included; x or y is the same at both.
typedef struct LaySegment {
    uint32_t net;
    int32_t x1, y1, x2, y2;
} LaySegment;

typedef struct LayLayer {
    uint32_t *node;
    uint32_t nodes;
    int32_t x, width;
} LayLayer;

typedef struct Lay {
    const Erd *erd;
    Arena *mem;
    LayBox *box;
    uint32_t boxes;
    LayNode *node; // boxes first, then dummies
    uint32_t nodes;
    LayLine *line;
    uint32_t lines;
    LayNet *net;
    uint32_t nets;
    LayPin *pin; // by gutter
    uint32_t pins;
    LayLayer *layer;
    uint32_t layers;
    int32_t *gutter_width;
    LaySegment *segment;
    uint32_t segments, segment_room;
    int32_t width, height;
} Lay;

// ---- erd_layout.c: layers, ports, order in layers, rows ----
void lay_out(Lay *l);
// ---- erd_route.c: tracks in the gutters; fills segments, gutter widths, layer.x, width and height ----
void lay_route(Lay *l);
static inline int32_t lay_pin_row(const Lay *l, const LayPin *p)
{
    return l->node[p->node].y + (int32_t)p->line;
}

// The groups of the model as finished Lays, for erd_draw and its tests; isolated tables are groups of one.
Lay *lay_all(const Erd *e, ErdDetail detail, Arena *mem, uint32_t *count);

#endif
