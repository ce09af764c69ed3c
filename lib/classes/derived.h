/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of a sample that are not stored, because they follow from its stored columns, its class and the
 * options: title, hit, rs0, ers, lift. */
#ifndef CHECKROB_LIB_DERIVED_H
#define CHECKROB_LIB_DERIVED_H

#include "classes/class_list.h"

/* `classes` may be NULL if they are not assessed yet: title, rs0, ers and lift then have no value. For these
 * the sample needs its stored map. An evaluated sample with an empty map gets the status "empty_map".
 * OUT_OF_MEMORY. */
checkrob_status derive_sample(checkrob_row *sample, const sample_columns *columns, size_t top_k,
                              const class_list *classes);

#endif
