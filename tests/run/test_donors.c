/* SPDX-License-Identifier: Apache-2.0 */
/* Which images give their objects to probes. */
#include <checkrob/results.h>

#include "run/stored.h"

static const char *const class_names[] = {"red", "green", "blue", "other"};

static void open_probed(void) {
  bench_open("{\"crop\": 32}");
  bench_set_integer("batch", 4);
  bench_set_integer("threads", 2);
  bench_set("probe", "verdict");
}

static void write_images(int count, int classes) {
  for (int i = 0; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(&bench.w, name, class_names[i % classes], left_half, i % 2 ? red : blue, left_half);
  }
}

static size_t with_donor;

/* Images of write_images(): the donor is of another class. */
static int check_row(const checkrob_row *row, void *data) {
  const int *classes = data;
  int64_t own = checkrob_row_integer(row, "index"), donor = checkrob_row_integer(row, "donor_index");
  if (donor < 0) return 0;
  with_donor++;
  assert_true(donor != own);
  assert_int_equal(atoi(checkrob_row_text(row, "donor") + 1) % *classes, donor);
  return 0;
}

static void run_with(int count, int classes) {
  write_images(count, classes);
  open_probed();
  bench_on_row(check_row, &classes);
  with_donor = 0;
  must(bench_renew());
  must(bench_execute());
}

static void each_sample_has_a_donor(void **state) {
  (void)state;
  run_with(24, 3);
  assert_int_equal(with_donor, 24);
}

/* The saliency then decides, as without probes. */
static void one_class_has_no_donors(void **state) {
  (void)state;
  run_with(12, 1);
  assert_int_equal(with_donor, 0);
  const checkrob_row *row = checkrob_run_class(bench.run, 0);
  assert_false(checkrob_row_has(row, "suspicion"));
  assert_true(checkrob_row_has(row, "recognised_blurred"));
  assert_true(checkrob_row_has(row, "robustness"));
}

/* Donors with two classes in an image, and broken ones: stored.h's world. */
static int check_stored_row(const checkrob_row *row, void *data) {
  size_t *donors = data;
  const char *donor = checkrob_row_text(row, "donor");
  if (!*donor) return 0;
  ++*donors;
  assert_true(strcmp(donor, "i12.png") != 0); /* its annotation is broken */
  for (size_t i = 0; i < checkrob_row_child_count(row, "other"); i++) {
    const checkrob_row *other = checkrob_row_child(row, "other", i);
    assert_true(checkrob_row_integer(other, "index") != checkrob_row_integer(row, "donor_index"));
  }
  return 0;
}

static void annotated_classes_are_no_donors(void **state) {
  (void)state;
  size_t donors = 0;
  stored_open_world();
  bench_set("probe", "verdict");
  must(stored_execute(stored_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  must(checkrob_results_each(results, check_stored_row, &donors));
  checkrob_results_free(results);
  assert_true(donors > 10 && donors < SAMPLES); /* images with red and green have none */
}

/* Half of the images show red and green, half blue and other: the donors of red samples are both. */
static int count_donors(const checkrob_row *row, void *data) {
  size_t *counts = data;
  int64_t donor = checkrob_row_integer(row, "donor_index"), own = checkrob_row_integer(row, "index");
  assert_true(donor >= 0 && (donor < 2) != (own < 2));
  counts[donor]++;
  return 0;
}

static void every_class_of_an_image_may_be_the_donor(void **state) {
  (void)state;
  size_t counts[4] = {0};
  for (int i = 0; i < 40; i++) {
    char name[16], path[600];
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(&bench.w, name, "red", left_half, red, left_half);
    snprintf(path, sizeof path, "%s/annotations/%s.xml", bench.w.folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, stored_two, class_names[i % 2 ? 0 : 2], class_names[i % 2 ? 1 : 3]);
    fclose(file);
  }
  open_probed();
  bench_on_row(count_donors, counts);
  must(bench_renew());
  must(bench_execute());
  for (int c = 0; c < 4; c++) /* 20 of 80 are expected, with a standard deviation of 3.2 */
    if (counts[c] < 8) fail_msg("class %d is the donor %zu times", c, counts[c]);
}

/* Red alone in half of the images, red and green in the others: green's rectangle could contain red. */
static void donors_do_not_show_the_samples_class(void **state) {
  (void)state;
  for (int i = 0; i < 20; i++) {
    char name[16], path[600];
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(&bench.w, name, "red", left_half, red, left_half);
    if (i % 2) continue;
    snprintf(path, sizeof path, "%s/annotations/%s.xml", bench.w.folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, stored_two, "red", "green");
    fclose(file);
  }
  int classes = 2;
  open_probed();
  bench_on_row(check_row, &classes);
  with_donor = 0;
  must(bench_renew());
  must(bench_execute());
  assert_int_equal(with_donor, 0);
}

/* The fake has no answer to images that begin with magenta. */
static int check_magenta(const checkrob_row *row, void *data) {
  size_t *silent = data;
  if (strcmp(checkrob_row_text(row, "donor"), "i00.png") != 0) return 0;
  ++*silent;
  assert_true(checkrob_row_is_evaluated(row));
  assert_false(checkrob_row_has(row, "rank_transplanted"));
  assert_true(checkrob_row_has(row, "rank_blurred"));
  assert_non_null(strstr(checkrob_row_text(row, "message"), "no answer to the probe transplanted: "));
  return 0;
}

static void a_copy_without_an_answer_is_named(void **state) {
  (void)state;
  size_t silent = 0;
  write_images(6, 3);
  world_sample(&bench.w, "i00", "red", left_half, (colour){255, 0, 255}, left_half);
  open_probed();
  bench_on_row(check_magenta, &silent);
  must(bench_renew());
  must(bench_execute());
  assert_true(silent > 0);
}

static void broken_images_are_passed_over(void **state) {
  (void)state;
  int classes = 3;
  write_images(24, classes);
  for (int i = 0; i < 24; i += 4) {
    char path[600];
    snprintf(path, sizeof path, "%s/images/i%02d.png", bench.w.folder, i);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("no image", file);
    fclose(file);
  }
  open_probed();
  bench_on_row(check_row, &classes);
  with_donor = 0;
  must(bench_renew());
  must(bench_execute());
  assert_int_equal(with_donor, 18);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(each_sample_has_a_donor),
      BENCH_TEST(one_class_has_no_donors),
      BENCH_TEST(annotated_classes_are_no_donors),
      BENCH_TEST(every_class_of_an_image_may_be_the_donor),
      BENCH_TEST(donors_do_not_show_the_samples_class),
      BENCH_TEST(a_copy_without_an_answer_is_named),
      BENCH_TEST(broken_images_are_passed_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
