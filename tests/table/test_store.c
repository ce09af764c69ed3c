/* SPDX-License-Identifier: Apache-2.0 */
/* Results files: what is written comes back, from one file or from several; what does not fit is refused. */
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "support/database.h"
#include "table/samples.h"
#include "table/sql.h"
#include "table/text.h"

static char *folder;

static int make_folder(void **state) {
  (void)state;
  folder = folder_new();
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  folder_remove(folder);
  return 0;
}

static const char *path_of(const char *name) {
  static char paths[8][512];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static store_options make_options(const char *method) {
  store_options options = {0};
  must(store_options_add(&options, "method", method, true));
  must(store_options_add(&options, "model_contents", "0123", true));
  must(store_options_add(&options, "batch", "16", false));
  return options;
}

static store *begin(const char *path, const row_layout *layout, const char *method) {
  store *s = NULL;
  store_options options = make_options(method);
  must(store_open(&s, path));
  assert_true(store_is_fresh(s));
  assert_null(store_samples(s));
  must(store_begin(s, layout, &options, NULL));
  assert_false(store_is_fresh(s));
  assert_true(row_layout_fits(store_samples(s), layout));
  store_options_clear(&options);
  return s;
}

static void write_file(const char *path, const row_layout *layout, size_t first, size_t end) {
  store *s = begin(path, layout, "gradcam");
  store_options none = {0};
  must(store_begin_session(s, &none));
  samples_write(s, layout, first, end);
  must(store_end_session(s, "complete", end - first, 1.5));
  store_close(s);
}

/* All rows as text: as JSON lines, and the hidden children besides. */
static char *dump_store(store *s) {
  char *text = NULL;
  size_t bytes = 0, count = 0;
  FILE *file = open_memstream(&text, &bytes);
  table_reader *r = NULL;
  checkrob_row *row = NULL;
  must(sample_reader_open(&r, s, READ_CHILDREN | READ_HIDDEN_CHILDREN));
  checkrob_status status;
  while ((status = table_reader_next(&row, r)) == CHECKROB_OK) {
    must(json_write_row(file, row));
    fprintf(file, "%a", checkrob_row_number(row, "rs"));
    const checkrob_row *evidence = checkrob_row_child(row, "evidence", 0);
    static const char *const arrays[] = {"map", "region", "counted"};
    for (int a = 0; a < 3; a++) {
      const float *values = checkrob_row_floats(&count, evidence, arrays[a]);
      fprintf(file, " %s %zu", arrays[a], count);
      for (size_t i = 0; i < count; i++) fprintf(file, " %a", (double)values[i]);
    }
    fputc('\n', file);
  }
  assert_int_equal(status, CHECKROB_END);
  table_reader_close(r);
  fclose(file);
  return text;
}

static char *dump(const char *path) {
  store *s = NULL;
  must(store_open_to_read(&s, path));
  char *text = dump_store(s);
  store_close(s);
  return text;
}

/* ---- one file ---- */

static void rows_come_back_as_they_were_written(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 0, IMAGES);
  assert_int_equal(access(path_of("r.sqlite-wal"), F_OK), -1); /* the file stands alone */
  store *s = NULL;
  must(store_open_to_read(&s, path));
  table_reader *r = NULL;
  checkrob_row *row = NULL, *expected[2] = {NULL, NULL};
  must(sample_reader_open(&r, s, READ_CHILDREN | READ_HIDDEN_CHILDREN));
  size_t count = 0, cells = 0;
  for (size_t input = 0; input < IMAGES; input++) {
    size_t held = samples_of(expected, layout, input);
    for (size_t part = 0; part < held; part++, count++) {
      must(table_reader_next(&row, r));
      for (size_t c = 0; c < row_layout_count(layout); c++) {
        const char *name = row_layout_column(layout, c)->name;
        assert_int_equal(checkrob_row_has(row, name), row_has(expected[part], c));
        assert_true(checkrob_row_integer(row, name) == row_integer(expected[part], c));
        double a = checkrob_row_number(row, name), b = row_number(expected[part], c);
        assert_true(a == b || (isnan(a) && isnan(b)));
        assert_string_equal(checkrob_row_text(row, name), row_text(expected[part], c));
      }
      assert_int_equal(checkrob_row_child_count(row, "other"),
                       checkrob_row_child_count(expected[part], "other"));
      const checkrob_row *theirs = checkrob_row_child(row, "evidence", 0);
      const checkrob_row *ours = checkrob_row_child(expected[part], "evidence", 0);
      assert_int_equal(theirs != NULL, ours != NULL);
      if (ours)
        assert_memory_equal(checkrob_row_floats(&cells, theirs, "map"),
                            checkrob_row_floats(NULL, ours, "map"), CELLS * sizeof(float));
      row_free(expected[part]);
      expected[part] = NULL;
    }
  }
  assert_int_equal(count, SAMPLES);
  assert_int_equal(table_reader_next(&row, r), CHECKROB_END);
  table_reader_close(r);
  store_close(s);
  row_layout_free(layout);
}

