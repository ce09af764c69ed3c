/* SPDX-License-Identifier: Apache-2.0 */
/* Judges results by the conditions of a gate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "gate/gate.h"
#include "results/results.h"

typedef struct judging {
  checkrob_gate *gate;
  findings *to;
  checkrob_results *results, *baseline;
} judging;

/* ---- what may be judged ---- */

static checkrob_status check_whole(const checkrob_results *results) {
  const char *path = store_path(results->from);
  const char *count = checkrob_results_option(results, "input_count");
  const char *whole = checkrob_results_option(results, "whole_input_count");
  if (!checkrob_results_complete(results))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "%s is not complete, so nothing can be judged: resume the run, or merge all shards",
                     path);
  if (count && whole && strcmp(count, whole) != 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "%s is a shard, with %s of %s inputs, so nothing can be judged: merge all shards first",
                     path, count, whole);
  return CHECKROB_OK;
}

static checkrob_status check_judging(const judging *j) {
  if (j->gate->count == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "the gate has no condition: nothing would close it");
  if (j->results == j->baseline)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the baseline is the results themselves: no violation would be new");
  checkrob_status status = check_whole(j->results);
  return !status && j->baseline ? check_whole(j->baseline) : status;
}

/* ---- texts ---- */

/* A copy that the findings own. */
static checkrob_status keep(char **out, const char *text) {
  *out = text_copy(text);
  return *out ? CHECKROB_OK : error_memory("what a gate found");
}

/* Takes `text`, which is NULL without memory. */
static checkrob_status remark(findings *f, char *text) {
  char **grown = text ? array_grow(f->remarks, &f->remark_capacity, f->remark_count, sizeof text) : NULL;
  if (!grown) {
    free(text);
    return error_memory("what a gate found");
  }
  f->remarks = grown;
  f->remarks[f->remark_count++] = text;
  return CHECKROB_OK;
}

/* Takes `v`, whose message is NULL without memory. */
static checkrob_status add(findings *f, violation v) {
  violation *grown =
      v.message ? array_grow(f->violations, &f->violation_capacity, f->violation_count, sizeof v) : NULL;
  if (!grown) {
    for (size_t i = 0; i < v.value_count; i++) free(v.values[i].text);
    free(v.values);
    free(v.message);
    return error_memory("what a gate found");
  }
  f->violations = grown;
  f->violations[f->violation_count++] = v;
  if (v.class != GATE_NO_CLASS) {
    f->classes[v.class].violations++;
    f->classes[v.class].new_violations += v.is_new;
  }
  return CHECKROB_OK;
}

/* ---- the classes ---- */

static checkrob_status add_class(findings *f, const checkrob_row *row) {
  judged_class *grown = array_grow(f->classes, &f->class_capacity, f->class_count, sizeof *grown);
  if (!grown) return error_memory("what a gate found");
  f->classes = grown;
  judged_class *c = &f->classes[f->class_count++];
  *c = (judged_class){.index = checkrob_row_integer(row, "index"),
                      .images = checkrob_row_integer(row, "images")};
  checkrob_status status = keep(&c->name, checkrob_row_text(row, "class"));
  if (!status) status = keep(&c->title, checkrob_row_text(row, "title"));
  if (!status) status = keep(&c->verdict, checkrob_row_text(row, "verdict"));
  if (!status) status = keep(&c->reason_code, checkrob_row_text(row, "reason_code"));
  return status ? status : keep(&c->reason, checkrob_row_text(row, "reason"));
}

/* ---- verdicts ---- */

static bool verdict_of(checkrob_verdict *out, const checkrob_row *row) {
  const char *name = checkrob_row_text(row, "verdict");
  for (int v = 0; *checkrob_verdict_name((checkrob_verdict)v); v++)
    if (strcmp(checkrob_verdict_name((checkrob_verdict)v), name) == 0) {
      *out = (checkrob_verdict)v;
      return true;
    }
  return false;
}

static int badness(checkrob_verdict verdict) {
  return verdict == CHECKROB_VERDICT_NON_ROBUST        ? 3
         : verdict == CHECKROB_VERDICT_DOUBTFUL        ? 2
         : verdict == CHECKROB_VERDICT_NOT_ENOUGH_DATA ? 1
                                                       : 0;
}

