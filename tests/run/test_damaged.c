/* SPDX-License-Identifier: Apache-2.0 */
/* Results files with damages, chosen at random from a seed: whoever reads them gets an error or what is left,
 * and in a short time. CHECKROB_DAMAGES sets their number, CHECKROB_FIRST the first of them, CHECKROB_SEED
 * the seed, CHECKROB_ALARM the seconds after which one of them ends the program. */
#include <checkrob/results.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include "run/spots.h"

/* ---- chance ---- */

static uint64_t chance;

static size_t below(size_t bound) {
  chance = chance * 6364136223846793005u + 1442695040888963407u;
  return bound ? (size_t)(chance >> 33) % bound : 0;
}

static size_t number_of(const char *variable, size_t otherwise) {
  const char *text = getenv(variable);
  return text ? (size_t)strtoull(text, NULL, 10) : otherwise;
}

/* ---- damages ---- */

static void flip_bytes(const char *path, size_t bytes) {
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  for (size_t i = 0, count = 1 + below(20); i < count; i++) {
    assert_int_equal(fseek(file, (long)below(bytes), SEEK_SET), 0);
    fputc((int)below(256), file);
  }
  fclose(file);
}

/* A text of the first column of a query; a random row, the whole list in an order of its own. */
static bool choose(char out[128], sqlite3 *db, const char *query) {
  char sql[512];
  sqlite3_stmt *select = NULL;
  snprintf(sql, sizeof sql, "SELECT * FROM (%s) LIMIT 1 OFFSET %zu %% max(1, (SELECT count(*) FROM (%s)))",
           query, below(1000), query);
  bool found = sqlite3_prepare_v2(db, sql, -1, &select, NULL) == SQLITE_OK &&
               sqlite3_step(select) == SQLITE_ROW && sqlite3_column_text(select, 0);
  if (found) snprintf(out, 128, "%s", (const char *)sqlite3_column_text(select, 0));
  sqlite3_finalize(select);
  return found;
}

static const char *const values[] = {"NULL",
                                     "''",
                                     "'x'",
                                     "-1",
                                     "0",
                                     "1",
                                     "2",
                                     "0.5",
                                     "1e308",
                                     "-1e308",
                                     "1e999",
                                     "-1e999",
                                     "'nan'",
                                     "x'00'",
                                     "x'0102030405060708'",
                                     "zeroblob(800)",
                                     "zeroblob(100000)",
                                     "9223372036854775807",
                                     "-9223372036854775808",
                                     "1000000000",
                                     "CAST(x'410042' AS TEXT)",
                                     "CAST(x'ff80fe' AS TEXT)",
                                     "'sample'",
                                     "'option'",
                                     "CAST(zeroblob(100000) AS TEXT)",
                                     "replace(hex(zeroblob(50000)), '0', '9')"};

/* One cell, or a whole column; or rows, a column or a table are missing. */
static void change_cells(const char *path) {
  sqlite3 *db = NULL;
  char table[128], column[128], query[256], sql[1024];
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  for (size_t i = 0, count = 1 + below(3); i < count; i++) {
    if (!choose(table, db, "SELECT name FROM sqlite_master WHERE type = 'table'")) break;
    snprintf(query, sizeof query, "SELECT name FROM pragma_table_info('%s')", table);
    if (!choose(column, db, query)) continue;
    const char *value = values[below(sizeof values / sizeof *values)];
    size_t kind = below(20), some = below(7);
    if (kind < 16)
      snprintf(sql, sizeof sql,
               "UPDATE OR IGNORE \"%s\" SET \"%s\" = %s WHERE %zu = 0 OR length(\"%s\") %% 7 = %zu", table,
               column, value, below(2), column, some);
    else if (kind < 18)
      snprintf(sql, sizeof sql, "DELETE FROM \"%s\" WHERE abs(random()) %% 2", table);
    else if (kind < 19)
      snprintf(sql, sizeof sql, "ALTER TABLE \"%s\" DROP COLUMN \"%s\"", table, column);
    else
      snprintf(sql, sizeof sql, "DROP TABLE \"%s\"", table);
    sqlite3_exec(db, sql, NULL, NULL, NULL); /* not every statement fits every table */
  }
  sqlite3_close(db);
}

