// DumpBrowser: the dumps that exports wrote: files on the left, below them the outline of the chosen one, its
// text on the right in SQL's colours. A dump can be searched, restored into a database, or removed. Relies on
// desk, dump_file.
#include "tui/panes/panes.h"

#include "tui/panes/desk.h"
#include "tui/panes/dump_file.h"
#include "tui/panes/task.h"
#include "tui/widget/dialog.h"
#include "tui/widget/list.h"
#include "tui/widget/textview.h"

#include <stdio.h>

enum {
    FILE_READ = DESK_OWN,
    ASK_FIND = 1,
    ASK_DELETE,
    ASK_RESTORE,
    LEFT_MIN = 24,
    LEFT_MAX = 44,
    SPANS_MAX = 4096
};
typedef enum Part { PART_FILES, PART_OUTLINE, PART_TEXT, PARTS } Part;

typedef struct DumpsState {
    Arena mem; // of names
    Str *name;
    int64_t *size;
    size_t files;
    size_t shown; // which file is open; files = none
    DumpFile *dump;
    List file_list, outline;
    TextView view;
    Part part;
    Bytes needle, path;
    char label[200], detail[32];
    uint64_t job;
} DumpsState;

// ---- files ----

static bool directory(const Pane *p, Bytes *path)
{
    Desk *d = desk_of(p->app);
    Err err = {0};
    bytes_init(path, 8192);
    if (d->host->kind->directory(d->host, "exports", path, &err)) return true;
    app_notice_err(p->app, &err);
    return false;
}

static void read_names(Pane *p)
{
    DumpsState *s = pane_state(p, DumpsState);
    Bytes path;
    IoDir dir;
    Err err = {0};
    arena_reset(&s->mem);
    s->files = 0;
    if (directory(p, &path) && io_dir_open(&dir, desk_of(p->app)->host->io, path.at, true, &err)) {
        Str *all = NULL;
        size_t count = 0;
        if (io_dir_list(&dir, &s->mem, &all, &count, &err)) {
            s->name = arena_array(&s->mem, Str, count + 1);
            s->size = arena_array(&s->mem, int64_t, count + 1);
        }
        for (size_t i = 0; i < count; i++) {
            IoFile file;
            Err ignored = {0};
            if (!str_ends(all[i], STR(".sql")) || !io_open(&file, &dir, all[i].at, IO_READ, &ignored))
                continue;
            s->name[s->files] = all[i];
            if (!io_size(&file, &s->size[s->files], &ignored)) s->size[s->files] = 0;
            s->files++;
            io_close(&file);
        }
        io_dir_close(&dir);
    }
    if (err_any(&err)) app_notice_err(p->app, &err);
    s->shown = s->files;
    bytes_done(&path);
}

static void close_dump(DumpsState *s)
{
    dump_file_close(s->dump);
    s->dump = NULL;
}

typedef struct OpenJob {
    Io io;
    const char *path;
    DumpFile *dump;
} OpenJob;

static void drop_dump(void *data) { dump_file_close(((OpenJob *)data)->dump); }

static void open_file(Job *j, void *context)
{
    (void)context;
    OpenJob *o = j->data;
    if (!dump_file_open(&o->dump, o->io, o->path, &j->cancelled, &j->err)) o->dump = NULL;
}

static void open_chosen(Pane *p)
{
    DumpsState *s = pane_state(p, DumpsState);
    Desk *d = desk_of(p->app);
    if (s->file_list.scroll.at >= s->files) return;
    if (s->job) job_cancel(d->side_worker, s->job);
    Bytes path;
    if (directory(p, &path)) {
        s->shown = (size_t)s->file_list.scroll.at;
        bytes_put_byte(&path, '/');
        bytes_put(&path, s->name[s->shown]);
        bytes_clear(&s->path);
        bytes_put(&s->path, bytes_str(&path));
        Job *j = desk_side_job(p, FILE_READ, open_file);
        OpenJob *o = arena_new(&j->mem, OpenJob);
        o->io = d->host->io;
        o->path = arena_cstr(&j->mem, bytes_str(&path));
        j->data = o;
        j->drop = drop_dump;
        s->job = desk_side_start(d, j);
    }
    bytes_done(&path);
}

// ---- rows of the lists, lines of the text ----

static uint64_t file_count(void *self) { return ((DumpsState *)self)->files; }

