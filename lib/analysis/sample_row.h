/* SPDX-License-Identifier: Apache-2.0 */
/* The row of a sample: the core columns (table/sample.h), filled from the sample of the dataset. */
#ifndef CHECKROB_LIB_SAMPLE_ROW_H
#define CHECKROB_LIB_SAMPLE_ROW_H

#include <checkrob/dataset.h>

#include "table/row.h"

/* Fills the core columns of a cleared row, for a valid sample or one that failed before its image was
 * decoded. OUT_OF_MEMORY. */
checkrob_status sample_row_begin(checkrob_row *row, const checkrob_sample *sample);

/* The sample could not be evaluated. OUT_OF_MEMORY. */
checkrob_status sample_row_fail(checkrob_row *row, checkrob_status status, const char *message);

/* It was evaluated, but its map is empty. OUT_OF_MEMORY. */
checkrob_status sample_row_set_empty_map(checkrob_row *row);

/* Sets the message of an evaluated sample, unless it has one. OUT_OF_MEMORY. */
checkrob_status sample_row_remark(checkrob_row *row, const char *message);

void sample_row_set_milliseconds(checkrob_row *row, double milliseconds);

#endif