static void children_are_read_where_they_are_asked_for(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 3, 4);
  for (unsigned what = 0; what < 4; what++) {
    store *s = NULL;
    table_reader *r = NULL;
    checkrob_row *row = NULL;
    must(store_open_to_read(&s, path));
    must(sample_reader_open(&r, s, what));
    must(table_reader_next(&row, r));
    assert_int_equal(checkrob_row_child_count(row, "other"), what & READ_CHILDREN ? 2 : 0);
    assert_int_equal(checkrob_row_child_count(row, "evidence"), what & READ_HIDDEN_CHILDREN ? 1 : 0);
    if (what & READ_CHILDREN) {
      assert_string_equal(checkrob_row_text(checkrob_row_child(row, "other", 0), "class"), "blue");
      assert_int_equal(checkrob_row_integer(checkrob_row_child(row, "other", 1), "index"), -1);
    }
    must(table_reader_next(&row, r));
    assert_int_equal(checkrob_row_child_count(row, "other"), what & READ_CHILDREN ? 1 : 0);
    table_reader_close(r);
    store_close(s);
  }
  row_layout_free(layout);
}

static void samples_are_read_class_by_class(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 0, IMAGES);
  store *s = NULL;
  table_reader *r = NULL;
  checkrob_row *row = NULL;
  must(store_open_to_read(&s, path));
  must(sample_reader_open_by_class(&r, s, READ_HIDDEN_CHILDREN));
  assert_int_equal(table_reader_next(&row, r), CHECKROB_END);
  size_t counts[3] = {0};
  for (int64_t index = 2; index >= 0; index--) {
    int64_t before = -1;
    sample_reader_select(r, index);
    while (table_reader_next(&row, r) == CHECKROB_OK) {
      assert_int_equal(row_integer(row, SAMPLE_INDEX), index);
      assert_true(row_integer(row, SAMPLE_INPUT) > before);
      before = row_integer(row, SAMPLE_INPUT);
      counts[index]++;
    }
  }
  assert_int_equal(counts[0] + counts[1] + counts[2], SAMPLES - 1); /* one has no class */
  assert_int_equal(counts[2], 4);
  table_reader_close(r);
  store_close(s);
  row_layout_free(layout);
}

/* A column of an analysis that no code but its declaration knows. */
static void an_unknown_analysis_passes_through(void **state) {
  (void)state;
  row_layout *layout = samples_layout(true);
  const char *halves[] = {path_of("a.sqlite"), path_of("b.sqlite")}, *both = path_of("both.sqlite");
  write_file(halves[0], layout, 0, 10);
  write_file(halves[1], layout, 10, IMAGES);
  store *s = begin(both, layout, "gradcam");
  for (int i = 0; i < 2; i++) must(store_merge_samples(s, halves[i]));
  row_layout_free(layout); /* what follows knows the file alone */
  store_close(s);
  must(store_open_to_read(&s, both));
  table_reader *r = NULL;
  checkrob_row *row = NULL;
  must(sample_reader_open(&r, s, READ_CHILDREN));
  for (int i = 0; i < 5; i++) must(table_reader_next(&row, r)); /* image 3, part 1 */
  assert_int_equal(checkrob_row_integer(row, "bright_pixels"), 103);
  char *text = NULL;
  size_t bytes = 0;
  FILE *file = open_memstream(&text, &bytes);
  csv_write_head(file, store_samples(s));
  csv_write_row(file, row);
  must(json_write_row(file, row));
  fclose(file);
  assert_non_null(strstr(text, ",iou,bright_pixels,status,message\n"));
  assert_non_null(strstr(text, ",103,ok,\n"));
  assert_non_null(strstr(text, "\"bright_pixels\":103,"));
  free(text);
  checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
  size_t i = 0;
  do must(checkrob_row_column(&info, row, i++));
  while (strcmp(info.name, "bright_pixels") != 0);
  assert_string_equal(info.unit, "pixels");
  assert_string_equal(info.description, "pixels above half of the range");
  assert_true(info.low == 0 && isinf(info.high));
  table_reader_close(r);
  store_close(s);
}

