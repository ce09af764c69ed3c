/* SPDX-License-Identifier: Apache-2.0 */
/* A tar scores as the folder does that it was made of. */
#include <stdbool.h>

#include "run/bench.h"
#include "support/tar.h"

static const char preprocess[] = "{\"resize\": [32, 32]}";

static void write_world(void) {
  const world *w = &bench.w;
  world_sample(w, "on", "red", left_half, red, left_half);
  world_sample(w, "off", "red", left_half, red, right_half);
  world_sample(w, "wrong", "blue", left_half, green, left_half);
  world_image(w, "photo.jpg", 48, 40, left_half, blue);
  world_annotation(w, "photo", 48, 40, "blue", left_half);
  world_image(w, "lonely.png", 32, 32, whole, red);
  world_annotation(w, "imageless", 32, 32, "red", whole);
  world_sample(w, "outside", "red", left_half, red, (rectangle){40, 0, 50, 32});
  world_sample(w, "broken", "green", left_half, green, left_half);
  char *images = folder_path(w->folder, "images");
  file_truncate(images, "broken.png", 60);
  free(images);
}

/* Packs a folder of the world. */
static char *pack(const char *name) {
  char file[64];
  snprintf(file, sizeof file, "%s.tar", name);
  char *folder = folder_path(bench.w.folder, name), *path = folder_path(bench.w.folder, file);
  tar_file tar;
  tar_start(&tar, path);
  tar_add_folder(&tar, folder);
  tar_end(&tar);
  free(folder);
  return path;
}

static void reopen(const char *images, const char *annotations) {
  checkrob_run_free(bench.run);
  bench.run = NULL;
  checkrob_dataset_free(bench.w.dataset);
  bench.w.dataset = NULL;
  bench_set("images", images);
  bench_set("annotations", annotations);
  bench_set("dataset", "voc");
  assert_int_equal(checkrob_dataset_open(&bench.w.dataset, bench.options, bench.w.classes), CHECKROB_OK);
}

static bool same_number(double a, double b) {
  return a == b || (isnan(a) && isnan(b));
}

static void tars_score_as_folders(void **state) {
  (void)state;
  static bench_row rows[BENCH_ROWS];
  write_world();
  bench_open(preprocess);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  size_t count = bench.row_count;
  memcpy(rows, bench.rows, sizeof rows);
  uint64_t fingerprint = checkrob_dataset_fingerprint(bench.w.dataset);
  char *images = pack("images"), *annotations = pack("annotations");
  reopen(images, annotations);
  assert_true(checkrob_dataset_fingerprint(bench.w.dataset) == fingerprint);
  assert_int_equal(bench_execute(), CHECKROB_OK);
  assert_int_equal(bench.row_count, count);
  for (size_t i = 0; i < count; i++) {
    const bench_row *folder = &rows[i], *tar = &bench.rows[i];
    assert_string_equal(tar->image, folder->image);
    assert_string_equal(tar->class_name, folder->class_name);
    assert_int_equal(tar->status, folder->status);
    assert_int_equal(tar->hit, folder->hit);
    assert_true(same_number(tar->rs, folder->rs) && same_number(tar->logit, folder->logit));
  }
  assert_true(bench_find("on.png")->rs == RS_ON);
  bench_assert_failed("broken.png", CHECKROB_ERROR_BAD_INPUT, "broken.png in ");
  bench_check_totals();
  free(images);
  free(annotations);
}

int main(void) {
  const struct CMUnitTest tests[] = {BENCH_TEST(tars_score_as_folders)};
  return cmocka_run_group_tests_name("run: shards", tests, NULL, NULL);
}
