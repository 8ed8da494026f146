// Numeric against an oracle: 24,000 random operations, some on hundreds of digits, are computed by Python's
// integers and decimal module with PostgreSQL's rules for the scale, and by us; every digit must agree. The
// seed is printed and may be given in D2DB_SEED.
#include "engine/base/buf.h"
#include "engine/base/random.h"
#include "engine/data/numeric.h"
#include "tests/unit/kit_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OPERATIONS = 24000, LINE_MAX_BYTES = 16000 };

static const char oracle[] =
    "import sys, decimal\n"
    "from decimal import Decimal\n"
    "decimal.getcontext().prec = 9000\n"
    "if hasattr(sys, 'set_int_max_str_digits'): sys.set_int_max_str_digits(0)\n"
    "def parts(s):\n"
    "    d = Decimal(s)\n"
    "    scale = len(s.partition('.')[2])\n"
    "    return int(d.scaleb(scale)), scale\n"
    "def show(c, scale):\n"
    "    s = str(abs(c)).rjust(scale + 1, '0')\n"
    "    if scale: s = s[:-scale] + '.' + s[-scale:]\n"
    "    return ('-' if c < 0 else '') + s\n"
    "def half_up(n, d):\n"
    "    q, r = divmod(abs(n), d)\n"
    "    q += 2 * r >= d\n"
    "    return -q if n < 0 else q\n"
    "def head(c, scale):\n" // weight and value of the first base-10000 digit
    "    if not c: return 0, 0\n"
    "    c = abs(c); pad = -scale % 4\n"
    "    c *= 10 ** pad\n"
    "    w = -(scale + pad) // 4\n"
    "    while c >= 10000: c //= 10000; w += 1\n"
    "    return w, c\n"
    "def div(a, x, b, y):\n"
    "    if not b: return '!22012'\n"
    "    (w1, f1), (w2, f2) = head(a, x), head(b, y)\n"
    "    s = min(max(16 - 4 * (w1 - w2 - (f1 <= f2)), x, y, 0), 1000)\n"
    "    n, d = a * 10 ** (s + y), b * 10 ** x\n"
    "    if d < 0: n, d = -n, -d\n"
    "    return show(half_up(n, d), s)\n"
    "def mod(a, x, b, y):\n"
    "    if not b: return '!22012'\n"
    "    s = max(x, y); a *= 10 ** (s - x); b *= 10 ** (s - y)\n"
    "    r = abs(a) % abs(b)\n"
    "    return show(-r if a < 0 else r, s)\n"
    "def to_scale(a, x, s, up):\n"
    "    if s >= x: return show(a * 10 ** (s - x), s)\n"
    "    d = 10 ** (x - s)\n"
    "    q = half_up(a, d) if up else (abs(a) // d) * (-1 if a < 0 else 1)\n"
    "    return show(q, s) if s >= 0 else show(q * 10 ** -s, 0)\n"
    "out = []\n"
    "for line in open(sys.argv[1]):\n"
    "    op, p, q = line.split()\n"
    "    a, x = parts(p); b, y = parts(q)\n"
    "    if op == '+': r = show(a * 10 ** max(0, y - x) + b * 10 ** max(0, x - y), max(x, y))\n"
    "    elif op == '-': r = show(a * 10 ** max(0, y - x) - b * 10 ** max(0, x - y), max(x, y))\n"
    "    elif op == '*': r = show(a * b, x + y)\n"
    "    elif op == '/': r = div(a, x, b, y)\n"
    "    elif op == '%': r = mod(a, x, b, y)\n"
    "    elif op == 'r': r = to_scale(a, x, b, True)\n"
    "    elif op == 't': r = to_scale(a, x, b, False)\n"
    "    elif op == 'c': r = str((Decimal(p) > Decimal(q)) - (Decimal(p) < Decimal(q)))\n"
    "    elif op == 'i':\n"
    "        v = half_up(a, 10 ** x)\n"
    "        r = str(v) if -2 ** 63 <= v < 2 ** 63 else 'no'\n"
    "    elif op == 'd': r = repr(float(p))\n"
    "    out.append(r)\n"
    "print('\\n'.join(out))\n";

static const char operations[] = "++--**//%%rtcid";