static void other_tables_are_written_anew(void **state) {
  (void)state;
  static const column declared[] = {{"name", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0, "a name"},
                                    {"mean", CHECKROB_COLUMN_DOUBLES, "", 0, 1, 0, COLUMN_HIDDEN, "a map"},
                                    {"more", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0, "came later"}};
  static const double mean[] = {0.1, 1.0 / 3.0};
  row_layout *samples = samples_layout(false);
  store *s = begin(NULL, samples, "gradcam");
  for (size_t columns = 2; columns <= 3; columns++) {
    column_list part = {declared, columns};
    row_layout *layout = NULL, *found = NULL;
    checkrob_row *row = NULL, *back = NULL;
    table_reader *r = NULL;
    must(store_layout(&found, s, "class"));
    assert_int_equal(found != NULL, columns == 3);
    row_layout_free(found);
    must(row_layout_new(&layout, "class", &part, 1, NULL, 0));
    must(row_new(&row, layout));
    must(row_set_text(row, 0, columns == 2 ? "two" : "three"));
    must(row_set_doubles(row, 1, mean, 2));
    row_set_number(row, 2, 0.5);
    const checkrob_row *rows[] = {row, row};
    must(store_replace(s, layout, rows, 2));
    must(store_layout(&found, s, "class"));
    assert_true(row_layout_fits(found, layout));
    must(table_reader_open(&r, s, found));
    for (int i = 0; i < 2; i++) {
      must(table_reader_next(&back, r));
      assert_string_equal(checkrob_row_text(back, "name"), columns == 2 ? "two" : "three");
      assert_memory_equal(checkrob_row_doubles(NULL, back, "mean"), mean, sizeof mean);
      assert_int_equal(checkrob_row_has(back, "more"), columns == 3);
    }
    assert_int_equal(table_reader_next(&back, r), CHECKROB_END);
    table_reader_close(r);
    row_free(row);
    row_layout_free(layout);
    row_layout_free(found);
  }
  store_close(s);
  row_layout_free(samples);
}

static void evaluated_samples_are_told_apart(void **state) {
  (void)state;
  static const struct {
    const char *status;
    int evaluated;
  } all[] = {{"ok", 1}, {"empty_map", 1}, {"bad_input", 0}, {"no_object", 0}};
  row_layout *layout = samples_layout(false), *other = NULL;
  checkrob_row *row = sample_new(layout, 0, 0, "i.png", "red", 0), *empty = NULL;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    must(row_set_text(row, SAMPLE_STATUS, all[i].status));
    assert_int_equal(checkrob_row_is_evaluated(row), all[i].evaluated);
  }
  must(row_layout_new(&other, "other", &bright_columns, 1, NULL, 0));
  must(row_new(&empty, other));
  assert_int_equal(checkrob_row_is_evaluated(empty), 0);
  assert_int_equal(checkrob_row_is_evaluated(NULL), 0);
  row_free(empty);
  row_free(row);
  row_layout_free(other);
  row_layout_free(layout);
}

/* ---- resuming ---- */

static void a_run_resumes_where_its_rows_end(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *whole = path_of("whole.sqlite"), *parts = path_of("parts.sqlite");
  write_file(whole, layout, 0, IMAGES);
  store *s = begin(parts, layout, "gradcam");
  store_end end;
  must(store_find_end(&end, s));
  assert_false(end.any);
  samples_write(s, layout, 0, 4);
  store_close(s); /* as when it was killed */
  must(store_open(&s, parts));
  store_options options = make_options("gradcam");
  must(store_resume(s, layout, &options));
  store_options_clear(&options);
  must(store_find_end(&end, s));
  assert_true(end.any && end.input == 3 && end.part == 1);
  bool complete = true;
  must(store_is_complete(&complete, s));
  assert_false(complete);
  samples_write(s, layout, 4, IMAGES);
  store_close(s);
  char *expected = dump(whole), *found = dump(parts);
  assert_string_equal(found, expected);
  free(expected);
  free(found);
  must(store_open_to_read(&s, whole));
  must(store_is_complete(&complete, s));
  assert_true(complete);
  store_close(s);
  row_layout_free(layout);
}

