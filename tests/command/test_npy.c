/* SPDX-License-Identifier: Apache-2.0 */
/* The command's NumPy files: float16's rounding, and what is left when there is nothing to write. */
#include "../tools/npy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/folder.h"
#include "support/test.h"

/* Of a positive half, in exact arithmetic. */
static double value_of(uint16_t half) {
  unsigned exponent = half >> 10 & 31U, fraction = half & 1023U;
  if (exponent == 0) return ldexp((double)fraction, -24);
  return ldexp(1024.0 + (double)fraction, (int)exponent - 25);
}

static void every_half_is_itself(void **state) {
  (void)state;
  for (uint16_t half = 0; half < 0x7c00; half++) {
    assert_int_equal(half_of((float)value_of(half)), half);
    assert_int_equal(half_of((float)-value_of(half)), half | 0x8000);
  }
  assert_int_equal(half_of(INFINITY), 0x7c00);
  assert_int_equal(half_of(-INFINITY), 0xfc00);
  assert_int_equal(half_of(NAN) & 0x7c00, 0x7c00);
  assert_true(half_of(NAN) & 0x03ff);
}

/* Between two halves, the middle goes to the even one; a float beside it to the nearer. */
static void ties_go_to_even(void **state) {
  (void)state;
  for (uint16_t half = 0; half < 0x7bff; half++) {
    float middle = (float)((value_of(half) + value_of((uint16_t)(half + 1))) / 2.0);
    assert_int_equal(half_of(middle), half % 2 ? half + 1 : half);
    assert_int_equal(half_of(nextafterf(middle, 0.0F)), half);
    assert_int_equal(half_of(nextafterf(middle, INFINITY)), half + 1);
  }
  assert_int_equal(half_of(65519.996F), 0x7bff);
  assert_int_equal(half_of(65520.0F), 0x7c00); /* nearer to the next, which there is not */
  assert_int_equal(half_of(3.4e38F), 0x7c00);
  assert_int_equal(half_of(1e-45F), 0);
}

/* What the library's files do too: tests/base/test_part_file.c. */
static void files_get_unguessable_names(void **state) {
  (void)state;
  char *folder = folder_new(), *path = folder_path(folder, "a.npy");
  unsigned long long always = ~0ULL, never = ~0ULL;
  whole_file file;
  for (int i = 0; i < 64; i++) {
    assert_int_equal(write_target_open(&file, path, WRITE_NAMED), 0);
    char *end = NULL;
    unsigned long long digits = strtoull(file.part + strlen(path) + 1, &end, 16);
    assert_string_equal(end, ".part");
    always &= digits;
    never &= ~digits;
    whole_file_discard(&file);
  }
  assert_true(always == 0 && never == 0); /* every bit was 0, and was 1 */
  assert_int_equal(folder_count(folder), 0);
  assert_int_equal(whole_file_open(&file, folder), EISDIR);
  assert_int_equal(mkfifo(path, 0600), 0);
  npy_file npy;
  assert_int_equal(npy_open(&npy, path, 0), ESPIPE); /* its header is written last */
  free(path);
  folder_remove(folder);
}

static void writes_an_array(void **state) {
  (void)state;
  char *folder = folder_new(), *path = folder_path(folder, "a.npy");
  const float values[] = {1, 2, 3, 4, 70000, 6};
  const size_t shape[] = {3};
  npy_file npy;
  assert_int_equal(npy_open(&npy, path, 1), 0);
  assert_int_equal(npy_append(&npy, values, 1, shape, 1), 0);
  assert_int_equal(npy_append(&npy, values + 3, 1, shape, 1), 0);
  assert_int_equal(npy.overflows, 1);
  assert_int_equal(npy_close(&npy), 0);
  assert_int_equal(file_size(folder, "a.npy"), 128 + 2 * 3 * 2);
  FILE *file = fopen(path, "rb");
  char text[129] = "";
  assert_non_null(file);
  assert_int_equal(fread(text, 1, 128, file), 128);
  fclose(file);
  assert_memory_equal(text, "\x93NUMPY\x01\x00\x76\x00", 10);
  assert_non_null(strstr(text + 10, "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }"));
  free(path);
  folder_remove(folder);
}

static void two_writers_disturb_each_other_not(void **state) {
  (void)state;
  char *folder = folder_new(), *path = folder_path(folder, "a.npy");
  const float row[3] = {1.0F, 2.0F, 3.0F};
  const size_t shape[1] = {3};
  npy_file one, two;
  assert_int_equal(npy_open(&one, path, 0), 0);
  assert_int_equal(npy_open(&two, path, 0), 0);
  assert_int_equal(npy_append(&one, row, 1, shape, 1), 0);
  for (int i = 0; i < 2; i++) assert_int_equal(npy_append(&two, row, 1, shape, 1), 0);
  assert_int_equal(npy_close(&one), 0);
  assert_int_equal(file_size(folder, "a.npy"), 128 + 3 * 4);
  assert_int_equal(npy_close(&two), 0);
  assert_int_equal(file_size(folder, "a.npy"), 128 + 2 * 3 * 4);
  assert_int_equal(folder_count(folder), 1);
  free(path);
  folder_remove(folder);
}

static void leaves_nothing_behind(void **state) {
  (void)state;
  char *folder = folder_new(), *path = folder_path(folder, "a.npy");
  npy_file npy;
  assert_int_equal(npy_open(&npy, path, 0), 0);
  assert_int_equal(npy_close(&npy), 0); /* without rows there is no shape to write */
  assert_int_equal(folder_count(folder), 0);
  assert_true(npy_open(&npy, "/no/such/folder/a.npy", 0) != 0);
  free(path);
  folder_remove(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_half_is_itself),
      cmocka_unit_test(ties_go_to_even),
      cmocka_unit_test(files_get_unguessable_names),
      cmocka_unit_test(writes_an_array),
      cmocka_unit_test(two_writers_disturb_each_other_not),
      cmocka_unit_test(leaves_nothing_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
