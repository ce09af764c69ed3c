/* SPDX-License-Identifier: Apache-2.0 */
#include "parallel/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"

typedef struct worker {
  pthread_t thread;
  pool *of;
  size_t number;
} worker;

struct pool {
  pool_options options;
  /* Locked while a worker draws an item, which may take long. The consumer can use the pool meanwhile. */
  pthread_mutex_t drawing;
  /* Guards all members below. A worker that draws locks this one second. */
  pthread_mutex_t lock;
  pthread_cond_t room;     /* an item was released or put, or the pool stops */
  pthread_cond_t finished; /* an item was processed, or no more items will enter */
  size_t entered;          /* items drawn or put so far */
  size_t claimed;          /* of them, claimed by a worker */
  size_t released;         /* of them, released */
  bool stopping;
  bool exhausted; /* there are no more items to draw */
  checkrob_status failure;
  char *failure_message;
  bool *ready;          /* [capacity] */
  unsigned char *items; /* [capacity, item_size]; item i is in cell i % capacity */
  worker *workers;
  size_t worker_count;
};

static void *item_at(const pool *p, size_t number) {
  return p->items + number % p->options.capacity * p->options.item_size;
}

/* ---- how items enter ---- */

/* False: the pool is stopping, or has no more items to draw. */
static bool wait_for_room(pool *p) {
  pthread_mutex_lock(&p->lock);
  while (!p->stopping && !p->exhausted && p->entered - p->released == p->options.capacity)
    pthread_cond_wait(&p->room, &p->lock);
  bool open = !p->stopping && !p->exhausted;
  pthread_mutex_unlock(&p->lock);
  return open;
}

static void close_entrance(pool *p, checkrob_status status) {
  pthread_mutex_lock(&p->lock);
  p->exhausted = true;
  if (status != CHECKROB_END) {
    p->failure = status;
    p->failure_message = text_copy(checkrob_last_error());
  }
  pthread_cond_broadcast(&p->room);
  pthread_cond_broadcast(&p->finished);
  pthread_mutex_unlock(&p->lock);
}

/* Draws the next item and claims it; false if there is nothing more to do. Only the worker that draws changes
 * `entered`, so the free cell stays its own while the lock is not held. */
static bool draw_item(size_t *number, pool *p) {
  bool drawn = false;
  pthread_mutex_lock(&p->drawing);
  while (!drawn && wait_for_room(p)) {
    checkrob_status status = p->options.draw(&drawn, p->options.context, item_at(p, p->entered));
    if (status != CHECKROB_OK) {
      close_entrance(p, status);
      break;
    }
  }
  if (drawn) {
    pthread_mutex_lock(&p->lock);
    *number = p->entered++;
    p->claimed++;
    pthread_mutex_unlock(&p->lock);
  }
  pthread_mutex_unlock(&p->drawing);
  return drawn;
}

static bool claim_item(size_t *number, pool *p) {
  pthread_mutex_lock(&p->lock);
  while (!p->stopping && p->claimed == p->entered) pthread_cond_wait(&p->room, &p->lock);
  bool claimed = !p->stopping && p->claimed < p->entered;
  if (claimed) *number = p->claimed++;
  pthread_mutex_unlock(&p->lock);
  return claimed;
}

void pool_put(pool *p, const void *item) {
  pthread_mutex_lock(&p->lock);
  while (p->entered - p->released == p->options.capacity) pthread_cond_wait(&p->finished, &p->lock);
  unsigned char *cell = item_at(p, p->entered);
  for (size_t i = 0; i < p->options.item_size; i++) cell[i] = ((const unsigned char *)item)[i];
  p->entered++;
  pthread_cond_broadcast(&p->room);
  pthread_mutex_unlock(&p->lock);
}

/* ---- the workers ---- */

static void clear_item(const pool *p, size_t number) {
  if (p->options.clear) p->options.clear(p->options.context, item_at(p, number));
  p->ready[number % p->options.capacity] = false;
}

/* Called with the lock held. */
static void discard_finished(pool *p) {
  while (p->released < p->claimed && p->ready[p->released % p->options.capacity])
    clear_item(p, p->released++);
}

static void *work(void *argument) {
  const worker *self = argument;
  pool *p = self->of;
  for (size_t number = 0; p->options.draw ? draw_item(&number, p) : claim_item(&number, p);) {
    p->options.work(p->options.context, item_at(p, number), self->number);
    pthread_mutex_lock(&p->lock);
    p->ready[number % p->options.capacity] = true;
    if (p->options.discard) discard_finished(p);
    pthread_cond_broadcast(&p->finished);
    pthread_mutex_unlock(&p->lock);
  }
  return NULL;
}

