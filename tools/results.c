/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob export, merge and compare: they read results files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "gate.h"
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

/* ---- merge ---- */

static int merge_files(const char *out, char *const *given, size_t count) {
  char **paths = calloc(count, sizeof *paths);
  if (!paths) return fail(EXIT_FAILED, "out of memory");
  size_t made = 0;
  while (made < count && (paths[made] = results_file(given[made]))) made++;
  int code = EXIT_OK;
  if (made < count)
    code = fail(EXIT_FAILED, "out of memory");
  else if (checkrob_results_merge(out, (const char *const *)paths, count))
    code = fail_with_flags(EXIT_FAILED);
  for (size_t i = 0; i < made; i++) free(paths[i]);
  free(paths);
  return code;
}

int command_merge(const command_line *line) {
  const char *out = command_line_text(line, "out");
  if (line->argument_count == 0) return fail_usage("merge", "give the files of results to be joined");
  int code = merge_files(out, line->arguments, (size_t)line->argument_count);
  if (code != EXIT_OK) return code;
  checkrob_results *merged = NULL;
  if (checkrob_results_open(&merged, out, NULL)) return fail_with_flags(EXIT_FAILED);
  if (!is_quiet())
    put_line("%lld samples of %zu classes in %s",
             (long long)checkrob_row_integer(checkrob_results_totals(merged), "samples"),
             checkrob_results_class_count(merged), out);
  if (!checkrob_results_complete(merged))
    warn("%s is not complete: shards are missing, or were interrupted", out);
  checkrob_results_free(merged);
  return finish_output();
}

/* ---- compare ---- */

typedef struct table {
  int width; /* of the names */
  int begun;
  size_t better, worse, other_verdicts;
} table;

/* One verdict if it did not change; '-' for a class that one of the two does not have. */
static void print_verdicts(const checkrob_row *row, table *t) {
  const char *before = checkrob_row_text(row, "verdict_before");
  const char *after = checkrob_row_text(row, "verdict_after");
  int in_both =
      checkrob_row_integer(row, "images_before") > 0 && checkrob_row_integer(row, "images_after") > 0;
  if (checkrob_row_integer(row, "images_before") <= 0) before = "-";
  if (checkrob_row_integer(row, "images_after") <= 0) after = "-";
  int is_same = strcmp(before, after) == 0;
  printf("  %s%s%s\n", before, is_same ? "" : ", then ", is_same ? "" : after);
  t->other_verdicts += in_both && !is_same;
}

static void print_change(double value) {
  if (isfinite(value))
    printf("  %+8.3f", value);
  else
    printf("  %8s", "-");
}

/* A class that one of the two does not have has 0 images there. */
static double images(const checkrob_row *row, const char *column) {
  return fmax(0.0, checkrob_row_number(row, column));
}

/* Before the first row, so that nothing is printed if the comparison fails. */
static void print_header(table *t) {
  if (t->begun++) return;
  printf("%-*s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %s\n", t->width, "class", "images",
         "then", "accuracy", "then", "CRS", "then", "change", "paired", "error", "robust.", "then",
         "verdict");
}

static int print_row(const checkrob_row *row, void *user_data) {
  table *t = user_data;
  print_header(t);
  put_text(stdout, class_shown(row), t->width);
  put_number(images(row, "images_before"), 8, 0);
  put_number(images(row, "images_after"), 8, 0);
  static const char *const shares[] = {"acc_before", "acc_after", "crs_before", "crs_after"};
  for (size_t i = 0; i < 4; i++) put_number(checkrob_row_number(row, shares[i]), 8, 3);
  double change = checkrob_row_number(row, "rs_change"), error = checkrob_row_number(row, "rs_change_error");
  print_change(checkrob_row_number(row, "crs_after") - checkrob_row_number(row, "crs_before"));
  print_change(change);
  put_number(error, 8, 3);
  put_number(checkrob_row_number(row, "robustness_before"), 8, 2);
  put_number(checkrob_row_number(row, "robustness_after"), 8, 2);
  print_verdicts(row, t);
  if (fabs(change) > 2 * error) ++*(change > 0 ? &t->better : &t->worse);
  return 0;
}

static void fit_names(table *t, const checkrob_results *results) {
  for (size_t i = 0; i < checkrob_results_class_count(results); i++) {
    int width = (int)strlen(class_shown(checkrob_results_class(results, i)));
    if (width > t->width) t->width = width;
  }
}

static int print_comparison(checkrob_results *before, checkrob_results *after) {
  table t = {.width = 5};
  fit_names(&t, before);
  fit_names(&t, after);
  if (checkrob_results_compare(before, after, print_row, &t)) return fail_with_flags(EXIT_FAILED);
  print_header(&t);
  printf("RS by more than twice the error: better in %zu, worse in %zu; another verdict in %zu\n", t.better,
         t.worse, t.other_verdicts);
  return finish_output();
}

static int write_comparison(checkrob_results *before, checkrob_results *after, const command_line *line) {
  const char *out = output_path(line);
  checkrob_export what;
  int code = spare_recorded(before, out);
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
