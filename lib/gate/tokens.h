/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a condition: numbers, texts in quotation marks, names, and signs. */
#ifndef CHECKROB_LIB_GATE_TOKENS_H
#define CHECKROB_LIB_GATE_TOKENS_H

#include <checkrob/status.h>
#include <stddef.h>

typedef enum token_kind {
  TOKEN_END,
  TOKEN_NUMBER,
  TOKEN_TEXT,
  TOKEN_NAME,
  TOKEN_AND,
  TOKEN_OR,
  TOKEN_NOT,
  TOKEN_HAS,
  TOKEN_OPEN,
  TOKEN_CLOSE,
  TOKEN_ADD,
  TOKEN_SUBTRACT,
  TOKEN_MULTIPLY,
  TOKEN_DIVIDE,
  /* The comparisons: all that follow. */
  TOKEN_LESS,
  TOKEN_LESS_OR_EQUAL,
  TOKEN_GREATER,
  TOKEN_GREATER_OR_EQUAL,
  TOKEN_EQUAL,
  TOKEN_DIFFERENT
} token_kind;

typedef struct token {
  token_kind kind;
  size_t at, bytes; /* where it is in the condition; of a text, with its quotation marks */
  double number;
} token;

/* Reads the token that begins at `at`, or after blanks there. `source` is UTF-8. BAD_INPUT: the error message
 * states the position. */
checkrob_status token_read(token *out, const char *source, size_t at);

/* "%s (character N of the condition 'SOURCE')": stores the error message. */
#define condition_error(status, source, at, ...) (condition_error_store(source, at, __VA_ARGS__), (status))
__attribute__((format(printf, 3, 4))) void condition_error_store(const char *source, size_t at,
                                                                 const char *format, ...);

#endif
