/* SPDX-License-Identifier: Apache-2.0 */
/* What a run measures, and that it does not depend on how the work is cut up. */
#include "run/bench.h"

#define CROP "{\"crop\": 32}"

/* ---- numbers ---- */

static void scores_by_hand(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  world_sample(&bench.w, "b", "red", left_half, red, right_half);
  world_sample(&bench.w, "c", "red", left_half, red, whole);
  world_sample(&bench.w, "d", "green", right_half, green, right_half);
  bench_open(CROP);
  for (checkrob_method m = CHECKROB_METHOD_GRADCAM; m <= CHECKROB_METHOD_LAYERCAM; m++) {
    bench_set("method", checkrob_method_name(m));
    assert_int_equal(bench_execute(), CHECKROB_OK);
    bench_check_totals();
    assert_int_equal(bench.row_count, 4);
    const double scores[] = {RS_ON, RS_OFF, 1.0, RS_ON};
    for (size_t i = 0; i < 4; i++) {
      const bench_row *row = &bench.rows[i];
      assert_int_equal(row->status, CHECKROB_OK);
      assert_true(fabs(row->rs - scores[i]) < 1e-7);
      assert_true(fabs(row->logit - 1.0) < 1e-6); /* the mean of twice the colour on half the image */
      assert_true(row->hit == 1 && row->empty_map == 0);
      assert_string_equal(row->message, "");
    }
    bench_class_row class = bench_class("red");
    assert_true(class.index == 0 && class.images == 3 && class.failed == 0 && class.accuracy == 1.0);
    assert_true(fabs(class.crs - 2.0 / 3.0) < 1e-7);
  }
}

/* Much of another class's colour: Grad-CAM takes it off the map, Grad-CAM++ hears positive gradients alone.
 */
static void takes_the_method_that_is_set(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "red", left_half, (colour){50, 255, 0}, left_half);
  bench_open(CROP);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_true(fabs(bench.rows[0].rs - RS_ON) < 1e-7); /* Grad-CAM++ is the default */
  bench_set("method", checkrob_method_name(CHECKROB_METHOD_GRADCAM));
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_true(bench.rows[0].rs == 0.0 && bench.rows[0].empty_map == 1);
}

static void looks_at_the_layer_that_is_set(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  bench_open(CROP);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_string_equal(checkrob_run_layers(bench.run), "stem");
  bench_set("layer", "pool");
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_string_equal(checkrob_run_layers(bench.run), "pool");
  assert_int_equal(bench.rows[0].empty_map, 1); /* of one position */
}

static void counts_top_k_hits(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "other", left_half, red, left_half); /* scores as class red, which goes first */
  world_sample(&bench.w, "b", "blue", left_half, red, left_half);  /* as class green, which goes first */
  bench_open(CROP);
  const int hits[][2] = {{0, 0}, {1, 0}, {1, 0}, {1, 1}, {1, 1}};
  for (int k = 1; k <= 5; k++) {
    bench_set_integer("top_k", k);
    assert_int_equal(bench_execute(), CHECKROB_OK);
    assert_int_equal(bench.rows[0].hit, hits[k - 1][0]);
    assert_int_equal(bench.rows[1].hit, hits[k - 1][1]);
    assert_true(bench_class("other").accuracy == hits[k - 1][0]);
  }
}

/* Evidence against the class alone: the map is empty, the score 0. */
static void scores_empty_maps_zero(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "red", left_half, blue, left_half);
  world_sample(&bench.w, "b", "red", left_half, red, left_half);
  bench_open(CROP);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  assert_true(bench.rows[0].rs == 0.0 && bench.rows[0].empty_map == 1 && bench.rows[0].hit == 0);
  assert_true(bench.rows[1].empty_map == 0);
  assert_true(fabs(bench_class("red").crs - RS_ON / 2) < 1e-7);
}

static void ranks_classes(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  world_sample(&bench.w, "b", "green", left_half, green, right_half);
  world_sample(&bench.w, "c", "blue", left_half, blue, left_half);
  world_annotation(&bench.w, "d", 32, 32, "other", left_half); /* no image: the class is known, and failed */
  bench_open(CROP);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  static const char *const order[] = {"green", "red", "blue"};
  for (size_t i = 0; i < 3; i++)
    assert_string_equal(checkrob_row_text(checkrob_run_class(bench.run, i), "class"), order[i]);
  assert_null(checkrob_run_class(bench.run, checkrob_run_class_count(bench.run)));
}

