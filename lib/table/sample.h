/* SPDX-License-Identifier: Apache-2.0 */
/* The core columns: each sample has them, whatever the analyses. A sample is one image with one class. */
#ifndef CHECKROB_LIB_TABLE_SAMPLE_H
#define CHECKROB_LIB_TABLE_SAMPLE_H

#include "table/row.h"

#define SAMPLE_TABLE "sample"

/* They are the first part of the layout of samples. So these are their indices in every layout, also in that
 * of a results file, up to SAMPLE_CORE. */
enum {
  SAMPLE_INPUT,
  SAMPLE_PART,
  SAMPLE_IMAGE,
  SAMPLE_CLASS,
  SAMPLE_INDEX,
  SAMPLE_STATUS,
  SAMPLE_MESSAGE,
  SAMPLE_MILLISECONDS,
  SAMPLE_CORE,                /* so many are in every file */
  SAMPLE_TITLE = SAMPLE_CORE, /* only in the layout of a run: files find it by name */
  SAMPLE_COLUMNS
};

/* The status of an evaluated sample with an empty map, in addition to the names of checkrob_status. */
#define SAMPLE_EMPTY_MAP "empty_map"

extern const column_list sample_core;

/* Makes the layout: the core columns, then the parts of the analyses. Part i of the analyses is part i + 1 of
 * the layout. Errors: those of row_layout_new(). */
checkrob_status sample_layout_new(row_layout **out, const column_list *parts, size_t part_count,
                                  const child_table *const *children, size_t child_count);

/* Whether the layout begins with the core columns. */
bool sample_layout_is_sound(const row_layout *layout);

/* Whether its status is "ok" or "empty_map". */
bool sample_is_evaluated(const checkrob_row *sample);

#endif
