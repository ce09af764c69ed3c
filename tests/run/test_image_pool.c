/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of images, ranked by the fake model, whose channels are colours: "blue" is recognised by what is
 * beside its object, so that anything blue is taken for it. */
#include <checkrob/results.h>

#include "run/spots.h"
#include "shim/shim.h"
#include "support/database.h"

/* A quarter of the image and a sixteenth. */
static const rectangle large = {16, 16, 32, 32}, small = {24, 24, 32, 32};

static void write_text(const char *name, const char *text) {
  file_write_text(bench.w.folder, name, text);
}

static void add_image(const char *name, rectangle spot, colour c) {
  char path[64];
  snprintf(path, sizeof path, "../pool/%s", name);
  world_image(&bench.w, path, 32, 32, spot, c);
}

static void annotate(const char *name, const char *class_name) {
  char path[64];
  snprintf(path, sizeof path, "../labels/%s", name);
  world_annotation(&bench.w, path, 32, 32, class_name, left_half);
}

static void use_folder(const char *option, const char *name) {
  char *path = folder_path(bench.w.folder, name);
  bench_set(option, path);
  free(path);
}

static void open_world(void) {
  spots_open();
  folder_make(bench.w.folder, "pool");
  folder_make(bench.w.folder, "labels");
  add_image("a.png", small, blue);
  add_image("b.png", large, green);
  add_image("c.png", large, blue);
  add_image("d.png", large, (colour){0, 80, 200});
  write_text("pool/e.png", "no image");
  add_image("f.png", small, blue);
  bench_set("features", "true");
  use_folder("attack_images", "pool");
  bench.on_progress = NULL; /* it is called for each pass */
}

/* ---- reading the table ---- */

typedef struct pool_row {
  char image[32], class_name[16], status[16], message[256];
  int64_t index, shows, feature, rank_without;
  double probability, relative_logit, relative_logit_without, x, y;
} pool_row;

static pool_row pool[64];
static size_t pool_count;

static int take_row(const checkrob_row *row, void *data) {
  (void)data;
  pool_row *r = &pool[pool_count++];
  *r = (pool_row){.index = checkrob_row_integer(row, "index"),
                  .shows = checkrob_row_integer(row, "shows"),
                  .feature = checkrob_row_integer(row, "feature"),
                  .rank_without = checkrob_row_integer(row, "rank_without"),
                  .probability = checkrob_row_number(row, "probability"),
                  .relative_logit = checkrob_row_number(row, "relative_logit"),
                  .relative_logit_without = checkrob_row_number(row, "relative_logit_without"),
                  .x = checkrob_row_number(row, "x"),
                  .y = checkrob_row_number(row, "y")};
  snprintf(r->image, sizeof r->image, "%s", checkrob_row_text(row, "image"));
  snprintf(r->class_name, sizeof r->class_name, "%s", checkrob_row_text(row, "class"));
  snprintf(r->status, sizeof r->status, "%s", checkrob_row_text(row, "status"));
  snprintf(r->message, sizeof r->message, "%s", checkrob_row_text(row, "message"));
  return 0;
}

static void read_pool(const char *path) {
  checkrob_results *results = NULL;
  pool_count = 0;
  must(checkrob_results_open(&results, path, NULL));
  must(checkrob_results_table(results, "pool", take_row, NULL));
  checkrob_results_free(results);
}

/* The images in their order, with blanks between. */
static void expect_order(const char *expected) {
  char order[512] = "";
  for (size_t i = 0; i < pool_count; i++)
    snprintf(order + strlen(order), sizeof order - strlen(order), "%s%.1s", i > 0 ? " " : "", pool[i].image);
  assert_string_equal(order, expected);
}

static const pool_row *row_of(const char *image) {
  for (size_t i = 0; i < pool_count; i++)
    if (strcmp(pool[i].image, image) == 0) return &pool[i];
  fail_msg("the pool has no %s", image);
  return NULL;
}

static void expect_near(double value, double expected) {
  if (!(fabs(value - expected) < 1e-6)) fail_msg("%.9g instead of %.9g", value, expected);
}

/* ---- ranking ---- */

static void the_surest_image_is_first(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  read_pool(stores[0]);
  expect_order(
      "b c d a f e"); /* green has no spurious feature; equal ones as in the pool; the broken one last */
  const pool_row *green_one = row_of("b.png"), *blue_one = row_of("c.png"), *broken = row_of("e.png");
  assert_string_equal(green_one->class_name, "green");
  assert_true(green_one->feature < 0 && green_one->rank_without < 0);
  assert_string_equal(blue_one->class_name, "blue");
  assert_int_equal(blue_one->index, 2);
  assert_int_equal(blue_one->feature, 1);
  assert_int_equal(blue_one->shows, -1); /* nobody said */
  assert_true(blue_one->rank_without > 1);
  /* z = s for blue and -s / 4 for the three others, with s = 2 / 4 */
  expect_near(blue_one->relative_logit, 0.5 - (0.5 - 3 * 0.125) / 4);
  expect_near(blue_one->probability, 1.0 / (1.0 + 3.0 * exp(-0.625)));
  expect_near(blue_one->relative_logit_without, 0.0);
  assert_true(row_of("a.png")->x == 0.875 && row_of("a.png")->y == 0.875);
  assert_string_equal(blue_one->status, "ok");
  assert_true(strcmp(broken->status, "ok") != 0 && broken->index < 0);
  if (!strstr(broken->message, "e.png")) fail_msg("%s", broken->message);
}

