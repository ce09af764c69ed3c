/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear completely or not at all, in a folder where others may write. */
#include "base/part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/test.h"

static char *folder;

static int make_folder(void **state) {
  (void)state;
  folder = folder_new();
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  folder_remove(folder);
  return 0;
}

static mode_t mode_of(const char *path) {
  struct stat info;
  assert_int_equal(lstat(path, &info), 0);
  assert_true(S_ISREG(info.st_mode));
  return info.st_mode & 07777;
}

static void a_complete_file_appears(void **state) {
  (void)state;
  char *path = folder_path(folder, "a.txt");
  part_file file;
  mode_t old = umask(027);
  must(part_file_open(&file, path));
  assert_int_equal(mode_of(file.part), 0640); /* as fopen() would */
  assert_int_not_equal(access(path, F_OK), 0);
  assert_true(fputs("text", file.file) >= 0);
  must(part_file_finish(&file, CHECKROB_OK));
  umask(old);
  assert_int_equal(mode_of(path), 0640);
  assert_int_equal(file_size(folder, "a.txt"), 4);
  assert_int_equal(folder_count(folder), 1);
  free(path);
}

static void nothing_is_left_of_a_failure(void **state) {
  (void)state;
  char *path = folder_path(folder, "a.txt"), *deep = folder_path(folder, "none/a.txt");
  part_file file;
  must(part_file_open(&file, path));
  assert_int_equal(part_file_finish(&file, CHECKROB_ERROR_BAD_INPUT), CHECKROB_ERROR_BAD_INPUT);
  assert_int_equal(folder_count(folder), 0);
  assert_int_equal(part_file_open(&file, deep), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(part_file_open(&file, folder), CHECKROB_ERROR_IO);
  assert_int_equal(mkfifo(path, 0600), 0); /* like a device: it is not replaced */
  assert_int_equal(part_file_open(&file, path), CHECKROB_ERROR_IO);
  assert_int_equal(folder_count(folder), 1);
  free(path);
  free(deep);
}

/* The digits of PATH.DIGITS.part. */
static unsigned long long digits_of(const char *part, const char *path) {
  size_t length = strlen(path);
  char *end = NULL;
  assert_memory_equal(part, path, length);
  assert_int_equal(part[length], '.');
  assert_int_equal(strspn(part + length + 1, "0123456789abcdef"), 16);
  unsigned long long digits = strtoull(part + length + 1, &end, 16);
  assert_string_equal(end, ".part");
  return digits;
}

/* Names of one process have nothing in common: neither its number, nor the time, nor a count. */
static void names_cannot_be_guessed(void **state) {
  (void)state;
  enum { FILES = 64 };
  char *path = folder_path(folder, "a.txt");
  unsigned long long always = ~0ULL, never = ~0ULL;
  for (int i = 0; i < FILES; i++) {
    part_file file;
    must(part_file_open(&file, path));
    unsigned long long digits = digits_of(file.part, path);
    always &= digits;
    never &= ~digits;
    assert_int_equal(part_file_finish(&file, CHECKROB_ERROR), CHECKROB_ERROR);
  }
  assert_true(always == 0 && never == 0); /* every bit was 0, and was 1 */
  free(path);
}

/* A link to somebody's file under the name that another process would have used, and under the target's. */
static void links_are_not_followed(void **state) {
  (void)state;
  char *path = folder_path(folder, "a.txt"), *mine = folder_path(folder, "mine"), old[1024];
  file_write_text(folder, "mine", "precious");
  snprintf(old, sizeof old, "%s.part", path);
  assert_int_equal(symlink(mine, old), 0);
  assert_int_equal(symlink(mine, path), 0);
  must(file_write_whole(path, "new", 3));
  assert_int_equal(file_size(folder, "mine"), strlen("precious"));
  assert_int_equal(mode_of(path) & 0600, 0600); /* the link was replaced */
  assert_int_equal(file_size(folder, "a.txt"), 3);
  free(path);
  free(mine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
  const struct CMUnitTest tests[] = {TEST(a_complete_file_appears), TEST(nothing_is_left_of_a_failure),
                                     TEST(names_cannot_be_guessed), TEST(links_are_not_followed)};
  return cmocka_run_group_tests_name("part files", tests, NULL, NULL);
}
