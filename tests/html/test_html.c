/* SPDX-License-Identifier: Apache-2.0 */
/* A report of a run on a small world: what its data say, what happens with images that are gone, and that no
 * text of the data becomes a part of the page. */
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "html/pictures.h"
#include "image/limits.h"
#include "run/stored.h"

static checkrob_results *results;
static checkrob_html *report;
static json_t *data;

static const char *at(const char *name) {
  static char paths[8][512];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", bench.w.folder, name);
  return path;
}

static int start(void **state) {
  int code = bench_setup(state);
  stored_open_world();
  return code;
}

static void run_and_open(void) {
  must(bench_renew());
  must(checkrob_run_store(bench.run, at("results.sqlite")));
  must(checkrob_run_execute(bench.run));
  must(checkrob_results_open(&results, at("results.sqlite"), NULL));
  must(checkrob_html_new(&report, results));
}

static int stop(void **state) {
  json_decref(data);
  data = NULL;
  checkrob_html_free(report);
  report = NULL;
  checkrob_results_free(results);
  results = NULL;
  return bench_teardown(state);
}

/* The JSON between the element's tags. */
static void read_page(const char *path) {
  static const char begin[] = "<script type=\"application/json\" id=\"data\">";
  char *page = NULL;
  size_t bytes = 0;
  json_error_t problem;
  must(file_read(&page, &bytes, path, 1 << 24));
  char *from = strstr(page, begin), *end = from ? strstr(from, "</script>") : NULL;
  assert_non_null(end);
  json_decref(data);
  data = json_loadb(from + strlen(begin), (size_t)(end - from) - strlen(begin), 0, &problem);
  if (!data) fail_msg("%s at %d", problem.text, problem.position);
  free(page);
}

static void write_page(void) {
  must(checkrob_html_set_data(report, bench.w.dataset, bench.preprocess, bench.options));
  must(checkrob_html_write(report, at("report.html")));
  read_page(at("report.html"));
}

static const json_t *cell(const json_t *table, size_t row, const char *name) {
  const json_t *columns = json_object_get(table, "columns");
  for (size_t i = 0; i < json_array_size(columns); i++)
    if (strcmp(json_string_value(json_array_get(json_array_get(columns, i), 0)), name) == 0)
      return json_array_get(json_array_get(json_object_get(table, "rows"), row), i);
  return NULL;
}

static size_t count_pictures(const char *key, const char *value) {
  size_t count = 0, i;
  json_t *p;
  json_array_foreach(json_object_get(data, "pictures"), i, p) {
    const char *text = json_string_value(json_object_get(p, key));
    count += text && (!value || strcmp(text, value) == 0);
  }
  return count;
}

/* The world's data as they are now. The caller frees. */
static checkrob_dataset *open_again(void) {
  checkrob_options *options = NULL;
  checkrob_dataset *dataset = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "dataset", "voc"));
  must(checkrob_options_set(options, "images", at("images")));
  must(checkrob_options_set(options, "annotations", at("annotations")));
  must(checkrob_dataset_open(&dataset, options, bench.w.classes));
  checkrob_options_free(options);
  return dataset;
}

/* ---- tests ---- */

static void says_what_the_results_say(void **state) {
  (void)state;
  run_and_open();
  write_page();
  const json_t *classes = json_object_get(data, "classes");
  size_t count = checkrob_results_class_count(results);
  assert_int_equal(json_array_size(json_object_get(classes, "rows")), count);
  for (size_t i = 0; i < count; i++) {
    const checkrob_row *row = checkrob_results_class(results, i);
    assert_string_equal(json_string_value(cell(classes, i, "class")), checkrob_row_text(row, "class"));
    assert_string_equal(json_string_value(cell(classes, i, "verdict")), checkrob_row_text(row, "verdict"));
    assert_true(fabs(json_number_value(cell(classes, i, "crs")) - checkrob_row_number(row, "crs")) < 1e-5);
  }
  const json_t *totals = json_object_get(data, "totals");
  assert_int_equal(json_integer_value(json_object_get(totals, "failed")), bench_total("failed"));
  assert_int_equal(json_array_size(json_object_get(data, "failures")), bench_total("failed"));
  assert_true(json_array_size(json_object_get(data, "notes")) >= 2);
  assert_true(json_is_true(json_object_get(data, "complete")));
}