static void file_row(void *self, uint64_t i, ListRow *out)
{
    DumpsState *s = self;
    double size = (double)s->size[i];
    if (size < 10000)
        snprintf(s->detail, sizeof s->detail, "%.0f B", size);
    else if (size < 1e7)
        snprintf(s->detail, sizeof s->detail, "%.0f kB", size / 1000);
    else
        snprintf(s->detail, sizeof s->detail, "%.0f MB", size / 1e6);
    out->label = s->name[i];
    out->detail = str_of(s->detail);
    out->style = i == s->shown ? STYLE_ACCENT : STYLE_TEXT;
    out->detail_style = STYLE_DIM;
}

static uint64_t outline_count(void *self)
{
    DumpsState *s = self;
    return s->dump ? dump_file_entries(s->dump) : 0;
}

static void outline_row(void *self, uint64_t i, ListRow *out)
{
    DumpsState *s = self;
    const DumpEntry *e = dump_file_entry(s->dump, (size_t)i);
    snprintf(s->label, sizeof s->label, "%-10s %s", e->what, e->name);
    if (e->rows)
        snprintf(s->detail, sizeof s->detail, "%llu", (unsigned long long)e->rows);
    else
        s->detail[0] = 0;
    out->label = str_of(s->label);
    out->detail = str_of(s->detail);
    out->style = STYLE_TEXT;
    out->detail_style = STYLE_NUMBER;
}

static uint64_t line_count(void *self)
{
    DumpsState *s = pane_state((Pane *)self, DumpsState);
    return s->dump ? dump_file_lines(s->dump) : 0;
}

static Str line_text(void *self, uint64_t i)
{
    return dump_file_line(pane_state((Pane *)self, DumpsState)->dump, i);
}

static Style span_style(SpanKind kind)
{
    switch (kind) {
    case SPAN_KEYWORD: return STYLE_KEYWORD;
    case SPAN_TYPE: return STYLE_TYPE;
    case SPAN_STRING: return STYLE_STRING;
    case SPAN_NUMBER: return STYLE_NUMBER;
    case SPAN_COMMENT: return STYLE_COMMENT;
    default: return STYLE_TEXT;
    }
}

// Each line is coloured by itself: a text value that goes over several lines loses only its colour.
static void draw_line(void *self, uint64_t i, Canvas *whole, int y, int left)
{
    Pane *p = self;
    Canvas c = canvas_sub(whole, (Rect){-left, y, whole->width + left, 1});
    Span span[SPANS_MAX];
    Str line = str_slice(line_text(p, i), 0, (size_t)c.width * 4);
    size_t n = source_spans(desk_of(p->app)->source, line, span, SPANS_MAX);
    int x = 0;
    for (size_t k = 0; k < n && x < c.width; k++)
        x = canvas_text(&c, x, 0, span_style(span[k].kind), str_slice(line, span[k].at, span[k].len));
}

// ---- the pane ----

// The lists take what the text leaves them: on narrow screens little.
static int left_width(const Pane *p)
{
    int width = p->width * 2 / 5;
    return width < LEFT_MIN ? LEFT_MIN : width > LEFT_MAX ? LEFT_MAX : width;
}

static int files_height(const Pane *p) { return p->height > 8 ? p->height / 3 : 2; }

static void place(Pane *p)
{
    DumpsState *s = pane_state(p, DumpsState);
    int left = left_width(p), files = files_height(p), height = p->height - 1;
    list_place(&s->file_list, left, files);
    list_place(&s->outline, left, height - files - 1 > 1 ? height - files - 1 : 1);
    textview_place(&s->view, p->width - left - 1, height);
}

static void dumps_open(Pane *p, const void *arg)
{
    (void)arg;
    DumpsState *s = pane_state(p, DumpsState);
    bytes_init(&s->needle, 4096);
    bytes_init(&s->path, 8192);
    list_init(&s->file_list, (ListRows){s, file_count, file_row}, STYLE_TEXT);
    list_init(&s->outline, (ListRows){s, outline_count, outline_row}, STYLE_TEXT);
    textview_init(&s->view, (TextViewLines){p, line_count, line_text, draw_line}, STYLE_TEXT);
    s->view.bar = s->view.numbers = true;
    read_names(p);
    open_chosen(p);
}

