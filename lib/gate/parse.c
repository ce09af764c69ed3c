/* SPDX-License-Identifier: Apache-2.0 */
/* A parser by recursive descent: a function for each line of the grammar in docs/gate.md. */
#include <checkrob/verdict.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "classes/class_columns.h"
#include "gate/expression.h"
#include "gate/tokens.h"

typedef enum operand_type { NUMBER_OPERAND, TEXT_OPERAND, TRUTH_OPERAND } operand_type;

typedef struct operand {
  operand_type type;
  size_t at;    /* where it begins in the condition */
  size_t first; /* its first instruction */
} operand;

typedef struct parser {
  const char *source;
  token now; /* the next token, which is not consumed yet */
  size_t depth;
  expression *to;
} parser;

static checkrob_status parse_or(operand *out, parser *p);

static checkrob_status advance(parser *p) {
  return token_read(&p->now, p->source, p->now.at + p->now.bytes);
}

/* A copy with a NUL behind it; NULL if out of memory. */
static char *copy_of(const char *text, size_t bytes) {
  char *copy = malloc(bytes + 1);
  if (!copy) return NULL;
  memcpy(copy, text, bytes);
  copy[bytes] = '\0';
  return copy;
}

static checkrob_status emit(parser *p, operation what, double number, const char *text, size_t bytes) {
  expression *e = p->to;
  instruction *grown = array_grow(e->items, &e->capacity, e->count, sizeof *e->items);
  if (!grown) return error_memory("a condition");
  e->items = grown;
  e->items[e->count] = (instruction){what, number, text ? copy_of(text, bytes) : NULL};
  if (text && !e->items[e->count].text) return error_memory("a condition");
  e->count++;
  return CHECKROB_OK;
}

static checkrob_status unexpected(const parser *p, const char *wanted) {
  if (p->now.kind == TOKEN_END)
    return condition_error(CHECKROB_ERROR_BAD_INPUT, p->source, p->now.at, "%s is missing at the end",
                           wanted);
  return condition_error(CHECKROB_ERROR_BAD_INPUT, p->source, p->now.at, "there is '%.*s' instead of %s",
                         (int)(p->now.bytes < 60 ? p->now.bytes : 60), p->source + p->now.at, wanted);
}

static const char *const type_names[] = {"a number", "a text", "a condition"};

static checkrob_status require(const parser *p, const operand *o, operand_type type, const char *where) {
  if (o->type == type) return CHECKROB_OK;
  return condition_error(CHECKROB_ERROR_BAD_INPUT, p->source, o->at, "%s needs %s, but this is %s", where,
                         type_names[type], type_names[o->type]);
}

/* ---- columns ---- */

/* Names that people expect. docs/gate.md lists them. */
static const struct { const char *alias, *name; } aliases[] = {{"accuracy", "acc"}, {"name", "class"}};

static checkrob_status refuse_column(const parser *p, const char *name) {
  nearest_names near;
  char list[160];
  nearest_start(&near, name);
  for (size_t i = 0; i < checkrob_column_count(CLASS_TABLE); i++) {
    checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
    if (checkrob_column_at(&info, CLASS_TABLE, i) == CHECKROB_OK) nearest_offer(&near, info.name);
  }
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) nearest_offer(&near, aliases[i].alias);
  near.count = near.count > 1 ? 1 : near.count;
  nearest_list(list, sizeof list, &near);
  return condition_error(CHECKROB_ERROR_NOT_FOUND, p->source, p->now.at,
                         "classes have no column '%.60s'; the nearest is %s", name, list);
}

/* The column that the current token names. */
static checkrob_status find_column(checkrob_column_info *out, const parser *p) {
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)(p->now.bytes < 63 ? p->now.bytes : 63), p->source + p->now.at);
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
    if (strcmp(name, aliases[i].alias) == 0) snprintf(name, sizeof name, "%s", aliases[i].name);
  *out = (checkrob_column_info)CHECKROB_COLUMN_INFO_INIT;
  for (size_t i = 0; i < checkrob_column_count(CLASS_TABLE); i++) {
    checkrob_status status = checkrob_column_at(out, CLASS_TABLE, i);
    if (status) return status;
    if (strcmp(out->name, name) != 0) continue;
    if (out->type != CHECKROB_COLUMN_FLOATS && out->type != CHECKROB_COLUMN_DOUBLES) return CHECKROB_OK;
    return condition_error(CHECKROB_ERROR_BAD_INPUT, p->source, p->now.at,
                           "the column '%s' holds an array, which has no comparison", name);
  }
  return refuse_column(p, name);
}

