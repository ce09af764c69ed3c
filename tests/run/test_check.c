/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a dataset without a model: the same, in the same order, whatever the number of threads. */
#include <checkrob/check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/folder.h"
#include "support/test.h"
#include "support/world.h"

#define COUNT 120
#define TEXT (1 << 20)

static world w;
static const rectangle half = {0, 0, 16, 32};
static const colour red = {255, 0, 0};

/* The arguments of the callback, as text. */
typedef struct record {
  char *text;
  size_t samples, stop_at;
} record;

static int on_sample(const checkrob_checked_sample *checked, void *user_data) {
  record *r = user_data;
  size_t used = strlen(r->text);
  assert_int_equal(checked->size, sizeof *checked);
  snprintf(r->text + used, TEXT - used, "%s %d %d '%s' %d '%s' %ux%u %llx\n",
           checkrob_sample_image(checked->sample), (int)checkrob_sample_part(checked->sample),
           (int)checkrob_sample_status(checked->sample), checkrob_sample_message(checked->sample),
           (int)checked->image_status, checked->image_message, checked->width, checked->height,
           (unsigned long long)checked->pixels_hash);
  return ++r->samples == r->stop_at;
}

static int setup(void **state) {
  (void)state;
  world_start(&w);
  char name[32];
  for (int i = 0; i < COUNT; i++) {
    snprintf(name, sizeof name, "i%03d", i);
    world_sample(&w, name, "red", half, (colour){255, (uint8_t)i, 0}, half);
  }
  file_write_text(w.folder, "images/i007.png", "no image");
  file_write_text(w.folder, "annotations/i008.xml", "<annotation>");
  file_write_text(w.folder, "annotations/stray.xml", "<annotation></annotation>");
  world_sample(&w, "twin_a", "red", half, red, half);
  world_sample(&w, "twin_b", "green", half, red, half);
  world_image(&w, "large.png", 700, 500, half, red); /* takes longer than those after it */
  world_annotation(&w, "large", 32, 32, "red", half);
  file_write_text(
      w.folder, "annotations/twin_a.xml",
      "<annotation><object><name>red</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax>"
      "<ymax>9</ymax></bndbox></object><object><name>blue</name><bndbox><xmin>40</xmin><ymin>1</ymin>"
      "<xmax>50</xmax><ymax>9</ymax></bndbox></object></annotation>");
  world_open(&w);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  world_end(&w);
  return 0;
}

/* With so many threads, through a cursor that is thrown away. */
static checkrob_status check(checkrob_dataset *dataset, int threads, record *r, size_t *skipped) {
  checkrob_options *options = NULL;
  checkrob_cursor *cursor = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set_integer(options, "threads", threads));
  must(checkrob_cursor_new(&cursor, dataset, 0, 0));
  checkrob_status status = checkrob_check(cursor, options, on_sample, r);
  if (skipped) *skipped = checkrob_cursor_skipped(cursor);
  checkrob_cursor_free(cursor);
  checkrob_options_free(options);
  return status;
}

static record read_with(int threads) {
  record r = {.text = calloc(1, TEXT)};
  assert_non_null(r.text);
  if (check(w.dataset, threads, &r, NULL)) fail_msg("%s", checkrob_last_error());
  assert_int_equal(r.samples, COUNT + 5);
  return r;
}

static const char *line_of(const record *r, const char *start) {
  const char *line = strstr(r->text, start);
  if (!line) fail_msg("no line '%s' in:\n%s", start, r->text);
  return line;
}

static void expect_line(const record *r, const char *start, const char *part) {
  const char *line = line_of(r, start), *found = strstr(line, part);
  if (!found || found > strchr(line, '\n')) fail_msg("'%s' is not in: %.300s", part, line);
}

