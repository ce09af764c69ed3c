/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a class from probes: how often it is still recognised when something is taken away, and what
 * its surroundings do to the model. Pure functions. */
#ifndef CHECKROB_LIB_PROBE_SHARES_H
#define CHECKROB_LIB_PROBE_SHARES_H

#include "classes/probe_sums.h"
#include "classes/rule.h"
#include "probe/probe.h"

/* The columns that probe_shares_set() sets. */
extern const column_list class_probe_columns;

/* The answers to the probes of one sample of the class. */
typedef struct probe_answers {
  double relative_logit; /* in the unaltered image; NaN: unknown, as below */
  double ranks[PROBES];  /* of the class */
  double logits[PROBES]; /* the relative logits of the class */
} probe_answers;

/* Of the recognised samples. */
typedef struct probe_shares {
  probe_answers *items;
  size_t count, capacity;
} probe_shares;

void probe_shares_clear(probe_shares *shares);

/* Adds a recognised sample; one that was not probed is ignored. OUT_OF_MEMORY. */
checkrob_status probe_shares_add(probe_shares *shares, const probe_answers *answers);

/* `out` has the numbers of the class from its saliency. Leaves the columns empty if no sample was probed.
 * `foreign` may be NULL: nothing is known. `unit`: see probe_evidence(). OUT_OF_MEMORY. */
checkrob_status probe_shares_set(checkrob_row *out, const probe_shares *shares,
                                 const foreign_answers *foreign, double unit, const verdict_rule *rule);

#endif
