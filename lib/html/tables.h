/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of results as JSON, for the page. */
#ifndef CHECKROB_LIB_HTML_TABLES_H
#define CHECKROB_LIB_HTML_TABLES_H

#include <checkrob/results.h>
#include <stdio.h>

/* Each writes a value: {"columns": [[NAME, UNIT, DESCRIPTION] ...], "rows": [[...] ...]}, without columns in
 * which no row has a value. Errors: those of checkrob_results_table(). */

/* All classes, in the order of the results. */
checkrob_status tables_write_classes(FILE *to, checkrob_results *results);

/* Rows of another table that say something about a class, at most 12 for each class: of looked_at those that
 * are more than chance, of cue those that predict the class, and so on. */
checkrob_status tables_write_rows(FILE *to, checkrob_results *results, const char *table);

/* The table "comparison". */
checkrob_status tables_write_comparison(FILE *to, checkrob_results *before, checkrob_results *after);

#endif