static void copy_file(const char *to, const char *data, size_t bytes) {
  FILE *file = fopen(to, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, bytes, file), bytes);
  fclose(file);
}

static char *read_file(size_t *bytes, const char *path) {
  char *data = NULL;
  FILE *file = fopen(path, "rb"), *to = open_memstream(&data, bytes);
  assert_true(file && to);
  for (int c; (c = fgetc(file)) != EOF;) fputc(c, to);
  fclose(file);
  fclose(to);
  return data;
}

/* ---- all that reads results ---- */

static int look(const checkrob_row *row, void *data) {
  FILE *file = data;
  stored_dump_row(row, file);
  return ftell(file) > 10000000;
}

static int ignore_row(const checkrob_row *row, void *data) {
  (void)row;
  (void)data;
  return 0;
}

static void read_everything(const char *path, const char *good, const char *out) {
  static const char *const tables[] = {"class",  "looked_at", "feature",   "feature_use", "feature_together",
                                       "pasted", "cue",       "duplicate", "advice",      "pool"};
  char *text = NULL;
  size_t bytes = 0;
  checkrob_results *results = NULL, *others = NULL;
  must(checkrob_results_open(&others, good, NULL));
  if (checkrob_results_open(&results, path, NULL) == CHECKROB_OK) {
    FILE *file = open_memstream(&text, &bytes);
    checkrob_results_each(results, look, file);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
      checkrob_results_table(results, tables[i], look, file);
    for (int what = 0; what < 32; what++) checkrob_results_export(results, (checkrob_export)what, out);
    checkrob_results_compare(results, others, ignore_row, NULL);
    checkrob_results_compare(others, results, ignore_row, NULL);
    fclose(file);
    free(text);
  }
  checkrob_results_free(results);
  checkrob_results_free(others);
  unlink(out);
  checkrob_results_merge(out, &path, 1);
  unlink(out);
}

static void open_world(void) {
  spots_open();
  bench_set("features", "true");
  bench_set("advice", "true");
  bench_set("cues", "true");
  bench_set("probe", "verdict");
  bench_set("verdict_min_images", "2");
  bench.on_progress = NULL;
  bench.on_row = ignore_row;
}

static void damaged_files_crash_nobody(void **state) {
  (void)state;
  open_world();
  const char *good = stored_path(0, "good.sqlite"), *bad = stored_path(1, "bad.sqlite"),
             *out = stored_path(2, "out");
  must(stored_execute(good));
  size_t bytes = 0, refused = 0, count = number_of("CHECKROB_DAMAGES", 60);
  char *data = read_file(&bytes, good);
  for (size_t i = number_of("CHECKROB_FIRST", 0); i < count; i++) {
    chance = number_of("CHECKROB_SEED", 1) * 1000003 + i;
    for (int k = 0; k < 5; k++) below(2); /* seeds that are neighbours differ from here on */
    copy_file(bad, data, bytes);
    clock_t start = clock(); /* processor time: the machine may be busy */
    if (below(3) == 0)
      flip_bytes(bad, bytes);
    else
      change_cells(bad);
    alarm((unsigned)number_of("CHECKROB_ALARM",
                              600)); /* a hang ends the program: the number of the damage is in its output */
    printf("damage %zu\n", i);
    fflush(stdout);
    read_everything(bad, good, out);
    refused += stored_execute(bad) != CHECKROB_OK; /* resumes */
    alarm(0);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 60);
    char log[600];
    for (int k = 0; k < 3; k++) {
      snprintf(log, sizeof log, "%s%s", bad, k == 0 ? "-wal" : k == 1 ? "-shm" : "-journal");
      unlink(log);
    }
  }
  assert_true(getenv("CHECKROB_FIRST") || refused > count / 10);
  free(data);
}

int main(void) {
  const struct CMUnitTest tests[] = {BENCH_TEST(damaged_files_crash_nobody)};
  return cmocka_run_group_tests_name("damaged results", tests, NULL, NULL);
}
