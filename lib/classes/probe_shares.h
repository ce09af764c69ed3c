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

/* Of each recognised and probed sample: 1 for each probe with which the class was recognised, else 0. */
typedef struct probe_shares {
  double *recognised[PROBES]; /* [count] */
  size_t count, capacity;
} probe_shares;

void probe_shares_clear(probe_shares *shares);

/* Adds a recognised sample; one that was not probed is ignored. `ranks`: with each probe, 0 if unknown.
 * OUT_OF_MEMORY. */
checkrob_status probe_shares_add(probe_shares *shares, const int64_t ranks[PROBES], size_t top_k);

/* Leaves the columns empty if no sample was probed. OUT_OF_MEMORY. */
checkrob_status probe_shares_set(checkrob_row *out, const probe_shares *shares, const verdict_rule *rule);

#endif
