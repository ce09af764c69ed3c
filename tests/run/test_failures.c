/* SPDX-License-Identifier: Apache-2.0 */
/* An error of one image fails that image alone, also one that the model raises. Lack of memory stops the run,
 * and a model that cannot be run on any image; the rows before it remain. */
#include "run/bench.h"
#include "shim/shim.h"

#define CROP "{\"crop\": 32}"

static void add_sound(const char *name) {
  world_sample(&bench.w, name, "red", left_half, red, left_half);
}

static void add_annotation(const char *name) {
  world_annotation(&bench.w, name, 32, 32, "red", left_half);
}

/* ---- one image ---- */

static void every_kind_gets_its_row(void **state) {
  (void)state;
  add_sound("a_sound");
  world_image(&bench.w, "b_truncated.jpg", 32, 32, left_half, red);
  file_truncate(bench.w.folder, "images/b_truncated.jpg",
                file_size(bench.w.folder, "images/b_truncated.jpg") * 3 / 4);
  add_annotation("b_truncated");
  add_annotation("c_no_image");
  world_image(&bench.w, "d_no_annotation.png", 32, 32, left_half, red);
  file_write(bench.w.folder, "images/e_empty.png", "", 0);
  add_annotation("e_empty");
  file_write_text(bench.w.folder, "images/f_text.png", "this is no image");
  add_annotation("f_text");
  world_image(&bench.w, "g_small.png", 31, 32, left_half, red);
  world_annotation(&bench.w, "g_small", 31, 32, "red", left_half);
  world_image(&bench.w, "h_broken_xml.png", 32, 32, left_half, red);
  file_write_text(bench.w.folder, "annotations/h_broken_xml.xml", "<annotation><object>");
  world_sample(&bench.w, "i_other_class", "platypus", left_half, red, left_half);
  world_sample(&bench.w, "j_box_outside", "red", left_half, red, (rectangle){40, 0, 50, 10});
  world_sample(&bench.w, "k_nan", "red", whole, (colour){255, 0, 255}, left_half); /* the fake's marker */
  world_image(&bench.w, "l_cropped_out.png", 96, 32, left_half, red);
  world_annotation(&bench.w, "l_cropped_out", 96, 32, "red", (rectangle){0, 0, 30, 32});
  add_sound("z_sound");
  bench_open(CROP);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();

  assert_int_equal(bench.row_count, 13);
  bench_assert_failed("b_truncated.jpg", CHECKROB_ERROR_BAD_INPUT, "b_truncated.jpg");
  bench_assert_failed("c_no_image.xml", CHECKROB_ERROR_NOT_FOUND, "no image");
  bench_assert_failed("d_no_annotation.png", CHECKROB_ERROR_NOT_FOUND, "no annotation");
  bench_assert_failed("e_empty.png", CHECKROB_ERROR_BAD_INPUT, "e_empty.png");
  bench_assert_failed("f_text.png", CHECKROB_ERROR_UNSUPPORTED, "f_text.png");
  bench_assert_failed("g_small.png", CHECKROB_ERROR_BAD_INPUT, "");
  bench_assert_failed("h_broken_xml.png", CHECKROB_ERROR_BAD_INPUT, "h_broken_xml.xml");
  bench_assert_failed("i_other_class.png", CHECKROB_ERROR_NO_OBJECT, "");
  bench_assert_failed("j_box_outside.png", CHECKROB_ERROR_BAD_INPUT, "outside");
  bench_assert_failed("k_nan.png", CHECKROB_ERROR_NUMERIC, "NaN");
  bench_assert_failed("l_cropped_out.png", CHECKROB_ERROR_NO_OBJECT, "crop");
  for (size_t i = 0; i < 13; i += 12) {
    assert_int_equal(bench.rows[i].status, CHECKROB_OK);
    assert_true(fabs(bench.rows[i].rs - RS_ON) < 1e-7);
  }
  assert_int_equal(bench_total("evaluated"), 2);
  assert_int_equal(bench_class("red").images, 2);
}

