/* SPDX-License-Identifier: Apache-2.0 */
/* Decides the verdict on a class from its numbers. */
#ifndef CHECKROB_LIB_CLASSES_VERDICT_H
#define CHECKROB_LIB_CLASSES_VERDICT_H

#include <checkrob/verdict.h>

#include "classes/rule.h"
#include "table/row.h"

/* The columns that verdict_decide() sets. */
extern const column_list class_verdict_columns;

/* What the verdict on a class depends on besides its own row. */
typedef struct network_numbers {
  size_t classes; /* with evaluated samples */
  /* Means over them of `predicted` and of `predicted_elsewhere`; NaN: not known. */
  double predicted, elsewhere;
} network_numbers;

/* From the rows of all classes. */
network_numbers network_numbers_of(checkrob_row *const *classes, size_t count);

/* The other columns of the row must be set. Without `network` nothing is known of it.
 * OUT_OF_MEMORY. */
checkrob_status verdict_decide(checkrob_row *row, const network_numbers *network, const verdict_rule *rule);

#endif
