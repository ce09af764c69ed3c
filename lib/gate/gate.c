/* SPDX-License-Identifier: Apache-2.0 */
/* The handle: conditions, and what was found. */
#include "gate/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/number.h"
#include "base/structure.h"
#include "base/text.h"

checkrob_status checkrob_gate_new(checkrob_gate **out) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_gate_new: NULL argument");
  checkrob_gate *gate = calloc(1, sizeof *gate);
  if (!gate) return error_memory("a gate");
  *out = gate;
  return CHECKROB_OK;
}

static void clear_class(judged_class *c) {
  char *const texts[] = {c->name, c->title, c->verdict, c->reason_code, c->reason};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
  for (size_t i = 0; i < c->worst_count; i++) free(c->worst[i].path);
}

static void clear_violation(violation *v) {
  for (size_t i = 0; i < v->value_count; i++) free(v->values[i].text);
  free(v->values);
  free(v->message);
}

void findings_clear(findings *f) {
  for (size_t i = 0; i < f->class_count; i++) clear_class(&f->classes[i]);
  for (size_t i = 0; i < f->violation_count; i++) clear_violation(&f->violations[i]);
  for (size_t i = 0; i < f->remark_count; i++) free(f->remarks[i]);
  free(f->classes);
  free(f->violations);
  free(f->remarks);
  store_options_clear(&f->options);
  *f = (findings){0};
}

static void clear_condition(condition *c) {
  free(c->text);
  expression_clear(&c->expression);
}

void checkrob_gate_free(checkrob_gate *gate) {
  if (!gate) return;
  for (size_t i = 0; i < gate->count; i++) clear_condition(&gate->conditions[i]);
  free(gate->conditions);
  findings_clear(&gate->found);
  free(gate);
}

/* ---- conditions ---- */

/* Takes what `c` holds, also after a failure. */
static checkrob_status add(checkrob_gate *gate, condition c) {
  condition *grown = c.text ? array_grow(gate->conditions, &gate->capacity, gate->count, sizeof c) : NULL;
  if (!grown) {
    clear_condition(&c);
    return error_memory("a condition");
  }
  gate->conditions = grown;
  gate->conditions[gate->count++] = c;
  return CHECKROB_OK;
}

static checkrob_status add_verdict(checkrob_gate *gate, const char *word, size_t bytes) {
  checkrob_verdict verdict = CHECKROB_VERDICT_NON_ROBUST;
  const char *name = verdict_of_word(word, bytes);
  if (!name)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "there is no verdict '%.*s'; the verdicts are not enough data, non-robust, doubtful, "
                     "robust, not suspicious and no dependence found",
                     (int)(bytes < 200 ? bytes : 200), word);
  checkrob_status status = checkrob_verdict_find(&verdict, name);
  for (size_t i = 0; i < gate->count && !status; i++)
    if (gate->conditions[i].kind == VERDICT_CONDITION && gate->conditions[i].verdict == verdict)
      return status;
  if (status) return status;
  return add(gate, (condition){VERDICT_CONDITION, text_format("verdict %s", name), verdict, {0}});
}

checkrob_status checkrob_gate_fail_on(checkrob_gate *gate, const char *verdicts) {
  if (!gate || !verdicts)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_gate_fail_on: NULL argument");
  if (verdicts[strspn(verdicts, " ")] == '\0')
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "the list of verdicts is empty");
  checkrob_status status = CHECKROB_OK;
  for (const char *at = verdicts; !status; at++) {
    at += strspn(at, " ");
    size_t length = strcspn(at, ","), bytes = length;
    while (bytes > 0 && at[bytes - 1] == ' ') bytes--;
    status = add_verdict(gate, at, bytes);
    at += length;
    if (!*at) break;
  }
  return status;
}

checkrob_status checkrob_gate_fail_if(checkrob_gate *gate, const char *text) {
  expression e;
  size_t expressions = 0;
  if (!gate || !text)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_gate_fail_if: NULL argument");
  for (size_t i = 0; i < gate->count; i++) expressions += gate->conditions[i].kind == EXPRESSION_CONDITION;
  if (expressions >= GATE_EXPRESSIONS)
    return error_set(CHECKROB_ERROR_LIMIT, "there are more than %d conditions; join some with 'or'",
                     GATE_EXPRESSIONS);
  checkrob_status status = expression_parse(&e, text);
  if (status) return status;
  return add(gate, (condition){EXPRESSION_CONDITION, text_copy(text), CHECKROB_VERDICT_NON_ROBUST, e});
}

