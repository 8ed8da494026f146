// Fuzz: any bytes as a configuration file; a refusal has a position, what is taken stays within the limits.
#include "engine/base/utf8.h"
#include "engine/base/yaml.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_node(const Yaml *y, unsigned depth)
{
    static const char *const known[] = {"name", "styles", NULL};
    int64_t number;
    bool flag;
    Err err = {0};
    assert(depth <= 16 && y->line >= 1 && y->column >= 1);
    assert(y->kind == YAML_SCALAR || !y->text.len);
    assert(y->kind != YAML_SCALAR || !y->child);
    (void)(yaml_int(y, "f", -5, 5, &number, &err) || yaml_bool(y, "f", &flag, &err) ||
           yaml_only_keys(y, "f", known, &err));
    for (const Yaml *c = y->child; c; c = c->next) {
        if (y->kind == YAML_MAP) assert(c->key_line >= 1);
        check_node(c, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena mem = {0};
    Err err = {0};
    Yaml *root;
    if (yaml_read(&root, (Str){(const char *)data, size}, "f", &mem, &err))
        check_node(root, 0);
    else
        assert(err_is(&err, "F0000") && err.line >= 1 && utf8_check(str_of(err.text)) == SIZE_MAX);
    arena_done(&mem);
    return 0;
}
