/* SPDX-License-Identifier: Apache-2.0 */
/* The classes of a run, as rows of the table "class": counted, assessed, ranked, written and read. */
#ifndef CHECKROB_LIB_CLASS_LIST_H
#define CHECKROB_LIB_CLASS_LIST_H

#include <stdatomic.h>

#include "classes/assess.h"
#include "classes/rule.h"
#include "classes/tally.h"
#include "table/row_list.h"

typedef struct class_list {
  row_list classes;             /* by rising index */
  const checkrob_row **ranking; /* the same rows, the most suspicious or least robust first */
  class_tables tables;          /* without columns if the classes were not assessed */
} class_list;

void class_list_clear(class_list *list);

/* Fills what the tally knows: the counts, acc and crs. For a run that failed before its classes could be
 * assessed. */
checkrob_status class_list_count(class_list *out, const class_tally *tally);

/* Fills the titles, which the store has. Lists that are assessed or read have them. Errors: those of
 * titles_read(). */
checkrob_status class_list_title(class_list *list, store *s);

/* Fills all columns from the samples in the store. `tally` is the tally of these samples. `interrupted` and
 * errors: those of assess_rows(). */
checkrob_status class_list_assess(class_list *out, const class_tally *tally, store *s,
                                  const verdict_rule *rule, const atomic_int *interrupted);

/* Fills the tables of advice and duplicates, which are of complete runs: fitting layers takes a while. The
 * classes were assessed. Errors: those of advice_find(). */
checkrob_status class_list_advise(class_list *list, store *s, const verdict_rule *rule,
                                  const atomic_int *interrupted);

/* Writes the tables to the store, and replaces earlier ones. */
checkrob_status class_list_write(class_list *list, store *s);

/* Reads the tables from the store. *found: it has the rows of all classes of the tally, with all columns. */
checkrob_status class_list_read(bool *found, class_list *out, store *s, const class_tally *tally);

/* NULL if there is no such class. */
const checkrob_row *class_list_find(const class_list *list, int64_t index);

#endif
