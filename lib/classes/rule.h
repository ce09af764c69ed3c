/* How classes are judged, from the options. It decides nothing about the samples: another rule judges the
 * same results anew. */
#ifndef CHECKROB_LIB_RULE_H
#define CHECKROB_LIB_RULE_H

#include <checkrob/options.h>
#include <stdbool.h>

#include "table/store_options.h"

typedef struct verdict_rule {
  size_t top_k;        /* a sample is recognised where its class is among the k highest logits */
  size_t min_images;   /* recognised images that a verdict needs at least */
  double min_accuracy; /* below this a class is doubtful at best */
  double robust;       /* NaN: not set */
  double non_robust;
  double level; /* of the intervals */
  size_t resamples, permutations;
  uint64_t seed;
  bool measured; /* the default thresholds were measured with the samples' score function and reference */
} verdict_rule;

/* INVALID_ARGUMENT where the numbers do not fit together. */
checkrob_status verdict_rule_from_options(verdict_rule *out, const checkrob_options *options);

/* The options that a rule is made from and that do not decide about the samples: verdict_* and top_k. Adds
 * them, as they are in force, to those that a results file records; one that has no value as "". */
checkrob_status judging_options_add(store_options *out, const checkrob_options *options);

/* The other way: the options that the rule of a results file is made from. Where `wanted` (may be NULL) sets
 * one of verdict_* or top_k, that goes first. The caller frees. BAD_INPUT where the recorded values are none.
 */
checkrob_status judging_options_read(checkrob_options **out, const store_options *stored,
                                     const checkrob_options *wanted, const char *path);

/* OTHER_OPTIONS where the one file is to be judged by another rule than the other, with a message that names
 * `path` and what differs. */
checkrob_status judging_options_compare(const store_options *stored, const store_options *wanted,
                                        const char *path);

#endif