static void other_options_are_refused_by_name(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false), *wider = samples_layout(true);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 0, 2);
  store *s = NULL;
  must(store_open(&s, path));
  store_options options = make_options("gradcam++");
  free(options.items[2].value); /* the batch, which does not decide */
  options.items[2].value = strdup("32");
  assert_int_equal(store_resume(s, layout, &options), CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(
      strstr(checkrob_last_error(), "has results of other options: method was gradcam, and is gradcam++"));
  assert_null(strstr(checkrob_last_error(), "batch"));
  store_options_clear(&options);
  options = make_options("gradcam");
  must(store_options_add(&options, "seed", "1", true));
  assert_int_equal(store_resume(s, layout, &options), CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(strstr(checkrob_last_error(), "seed was not set, and is 1"));
  free(options.items[3].value);
  options.items[3].decides = false;
  options.items[3].value = strdup("2");
  must(store_resume(s, layout, &options));
  assert_int_equal(store_resume(s, wider, &options), CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(strstr(checkrob_last_error(), "its columns differ"));
  store_options_clear(&options);
  options = make_options("gradcam");
  free(options.items[1].value);
  options.items[1].value = strdup("4567");
  assert_int_equal(store_resume(s, layout, &options), CHECKROB_ERROR_OTHER_OPTIONS);
  assert_non_null(strstr(checkrob_last_error(), "the model file differs (model_contents)"));
  store_options_clear(&options);
  store_close(s);
  row_layout_free(layout);
  row_layout_free(wider);
}

static void sessions_record_how_classes_are_judged(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  store *s = begin(path_of("r.sqlite"), layout, "gradcam");
  for (int i = 1; i < 3; i++) {
    store_options judging = {0}, stored = {0};
    must(store_options_add(&judging, "top_k", i == 1 ? "1" : "5", false));
    must(store_begin_session(s, &judging));
    must(store_read_options(&stored, s));
    assert_int_equal(stored.count, 4);
    assert_string_equal(store_options_find(&stored, "top_k"), i == 1 ? "1" : "5");
    assert_string_equal(store_options_find(&stored, "method"), "gradcam");
    assert_null(store_options_find(&stored, "nonsense"));
    store_options_clear(&judging);
    store_options_clear(&stored);
    must(store_end_session(s, "interrupted", 0, NAN));
  }
  store_close(s);
  row_layout_free(layout);
}

/* ---- several files ---- */

static void shards_merge_to_the_whole(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *paths[] = {path_of("1.sqlite"), path_of("2.sqlite"), path_of("3.sqlite")};
  const char *whole = path_of("whole.sqlite"), *merged = path_of("merged.sqlite");
  write_file(whole, layout, 0, IMAGES);
  write_file(paths[0], layout, 0, 4);
  write_file(paths[1], layout, 4, 13);
  write_file(paths[2], layout, 13, IMAGES);
  store *s = begin(merged, layout, "gradcam");
  for (int i = 2; i >= 0; i--) must(store_merge_samples(s, paths[i]));
  char *found = dump_store(s);
  assert_int_equal(store_merge_samples(s, paths[1]), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_non_null(strstr(checkrob_last_error(), "another of the files has too; name each shard only once"));
  char *again = dump_store(s); /* nothing of it was written */
  store_close(s);
  char *expected = dump(whole);
  assert_string_equal(found, expected);
  assert_string_equal(again, expected);
  free(found);
  free(again);
  free(expected);
  row_layout_free(layout);
}

/* Another process writes to the shard, or has it open. It is only read: nobody waits, and nothing changes. */
/* Merges the shard, and returns the seconds that it took. */
static time_t merge_one(const char *shard, const row_layout *layout, const char *expected) {
  store *s = begin(path_of("merged.sqlite"), layout, "gradcam");
  time_t start = time(NULL);
  must(store_merge_samples(s, shard));
  time_t seconds = time(NULL) - start;
  char *found = dump_store(s);
  assert_string_equal(found, expected);
  free(found);
  store_close(s);
  assert_int_equal(remove(path_of("merged.sqlite")), 0);
  return seconds;
}

/* A lock would be waited for 10 seconds, each time; a busy machine may take so long once. */
static void shards_that_are_open_elsewhere_are_merged(void **state) {
  (void)state;
  static const char *const locks[] = {"PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; DELETE FROM option",
                                      "PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE; DELETE FROM option",
                                      "BEGIN; SELECT * FROM sample"};
  row_layout *layout = samples_layout(false);
  const char *shard = path_of("50% of it, a?b#c;d&mode=rwc.sqlite");
  write_file(shard, layout, 0, IMAGES);
  char *expected = dump(shard);
  for (int i = 0; i < 3; i++) {
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(shard, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, locks[i], NULL, NULL, NULL), SQLITE_OK);
    time_t seconds = 8;
    for (int tries = 0; tries < 5 && seconds >= 8; tries++) seconds = merge_one(shard, layout, expected);
    assert_true(seconds < 8);
    sqlite3_close(other);
  }
  free(expected);
  row_layout_free(layout);
}

static void a_shard_that_cannot_be_read_is_named(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  store *s = begin(path_of("merged.sqlite"), layout, "gradcam");
  const char *gone = path_of("gone.sqlite"), *text = path_of("text.sqlite");
  FILE *file = fopen(text, "w");
  for (int i = 0; i < 1000; i++) fputs("no database ", file);
  fclose(file);
  assert_int_equal(store_merge_samples(s, gone), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), gone));
  assert_int_not_equal(access(gone, F_OK), 0); /* ATTACH would make it */
  assert_int_equal(store_merge_samples(s, text), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), text));
  store_close(s);
  row_layout_free(layout);
}

static void take_change(const paired_change *change, void *data) {
  double *sums = data;
  sums[0] += change->count;
  sums[1] += change->sum;
  if (strcmp(change->class_name, "green") == 0) sums[2] = change->count;
}

static void samples_of_two_files_are_paired(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *paths[] = {path_of("before.sqlite"), path_of("after.sqlite")};
  for (int i = 0; i < 2; i++) write_file(paths[i], layout, 0, IMAGES);
  database_change(
      paths[1],
      "UPDATE sample SET rs = rs + 0.25 WHERE class = 'red'; UPDATE sample SET rs = NULL WHERE input = 0");
  store *stores[2];
  for (int i = 0; i < 2; i++) must(store_open_to_read(&stores[i], paths[i]));
  double sums[3] = {0};
  for (int i = 0; i < 2; i++) { /* and once more */
    memset(sums, 0, sizeof sums);
    must(store_pair_samples(stores[0], stores[1], "rs", take_change, sums));
  }
  assert_true(sums[0] == SAMPLES - 2 && sums[2] == 6);
  assert_true(fabs(sums[1] - 0.25 * 12) < 1e-12);
  memset(sums, 0, sizeof sums);
  must(store_pair_samples(stores[0], stores[1], "nothing", take_change, sums));
  must(store_pair_samples(stores[0], stores[1], "rs0", take_change, sums)); /* is not stored */
  assert_true(sums[0] == 0);
  for (int i = 0; i < 2; i++) store_close(stores[i]);
  row_layout_free(layout);
}

