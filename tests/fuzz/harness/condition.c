/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a condition of a gate, up to a NUL; then follow the values of a class that it is asked about.
 * What is parsed is evaluated, and its parts mean the same in parentheses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classes/class_columns.h"
#include "fuzz/fuzz.h"
#include "gate/expression.h"

/* A class with these numbers; every second column has no value. */
static void fill(checkrob_row *row, fuzz_reader *r) {
  for (size_t i = 0; i < checkrob_column_count(CLASS_TABLE); i++) {
    checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
    fuzz_must(checkrob_column_at(&info, CLASS_TABLE, i));
    if (fuzz_byte(r) % 2 == 0) continue;
    if (info.type == CHECKROB_COLUMN_TEXT)
      fuzz_must(row_put_text(row, info.name, fuzz_byte(r) % 2 ? "doubtful" : "\"'"));
    else if (info.type == CHECKROB_COLUMN_INTEGER)
      row_put_integer(row, info.name, fuzz_byte(r));
    else
      row_put_number(row, info.name, fuzz_double(r));
  }
}

/* "not (not (CONDITION))" is the same, unless it is too long or nested too deep. */
static void check_parentheses(const char *source, truth said, const checkrob_row *row) {
  size_t bytes = strlen(source) + 32;
  char *text = malloc(bytes);
  expression again;
  if (!text) return;
  snprintf(text, bytes, "not (not (%s))", source);
  if (expression_parse(&again, text) == CHECKROB_OK) {
    truth same = expression_evaluate(&again, row);
    FUZZ_CHECK(same.holds == said.holds && same.is_decided == said.is_decided, "%s differs in parentheses",
               source);
    expression_clear(&again);
  }
  free(text);
}

static void ask(const char *source, const uint8_t *data, size_t bytes) {
  row_layout *layout = NULL;
  checkrob_row *row = NULL;
  expression e;
  checkrob_status status = expression_parse(&e, source);
  if (status) {
    fuzz_line("error message", checkrob_last_error());
    FUZZ_CHECK(status == CHECKROB_ERROR_BAD_INPUT || status == CHECKROB_ERROR_NOT_FOUND ||
                   status == CHECKROB_ERROR_LIMIT,
               "%s: %s", source, checkrob_status_name(status));
    return;
  }
  fuzz_must(class_layout_new(&layout, NULL));
  fuzz_must(row_new(&row, layout));
  fill(row, &(fuzz_reader){data, bytes});
  truth said = expression_evaluate(&e, row);
  check_parentheses(source, said, row);
  for (size_t i = 0; expression_column(&e, i); i++)
    FUZZ_CHECK(strlen(expression_column(&e, i)) > 0, "a column of %s has no name", source);
  row_free(row);
  row_layout_free(layout);
  expression_clear(&e);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  size_t length = 0;
  while (length < bytes && data[length]) length++;
  char *source = calloc(1, length + 1);
  if (!source) return;
  memcpy(source, data, length);
  ask(source, data + length, bytes - length);
  free(source);
}
