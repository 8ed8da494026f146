// Kit: what cmocka wants included before it, and two checks for the engine's own types.
#ifndef TESTS_UNIT_KIT_CMOCKA_H
#define TESTS_UNIT_KIT_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/base/err.h"

// A call that must succeed; the error's sentence is shown when it does not.
#define assert_ok(call, err)                                                                                 \
    do {                                                                                                     \
        if (!(call)) fail_msg("%s: %s %s", #call, (err)->state, (err)->text);                                \
    } while (0)
// A call that must fail with this SQLSTATE; the error is cleared.
#define assert_err(call, err, sqlstate)                                                                      \
    do {                                                                                                     \
        if (call) fail_msg("%s did not fail", #call);                                                        \
        assert_string_equal((err)->state, sqlstate);                                                         \
        err_clear(err);                                                                                      \
    } while (0)
#define assert_str(s, literal)                                                                               \
    do {                                                                                                     \
        Str is_ = (s), want_ = STR(literal);                                                                 \
        if (!str_equal(is_, want_)) fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(is_), literal);               \
    } while (0)

#endif
