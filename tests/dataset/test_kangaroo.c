/* SPDX-License-Identifier: Apache-2.0 */
/* The kangaroo photos: 164 annotations that a tool really wrote, and what another program made of them. */
#include "dataset/scratch.h"
#include "support/golden_data.h"

static const char *shared(const char *name) {
  static char paths[2][1024];
  static int next;
  char *path = paths[next++ % 2];
  snprintf(path, sizeof paths[0], "%s/%s", golden_folder(), name);
  return path;
}

static void compare(checkrob_sample *sample, const golden_row *row) {
  assert_string_equal(checkrob_sample_image(sample), row->image);
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(sample)), row->boxes);
  assert_int_equal(checkrob_sample_check_size(sample, row->width, row->height), CHECKROB_OK);
  assert_string_equal(checkrob_sample_message(sample), "");
}

static void every_annotation_gives_a_sample(void **state) {
  (void)state;
  if (!golden_folder()) skip();
  golden_data golden;
  golden_read(&golden, "mobilenet_v2_050__features.18__GradCAM");
  checkrob_class_map *classes = scratch_classes("name,index\nkangaroo,104\n");
  checkrob_dataset *dataset = NULL;
  assert_int_equal(open_dataset(&dataset,
                                OPTIONS("dataset", "voc", "images", shared("kangaroo/images"), "annotations",
                                        shared("kangaroo/annots")),
                                classes),
                   CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  assert_int_equal(checkrob_dataset_input_count(dataset), 164);
  size_t row = 0;
  for (int i = 0; i < 164; i++) {
    checkrob_sample *sample = next_sample(cursor);
    if (checkrob_sample_status(sample)) fail_msg("%s", checkrob_sample_message(sample));
    assert_int_equal(checkrob_sample_class_index(sample), 104);
    /* 00090.jpg is truncated and has no row. */
    if (strcmp(checkrob_sample_image(sample), "00090.jpg") != 0) compare(sample, &golden.rows[row++]);
    checkrob_sample_free(sample);
  }
  assert_int_equal(row, golden.count);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
  golden_free(&golden);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_annotation_gives_a_sample)};
  return cmocka_run_group_tests_name("kangaroo", tests, scratch_setup, scratch_teardown);
}
