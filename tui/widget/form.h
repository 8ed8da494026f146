// Form: fields as a table of data: sign-in, registration, record forms and dialogs are all this one form.
// Relies on input, canvas.
#ifndef TUI_WIDGET_FORM_H
#define TUI_WIDGET_FORM_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "tui/core/pane.h"
#include "tui/widget/input.h"

enum { FORM_FIELD_MAX = 64 };

typedef struct FieldSpec {
    const char *label;
    const char *hint; // shown below while the field has the cursor; may be NULL
    const char *const
        *choice; // NULL-terminated: one of these (Left/Right, or typing its letter); NULL = free text
    int width;   // cells; 0 = all there is
    size_t max;  // bytes; 0 = INPUT_BYTES_DEFAULT
    bool secret, required;
    bool fixed; // shown, cannot be changed
    // Looks at one value when it is left and when the form is sent; err's text is shown under it. May be
    // NULL.
    bool (*check)(Str value, Err *err);
} FieldSpec;

typedef struct Form {
    const FieldSpec *spec; // borrowed
    size_t count, at;      // at == count: the button
    Input *input;
    size_t *choice;
    Err err; // of the field `err_at`
    size_t err_at;
    const char *send; // the button: "Sign in"
    int width, height;
    size_t first; // first field seen
} Form;

// initial: `count` values or NULL.
void form_init(Form *f, const FieldSpec *spec, size_t count, const Str *initial, const char *send,
               Arena *mem);
void form_done(Form *f);        // wipes secrets
int form_height(const Form *f); // lines it would like
int form_width(const Form *f);
void form_place(Form *f, int width, int height);
void form_draw(const Form *f, Canvas *c, Style background, bool focused);
void form_type(Form *f, Str text);
typedef enum FormResult { FORM_NOT_MINE, FORM_TAKEN, FORM_SENT } FormResult;
// FORM_SENT: Enter on the last field or the button, and every check passed.
FormResult form_act(Form *f, Action a);
FormResult form_mouse(Form *f, const Mouse *m);
Str form_value(const Form *f, size_t i);
void form_fail(Form *f, size_t i, const Err *err); // shows an error under a field and goes there

#endif
