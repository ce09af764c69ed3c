/* SPDX-License-Identifier: Apache-2.0 */
/* Where else the model looks in images of a class: of the saliency off its own object, the share on other
 * annotated classes and in certain places, compared with what maps of other classes have there. */
#ifndef CHECKROB_LIB_LOOKED_AT_H
#define CHECKROB_LIB_LOOKED_AT_H

#include "classes/places.h"
#include "classes/sample_columns.h"
#include "table/row_list.h"

#define LOOKED_AT_TABLE "looked_at"

/* The table's columns, and the class's column that looked_at_finish() sets. */
extern const column_list looked_at_columns;
extern const column_list class_looked_at_columns;

/* An empty list with the table's columns. OUT_OF_MEMORY. */
checkrob_status looked_at_start(row_list *list);

/* The recognised samples of one class. Starts as zeros, then `height` and `width` of the maps' grid, which
 * has at most STORED_MAP_SIDE cells a side. */
typedef struct class_looks {
  size_t height, width;
  struct look *looks; /* one for each annotated class of a sample, and for each sample */
  size_t count, capacity;
  char **names; /* of other classes */
  int64_t *indices;
  size_t name_count, name_capacity;
  float *places; /* [PLACES, height, width] */
} class_looks;

void class_looks_clear(class_looks *c);

/* Adds a recognised sample, whose map [height, width] is not empty. `region` and `counted` (NULL: all of the
 * image) are as in saliency/stored_map.h. OUT_OF_MEMORY. */
checkrob_status class_looks_add(class_looks *c, const checkrob_row *sample, const sample_columns *columns,
                                const float *map, const float *region, const float *counted);

/* Appends a row for each other class and each place. `blind` [height, width]: the mean map of the images of
 * other classes; NULL: there is none, and nothing to compare with. OUT_OF_MEMORY. */
checkrob_status class_looks_compare(row_list *out, const class_looks *c, const checkrob_row *class_row,
                                    const double *blind);

/* Adjusts the p-values of all rows, and sets the classes' column `looked_at`. OUT_OF_MEMORY. */
checkrob_status looked_at_finish(row_list *list, checkrob_row *const *classes, size_t count);

#endif