/* Paper geometry scores what the crop left out 0, as the authors do; ours does not blame the model. */
static void the_paper_scores_unseen_objects_zero(void **state) {
  (void)state;
  world_image(&bench.w, "a.png", 96, 32, whole, red);
  world_annotation(&bench.w, "a", 96, 32, "red", (rectangle){0, 0, 30, 32});
  world_image(&bench.w, "b.png", 96, 32, (rectangle){32, 0, 48, 32}, red);
  world_annotation(&bench.w, "b", 96, 32, "red", (rectangle){0, 0, 30, 32});
  bench_open("{\"resize\": 32, \"crop\": 32}");
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_assert_failed("a.png", CHECKROB_ERROR_NO_OBJECT, "crop");
  bench_assert_failed("b.png", CHECKROB_ERROR_NO_OBJECT, "crop");
  assert_int_equal(bench_class("red").failed, 2);
  bench_set("geometry", "paper");
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  assert_true(bench.rows[1].status == CHECKROB_OK && bench.rows[1].rs == 0.0 && !bench.rows[1].empty_map);
  assert_true(bench_class("red").images == 2 && bench_class("red").crs == 0.0);
}

static void keeps_to_the_image_limits(void **state) {
  (void)state;
  add_sound("a");
  bench_open(CROP);
  bench_set_integer("image_max_width", 31);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_assert_failed("a.png", CHECKROB_ERROR_LIMIT, "a.png");
  bench_set_integer("image_max_width", 32);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.rows[0].status, CHECKROB_OK);
}

static void a_nan_spoils_no_neighbour(void **state) {
  (void)state;
  add_sound("a");
  world_sample(&bench.w, "b", "red", whole, (colour){255, 0, 255}, left_half);
  add_sound("c");
  bench_open(CROP);
  bench_runs_are_batches();
  bench_set_integer("batch", 3);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  assert_int_equal(fake_seen.runs, 1);
  bench_assert_failed("b.png", CHECKROB_ERROR_NUMERIC, "preprocessing");
  assert_true(isnan(bench.rows[1].logit));
  assert_true(fabs(bench.rows[0].rs - RS_ON) < 1e-7 && fabs(bench.rows[2].rs - RS_ON) < 1e-7);
  assert_int_equal(bench_class("red").failed, 1);
}

static void all_may_be_bad(void **state) {
  (void)state;
  for (int i = 0; i < 40; i++) {
    char name[32];
    snprintf(name, sizeof name, "lonely_%02d", i);
    add_annotation(name);
  }
  bench_open(CROP);
  bench_set_integer("batch", 4);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  assert_int_equal(bench.row_count, 40);
  assert_int_equal(fake_seen.runs, 0);
  assert_int_equal(bench_total("failed"), 40);
  assert_int_equal(bench.progress_done, 40);
}

/* ---- the model ---- */

static void add_many(int count) {
  for (int i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "sound_%02d", i);
    add_sound(name);
  }
}

/* An image on which the model raises an error. */
static void add_refused(const char *name) {
  world_sample(&bench.w, name, "red", whole, (colour){128, 0, 0}, left_half);
  fake.raises_at = 128.0F / 255.0F;
}

static int count_rows(const checkrob_batch *batch, void *data) {
  size_t *rows = data;
  *rows += checkrob_batch_rows(batch);
  return 0;
}

static void an_image_that_the_model_refuses_spoils_no_neighbour(void **state) {
  (void)state;
  size_t read = 0;
  add_many(9);
  add_refused("sound_02_refused");
  add_refused("sound_08_refused"); /* the last one, alone in a batch of 1 and of 2 */
  bench_open(CROP);
  for (int batch = 1; batch <= 4; batch++) {
    bench_set_integer("batch", batch);
    must(bench_execute());
    bench_check_totals();
    assert_int_equal(bench.row_count, 11);
    bench_assert_failed("sound_02_refused.png", CHECKROB_ERROR, "running the model: the fake does not like");
    bench_assert_failed("sound_08_refused.png", CHECKROB_ERROR, "running the model: the fake does not like");
    for (size_t i = 0; i < 11; i++) {
      assert_null(strstr(bench.rows[i].message, "smaller batch"));
      if (bench.rows[i].status == CHECKROB_OK) assert_true(fabs(bench.rows[i].rs - RS_ON) < 1e-7);
    }
    assert_int_equal(bench_class("red").failed, 2);
  }
  must(bench_renew());
  must(checkrob_run_read_out(bench.run, "stem", CHECKROB_POOLING_MEAN, count_rows, &read));
  must(bench_execute());
  assert_int_equal(read, 9);
}

