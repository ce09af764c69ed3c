/* What the classes come to, once all samples are in the store. */
#ifndef CHECKROB_LIB_ASSESS_H
#define CHECKROB_LIB_ASSESS_H

#include "results/store.h"
#include "score/class_tally.h"

/* Gives every class of the tally its assessment, from the samples in the dataset's order: rows that came
 * together from shards give the numbers of one run. `measured`: verdict_is_measured() of the samples. */
checkrob_status results_assess(class_tally *tally, store *s, const checkrob_verdict_rule *rule,
                               bool measured);

#endif
