// Action: the action list as a table, and looking things up in it. Relies on action.h.
#include "tui/core/action.h"

static const ActionInfo action_table[ACTION_COUNT] = {[ACTION_NONE] = {"", "", "", "", ""},
#define X(id, name, keys, menu, label, help) [ACTION_##id] = {name, keys, menu, label, help},
                                                      ACTION_LIST(X)
#undef X
};

const ActionInfo *action_info(Action a) { return &action_table[a < ACTION_COUNT ? a : ACTION_NONE]; }

Action action_find(Str name)
{
    for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++)
        if (str_equal(name, str_of(action_table[i].name))) return (Action)i;
    return ACTION_NONE;
}

const char *action_label(Action a, char *out, size_t size)
{
    size_t len = 0;
    for (const char *c = action_info(a)->label; *c && len + 1 < size; c++)
        if (*c != '&') out[len++] = *c;
    out[len] = 0;
    return out;
}

Str action_menu(Action a, bool *group_begins)
{
    Str menu = str_of(action_info(a)->menu);
    *group_begins = str_ends(menu, STR("|"));
    return str_slice(menu, 0, menu.len - (*group_begins ? 1 : 0));
}