/* Then the model is at fault, or how the images are prepared. */
static void a_model_that_refuses_the_first_batch_stops_the_run(void **state) {
  (void)state;
  for (int i = 0; i < 6; i++) add_refused((const char *[]){"a", "b", "c", "d", "e", "f"}[i]);
  bench_open(CROP);
  for (int batch = 1; batch <= 4; batch += 3) {
    bench_set_integer("batch", batch);
    assert_int_equal(bench_execute(), CHECKROB_ERROR);
    assert_non_null(strstr(checkrob_last_error(), batch == 1
                                                      ? "on a batch of 1 image: running the model: "
                                                      : "on a batch of 4 images: running the model: "));
    assert_null(strstr(checkrob_last_error(), "smaller batch"));
    assert_int_equal(bench.row_count, 0);
  }
}

/* What was stored shows that the model works. */
static void a_resumed_run_may_begin_with_refused_images(void **state) {
  (void)state;
  char path[512];
  add_many(4);
  add_refused("z_1");
  add_refused("z_2");
  bench_open(CROP);
  bench_set_integer("batch", 4);
  snprintf(path, sizeof path, "%s/r.sqlite", bench.w.folder);
  must(bench_renew());
  must(checkrob_run_store(bench.run, path));
  bench.stop_at_row = 4;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_INTERRUPTED);
  bench.stop_at_row = 0;
  must(bench_execute());
  assert_int_equal(bench_total("resumed"), 4);
  assert_int_equal(bench_total("failed"), 2);
}

static void a_failing_batch_keeps_those_before(void **state) {
  (void)state;
  add_many(12);
  bench_open(CROP);
  bench_runs_are_batches();
  bench_set_integer("batch", 4);
  bench_set_integer("threads", 1);
  fake.failing_run = 2;
  fake.run_code = SHIM_NO_MEMORY;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_OUT_OF_MEMORY);
  assert_non_null(strstr(checkrob_last_error(), "a batch of 4 images: the fake cannot be run"));
  bench_check_totals();
  assert_int_equal(bench.row_count, 4);
  bench_class_row class = bench_class("red");
  assert_true(class.images == 4 && fabs(class.crs - RS_ON) < 1e-7);
  fake.failing_run = 0;
  assert_int_equal(bench_execute(), CHECKROB_OK); /* the run is none the worse */
  assert_int_equal(bench.row_count, 12);
}

/* Which batch is the second run is chance, with several lanes. */
static void a_failing_batch_keeps_those_before_of_other_lanes(void **state) {
  (void)state;
  add_many(40);
  bench_open(CROP);
  bench_runs_are_batches();
  bench_set_integer("batch", 4);
  bench_set_integer("threads", 4);
  fake.failing_run = 2;
  fake.run_code = SHIM_NO_MEMORY;
  fake.delay_microseconds = 1000;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_OUT_OF_MEMORY);
  assert_non_null(strstr(checkrob_last_error(), "a batch of 4 images: the fake cannot be run"));
  bench_check_totals();
  assert_true(bench.row_count % 4 == 0 && bench.row_count < 40);
  for (size_t i = 0; i < bench.row_count; i++) assert_int_equal(bench.rows[i].status, CHECKROB_OK);
}

static void says_that_a_smaller_batch_may_fit(void **state) {
  (void)state;
  add_many(2);
  bench_open(CROP);
  fake.failing_run = 1;
  fake.run_code = SHIM_NO_MEMORY;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_OUT_OF_MEMORY);
  assert_non_null(strstr(checkrob_last_error(), "smaller"));
  assert_int_equal(bench.row_count, 0);
  assert_int_equal(checkrob_run_class_count(bench.run), 0);
  bench_set_integer("batch", 1); /* there is no smaller one */
  assert_int_equal(bench_execute(), CHECKROB_ERROR_OUT_OF_MEMORY);
  assert_null(strstr(checkrob_last_error(), "smaller"));
}

static void a_method_that_does_not_fit_is_no_matter_of_the_batch(void **state) {
  (void)state;
  add_sound("a");
  bench_open(CROP);
  fake.no_gradient = 1;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_MODEL_UNSUPPORTED);
  assert_null(strstr(checkrob_last_error(), "smaller batch"));
}

