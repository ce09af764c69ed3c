/* SPDX-License-Identifier: Apache-2.0 */
/* A world of twenty images, and everything that a results file says of it, as text, bit for bit. */
#ifndef RUN_STORED_H
#define RUN_STORED_H

#include <stdbool.h>

#include "run/bench.h"

#define SAMPLES 22

static char stores[4][512];

static inline const char *stored_path(int i, const char *name) {
  snprintf(stores[i], sizeof stores[i], "%s/%s", bench.w.folder, name);
  return stores[i];
}

/* An annotation of two classes, one in each half. */
static const char stored_two[] =
    "<annotation><object><name>%s</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>16</xmax><ymax>32</ymax>"
    "</bndbox></object><object><name>%s</name><bndbox><xmin>17</xmin><ymin>1</ymin><xmax>32</xmax><ymax>32"
    "</ymax></bndbox></object></annotation>";

/* Twenty images: two of them with two classes, one broken, one of a class that no map knows beside a known
 * one. */
static inline void stored_write_world(void) {
  for (int i = 0; i < 20; i++) {
    char name[64], path[512];
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(&bench.w, name, i % 3 ? "red" : "green", i % 4 ? left_half : right_half, i % 3 ? red : green,
                 i % 5 ? left_half : whole);
    snprintf(path, sizeof path, "%s/annotations/i%02d.xml", bench.w.folder, i);
    if (i != 3 && i != 7 && i != 11 && i != 12) continue;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    if (i == 12)
      fputs("<annotation><object>", file);
    else
      fprintf(file, stored_two, i == 11 ? "zebra" : "red", "green");
    fclose(file);
  }
}

static inline void stored_open_world(void) {
  stored_write_world();
  bench_open("{\"crop\": 32}");
  bench_set_integer("batch", 4);
  bench_set_integer("threads", 2);
}

/* Every column but the time. */
static inline void stored_dump_columns(FILE *file, const checkrob_row *row) {
  for (size_t i = 0; i < checkrob_row_column_count(row); i++) {
    checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
    must(checkrob_row_column(&info, row, i));
    size_t count = 0;
    if (strcmp(info.name, "milliseconds") == 0 || !checkrob_row_has(row, info.name)) continue;
    if (info.type == CHECKROB_COLUMN_TEXT)
      fprintf(file, "%s '%s' ", info.name, checkrob_row_text(row, info.name));
    else if (info.type == CHECKROB_COLUMN_INTEGER || info.type == CHECKROB_COLUMN_NUMBER)
      fprintf(file, "%s %a ", info.name, checkrob_row_number(row, info.name));
    const double *doubles = checkrob_row_doubles(&count, row, info.name);
    for (size_t k = 0; k < count; k++) fprintf(file, "%s[%zu] %a ", info.name, k, doubles[k]);
  }
}

static inline int stored_dump_row(const checkrob_row *row, void *data) {
  stored_dump_columns(data, row);
  for (size_t i = 0; i < checkrob_row_child_count(row, "other"); i++) {
    fputs("[ ", data);
    stored_dump_columns(data, checkrob_row_child(row, "other", i));
    fputs("]", data);
  }
  fputc('\n', data);
  return 0;
}

static inline char *stored_dump(const char *path, bool complete) {
  checkrob_results *results = NULL;
  char *text = NULL;
  size_t bytes = 0;
  must(checkrob_results_open(&results, path, NULL));
  assert_int_equal(checkrob_results_complete(results), complete);
  FILE *file = open_memstream(&text, &bytes);
  must(checkrob_results_each(results, stored_dump_row, file));
  for (size_t i = 0; i < checkrob_results_class_count(results); i++)
    stored_dump_row(checkrob_results_class(results, i), file);
  must(checkrob_results_table(results, "looked_at", stored_dump_row, file));
  must(checkrob_results_table(results, "feature", stored_dump_row, file));
  must(checkrob_results_table(results, "pasted", stored_dump_row, file));
  must(checkrob_results_table(results, "cue", stored_dump_row, file));
  must(checkrob_results_table(results, "duplicate", stored_dump_row, file));
  must(checkrob_results_table(results, "advice", stored_dump_row, file));
  must(checkrob_results_table(results, "pool", stored_dump_row, file));
  fclose(file);
  checkrob_results_free(results);
  return text;
}

/* The file holds these results, and is complete. */
static inline void stored_expect(const char *path, const char *expected) {
  char *text = stored_dump(path, true);
  assert_string_equal(text, expected);
  free(text);
}

/* The classes of the last execution. */
static inline char *stored_dump_run(void) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *file = open_memstream(&text, &bytes);
  for (size_t i = 0; i < checkrob_run_class_count(bench.run); i++)
    stored_dump_row(checkrob_run_class(bench.run, i), file);
  fclose(file);
  return text;
}

static inline checkrob_status stored_execute(const char *path) {
  must(bench_renew());
  must(checkrob_run_store(bench.run, path));
  return bench_execute();
}

/* Runs both halves of the data, and merges them into stores[3]. */
static inline void stored_merge_halves(void) {
  for (int i = 1; i <= 2; i++) {
    bench_set("shard", i == 1 ? "1/2" : "2/2");
    must(stored_execute(stored_path(i, i == 1 ? "first.sqlite" : "second.sqlite")));
  }
  must(checkrob_results_merge(stored_path(3, "merged.sqlite"), (const char *[]){stores[1], stores[2]}, 2));
}

static int stored_calls, stored_stop_at;

static inline int stored_stop(size_t done, size_t total, void *data) {
  (void)data;
  assert_true(done <= total);
  return ++stored_calls == stored_stop_at;
}

/* Interrupts new runs at each call of the progress callback in turn. Each, resumed, has the expected results.
 * Returns the number of the runs that were interrupted. */
static inline size_t stored_interrupt_everywhere(const char *expected) {
  size_t stopped = 0;
  bench.on_progress = stored_stop;
  for (stored_stop_at = 1; stored_stop_at < 100; stored_stop_at++) {
    char name[32];
    snprintf(name, sizeof name, "r%d.sqlite", stored_stop_at);
    stored_calls = 0;
    bench.is_stale = 1;
    bench.row_count = 0;
    checkrob_status status = stored_execute(stored_path(1, name));
    if (status == CHECKROB_OK) break;
    assert_int_equal(status, CHECKROB_ERROR_INTERRUPTED);
    stored_calls = 1000;
    must(bench_execute());
    stored_expect(stores[1], expected);
    stopped++;
  }
  return stopped;
}

static inline char *stored_run_whole(const char *path) {
  must(stored_execute(path));
  assert_int_equal(bench.row_count, SAMPLES); /* the zebra has no sample */
  bench_check_totals();
  return stored_dump(path, true);
}

#endif
