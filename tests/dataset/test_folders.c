/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/listing.h"
#include "dataset/scratch.h"

static const char *const endings[] = {".jpg", ".jpeg", ".png", NULL};

static listing list(const char *folder) {
  listing found;
  if (listing_make(&found, (path_span){&(const char *){scratch(folder)}, 1}, endings, "images"))
    fail_msg("%s", checkrob_last_error());
  return found;
}

static void lists_sorted_and_unhidden(void **state) {
  (void)state;
  static const char *const files[] = {"l/b.jpg", "l/a/z.PNG",  "l/a.jpg",       "l/a-b.jpeg",
                                      "l/Z.Jpg", "l/c.gif",    "l/.hidden.jpg", "l/.cache/in.jpg",
                                      "l/.jpg",  "l/d.jpg.txt"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) scratch_write(files[i], "");
  scratch_folder("l/folder.jpg/empty");
  mkfifo(scratch("l/pipe.jpg"), 0600);
  listing found = list("l");
  static const char *const expected[] = {"Z.Jpg", "a-b.jpeg", "a.jpg", "a/z.PNG", "b.jpg"};
  assert_int_equal(found.count, 5);
  for (size_t i = 0; i < 5; i++) assert_string_equal(found.files[i].path, expected[i]);
  listing_clear(&found);
}

static void follows_links_but_not_in_circles(void **state) {
  (void)state;
  scratch_write("elsewhere/x.jpg", "");
  scratch_write("c/a/1.jpg", "");
  assert_int_equal(symlink("../elsewhere", scratch("c/linked")), 0);
  assert_int_equal(symlink("../elsewhere/x.jpg", scratch("c/file.jpg")), 0);
  assert_int_equal(symlink("..", scratch("c/a/up")), 0);
  assert_int_equal(symlink(".", scratch("c/self")), 0);
  assert_int_equal(symlink("nowhere", scratch("c/dangling.jpg")), 0);
  assert_int_equal(symlink("nowhere", scratch("c/dangling")), 0);
  assert_int_equal(symlink("loop.png", scratch("c/loop.png")), 0);
  listing found = list("c");
  static const char *const expected[] = {"a/1.jpg", "dangling.jpg", "file.jpg", "linked/x.jpg", "loop.png"};
  assert_int_equal(found.count, 5);
  for (size_t i = 0; i < 5; i++) assert_string_equal(found.files[i].path, expected[i]);
  listing_clear(&found);
}

/* Two folders that link to each other are entered from both sides, once each way. */
static void mutual_links_end(void **state) {
  (void)state;
  scratch_write("m/p/p.jpg", "");
  scratch_write("m/q/q.jpg", "");
  assert_int_equal(symlink("../q", scratch("m/p/to_q")), 0);
  assert_int_equal(symlink("../p", scratch("m/q/to_p")), 0);
  listing found = list("m");
  static const char *const expected[] = {"p/p.jpg", "p/to_q/q.jpg", "q/q.jpg", "q/to_p/p.jpg"};
  assert_int_equal(found.count, 4);
  for (size_t i = 0; i < 4; i++) assert_string_equal(found.files[i].path, expected[i]);
  listing_clear(&found);
}

/* Root may read everything: then the test continues as the user nobody. */
static void an_unreadable_folder_is_an_error(void **state) {
  (void)state;
  scratch_write("u/ok.jpg", "");
  assert_int_equal(chmod(scratch_folder("u/locked"), 0000), 0);
  assert_int_equal(chmod(scratch_root, 0755), 0);
  uid_t user = geteuid();
  if (user == 0) assert_int_equal(seteuid(65534), 0);
  listing found;
  checkrob_status status =
      listing_make(&found, (path_span){&(const char *){scratch("u")}, 1}, endings, "images");
  if (user == 0) assert_int_equal(seteuid(0), 0);
  chmod(scratch("u/locked"), 0700);
  assert_int_equal(status, CHECKROB_ERROR_IO);
  assert_sentence("cannot list the folder");
  assert_sentence("/u/locked: Permission denied");
}

static void open_expecting(checkrob_status expected, const char *images, const char *annotations,
                           const checkrob_class_map *classes, const char *sentence) {
  checkrob_dataset *dataset = NULL;
  assert_int_equal(
      open_dataset(&dataset, OPTIONS("dataset", "voc", "images", images, "annotations", annotations),
                   classes),
      expected);
  assert_null(dataset);
  assert_sentence(sentence);
}

static void says_which_folder_is_wrong(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes("name,index\nk,1\n");
  scratch_write("one/a.jpg", "");
  scratch_folder("none");
  scratch_write("none/readme.txt", "");
  open_expecting(CHECKROB_ERROR_NOT_FOUND, scratch("missing"), scratch("one"), classes,
                 "there is no images folder ");
  assert_sentence("/missing; check the path");
  open_expecting(CHECKROB_ERROR_NOT_FOUND, scratch("one"), scratch("missing"), classes,
                 "there is no annotations folder ");
  open_expecting(CHECKROB_ERROR_BAD_INPUT, scratch_write("none/readme.txt", "no tar"), scratch("one"),
                 classes, "/none/readme.txt is neither a folder nor a tar file; check the path");
  open_expecting(
      CHECKROB_ERROR_NOT_FOUND, "/dev/null", scratch("one"), classes,
      "/dev/null is neither a folder nor a tar file; use the folder or the tar file with the images");
  open_expecting(CHECKROB_ERROR_NOT_FOUND, scratch("none"), scratch("none"), classes,
                 "there are no images (.jpg, .png, .webp, .bmp ...) below ");
  assert_sentence("/none and no annotations (.xml) below ");
  assert_sentence("; check the two paths");
  open_expecting(CHECKROB_ERROR_INVALID_ARGUMENT, NULL, "x", classes, "a dataset needs images");
  open_expecting(CHECKROB_ERROR_INVALID_ARGUMENT, "x", "x", NULL, "out or classes is NULL");
  checkrob_dataset *dataset = NULL;
  assert_int_equal(checkrob_dataset_open(&dataset, NULL, classes), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_sentence("set the option dataset");
  assert_int_equal(open_dataset(&dataset, OPTIONS("dataset", "coco", "images", "x"), classes),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_sentence("the format coco needs annotations");
  checkrob_class_map_free(classes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_sorted_and_unhidden),  cmocka_unit_test(follows_links_but_not_in_circles),
      cmocka_unit_test(mutual_links_end),           cmocka_unit_test(an_unreadable_folder_is_an_error),
      cmocka_unit_test(says_which_folder_is_wrong),
  };
  return cmocka_run_group_tests_name("folders", tests, scratch_setup, scratch_teardown);
}
