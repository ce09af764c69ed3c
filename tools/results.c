/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob export and compare: they read results files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "gate.h"
#include "table.h"
#include "terminal.h"

/* ---- export ---- */

static int export_to(const char *out, const command_line *line) {
  const char *given = line->arguments[0];
  checkrob_export what;
  checkrob_results *results = NULL;
  checkrob_status status = checkrob_export_find(&what, command_line_text(line, "as"));
  if (!status) status = open_results(&results, given, line->options);
  int code = status ? fail_with_flags(EXIT_FAILED) : spare_recorded(results, out);
  if (code == EXIT_OK && checkrob_results_export(results, what, out)) code = fail_with_flags(EXIT_FAILED);
  if (code == EXIT_OK) warn_if_incomplete(results, given);
  checkrob_results_free(results);
  return code;
}

int command_export(const command_line *line) {
  if (line->argument_count != 1) return fail_usage("export", "give one file of results");
  const char *out = output_path(line);
  char *path = results_file(line->arguments[0]);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  int code =
      same_file(out, path)
          ? fail(EXIT_FAILED, "%s would be replaced, but it is an input; give another file with --out", out)
          : export_to(out, line);
  free(path);
  return code;
}

/* ---- compare ---- */

typedef struct comparison {
  table *rows;
  size_t better, worse, other_verdicts;
} comparison;

/* First what changed; what it was before and after is left out first where the room is short. */
static const table_column comparison_columns[] = {
    {"verdict", COLUMN_TEXT, NULL},    {"class", COLUMN_NAME, NULL},     {"paired", COLUMN_NUMBER, NULL},
    {"error", COLUMN_PAIR, NULL},      {"robust.", COLUMN_NUMBER, NULL}, {"then", COLUMN_PAIR, NULL},
    {"CRS", COLUMN_NUMBER, NULL},      {"then", COLUMN_PAIR, NULL},      {"change", COLUMN_NUMBER, NULL},
    {"accuracy", COLUMN_NUMBER, NULL}, {"then", COLUMN_PAIR, NULL},      {"images", COLUMN_NUMBER, NULL},
    {"then", COLUMN_PAIR, NULL}};

/* One verdict if it did not change; '-' for a class that one of the two does not have. */
static void add_verdicts(comparison *c, const checkrob_row *row) {
  const char *before = checkrob_row_text(row, "verdict_before");
  const char *after = checkrob_row_text(row, "verdict_after");
  int in_both =
      checkrob_row_integer(row, "images_before") > 0 && checkrob_row_integer(row, "images_after") > 0;
  if (checkrob_row_integer(row, "images_before") <= 0) before = "-";
  if (checkrob_row_integer(row, "images_after") <= 0) after = "-";
  int is_same = strcmp(before, after) == 0;
  char text[128];
  snprintf(text, sizeof text, "%s%s%s", before, is_same ? "" : ", then ", is_same ? "" : after);
  table_verdict(c->rows, text, after);
  c->other_verdicts += in_both && !is_same;
}

/* A class that one of the two does not have has 0 images there. */
static double images(const checkrob_row *row, const char *column) {
  return fmax(0.0, checkrob_row_number(row, column));
}

static int add_comparison(const checkrob_row *row, void *user_data) {
  comparison *c = user_data;
  double change = checkrob_row_number(row, "rs_change"), error = checkrob_row_number(row, "rs_change_error");
  double before = checkrob_row_number(row, "crs_before"), after = checkrob_row_number(row, "crs_after");
  add_verdicts(c, row);
  table_text(c->rows, class_shown(row));
  table_change(c->rows, change, 3);
  table_number(c->rows, error, 3);
  table_number(c->rows, checkrob_row_number(row, "robustness_before"), 2);
  table_number(c->rows, checkrob_row_number(row, "robustness_after"), 2);
  table_number(c->rows, before, 3);
  table_number(c->rows, after, 3);
  table_change(c->rows, after - before, 3);
  table_number(c->rows, checkrob_row_number(row, "acc_before"), 3);
  table_number(c->rows, checkrob_row_number(row, "acc_after"), 3);
  table_number(c->rows, images(row, "images_before"), 0);
  table_number(c->rows, images(row, "images_after"), 0);
  if (fabs(change) > 2 * error) ++*(change > 0 ? &c->better : &c->worse);
  return 0;
}

static int print_comparison(checkrob_results *before, checkrob_results *after) {
  comparison c = {
      .rows = table_new(comparison_columns, sizeof comparison_columns / sizeof comparison_columns[0])};
  if (!c.rows) return fail(EXIT_FAILED, "out of memory");
  int code =
      checkrob_results_compare(before, after, add_comparison, &c) ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
  if (code == EXIT_OK && !is_quiet()) code = table_print(c.rows, stdout, table_columns());
  table_free(c.rows);
  if (code != EXIT_OK || is_quiet()) return code;
  put_line("RS by more than twice the error: better in %zu, worse in %zu; another verdict in %zu", c.better,
           c.worse, c.other_verdicts);
  return finish_output();
}

static int write_comparison(checkrob_results *before, checkrob_results *after, const command_line *line) {
  const char *out = output_path(line);
  checkrob_export what;
  int code = spare_results(line, out);
  if (code == EXIT_OK) code = spare_recorded(before, out);
  if (code == EXIT_OK) code = spare_recorded(after, out);
  if (code != EXIT_OK) return code;
  checkrob_status status = checkrob_export_find(&what, command_line_text(line, "as"));
  if (!status) status = checkrob_results_export_comparison(before, after, what, out);
  return status ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

int command_compare(const command_line *line) {
  char *const *given = line->arguments;
  if (line->argument_count != 2) return fail_usage("compare", "give two files of results");
  checkrob_results *before = NULL, *after = NULL;
  gate g;
  int code = gate_open(&g, line);
  if (code == EXIT_OK) code = check_output(line);
  if (code != EXIT_OK) {
    gate_free(&g);
    return code;
  }
  if (open_results(&before, given[0], line->options) || open_results(&after, given[1], line->options))
    code = fail_with_flags(EXIT_FAILED);
  if (code == EXIT_OK) {
    warn_if_incomplete(before, given[0]);
    warn_if_incomplete(after, given[1]);
    warn_of_differences(before, after);
    code = command_line_text(line, "as") ? write_comparison(before, after, line)
                                         : print_comparison(before, after);
  }
  if (code == EXIT_OK)
    code = gate_judge(&g, after, given[1], command_line_flag(line, "only_new") ? before : NULL);
  checkrob_results_free(before);
  checkrob_results_free(after);
  gate_free(&g);
  return code;
}
