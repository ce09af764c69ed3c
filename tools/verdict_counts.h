/* SPDX-License-Identifier: Apache-2.0 */
/* How many classes have which verdict. */
#ifndef CHECKROB_TOOLS_VERDICT_COUNTS_H
#define CHECKROB_TOOLS_VERDICT_COUNTS_H

#include <checkrob/checkrob.h>

#define VERDICT_KINDS 6

/* Zero-initialise it. */
typedef struct verdict_counts {
  size_t of[VERDICT_KINDS]; /* by checkrob_verdict */
} verdict_counts;

/* Counts a row of the table "class". */
void verdict_counts_add(verdict_counts *counts, const checkrob_row *class_row);

/* The verdicts in the order in which they are listed, the best first: 0 to VERDICT_KINDS - 1. */
checkrob_verdict verdict_counts_kind(size_t i);

/* "2 robust, 139 doubtful, 61 not enough data"; verdicts that no class has are left out. "no class" if none
 * was counted. */
#define VERDICT_COUNTS_BYTES 256
void verdict_counts_write(char out[VERDICT_COUNTS_BYTES], const verdict_counts *counts);

#endif