/* The size of a scripted model's map may depend on the image. Such maps are scored; the numbers of a class
 * use those of the size of the first one. */
static void the_map_may_change_its_size(void **state) {
  (void)state;
  add_many(6);
  world_sample(&bench.w, "other", "green", left_half, green, left_half);
  bench_open(CROP);
  bench_runs_are_batches();
  bench_set_integer("batch", 2);
  fake.growing_run = 2;
  assert_int_equal(bench_execute(), CHECKROB_OK);
  bench_check_totals();
  assert_int_equal(bench.row_count, 7);
  assert_int_equal(bench_class("red").images, 6);
  assert_true(bench_class("red").area > 0.0 && bench_class("green").images == 1);
}

/* From a blank image's activation of another size nothing can be taken off. */
static void a_map_of_another_size_than_a_blank_images(void **state) {
  (void)state;
  add_many(6);
  bench_open(CROP);
  fake.growing_run = 2;
  assert_int_equal(bench_execute(), CHECKROB_ERROR_MODEL_UNSUPPORTED);
  assert_non_null(strstr(checkrob_last_error(), "use the reference 'none'"));
}

static void assert_refused_up_front(checkrob_status status, const char *part) {
  assert_int_equal(bench_execute(), status);
  if (!strstr(checkrob_last_error(), part)) fail_msg("'%s' is not in: %s", part, checkrob_last_error());
  assert_int_equal(bench.row_count, 0);
  assert_int_equal(fake_seen.runs, 0);
  assert_int_equal(checkrob_run_class_count(bench.run), 0);
}

static void refuses_a_model_without_the_classes(void **state) {
  (void)state;
  add_many(1);
  fake.classes = 3; /* "other" has the index 3, in line 5 of the map */
  bench_open(CROP);
  assert_refused_up_front(CHECKROB_ERROR_INVALID_ARGUMENT, "line 5: class 'other' has index 3");
}

static void takes_a_model_with_more_classes(void **state) {
  (void)state;
  add_many(1);
  fake.classes = 5;
  bench_open(CROP);
  assert_int_equal(bench_execute(), CHECKROB_OK);
}

static void refuses_what_cannot_be_prepared(void **state) {
  (void)state;
  add_many(1);
  bench_open(CROP);
  fake.cut_code = SHIM_NO_MEMORY;
  assert_refused_up_front(CHECKROB_ERROR_OUT_OF_MEMORY, "cannot be cut");
  fake.cut_code = 0;
  fake.no_auto_layer = 1;
  assert_refused_up_front(CHECKROB_ERROR_MODEL_UNSUPPORTED, "auto");
  bench_set("layer", "stemm");
  assert_refused_up_front(CHECKROB_ERROR_NOT_FOUND, "the nearest names are 'stem'");
  bench_set("layer", "head.flatten");
  assert_refused_up_front(CHECKROB_ERROR_MODEL_UNSUPPORTED, "no feature map");
  bench_set("layer", "stem");
  assert_int_equal(bench_execute(), CHECKROB_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(every_kind_gets_its_row),
      BENCH_TEST(the_paper_scores_unseen_objects_zero),
      BENCH_TEST(keeps_to_the_image_limits),
      BENCH_TEST(a_nan_spoils_no_neighbour),
      BENCH_TEST(all_may_be_bad),
      BENCH_TEST(an_image_that_the_model_refuses_spoils_no_neighbour),
      BENCH_TEST(a_model_that_refuses_the_first_batch_stops_the_run),
      BENCH_TEST(a_resumed_run_may_begin_with_refused_images),
      BENCH_TEST(a_failing_batch_keeps_those_before),
      BENCH_TEST(a_failing_batch_keeps_those_before_of_other_lanes),
      BENCH_TEST(says_that_a_smaller_batch_may_fit),
      BENCH_TEST(a_method_that_does_not_fit_is_no_matter_of_the_batch),
      BENCH_TEST(the_map_may_change_its_size),
      BENCH_TEST(a_map_of_another_size_than_a_blank_images),
      BENCH_TEST(refuses_a_model_without_the_classes),
      BENCH_TEST(takes_a_model_with_more_classes),
      BENCH_TEST(refuses_what_cannot_be_prepared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
