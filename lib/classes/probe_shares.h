/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a class from the probes of its recognised samples: how often the class is still recognised
 * when something is taken away. Pure functions. */
#ifndef CHECKROB_LIB_PROBE_SHARES_H
#define CHECKROB_LIB_PROBE_SHARES_H

#include "classes/rule.h"
#include "classes/sample_columns.h"
#include "probe/probe.h"

/* The columns that probe_shares_set() sets. */
extern const column_list class_probe_columns;

/* The answers to the probes of one sample. */
typedef struct probe_answers {
  int64_t ranks[PROBES];   /* of the class; 0 if unknown */
  double log_odds[PROBES]; /* of the class */
  double probability;      /* of the class in the unaltered image */
} probe_answers;

/* Of the recognised and probed samples. */
typedef struct probe_shares {
  double *recognised[PROBES]; /* [count]: 1 if the class was recognised with the probe, else 0 */
  double *advantage;          /* [count]: see `context_advantage` */
  size_t count, capacity;
} probe_shares;

void probe_shares_clear(probe_shares *shares);

/* Adds a recognised sample; one that was not probed is ignored. OUT_OF_MEMORY. */
checkrob_status probe_shares_add(probe_shares *shares, const probe_answers *answers, size_t top_k);

/* Leaves the columns empty if no sample was probed. OUT_OF_MEMORY. */
checkrob_status probe_shares_set(checkrob_row *out, const probe_shares *shares, const verdict_rule *rule);

#endif
