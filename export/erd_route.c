// Channel routing of one gutter (left-edge algorithm, Hashimoto and Stevens 1971): each net has a vertical
// trunk on a track of its own rows. Where one net comes in on the left and another goes out on the right in
// the same row, the first one's trunk must stand left of the other's. A circle of such demands is cut by
// giving one net two trunks, joined in a row that is free (a dogleg, Deutsch 1976). A net that crosses the
// gutter straight in the middle of its trunk gets two trunks meeting there, so that four lines of one net
// never meet in a cell: ┼ is always a crossing.
#include "export/erd_in.h"

#include <stdlib.h>

typedef struct Part {
    uint32_t net;
    int32_t top, bottom; // rows of the trunk
    uint32_t waiting;    // parts that must stand left of it and have no track yet
    int32_t track;       // -1 = none yet
    int32_t dogleg;      // row that joins it with the part `other`; INT32_MIN = none
    uint32_t other;
} Part;

// One pin of the gutter, with the part whose trunk it joins.
typedef struct Joint {
    uint32_t net;
    int32_t row;
    bool right, through; // through: the net has pins on both sides in this row
    uint32_t part;       // ERD_NOWHERE = none (a straight line)
} Joint;

typedef struct Channel {
    Lay *lay;
    Joint *joint;
    uint32_t joints;
    Part *part;
    uint32_t parts;
    uint32_t *left_of, *right_of; // demands: part left_of[i] stands left of part right_of[i]
    uint32_t demands;
    int32_t tracks;
} Channel;

static void add_segment(Lay *l, uint32_t net, int32_t x1, int32_t y1, int32_t x2, int32_t y2)
{
    if (l->segments == l->segment_room) { // the arena keeps the old ones: the waste is bounded by doubling
        uint32_t room = l->segment_room ? l->segment_room * 2 : 256;
        LaySegment *grown = arena_array(l->mem, LaySegment, room);
        for (uint32_t i = 0; i < l->segments; i++) grown[i] = l->segment[i];
        l->segment = grown;
        l->segment_room = room;
    }
    l->segment[l->segments++] = (LaySegment){net, x1, y1, x2, y2};
}

static int joint_order(const void *a, const void *b)
{
    const Joint *p = a, *q = b;
    if (p->net != q->net) return p->net < q->net ? -1 : 1;
    if (p->row != q->row) return p->row < q->row ? -1 : 1;
    return (int)p->right - (int)q->right;
}

static int joint_by_row(const void *a, const void *b)
{
    const Joint *p = *(const Joint *const *)a, *q = *(const Joint *const *)b;
    if (p->row != q->row) return p->row < q->row ? -1 : 1;
    return (int)p->right - (int)q->right;
}

static uint32_t add_part(Channel *c, const Joint *j)
{
    c->part[c->parts] = (Part){.net = j->net,
                               .top = j->row,
                               .bottom = j->row,
                               .track = -1,
                               .dogleg = INT32_MIN,
                               .other = ERD_NOWHERE};
    return c->parts++;
}

// Joints [from, to) of one net, by row: parts between the rows where it runs through.
static void make_parts(Channel *c, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i + 1 < to; i++)
        if (c->joint[i].row == c->joint[i + 1].row) c->joint[i].through = c->joint[i + 1].through = true;
    if (c->joint[from].row == c->joint[to - 1].row) return;
    int32_t first = c->joint[from].row, last = c->joint[to - 1].row;
    uint32_t part = ERD_NOWHERE;
    for (uint32_t i = from; i < to; i++) {
        Joint *j = &c->joint[i];
        if (part == ERD_NOWHERE) part = add_part(c, j);
        j->part = part;
        c->part[part].bottom = j->row;
        if (j->through && j->right && j->row != first && j->row != last) part = add_part(c, j);
    }
}

static void make_demands(Channel *c)
{
    const Joint **by_row = arena_array(c->lay->mem, const Joint *, c->joints + 1);
    for (uint32_t i = 0; i < c->joints; i++) by_row[i] = &c->joint[i];
    qsort(by_row, c->joints, sizeof *by_row, joint_by_row);
    c->left_of = arena_array(c->lay->mem, uint32_t, c->joints + 1);
    c->right_of = arena_array(c->lay->mem, uint32_t, c->joints + 1);
    for (uint32_t i = 0; i + 1 < c->joints; i++) {
        const Joint *left = by_row[i], *right = by_row[i + 1];
        if (left->row != right->row || left->net == right->net) continue;
        c->left_of[c->demands] = left->part;
        c->right_of[c->demands++] = right->part;
        c->part[right->part].waiting++;
    }
}

