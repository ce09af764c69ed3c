/* SPDX-License-Identifier: Apache-2.0 */
/* Decides the verdict on a class from its numbers. */
#ifndef CHECKROB_LIB_CLASSES_VERDICT_H
#define CHECKROB_LIB_CLASSES_VERDICT_H

#include <checkrob/verdict.h>

#include "classes/rule.h"
#include "table/row.h"

/* Sets verdict, reason_code, reason and needed in the row of a class whose other columns are set.
 * OUT_OF_MEMORY. */
checkrob_status verdict_decide(checkrob_row *row, const verdict_rule *rule);

#endif
