/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on the columns of a class (docs/gate.md): parsed once, to a program for a stack, and evaluated
 * for each row. */
#ifndef CHECKROB_LIB_GATE_EXPRESSION_H
#define CHECKROB_LIB_GATE_EXPRESSION_H

#include <checkrob/row.h>
#include <stdbool.h>

#define EXPRESSION_BYTES 4096
#define EXPRESSION_DEPTH 32
/* A level of nesting has at most five operands that wait: of or, and, a comparison, a sum and a product. */
#define EXPRESSION_STACK (6 * (EXPRESSION_DEPTH + 1))

typedef enum operation {
  PUSH_NUMBER,
  PUSH_TEXT,
  LOAD_NUMBER, /* of a column */
  LOAD_TEXT,
  TEST_VALUE, /* has(column) */
  NEGATE,
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  IS_LESS,
  IS_LESS_OR_EQUAL,
  IS_GREATER,
  IS_GREATER_OR_EQUAL,
  IS_EQUAL,
  IS_DIFFERENT,
  IS_SAME_TEXT,
  IS_OTHER_TEXT,
  NOT,
  AND,
  OR
} operation;

typedef struct instruction {
  operation what;
  double number;
  char *text; /* a text, or the name of a column */
} instruction;

typedef struct expression {
  char *source;
  instruction *items;
  size_t count, capacity;
} expression;

/* After a failure *out is empty. Errors: BAD_INPUT, NOT_FOUND (no such column, verdict or reason), LIMIT,
 * OUT_OF_MEMORY. */
checkrob_status expression_parse(expression *out, const char *source);
void expression_clear(expression *e);

/* What a condition says about a row. A comparison with a missing value does not hold, and `not` makes it
 * hold. It is not decided where the missing value would decide (Kleene's logic). */
typedef struct truth {
  bool holds, is_decided;
} truth;
truth expression_evaluate(const expression *e, const checkrob_row *row);

/* The columns that a condition names, each once. NULL past the last. */
const char *expression_column(const expression *e, size_t i);

/* The name of the verdict that `word` means, in any case and with blanks, hyphens or underscores; NULL if
 * there is none. */
const char *verdict_of_word(const char *word, size_t bytes);

#endif