static void shows_the_chosen_images(void **state) {
  (void)state;
  run_and_open();
  must(checkrob_html_set_images(report, 4));
  write_page();
  size_t all = json_array_size(json_object_get(data, "pictures"));
  assert_int_equal(all, checkrob_html_pictures(report));
  assert_int_equal(checkrob_html_missing(report), 0);
  assert_int_equal(count_pictures("kind", "worst"), 4); /* of two classes */
  assert_int_equal(count_pictures("kind", "best"), 2);
  assert_int_equal(count_pictures("webp", NULL), all);
  size_t i;
  json_t *p;
  json_array_foreach(json_object_get(data, "pictures"), i, p) {
    assert_true(json_string_length(json_object_get(p, "outline")) > 0);
    assert_int_equal(json_integer_value(json_object_get(p, "width")), 32);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(p, "map"), "w")), 4);
  }
}

static void writes_no_pictures_without_data(void **state) {
  (void)state;
  run_and_open();
  must(checkrob_html_write(report, at("report.html")));
  read_page(at("report.html"));
  assert_int_equal(json_array_size(json_object_get(data, "pictures")), 0);
  must(checkrob_html_set_images(report, 0));
  write_page();
  assert_int_equal(json_array_size(json_object_get(data, "pictures")), 0);
}

static void names_images_that_are_gone_or_broken(void **state) {
  (void)state;
  run_and_open();
  must(checkrob_html_set_images(report, 100));
  assert_int_equal(unlink(at("images/i01.png")), 0);
  file_write_text(bench.w.folder, "images/i02.png", "no image");
  write_page();
  assert_int_equal(checkrob_html_missing(report), 2);
  assert_int_equal(count_pictures("problem", NULL), 2);
}

/* An image that is added before all others changes the numbers of all. */
static void finds_images_whose_numbers_changed(void **state) {
  (void)state;
  run_and_open();
  must(checkrob_html_set_images(report, 100));
  world_sample(&bench.w, "a_new_one", "red", left_half, red, left_half);
  checkrob_dataset *changed = open_again();
  must(checkrob_html_set_data(report, changed, bench.preprocess, NULL));
  must(checkrob_html_write(report, at("report.html")));
  read_page(at("report.html"));
  assert_int_equal(checkrob_html_missing(report), 0);
  assert_true(checkrob_html_pictures(report) >= 18);
  checkrob_dataset_free(changed);
}

/* The same in a pool, whose images have no class. */
static void finds_images_of_the_pool_whose_numbers_changed(void **state) {
  (void)state;
  pick moved = {.kind = PICK_POOL, .input = 1000, .image = text_copy("i03.png"), .x = NAN, .y = NAN};
  pick_list picks = {&moved, 1, 1};
  pictures_pass pass = {.pool = bench.w.dataset, .threads = 2};
  char *text = NULL;
  size_t bytes = 0;
  pass.to = open_memstream(&text, &bytes);
  pass.style.preprocess = bench.preprocess;
  pass.style.limits = image_limits_of(NULL);
  picture_style_for(&pass.style, 1, 0);
  must(pictures_write(&pass, &picks));
  fclose(pass.to);
  assert_int_equal(pass.drawn, 1);
  assert_int_equal(pass.missing, 0);
  free(moved.image);
  free(text);
}

static void puts_pictures_into_a_folder(void **state) {
  (void)state;
  run_and_open();
  folder_make(bench.w.folder, "pictures");
  must(checkrob_html_set_folder(report, at("pictures"), "pictures"));
  write_page();
  assert_int_equal(folder_count(at("pictures")), checkrob_html_pictures(report));
  assert_int_equal(count_pictures("webp", NULL), 0);
  size_t i;
  json_t *p;
  json_array_foreach(json_object_get(data, "pictures"), i, p) {
    checkrob_image *image = NULL;
    must(checkrob_image_open(&image, at(json_string_value(json_object_get(p, "file"))), NULL));
    assert_int_equal(checkrob_image_width(image), 32);
    checkrob_image_free(image);
  }
}

