/* SPDX-License-Identifier: Apache-2.0 */
/* Growable arrays, whose `items`, `count` and `capacity` stay the owner's own fields, and searches of sorted
 * arrays. */
#ifndef CHECKROB_LIB_ARRAY_H
#define CHECKROB_LIB_ARRAY_H

#include <stddef.h>

/* Makes room for one more item of `item_bytes`. Returns the array, which may have moved; NULL if out of
 * memory: the old array then remains valid. */
void *array_grow(void *items, size_t *capacity, size_t count, size_t item_bytes);

/* The same, and inserts an item of zeros before number `at`. */
void *array_insert(void *items, size_t *capacity, size_t *count, size_t at, size_t item_bytes);

/* Gets the key and an item, as in bsearch(). */
typedef int (*array_compare)(const void *key, const void *item);

/* The position of the first item that is not below the key, or `count`. */
size_t array_lower_bound(const void *key, const void *items, size_t count, size_t item_bytes,
                         array_compare compare);

/* The first of the items that equal the key, or NULL. bsearch() may return any of them, and refuses NULL as
 * an array of no items. */
const void *array_find(const void *key, const void *items, size_t count, size_t item_bytes,
                       array_compare compare);

#endif
