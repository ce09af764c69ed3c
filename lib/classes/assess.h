/* From the samples in a results file to the numbers of each class. */
#ifndef CHECKROB_LIB_ASSESS_H
#define CHECKROB_LIB_ASSESS_H

#include "classes/rule.h"
#include "table/store.h"

/* Sets all numbers, the verdicts and their reasons in the classes' rows, in which the counts, acc and crs are
 * set. Samples are read in the dataset's order, so that rows that were merged from shards give the numbers of
 * one run. Errors: IO, BAD_INPUT (damaged evidence), OUT_OF_MEMORY. */
checkrob_status assess_rows(checkrob_row *const *classes, size_t count, store *s, const verdict_rule *rule);

#endif