/* A folder may have any bytes in its name, and the page has UTF-8 alone. */
static void links_to_any_folder(void **state) {
  (void)state;
  run_and_open();
  folder_make(bench.w.folder, "pictures");
  must(checkrob_html_set_folder(report, at("pictures"), "../a:b \xff#?%/\"'"));
  write_page();
  size_t all = checkrob_html_pictures(report);
  assert_true(all > 0);
  assert_int_equal(count_pictures("file", NULL), all);
  assert_int_equal(count_pictures("file", "../a%3Ab%20%FF%23%3F%25/%22%27/000001.webp"), 1);
}

static void compares_with_another_run(void **state) {
  (void)state;
  run_and_open();
  checkrob_results *before = NULL;
  must(checkrob_results_open(&before, at("results.sqlite"), NULL));
  must(checkrob_html_set_before(report, before));
  write_page();
  const json_t *comparison = json_object_get(data, "comparison");
  assert_int_equal(json_array_size(json_object_get(comparison, "rows")),
                   checkrob_results_class_count(results));
  assert_true(json_number_value(cell(comparison, 0, "rs_change")) == 0.0);
  const json_t *first = json_array_get(json_object_get(data, "pictures"), 0);
  assert_true(json_equal(json_object_get(first, "rs"), json_object_get(first, "rs_before")));
  assert_true(json_equal(json_object_get(first, "map"), json_object_get(first, "map_before")));
  checkrob_results_free(before);
}

static int stop_at_second(size_t done, size_t total, void *user_data) {
  assert_true(done <= total);
  return ++*(int *)user_data == 2;
}

static void an_interrupted_report_is_not_written(void **state) {
  (void)state;
  int calls = 0;
  run_and_open();
  must(checkrob_html_set_data(report, bench.w.dataset, bench.preprocess, bench.options));
  must(checkrob_html_on_progress(report, stop_at_second, &calls));
  size_t files = folder_count(bench.w.folder);
  assert_int_equal(checkrob_html_write(report, at("report.html")), CHECKROB_ERROR_INTERRUPTED);
  assert_int_equal(calls, 2);
  assert_int_equal(folder_count(bench.w.folder), files);
}

/* What would end the script element, or begin another one: in the name of an image. */
static void no_text_of_the_data_is_markup(void **state) {
  (void)state;
  static const char hostile[] = "images/x<!--<script>\"\\\n\xff.png",
                    annotation[] = "annotations/x<!--<script>\"\\\n\xff.xml";
  assert_int_equal(rename(at("images/i01.png"), at(hostile)), 0);
  assert_int_equal(rename(at("annotations/i01.xml"), at(annotation)), 0);
  checkrob_dataset_free(bench.w.dataset);
  bench.w.dataset = open_again();
  run_and_open();
  must(checkrob_html_set_images(report, 100));
  write_page();
  assert_int_equal(count_pictures("image", "x<!--<script>\"\\\n\\xFF.png"), 1);
  assert_int_equal(checkrob_html_missing(report), 0);
  char *page = NULL;
  size_t bytes = 0, opened = 0;
  must(file_read(&page, &bytes, at("report.html"), 1 << 24));
  for (const char *found = page; (found = strstr(found, "<script")); found++) opened++;
  assert_int_equal(opened, 2); /* the data, and the script itself */
  free(page);
}

static void refuses_what_it_cannot_use(void **state) {
  (void)state;
  run_and_open();
  assert_int_equal(checkrob_html_set_images(report, 101), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_html_write(report, at("no/such/folder.html")), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_html_write(report, bench.w.folder), CHECKROB_ERROR_IO);
}

#define REPORT_TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      REPORT_TEST(says_what_the_results_say),
      REPORT_TEST(shows_the_chosen_images),
      REPORT_TEST(writes_no_pictures_without_data),
      REPORT_TEST(names_images_that_are_gone_or_broken),
      REPORT_TEST(finds_images_whose_numbers_changed),
      REPORT_TEST(finds_images_of_the_pool_whose_numbers_changed),
      REPORT_TEST(puts_pictures_into_a_folder),
      REPORT_TEST(compares_with_another_run),
      REPORT_TEST(an_interrupted_report_is_not_written),
      REPORT_TEST(no_text_of_the_data_is_markup),
      REPORT_TEST(refuses_what_it_cannot_use),
      REPORT_TEST(links_to_any_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
