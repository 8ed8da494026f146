// Fuzz: any bytes as a table file: the check ends with a sentence or in peace. Whole files of the tests make
// good seeds.
#include "engine/store/table_file_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static const char *const columns[] = {"id", "name"};

static void found(void *self, const char *file, const char *sentence)
{
    (void)file;
    if (sentence[0] == 0) abort();
    ++*(int *)self;
}

static void put(const char *directory, const uint8_t *at, size_t len)
{
    char path[600];
    snprintf(path, sizeof path, "%s/t.d2t", directory);
    FILE *f = fopen(path, "w");
    if (!f || fwrite(at, 1, len, f) != len || fclose(f) != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    char directory[] = "/tmp/d2db-fuzz-XXXXXX", path[64];
    ColumnDef column[2] = {{.name = str_of(columns[0]), .type = {.id = TYPE_BIGINT}},
                           {.name = str_of(columns[1]), .type = {.id = TYPE_TEXT}}};
    TableDef def = {.id = 1, .database = STR("db"), .name = STR("t"), .column_count = 2, .column = column};
    IoDir d;
    Err err = {0};
    int damaged = 0;
    uint64_t rows = 0;
    if (!mkdtemp(directory)) return 0;
    put(directory, at, len);
    if (io_dir_open(&d, io_posix(), directory, false, &err)) {
        if (!table_file_check(&d, "databases/db/t.d2t", "t.d2t", &def, (FileAnchor){0}, found, &damaged,
                              &rows, &err) &&
            !err_any(&err))
            abort();
        if (damaged == 0 && rows > len) abort();
        io_dir_close(&d);
    }
    snprintf(path, sizeof path, "%s/t.d2t", directory);
    unlink(path);
    rmdir(directory);
    return 0;
}