/* The condition that forbids the row's verdict; the number of conditions if none does. */
static size_t forbidding(const checkrob_gate *gate, const checkrob_row *row) {
  checkrob_verdict verdict = CHECKROB_VERDICT_ROBUST;
  size_t i = 0;
  if (!verdict_of(&verdict, row)) return gate->count;
  while (i < gate->count &&
         (gate->conditions[i].kind != VERDICT_CONDITION || gate->conditions[i].verdict != verdict))
    i++;
  return i;
}

/* Whether the baseline's row has a forbidden verdict that is at least as bad. */
static bool had_such_verdict(const checkrob_gate *gate, const checkrob_row *before, checkrob_verdict now) {
  size_t i = before ? forbidding(gate, before) : gate->count;
  return i < gate->count && badness(gate->conditions[i].verdict) >= badness(now);
}

static bool forbids_any(const checkrob_gate *gate) {
  for (size_t i = 0; i < gate->count; i++)
    if (gate->conditions[i].kind == VERDICT_CONDITION) return true;
  return false;
}

/* A verdict that is none, of a damaged file or of another version. An empty one is not enough data. */
static bool is_unknown(const checkrob_row *row) {
  checkrob_verdict verdict = CHECKROB_VERDICT_ROBUST;
  return *checkrob_row_text(row, "verdict") && !verdict_of(&verdict, row);
}

static checkrob_status judge_unknown(const judging *j, size_t class, const checkrob_row *before) {
  return add(j->to, (violation){.kind = CHECKROB_VIOLATION_UNJUDGED,
                                .class = class,
                                .condition = SIZE_MAX,
                                .is_new = !before || !is_unknown(before),
                                .message = text_format("'%.60s' is no verdict that can be judged",
                                                       j->to->classes[class].verdict)});
}

static checkrob_status judge_verdict(const judging *j, size_t class, const checkrob_row *row,
                                     const checkrob_row *before) {
  size_t i = forbidding(j->gate, row);
  if (forbids_any(j->gate) && is_unknown(row)) return judge_unknown(j, class, before);
  if (i == j->gate->count) return CHECKROB_OK;
  const judged_class *c = &j->to->classes[class];
  return add(j->to, (violation){.kind = CHECKROB_VIOLATION_VERDICT,
                                .class = class,
                                .condition = i,
                                .is_new = !had_such_verdict(j->gate, before, j->gate->conditions[i].verdict),
                                .message = text_format("%s: %s", c->verdict, c->reason)});
}

/* ---- conditions on columns ---- */

static bool holds(const condition *c, const checkrob_row *row) {
  return row && c->kind == EXPRESSION_CONDITION && expression_evaluate(&c->expression, row).holds;
}

static checkrob_status read_value(named_text *out, const checkrob_row *row, const char *name) {
  double number = checkrob_row_number(row, name);
  *out = (named_text){.name = name, .is_number = !isnan(number)};
  if (out->is_number) return keep(&out->text, number_write(number, 6, true).text);
  return checkrob_row_has(row, name) ? keep(&out->text, checkrob_row_text(row, name)) : CHECKROB_OK;
}

static checkrob_status read_values(violation *v, const expression *e, const checkrob_row *row) {
  size_t count = 0;
  checkrob_status status = CHECKROB_OK;
  while (expression_column(e, count)) count++;
  if (count > 0 && !(v->values = calloc(count, sizeof *v->values))) return error_memory("what a gate found");
  for (; v->value_count < count && !status; v->value_count++)
    status = read_value(&v->values[v->value_count], row, expression_column(e, v->value_count));
  return status;
}

/* "robustness < 1: robustness = -2.1, acc = 0.9" */
static char *message_of(const condition *c, const violation *v) {
  char *message = text_copy(c->expression.source);
  for (size_t i = 0; i < v->value_count && message; i++) {
    const named_text *value = &v->values[i];
    const char *mark = value->is_number || !value->text ? "" : "'";
    char *longer =
        text_format("%s%s %s %s%s%s%s", message, i ? "," : ":", value->name,
                    value->text ? "= " : "has no value", mark, value->text ? value->text : "", mark);
    free(message);
    message = longer;
  }
  return message;
}

