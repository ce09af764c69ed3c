/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/cues.h"

#include <checkrob/image.h>
#include <stdbool.h>

#include "analysis/properties.h"
#include "classes/class_columns.h"
#include "table/samples.h"

static row_layout *layout, *class_layout;
static checkrob_row *classes[2];
static sample_columns found;
static cue_samples samples;
static row_list table;

static int start(void **state) {
  (void)state;
  const column_list parts[] = {saliency_columns, property_columns};
  must(sample_layout_new(&layout, parts, 2, saliency_children, 2));
  must(class_layout_new(&class_layout, NULL));
  for (int i = 0; i < 2; i++) {
    must(row_new(&classes[i], class_layout));
    must(row_put_text(classes[i], "class", i ? "dog" : "cat"));
    row_put_integer(classes[i], "index", i);
  }
  sample_columns_find(&found, layout);
  must(cues_start(&table));
  samples = (cue_samples){0};
  return 0;
}

static int stop(void **state) {
  (void)state;
  cue_samples_clear(&samples);
  row_list_clear(&table);
  row_free(classes[0]);
  row_free(classes[1]);
  row_layout_free(layout);
  row_layout_free(class_layout);
  return 0;
}

/* A sample with this brightness; all other properties are 0.5. */
static void add(int index, double brightness, double logit, bool with_person) {
  checkrob_row *row = sample_new(layout, samples.count, 0, "i.png", index ? "dog" : "cat", index);
  for (int p = 0; p < PROPERTIES; p++)
    row_set_number(row, found.properties[p], p == PROPERTY_BRIGHTNESS ? brightness : 0.5);
  row_set_number(row, found.logit, logit);
  if (with_person) sample_add_other(row, "person", 2, 0.5);
  must(cue_samples_add(&samples, row, &found));
  row_free(row);
}

static const checkrob_row *cue(const char *class_name, const char *name) {
  for (size_t i = 0; i < table.count; i++)
    if (strcmp(checkrob_row_text(table.rows[i], "class"), class_name) == 0 &&
        strcmp(checkrob_row_text(table.rows[i], "name"), name) == 0)
      return table.rows[i];
  fail_msg("no row about %s of %s", name, class_name);
  return NULL;
}

static void assert_near(double value, double expected) {
  if (!(fabs(value - expected) <= 1e-6)) fail_msg("%.9g instead of %.9g", value, expected);
}

static void properties_predict_and_are_followed(void **state) {
  (void)state;
  /* Cats are brighter, and the brighter the more certain; dogs are dark, whatever their logit. */
  for (int i = 0; i < 12; i++) add(0, 0.5 + 0.03 * i, 2.0 + 0.5 * i, false);
  for (int i = 0; i < 12; i++) add(1, 0.1 + 0.04 * i, 3.0 + (i * 5 % 12), false);
  must(cues_fill(&table, &samples, classes, 2));
  assert_int_equal(table.count, 2 * PROPERTIES);
  const checkrob_row *bright = cue("cat", "brightness");
  assert_int_equal(checkrob_row_integer(bright, "images"), 12);
  assert_near(checkrob_row_number(bright, "inside"), 0.5 + 0.03 * 5.5);
  assert_near(checkrob_row_number(bright, "outside"), 0.1 + 0.04 * 5.5);
  assert_near(checkrob_row_number(bright, "auc"), 141.5 / 144.0);
  assert_true(checkrob_row_number(bright, "p_label") < 1e-4);
  assert_near(checkrob_row_number(bright, "correlation"), 1.0);
  assert_near(checkrob_row_number(bright, "p_evidence"), 0.0);
  assert_int_equal(checkrob_row_integer(bright, "predicts"), 1);
  assert_int_equal(checkrob_row_integer(bright, "followed"), 1);
  const checkrob_row *dark = cue("dog", "brightness");
  assert_int_equal(checkrob_row_integer(dark, "predicts"), 1);
  assert_int_equal(checkrob_row_integer(dark, "followed"), 0);
  const checkrob_row *none = cue("cat", "warmth"); /* the same everywhere */
  assert_near(checkrob_row_number(none, "auc"), 0.5);
  assert_int_equal(checkrob_row_integer(none, "predicts"), 0);
  assert_false(checkrob_row_has(none, "correlation"));
}

