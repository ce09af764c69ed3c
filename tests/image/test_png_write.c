/* SPDX-License-Identifier: Apache-2.0 */
/* Writing PNG: the file reads back, and a failure leaves no file. */
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixtures.h"

static int make_folder(void **state) {
  char *folder = text_copy("/tmp/checkrob-test-XXXXXX");
  if (!folder || !mkdtemp(folder)) return -1;
  *state = folder;
  return 0;
}

static int remove_folder(void **state) {
  char path[512];
  DIR *folder = opendir(*state);
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    snprintf(path, sizeof path, "%s/%s", (char *)*state, entry->d_name);
    if (entry->d_name[0] != '.') remove(path);
  }
  if (folder) closedir(folder);
  int failed = rmdir(*state);
  free(*state);
  return failed;
}

static size_t count_files(const char *path) {
  size_t count = 0;
  DIR *folder = opendir(path);
  assert_non_null(folder);
  for (struct dirent *entry; (entry = readdir(folder));) count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

static void test_round_trip(void **state) {
  char path[512];
  snprintf(path, sizeof path, "%s/out.png", (char *)*state);
  for (uint32_t round = 1; round < 3; round++) { /* the second replaces the first */
    checkrob_image *image = noise_image(37 * round, 19, round), *back = NULL;
    assert_int_equal(checkrob_image_write_png(image, path), CHECKROB_OK);
    assert_int_equal(checkrob_image_open(&back, path, NULL), CHECKROB_OK);
    assert_int_equal(checkrob_image_width(back), 37 * round);
    assert_int_equal(crc_of_image(back), crc_of_image(image));
    checkrob_image_free(image);
    checkrob_image_free(back);
  }
  assert_int_equal(count_files(*state), 1);
}

static void test_mode_follows_the_umask(void **state) {
  char path[512];
  struct stat info;
  snprintf(path, sizeof path, "%s/out.png", (char *)*state);
  checkrob_image *image = noise_image(3, 3, 1);
  mode_t before = umask(027);
  assert_int_equal(checkrob_image_write_png(image, path), CHECKROB_OK);
  umask(before);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0640);
  checkrob_image_free(image);
}

static void test_places_that_cannot_be_written(void **state) {
  char path[512];
  checkrob_image *image = noise_image(3, 3, 1);
  snprintf(path, sizeof path, "%s/none/out.png", (char *)*state);
  assert_int_equal(checkrob_image_write_png(image, path), CHECKROB_ERROR_NOT_FOUND);
  assert_sentence(path);
  assert_int_equal(checkrob_image_write_png(image, *state), CHECKROB_ERROR_IO);
  assert_sentence("it is a folder");
  assert_int_equal(checkrob_image_write_png(image, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(count_files(*state), 0);
  checkrob_image_free(image);
}

/* A limit on file sizes stands in for the full disk. */
static void test_full_disk_keeps_the_old_file(void **state) {
  char path[512];
  snprintf(path, sizeof path, "%s/out.png", (char *)*state);
  checkrob_image *small = noise_image(8, 8, 1), *large = noise_image(200, 200, 2), *back = NULL;
  assert_int_equal(checkrob_image_write_png(small, path), CHECKROB_OK);

  struct rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  struct rlimit tight = {.rlim_cur = 5000, .rlim_max = before.rlim_max};
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &tight);
  checkrob_status status = checkrob_image_write_png(large, path);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);

  assert_int_equal(status, CHECKROB_ERROR_IO);
  assert_sentence("cannot write ");
  assert_int_equal(count_files(*state), 1);
  assert_int_equal(checkrob_image_open(&back, path, NULL), CHECKROB_OK);
  assert_int_equal(crc_of_image(back), crc_of_image(small));
  checkrob_image_free(back);
  checkrob_image_free(small);
  checkrob_image_free(large);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_round_trip, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_mode_follows_the_umask, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_places_that_cannot_be_written, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_full_disk_keeps_the_old_file, make_folder, remove_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
