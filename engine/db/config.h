// Config: DATA/node.yaml: who this node is and what a statement may use. Written on the first start. Relies
// on base.
#ifndef ENGINE_DB_CONFIG_H
#define ENGINE_DB_CONFIG_H

#include "engine/base/io.h"

enum { CONFIG_NODE_MAX = 63, CONFIG_COMMAND_MAX = 1023 };
#define CONFIG_FILE "node.yaml"

typedef struct Config {
    char node[CONFIG_NODE_MAX + 1];           // name in logs and reports
    unsigned number;                          // 1 … 63, in version stamps
    size_t statement_memory;                  // bytes one statement may hold in sorts, joins and groups
    size_t engine_memory;                     // … and all statements together
    int64_t journal_bytes;                    // a log file is rotated at this size
    char log_archive[CONFIG_COMMAND_MAX + 1]; // shell command that takes a log segment away; "" = none
} Config;

// Reads the file, or writes it with the defaults when absent. node: NULL = from the file, else "vm1"; another
// name goes into a new file and stands for this run. F0000 for what is wrong in it, with line and column.
MUST_CHECK bool config_read(Config *out, const IoDir *directory, const char *node, Err *err);

#endif
