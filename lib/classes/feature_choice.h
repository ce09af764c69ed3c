/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the features of a class from what each channel contributes to it: channels, and sets of channels
 * that vary together. Pure functions. */
#ifndef CHECKROB_LIB_FEATURE_CHOICE_H
#define CHECKROB_LIB_FEATURE_CHOICE_H

#include <checkrob/status.h>
#include <stddef.h>

/* The channels with the largest mean contribution, in whole images and in their surroundings. */
#define FEATURE_CHANNELS 4
/* Principal components, and the most channels of one. */
#define FEATURE_COMPONENTS 4
#define FEATURE_SET 64
#define FEATURES_MOST (2 * FEATURE_CHANNELS + FEATURE_COMPONENTS + 1)
/* A class with fewer samples has no features. */
#define FEATURE_SAMPLES 5

typedef enum feature_kind { FEATURE_CHANNEL, FEATURE_COMPONENT, FEATURE_MEAN } feature_kind;
extern const char *const feature_kind_names[3]; /* "channel", "component", "mean" */

typedef struct feature {
  feature_kind kind;
  size_t channels[FEATURE_SET]; /* the most important first */
  size_t count;                 /* of these */
  /* The mean contribution of its channels, in nats: in whole images, and without the object. */
  double whole, surroundings;
} feature;

/* The contributions of the channels in the recognised samples of a class: [count, channels] each. */
typedef struct class_contributions {
  size_t count, channels;
  const float *whole, *surroundings;
} class_contributions;

/* Writes at most FEATURES_MOST features and their number. Channels: those with the largest positive mean.
 * Components: of the principal components of `surroundings`, by falling variance, with the sign for which the
 * sum of the entries is positive, the channels with the largest positive entries that have half of the sum of
 * these. Two features never have the same channels. If there are many samples, evenly spread ones are used
 * for the components. OUT_OF_MEMORY. */
checkrob_status feature_choose(feature out[FEATURES_MOST], size_t *count, const class_contributions *c);

#endif