static void dumps_close(Pane *p)
{
    DumpsState *s = pane_state(p, DumpsState);
    if (s->job) job_cancel(desk_of(p->app)->side_worker, s->job);
    close_dump(s);
    textview_done(&s->view);
    bytes_done(&s->needle);
    bytes_done(&s->path);
    arena_done(&s->mem);
}

static void dumps_message(Pane *p, Msg *m)
{
    DumpsState *s = pane_state(p, DumpsState);
    if (m->what != FILE_READ || m->job != s->job) return;
    s->job = 0;
    if (err_any(&m->err)) {
        app_notice_err(p->app, &m->err);
        return;
    }
    OpenJob *o = m->data;
    close_dump(s);
    s->dump = o->dump;
    o->dump = NULL;
    s->outline.scroll = s->view.scroll = (Scroll){0};
    place(p);
}

static void dumps_draw(const Pane *p, Canvas *c)
{
    const DumpsState *s = pane_state(p, DumpsState);
    int left = left_width(p), files = files_height(p), height = p->height - 1;
    Canvas part = canvas_sub(c, (Rect){0, 0, left, files});
    list_draw(&s->file_list, &part, p->focused && s->part == PART_FILES);
    if (s->files == 0) canvas_cstr(&part, 1, 0, STYLE_DIM, "no dump yet");
    canvas_hline(c, 0, files, left, STYLE_BORDER);
    part = canvas_sub(c, (Rect){0, files + 1, left, height - files - 1});
    list_draw(&s->outline, &part, p->focused && s->part == PART_OUTLINE);
    canvas_vline(c, left, 0, height, STYLE_BORDER);
    part = canvas_sub(c, (Rect){left + 1, 0, p->width - left - 1, height});
    if (s->dump)
        textview_draw(&s->view, &part, p->focused && s->part == PART_TEXT);
    else if (s->job)
        canvas_cstr(&part, 1, 0, STYLE_DIM, "Reading …");
    else
        canvas_cstr(&part, 1, 0, STYLE_DIM, "Export → Database writes one here");
    canvas_text_in(c, 1, height, p->width - 2, ALIGN_LEFT, STYLE_DIM,
                   STR("Tab part  Enter go there  / find  r restore  d delete  Esc close"));
}

static void find(Pane *p, bool backwards)
{
    DumpsState *s = pane_state(p, DumpsState);
    if (!s->dump || s->needle.len == 0) return;
    uint64_t from = s->view.scroll.at + (backwards ? 0 : 1),
             line = dump_file_find(s->dump, bytes_str(&s->needle), from, backwards);
    if (line == UINT64_MAX)
        line = dump_file_find(s->dump, bytes_str(&s->needle), backwards ? dump_file_lines(s->dump) : 0,
                              backwards);
    if (line == UINT64_MAX) {
        app_notice(p->app, NOTICE_WARNING, "Not found: %.*s", STR_ARG(bytes_str(&s->needle)));
        return;
    }
    s->part = PART_TEXT;
    scroll_to(&s->view.scroll, line);
}

static void enter(Pane *p)
{
    DumpsState *s = pane_state(p, DumpsState);
    if (s->part == PART_FILES) {
        if (s->file_list.scroll.at != s->shown) open_chosen(p);
        s->part = PART_OUTLINE;
    } else if (s->part == PART_OUTLINE && s->outline.scroll.at < outline_count(s)) {
        scroll_to(&s->view.scroll, dump_file_entry(s->dump, (size_t)s->outline.scroll.at)->line);
        s->part = PART_TEXT;
    }
}

static void delete_file(Pane *p)
{
    DumpsState *s = pane_state(p, DumpsState);
    Bytes path;
    IoDir dir;
    Err err = {0};
    if (s->shown < s->files && directory(p, &path)) {
        if (io_dir_open(&dir, desk_of(p->app)->host->io, path.at, false, &err)) {
            if (io_remove(&dir, s->name[s->shown].at, &err))
                app_notice(p->app, NOTICE_OK, "Deleted %.*s", STR_ARG(s->name[s->shown]));
            io_dir_close(&dir);
        }
        bytes_done(&path);
    }
    if (err_any(&err)) app_notice_err(p->app, &err);
    close_dump(s);
    read_names(p);
    place(p);
    open_chosen(p);
}

