/* SPDX-License-Identifier: Apache-2.0 */
/* The members of checkrob_gate: its conditions, and what it found. */
#ifndef CHECKROB_LIB_GATE_H
#define CHECKROB_LIB_GATE_H

#include <checkrob/gate.h>
#include <checkrob/verdict.h>

#include "gate/expression.h"
#include "table/store_options.h"

#define GATE_VERDICTS 8
#define GATE_EXPRESSIONS 100
#define GATE_NO_CLASS SIZE_MAX
#define GATE_WORST_IMAGES 5

typedef enum condition_kind { VERDICT_CONDITION, EXPRESSION_CONDITION, FAILURES_CONDITION } condition_kind;

typedef struct condition {
  condition_kind kind;
  char *text; /* in words */
  checkrob_verdict verdict;
  expression expression;
} condition;

/* How many samples may fail: a number, or a share of all. */
typedef struct failure_limit {
  bool is_set, is_share;
  double most; /* samples, or percent */
} failure_limit;

/* A value of a column that a condition names. */
typedef struct named_text {
  const char *name; /* the expression's */
  char *text;       /* NULL: no value */
  bool is_number;
} named_text;

typedef struct worst_image {
  char *path;
  double rs;
} worst_image;

typedef struct judged_class {
  char *name, *title, *verdict, *reason_code, *reason;
  int64_t index, images;
  size_t violations, new_violations;
  worst_image worst[GATE_WORST_IMAGES]; /* the lowest RS first; of a class with a violation */
  size_t worst_count;
} judged_class;

typedef struct violation {
  checkrob_violation_kind kind;
  size_t class, condition; /* GATE_NO_CLASS; SIZE_MAX: of no condition */
  bool is_new;
  char *message;
  named_text *values;
  size_t value_count;
} violation;

/* What a gate found. */
typedef struct findings {
  bool is_judged, has_baseline;
  judged_class *classes;
  size_t class_count, class_capacity;
  violation *violations;
  size_t violation_count, violation_capacity;
  size_t fixed;
  char **remarks;
  size_t remark_count, remark_capacity;
  size_t samples, failed;
  store_options options; /* of the run */
} findings;

struct checkrob_gate {
  condition *conditions;
  size_t count, capacity;
  failure_limit failures;
  findings found;
};

void findings_clear(findings *f);

/* The condition of a violation, in words; "" if it has none. */
const char *violation_condition(const checkrob_gate *gate, const violation *v);

/* "verdict", "condition", "failures", "unjudged". */
const char *violation_kind_name(checkrob_violation_kind kind);

#endif
