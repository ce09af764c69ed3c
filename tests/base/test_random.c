/* SPDX-License-Identifier: Apache-2.0 */
/* The generator against published numbers, and its indices against chance. */
#include "base/random.h"

#include "support/test.h"

/* The numbers of SplitMix64 for the seed 1234567, as published with implementations in many languages. */
static void numbers_are_splitmix64s(void **state) {
  (void)state;
  const uint64_t expected[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                               UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                               UINT64_C(16408922859458223821)};
  for (uint64_t i = 0; i < 5; i++) assert_true(random_at(1234567, i) == expected[i]);
}

static void neighbouring_seeds_share_no_numbers(void **state) {
  (void)state;
  for (uint64_t a = 0; a < 50; a++)
    for (uint64_t b = 0; b < 50; b++)
      assert_true(random_at(random_stream(7), a) != random_at(random_stream(8), b) &&
                  random_at(random_stream(7), a) != random_at(random_stream(7 + RANDOM_STEP), b));
}

static void indices_lie_below_their_bound(void **state) {
  (void)state;
  const uint32_t bounds[] = {1, 2, 3, 1000, UINT32_C(0x80000001), UINT32_C(0xc0000000), UINT32_MAX};
  for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++)
    for (uint64_t i = 0; i < 2000; i++) assert_true(random_index(3, i, bounds[b]) < bounds[b]);
}

/* Three quarters of all 32-bit numbers: without rejection every third index would be twice as frequent as the
 * others. */
static void indices_are_equally_likely(void **state) {
  (void)state;
  size_t remainders[3] = {0}, tenths[10] = {0};
  for (uint64_t i = 0; i < 30000; i++) {
    remainders[random_index(5, i, UINT32_C(0xc0000000)) % 3]++;
    tenths[random_index(6, i, 10)]++;
  }
  for (size_t k = 0; k < 3; k++) assert_in_range(remainders[k], 9600, 10400);
  for (size_t k = 0; k < 10; k++) assert_in_range(tenths[k], 2780, 3220);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_splitmix64s),
      cmocka_unit_test(neighbouring_seeds_share_no_numbers),
      cmocka_unit_test(indices_lie_below_their_bound),
      cmocka_unit_test(indices_are_equally_likely),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
