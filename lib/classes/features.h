/* SPDX-License-Identifier: Apache-2.0 */
/* The features of the classes, from what the samples say about them (analysis/switching.h). */
#ifndef CHECKROB_LIB_FEATURES_H
#define CHECKROB_LIB_FEATURES_H

#include "analysis/switching.h"
#include "classes/feature_choice.h"
#include "classes/rule.h"
#include "table/row_list.h"

/* The results file has these tables: the features that were chosen for each class; what each sample says
 * about them; the same about the two strongest spurious ones of a class together; and what follows, the table
 * "feature". */
#define CHOSEN_TABLE "feature_chosen"
#define TOGETHER_TABLE "feature_together"
#define FEATURE_TABLE "feature"

extern const column_list feature_columns;
/* The first columns of FEATURE_USE_TABLE and TOGETHER_TABLE; those of analysis/switching.h follow. */
extern const column_list feature_sample_columns;
/* The class's column that features_finish() sets. */
extern const column_list class_feature_columns;

/* The number of what is switched off together. */
#define FEATURE_TOGETHER (FEATURES_MOST + 1)

/* Empty lists with the columns of the tables. OUT_OF_MEMORY. */
checkrob_status features_start_chosen(row_list *list);
checkrob_status features_start_use(row_list *list, const char *table);
checkrob_status features_start(row_list *list);

/* Appends a chosen feature, with its number from 1. OUT_OF_MEMORY. */
checkrob_status features_add_chosen(row_list *list, int64_t class_index, size_t number, const feature *f,
                                    size_t top_k);
/* Whether they were chosen for samples that this number of highest logits recognises. */
bool features_are_of(const row_list *chosen, size_t top_k);
/* Reads the features that were chosen for a class, in the order of their numbers. Returns their number. */
size_t features_read_chosen(feature out[FEATURES_MOST], const row_list *chosen, int64_t class_index);

/* Appends what a sample says about one feature: `use` is a row of the sample's child table. OUT_OF_MEMORY. */
checkrob_status features_add_use(row_list *list, const checkrob_row *sample, const checkrob_row *use);
/* Calls `take` for each row of one of the two tables; not at all if the store does not have it. Errors: those
 * of `take`, and of table_reader_next(). */
checkrob_status features_each_use(store *s, const char *table,
                                  checkrob_status (*take)(const checkrob_row *row, void *data), void *data);
/* Fills the list from the tables of the store; it stays empty if the store has none, or
 * those of another top_k. `names`: rows of the
 * table "class", for their names. Errors: those of table_reader_next(). */
checkrob_status features_assess(row_list *list, checkrob_row *const *names, size_t count, store *s,
                                const verdict_rule *rule);

/* The two strongest spurious features of a class, as one set. Returns the number of channels; 0 if none is
 * spurious. */
size_t features_together(size_t channels[2 * FEATURE_SET], const row_list *features, int64_t class_index);

/* Reads the spurious features of a class from the table "feature", with their numbers. Returns how many there
 * are. */
size_t features_read_spurious(feature out[FEATURES_MOST], size_t numbers[FEATURES_MOST],
                              const row_list *features, int64_t class_index);

/* Sets the classes' column `features`. OUT_OF_MEMORY. */
checkrob_status features_finish(const row_list *list, checkrob_row *const *classes, size_t count);

#endif