static checkrob_status judge_condition(const judging *j, size_t i, size_t class, const checkrob_row *row,
                                       const checkrob_row *before) {
  const condition *c = &j->gate->conditions[i];
  violation v = {
      .kind = CHECKROB_VIOLATION_CONDITION, .class = class, .condition = i, .is_new = !holds(c, before)};
  if (!holds(c, row)) return CHECKROB_OK;
  /* Without memory the message stays NULL, and add() frees the values. */
  if (!read_values(&v, &c->expression, row)) v.message = message_of(c, &v);
  return add(j->to, v);
}

/* ---- a class, and all ---- */

/* A condition on verdicts or columns. */
static bool judges_classes(const checkrob_gate *gate) {
  for (size_t i = 0; i < gate->count; i++)
    if (gate->conditions[i].kind != FAILURES_CONDITION) return true;
  return false;
}

static checkrob_status judge_class(const judging *j, size_t class, const checkrob_row *row) {
  const judged_class *c = &j->to->classes[class];
  const checkrob_row *before = j->baseline ? results_find_class(j->baseline, c->name) : NULL;
  checkrob_status status = judge_verdict(j, class, row, before);
  for (size_t i = 0; i < j->gate->count && !status; i++) status = judge_condition(j, i, class, row, before);
  c = &j->to->classes[class];
  if (status || c->violations > 0 || c->images > 0 || !judges_classes(j->gate)) return status;
  return add(j->to, (violation){.kind = CHECKROB_VIOLATION_UNJUDGED,
                                .class = class,
                                .condition = SIZE_MAX,
                                .is_new = !before || checkrob_row_integer(before, "images") > 0,
                                .message = text_copy("no sample of the class could be evaluated")});
}

static checkrob_status judge_classes(const judging *j) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < checkrob_results_class_count(j->results) && !status; i++)
    status = add_class(j->to, checkrob_results_class(j->results, i));
  for (size_t i = 0; i < j->to->class_count && !status; i++)
    status = judge_class(j, i, checkrob_results_class(j->results, i));
  return status;
}

/* ---- the results as a whole ---- */

static checkrob_status add_unjudged(findings *f, size_t number, char *message) {
  return add(f, (violation){.kind = CHECKROB_VIOLATION_UNJUDGED,
                            .class = GATE_NO_CLASS,
                            .condition = number,
                            .is_new = true,
                            .message = message});
}

/* The baseline excuses no failures: they say how far these results can be trusted. */
static checkrob_status judge_failures(const judging *j) {
  const failure_limit *limit = &j->gate->failures;
  size_t at = 0;
  double failed = (double)j->to->failed, samples = (double)j->to->samples;
  if (!limit->is_set || j->to->samples == 0) return CHECKROB_OK;
  if (failed <= (limit->is_share ? limit->most * samples / 100 : limit->most)) return CHECKROB_OK;
  while (j->gate->conditions[at].kind != FAILURES_CONDITION) at++;
  char *message =
      text_format("%s: %zu of %zu samples could not be evaluated (%s %%)", j->gate->conditions[at].text,
                  j->to->failed, j->to->samples, number_write(100 * failed / samples, 2, false).text);
  return add(j->to, (violation){.kind = CHECKROB_VIOLATION_FAILURES,
                                .class = GATE_NO_CLASS,
                                .condition = at,
                                .is_new = true,
                                .message = message});
}

static bool forbids(const checkrob_gate *gate, checkrob_verdict verdict) {
  for (size_t i = 0; i < gate->count; i++)
    if (gate->conditions[i].kind == VERDICT_CONDITION && gate->conditions[i].verdict == verdict) return true;
  return false;
}