/* Both stores show their files as they were when they were opened, whoever writes meanwhile. */
static void pairs_are_of_the_files_as_they_were_opened(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *whole = path_of("whole.sqlite"), *growing = path_of("growing.sqlite");
  write_file(whole, layout, 0, IMAGES);
  store *writing = begin(growing, layout, "gradcam"), *stores[2];
  samples_write(writing, layout, 0, 5);
  must(store_open_to_read(&stores[0], whole));
  must(store_open_to_read(&stores[1], growing));
  char *opened = dump_store(stores[1]);
  samples_write(writing, layout, 5, IMAGES);
  for (int first = 0; first < 2; first++) {
    double sums[3] = {0};
    must(store_pair_samples(stores[first], stores[!first], "rs", take_change, sums));
    assert_true(sums[0] == 6 && sums[1] == 0.0);
    char *later = dump_store(stores[1]);
    assert_string_equal(later, opened);
    free(later);
  }
  free(opened);
  for (int i = 0; i < 2; i++) store_close(stores[i]);
  store_close(writing);
  row_layout_free(layout);
}

/* ---- what is no results file, or a damaged one ---- */

static void expect_refused(const char *path, checkrob_status status, const char *sentence) {
  store *s = NULL;
  assert_int_equal(store_open_to_read(&s, path), status);
  if (!strstr(checkrob_last_error(), sentence)) fail_msg("%s", checkrob_last_error());
  assert_null(s);
}

static void other_files_are_refused(void **state) {
  (void)state;
  expect_refused(path_of("nothing"), CHECKROB_ERROR_NOT_FOUND, "cannot open");
  expect_refused(folder, CHECKROB_ERROR_BAD_INPUT, "is a folder");
  file_write_text(folder, "empty", "");
  expect_refused(path_of("empty"), CHECKROB_ERROR_BAD_INPUT, "is empty");
  char text[4000];
  memset(text, 'x', sizeof text);
  file_write(folder, "text", text, sizeof text);
  expect_refused(path_of("text"), CHECKROB_ERROR_BAD_INPUT, "it is not a database");
  expect_refused("", CHECKROB_ERROR_INVALID_ARGUMENT, "the path of the results file is empty");
  assert_int_equal(mkfifo(path_of("pipe"), 0600), 0); /* to open it would block */
  expect_refused(path_of("pipe"), CHECKROB_ERROR_IO, "it is not a file");
  database_change(path_of("other"), "CREATE TABLE cooking (recipe)");
  expect_refused(path_of("other"), CHECKROB_ERROR_BAD_INPUT, "another program");
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 0, 2);
  database_change(path, "PRAGMA user_version = 99");
  expect_refused(path, CHECKROB_ERROR_BAD_INPUT, "use a newer checkrob");
  database_change(path, "PRAGMA user_version = 2");
  expect_refused(path, CHECKROB_ERROR_BAD_INPUT, "version 2, from before checkrob's first release");
  store *s = NULL;
  assert_int_equal(store_open(&s, path), CHECKROB_ERROR_BAD_INPUT);
  assert_int_equal(store_open(&s, "/proc/r.sqlite"), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "check the permissions"));
  row_layout_free(layout);
}

/* SQLite has one code for all of these. */
static void the_systems_reason_is_said(void **state) {
  (void)state;
  struct rlimit limit, low;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  int next = dup(0);
  assert_true(next >= 0);
  close(next);
  low = limit;
  low.rlim_cur = (rlim_t)next;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
  store *s = NULL;
  checkrob_status status = store_open(&s, path_of("r.sqlite"));
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  assert_int_equal(status, CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "too many open files; raise the limit"));
}

static void damaged_files_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *sql, *sentence;
  } damages[] = {
      {"DROP TABLE declared_column", "is damaged"},
      {"DELETE FROM declared_table", "columns of its samples are not declared"},
      {"DELETE FROM declared_table WHERE name = 'sample'", "cannot be read"},
      {"DELETE FROM declared_column WHERE name = 'status'", "columns of its samples are not declared"},
      {"UPDATE declared_column SET type = 'cake' WHERE name = 'rs'", "cannot be read"},
      {"UPDATE declared_column SET digits = 10000000 WHERE name = 'rs'", "cannot be read"},
      {"UPDATE declared_column SET name = 'x\"; DROP TABLE sample; --' WHERE name = 'rs'", "cannot be read"},
      {"UPDATE declared_column SET name = 'iou' WHERE name = 'rs'", "cannot be read"},
      {"UPDATE declared_table SET name = 'no table' WHERE name = 'other'", "cannot be read"}};
  row_layout *layout = samples_layout(false);
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    const char *path = path_of("r.sqlite");
    write_file(path, layout, 0, 2);
    database_change(path, damages[i].sql);
    expect_refused(path, CHECKROB_ERROR_BAD_INPUT, damages[i].sentence);
    unlink(path);
  }
  row_layout_free(layout);
}

