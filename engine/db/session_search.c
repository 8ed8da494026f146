// Session: the search path as text and as schemas.
#include "engine/db/session.h"

#include <string.h>

// Takes one schema off the text; its letters go to *room.
static Str next_schema(Str *rest, char **room)
{
    *rest = str_trim(*rest);
    bool quoted = rest->len && rest->at[0] == '"';
    Str name = {*room, 0};
    size_t at = quoted;
    for (; at < rest->len; at++) {
        char c = rest->at[at];
        if (quoted && c == '"' && at + 1 < rest->len && rest->at[at + 1] == '"')
            at++;
        else if (c == (quoted ? '"' : ','))
            break;
        (*room)[name.len++] = !quoted && c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
    }
    *rest = str_slice(*rest, at + quoted, rest->len);
    *room += name.len;
    if (!quoted) name = str_trim(name);
    (void)str_cut(rest, ',');
    return name;
}

// A role that was SET stands for the user.
static Str user_schema(const Session *s)
{
    Str role = str_of(setting_value(&s->settings, SETTING_ROLE)),
        as = str_of(setting_value(&s->settings, SETTING_AUTHORIZATION));
    if (!str_equal(role, STR("none"))) return role;
    return as.len ? as : str_of(s->user);
}

static void read_path(Session *s)
{
    const char *text = setting_value(&s->settings, SETTING_SEARCH_PATH);
    bool plain = strcmp(setting_value(&s->settings, SETTING_ROLE), "none") == 0 &&
                 !*setting_value(&s->settings, SETTING_AUTHORIZATION);
    if (s->search_text[0] && strcmp(text, s->search_text) == 0 && plain && s->search_plain) return;
    s->search_plain = plain;
    memcpy(s->search_text, text, strlen(text) + 1);
    char *room = s->search_room;
    s->searches = 0;
    for (Str rest = str_of(text); rest.len && s->searches < SESSION_SEARCH_MAX;) {
        Str name = next_schema(&rest, &room);
        if (str_equal(name, STR("$user"))) name = user_schema(s);
        if (name.len) s->search[s->searches++] = name;
    }
}

void session_search(Session *s, SearchPath *out)
{
    read_path(s);
    *out = (SearchPath){.transaction = s->transaction,
                        .database = session_database(s),
                        .temporary = str_of(s->temporary),
                        .schema = s->search,
                        .schemas = s->searches};
}

Str session_place(const Session *s, char room[SESSION_PLACE_SIZE])
{
    Str database = session_database(s), path = str_of(setting_value(&s->settings, SETTING_SEARCH_PATH));
    memcpy(room, database.at, database.len);
    room[database.len] = 0;
    memcpy(room + database.len + 1, path.at, path.len);
    size_t len = database.len + 1 + path.len;
    static const SettingId more[] = {SETTING_ROLE, SETTING_AUTHORIZATION};
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        Str value = str_of(setting_value(&s->settings, more[i]));
        room[len] = 0;
        memcpy(room + len + 1, value.at, value.len);
        len += 1 + value.len;
    }
    return (Str){room, len};
}