/* Classes with too few images are not judged by their verdict. */
static checkrob_status judge_not_enough(const judging *j) {
  findings *f = j->to;
  size_t few = 0;
  const char *name = checkrob_verdict_name(CHECKROB_VERDICT_NOT_ENOUGH_DATA);
  if (!forbids_any(j->gate) || forbids(j->gate, CHECKROB_VERDICT_NOT_ENOUGH_DATA)) return CHECKROB_OK;
  for (size_t i = 0; i < f->class_count; i++)
    few += strcmp(f->classes[i].verdict, name) == 0 || !*f->classes[i].verdict;
  if (few == 0) return CHECKROB_OK;
  if (few == f->class_count)
    return add_unjudged(f, SIZE_MAX,
                        text_format("not one of %zu classes has enough data for a verdict", f->class_count));
  return remark(f, text_format("%zu of %zu classes have not enough data for a verdict", few, f->class_count));
}

/* Saliency alone makes no class non-robust. */
static checkrob_status judge_probes(const judging *j) {
  const char *probe = checkrob_results_option(j->results, "probe");
  if (!forbids(j->gate, CHECKROB_VERDICT_NON_ROBUST) || (probe && *probe && strcmp(probe, "none") != 0))
    return CHECKROB_OK;
  for (size_t i = 0; i < j->to->class_count; i++)
    if (checkrob_row_has(checkrob_results_class(j->results, i), "suspicion")) return CHECKROB_OK;
  if (forbids(j->gate, CHECKROB_VERDICT_DOUBTFUL))
    return remark(j->to, text_copy("the run has no probes (option probe), so no class can be non-robust"));
  return add_unjudged(j->to, SIZE_MAX,
                      text_copy("the run has no probes (option probe), so no class can be non-robust; forbid "
                                "the verdict doubtful, or run with probes"));
}

static checkrob_status judge_undecided(const judging *j, size_t i) {
  const condition *c = &j->gate->conditions[i];
  size_t count = checkrob_results_class_count(j->results), undecided = 0;
  if (c->kind != EXPRESSION_CONDITION) return CHECKROB_OK;
  for (size_t k = 0; k < count; k++) {
    truth said = expression_evaluate(&c->expression, checkrob_results_class(j->results, k));
    undecided += !said.holds && !said.is_decided;
  }
  if (undecided == 0) return CHECKROB_OK;
  if (undecided == count)
    return add_unjudged(j->to, i,
                        text_format("%s: not one of %zu classes has the values that decide it; the run may "
                                    "lack the option that computes them",
                                    c->text, count));
  return remark(
      j->to, text_format("%s: %zu of %zu classes lack a value that decides it", c->text, undecided, count));
}

static checkrob_status judge_whole(const judging *j) {
  checkrob_status status = judge_failures(j);
  if (status) return status;
  if (j->to->samples == 0) return add_unjudged(j->to, SIZE_MAX, text_copy("there are no samples"));
  if (!judges_classes(j->gate)) return CHECKROB_OK;
  if (j->to->class_count == 0) return add_unjudged(j->to, SIZE_MAX, text_copy("there are no classes"));
  status = judge_probes(j);
  if (!status) status = judge_not_enough(j);
  for (size_t i = 0; i < j->gate->count && !status; i++) status = judge_undecided(j, i);
  return status;
}

/* ---- the baseline ---- */

/* How many violations of the baseline's row the row of now does not have. */
static size_t fixed_of(const judging *j, const checkrob_row *before, const checkrob_row *now) {
  const checkrob_gate *gate = j->gate;
  size_t fixed = forbidding(gate, before) < gate->count && (!now || forbidding(gate, now) == gate->count);
  for (size_t i = 0; i < gate->count; i++)
    fixed += holds(&gate->conditions[i], before) && !holds(&gate->conditions[i], now);
  return fixed;
}

static checkrob_status look_back(const judging *j) {
  size_t gone = 0;
  const char *first = "";
  if (!j->baseline) return CHECKROB_OK;
  j->to->has_baseline = true;
  for (size_t i = 0; i < checkrob_results_class_count(j->baseline); i++) {
    const checkrob_row *before = checkrob_results_class(j->baseline, i);
    const checkrob_row *now = results_find_class(j->results, checkrob_row_text(before, "class"));
    if (now) {
      j->to->fixed += fixed_of(j, before, now);
    } else if (gone++ == 0) {
      first = checkrob_row_text(before, "class");
    }
  }
  if (gone == 0) return CHECKROB_OK;
  return remark(j->to, text_format("%zu %s of the baseline %s not in these results: %s%s", gone,
                                   gone == 1 ? "class" : "classes", gone == 1 ? "is" : "are", first,
                                   gone == 1 ? "" : ", ..."));
}

