/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/duplicates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

enum { FEATURES = 50 };

static surroundings_list list;
static uint32_t seed;

static float noise(void) {
  seed = seed * 1664525U + 1013904223U;
  return (float)(seed >> 8) / 8388608.0F - 1.0F;
}

/* Noise around `of`, which may be NULL. */
static void add(const float *of, float by) {
  float values[FEATURES];
  double means[FEATURES] = {0}, deviations[FEATURES];
  char name[16];
  for (size_t k = 0; k < FEATURES; k++) {
    deviations[k] = 0.5;
    values[k] = of ? of[k] + by * noise() : noise();
  }
  snprintf(name, sizeof name, "%zu.png", list.count);
  must(surroundings_add(&list, list.count, 0, name, values, means, deviations));
}

static void start(void) {
  seed = 5;
  list = (surroundings_list){.features = FEATURES};
}

static float one[FEATURES], two[FEATURES];

static void groups_are_found(void **state) {
  (void)state;
  start();
  for (size_t k = 0; k < FEATURES; k++) {
    one[k] = noise();
    two[k] = noise();
  }
  add(NULL, 0.0F);
  add(two, 0.1F);
  add(one, 0.1F);
  add(NULL, 0.0F);
  add(one, 0.1F);
  add(two, 0.1F);
  add(one, 0.1F);
  duplicates_find(&list, DUPLICATE_COSINE);
  const size_t expected[] = {0, 1, 2, 0, 2, 1, 2};
  for (size_t i = 0; i < list.count; i++) {
    assert_int_equal(list.items[i].group, expected[i]);
    assert_true((list.items[i].similarity >= DUPLICATE_COSINE) == (expected[i] > 0));
  }
  surroundings_clear(&list);
}

/* The last one is like two that are not alike enough. */
static void chains_are_one_group(void **state) {
  (void)state;
  start();
  float turned[3][FEATURES] = {{0}};
  for (int i = 0; i < 3; i++) {
    turned[i][0] = (float)cos(0.4 * (i == 1 ? 2 : i == 2 ? 1 : 0));
    turned[i][1] = (float)sin(0.4 * (i == 1 ? 2 : i == 2 ? 1 : 0));
    add(turned[i], 0.0F);
  }
  duplicates_find(&list, 0.9);
  for (size_t i = 0; i < 3; i++) assert_int_equal(list.items[i].group, 1);
  assert_true(fabs(list.items[0].similarity - cos(0.4)) < 1e-5);
  surroundings_clear(&list);
}

/* Where images of different classes are alike anyway, only what is even more alike counts. */
static void alike_backgrounds_raise_the_threshold(void **state) {
  (void)state;
  int64_t class_of[300];
  double threshold = 0.0;
  for (int alike = 0; alike < 2; alike++) {
    start();
    for (size_t k = 0; k < FEATURES; k++) one[k] = noise();
    for (size_t i = 0; i < 300; i++) {
      class_of[i] = (int64_t)(i % 3);
      add(alike ? one : NULL, 0.2F);
    }
    must(duplicates_threshold(&threshold, &list, class_of));
    size_t above = 0;
    for (size_t i = 0; i < 300 && alike; i++)
      for (size_t k = 0; k < i; k++) {
        double sum = 0.0;
        for (size_t f = 0; f < FEATURES; f++)
          sum += (double)list.items[i].values[f] * (double)list.items[k].values[f];
        above += class_of[i] != class_of[k] && sum >= threshold - 1e-7;
      }
    assert_int_equal(above, alike ? 3 : 0); /* of 30,000 pairs */
    assert_true(alike ? threshold > DUPLICATE_COSINE : threshold == DUPLICATE_COSINE);
    surroundings_clear(&list);
  }
}

/* Too few pairs say nothing. */
static void few_images_do_not(void **state) {
  (void)state;
  const int64_t class_of[] = {0, 1};
  double threshold = 0.0;
  start();
  add(NULL, 0.0F);
  add(list.items[0].values, 0.0F);
  must(duplicates_threshold(&threshold, &list, class_of));
  assert_true(threshold == DUPLICATE_COSINE);
  surroundings_clear(&list);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_are_found),
      cmocka_unit_test(chains_are_one_group),
      cmocka_unit_test(alike_backgrounds_raise_the_threshold),
      cmocka_unit_test(few_images_do_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
