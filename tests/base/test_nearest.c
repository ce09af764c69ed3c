/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean". */
#include <string.h>

#include "base/nearest.h"
#include "support/test.h"

static void offer(nearest_names *near, const char *wanted, const char *const *names) {
  nearest_start(near, wanted);
  for (; *names; names++) nearest_offer(near, *names);
}

static void assert_distance(const char *a, const char *b, size_t expected) {
  nearest_names near;
  offer(&near, a, (const char *const[]){b, NULL});
  assert_int_equal(near.distances[0], expected);
  offer(&near, b, (const char *const[]){a, NULL});
  assert_int_equal(near.distances[0], expected);
}

static void measures_by_hand(void **state) {
  (void)state;
  assert_distance("", "", 0);
  assert_distance("", "abc", 3);
  assert_distance("kitten", "sitting", 3);
  assert_distance("layer4", "layer4", 0);
  assert_distance("layer4", "layer3", 1);
  assert_distance("layer4", "layre4", 2);
  assert_distance("features.18", "feature.18", 1);
}

static void keeps_the_nearest_in_order(void **state) {
  (void)state;
  nearest_names near;
  char list[200];
  offer(&near, "layer4",
        (const char *const[]){"conv1", "layer1.0.conv2", "layer4.1", "layer3", "bn1", "layer4", NULL});
  nearest_list(list, sizeof list, &near);
  assert_string_equal(list, "'layer4', 'layer3', 'layer4.1'");
}

static void equal_names_keep_their_order(void **state) {
  (void)state;
  nearest_names near;
  char list[200];
  offer(&near, "layer9", (const char *const[]){"layer1", "layer2", "layer3", "layer4", NULL});
  nearest_list(list, sizeof list, &near);
  assert_string_equal(list, "'layer1', 'layer2', 'layer3'");
}

static void lists_what_fits(void **state) {
  (void)state;
  nearest_names near;
  char list[32];
  nearest_start(&near, "x");
  nearest_list(list, sizeof list, &near);
  assert_string_equal(list, "");
  offer(&near, "x", (const char *const[]){"a", "b", NULL});
  nearest_list(list, 9, &near); /* "'a', 'b'" and its end */
  assert_string_equal(list, "'a', 'b'");
  nearest_list(list, 8, &near);
  assert_string_equal(list, "'a'");
  nearest_list(list, 3, &near);
  assert_string_equal(list, "");
  nearest_list(list, 1, &near);
  assert_string_equal(list, "");
}

static void takes_overlong_names(void **state) {
  (void)state;
  char a[1001], b[1001];
  memset(a, 'a', sizeof a);
  memset(b, 'b', sizeof b);
  a[1000] = b[1000] = '\0';
  assert_distance(a, a, 0);
  assert_distance(a, b, 255);
  assert_distance(a, "", 255);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(measures_by_hand),
      cmocka_unit_test(keeps_the_nearest_in_order),
      cmocka_unit_test(equal_names_keep_their_order),
      cmocka_unit_test(lists_what_fits),
      cmocka_unit_test(takes_overlong_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
