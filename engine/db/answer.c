// Answer: the one statement of a session whose user has proven the password but not yet answered the security
// question: ANSWER 'text'. Everything else is refused, with words that say what to type.
#include "engine/db/statement.h"
#include "engine/sql/lexer.h"

// ANSWER 'text'; the text's value in mem.
static bool read_answer(const Run *run, Str *answer)
{
    Lexer l;
    lexer_init(&l, run->text, 0);
    Token word = lexer_next_word(&l), text = lexer_next_word(&l), end = lexer_next_word(&l);
    if (word.kind != TOKEN_WORD || text.kind != TOKEN_STRING ||
        (end.kind != TOKEN_END && end.kind != TOKEN_SEMICOLON) ||
        !str_equal_fold(str_slice(run->text, word.at, word.len), STR("answer")))
        return false;
    Err ignored = {.at = -1};
    return lexer_value(&l, &text, run->mem, answer, &ignored);
}

static bool refuse(const Session *s, Err *err)
{
    err_set(err, SQLSTATE_AUTH, "answer your security question first: %.*s",
            STR_ARG(profile_ticket_question(s->ticket)));
    return err_hint(err,
                    "Type ANSWER 'your answer'; and go on. An administrator may exempt a program's account.");
}

bool answer_run(Run *run, Err *err)
{
    Session *s = run->session;
    Str answer;
    int64_t wait_us = 0;
    ProfileUser user;
    if (!read_answer(run, &answer)) return refuse(s, err);
    run->tag = "ANSWER";
    bool good = profile_answer_now(s->engine->profile, s->ticket, answer, &wait_us, &user, run->mem, err);
    if (!good && wait_us > 0 && !err_any(err))
        return err_set(err, "53400", "too many failed tries; answer again in %lld s",
                       (long long)(wait_us / 1000000) + 1);
    if (!good) return false;
    profile_ticket_drop(s->ticket);
    s->ticket = NULL;
    return true;
}
