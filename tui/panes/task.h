// Task: a long piece of work with progress in a popup: an export, an import, a sample being loaded. Relies on
// desk.
#ifndef TUI_PANES_TASK_H
#define TUI_PANES_TASK_H

#include "tui/panes/desk.h"

typedef enum TaskKind { TASK_EXPORT, TASK_IMPORT, TASK_SAMPLE, TASK_MODEL, TASK_REPORT } TaskKind;
// Strings are copied. The task takes a session of its own from the host, so the person's transaction is not
// touched.
typedef struct TaskSpec {
    TaskKind kind;
    Str database; // EXPORT, MODEL; IMPORT: into which ("" = the script says); SAMPLE: the name it gets
    Str path;     // EXPORT, IMPORT, MODEL: the file
    Str format;   // EXPORT: dialect; MODEL: text, drawing, mermaid, dot, dbml
    Str table;    // IMPORT of a .csv
    bool create;  // IMPORT: the database is made when it is absent
    int sample;   // SAMPLE: from 0
} TaskSpec;

// Opens the popup and begins. When it ends well, what changed is told to all panes; Esc stops it.
void task_start(App *a, const TaskSpec *spec);

#endif