static checkrob_status read_all(const char *path) {
  store *s = NULL;
  table_reader *r = NULL;
  checkrob_row *row = NULL;
  store_options options = {0};
  checkrob_status status = store_open_to_read(&s, path);
  if (!status) status = store_read_options(&options, s);
  if (!status) status = sample_reader_open(&r, s, READ_CHILDREN | READ_HIDDEN_CHILDREN);
  while (!status) status = table_reader_next(&row, r);
  table_reader_close(r);
  store_options_clear(&options);
  store_close(s);
  return status;
}

/* SQLite stores values of any type in any column. */
static void values_of_other_types_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *sql, *message;
  } damages[] = {
      {"UPDATE sample SET rs = 'cake' WHERE input = 2", "table sample, column rs: a value is not a number"},
      {"UPDATE sample SET rs = x'00' WHERE input = 2", "table sample, column rs: a value is not a number"},
      {"UPDATE sample SET \"index\" = 0.5", "table sample, column index: a value is not a whole number"},
      {"UPDATE sample SET image = x'41004200'", "table sample, column image: a value is not a text"},
      {"UPDATE sample SET image = CAST(x'41004200' AS TEXT)", "column image: a value is not a text"},
      {"UPDATE evidence SET map = x'0102030405'", "table evidence, column map: a value is not an array of"},
      {"UPDATE evidence SET region = 7", "table evidence, column region: a value is not an array of"},
      {"UPDATE option SET value = x'00'", "a value of the column value is not a text"},
      {"UPDATE declared_column SET type = x'00'", "a value of the column type is not a text"},
      {"UPDATE declared_table SET description = x'00'", "a value of the column description is not a text"},
      {"DROP TABLE option; CREATE TABLE option (name, value, decides); INSERT INTO option VALUES (NULL, 1, "
       "1)",
       "a value of the column name is not a text"}};
  row_layout *layout = samples_layout(false);
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    const char *path = path_of("r.sqlite");
    write_file(path, layout, 0, 4);
    database_change(path, damages[i].sql);
    if (read_all(path) != CHECKROB_ERROR_BAD_INPUT || !strstr(checkrob_last_error(), damages[i].message))
      fail_msg("%s: %s", damages[i].sql, checkrob_last_error());
    unlink(path);
  }
  row_layout_free(layout);
}

/* A file from elsewhere may contain what SQLite would execute. */
static void only_tables_are_read(void **state) {
  (void)state;
  static const char endless[] =
      "AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, n, n FROM c";
  static const char *const tables[] = {"option",         "session", "class_map",
                                       "Declared_Table", "sample",  "Evidence"};
  static const char *const forms[] = {"DROP TABLE %s; CREATE VIEW %s %s",
                                      "DROP TABLE %s; CREATE VIRTUAL TABLE %s USING fts5(a) /* %s */",
                                      "DROP TABLE %s; CREATE TABLE %s (a, b AS (hex(a)), c) /* %s */"};
  row_layout *layout = samples_layout(false);
  for (size_t i = 0; i < sizeof tables / sizeof *tables * 3; i++) {
    const char *path = path_of("r.sqlite"), *table = tables[i / 3];
    write_file(path, layout, 0, 4);
    char *sql = text_format(forms[i % 3], table, table, endless);
    database_change(path, sql);
    if (read_all(path) != CHECKROB_ERROR_BAD_INPUT ||
        !strstr(checkrob_last_error(), "is a view, a virtual table or has computed columns"))
      fail_msg("%s: %s", sql, checkrob_last_error());
    store *s = NULL;
    assert_int_equal(store_open(&s, path), CHECKROB_ERROR_BAD_INPUT); /* to resume */
    s = begin(path_of("merged.sqlite"), layout, "gradcam");
    assert_int_equal(store_merge_samples(s, path), CHECKROB_ERROR_BAD_INPUT);
    assert_non_null(strstr(checkrob_last_error(), path));
    store_close(s);
    unlink(path_of("merged.sqlite"));
    unlink(path);
    free(sql);
  }
  row_layout_free(layout);
}