static void says_what_is_wrong(void **state) {
  (void)state;
  record r = read_with(3);
  expect_line(&r, "i000.png 0 0 '' 0 '' 32x32 ", "\n");
  expect_line(&r, "i007.png 0 0 '' -5 '", "i007.png is neither JPEG, PNG, WebP nor BMP");
  expect_line(&r, "i007.png 0 ", "' 0x0 0\n");
  expect_line(&r, "i008.png 0 -4 '", "the XML is truncated");
  expect_line(&r, "i008.png 0 -4 '", " 0 '' 32x32 ");
  expect_line(&r, "large.png 0 0 '", "states an image of 32 x 32 pixels, but it has 700 x 500");
  expect_line(&r, "stray.xml 0 ", "has no image below");
  /* One image, two samples, one of them outside. */
  expect_line(&r, "twin_a.png 0 0 '' 0 '' 32x32 ", "");
  expect_line(&r, "twin_a.png 1 -4 '", "lies outside the image of 32 x 32 pixels");
  const char *first = strstr(line_of(&r, "twin_a.png 0"), "32x32 "),
             *second = strstr(line_of(&r, "twin_b.png"), "32x32 ");
  assert_memory_equal(first, second, strlen("32x32 0123456789abcde"));
  free(r.text);
}

static void threads_change_nothing(void **state) {
  (void)state;
  record one = read_with(1);
  for (int threads = 0; threads <= 9; threads += 3) {
    record many = read_with(threads);
    assert_string_equal(many.text, one.text);
    free(many.text);
  }
  free(one.text);
}

/* All samples of an image after skipped ones are reported, with the status of the image. */
static void skipped_images_are_not_read(void **state) {
  (void)state;
  world own;
  record r = {.text = calloc(1, TEXT)};
  assert_non_null(r.text);
  world_start(&own);
  own.skip_unmapped = 1;
  for (int i = 0; i < 9; i++) {
    char name[32], path[64];
    snprintf(name, sizeof name, "i%d", i);
    world_sample(&own, name, "zebra", half, red, half);
    snprintf(path, sizeof path, "annotations/i%d.xml", i);
    if (i == 2 || i == 5)
      file_write_text(own.folder, path,
                      "<annotation><object><name>red</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax>"
                      "<ymax>9</ymax></bndbox></object><object><name>blue</name><bndbox><xmin>4</xmin><ymin>1"
                      "</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>");
  }
  file_write_text(own.folder, "images/i2.png", "no image");
  world_open(&own);
  for (int threads = 1; threads < 4; threads++) {
    r.text[0] = '\0';
    r.samples = 0;
    size_t skipped = 0;
    if (check(own.dataset, threads, &r, &skipped)) fail_msg("%s", checkrob_last_error());
    assert_int_equal(r.samples, 4);
    assert_int_equal(skipped, 7);
    expect_line(&r, "i2.png 0 0 '' -5 '", "neither JPEG, PNG, WebP nor BMP");
    expect_line(&r, "i2.png 1 0 '' -5 '", "neither JPEG, PNG, WebP nor BMP");
    expect_line(&r, "i5.png 1 0 '' 0 '' 32x32", "");
  }
  free(r.text);
  world_end(&own);
}

static void the_callback_may_stop(void **state) {
  (void)state;
  for (size_t at = 1; at < COUNT; at += 17) {
    record r = {.text = calloc(1, TEXT), .stop_at = at};
    assert_non_null(r.text);
    assert_int_equal(check(w.dataset, 4, &r, NULL), CHECKROB_ERROR_INTERRUPTED);
    assert_int_equal(r.samples, at);
    free(r.text);
  }
}

static checkrob_status out_of_memory_at_17(checkrob_input *input, size_t number, void *user_data) {
  (void)input, (void)user_data;
  return number == 17 ? CHECKROB_ERROR_OUT_OF_MEMORY : CHECKROB_ERROR;
}

static void a_dataset_that_ends_early_is_an_error(void **state) {
  (void)state;
  checkrob_dataset *dataset = NULL;
  assert_int_equal(checkrob_dataset_new(&dataset, 100, out_of_memory_at_17, NULL, w.classes), CHECKROB_OK);
  record r = {.text = calloc(1, TEXT)};
  assert_non_null(r.text);
  assert_int_equal(check(dataset, 4, &r, NULL), CHECKROB_ERROR_OUT_OF_MEMORY);
  assert_int_equal(r.samples, 17);
  checkrob_cursor *cursor = NULL;
  must(checkrob_cursor_new(&cursor, dataset, 0, 0));
  assert_int_equal(checkrob_check(cursor, NULL, NULL, &r), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_check(NULL, NULL, on_sample, &r), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_cursor_free(cursor);
  free(r.text);
  checkrob_dataset_free(dataset);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_what_is_wrong), cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(skipped_images_are_not_read), cmocka_unit_test(the_callback_may_stop),
      cmocka_unit_test(a_dataset_that_ends_early_is_an_error)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
