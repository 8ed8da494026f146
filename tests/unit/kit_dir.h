// Kit: a temporary directory for one test, gone with all that is in it at the end.
#ifndef TESTS_UNIT_KIT_DIR_H
#define TESTS_UNIT_KIT_DIR_H

#include <stddef.h>

enum { KIT_PATH_MAX = 512 };
typedef struct KitDir {
    char path[KIT_PATH_MAX]; // absolute
} KitDir;

// In $TMPDIR, else /tmp; ends the test program when it cannot be made.
void kit_dir_make(KitDir *d);
// Removes it and everything below it.
void kit_dir_remove(const KitDir *d);
// "PATH/name" into out (KIT_PATH_MAX bytes); returns out.
const char *kit_dir_path(const KitDir *d, const char *name, char *out);
// Whole small files, outside of any Io, so that a test can look at and damage what the code under test wrote.
// The content is NUL-terminated and freed by the caller; NULL when there is no such file.
char *kit_dir_read(const KitDir *d, const char *name, size_t *len);
void kit_dir_write(const KitDir *d, const char *name, const char *at, size_t len);

#endif