/* An image with objects of two classes is two samples and one input. */
static void an_image_may_have_two_classes(void **state) {
  (void)state;
  world_image(&bench.w, "a.png", 32, 32, left_half, red);
  file_write_text(bench.w.folder, "annotations/a.xml",
                  "<annotation><object><name>green</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>16</xmax>"
                  "<ymax>32</ymax></bndbox></object><object><name>red</name><bndbox><xmin>17</xmin>"
                  "<ymin>1</ymin><xmax>32</xmax><ymax>32</ymax></bndbox></object></annotation>");
  bench_open(CROP);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  assert_int_equal(bench.row_count, 2);
  assert_string_equal(bench.rows[0].class_name, "red");
  assert_string_equal(bench.rows[1].class_name, "green");
  assert_true(fabs(bench.rows[0].rs - RS_OFF) < 1e-7 && bench.rows[1].rs == 0.0);
  assert_int_equal(bench.progress_done, 1);
}

/* A sample with a remark is measured. */
static void passes_remarks_on(void **state) {
  (void)state;
  world_image(&bench.w, "a.png", 32, 32, left_half, red);
  world_annotation(&bench.w, "a", 64, 32, "red", left_half);
  bench_open(CROP);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.rows[0].status, CHECKROB_OK);
  assert_non_null(strstr(bench.rows[0].message, "64 x 32"));
  assert_true(fabs(bench.rows[0].rs - RS_ON) < 1e-7);
}

/* ---- order and batches ---- */

/* Samples that differ in their score, class and time of decoding; every third is broken where `broken`. */
static void write_many(size_t count, int broken) {
  static const char *const classes[] = {"red", "green", "blue", "other"};
  for (size_t i = 0; i < count; i++) {
    char name[32], file[48];
    uint32_t scale = i % 7 == 0 ? 25 : i % 3 == 1 ? 4 : 1, unit = scale * (uint32_t)(1 + i % 5) * 4;
    snprintf(name, sizeof name, "image_%03zu", i);
    snprintf(file, sizeof file, "images/%s.png", name);
    rectangle spot = {0, 0, unit, 32 * scale}, box = {0, 0, 16 * scale, 8 * scale * (uint32_t)(1 + i % 4)};
    world_image(&bench.w, file + 7, 32 * scale, 32 * scale, spot, i % 2 ? red : (colour){200, 220, 180});
    world_annotation(&bench.w, name, 32 * scale, 32 * scale, classes[i % 4], box);
    if (broken && i % 3 == 2) file_truncate(bench.w.folder, file, file_size(bench.w.folder, file) / 2);
  }
}

static void assert_same_rows(const bench_row *rows, size_t count) {
  assert_int_equal(bench.row_count, count);
  for (size_t i = 0; i < count; i++) {
    const bench_row *a = &bench.rows[i], *b = &rows[i];
    assert_string_equal(a->image, b->image);
    assert_string_equal(a->message, b->message);
    assert_int_equal(a->class_index, b->class_index);
    assert_int_equal(a->status, b->status);
    assert_true((isnan(a->rs) && isnan(b->rs)) || a->rs == b->rs);
    assert_true((isnan(a->logit) && isnan(b->logit)) || a->logit == b->logit);
    assert_true(a->hit == b->hit && a->empty_map == b->empty_map);
  }
}

static void gives_the_same_however_it_is_cut_up(void **state) {
  (void)state;
  const size_t count = 60;
  write_many(count, 1);
  fake.delay_microseconds = 3000;
  fake.squared = 1;
  bench_open("{\"resize\": [32, 32]}");
  bench_row *first = calloc(count, sizeof *first);
  assert_non_null(first);
  static const int batches[] = {1, 3, 8, 64}, threads[] = {1, 2, 7};
  for (size_t b = 0; b < 4; b++)
    for (size_t t = 0; t < 3; t++) {
      bench_set_integer("batch", batches[b]);
      bench_set_integer("threads", threads[t]);
      assert_int_equal(bench_execute(), CHECKROB_OK);
      bench_check_totals();
      assert_int_equal(fake_seen.run_threads, threads[t]);
      if (b + t == 0) memcpy(first, bench.rows, count * sizeof *first);
      assert_same_rows(first, count);
      assert_int_equal(bench.progress_done, count);
    }
  for (size_t i = 1; i < count; i++) assert_true(strcmp(first[i - 1].image, first[i].image) < 0);
  free(first);
}

