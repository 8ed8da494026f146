// Samples: tui/samples/*.sql inside the program, byte by byte (.incbin; the Makefile makes this object follow
// the files). The list is written by the assembler too, as only it knows the lengths before the program runs.
#include "tui/samples.h"

#include <stddef.h>

_Static_assert(sizeof(void *) == 8 && offsetof(HostSample, database) == 0 &&
                   offsetof(HostSample, title) == 8 && offsetof(HostSample, script) == 16 &&
                   sizeof(HostSample) == 32,
               "the assembler writes HostSample as four words");

// database, title and file of one sample; the row is added to sample_table.
#define SAMPLE(name, title)                                                                                  \
    __asm__(".pushsection .rodata\n"                                                                         \
            "sample_" name "_name: .asciz \"" name "\"\n"                                                    \
            "sample_" name "_title: .asciz \"" title "\"\n"                                                  \
            "sample_" name "_begin: .incbin \"tui/samples/" name ".sql\"\n"                                  \
            "sample_" name "_end: .byte 0\n"                                                                 \
            ".popsection\n"                                                                                  \
            ".pushsection .data.rel.ro.samples, \"aw\"\n"                                                    \
            ".quad sample_" name "_name, sample_" name "_title, sample_" name "_begin, sample_" name         \
            "_end - sample_" name "_begin\n"                                                                 \
            ".popsection\n")

__asm__(".pushsection .data.rel.ro.samples, \"aw\"\n.balign 8\nsample_table:\n.popsection\n");
SAMPLE("school", "A university: courses, students, registrations, results");
SAMPLE("library", "A library: users, books, who has borrowed them");

enum { SAMPLES = 2 };
extern const HostSample sample_table[SAMPLES];

const HostSample *samples_list(size_t *count)
{
    *count = SAMPLES;
    return sample_table;
}