/* A run that resumes writes into the file, and drops the tables that it will compute. */
static void resuming_executes_nothing_of_the_file(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite"), *other = path_of("other.sqlite");
  write_file(path, layout, 0, 4);
  database_change(other, "CREATE TABLE precious (a)");
  char *sql = text_format(
      "CREATE TRIGGER t AFTER INSERT ON sample BEGIN DELETE FROM option; END;"
      "INSERT INTO declared_table VALUES"
      " ('x\"; ATTACH ''%s'' AS other; DROP TABLE other.precious; --', NULL, 0, 0, '')",
      other);
  database_change(path, sql);
  free(sql);
  store *s = NULL;
  store_options none = {0}, options = {0};
  must(store_open(&s, path));
  must(store_begin_session(s, &none));
  samples_write(s, layout, 4, 6);
  must(store_read_options(&options, s));
  assert_int_equal(options.count, 3);
  store_options_clear(&options);
  store_close(s);
  database_change(other, "INSERT INTO precious VALUES (1)"); /* it is still there */
  row_layout_free(layout);
}

enum { PAGE = 4096, FAN = 400, LEVELS = 5 };

static void put_big_endian(unsigned char *to, int bytes, size_t value) {
  for (int i = bytes - 1; i >= 0; i--, value >>= 8) to[i] = (unsigned char)value;
}

/* An inner page of a table's tree (the format of SQLite's files, 1.6), whose children all are the same page.
 */
static void fill_inner_page(unsigned char page[PAGE], size_t child) {
  memset(page, 0, PAGE);
  page[0] = 5;
  put_big_endian(page + 3, 2, FAN);
  put_big_endian(page + 5, 2, PAGE - FAN * 5);
  put_big_endian(page + 8, 4, child);
  for (size_t i = 0; i < FAN; i++) {
    size_t cell = PAGE - (i + 1) * 5; /* the child, and a key of one byte */
    put_big_endian(page + 12 + 2 * i, 2, cell);
    put_big_endian(page + cell, 4, child);
    page[cell + 4] = 1;
  }
}

/* Puts pages between the root of the table `session` and its rows: they are then found 400^5 times. */
static void multiply_sessions(const char *path) {
  sqlite3 *db = NULL;
  sqlite3_stmt *select = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(
      sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_master WHERE name = 'session'", -1, &select, NULL),
      SQLITE_OK);
  assert_int_equal(sqlite3_step(select), SQLITE_ROW);
  size_t root = (size_t)sqlite3_column_int(select, 0), pages = file_size(folder, "r.sqlite") / PAGE;
  sqlite3_finalize(select);
  sqlite3_close(db);
  FILE *file = fopen(path, "r+b");
  unsigned char page[PAGE], count[4];
  assert_int_equal(fseek(file, (long)((root - 1) * PAGE), SEEK_SET), 0);
  assert_int_equal(fread(page, 1, PAGE, file), PAGE);
  assert_int_equal(fseek(file, (long)(pages * PAGE), SEEK_SET), 0);
  assert_int_equal(fwrite(page, 1, PAGE, file), PAGE); /* the rows: page number pages + 1 */
  for (size_t level = 1; level < LEVELS; level++) {
    fill_inner_page(page, pages + level);
    assert_int_equal(fwrite(page, 1, PAGE, file), PAGE);
  }
  fill_inner_page(page, pages + LEVELS);
  assert_int_equal(fseek(file, (long)((root - 1) * PAGE), SEEK_SET), 0);
  assert_int_equal(fwrite(page, 1, PAGE, file), PAGE);
  put_big_endian(count, 4, pages + LEVELS);
  assert_int_equal(fseek(file, 28, SEEK_SET), 0); /* the number of pages */
  assert_int_equal(fwrite(count, 1, 4, file), 4);
  assert_int_equal(fclose(file), 0);
}

/* A damage that SQLite does not find. */
static void rows_without_end_are_noticed(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 0, 2);
  multiply_sessions(path);
  store *s = NULL;
  bool complete = false;
  must(store_open_to_read(&s, path));
  assert_int_equal(store_is_complete(&complete, s), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "reading it takes far longer than its size allows"));
  store_close(s);
  row_layout_free(layout);
}

/* That bound is far above what sound files need: many small rows, in a table without an index. */
static void many_rows_are_no_damage(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 0, 2);
  database_change(path,
                  "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000)"
                  " INSERT INTO session (started, samples, outcome) SELECT '', 0, '' FROM c");
  store *s = NULL;
  bool complete = false;
  must(store_open_to_read(&s, path));
  must(store_is_complete(&complete, s));
  assert_true(complete);
  assert_true(s->steps < (50000000 + 200 * s->bytes) / 20);
  store_close(s);
  row_layout_free(layout);
}

/* Declared, but not there. */
static void tables_that_differ_from_their_declaration(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 0, 4);
  store *s = NULL;
  table_reader *r = NULL;
  database_change(path, "ALTER TABLE sample DROP COLUMN rs");
  must(store_open_to_read(&s, path));
  assert_int_equal(sample_reader_open(&r, s, 0), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "it is damaged (no such column: rs)"));
  store_close(s);
  row_layout_free(layout);
}