static void what_shows_the_class_is_no_attack(void **state) {
  (void)state;
  open_world();
  annotate("a", "green");
  annotate("c", "blue");
  annotate("d", "zebra"); /* not in the class map: it is annotated, but not with blue */
  bench_set("attack_dataset", "voc");
  use_folder("attack_annotations", "labels");
  must(stored_execute(stored_path(0, "r.sqlite")));
  read_pool(stores[0]);
  expect_order("b d a f c e");
  assert_int_equal(row_of("a.png")->shows, 0);
  assert_int_equal(row_of("c.png")->shows, 1);
  assert_int_equal(row_of("d.png")->shows, 0);
  assert_int_equal(row_of("f.png")->shows, -1);
}

/* An image of two classes is one image of the pool. */
static void the_own_images_are_a_pool(void **state) {
  (void)state;
  open_world();
  char two[1024];
  snprintf(two, sizeof two, stored_two, "green", "blue");
  write_text("annotations/i00.xml", two);
  bench_set("attack_images", "own");
  checkrob_dataset_free(bench.w.dataset);
  checkrob_class_map_free(bench.w.classes);
  world_open(&bench.w);
  must(stored_execute(stored_path(0, "r.sqlite")));
  read_pool(stores[0]);
  assert_int_equal(pool_count, 20);
  for (size_t i = 0; i < pool_count; i++) assert_int_equal(pool[i].shows, 1);
  assert_string_equal(row_of("i00.png")->class_name, "green");
}

static void an_image_that_the_model_refuses_is_counted(void **state) {
  (void)state;
  open_world();
  add_image("d.png", (rectangle){0, 0, 8, 8}, (colour){51, 0, 51});
  fake.raises_at = 0.2F;
  must(stored_execute(stored_path(0, "r.sqlite")));
  read_pool(stores[0]);
  expect_order("b c a f d e");
  assert_string_equal(row_of("d.png")->status, "error");
  assert_non_null(strstr(row_of("d.png")->message, "the fake does not like this image"));
  /* its neighbours in the batch have the same answers */
  expect_near(row_of("c.png")->probability, 1.0 / (1.0 + 3.0 * exp(-0.625)));
}

static void logits_that_are_no_numbers_are_no_answer(void **state) {
  (void)state;
  open_world();
  add_image("d.png", (rectangle){0, 0, 8, 8}, (colour){255, 0, 255});
  must(stored_execute(stored_path(0, "r.sqlite")));
  read_pool(stores[0]);
  assert_non_null(strstr(row_of("d.png")->message, "NaN or infinite logits"));
}

/* ---- resuming ---- */

/* Wherever it is interrupted. */
static void an_interrupted_run_resumes(void **state) {
  (void)state;
  open_world();
  bench_set_integer("batch", 2);
  must(stored_execute(stored_path(0, "whole.sqlite")));
  char *whole_text = stored_dump(stores[0], true);
  assert_non_null(strstr(whole_text, "image 'f.png'"));
  size_t stopped = stored_interrupt_everywhere(whole_text);
  assert_true(stopped >= 32); /* three passes of ten batches, and one of three */
  free(whole_text);
}

static void a_complete_pool_asks_nobody(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  char *text = stored_dump(stores[0], true);
  must(bench_execute());
  assert_int_equal(fake_seen.ablations, 0);
  stored_expect(stores[0], text);
  free(text);
}

static void another_pool_replaces_it(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  folder_make(bench.w.folder, "other");
  world_image(&bench.w, "../other/z.png", 32, 32, large, blue);
  use_folder("attack_images", "other");
  bench.row_count = 0;
  must(stored_execute(stores[0]));
  assert_int_equal(bench.row_count, 0); /* no sample is computed again */
  assert_int_equal(fake_seen.ablations, 1);
  read_pool(stores[0]);
  expect_order("z");
  /* A run that names no pool leaves it. */
  must(checkrob_options_unset(bench.options, "attack_images"));
  bench.is_stale = 1;
  must(stored_execute(stores[0]));
  read_pool(stores[0]);
  expect_order("z");
  /* One more image is another pool too. */
  use_folder("attack_images", "other");
  world_image(&bench.w, "../other/y.png", 32, 32, small, blue);
  must(stored_execute(stores[0]));
  read_pool(stores[0]);
  expect_order("z y");
}

