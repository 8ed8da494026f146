// Print: what its files share.
#ifndef ENGINE_SQL_PRINT_IN_H
#define ENGINE_SQL_PRINT_IN_H

#include "engine/sql/print.h"

void print_word(Bytes *out, const char *text);       // as it is
void print_names(Bytes *out, const AstNames *names); // (a, b)
void print_exprs(Bytes *out, const AstExprs *list);  // a, b
void print_orders(
    Bytes *out,
    const AstOrders *orders); // ORDER BY a, b DESC; without the words when `orders` is empty nothing
void print_window(Bytes *out, const AstWindow *w); // ( … )

#endif
