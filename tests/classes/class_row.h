/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the table "class", and the default rule: what the tests of a class's numbers fill. */
#ifndef CLASSES_CLASS_ROW_H
#define CLASSES_CLASS_ROW_H

#include "classes/class_columns.h"
#include "classes/rule.h"
#include "support/test.h"

static verdict_rule defaults;
static row_layout *layout;
static checkrob_row *row; /* of the class that was computed last */

static inline int make_row(void **state) {
  (void)state;
  must(verdict_rule_from_options(&defaults, NULL));
  must(class_layout_new(&layout, NULL));
  must(row_new(&row, layout));
  return 0;
}

static inline int free_row(void **state) {
  (void)state;
  row_free(row);
  row_layout_free(layout);
  return 0;
}

#endif
