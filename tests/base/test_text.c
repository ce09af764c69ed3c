/* SPDX-License-Identifier: Apache-2.0 */
/* Strings, whole files, growable arrays and structures that may grow. */
#include <checkrob/status.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/structure.h"
#include "base/text.h"
#include "support/folder.h"
#include "support/test.h"

static char *folder;

static int make_folder(void **state) {
  (void)state;
  folder = folder_new();
  return 0;
}

static int drop_folder(void **state) {
  (void)state;
  folder_remove(folder);
  return 0;
}

/* ---- strings ---- */

static void formats_any_length(void **state) {
  (void)state;
  char *copy = text_copy("");
  assert_string_equal(copy, "");
  free(copy);
  char wide[5000];
  memset(wide, 'w', sizeof wide - 1);
  wide[sizeof wide - 1] = '\0';
  char *text = text_format("%s/%d", wide, 12);
  assert_int_equal(strlen(text), sizeof wide - 1 + 3);
  assert_string_equal(text + sizeof wide - 1, "/12");
  free(text);
}

/* ---- files ---- */

static checkrob_status read_named(char **data, size_t *bytes, const char *name, uint64_t limit) {
  char *path = folder_path(folder, name);
  checkrob_status status = file_read(data, bytes, path, limit);
  if (status != CHECKROB_OK) assert_non_null(strstr(checkrob_last_error(), path));
  free(path);
  return status;
}

static void assert_refused(const char *name, uint64_t limit, checkrob_status expected) {
  char *data = NULL;
  size_t bytes = 77;
  assert_int_equal(read_named(&data, &bytes, name, limit), expected);
  assert_null(data);
  assert_int_equal(bytes, 77);
}

static void reads_bytes_as_they_are(void **state) {
  (void)state;
  const char content[] = "a\0b\r\n\xff";
  file_write(folder, "binary", content, sizeof content - 1);
  char *data = NULL;
  size_t bytes = 0;
  assert_int_equal(read_named(&data, &bytes, "binary", 1000), CHECKROB_OK);
  assert_int_equal(bytes, sizeof content - 1);
  assert_memory_equal(data, content, sizeof content); /* with the NUL after it */
  free(data);
}

static void reads_an_empty_file(void **state) {
  (void)state;
  file_write(folder, "empty", "", 0);
  char *data = NULL;
  size_t bytes = 5;
  assert_int_equal(read_named(&data, &bytes, "empty", 0), CHECKROB_OK);
  assert_int_equal(bytes, 0);
  assert_string_equal(data, "");
  free(data);
}

static void keeps_to_the_limit(void **state) {
  (void)state;
  file_write(folder, "ten", "0123456789", 10);
  assert_refused("ten", 9, CHECKROB_ERROR_LIMIT);
  assert_non_null(strstr(checkrob_last_error(), "10 bytes"));
  char *data = NULL;
  size_t bytes = 0;
  assert_int_equal(read_named(&data, &bytes, "ten", 10), CHECKROB_OK);
  assert_int_equal(bytes, 10);
  free(data);
}

static void refuses_what_is_no_file(void **state) {
  (void)state;
  assert_refused("nothing", 100, CHECKROB_ERROR_NOT_FOUND);
  file_write(folder, "plain", "", 0);
  assert_refused("plain/below", 100, CHECKROB_ERROR_NOT_FOUND);
  folder_make(folder, "inner");
  assert_refused("inner", 100, CHECKROB_ERROR_IO);
}

/* Nobody writes to it: a plain open would wait for ever. */
static void does_not_wait_for_a_pipe(void **state) {
  (void)state;
  char *path = folder_path(folder, "pipe");
  FILE *file = NULL;
  uint64_t hash = 0;
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_refused("pipe", 100, CHECKROB_ERROR_IO);
  assert_int_equal(file_open(&file, path), CHECKROB_ERROR_IO);
  assert_int_equal(hash_file(&hash, path), CHECKROB_ERROR_IO);
  assert_int_equal(file_open(&file, folder), CHECKROB_ERROR_IO);
  assert_null(file);
  free(path);
}

/* Any failure of the system but a missing file; this one works as root too. */
static void tells_what_the_system_says(void **state) {
  (void)state;
  char *path = folder_path(folder, "loop");
  assert_int_equal(symlink(path, path), 0);
  free(path);
  assert_refused("loop", 100, CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "symbolic links"));
}

/* ---- arrays ---- */

static void grows_by_doubling(void **state) {
  (void)state;
  int *items = NULL;
  size_t capacity = 0, moves = 0;
  for (size_t count = 0; count < 1000; count++) {
    size_t before = capacity;
    int *grown = array_grow(items, &capacity, count, sizeof *items);
    assert_non_null(grown);
    items = grown;
    items[count] = (int)count;
    moves += capacity != before;
    assert_true(capacity > count);
  }
  assert_true(moves < 10);
  for (size_t i = 0; i < 1000; i++) assert_int_equal(items[i], i);
  free(items);
}