static bool row_is_free(const Channel *c, int32_t row)
{
    for (uint32_t i = 0; i < c->joints; i++)
        if (c->joint[i].row == row) return false;
    for (uint32_t i = 0; i < c->parts; i++)
        if (c->part[i].dogleg == row) return false;
    return true;
}

static int32_t nearest_free_row(const Channel *c, int32_t wish)
{
    for (int32_t away = 0;; away++) {
        if (wish - away >= 0 && row_is_free(c, wish - away)) return wish - away;
        if (row_is_free(c, wish + away)) return wish + away;
    }
}

static void stretch(Part *p, int32_t row)
{
    if (row < p->top) p->top = row;
    if (row > p->bottom) p->bottom = row;
}

// Cuts part `at` in two: it keeps its left pins and the rows where the net runs through, a new part gets the
// right pins; so nothing must stand left of the one and nothing right of the other.
static void split_part(Channel *c, uint32_t at)
{
    Part *left = &c->part[at];
    uint32_t fresh = c->parts++;
    Part *right = &c->part[fresh];
    int32_t top = left->top, bottom = left->bottom, row = nearest_free_row(c, (top + bottom) / 2);
    *right = (Part){.net = left->net, .top = row, .bottom = row, .track = -1, .dogleg = row, .other = at};
    right->waiting = left->waiting;
    left->waiting = 0;
    left->dogleg = left->top = left->bottom = row;
    left->other = fresh;
    for (uint32_t i = 0; i < c->joints; i++) {
        Joint *j = &c->joint[i];
        if (j->net != left->net) continue;
        if (j->through && (j->row == top || j->row == bottom)) stretch(left, j->row);
        if (j->part != at || j->through) continue;
        if (j->right) j->part = fresh;
        stretch(j->right ? right : left, j->row);
    }
    for (uint32_t i = 0; i < c->demands; i++)
        if (c->right_of[i] == at) c->right_of[i] = fresh;
}

typedef struct Candidate {
    int32_t top;
    uint32_t part;
} Candidate;

static int candidate_order(const void *a, const void *b)
{
    const Candidate *p = a, *q = b;
    if (p->top != q->top) return p->top < q->top ? -1 : 1;
    return p->part < q->part ? -1 : p->part > q->part;
}

// Fills one track with parts that wait for nobody, from the top down; returns how many.
static uint32_t fill_track(Channel *c, Candidate *list)
{
    uint32_t count = 0, taken = 0;
    for (uint32_t i = 0; i < c->parts; i++)
        if (c->part[i].track < 0 && !c->part[i].waiting) list[count++] = (Candidate){c->part[i].top, i};
    qsort(list, count, sizeof *list, candidate_order);
    int32_t end = INT32_MIN;
    for (uint32_t i = 0; i < count; i++) {
        Part *p = &c->part[list[i].part];
        if (p->top <= end) continue;
        p->track = c->tracks;
        end = p->bottom;
        taken++;
    }
    if (!taken) return 0;
    for (uint32_t i = 0; i < c->demands; i++)
        if (c->part[c->left_of[i]].track == c->tracks) c->part[c->right_of[i]].waiting--;
    c->tracks++;
    return taken;
}

static void give_tracks(Channel *c, uint32_t first_parts)
{
    Candidate *list = arena_array(c->lay->mem, Candidate, 2 * (size_t)first_parts + 1);
    for (uint32_t placed = 0; placed < c->parts;) {
        uint32_t taken = fill_track(c, list);
        placed += taken;
        if (taken) continue;
        uint32_t at = 0;
        while (c->part[at].track >= 0 || c->part[at].dogleg != INT32_MIN) at++;
        split_part(c, at);
    }
}

// ---- lines ----

static int32_t track_x(const Channel *c, int32_t left, uint32_t part)
{
    return left + LAY_MARKER + LAY_TRACK * c->part[part].track;
}