// Digits of many lengths, often of nines and zeros, where carries live.
static void random_number(Random *r, char *out)
{
    static const unsigned longest[] = {1, 3, 9, 10, 17, 18, 19, 27, 40, 300};
    unsigned whole = (unsigned)random_below(r, longest[random_below(r, 10)] + 1);
    unsigned fraction = (unsigned)random_below(r, longest[random_below(r, 10)] + 1);
    uint64_t taste = random_below(r, 4);
    char *p = out;
    if (random_below(r, 2)) *p++ = '-';
    char *first = p;
    for (unsigned i = 0; i < whole; i++)
        *p++ = (char)('0' + (taste == 0 ? 9 * random_below(r, 2) : taste == 1 ? 9 : random_below(r, 10)));
    if (!whole) *p++ = '0';
    while (p - first > 1 && *first == '0') memmove(first, first + 1, (size_t)(--p - first));
    if (fraction) *p++ = '.';
    for (unsigned i = 0; i < fraction; i++)
        *p++ = (char)('0' + (taste == 0 ? 9 * random_below(r, 2) : taste == 1 ? 0 : random_below(r, 10)));
    *p = 0;
}

static void answer(char op, const char *p, const char *q, Arena *mem, char *out)
{
    Numeric a, b, c = {0};
    Err err = {.at = -1};
    assert_true(numeric_from_text(&a, str_of(p), mem, &err));
    assert_true(numeric_from_text(&b, str_of(q), mem, &err));
    int64_t whole = 0;
    bool went = true;
    switch (op) {
    case '+': went = numeric_add(&c, &a, &b, mem, &err); break;
    case '-': went = numeric_sub(&c, &a, &b, mem, &err); break;
    case '*': went = numeric_mul(&c, &a, &b, mem, &err); break;
    case '/': went = numeric_div(&c, &a, &b, mem, &err); break;
    case '%': went = numeric_mod(&c, &a, &b, mem, &err); break;
    case 'r': went = numeric_round(&c, &a, atoi(q), mem, &err); break;
    case 't': went = numeric_truncate(&c, &a, atoi(q), mem, &err); break;
    case 'c': snprintf(out, LINE_MAX_BYTES, "%d", numeric_compare(&a, &b)); return;
    case 'd': snprintf(out, LINE_MAX_BYTES, "%.17g", numeric_to_double(&a)); return;
    default:
        went = numeric_to_int64(&a, &whole);
        snprintf(out, LINE_MAX_BYTES, went ? "%lld" : "no", (long long)whole);
        return;
    }
    if (!went)
        snprintf(out, LINE_MAX_BYTES, "!%s", err.state);
    else
        out[numeric_to_text(&c, out, NUMERIC_TEXT_MAX)] = 0;
}

static void write_operations(const KitDir *dir, uint64_t seed)
{
    Random r;
    random_seed(&r, seed);
    Bytes text;
    bytes_init(&text, 64 << 20);
    for (int i = 0; i < OPERATIONS; i++) {
        char p[2000], q[2048], op = operations[random_below(&r, sizeof operations - 1)];
        random_number(&r, p);
        random_number(&r, q);
        if (op == 'r' || op == 't') snprintf(q, sizeof q, "%d", (int)random_below(&r, 60) - 25);
        if (op == 'c' && random_below(&r, 2)) snprintf(q, sizeof q, "%s%s", p, strchr(p, '.') ? "000" : ".0");
        bytes_printf(&text, "%c %s %s\n", op, p, q);
    }
    assert_false(text.failed);
    kit_dir_write(dir, "operations", text.at, text.len);
    kit_dir_write(dir, "oracle.py", oracle, sizeof oracle - 1);
    bytes_done(&text);
}

static void compare_line(const char *line, const char *expect)
{
    char ours[LINE_MAX_BYTES];
    char op, p[2000], q[2000];
    assert_int_equal(sscanf(line, "%c %1999s %1999s", &op, p, q), 3);
    Arena mem = {0};
    answer(op, p, q, &mem, ours);
    bool same = op == 'd' ? strtod(ours, NULL) == strtod(expect, NULL) : strcmp(ours, expect) == 0;
    if (!same) fail_msg("%s %c %s: we say %s, the oracle %s", p, op, q, ours, expect);
    arena_done(&mem);
}

static void test_oracle(void **state)
{
    (void)state;
    if (system("python3 -c '' >/dev/null 2>&1") != 0) skip();
    const char *given = getenv("D2DB_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20261121;
    print_message("# seed %llu\n", (unsigned long long)seed);
    KitDir dir;
    kit_dir_make(&dir);
    write_operations(&dir, seed);
    char command[2 * KIT_PATH_MAX + 64];
    snprintf(command, sizeof command, "cd '%s' && python3 oracle.py operations", dir.path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len;
    char *all = kit_dir_read(&dir, "operations", &len), *rest = all;
    char expect[LINE_MAX_BYTES];
    int count = 0;
    while (fgets(expect, sizeof expect, pipe)) {
        expect[strcspn(expect, "\n")] = 0;
        char *line = strsep(&rest, "\n");
        assert_non_null(line);
        compare_line(line, expect);
        count++;
    }
    assert_int_equal(pclose(pipe), 0);
    assert_int_equal(count, OPERATIONS);
    free(all);
    kit_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_oracle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
