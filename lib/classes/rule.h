/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict rule, from the options. It decides nothing about the samples: with another rule, the same
 * results have other verdicts. */
#ifndef CHECKROB_LIB_RULE_H
#define CHECKROB_LIB_RULE_H

#include <checkrob/options.h>
#include <stdbool.h>

#include "table/store_options.h"

typedef struct verdict_rule {
  /* a sample is recognised if its class is among the k highest logits */
  size_t top_k;
  size_t min_images;   /* smallest number of recognised images for a verdict */
  double min_accuracy; /* a class with a lower accuracy is doubtful at best */
  double robust;       /* NaN: not set */
  double off_object;
  double suspicion; /* of probed classes */
  double level;     /* of the intervals */
  size_t resamples, permutations;
  uint64_t seed;
  /* Whether the default thresholds were measured with the method, score function and reference of the
   * samples. */
  bool measured;
} verdict_rule;

/* INVALID_ARGUMENT if the numbers are not consistent. */
checkrob_status verdict_rule_from_options(verdict_rule *out, const checkrob_options *options);

/* Appends the options that a rule is made from and that do not decide about the samples, verdict_* and top_k,
 * with their values in force, to the options that a results file records. An option without value is recorded
 * as "". */
checkrob_status judging_options_add(store_options *out, const checkrob_options *options);

/* The inverse: the options for the rule of a results file. Where `wanted` (may be NULL) sets one of verdict_*
 * or top_k, it replaces the recorded value. The caller frees them. BAD_INPUT if the recorded values are not
 * valid. */
checkrob_status judging_options_read(checkrob_options **out, const store_options *stored,
                                     const checkrob_options *wanted, const char *path);

/* OTHER_OPTIONS if the rules of two files differ. The error message names both and the differences. */
checkrob_status judging_options_compare(const store_options *stored, const store_options *wanted,
                                        const char *path, const char *wanted_path);

#endif