static checkrob_status parse_column(operand *out, parser *p) {
  checkrob_column_info info;
  checkrob_status status = find_column(&info, p);
  if (status) return status;
  bool is_text = info.type == CHECKROB_COLUMN_TEXT;
  out->type = is_text ? TEXT_OPERAND : NUMBER_OPERAND;
  status = emit(p, is_text ? LOAD_TEXT : LOAD_NUMBER, 0, info.name, strlen(info.name));
  return status ? status : advance(p);
}

static checkrob_status parse_has(operand *out, parser *p) {
  checkrob_column_info info;
  checkrob_status status = advance(p);
  if (!status && p->now.kind != TOKEN_OPEN) return unexpected(p, "'(' after has");
  if (!status) status = advance(p);
  if (!status && p->now.kind != TOKEN_NAME) return unexpected(p, "the name of a column");
  if (!status) status = find_column(&info, p);
  if (!status) status = emit(p, TEST_VALUE, 0, info.name, strlen(info.name));
  if (!status) status = advance(p);
  if (!status && p->now.kind != TOKEN_CLOSE) return unexpected(p, "')'");
  out->type = TRUTH_OPERAND;
  return status ? status : advance(p);
}

/* ---- from the smallest part to the whole ---- */

/* Parentheses, `not` and the sign of a number nest. */
static checkrob_status descend(parser *p) {
  if (p->depth++ < EXPRESSION_DEPTH) return CHECKROB_OK;
  return condition_error(CHECKROB_ERROR_LIMIT, p->source, p->now.at, "more than %d levels are nested",
                         EXPRESSION_DEPTH);
}

static checkrob_status parse_parentheses(operand *out, parser *p) {
  size_t at = p->now.at;
  checkrob_status status = descend(p);
  if (!status) status = advance(p);
  if (!status) status = parse_or(out, p);
  if (status) return status;
  if (p->now.kind != TOKEN_CLOSE) return unexpected(p, "')'");
  out->at = at;
  p->depth--;
  return advance(p);
}

static checkrob_status parse_factor(operand *out, parser *p);

static checkrob_status parse_negative(operand *out, parser *p) {
  size_t at = p->now.at;
  checkrob_status status = descend(p);
  if (!status) status = advance(p);
  if (!status) status = parse_factor(out, p);
  if (!status) status = require(p, out, NUMBER_OPERAND, "'-'");
  if (!status) status = emit(p, NEGATE, 0, NULL, 0);
  out->at = at;
  p->depth--;
  return status;
}

static checkrob_status parse_factor(operand *out, parser *p) {
  const token *now = &p->now;
  checkrob_status status = CHECKROB_OK;
  *out = (operand){NUMBER_OPERAND, now->at, p->to->count};
  switch (now->kind) {
    case TOKEN_NUMBER:
      status = emit(p, PUSH_NUMBER, now->number, NULL, 0);
      return status ? status : advance(p);
    case TOKEN_TEXT:
      out->type = TEXT_OPERAND;
      status = emit(p, PUSH_TEXT, 0, p->source + now->at + 1, now->bytes - 2);
      return status ? status : advance(p);
    case TOKEN_NAME:
      return parse_column(out, p);
    case TOKEN_HAS:
      return parse_has(out, p);
    case TOKEN_OPEN:
      return parse_parentheses(out, p);
    case TOKEN_SUBTRACT:
      return parse_negative(out, p);
    default:
      return unexpected(p, "a column, a number or a text");
  }
}

typedef checkrob_status (*part_parser)(operand *out, parser *p);

