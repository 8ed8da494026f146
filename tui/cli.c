// Cli: options, help and errors: see cli.h. The tables of the commands say all there is; getopt_long does the
// reading.
#include "tui/cli.h"

#include "engine/base/utf8.h"
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20, CARET_WIDTH = 100 };

// Every command has these; their letters are no short options.
static const CliOption common[] = {
    {'\1', "data", "DIR", "data directory (else $D2DB_DATA, the profile's, ~/.local/share/d2db)"},
    {'\2', "user", "NAME", "sign in as NAME (else $D2DB_USER, the profile's)"},
    {'\3', "help", NULL, "this text"},
    {0, NULL, NULL, NULL},
};

static bool is_short(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9');
}

static void print_options(const CliOption *o, FILE *to)
{
    for (; o->name; o++) {
        char left[64];
        int len = is_short(o->letter) ? snprintf(left, sizeof left, "-%c, --%s", o->letter, o->name)
                                      : snprintf(left, sizeof left, "    --%s", o->name);
        if (o->argument && len > 0 && (size_t)len < sizeof left)
            snprintf(left + len, sizeof left - (size_t)len, " %s", o->argument);
        fprintf(to, "  %-30s %s\n", left, o->help);
    }
}

void cli_help(const CliCommand *command, FILE *to)
{
    Str usage = str_of(command->usage);
    for (bool first = true; usage.len; first = false) {
        Str line = str_cut(&usage, '\n');
        fprintf(to, "%s d2db %s %.*s\n", first ? "usage:" : "      ", command->name, STR_ARG(line));
    }
    fprintf(to, "\n%s\n\n", command->help);
    print_options(command->option, to);
    print_options(common, to);
}

// ---- reading ----

typedef struct OptionTables {
    struct option option[CLI_OPTIONS_MAX];
    char letters[2 * CLI_OPTIONS_MAX + 2];
    size_t options, letter_count;
} OptionTables;

static void add_options(OptionTables *t, const CliOption *o)
{
    for (; o->name; o++) {
        t->option[t->options++] = (struct option){.name = o->name,
                                                  .has_arg = o->argument ? required_argument : no_argument,
                                                  .val = (unsigned char)o->letter};
        if (!is_short(o->letter)) continue;
        t->letters[t->letter_count++] = o->letter;
        if (o->argument) t->letters[t->letter_count++] = ':';
    }
}

CliStatus cli_parse(Cli *c, int argc, char **argv, bool *answered)
{
    OptionTables t = {0};
    add_options(&t, c->command->option);
    add_options(&t, common);
    *answered = false;
    opterr = 1;
    optind = 1;
    for (int letter; (letter = getopt_long(argc, argv, t.letters, t.option, NULL)) != -1;) {
        if (letter == '?' || letter >= CLI_OPTIONS_MAX) {
            fprintf(stderr, "Try 'd2db %s --help'.\n", c->command->name);
            return CLI_USAGE;
        }
        c->value[letter] = optarg ? optarg : "";
    }
    if (cli_has(c, '\3')) {
        cli_help(c->command, stdout);
        *answered = true;
    }
    c->argument = argv + optind;
    c->arguments = argc - optind;
    return CLI_DONE;
}

bool cli_number(const Cli *c, char letter, int64_t least, int64_t most, int64_t otherwise, int64_t *out)
{
    *out = otherwise;
    const char *text = cli_value(c, letter);
    if (!text || (str_to_int64(str_of(text), out) && *out >= least && *out <= most)) return true;
    cli_say(c, "'%s' is not a number from %lld to %lld", text, (long long)least, (long long)most);
    return false;
}

bool cli_known(const Cli *c, const char *what, const char *word, const char *const *names)
{
    for (const char *const *n = names; *n; n++)
        if (strcmp(*n, word) == 0) return true;
    fprintf(stderr, "d2db %s: '%s' is no %s; choose one of", c->command->name, word, what);
    for (const char *const *n = names; *n; n++) fprintf(stderr, " %s", *n);
    fputc('\n', stderr);
    return false;
}

// ---- saying ----

PRINTF_LIKE(2, 0) static void say(const Cli *c, const char *format, va_list args)
{
    char text[2048];
    vsnprintf(text, sizeof text, format, args);
    Bytes safe;
    bytes_init(&safe, TEXT_MAX);
    utf8_safe(&safe, str_of(text), true);
    fprintf(stderr, "d2db %s: %s\n", c->command->name, safe.at ? safe.at : "");
    bytes_done(&safe);
}

void cli_say(const Cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(c, format, args);
    va_end(args);
}

CliStatus cli_misused(const Cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(c, format, args);
    va_end(args);
    fprintf(stderr, "Try 'd2db %s --help'.\n", c->command->name);
    return CLI_USAGE;
}

CliStatus cli_error(const Cli *c, const Err *err, CliStatus status)
{
    if (err->line && !strstr(err->text, ": "))
        cli_say(c, "line %u, column %u: %s (%s)", err->line, err->column, err->text, err->state);
    else
        cli_say(c, "%s (%s)", err->text, err->state);
    Str notes = str_of(err->notes);
    while (notes.len) {
        Str note = str_cut(&notes, '\n');
        fprintf(stderr, "  %.*s\n", STR_ARG(note));
    }
    if (err->hint[0]) fprintf(stderr, "  hint: %s\n", err->hint);
    return status;
}

void cli_caret(const Err *err, Str text)
{
    if (err->at < 0 || (size_t)err->at > text.len) return;
    size_t from = (size_t)err->at, to = from;
    while (from > 0 && text.at[from - 1] != '\n') from--;
    while (to < text.len && text.at[to] != '\n') to++;
    if ((size_t)err->at - from > CARET_WIDTH) from = (size_t)err->at - CARET_WIDTH / 2;
    Bytes line;
    bytes_init(&line, TEXT_MAX);
    utf8_safe(&line, str_slice(text, from, to - from > CARET_WIDTH * 2 ? CARET_WIDTH * 2 : to - from), false);
    size_t indent = utf8_width(str_slice(text, from, (size_t)err->at - from));
    fprintf(stderr, "  %.*s\n  %*s^\n", STR_ARG(bytes_str(&line)), (int)indent, "");
    bytes_done(&line);
}

// ---- asking ----

// Reads to the end of the line, byte by byte: what stands behind it is not ours.
static bool read_answer(IoFile *tty, Bytes *answer)
{
    Err ignored = {0};
    char byte;
    for (size_t got; io_read(tty, &byte, 1, -1, &got, &ignored) && got == 1 && byte != '\n';)
        bytes_put_byte(answer, byte);
    return !answer->failed;
}

bool cli_ask(const Cli *c, const char *question, bool secret, Bytes *answer)
{
    IoFile tty;
    Err ignored = {0};
    if (!io_open_path(&tty, c->io, "/dev/tty", IO_WRITE, &ignored)) return false;
    struct termios before, silent;
    bool quiet = secret && tcgetattr(tty.fd, &before) == 0;
    if (quiet) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(tty.fd, TCSAFLUSH, &silent);
    }
    bool ok = io_write(&tty, question, strlen(question), -1, &ignored) && read_answer(&tty, answer);
    if (quiet) {
        tcsetattr(tty.fd, TCSAFLUSH, &before);
        ok = io_write(&tty, "\n", 1, -1, &ignored) && ok;
    }
    io_close(&tty);
    return ok;
}
