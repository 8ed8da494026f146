// Lexer: cuts SQL text into tokens without loss: the parser, the colours of the editor and the splitting into
// statements all use it. It never fails: what is wrong comes as TOKEN_BAD with the fault. The rules are
// PostgreSQL's (chapter 4.1 of its manual, nested comments, E'', U&'', $tag$ strings), and `backquoted` and
// [bracketed] names where nothing else can be meant. Relies on base.
#ifndef ENGINE_SQL_LEXER_H
#define ENGINE_SQL_LEXER_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/sql/keyword.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_SPACE,
    TOKEN_COMMENT,
    TOKEN_WORD,   // name or keyword, see `keyword`
    TOKEN_QUOTED, // "name", U&"name", `name`, [name]
    TOKEN_STRING, // '…', E'…', N'…', U&'…', $tag$…$tag$
    TOKEN_BITS,   // B'…', X'…'
    TOKEN_NUMBER,
    TOKEN_PARAM,    // $1
    TOKEN_OPERATOR, // + || <> …, and the single ( ) [ ] , . : := => ::
    TOKEN_SEMICOLON,
    TOKEN_BAD,
} TokenKind;

typedef enum TokenFault {
    FAULT_NONE,
    FAULT_STRING, // not ended
    FAULT_DOLLAR, // not ended
    FAULT_NAME,   // not ended
    FAULT_NAME_EMPTY,
    FAULT_COMMENT, // not ended
    FAULT_BITS,    // not ended
    FAULT_NUMBER,  // trailing junk after numeric literal
    FAULT_PARAM,   // trailing junk after parameter
    FAULT_BYTE,    // a byte that begins nothing
    FAULT_NUL,
    FAULT_UTF8,
} TokenFault;

typedef struct Token {
    TokenKind kind;
    TokenFault fault; // BAD
    Keyword keyword;  // WORD; KEYWORD_ABSENT = a plain name
    uint32_t op;      // OPERATOR of up to 4 bytes: its bytes, first one highest; 0 = longer
    size_t at, len;   // in the text, with quotes
    bool line_before; // a line end stands between this and the token before (strings continue over lines)
} Token;

typedef struct Lexer {
    Str text;
    size_t at;          // next byte
    uint32_t brackets;  // [ that are open: inside them [ begins no name
    bool after_operand; // a name, number, ), ] stands before: [ is then a subscript
} Lexer;

void lexer_init(Lexer *l, Str text, size_t from);
// The next token, spaces and comments included.
Token lexer_next(Lexer *l);
// The same without spaces and comments.
Token lexer_next_word(Lexer *l);
// 42601, 22021 … with the position and PostgreSQL's sentence for a TOKEN_BAD; returns false.
bool lexer_fault(const Lexer *l, const Token *t, Err *err);
// A token's value: names folded or unquoted (42622 over AST_NAME_MAX), strings decoded (22025, 22021), BITS
// with b or x first, others as written. In mem.
MUST_CHECK bool lexer_value(const Lexer *l, const Token *t, Arena *mem, Str *out, Err *err);
// The same for U&'…' and U&"…" with the escape character that UESCAPE names.
MUST_CHECK bool lexer_unicode_value(const Lexer *l, const Token *t, char escape, Arena *mem, Str *out,
                                    Err *err);
bool lexer_is_unicode(const Lexer *l, const Token *t); // begins with U&
// Finds the next statement at or after *pos: its bytes without blanks, leading comments and the semicolon.
// Moves *pos behind the semicolon. False when only blanks and comments are left. Semicolons in strings,
// comments and parentheses do not end a statement, nor those of BEGIN ATOMIC … END.
bool lexer_statement(Str text, size_t *pos, size_t *at, size_t *len);

#endif