/* A chain of numbers: a + b - c, or a * b / c. */
static checkrob_status parse_chain(operand *out, parser *p, part_parser part, token_kind one,
                                   operation one_does, token_kind other, operation other_does,
                                   const char *signs) {
  checkrob_status status = part(out, p);
  while (!status && (p->now.kind == one || p->now.kind == other)) {
    operation what = p->now.kind == one ? one_does : other_does;
    operand right;
    status = require(p, out, NUMBER_OPERAND, signs);
    if (!status) status = advance(p);
    if (!status) status = part(&right, p);
    if (!status) status = require(p, &right, NUMBER_OPERAND, signs);
    if (!status) status = emit(p, what, 0, NULL, 0);
  }
  return status;
}

static checkrob_status parse_product(operand *out, parser *p) {
  return parse_chain(out, p, parse_factor, TOKEN_MULTIPLY, MULTIPLY, TOKEN_DIVIDE, DIVIDE, "'*' or '/'");
}

static checkrob_status parse_sum(operand *out, parser *p) {
  return parse_chain(out, p, parse_product, TOKEN_ADD, ADD, TOKEN_SUBTRACT, SUBTRACT, "'+' or '-'");
}

/* ---- comparisons ---- */

const char *verdict_of_word(const char *word, size_t bytes) {
  for (int v = 0; *checkrob_verdict_name((checkrob_verdict)v); v++) {
    const char *name = checkrob_verdict_name((checkrob_verdict)v);
    size_t i = 0;
    for (; i < bytes && name[i]; i++) {
      bool both_blank = strchr(" -_", word[i]) && strchr(" -", name[i]);
      if (!both_blank && strncasecmp(word + i, name + i, 1) != 0) break;
    }
    if (i == bytes && !name[i]) return name;
  }
  return NULL;
}

static bool is_reason(const char *code) {
  for (size_t i = 0; i < checkrob_verdict_reason_count(); i++)
    if (strcmp(checkrob_verdict_reason_code(i), code) == 0) return true;
  return false;
}

static checkrob_status refuse_reason(const parser *p, const operand *o, const char *code) {
  nearest_names near;
  char list[160];
  nearest_start(&near, code);
  for (size_t i = 0; i < checkrob_verdict_reason_count(); i++)
    nearest_offer(&near, checkrob_verdict_reason_code(i));
  near.count = near.count > 1 ? 1 : near.count;
  nearest_list(list, sizeof list, &near);
  return condition_error(CHECKROB_ERROR_NOT_FOUND, p->source, o->at,
                         "there is no reason_code '%.60s'; the nearest is %s", code, list);
}

/* A misspelt verdict would never be equal, and the gate would always be open. */
static checkrob_status check_word(parser *p, const instruction *loaded, instruction *text, const operand *o) {
  if (loaded->what != LOAD_TEXT || text->what != PUSH_TEXT) return CHECKROB_OK;
  if (strcmp(loaded->text, "reason_code") == 0)
    return is_reason(text->text) ? CHECKROB_OK : refuse_reason(p, o, text->text);
  if (strcmp(loaded->text, "verdict") != 0) return CHECKROB_OK;
  const char *name = verdict_of_word(text->text, strlen(text->text));
  if (!name)
    return condition_error(CHECKROB_ERROR_NOT_FOUND, p->source, o->at,
                           "there is no verdict '%.60s'; the verdicts are not enough data, non-robust, "
                           "doubtful, robust, not suspicious and no dependence found",
                           text->text);
  memcpy(text->text, name, strlen(name)); /* of the same length */
  return CHECKROB_OK;
}

static checkrob_status check_words(parser *p, const operand *left, const operand *right) {
  instruction *items = p->to->items;
  if (right->first != left->first + 1 || p->to->count != right->first + 1) return CHECKROB_OK;
  checkrob_status status = check_word(p, &items[left->first], &items[right->first], right);
  return status ? status : check_word(p, &items[right->first], &items[left->first], left);
}