static void restore(Pane *p, Str database)
{
    DumpsState *s = pane_state(p, DumpsState);
    database = str_trim(database);
    if (database.len == 0) return;
    TaskSpec spec = {.kind = TASK_IMPORT, .path = bytes_str(&s->path), .database = database, .create = true};
    task_start(p->app, &spec);
}

static void dumps_answer(Pane *p, const Answer *a)
{
    DumpsState *s = pane_state(p, DumpsState);
    if (!a->ok) return;
    if (a->question == ASK_DELETE && a->choice == 0) delete_file(p);
    if (a->question == ASK_RESTORE) restore(p, a->field[0]);
    if (a->question != ASK_FIND) return;
    bytes_clear(&s->needle);
    bytes_put(&s->needle, a->field[0]);
    find(p, false);
}

static bool dumps_act(Pane *p, Action a)
{
    DumpsState *s = pane_state(p, DumpsState);
    switch (a) {
    case ACTION_CANCEL: app_close(p->app, p); return true;
    case ACTION_NEXT: s->part = (Part)((s->part + 1) % PARTS); return true;
    case ACTION_PREV: s->part = (Part)((s->part + PARTS - 1) % PARTS); return true;
    case ACTION_ENTER: enter(p); return true;
    case ACTION_DATA_REFRESH:
        close_dump(s);
        read_names(p);
        place(p);
        open_chosen(p);
        return true;
    case ACTION_EDIT_FIND:
        dialog_prompt(p->app, p, ASK_FIND, "Find", "Text", bytes_str(&s->needle));
        return true;
    case ACTION_EDIT_FIND_NEXT: find(p, false); return true;
    case ACTION_EDIT_FIND_PREV: find(p, true); return true;
    default: break;
    }
    if (s->part == PART_TEXT) return s->dump && textview_act(&s->view, a);
    if (s->part == PART_OUTLINE) return list_act(&s->outline, a);
    bool mine = list_act(&s->file_list, a);
    if (mine && s->file_list.scroll.at != s->shown) open_chosen(p); // what the cursor is on is seen
    return mine;
}

static bool dumps_key(Pane *p, Key k)
{
    static const char *const buttons[] = {"&Delete it", "&Keep it", NULL};
    DumpsState *s = pane_state(p, DumpsState);
    if (k.mods) return false;
    switch (k.code) {
    case '/': return dumps_act(p, ACTION_EDIT_FIND);
    case 'd':
        if (s->shown < s->files)
            dialog_confirm(p->app, p, ASK_DELETE, "Delete dump", s->name[s->shown], buttons, 1);
        return true;
    case 'r':
        if (s->dump) dialog_prompt(p->app, p, ASK_RESTORE, "Restore into", "Database", STR(""));
        return true;
    case 'q': return dumps_act(p, ACTION_CANCEL);
    default: return false;
    }
}

static bool dumps_mouse(Pane *p, const Mouse *m)
{
    DumpsState *s = pane_state(p, DumpsState);
    int left = left_width(p), files = files_height(p);
    Mouse in = *m;
    bool chosen = false;
    if (m->x > left) {
        in.x -= left + 1;
        if (m->kind == MOUSE_PRESS) s->part = PART_TEXT;
        return s->dump && textview_mouse(&s->view, &in);
    }
    if (m->kind == MOUSE_PRESS) s->part = m->y < files ? PART_FILES : PART_OUTLINE;
    if (m->y > files) in.y -= files + 1;
    bool mine = list_mouse(m->y < files ? &s->file_list : &s->outline, &in, &chosen);
    if (mine && m->kind == MOUSE_PRESS && (chosen || s->part == PART_FILES)) enter(p);
    return mine;
}

static void dumps_title(const Pane *p, Bytes *out)
{
    const DumpsState *s = pane_state(p, DumpsState);
    bytes_put(out, STR("Dumps"));
    if (s->shown < s->files) {
        bytes_put(out, STR(": "));
        bytes_put(out, s->name[s->shown]);
    }
}

const PaneKind pane_dumps = {
    .name = "dumps",
    .state_size = sizeof(DumpsState),
    .open = dumps_open,
    .close = dumps_close,
    .place = place,
    .draw = dumps_draw,
    .key = dumps_key,
    .act = dumps_act,
    .mouse = dumps_mouse,
    .message = dumps_message,
    .answer = dumps_answer,
    .title = dumps_title,
};
