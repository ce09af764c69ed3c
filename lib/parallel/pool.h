/* The one thread pool: ordered and bounded.
 *
 * Items enter in an order, several workers process them at once, and the consumer takes them in the same
 * order. At most `capacity` items are inside, so that memory does not depend on how many there are.
 *
 * Items enter in one of two ways. With a `draw` function the workers fetch them themselves, one worker at a
 * time. Without one, the owner puts them (pool_put). With `discard` nobody takes the items: each is cleared
 * once it and all items before it are processed. */
#ifndef CHECKROB_LIB_POOL_H
#define CHECKROB_LIB_POOL_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct pool pool;

typedef struct pool_options {
  size_t workers;   /* threads, at least 1; where not all can be started, fewer do the work */
  size_t capacity;  /* items inside, at least 1 */
  size_t item_size; /* in bytes. An item starts as zeros; what `clear` leaves of it serves the next one */
  void *context;    /* first argument of the functions below */

  /* Fills the next item; called by one worker at a time, and never while the pool's lock is held. *drawn
   * stays false where there was nothing to fill it with this time: the pool then looks whether it has to
   * stop, and calls again. END: there are no more items. Any other failure ends the pool too, once the items
   * before it are taken. NULL: items are put. */
  checkrob_status (*draw)(bool *drawn, void *context, void *item);
  /* Processes an item, on a worker; several run at once. */
  void (*work)(void *context, void *item);
  /* Empties an item that is released; NULL: nothing to do. */
  void (*clear)(void *context, void *item);
  /* Frees what an item keeps from one use to the next, when the pool is freed; NULL: nothing. */
  void (*destroy)(void *context, void *item);
  bool discard;
} pool_options;

/* Starts the workers. `purpose` names them in an error message: "a decoding thread". Errors: OUT_OF_MEMORY,
 * IO (not one thread could be started). */
checkrob_status pool_start(pool **out, const pool_options *options, const char *purpose);

/* Stops the workers after the item at hand, and frees everything. Items that were put and not processed are
 * cleared unprocessed. NULL is fine. */
void pool_free(pool *p);

/* Waits for room, then copies the item in. For pools without `draw`; one thread puts. */
void pool_put(pool *p, const void *item);

/* Waits until all items that were put are processed. */
void pool_drain(pool *p);

/* Waits until the item `ahead` positions behind the oldest one is processed, at most `milliseconds`. *out is
 * the item, or NULL: *pending says that the time is over; otherwise there will be no such item, or, with
 * `ahead` at the capacity or above, the pool holds no more until some are released. Errors: the failure of
 * `draw`. One thread consumes. */
checkrob_status pool_peek(void **out, bool *pending, pool *p, size_t ahead, int milliseconds);

/* Clears the `count` oldest items, which pool_peek gave, and makes room. */
void pool_release(pool *p, size_t count);

#endif