static void draw_channel(const Channel *c, int32_t left, int32_t right)
{
    Lay *l = c->lay;
    for (uint32_t i = 0; i < c->parts; i++) {
        const Part *p = &c->part[i];
        int32_t x = track_x(c, left, i);
        add_segment(l, p->net, x, p->top, x, p->bottom);
        if (p->dogleg == INT32_MIN || p->other < i) continue;
        int32_t x2 = track_x(c, left, p->other);
        add_segment(l, p->net, x < x2 ? x : x2, p->dogleg, x < x2 ? x2 : x, p->dogleg);
    }
    for (uint32_t i = 0; i < c->joints; i++) {
        const Joint *j = &c->joint[i];
        if (j->through && !j->right) add_segment(l, j->net, left, j->row, right, j->row);
        if (j->through) continue;
        int32_t x = track_x(c, left, j->part);
        add_segment(l, j->net, j->right ? x : left, j->row, j->right ? right : x, j->row);
    }
}

// The channel of one gutter: pins [from, to) of the layout. Returns its width in cells.
static int32_t open_channel(Channel *c, Lay *l, uint32_t from, uint32_t to)
{
    *c = (Channel){.lay = l, .joints = to - from};
    c->joint = arena_array(l->mem, Joint, c->joints + 1);
    c->part = arena_array(l->mem, Part, 2 * (size_t)c->joints + 1);
    for (uint32_t i = from; i < to; i++)
        c->joint[i - from] = (Joint){.net = l->pin[i].net,
                                     .row = lay_pin_row(l, &l->pin[i]),
                                     .right = l->pin[i].right,
                                     .part = ERD_NOWHERE};
    qsort(c->joint, c->joints, sizeof *c->joint, joint_order);
    for (uint32_t i = 0, end; i < c->joints; i = end) {
        for (end = i; end < c->joints && c->joint[end].net == c->joint[i].net;) end++;
        make_parts(c, i, end);
    }
    make_demands(c);
    give_tracks(c, c->parts);
    return 2 * LAY_MARKER + (c->tracks ? LAY_TRACK * (c->tracks - 1) + 1 : 0);
}

static void place_layers(Lay *l)
{
    int32_t x = 0;
    for (uint32_t i = 0; i < l->layers; i++) {
        LayLayer *y = &l->layer[i];
        y->x = x;
        for (uint32_t k = 0; k < y->nodes; k++) {
            const LayNode *n = &l->node[y->node[k]];
            if (n->box != ERD_NOWHERE && (int32_t)l->box[n->box].width > y->width)
                y->width = (int32_t)l->box[n->box].width;
        }
        x += y->width + l->gutter_width[i];
    }
    l->width = x;
}

// From each left end to the gutter's edge, behind boxes narrower than their layer; and dummies through
// theirs.
static void draw_across_layers(Lay *l)
{
    for (uint32_t i = 0; i < l->pins; i++) {
        const LayPin *p = &l->pin[i];
        const LayNode *n = &l->node[p->node];
        if (p->right) continue;
        const LayLayer *y = &l->layer[n->layer];
        int32_t from = y->x + (n->box == ERD_NOWHERE ? 0 : (int32_t)l->box[n->box].width),
                row = lay_pin_row(l, p);
        if (from < y->x + y->width) add_segment(l, p->net, from, row, y->x + y->width - 1, row);
    }
}

void lay_route(Lay *l)
{
    l->gutter_width = arena_array(l->mem, int32_t, l->layers);
    Channel *channel = arena_array(l->mem, Channel, l->layers);
    for (uint32_t from = 0, to; from < l->pins; from = to) {
        uint32_t gutter = l->pin[from].gutter;
        for (to = from; to < l->pins && l->pin[to].gutter == gutter;) to++;
        l->gutter_width[gutter] = open_channel(&channel[gutter], l, from, to);
    }
    place_layers(l);
    for (uint32_t i = 0; i < l->layers; i++) {
        int32_t left = l->layer[i].x + l->layer[i].width;
        if (channel[i].lay) draw_channel(&channel[i], left, left + l->gutter_width[i] - 1);
    }
    draw_across_layers(l);
    for (uint32_t i = 0; i < l->nodes; i++)
        if (l->node[i].y + (int32_t)l->node[i].height > l->height)
            l->height = l->node[i].y + (int32_t)l->node[i].height;
    for (uint32_t i = 0; i < l->segments; i++)
        if (l->segment[i].y2 >= l->height) l->height = l->segment[i].y2 + 1;
}