static bool read_limit(failure_limit *out, const char *text) {
  size_t length = strlen(text);
  int64_t count = 0;
  char digits[32];
  *out = (failure_limit){.is_set = true};
  if (number_parse_index(&count, text)) {
    out->most = (double)count;
    return true;
  }
  if (length < 2 || length > sizeof digits || text[length - 1] != '%') return false;
  memcpy(digits, text, length - 1);
  digits[length - 1] = '\0';
  out->is_share = true;
  return number_parse(&out->most, digits) && out->most >= 0 && out->most <= 100;
}

checkrob_status checkrob_gate_max_failures(checkrob_gate *gate, const char *limit) {
  failure_limit read;
  if (!gate || !limit)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_gate_max_failures: NULL argument");
  if (!read_limit(&read, limit))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "the limit of failed samples is '%s'; it must be a whole number, or a share from 0%% to "
                     "100%%",
                     limit);
  char *text = text_format("at most %s%s samples may fail", limit, read.is_share ? " of the" : "");
  for (size_t i = 0; i < gate->count && text; i++)
    if (gate->conditions[i].kind == FAILURES_CONDITION) {
      free(gate->conditions[i].text);
      gate->conditions[i].text = text;
      gate->failures = read;
      return CHECKROB_OK;
    }
  checkrob_status status = add(gate, (condition){FAILURES_CONDITION, text, CHECKROB_VERDICT_NON_ROBUST, {0}});
  if (!status) gate->failures = read;
  return status;
}

size_t checkrob_gate_condition_count(const checkrob_gate *gate) {
  return gate ? gate->count : 0;
}

const char *checkrob_gate_condition(const checkrob_gate *gate, size_t i) {
  return i < checkrob_gate_condition_count(gate) ? gate->conditions[i].text : NULL;
}

/* ---- what was found ---- */

static size_t count_new(const findings *f) {
  size_t count = 0;
  for (size_t i = 0; i < f->violation_count; i++) count += f->violations[i].is_new;
  return count;
}

int checkrob_gate_is_closed(const checkrob_gate *gate) {
  return gate && (!gate->found.is_judged || count_new(&gate->found) > 0);
}

size_t checkrob_gate_violation_count(const checkrob_gate *gate) {
  return gate ? gate->found.violation_count : 0;
}

const char *violation_condition(const checkrob_gate *gate, const violation *v) {
  return v->condition < gate->count ? gate->conditions[v->condition].text : "";
}

const char *violation_kind_name(checkrob_violation_kind kind) {
  static const char *const names[] = {"", "verdict", "condition", "failures", "unjudged"};
  return names[kind];
}

checkrob_status checkrob_gate_violation(checkrob_violation *out, const checkrob_gate *gate, size_t i) {
  if (!out || i >= checkrob_gate_violation_count(gate))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_gate_violation: NULL argument, or no violation %zu", i);
  const violation *v = &gate->found.violations[i];
  const judged_class *c = v->class == GATE_NO_CLASS ? NULL : &gate->found.classes[v->class];
  checkrob_violation ours = {.size = sizeof ours,
                             .kind = v->kind,
                             .is_new = v->is_new,
                             .class_name = c ? c->name : "",
                             .title = c ? c->title : "",
                             .index = c ? c->index : -1,
                             .condition = violation_condition(gate, v),
                             .verdict = c ? c->verdict : "",
                             .message = v->message};
  return structure_give(out, &ours, sizeof ours);
}

checkrob_status checkrob_gate_count(checkrob_gate_counts *out, const checkrob_gate *gate) {
  if (!out || !gate) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_gate_count: NULL argument");
  const findings *f = &gate->found;
  checkrob_gate_counts ours = {.size = sizeof ours,
                               .classes = f->class_count,
                               .violations = f->violation_count,
                               .new_violations = count_new(f),
                               .fixed_violations = f->fixed,
                               .samples = f->samples,
                               .failed_samples = f->failed};
  ours.old_violations = ours.violations - ours.new_violations;
  for (size_t i = 0; i < f->class_count; i++) ours.passed += f->classes[i].violations == 0;
  return structure_give(out, &ours, sizeof ours);
}

size_t checkrob_gate_remark_count(const checkrob_gate *gate) {
  return gate ? gate->found.remark_count : 0;
}

const char *checkrob_gate_remark(const checkrob_gate *gate, size_t i) {
  return i < checkrob_gate_remark_count(gate) ? gate->found.remarks[i] : NULL;
}