/* ---- images ---- */

/* Classes with a violation, by index: there may be thousands, and millions of samples. */
typedef struct violating {
  judged_class **items;
  size_t count;
} violating;

static int compare_index(const void *key, const void *item) {
  int64_t index = *(const int64_t *)key, other = (*(judged_class *const *)item)->index;
  return (index > other) - (index < other);
}

static int by_index(const void *left, const void *right) {
  return compare_index(&(*(judged_class *const *)left)->index, right);
}

/* Keeps the images with the lowest RS. A failure is lack of memory alone. */
static int find_worst(const checkrob_row *sample, void *user_data) {
  const violating *v = user_data;
  double rs = checkrob_row_number(sample, "rs");
  int64_t index = checkrob_row_integer(sample, "index");
  if (!checkrob_row_is_evaluated(sample) || isnan(rs)) return 0; /* NaN: a damaged file */
  judged_class *const *found = array_find(&index, v->items, v->count, sizeof(judged_class *), compare_index);
  if (!found) return 0;
  judged_class *c = *found;
  size_t at = c->worst_count;
  while (at > 0 && rs < c->worst[at - 1].rs) at--;
  if (at == GATE_WORST_IMAGES) return 0;
  char *path = text_copy(checkrob_row_text(sample, "image"));
  if (!path) return 1;
  if (c->worst_count == GATE_WORST_IMAGES) free(c->worst[--c->worst_count].path);
  memmove(&c->worst[at + 1], &c->worst[at], (c->worst_count - at) * sizeof *c->worst);
  c->worst[at] = (worst_image){path, rs};
  c->worst_count++;
  return 0;
}

static checkrob_status find_images(const judging *j) {
  violating v = {malloc((j->to->class_count + 1) * sizeof *v.items), 0};
  if (!v.items) return error_memory("what a gate found");
  for (size_t i = 0; i < j->to->class_count; i++)
    if (j->to->classes[i].violations > 0) v.items[v.count++] = &j->to->classes[i];
  qsort(v.items, v.count, sizeof(judged_class *), by_index);
  checkrob_status status = v.count > 0 ? checkrob_results_each(j->results, find_worst, &v) : CHECKROB_OK;
  free(v.items);
  return status == CHECKROB_ERROR_INTERRUPTED ? error_memory("what a gate found") : status;
}

/* ---- the whole ---- */

static checkrob_status copy_options(const judging *j) {
  checkrob_status status = CHECKROB_OK;
  const store_options *from = &j->results->options;
  for (size_t i = 0; i < from->count && !status; i++)
    status = store_options_add(&j->to->options, from->items[i].name, from->items[i].value, false);
  return status;
}

static size_t total(const checkrob_results *results, const char *name) {
  int64_t value = checkrob_row_integer(checkrob_results_totals(results), name);
  return value > 0 ? (size_t)value : 0;
}

static checkrob_status judge(const judging *j) {
  checkrob_status status = check_judging(j);
  if (status) return status;
  j->to->samples = total(j->results, "samples");
  j->to->failed = total(j->results, "failed");
  status = copy_options(j);
  if (!status) status = judge_classes(j);
  if (!status) status = judge_whole(j);
  if (!status) status = look_back(j);
  return status ? status : find_images(j);
}

checkrob_status checkrob_gate_judge(checkrob_gate *gate, checkrob_results *results,
                                    checkrob_results *baseline) {
  findings fresh = {0};
  if (!gate || !results)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_gate_judge: NULL argument");
  checkrob_status status = judge(&(judging){gate, &fresh, results, baseline});
  fresh.is_judged = !status;
  findings_clear(&gate->found);
  if (status)
    findings_clear(&fresh);
  else
    gate->found = fresh;
  return status;
}
