/* SPDX-License-Identifier: Apache-2.0 */
/* Decides the verdict on a class from its numbers. */
#ifndef CHECKROB_LIB_CLASSES_VERDICT_H
#define CHECKROB_LIB_CLASSES_VERDICT_H

#include <checkrob/verdict.h>

#include "classes/rule.h"
#include "table/row.h"

/* The columns that verdict_decide() sets. */
extern const column_list class_verdict_columns;

/* The other columns of the row must be set.
 * OUT_OF_MEMORY. */
checkrob_status verdict_decide(checkrob_row *row, const verdict_rule *rule);

#endif