static void other_classes_predict_too(void **state) {
  (void)state;
  for (int i = 0; i < 20; i++) add(0, 0.5, (i < 15 ? 6.0 : 2.0) + 0.01 * i, i < 15);
  for (int i = 0; i < 20; i++) add(1, 0.5, 3.0, i < 3);
  must(cues_fill(&table, &samples, classes, 2));
  const checkrob_row *person = cue("cat", "person");
  assert_string_equal(checkrob_row_text(person, "kind"), "class");
  assert_near(checkrob_row_number(person, "inside"), 0.75);
  assert_near(checkrob_row_number(person, "outside"), 0.15);
  assert_near(checkrob_row_number(person, "auc"), 0.8);
  /* z = 0.6 / sqrt(0.45 * 0.55 * 2 / 20) = 3.8139 */
  assert_true(fabs(checkrob_row_number(person, "p_label") - 1.3682e-4) < 1e-6);
  assert_int_equal(checkrob_row_integer(person, "followed"), 1);
  for (size_t i = 0; i < table.count; i++) /* three dogs with a person are too few for a row */
    assert_false(strcmp(checkrob_row_text(table.rows[i], "class"), "dog") == 0 &&
                 strcmp(checkrob_row_text(table.rows[i], "kind"), "class") == 0);
}

static void samples_without_properties_do_not_count(void **state) {
  (void)state;
  checkrob_row *row = sample_new(layout, 0, 0, "i.png", "cat", 0);
  row_set_number(row, found.logit, 1.0);
  must(cue_samples_add(&samples, row, &found));
  row_free(row);
  must(cues_fill(&table, &samples, classes, 2));
  assert_int_equal(table.count, 0);
}

/* ---- the properties of an image ---- */

static void properties_are_those_of_the_pixels(void **state) {
  (void)state;
  enum { W = 50, H = 20 };
  static uint8_t pixels[W * H * 3];
  double p[PROPERTIES];
  checkrob_image *image = NULL;
  /* Blue, with a white frame, and black and white stripes in the lower left corner. */
  for (size_t y = 0; y < H; y++)
    for (size_t x = 0; x < W; x++) {
      bool frame = x == 0 || y == 0 || x == W - 1 || y == H - 1, stripes = x < 10 && y >= 16 && x % 2;
      memcpy(pixels + 3 * (y * W + x),
             frame     ? (uint8_t[]){255, 255, 255}
             : stripes ? (uint8_t[]){0, 0, 0}
                       : (uint8_t[]){0, 0, 255},
             3);
    }
  must(checkrob_image_from_rgb(&image, pixels, W, H));
  properties_of(p, image);
  checkrob_image_free(image);
  assert_near(p[PROPERTY_PIXELS], 0.001);
  assert_near(p[PROPERTY_ASPECT], 2.5);
  double frame = 2 * W + 2 * H - 4, stripes = 5 * 3 - 0; /* columns 1, 3, 5, 7, 9; rows 16 to 18 */
  assert_near(p[PROPERTY_WARMTH], -(W * H - frame - stripes) / (W * H));
  assert_near(p[PROPERTY_COLOUR], (W * H - frame - stripes) / (W * H));
  assert_near(p[PROPERTY_GREENNESS], -0.5 * (W * H - frame - stripes) / (W * H));
  assert_near(p[PROPERTY_BRIGHTNESS], (frame + 0.114 * (W * H - frame - stripes)) / (W * H));
  assert_near(p[PROPERTY_BORDER], 1.0);
  assert_true(p[PROPERTY_CORNER] > 1.5 && p[PROPERTY_SHARPNESS] > 0.0);
}

static void the_smallest_image_has_properties(void **state) {
  (void)state;
  double p[PROPERTIES];
  checkrob_image *image = NULL;
  must(checkrob_image_from_rgb(&image, (const uint8_t[]){255, 0, 0}, 1, 1));
  properties_of(p, image);
  checkrob_image_free(image);
  for (int i = 0; i < PROPERTIES; i++) assert_true(isfinite(p[i]));
  assert_near(p[PROPERTY_WARMTH], 1.0);
  assert_near(p[PROPERTY_SHARPNESS], 0.0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(properties_predict_and_are_followed, start, stop),
      cmocka_unit_test_setup_teardown(other_classes_predict_too, start, stop),
      cmocka_unit_test_setup_teardown(samples_without_properties_do_not_count, start, stop),
      cmocka_unit_test(properties_are_those_of_the_pixels),
      cmocka_unit_test(the_smallest_image_has_properties)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