static checkrob_status emit_comparison(parser *p, const operand *left, const operand *right, token_kind sign,
                                       size_t at) {
  checkrob_status status = left->type == TRUTH_OPERAND
                               ? require(p, left, NUMBER_OPERAND, "a comparison")
                               : require(p, right, left->type, "the other side of the comparison");
  if (status) return status;
  if (left->type == NUMBER_OPERAND)
    return emit(p, (operation)(IS_LESS + (int)sign - (int)TOKEN_LESS), 0, NULL, 0);
  if (sign != TOKEN_EQUAL && sign != TOKEN_DIFFERENT)
    return condition_error(CHECKROB_ERROR_BAD_INPUT, p->source, at,
                           "texts have no order; compare them with = or !=");
  status = check_words(p, left, right);
  return status ? status : emit(p, sign == TOKEN_EQUAL ? IS_SAME_TEXT : IS_OTHER_TEXT, 0, NULL, 0);
}

static checkrob_status parse_comparison(operand *out, parser *p) {
  checkrob_status status = parse_sum(out, p);
  if (status || p->now.kind < TOKEN_LESS) return status;
  token sign = p->now;
  operand right;
  status = advance(p);
  if (!status) status = parse_sum(&right, p);
  if (!status) status = emit_comparison(p, out, &right, sign.kind, sign.at);
  if (!status && p->now.kind >= TOKEN_LESS)
    return condition_error(CHECKROB_ERROR_BAD_INPUT, p->source, p->now.at,
                           "two comparisons follow each other; write a < b and b < c");
  out->type = TRUTH_OPERAND;
  return status;
}

/* ---- and, or, not ---- */

static checkrob_status parse_not(operand *out, parser *p) {
  if (p->now.kind != TOKEN_NOT) return parse_comparison(out, p);
  size_t at = p->now.at;
  checkrob_status status = descend(p);
  if (!status) status = advance(p);
  if (!status) status = parse_not(out, p);
  if (!status) status = require(p, out, TRUTH_OPERAND, "'not'");
  if (!status) status = emit(p, NOT, 0, NULL, 0);
  out->at = at;
  p->depth--;
  return status;
}

static checkrob_status parse_join(operand *out, parser *p, part_parser part, token_kind word, operation what,
                                  const char *name) {
  checkrob_status status = part(out, p);
  while (!status && p->now.kind == word) {
    operand right;
    status = require(p, out, TRUTH_OPERAND, name);
    if (!status) status = advance(p);
    if (!status) status = part(&right, p);
    if (!status) status = require(p, &right, TRUTH_OPERAND, name);
    if (!status) status = emit(p, what, 0, NULL, 0);
  }
  return status;
}

static checkrob_status parse_and(operand *out, parser *p) {
  return parse_join(out, p, parse_not, TOKEN_AND, AND, "'and'");
}

static checkrob_status parse_or(operand *out, parser *p) {
  return parse_join(out, p, parse_and, TOKEN_OR, OR, "'or'");
}

/* ---- the whole ---- */

static checkrob_status parse(parser *p) {
  operand whole = {TRUTH_OPERAND, 0, 0};
  checkrob_status status = advance(p);
  if (!status && p->now.kind == TOKEN_END)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "the condition is empty; write one such as robustness < -0.5");
  if (!status) status = parse_or(&whole, p);
  if (!status && p->now.kind != TOKEN_END) return unexpected(p, "and, or, or the end of the condition");
  if (!status && whole.type != TRUTH_OPERAND)
    return condition_error(CHECKROB_ERROR_BAD_INPUT, p->source, whole.at,
                           "this is %s, and no condition; compare it with something", type_names[whole.type]);
  return status;
}

checkrob_status expression_parse(expression *out, const char *source) {
  *out = (expression){0};
  if (strlen(source) > EXPRESSION_BYTES)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "the condition has %zu bytes, more than %d; use several conditions", strlen(source),
                     EXPRESSION_BYTES);
  if (!utf8_is_valid(source))
    return error_set(CHECKROB_ERROR_BAD_INPUT, "the condition '%s' is not UTF-8", source);
  out->source = strdup(source);
  if (!out->source) return error_memory("a condition");
  checkrob_status status = parse(&(parser){.source = out->source, .to = out});
  if (status) expression_clear(out);
  return status;
}

void expression_clear(expression *e) {
  for (size_t i = 0; i < e->count; i++) free(e->items[i].text);
  free(e->items);
  free(e->source);
  *e = (expression){0};
}
