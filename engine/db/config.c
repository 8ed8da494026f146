// Config: reading and first writing of node.yaml.
#include "engine/db/config.h"

#include "engine/base/yaml.h"
#include <stdio.h>
#include <string.h>

enum {
    CONFIG_BYTES_MAX = 1 << 16,
    CONFIG_STATEMENT_MIB = 1024,
    CONFIG_ENGINE_MIB = 4096,
    CONFIG_JOURNAL_MIB = 16,
    CONFIG_NUMBER_MAX = 63
};
#define MIB ((int64_t)1 << 20)

static bool name_good(Str name)
{
    if (!name.len || name.len > CONFIG_NODE_MAX) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool good = c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9') ||
                    ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!good) return false;
    }
    return true;
}

static bool set_node(Config *c, Str name, Err *err)
{
    if (!name_good(name))
        return err_set(err, "22023",
                       "\"%.*s\" is not a node name: letters, digits, '.', '-' and '_', at most %d of them",
                       STR_ARG(name), CONFIG_NODE_MAX);
    memcpy(c->node, name.at, name.len);
    c->node[name.len] = 0;
    return true;
}

static bool write_first(const Config *c, const IoDir *directory, Err *err)
{
    Bytes text;
    bytes_init(&text, CONFIG_BYTES_MAX);
    bytes_printf(
        &text,
        "# What this node is called in logs and reports, and its number in version stamps (1 to 63).\n"
        "node: %s\n"
        "number: %u\n"
        "limits:\n"
        "  # MiB that one statement may hold in sorts, joins and groups, and all statements together; past "
        "it\n"
        "  # they put rows aside in files without a name in $TMPDIR or /tmp\n"
        "  statement_memory_mib: %d\n"
        "  engine_memory_mib: %d\n"
        "  # MiB after which a log file is rotated\n"
        "  journal_mib: %d\n"
        "# A shell command that keeps log segments which a checkpoint has made superfluous: %%p is the path, "
        "%%f\n"
        "# the name. It must not write over a file, and fail when it could not keep the segment.\n"
        "# log_archive: test ! -e /archive/%%f && cp %%p /archive/%%f\n",
        c->node, c->number, CONFIG_STATEMENT_MIB, CONFIG_ENGINE_MIB, CONFIG_JOURNAL_MIB);
    bool good = !text.failed && io_replace(directory, CONFIG_FILE, bytes_str(&text), err);
    bytes_done(&text);
    return good;
}

static bool read_int(const Yaml *map, const char *key, int64_t min, int64_t max, int64_t *out, Err *err)
{
    const Yaml *y = map ? yaml_member(map, key) : NULL;
    return !y || yaml_int(y, CONFIG_FILE, min, max, out, err);
}

static bool set_archive(Config *c, const Yaml *y, Err *err)
{
    if (!y) return true;
    if (y->text.len > CONFIG_COMMAND_MAX || str_find_byte(y->text, 0, 0) != SIZE_MAX)
        return err_set(err, "F0000", "%s line %u: log_archive is longer than %d bytes", CONFIG_FILE, y->line,
                       CONFIG_COMMAND_MAX);
    memcpy(c->log_archive, y->text.at ? y->text.at : "", y->text.len);
    c->log_archive[y->text.len] = 0;
    return true;
}

static bool read_tree(Config *c, const Yaml *root, Err *err)
{
    static const char *const keys[] = {"node", "number", "limits", "log_archive", NULL},
                             *const limit_keys[] = {"statement_memory_mib", "engine_memory_mib",
                                                    "journal_mib", NULL};
    if (!yaml_only_keys(root, CONFIG_FILE, keys, err)) return false;
    const Yaml *node = yaml_member(root, "node"), *limits = yaml_member(root, "limits");
    if (node && !set_node(c, node->text, err)) return err_note(err, "in %s line %u", CONFIG_FILE, node->line);
    if (limits && !yaml_only_keys(limits, CONFIG_FILE, limit_keys, err)) return false;
    if (!set_archive(c, yaml_member(root, "log_archive"), err)) return false;
    int64_t number = c->number, memory = CONFIG_STATEMENT_MIB, all = CONFIG_ENGINE_MIB,
            journal = CONFIG_JOURNAL_MIB;
    if (!read_int(root, "number", 1, CONFIG_NUMBER_MAX, &number, err) ||
        !read_int(limits, "statement_memory_mib", 1, 1 << 20, &memory, err) ||
        !read_int(limits, "engine_memory_mib", 1, 1 << 24, &all, err) ||
        !read_int(limits, "journal_mib", 1, 1 << 14, &journal, err))
        return false;
    c->number = (unsigned)number;
    c->statement_memory = (size_t)(memory * MIB);
    c->engine_memory = (size_t)(all * MIB);
    c->journal_bytes = journal * MIB;
    return true;
}

bool config_read(Config *out, const IoDir *directory, const char *node, Err *err)
{
    *out = (Config){.number = 1,
                    .statement_memory = (size_t)(CONFIG_STATEMENT_MIB * MIB),
                    .engine_memory = (size_t)(CONFIG_ENGINE_MIB * MIB),
                    .journal_bytes = CONFIG_JOURNAL_MIB * MIB};
    if (!set_node(out, node ? str_of(node) : STR("vm1"), err)) return false;
    if (!io_exists(directory, CONFIG_FILE)) return write_first(out, directory, err);
    Bytes text;
    Arena mem = {0};
    Yaml *root;
    bytes_init(&text, CONFIG_BYTES_MAX);
    bool good = io_read_all(directory, CONFIG_FILE, &text, err) &&
                yaml_read(&root, bytes_str(&text), CONFIG_FILE, &mem, err) && read_tree(out, root, err) &&
                (!node || set_node(out, str_of(node), err));
    bytes_done(&text);
    arena_done(&mem);
    return good;
}