/* Cut anywhere, a file is refused or read as far as it goes; nothing crashes. */
static void truncated_files_are_refused(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  write_file(path_of("r.sqlite"), layout, 0, IMAGES);
  size_t bytes = file_size(folder, "r.sqlite"), refused = 0, cuts = 0;
  for (size_t end = bytes - 1; end > 1000; end -= end > 3001 ? 3001 : 500, cuts++) {
    file_truncate(folder, "r.sqlite", end);
    store *s = NULL;
    table_reader *r = NULL;
    checkrob_row *row = NULL;
    checkrob_status status = store_open_to_read(&s, path_of("r.sqlite"));
    if (!status) status = sample_reader_open(&r, s, READ_CHILDREN | READ_HIDDEN_CHILDREN);
    while (!status) status = table_reader_next(&row, r);
    assert_true(status == CHECKROB_ERROR_BAD_INPUT || status == CHECKROB_END);
    refused += status == CHECKROB_ERROR_BAD_INPUT;
    table_reader_close(r);
    store_close(s);
  }
  assert_true(cuts > 10 && refused > cuts / 2); /* the last pages hold nothing that is read */
  row_layout_free(layout);
}

static void a_row_is_written_once(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  store *s = begin(path_of("r.sqlite"), layout, "gradcam");
  samples_write(s, layout, 0, 3);
  table_writer *w = NULL;
  must(table_writer_open(&w, s, layout));
  checkrob_row *rows[3] = {sample_new(layout, 3, 0, "i03", "red", 0),
                           sample_new(layout, 1, 0, "i01", "red", 0)};
  assert_int_equal(table_writer_write(w, (const checkrob_row *const *)rows, 2), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "check that no other run writes to it"));
  store_end end;
  must(store_find_end(&end, s));
  assert_int_equal(end.input, 2); /* all of them, or none */
  must(table_writer_write(w, (const checkrob_row *const *)rows, 1));
  must(table_writer_write(w, NULL, 0));
  must(store_find_end(&end, s));
  assert_int_equal(end.input, 3);
  table_writer_close(w);
  row_free(rows[0]);
  row_free(rows[1]);
  store_close(s);
  row_layout_free(layout);
}

/* Somebody reads while a run writes: neither waits, and the reader sees what was there when it began. */
static void readers_and_a_writer_do_not_block_each_other(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  store *writing = begin(path, layout, "gradcam"), *reading = NULL;
  samples_write(writing, layout, 0, 5);
  must(store_open_to_read(&reading, path));
  char *before = dump_store(reading);
  samples_write(writing, layout, 5, 9);
  char *after = dump_store(reading);
  assert_string_equal(before, after);
  free(before);
  free(after);
  store_options none = {0};
  must(store_begin_session(writing, &none));
  must(store_end_session(writing, "complete", 9, 1));
  store_close(writing);
  store_close(reading);
  row_layout_free(layout);
}

/* A finished file has no log that would separate readers and writers. This waits ten seconds. */
static void a_finished_file_is_resumed_once_nobody_reads_it(void **state) {
  (void)state;
  row_layout *layout = samples_layout(false);
  const char *path = path_of("r.sqlite");
  write_file(path, layout, 0, 5);
  store *reading = NULL, *writing = NULL;
  must(store_open_to_read(&reading, path));
  assert_int_equal(store_open(&writing, path), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "is open for reading or writing elsewhere"));
  store_close(reading);
  must(store_open(&writing, path));
  store_close(writing);
  row_layout_free(layout);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
  const struct CMUnitTest tests[] = {TEST(rows_come_back_as_they_were_written),
                                     TEST(children_are_read_where_they_are_asked_for),
                                     TEST(samples_are_read_class_by_class),
                                     TEST(an_unknown_analysis_passes_through),
                                     TEST(other_tables_are_written_anew),
                                     TEST(evaluated_samples_are_told_apart),
                                     TEST(a_run_resumes_where_its_rows_end),
                                     TEST(other_options_are_refused_by_name),
                                     TEST(sessions_record_how_classes_are_judged),
                                     TEST(shards_merge_to_the_whole),
                                     TEST(shards_that_are_open_elsewhere_are_merged),
                                     TEST(a_shard_that_cannot_be_read_is_named),
                                     TEST(samples_of_two_files_are_paired),
                                     TEST(pairs_are_of_the_files_as_they_were_opened),
                                     TEST(other_files_are_refused),
                                     TEST(the_systems_reason_is_said),
                                     TEST(damaged_files_are_refused),
                                     TEST(values_of_other_types_are_refused),
                                     TEST(only_tables_are_read),
                                     TEST(resuming_executes_nothing_of_the_file),
                                     TEST(rows_without_end_are_noticed),
                                     TEST(many_rows_are_no_damage),
                                     TEST(tables_that_differ_from_their_declaration),
                                     TEST(truncated_files_are_refused),
                                     TEST(a_row_is_written_once),
                                     TEST(readers_and_a_writer_do_not_block_each_other),
                                     TEST(a_finished_file_is_resumed_once_nobody_reads_it)};
  return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
