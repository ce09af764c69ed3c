/* SPDX-License-Identifier: Apache-2.0 */
/* What images to add or drop, for each class that is not to be trusted, and what it gains: last layers are
 * fitted to the representations of half of the images, with and without the advice, and asked about the other
 * half. */
#ifndef CHECKROB_LIB_ADVICE_H
#define CHECKROB_LIB_ADVICE_H

#include <stdatomic.h>

#include "classes/rule.h"
#include "table/row_list.h"

#define ADVICE_TABLE "advice"

extern const column_list advice_columns;

/* An empty list with the table's columns. OUT_OF_MEMORY. */
checkrob_status advice_start(row_list *list);

/* Appends the rows, by class, and those of the duplicates (duplicates.h); none of both if the samples have no
 * representations (analysis/backgrounds.h). `classes` have their verdicts; `cues`: the table of cues.h. Any
 * thread may set *interrupted, which may be NULL. Errors: INTERRUPTED, those of table_reader_next(). */
checkrob_status advice_find(row_list *out, row_list *duplicates, checkrob_row *const *classes, size_t count,
                            const row_list *cues, store *s, const verdict_rule *rule,
                            const atomic_int *interrupted);

#endif
