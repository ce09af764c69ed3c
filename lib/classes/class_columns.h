/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of the classes, and of the totals of a run. Values are set and read by the columns' names. */
#ifndef CHECKROB_LIB_CLASS_COLUMNS_H
#define CHECKROB_LIB_CLASS_COLUMNS_H

#include "table/row.h"

#define CLASS_TABLE "class"
#define TOTALS_TABLE "totals"

#define CLASS_PARTS 7
extern const column_list *const class_parts[CLASS_PARTS];
extern const column_list totals_columns;

/* The classes of such samples; with NULL all parts. */
checkrob_status class_layout_new(row_layout **out, const row_layout *samples);
checkrob_status totals_layout_new(row_layout **out);

#endif
