/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of a layer's channels that are switched off together: the features of classes. */
#ifndef CHECKROB_LIB_CHANNEL_SET_H
#define CHECKROB_LIB_CHANNEL_SET_H

#include <checkrob/status.h>
#include <stddef.h>

typedef struct channel_set {
  size_t number; /* of the feature, from 1 */
  const size_t *channels;
  size_t count;
} channel_set;

/* The sets of a class; count 0 if it has none. */
typedef struct class_sets {
  const channel_set *sets;
  size_t count;
} class_sets;

/* A results file from elsewhere may name any channels. BAD_INPUT if the layer does not have one of them. */
checkrob_status class_sets_check(const class_sets *sets, size_t channels);

/* Marks the channels of a set in `removed` [channels], and no others. */
void channel_set_mark(unsigned char *removed, const channel_set *set, size_t channels);

/* What a set contributes at each position: map[i] = sum over its channels of gradient times activation, which
 * are [channels, positions]. */
void channel_set_map(double *map, const channel_set *set, const float *activation, const float *gradient,
                     size_t positions);

#endif
