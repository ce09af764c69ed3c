/* SPDX-License-Identifier: Apache-2.0 */
/* The table "pool": the images of a pool, each with the class that it is taken for, and the spurious feature
 * of this class that does it (analysis/taken_for.h). Between them are marks from which the pass is resumed
 * (run/appending.h). */
#ifndef CHECKROB_LIB_IMAGE_POOL_H
#define CHECKROB_LIB_IMAGE_POOL_H

#include "table/row_list.h"

#define POOL_TABLE "pool"

/* What a results file records of the pool, beside the options: which one it is, and its number of inputs. */
#define POOL_CONTENTS "pool_contents"
#define POOL_INPUTS "pool_inputs"

/* The first columns; those of analysis/taken_for.h follow. */
extern const column_list image_pool_columns;

/* An empty list with the table's columns. OUT_OF_MEMORY. */
checkrob_status image_pool_start(row_list *list);

/* Appends an image: `sample` is its row in the pass, `taken` what it is taken for, NULL if it failed with
 * this status and message. `class_name`: of the class in `taken`; NULL if nobody named it. OUT_OF_MEMORY. */
checkrob_status image_pool_add(row_list *list, const checkrob_row *sample, const checkrob_row *taken,
                               const char *class_name, checkrob_status failure, const char *message);

/* Calls `take` for each image, without the marks: by class; within it by feature, at last those without one;
 * images that show the class after those that may show it and those that do not; then the surest first.
 * Failed images are the last. Nothing happens if the store has no pool. Errors: those of row_list_each(). */
checkrob_status image_pool_each(store *s, checkrob_status (*take)(const checkrob_row *row, void *data),
                                void *data);

/* *complete: the store has no pool, or all images of it, whose number it records among `options`. Errors:
 * those of row_list_each(). */
checkrob_status image_pool_is_complete(bool *complete, store *s, const store_options *options);

#endif
