/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <time.h>

#include "parallel/budget.h"
#include "support/test.h"

#define PERMITS 3
#define ROUNDS 2000

/* What threads that take and return permits share. */
typedef struct crowd {
  budget *of;
  pthread_mutex_t lock;
  size_t held, most_held; /* guarded by lock */
} crowd;

static void hold(crowd *c, size_t count) {
  pthread_mutex_lock(&c->lock);
  c->held += count;
  if (c->held > c->most_held) c->most_held = c->held;
  pthread_mutex_unlock(&c->lock);
  pthread_mutex_lock(&c->lock);
  c->held -= count;
  pthread_mutex_unlock(&c->lock);
  budget_return(c->of, count);
}

static void *take_all_again_and_again(void *argument) {
  crowd *c = argument;
  for (size_t i = 0; i < ROUNDS; i++) {
    size_t count = i % PERMITS + 1;
    budget_take(c->of, count);
    hold(c, count);
  }
  return NULL;
}

static void *take_spare_again_and_again(void *argument) {
  crowd *c = argument;
  for (size_t i = 0; i < ROUNDS; i++) {
    budget_take_spare(c->of);
    hold(c, 1);
  }
  return NULL;
}

static budget *make(size_t permits) {
  budget *b = NULL;
  assert_int_equal(budget_new(&b, permits), CHECKROB_OK);
  return b;
}

static pthread_t start(void *(*function)(void *), void *argument) {
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, function, argument), 0);
  return thread;
}

static void test_no_more_permits_are_held_than_there_are(void **state) {
  (void)state;
  crowd c = {.of = make(PERMITS)};
  pthread_mutex_init(&c.lock, NULL);
  pthread_t threads[8];
  for (size_t i = 0; i < 8; i++)
    threads[i] = start(i < 2 ? take_all_again_and_again : take_spare_again_and_again, &c);
  for (size_t i = 0; i < 8; i++) pthread_join(threads[i], NULL); /* nobody waits for ever */
  assert_in_range(c.most_held, 1, PERMITS);
  assert_int_equal(c.held, 0);
  budget_free(c.of);
  pthread_mutex_destroy(&c.lock);
}

/* Threads that wait for a permit, and the order in which they receive it. */
typedef struct queue {
  budget *of;
  pthread_mutex_t lock;
  char order[3]; /* guarded by lock */
  size_t served;
} queue;

static void serve(queue *q, char who) {
  pthread_mutex_lock(&q->lock);
  q->order[q->served++] = who;
  pthread_mutex_unlock(&q->lock);
  budget_return(q->of, 1);
}

static void *take_first(void *argument) {
  queue *q = argument;
  budget_take(q->of, 1);
  serve(q, 'f');
  return NULL;
}

static void *take_spare(void *argument) {
  queue *q = argument;
  budget_take_spare(q->of);
  serve(q, 's');
  return NULL;
}

static void wait_until_one_waits(budget *b) {
  struct timespec little = {0, 1000000};
  while (budget_waiting(b) == 0) nanosleep(&little, NULL);
}

static void test_spare_permits_are_those_that_nobody_else_waits_for(void **state) {
  (void)state;
  queue q = {.of = make(1)};
  pthread_mutex_init(&q.lock, NULL);
  budget_take(q.of, 1);
  pthread_t first = start(take_first, &q);
  wait_until_one_waits(q.of);
  pthread_t spare = start(take_spare, &q);
  budget_return(q.of, 1);
  pthread_join(first, NULL);
  pthread_join(spare, NULL);
  assert_string_equal(q.order, "fs");
  budget_free(q.of);
  pthread_mutex_destroy(&q.lock);
}

static void test_spare_permits_stay_for_those_who_need_one(void **state) {
  (void)state;
  queue q = {.of = make(3)};
  pthread_mutex_init(&q.lock, NULL);
  budget_take(q.of, 2);
  pthread_t spare = start(take_spare, &q);
  pthread_join(spare, NULL); /* two permits are still held */
  assert_string_equal(q.order, "s");
  budget_return(q.of, 2);
  budget_take(q.of, 3);
  budget_return(q.of, 3);
  budget_free(q.of);
  pthread_mutex_destroy(&q.lock);
}

static void test_without_a_budget_there_is_no_limit(void **state) {
  (void)state;
  budget_take(NULL, 7);
  budget_take_spare(NULL);
  budget_return(NULL, 8);
  budget_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_more_permits_are_held_than_there_are),
      cmocka_unit_test(test_spare_permits_are_those_that_nobody_else_waits_for),
      cmocka_unit_test(test_spare_permits_stay_for_those_who_need_one),
      cmocka_unit_test(test_without_a_budget_there_is_no_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
