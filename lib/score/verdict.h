/* The rule of verdicts: what is allowed, its text in a store, and the decision. */
#ifndef CHECKROB_LIB_SCORE_VERDICT_H
#define CHECKROB_LIB_SCORE_VERDICT_H

#include <checkrob/run.h>
#include <stdbool.h>

/* INVALID_ARGUMENT where a number is out of its range. */
checkrob_status verdict_rule_check(const checkrob_verdict_rule *rule);

/* The rule's numbers with blanks between, exactly; what is not set (NaN) is left out. */
#define VERDICT_RULE_TEXT 256
#define VERDICT_RULE_OPTION "verdict_rule"
void verdict_rule_write(char text[VERDICT_RULE_TEXT], const checkrob_verdict_rule *rule);
/* The defaults for what the text (may be NULL) does not hold. */
void verdict_rule_read(checkrob_verdict_rule *out, const char *text);

/* Whether the default thresholds were found with this score function and reference; NULL: not known. */
bool verdict_is_measured(const char *score, const char *reference);

/* Fills verdict and needed of a class whose numbers are known; *reason is the caller's to free. `measured` is
 * verdict_is_measured() of the samples. OUT_OF_MEMORY. */
checkrob_status verdict_decide(checkrob_class_result *c, char **reason, const checkrob_verdict_rule *rule,
                               bool measured);

#endif
