// A fake source that holds a small shop: the answers to every catalog query, and rows.
#ifndef TESTS_UNIT_KIT_SHOP_H
#define TESTS_UNIT_KIT_SHOP_H

#include "tests/unit/kit_fake_source.h"

// Tables: customer (identity, unique email, check), orders (2 FKs, composite unique), node (refers to
// itself).
FakeSource *shop_new(void);

#endif
