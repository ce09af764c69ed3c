/* SPDX-License-Identifier: Apache-2.0 */
/* A gate: conditions that results must not meet, for pipelines. docs/gate.md describes them.
 *
 *    checkrob_gate_new(&gate);
 *    checkrob_gate_fail_on(gate, "non-robust,doubtful");
 *    checkrob_gate_fail_if(gate, "robustness < -0.5 and accuracy > 0.8");
 *    checkrob_gate_judge(gate, results, NULL);
 *    if (checkrob_gate_is_closed(gate)) ...
 *
 * A violation is a condition and a class that violates it, or a condition that the results as a whole
 * violate. The gate is closed if there is a new violation; with a baseline, violations that the baseline has
 * too are old. What could not be judged never passes in silence: it is a violation, a remark, or an error. */
#ifndef CHECKROB_GATE_H
#define CHECKROB_GATE_H

#include <checkrob/results.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_gate checkrob_gate;

/* A gate without conditions. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_gate_new(checkrob_gate **out);
CHECKROB_API void checkrob_gate_free(checkrob_gate *gate);

/* ---- conditions: any number of each; one that is violated is enough ---- */

/* Verdicts that no class may have, with commas between them (verdict.h). Upper and lower case, and blanks,
 * hyphens and underscores are the same: "not enough data" and "Not-Enough-Data". Errors: NOT_FOUND (no such
 * verdict), INVALID_ARGUMENT (an empty list, NULL), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_gate_fail_on(checkrob_gate *gate, const char *verdicts);

/* A condition on the columns of the table "class" that may hold for no class. docs/gate.md describes the
 * language. At most 4096 bytes, 32 levels of nesting, and 100 such conditions. Errors: BAD_INPUT (the error
 * message states the position), NOT_FOUND (no such column, verdict or reason; it names the nearest one),
 * LIMIT, INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_gate_fail_if(checkrob_gate *gate, const char *condition);

/* How many samples may fail, because they could not be evaluated: "20", or a share of all samples such as
 * "0.5%". A second call replaces the limit. Errors: BAD_INPUT, INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_gate_max_failures(checkrob_gate *gate, const char *limit);

/* The conditions in words, such as "verdict non-robust"; NULL past the end. */
CHECKROB_API size_t checkrob_gate_condition_count(const checkrob_gate *gate);
CHECKROB_API const char *checkrob_gate_condition(const checkrob_gate *gate, size_t i);

/* ---- judging ---- */

/* Judges results. The gate copies what it needs: both may be freed afterwards. baseline: earlier results, or
 * NULL. A class's violation is old if the class of the same name in the baseline violates the same condition;
 * of verdicts, if the class had one that may not be had there too and that is no better ("non-robust" is
 * worse than "doubtful", and that worse than "not enough data"). Errors: INVALID_ARGUMENT (no conditions; the
 * results or the baseline are not complete, or are those of a shard; the baseline is the results themselves),
 * IO, BAD_INPUT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_gate_judge(checkrob_gate *gate, checkrob_results *results,
                                                 checkrob_results *baseline);

/* 1: there is a new violation, or nothing was judged yet. */
CHECKROB_API int checkrob_gate_is_closed(const checkrob_gate *gate);

typedef enum checkrob_violation_kind {
  /* The class has one of the verdicts. */
  CHECKROB_VIOLATION_VERDICT = 1,
  /* The condition on columns holds for the class. */
  CHECKROB_VIOLATION_CONDITION = 2,
  /* Too many samples failed. It has no class. */
  CHECKROB_VIOLATION_FAILURES = 3,
  /* No sample of the class was evaluated. Or, without a class: no class is there, or no class has what a
   * condition asks for. */
  CHECKROB_VIOLATION_UNJUDGED = 4
} checkrob_violation_kind;

/* The texts belong to the gate, until it judges again or is freed. */
typedef struct checkrob_violation {
  size_t size;
  checkrob_violation_kind kind;
  int is_new;             /* 0: the baseline has it too */
  const char *class_name; /* "" without a class */
  const char *title;      /* of the class, for people; "" if it has none */
  int64_t index;          /* of the class; -1 without one */
  const char *condition;  /* as checkrob_gate_condition() has it */
  const char *verdict;    /* of the class */
  const char *message;    /* the reason, with the numbers, in one line */
} checkrob_violation;

#define CHECKROB_VIOLATION_INIT \
  { sizeof(checkrob_violation), CHECKROB_VIOLATION_VERDICT, 0, "", "", -1, "", "", "" }

/* In the order of checkrob_results_class(); those without a class are last. Errors: INVALID_ARGUMENT. */
CHECKROB_API size_t checkrob_gate_violation_count(const checkrob_gate *gate);
CHECKROB_API checkrob_status checkrob_gate_violation(checkrob_violation *out, const checkrob_gate *gate,
                                                     size_t i);

typedef struct checkrob_gate_counts {
  size_t size;
  size_t classes;
  size_t passed; /* of the classes: without a violation */
  size_t violations, new_violations, old_violations;
  /* Violations of the baseline that the results do not have any more. */
  size_t fixed_violations;
  size_t samples, failed_samples;
} checkrob_gate_counts;

#define CHECKROB_GATE_COUNTS_INIT \
  { sizeof(checkrob_gate_counts), 0, 0, 0, 0, 0, 0, 0, 0 }

/* Errors: INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_gate_count(checkrob_gate_counts *out, const checkrob_gate *gate);

/* What a person should know although it closes no gate: classes that have not enough data, or that lack a
 * value; classes of the baseline that are no longer there. One line each. NULL past the end. */
CHECKROB_API size_t checkrob_gate_remark_count(const checkrob_gate *gate);
CHECKROB_API const char *checkrob_gate_remark(const checkrob_gate *gate, size_t i);

/* ---- files for other programs ---- */

typedef enum checkrob_gate_format {
  /* docs/gate.schema.json is its schema. */
  CHECKROB_GATE_JSON = 1,
  /* JUnit's XML: a test case for each class. */
  CHECKROB_GATE_JUNIT = 2,
  /* SARIF 2.1.0. */
  CHECKROB_GATE_SARIF = 3,
  /* Annotations of GitHub Actions: lines for standard output. */
  CHECKROB_GATE_GITHUB = 4
} checkrob_gate_format;

/* What the gate found, as text in UTF-8. The caller frees it with checkrob_gate_report_free(). Names from the
 * data are escaped as each format requires. Errors: INVALID_ARGUMENT (also if nothing was judged yet),
 * OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_gate_report(char **out, const checkrob_gate *gate,
                                                  checkrob_gate_format format);
CHECKROB_API void checkrob_gate_report_free(char *text);

CHECKROB_END_DECLS
#endif
