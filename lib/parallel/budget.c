/* SPDX-License-Identifier: Apache-2.0 */
#include "parallel/budget.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"

struct budget {
  pthread_mutex_t lock; /* guards all members below */
  pthread_cond_t first; /* for those who are served first: permits were returned */
  pthread_cond_t spare; /* for the others: permits are free and nobody is served before them */
  size_t available;
  size_t waiting; /* in budget_take() */
};

checkrob_status budget_new(budget **out, size_t permits) {
  budget *b = calloc(1, sizeof *b);
  if (!b) return error_memory("a budget of threads");
  pthread_mutex_init(&b->lock, NULL);
  pthread_cond_init(&b->first, NULL);
  pthread_cond_init(&b->spare, NULL);
  b->available = permits;
  *out = b;
  return CHECKROB_OK;
}

void budget_free(budget *b) {
  if (!b) return;
  pthread_cond_destroy(&b->spare);
  pthread_cond_destroy(&b->first);
  pthread_mutex_destroy(&b->lock);
  free(b);
}

/* Wakes as many threads as may take permits, not all: there may be as many as cores. Called with the lock
 * held. */
static void wake(budget *b) {
  if (b->waiting > 0)
    pthread_cond_broadcast(&b->first);
  else
    for (size_t i = 0; i < b->available; i++) pthread_cond_signal(&b->spare);
}

void budget_take(budget *b, size_t count) {
  if (!b) return;
  pthread_mutex_lock(&b->lock);
  b->waiting++;
  while (b->available < count) pthread_cond_wait(&b->first, &b->lock);
  b->waiting--;
  b->available -= count;
  wake(b); /* what is left is for the next */
  pthread_mutex_unlock(&b->lock);
}

void budget_take_spare(budget *b) {
  if (!b) return;
  pthread_mutex_lock(&b->lock);
  while (b->waiting > 0 || b->available == 0) pthread_cond_wait(&b->spare, &b->lock);
  b->available--;
  pthread_mutex_unlock(&b->lock);
}

void budget_return(budget *b, size_t count) {
  if (!b) return;
  pthread_mutex_lock(&b->lock);
  b->available += count;
  wake(b);
  pthread_mutex_unlock(&b->lock);
}

size_t budget_waiting(budget *b) {
  pthread_mutex_lock(&b->lock);
  size_t waiting = b->waiting;
  pthread_mutex_unlock(&b->lock);
  return waiting;
}