static void does_not_overflow(void **state) {
  (void)state;
  size_t capacity = SIZE_MAX / 8;
  char item;
  assert_null(array_grow(&item, &capacity, SIZE_MAX / 8, 16));
  assert_int_equal(capacity, SIZE_MAX / 8);
}

static int compare_int(const void *key, const void *item) {
  int a = *(const int *)key, b = *(const int *)item;
  return (a > b) - (a < b);
}

static void searches(void **state) {
  (void)state;
  const int items[] = {1, 3, 3, 3, 7};
  for (int key = 0; key < 9; key++) {
    size_t below = 0;
    while (below < 5 && items[below] < key) below++;
    assert_int_equal(array_lower_bound(&key, items, 5, sizeof *items, compare_int), below);
    const int *first = below < 5 && items[below] == key ? &items[below] : NULL;
    assert_ptr_equal(array_find(&key, items, 5, sizeof *items, compare_int), first);
    assert_int_equal(array_lower_bound(&key, NULL, 0, sizeof *items, compare_int), 0);
    assert_null(array_find(&key, NULL, 0, sizeof *items, compare_int));
  }
}

/* ---- structures ---- */

typedef struct version_1 {
  size_t size;
  int first;
} version_1;

typedef struct version_2 {
  size_t size;
  int first, second;
  double third;
} version_2;

static void gives_as_much_as_fits(void **state) {
  (void)state;
  const version_2 ours = {0, 1, 2, 3.0};
  struct {
    version_1 theirs;
    int behind;
  } old = {{sizeof(version_1), 0}, 77};
  /* The padding after `first` would contain `second`: only the size distinguishes them. */
  old.theirs.size = offsetof(version_1, first) + sizeof(int);
  assert_int_equal(structure_give(&old.theirs, &ours, sizeof ours), CHECKROB_OK);
  assert_int_equal(old.theirs.first, 1);
  assert_int_equal(old.behind, 77);
  assert_int_equal(old.theirs.size, offsetof(version_1, first) + sizeof(int));

  version_2 newer = {sizeof newer, 0, 55, 66.0};
  const version_1 shorter = {0, 9};
  assert_int_equal(structure_give(&newer, &shorter, offsetof(version_1, first) + sizeof(int)), CHECKROB_OK);
  assert_true(newer.first == 9 && newer.second == 55 && newer.third == 66.0 && newer.size == sizeof newer);
}

static void takes_what_is_there(void **state) {
  (void)state;
  version_2 ours = {sizeof ours, 10, 20, 30.0};
  version_1 old = {offsetof(version_1, first) + sizeof(int), 1};
  assert_int_equal(structure_take(&ours, sizeof ours, &old), CHECKROB_OK);
  assert_true(ours.first == 1 && ours.second == 20 && ours.third == 30.0 && ours.size == sizeof ours);
  version_2 same = {sizeof same, 4, 5, 6.0};
  assert_int_equal(structure_take(&ours, sizeof ours, &same), CHECKROB_OK);
  assert_true(ours.first == 4 && ours.second == 5 && ours.third == 6.0);
}

static void refuses_sizes_that_cannot_be(void **state) {
  (void)state;
  version_2 ours = {sizeof ours, 10, 20, 30.0}, theirs = {0, 1, 2, 3.0};
  assert_int_equal(structure_give(&theirs, &ours, sizeof ours), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "initialiser"));
  assert_int_equal(structure_take(&ours, sizeof ours, &theirs), CHECKROB_ERROR_INVALID_ARGUMENT);
  theirs.size = sizeof theirs + 8; /* from a newer header, with wishes that this library does not know */
  assert_int_equal(structure_take(&ours, sizeof ours, &theirs), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_true(ours.first == 10 && ours.second == 20 && ours.third == 30.0);
  assert_true(theirs.first == 1 && theirs.second == 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(formats_any_length),
      cmocka_unit_test(reads_bytes_as_they_are),
      cmocka_unit_test(reads_an_empty_file),
      cmocka_unit_test(keeps_to_the_limit),
      cmocka_unit_test(refuses_what_is_no_file),
      cmocka_unit_test(does_not_wait_for_a_pipe),
      cmocka_unit_test(tells_what_the_system_says),
      cmocka_unit_test(grows_by_doubling),
      cmocka_unit_test(does_not_overflow),
      cmocka_unit_test(searches),
      cmocka_unit_test(gives_as_much_as_fits),
      cmocka_unit_test(takes_what_is_there),
      cmocka_unit_test(refuses_sizes_that_cannot_be),
  };
  return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
