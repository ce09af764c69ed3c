/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "gate/expression.h"

/* A number, a text or a truth. Without a value, the number is NaN and the text NULL. */
typedef struct value {
  double number;
  const char *text;
  truth truth;
} value;

static value number_of(double number) {
  return (value){.number = isfinite(number) ? number : NAN};
}

static value truth_of(bool holds, bool is_decided) {
  return (value){.truth = {holds && is_decided, is_decided}};
}

static value load_text(const checkrob_row *row, const char *column) {
  const char *text = checkrob_row_text(row, column);
  return (value){.text = checkrob_row_has(row, column) && *text ? text : NULL};
}

static value load(const instruction *i, const checkrob_row *row) {
  switch (i->what) {
    case PUSH_NUMBER:
      return number_of(i->number);
    case PUSH_TEXT:
      return (value){.text = i->text};
    case LOAD_NUMBER:
      return number_of(checkrob_row_number(row, i->text));
    case LOAD_TEXT:
      return load_text(row, i->text);
    default:
      return truth_of(load_text(row, i->text).text || !isnan(checkrob_row_number(row, i->text)), true);
  }
}

static value of_one(operation what, value a) {
  if (what == NEGATE) return number_of(-a.number);
  return (value){.truth = {!a.truth.holds, a.truth.is_decided}};
}

/* A comparison with NaN is false in C too; what it is called "different" from, is not. */
static value compare(operation what, double a, double b) {
  bool is_decided = !isnan(a) && !isnan(b);
  switch (what) {
    case IS_LESS:
      return truth_of(a < b, is_decided);
    case IS_LESS_OR_EQUAL:
      return truth_of(a <= b, is_decided);
    case IS_GREATER:
      return truth_of(a > b, is_decided);
    case IS_GREATER_OR_EQUAL:
      return truth_of(a >= b, is_decided);
    case IS_EQUAL:
      return truth_of(!(a < b) && !(a > b), is_decided);
    default:
      return truth_of(a < b || a > b, is_decided);
  }
}

static value compare_texts(operation what, const char *a, const char *b) {
  bool is_decided = a && b;
  bool is_same = is_decided && strcmp(a, b) == 0;
  return truth_of(is_same == (what == IS_SAME_TEXT), is_decided);
}

/* One operand is enough to decide `and` if it is false, and `or` if it is true. */
static value join(operation what, truth a, truth b) {
  bool enough = what == OR;
  bool one = (a.is_decided && a.holds == enough) || (b.is_decided && b.holds == enough);
  bool holds = what == OR ? a.holds || b.holds : a.holds && b.holds;
  return (value){.truth = {holds, one || (a.is_decided && b.is_decided)}};
}

static value of_two(operation what, value a, value b) {
  switch (what) {
    case ADD:
      return number_of(a.number + b.number);
    case SUBTRACT:
      return number_of(a.number - b.number);
    case MULTIPLY:
      return number_of(a.number * b.number);
    case DIVIDE:
      return number_of(a.number / b.number);
    case IS_SAME_TEXT:
    case IS_OTHER_TEXT:
      return compare_texts(what, a.text, b.text);
    case AND:
    case OR:
      return join(what, a.truth, b.truth);
    default:
      return compare(what, a.number, b.number);
  }
}

truth expression_evaluate(const expression *e, const checkrob_row *row) {
  value stack[EXPRESSION_STACK] = {{0}};
  size_t height = 0;
  for (size_t i = 0; i < e->count; i++) {
    operation what = e->items[i].what;
    if (what <= TEST_VALUE) {
      stack[height++] = load(&e->items[i], row);
    } else if (what == NEGATE || what == NOT) {
      stack[height - 1] = of_one(what, stack[height - 1]);
    } else {
      height--;
      stack[height - 1] = of_two(what, stack[height - 1], stack[height]);
    }
  }
  return stack[0].truth;
}

static bool names_column(const instruction *i) {
  return i->what == LOAD_NUMBER || i->what == LOAD_TEXT || i->what == TEST_VALUE;
}

static bool is_first(const expression *e, size_t at) {
  for (size_t i = 0; i < at; i++)
    if (names_column(&e->items[i]) && strcmp(e->items[i].text, e->items[at].text) == 0) return false;
  return true;
}

const char *expression_column(const expression *e, size_t i) {
  for (size_t at = 0; at < e->count; at++)
    if (names_column(&e->items[at]) && is_first(e, at) && i-- == 0) return e->items[at].text;
  return NULL;
}