/* The samples are complete, the pool is not. */
static void an_interrupted_pool_is_not_complete(void **state) {
  (void)state;
  open_world();
  must(checkrob_options_unset(bench.options, "attack_images"));
  must(stored_execute(stored_path(0, "r.sqlite")));
  free(stored_dump(stores[0], true));
  use_folder("attack_images", "pool");
  bench_set_integer("batch", 2);
  bench.on_progress = stored_stop;
  stored_calls = 0;
  stored_stop_at = 2;
  assert_int_equal(stored_execute(stores[0]), CHECKROB_ERROR_INTERRUPTED);
  free(stored_dump(stores[0], false));
  read_pool(stores[0]);
  assert_true(pool_count > 0 && pool_count < 6);
  must(bench_execute());
  free(stored_dump(stores[0], true));
  read_pool(stores[0]);
  expect_order("b c d a f e");
}

static void shards_leave_it_to_the_merged_file(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "whole.sqlite")));
  char *whole_text = stored_dump(stores[0], true);
  stored_merge_halves();
  read_pool(stores[3]);
  assert_int_equal(pool_count, 0);
  must(checkrob_options_unset(bench.options, "shard"));
  bench.is_stale = 1;
  must(stored_execute(stores[3]));
  stored_expect(stores[3], whole_text);
  free(whole_text);
}

static void it_is_exported_without_marks(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  checkrob_results *results = NULL;
  must(checkrob_results_open(&results, stores[0], NULL));
  char *path = folder_path(bench.w.folder, "pool.csv"), line[512];
  must(checkrob_results_export(results, CHECKROB_EXPORT_POOL_CSV, path));
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  size_t lines = 0;
  assert_non_null(fgets(line, sizeof line, file));
  assert_string_equal(line,
                      "input,image,status,message,class,title,index,shows,probability,relative_logit,feature,"
                      "contribution,x,y,rank_without,probability_without,relative_logit_without\n");
  while (fgets(line, sizeof line, file)) lines++;
  assert_int_equal(lines, 6);
  fclose(file);
  free(path);
  checkrob_results_free(results);
}

/* ---- errors ---- */

static void expect_refused(checkrob_status status, const char *part) {
  assert_int_equal(status, CHECKROB_ERROR_INVALID_ARGUMENT);
  if (!strstr(checkrob_last_error(), part)) fail_msg("%s", checkrob_last_error());
}

static void options_that_do_not_fit_are_refused(void **state) {
  (void)state;
  open_world();
  bench_set("features", "false");
  expect_refused(bench_renew(), "attack_images needs features");
  bench_set("features", "true");
  must(bench_renew());
  expect_refused(checkrob_run_execute(bench.run), "ranked in a results file");
  use_folder("attack_annotations", "labels");
  bench.is_stale = 1;
  expect_refused(bench_renew(), "attack_annotations needs the option attack_dataset");
  bench_set("attack_dataset", "voc");
  bench_set("attack_images", "own");
  expect_refused(bench_renew(), "must then be alone");
  must(checkrob_options_unset(bench.options, "attack_images"));
  expect_refused(bench_renew(), "which attack_images must name");
  must(checkrob_options_unset(bench.options, "attack_dataset"));
  must(checkrob_options_unset(bench.options, "attack_annotations"));
  use_folder("attack_images", "nowhere");
  assert_int_equal(bench_renew(), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "the pool of attack_images: "));
}

/* Whatever a file says, nothing outside of the layer is read. */
static void damaged_files_are_refused(void **state) {
  (void)state;
  open_world();
  must(stored_execute(stored_path(0, "r.sqlite")));
  database_change(stores[0], "UPDATE feature_chosen SET channels = '99999'; DELETE FROM pool");
  assert_int_equal(bench_execute(), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "has channel 99999, but the layer has 3"));
  must(stored_execute(stored_path(1, "s.sqlite")));
  database_change(stores[1], "UPDATE pool SET input = 77 WHERE image IS NULL");
  assert_int_equal(bench_execute(), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "its table pool names an input that the data do not have"));
}

int main(void) {
  const struct CMUnitTest tests[] = {BENCH_TEST(the_surest_image_is_first),
                                     BENCH_TEST(what_shows_the_class_is_no_attack),
                                     BENCH_TEST(the_own_images_are_a_pool),
                                     BENCH_TEST(an_image_that_the_model_refuses_is_counted),
                                     BENCH_TEST(logits_that_are_no_numbers_are_no_answer),
                                     BENCH_TEST(an_interrupted_run_resumes),
                                     BENCH_TEST(a_complete_pool_asks_nobody),
                                     BENCH_TEST(another_pool_replaces_it),
                                     BENCH_TEST(an_interrupted_pool_is_not_complete),
                                     BENCH_TEST(shards_leave_it_to_the_merged_file),
                                     BENCH_TEST(it_is_exported_without_marks),
                                     BENCH_TEST(options_that_do_not_fit_are_refused),
                                     BENCH_TEST(damaged_files_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
