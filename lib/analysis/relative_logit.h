/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECKROB_LIB_RELATIVE_LOGIT_H
#define CHECKROB_LIB_RELATIVE_LOGIT_H

#include <stddef.h>
#include <stdint.h>

/* The logit of a class less the mean of all [classes]: a unit that does not depend on the number of classes.
 */
static inline double relative_logit(const float *logits, size_t classes, int64_t index) {
  double sum = 0.0;
  for (size_t k = 0; k < classes; k++) sum += (double)logits[k];
  return (double)logits[index] - sum / (double)classes;
}

#endif
