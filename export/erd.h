// Erd: the data model of a database: tables, keys and relationships with their cardinality, declared (NOT
// NULL, UNIQUE) and measured in the data; as text, as a drawing, and for other tools. Relies on catalog,
// out_file.
#ifndef EXPORT_ERD_H
#define EXPORT_ERD_H

#include "export/catalog.h"
#include "export/out_file.h"

// One foreign key: child.column → parent.column.
typedef struct ErdRelation {
    uint32_t child, parent; // positions in Catalog.table
    const CatalogForeignKey *key;
    bool optional; // a child may have no parent (a column of the key is nullable)
    bool single;   // a parent has at most one child (the columns are unique)
    // Measured:
    bool measured;
    uint64_t parents; // rows of the parent
    uint64_t parents_childless;
    uint64_t children;        // child rows that have a parent
    uint64_t children_orphan; // child rows whose key is NULL
    uint64_t children_max;    // of one parent
} ErdRelation;

typedef struct Erd {
    Catalog catalog;
    ErdRelation *relation; // by child table, then in the order of its keys
    uint32_t relations;
} Erd;

// measure: count the children (one GROUP BY per relationship). stop may be NULL.
MUST_CHECK bool erd_read(Erd *out, Source *s, Str database, bool measure, const atomic_bool *stop, Arena *mem,
                         Err *err);
// The relationships of a catalog that was read before; nothing measured.
void erd_of_catalog(Erd *out, const Catalog *c, Arena *mem);
// "one student has 0..n registration rows (5.0 on average, 9 at most; 12 of 300 have none)"
void erd_relation_sentence(const Erd *e, const ErdRelation *r, Bytes *out);
// Declared cardinality seen from the parent: "0..n" or "0..1"; from the child: "1" or "0..1".
const char *erd_children_text(const ErdRelation *r);
const char *erd_parents_text(const ErdRelation *r);

// ---- the drawing ----

typedef enum ErdRole {
    ERD_BLANK,
    ERD_BORDER, // of a table's box
    ERD_TITLE,  // its name and row count
    ERD_PK,     // mark and name of a primary key column
    ERD_FK,     // of a foreign key column
    ERD_TEXT,   // of another column
    ERD_TYPE,   // type of a column
    ERD_LINE,   // of a relationship
    ERD_MARKER, // its crow's foot
} ErdRole;

#define ERD_NOWHERE UINT32_MAX

typedef struct ErdCell {
    uint32_t rune; // 0 = second half of a wide rune to the left; ' ' = blank
    ErdRole role;
    uint32_t table;    // of a box's cells; ERD_NOWHERE elsewhere
    uint32_t column;   // of a column's row; ERD_NOWHERE elsewhere
    uint32_t relation; // of a line: one of those drawn there; ERD_NOWHERE elsewhere
} ErdCell;

// The frame of a table's box; the border is part of it.
typedef struct ErdBox {
    uint32_t x, y, width, height;
} ErdBox;

typedef enum ErdDetail { ERD_ALL_COLUMNS, ERD_KEY_COLUMNS, ERD_NAMES } ErdDetail;

typedef struct ErdGrid {
    uint32_t width, height;
    ErdCell *cell; // width * height
    ErdBox *box;   // one per table of the catalog
} ErdGrid;

static inline const ErdCell *erd_cell(const ErdGrid *g, uint32_t x, uint32_t y)
{
    return &g->cell[(size_t)y * g->width + x];
}
// Lays the model out from left (parents) to right and draws it. width_wished: where components are wrapped (a
// wide one is not cut). The same model gives the same drawing. 54000 when it would exceed ERD_CELLS_MAX.
MUST_CHECK bool erd_draw(ErdGrid *out, const Erd *e, ErdDetail detail, uint32_t width_wished, Arena *mem,
                         Err *err);
enum { ERD_CELLS_MAX = 64 << 20 };

// ---- files ----

typedef struct ErdFormat {
    const char *name; // "text", "drawing", "mermaid", "dot", "dbml"
    bool (*write)(const Erd *e, OutFile *out, Err *err);
} ErdFormat;
const ErdFormat *erd_format(Str name);               // NULL for another word
const char *const *erd_format_names(void);           // NULL behind the last
void erd_grid_write(const ErdGrid *g, OutFile *out); // lines without trailing blanks

#endif