/* ---- the consumer ---- */

static struct timespec deadline_in(int milliseconds) {
  struct timespec when;
  clock_gettime(CLOCK_MONOTONIC, &when);
  when.tv_sec += milliseconds / 1000;
  when.tv_nsec += (long)(milliseconds % 1000) * 1000000L;
  if (when.tv_nsec >= 1000000000L) {
    when.tv_sec++;
    when.tv_nsec -= 1000000000L;
  }
  return when;
}

/* Whether the item may still become ready. Called with the lock held. */
static bool is_coming(const pool *p, size_t number) {
  if (number < p->entered) return !p->ready[number % p->options.capacity];
  return !p->exhausted;
}

checkrob_status pool_peek(void **out, bool *pending, pool *p, size_t number, int milliseconds) {
  *out = NULL;
  *pending = false;
  struct timespec deadline = deadline_in(milliseconds);
  checkrob_status status = CHECKROB_OK;
  bool late = false;
  pthread_mutex_lock(&p->lock);
  while (!late && is_coming(p, number))
    late = pthread_cond_timedwait(&p->finished, &p->lock, &deadline) == ETIMEDOUT;
  *pending = is_coming(p, number);
  if (!*pending && number < p->entered)
    *out = item_at(p, number);
  else if (!*pending && p->failure != CHECKROB_OK)
    status = error_set(p->failure, "%s", error_saved(p->failure_message));
  pthread_mutex_unlock(&p->lock);
  return status;
}

void pool_release(pool *p, size_t count) {
  pthread_mutex_lock(&p->lock);
  for (size_t i = 0; i < count; i++) clear_item(p, p->released++);
  pthread_cond_broadcast(&p->room);
  pthread_mutex_unlock(&p->lock);
}

void pool_drain(pool *p) {
  pthread_mutex_lock(&p->lock);
  while (p->released < p->entered) pthread_cond_wait(&p->finished, &p->lock);
  pthread_mutex_unlock(&p->lock);
}

/* ---- start and stop ---- */

static checkrob_status start_workers(pool *p, const char *purpose) {
  for (; p->worker_count < p->options.workers; p->worker_count++) {
    worker *w = &p->workers[p->worker_count];
    *w = (worker){.of = p, .number = p->worker_count};
    int number = pthread_create(&w->thread, NULL, work, w);
    if (number == 0) continue;
    if (p->worker_count > 0) break;
    errno = number;
    return error_errno("start", purpose);
  }
  return CHECKROB_OK;
}

checkrob_status pool_start(pool **out, const pool_options *options, const char *purpose) {
  pool *p = calloc(1, sizeof *p);
  if (!p) return error_memory("a thread pool");
  p->options = *options;
  pthread_mutex_init(&p->drawing, NULL);
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->room, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&p->finished, &attributes);
  pthread_condattr_destroy(&attributes);
  p->ready = calloc(options->capacity, sizeof *p->ready);
  p->items = calloc(options->capacity, options->item_size);
  p->workers = calloc(options->workers, sizeof *p->workers);
  checkrob_status status =
      p->ready && p->items && p->workers ? CHECKROB_OK : error_memory("a thread pool's items");
  if (status == CHECKROB_OK) status = start_workers(p, purpose);
  if (status == CHECKROB_OK)
    *out = p;
  else
    pool_free(p);
  return status;
}

void pool_free(pool *p) {
  if (!p) return;
  pthread_mutex_lock(&p->lock);
  p->stopping = true;
  pthread_cond_broadcast(&p->room);
  pthread_mutex_unlock(&p->lock);
  for (size_t i = 0; i < p->worker_count; i++) pthread_join(p->workers[i].thread, NULL);
  while (p->items && p->ready && p->released < p->entered) clear_item(p, p->released++);
  for (size_t i = 0; p->items && p->options.destroy && i < p->options.capacity; i++)
    p->options.destroy(p->options.context, item_at(p, i));
  pthread_cond_destroy(&p->finished);
  pthread_cond_destroy(&p->room);
  pthread_mutex_destroy(&p->lock);
  pthread_mutex_destroy(&p->drawing);
  free(p->failure_message);
  free(p->workers);
  free(p->items);
  free(p->ready);
  free(p);
}
