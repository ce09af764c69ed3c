/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "parallel/pool.h"
#include "support/test.h"

#define ITEMS 500

typedef struct item {
  size_t number, square;
  char *memory; /* owned while the item is inside */
} item;

typedef struct source {
  size_t drawn, skipped, limit;
  size_t cleared, destroyed;
  checkrob_status ending; /* the status of drawing past the limit */
  size_t processed;       /* guarded by lock */
  size_t at_once, most_at_once;
  pthread_mutex_t lock;
} source;

static checkrob_status draw(bool *drawn, void *context, void *to) {
  source *s = context;
  if (s->drawn == s->limit)
    return s->ending == CHECKROB_END ? CHECKROB_END : error_set(s->ending, "item %zu is broken", s->drawn);
  if (s->skipped < s->drawn) { /* every other call draws nothing */
    s->skipped++;
    return CHECKROB_OK;
  }
  *(item *)to = (item){.number = s->drawn++, .memory = malloc(8)};
  *drawn = true;
  return CHECKROB_OK;
}

static void square(void *context, void *of, size_t worker) {
  source *s = context;
  assert_in_range(worker, 0, 3);
  item *it = of;
  pthread_mutex_lock(&s->lock);
  if (++s->at_once > s->most_at_once) s->most_at_once = s->at_once;
  pthread_mutex_unlock(&s->lock);
  if (it->number % 7 == 0) { /* some take longer: later items overtake them */
    struct timespec little = {0, 200000};
    nanosleep(&little, NULL);
  }
  it->square = it->number * it->number;
  pthread_mutex_lock(&s->lock);
  s->at_once--;
  s->processed++;
  pthread_mutex_unlock(&s->lock);
}

static void clear(void *context, void *of) {
  ((source *)context)->cleared++;
  free(((item *)of)->memory);
  ((item *)of)->memory = NULL;
}

static void destroy(void *context, void *of) {
  (void)of;
  ((source *)context)->destroyed++;
}

static pool *start(source *s, size_t workers, size_t capacity, bool pulled, bool discard) {
  pthread_mutex_init(&s->lock, NULL);
  pool_options options = {.workers = workers,
                          .capacity = capacity,
                          .item_size = sizeof(item),
                          .context = s,
                          .draw = pulled ? draw : NULL,
                          .work = square,
                          .clear = clear,
                          .destroy = destroy,
                          .discard = discard};
  pool *p = NULL;
  assert_int_equal(pool_start(&p, &options, "a thread of the test"), CHECKROB_OK);
  return p;
}

static item *take(pool *p, size_t number) {
  void *found = NULL;
  bool pending = true;
  while (pending) assert_int_equal(pool_peek(&found, &pending, p, number, 50), CHECKROB_OK);
  return found;
}

static void test_items_come_out_in_order(void **state) {
  (void)state;
  source s = {.limit = ITEMS, .ending = CHECKROB_END};
  pool *p = start(&s, 4, 9, true, false);
  for (size_t i = 0; i < ITEMS;) {
    size_t together = i % 5 + 1 < ITEMS - i ? i % 5 + 1 : ITEMS - i;
    for (size_t k = 0; k < together; k++) {
      item *it = take(p, i + k);
      assert_int_equal(it->number, i + k);
      assert_int_equal(it->square, (i + k) * (i + k));
    }
    pool_release(p, together);
    i += together;
  }
  assert_null(take(p, ITEMS));
  pool_free(p);
  assert_int_equal(s.cleared, ITEMS);
  assert_int_equal(s.destroyed, 9);
}

static void test_no_more_items_than_the_capacity_are_inside(void **state) {
  (void)state;
  source s = {.limit = ITEMS, .ending = CHECKROB_END};
  pool *p = start(&s, 2, 3, true, false);
  for (size_t i = 0; i < 3; i++) assert_non_null(take(p, i));
  void *found = NULL;
  bool pending = false;
  assert_int_equal(pool_peek(&found, &pending, p, 3, 50), CHECKROB_OK);
  assert_true(pending); /* until one is released */
  assert_null(found);
  pthread_mutex_lock(&s.lock);
  assert_int_equal(s.processed, 3);
  pthread_mutex_unlock(&s.lock);
  pool_free(p); /* with items inside */
  assert_int_equal(s.cleared, 3);
}

static void test_a_failure_comes_after_the_items_before_it(void **state) {
  (void)state;
  source s = {.limit = 5, .ending = CHECKROB_ERROR_IO};
  pool *p = start(&s, 3, 8, true, false);
  for (size_t i = 0; i < 5; i++) assert_int_equal(take(p, i)->number, i);
  void *found = NULL;
  bool pending = true;
  checkrob_status status = CHECKROB_OK;
  while (pending) status = pool_peek(&found, &pending, p, 5, 50);
  assert_int_equal(status, CHECKROB_ERROR_IO);
  assert_string_equal(checkrob_last_error(), "item 5 is broken");
  pool_free(p);
}

static void test_waiting_ends(void **state) {
  (void)state;
  source s = {0};
  pool *p = start(&s, 1, 2, false, false); /* nobody puts anything */
  void *found = &s;
  bool pending = false;
  assert_int_equal(pool_peek(&found, &pending, p, 0, 1), CHECKROB_OK);
  assert_true(pending);
  assert_null(found);
  pool_free(p);
}

static void test_items_that_are_put_are_processed_in_order_by_one_worker(void **state) {
  (void)state;
  source s = {0};
  pool *p = start(&s, 1, 2, false, true);
  for (size_t i = 0; i < ITEMS; i++) {
    item it = {.number = i, .memory = malloc(8)};
    pool_put(p, &it);
  }
  pool_drain(p);
  pthread_mutex_lock(&s.lock);
  assert_int_equal(s.processed, ITEMS);
  assert_int_equal(s.most_at_once, 1);
  pthread_mutex_unlock(&s.lock);
  pool_free(p);
  assert_int_equal(s.cleared, ITEMS);
}

static void test_items_that_are_put_and_not_processed_are_cleared(void **state) {
  (void)state;
  source s = {0};
  pool *p = start(&s, 1, 64, false, true);
  for (size_t i = 0; i < 64; i++) {
    item it = {.number = 7 * i, .memory = malloc(8)};
    pool_put(p, &it);
  }
  pool_free(p); /* most of them wait still */
  assert_int_equal(s.cleared, 64);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_items_come_out_in_order),
      cmocka_unit_test(test_no_more_items_than_the_capacity_are_inside),
      cmocka_unit_test(test_a_failure_comes_after_the_items_before_it),
      cmocka_unit_test(test_waiting_ends),
      cmocka_unit_test(test_items_that_are_put_are_processed_in_order_by_one_worker),
      cmocka_unit_test(test_items_that_are_put_and_not_processed_are_cleared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
