/* SPDX-License-Identifier: Apache-2.0 */
/* Suspicion without the influence of the object's size. Pure functions. */
#ifndef CHECKROB_LIB_LEVELLING_H
#define CHECKROB_LIB_LEVELLING_H

#include "table/row.h"

/* Below this number of classes with a suspicion, nothing is levelled: a line through few classes could take a
 * difference away that has nothing to do with size. */
#define LEVELLED_CLASSES 16

/* Around a small object there is more of the surroundings. So the classes' suspicions are compared with the
 * logarithm of their area, and what follows from the area alone is subtracted from `suspicion` and its
 * interval and set as `suspicion_size`: a line (Theil and Sen's: the median of the slopes of all pairs of
 * classes, so that up to 29 % of the classes may be anything) through the median area. OUT_OF_MEMORY. */
checkrob_status level_suspicions(checkrob_row *const *classes, size_t count);

#endif
