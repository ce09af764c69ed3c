/* SPDX-License-Identifier: Apache-2.0 */
/* A thread pool, ordered and bounded. All parts of the library use it.
 *
 * Items enter in an order. Several workers process them at once, and the consumer receives them in the same
 * order. At most `capacity` items are in the pool, so memory does not depend on the number of items.
 *
 * Items enter in one of two ways. With a `draw` function the workers fetch items themselves, one worker at a
 * time. Without it the owner puts items (pool_put). With `discard` there is no consumer: an item is cleared
 * once it and all items before it are processed. */
#ifndef CHECKROB_LIB_POOL_H
#define CHECKROB_LIB_POOL_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct pool pool;

typedef struct pool_options {
  /* Threads, at least 1. If only some of them can be started, those do the work. */
  size_t workers;
  size_t capacity; /* items in the pool, at least 1 */
  /* In bytes. A new item is all zeros. What `clear` leaves in a cell is there for the next item. */
  size_t item_size;
  void *context; /* first argument of the functions below */

  /* Fills the next item. One worker at a time calls it, without holding the lock of the pool. *drawn stays
   * false if there is no item this time: the pool then checks whether it must stop, and calls again. END:
   * there are no more items. Any other failure stops the pool too, once the consumer has received the items
   * before it. NULL: items are put. */
  checkrob_status (*draw)(bool *drawn, void *context, void *item);
  /* Processes an item, on worker number `worker`. Several calls run at once, one for each worker. */
  void (*work)(void *context, void *item, size_t worker);
  /* Clears an item that is released. NULL: nothing to do. */
  void (*clear)(void *context, void *item);
  /* Frees the memory that a cell reuses from item to item, when the pool is freed. NULL: nothing to do. */
  void (*destroy)(void *context, void *item);
  bool discard;
} pool_options;

/* Starts the workers. `purpose` names them in an error message: "a decoding thread". Errors: OUT_OF_MEMORY,
 * IO (not one thread could be started). */
checkrob_status pool_start(pool **out, const pool_options *options, const char *purpose);

/* Stops the workers after their current items, and frees everything. Items that were put but not processed
 * are cleared. NULL is allowed. */
void pool_free(pool *p);

/* Waits for a free cell, then copies the item into it. For pools without `draw`. Only one thread may put. */
void pool_put(pool *p, const void *item);

/* Waits until all items that were put are processed. */
void pool_drain(pool *p);

/* Waits until item number `number` is processed, for at most `milliseconds`; items are counted from 0 in the
 * order in which they enter. *out is the item, or NULL. If it is NULL and *pending is true, the time has
 * passed. If *pending is false, there will be no such item. Errors: the failure of `draw`. An item stays
 * where it is until it is released, by whichever thread. */
checkrob_status pool_peek(void **out, bool *pending, pool *p, size_t number, int milliseconds);

/* Clears the `count` oldest items, which pool_peek returned. Their cells are then free. */
void pool_release(pool *p, size_t count);

#endif