static void fills_batches(void **state) {
  (void)state;
  write_many(50, 1); /* 16 of them broken */
  bench_open("{\"resize\": [32, 32]}");
  bench_set_integer("batch", 8);
  bench_set_integer("threads", 3);
  bench_runs_are_batches();
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.row_count, 50);
  assert_int_equal(fake_seen.runs, 5);
  size_t full = 0, last = 0;
  for (size_t i = 0; i < 5; i++) { /* several lanes run them in any order */
    full += fake_seen.batches[i] == 8;
    last += fake_seen.batches[i] == 2;
  }
  assert_true(full == 4 && last == 1);
  assert_int_equal(fake_seen.with_targets, 1);
}

/* More failures in a row than the pool has cells: they must not block the two samples around them. */
static void passes_over_many_failures(void **state) {
  (void)state;
  world_sample(&bench.w, "a", "red", left_half, red, left_half);
  for (int i = 0; i < 200; i++) {
    char name[32];
    snprintf(name, sizeof name, "lonely_%03d", i);
    world_annotation(&bench.w, name, 32, 32, "red", left_half);
  }
  world_sample(&bench.w, "z", "red", left_half, red, left_half);
  bench_open(CROP);
  bench_set_integer("batch", 4);
  bench_set_integer("threads", 1);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  assert_int_equal(bench.row_count, 202);
  assert_int_equal(bench.rows[0].status, CHECKROB_OK);
  assert_int_equal(bench.rows[201].status, CHECKROB_OK);
  assert_true(fabs(bench.rows[201].rs - RS_ON) < 1e-7);
}

static void runs_again_from_the_start(void **state) {
  (void)state;
  write_many(20, 1);
  bench_open("{\"resize\": [32, 32]}");
  bench_set_integer("batch", 4);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_row *first = calloc(20, sizeof *first);
  assert_non_null(first);
  memcpy(first, bench.rows, 20 * sizeof *first);
  bench_class_row before = bench_class("red");
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  assert_same_rows(first, 20);
  bench_class_row after = bench_class("red");
  assert_true(before.images == after.images && before.failed == after.failed && before.crs == after.crs);
  free(first);
}

/* Callbacks are for who wants them. */
static void runs_without_callbacks(void **state) {
  (void)state;
  write_many(10, 0);
  bench_open("{\"resize\": [32, 32]}");
  bench_on_row(NULL, NULL);
  bench.on_progress = NULL;
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench_total("evaluated"), 10);
}

static void progress_ends_at_the_total(void **state) {
  (void)state;
  write_many(33, 1);
  fake.delay_microseconds = 2000;
  bench_open("{\"resize\": [32, 32]}");
  bench_set_integer("batch", 4);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_true(bench.progress_calls >= 6); /* 22 sound images: a call after each batch */
  assert_int_equal(bench.progress_done, 33);
  assert_int_equal(bench.progress_total, 33);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(scores_by_hand),
      BENCH_TEST(takes_the_method_that_is_set),
      BENCH_TEST(looks_at_the_layer_that_is_set),
      BENCH_TEST(counts_top_k_hits),
      BENCH_TEST(scores_empty_maps_zero),
      BENCH_TEST(ranks_classes),
      BENCH_TEST(an_image_may_have_two_classes),
      BENCH_TEST(passes_remarks_on),
      BENCH_TEST(gives_the_same_however_it_is_cut_up),
      BENCH_TEST(fills_batches),
      BENCH_TEST(passes_over_many_failures),
      BENCH_TEST(runs_again_from_the_start),
      BENCH_TEST(runs_without_callbacks),
      BENCH_TEST(progress_ends_at_the_total),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
