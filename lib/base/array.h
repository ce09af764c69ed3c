/* SPDX-License-Identifier: Apache-2.0 */
/* Growable arrays: `items`, `count` and `capacity` stay the owner's own fields. */
#ifndef CHECKROB_LIB_ARRAY_H
#define CHECKROB_LIB_ARRAY_H

#include <stddef.h>

/* Makes room for one more item of `item_bytes`. Returns the array, which may have moved; NULL if out of
 * memory: the old array then remains valid. */
void *array_grow(void *items, size_t *capacity, size_t count, size_t item_bytes);

#endif
