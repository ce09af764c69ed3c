/* SPDX-License-Identifier: Apache-2.0 */
/* The output of score. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "score.h"
#include "table.h"
#include "terminal.h"
#include "verdict_counts.h"

#define REASONS_SHOWN 20 /* on a terminal, without --wide */

/* ---- the table ---- */

static int has_probes(const checkrob_run *run) {
  return strcmp(checkrob_options_text(checkrob_run_options(run), "probe"), "none") != 0;
}

/* Whether any class is judged by its suspicion. */
static int is_probed(const checkrob_run *run) {
  for (size_t i = 0; i < checkrob_run_class_count(run); i++)
    if (checkrob_row_has(checkrob_run_class(run, i), "suspicion_low")) return 1;
  return 0;
}

static int has_titles(const checkrob_run *run) {
  for (size_t i = 0; i < checkrob_run_class_count(run); i++)
    if (checkrob_row_has(checkrob_run_class(run, i), "title")) return 1;
  return 0;
}

/* What a reader needs first is to the left: a narrow terminal leaves columns out from the right. */
static void add_row(table *t, const checkrob_row *row, int probed, int titled) {
  const char *verdict = checkrob_row_text(row, "verdict");
  int is_judged = !probed || checkrob_row_has(row, "suspicion_low");
  table_verdict(t, verdict, verdict);
  table_text(t, class_shown(row));
  table_number(t, is_judged ? checkrob_row_number(row, probed ? "suspicion" : "robustness") : NAN, 2);
  table_number(t, checkrob_row_number(row, "acc"), 3);
  table_number(t, checkrob_row_number(row, "crs"), 3);
  table_number(t, checkrob_row_number(row, "images"), 0);
  table_number(t, checkrob_row_number(row, "failed"), 0);
  table_number(t, checkrob_row_number(row, "ers"), 3);
  table_number(t, checkrob_row_number(row, "area"), 3);
  table_number(t, checkrob_row_number(row, "index"), 0);
  if (titled) table_text(t, checkrob_row_text(row, "class"));
}

static int print_table(const checkrob_run *run) {
  int probed = is_probed(run), titled = has_titles(run);
  char accuracy[32];
  snprintf(accuracy, sizeof accuracy, "top-%s", checkrob_options_text(checkrob_run_options(run), "top_k"));
  const table_column columns[] = {{"verdict", COLUMN_TEXT, NULL},
                                  {"class", COLUMN_NAME, NULL},
                                  {probed ? "suspicion" : "robustness", COLUMN_NUMBER, NULL},
                                  {accuracy, COLUMN_NUMBER, NULL},
                                  {"CRS", COLUMN_NUMBER, NULL},
                                  {"images", COLUMN_NUMBER, NULL},
                                  {"failed", COLUMN_NUMBER, NULL},
                                  {"ERS", COLUMN_NUMBER, NULL},
                                  {"area", COLUMN_NUMBER, NULL},
                                  {"index", COLUMN_NUMBER, NULL},
                                  {"name", COLUMN_TEXT, NULL}}; /* of classes that are shown by titles */
  table *t = table_new(columns, sizeof columns / sizeof columns[0] - !titled);
  if (!t) return fail(EXIT_FAILED, "cannot print the table: out of memory");
  for (size_t i = 0; i < checkrob_run_class_count(run); i++)
    add_row(t, checkrob_run_class(run, i), probed, titled);
  int code = table_print(t, stdout, table_columns());
  table_free(t);
  return code;
}

/* "coat: the interval contains ..."; the caller frees it. */
static char *join_reason(const checkrob_row *row) {
  const char *name = class_shown(row), *reason = checkrob_row_text(row, "reason");
  size_t bytes = strlen(name) + strlen(reason) + 3;
  char *line = malloc(bytes);
  if (line) snprintf(line, bytes, "%s: %s", name, reason);
  return line;
}

/* Where all reasons are. */
static void say_more(const results_folder *folder, size_t count) {
  put_line("  ... and %zu more: --wide prints them, and the column reason of %s/classes.csv has them", count,
           folder->path);
}

/* The reasons of the classes with this verdict; on a terminal, of the first ones. */
static void print_reasons(const results_folder *folder, const checkrob_run *run, checkrob_verdict verdict,
                          const char *title) {
  size_t shown = 0, all = 0, most = table_columns() > 0 ? REASONS_SHOWN : SIZE_MAX;
  const char *name = checkrob_verdict_name(verdict);
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    const checkrob_row *row = checkrob_run_class(run, i);
    if (strcmp(checkrob_row_text(row, "verdict"), name) != 0) continue;
    if (all++ >= most) continue;
    if (shown++ == 0)
      printf("\n%s%s%s:\n", verdict_colour(name), title, *verdict_colour(name) ? colour_end() : "");
    char *line = join_reason(row);
    fputs("  ", stdout);
    put_wrapped(stdout, line ? line : "(out of memory)", 2, 4, line_columns(stdout));
    free(line);
  }
  if (all > shown) say_more(folder, all - shown);
}

/* Saliency alone shows no cause. */
static void suggest_probes(const checkrob_run *run) {
  if (has_probes(run) || checkrob_run_class_count(run) < 2) return; /* probes need a second class */
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    const checkrob_row *row = checkrob_run_class(run, i);
    if (strcmp(checkrob_row_text(row, "verdict"), checkrob_verdict_name(CHECKROB_VERDICT_DOUBTFUL)) != 0)
      continue;
    putchar('\n');
    put_line("--probe verdict asks the network whether it depends on what is off the object.");
    return;
  }
}

/* ---- totals ---- */

static long long total(const checkrob_run *run, const char *column) {
  return (long long)checkrob_row_integer(checkrob_run_totals(run), column);
}

/* A quick look must not be taken for the whole. */
static void print_limit(const checkrob_run *run) {
  const checkrob_options *options = checkrob_run_options(run);
  if (checkrob_options_is_set(options, "limit"))
    put_line("A quick look (--limit %s): %lld images, not the whole dataset.",
             checkrob_options_text(options, "limit"), total(run, "inputs"));
}

static void print_verdicts(const checkrob_run *run) {
  verdict_counts counts = {{0}};
  char text[VERDICT_COUNTS_BYTES];
  for (size_t i = 0; i < checkrob_run_class_count(run); i++)
    verdict_counts_add(&counts, checkrob_run_class(run, i));
  verdict_counts_write(text, &counts);
  if (checkrob_run_class_count(run) > 0) puts(text);
}

static void print_totals(const results_folder *folder, const checkrob_run *run) {
  const checkrob_row *totals = checkrob_run_totals(run);
  char speed[64] = "";
  if (samples_per_second(totals) > 0.0 && total(run, "evaluated") > 0)
    snprintf(speed, sizeof speed, " (%.1f a second)", samples_per_second(totals));
  put_line("%lld of %lld samples evaluated in %.1f s%s; results in %s", total(run, "evaluated"),
           total(run, "samples"), checkrob_row_number(totals, "seconds"), speed, folder->path);
  if (total(run, "skipped") > 0)
    put_line("skipped, without an object that counts: %lld of %lld images", total(run, "skipped"),
             total(run, "inputs"));
  if (folder->pool_images > 0)
    put_line("%zu images of the pool were asked too; 'checkrob attack %s' shows what they say",
             folder->pool_images, folder->path);
  if (checkrob_options_integer(checkrob_run_options(run), "advice") == 1)
    put_line("'checkrob advise %s' lists what to change in the training data", folder->path);
  if (total(run, "resumed") > 0)
    put_line(
        "%lld of the samples are an earlier run's, which this one resumed; files that were changed since are "
        "not read again (--restart computes all of them)",
        total(run, "resumed"));
}

/* ---- warnings ---- */

static void warn_of_samples(const results_folder *folder, const checkrob_run *run) {
  if (total(run, "empty_maps") > 0)
    warn("%lld of %lld samples gave an empty saliency map, which scores 0: status empty_map in %s/images.csv",
         total(run, "empty_maps"), total(run, "evaluated"), folder->path);
  if (total(run, "remarks") > 0)
    warn("%lld of %lld samples were evaluated, but look odd; message in %s/images.csv says why",
         total(run, "remarks"), total(run, "evaluated"), folder->path);
  if (total(run, "failed") == 0) return;
  warn("%lld of %lld samples could not be evaluated; status and message in %s/images.csv say why:",
       total(run, "failed"), total(run, "samples"), folder->path);
  size_t shown = folder->failures < FAILURES_SHOWN ? folder->failures : FAILURES_SHOWN;
  for (size_t i = 0; i < shown; i++) {
    fputs("  ", stderr);
    put_text(stderr, folder->shown[i] ? folder->shown[i] : "(out of memory)", 0);
    fputc('\n', stderr);
  }
  if (folder->failures > shown) fprintf(stderr, "  ... and %zu more\n", folder->failures - shown);
}

static void warn_of_pool(const results_folder *folder) {
  if (folder->pool_failures > 0)
    warn("%zu of %zu images of the pool could not be asked, such as %s", folder->pool_failures,
         folder->pool_images, folder->pool_shown ? folder->pool_shown : "(out of memory)");
}

/* A wrong preprocessing or class map looks like a model that knows nothing. */
static void warn_of_accuracy(const checkrob_run *run) {
  double hits = 0.0, images = 0.0;
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    const checkrob_row *row = checkrob_run_class(run, i);
    if (!checkrob_row_has(row, "acc")) continue;
    images += checkrob_row_number(row, "images");
    hits += checkrob_row_number(row, "acc") * checkrob_row_number(row, "images");
  }
  if (images < 10.0 || hits >= 0.5 * images) return;
  warn(
      "only %.0f %% of the samples are recognised (top-%s): where the model is known to be better, "
      "--preprocess or the indices of --classes are not the model's",
      floor(100.0 * hits / images), checkrob_options_text(checkrob_run_options(run), "top_k"));
}

/* "Not suspicious" was measured with one method and one score, and with the contrast; with other options no
 * class has this verdict. */
static void warn_of_thresholds(const checkrob_run *run) {
  const checkrob_options *options = checkrob_run_options(run);
  if (checkrob_options_is_set(options, "verdict_robust")) return; /* the user chose the threshold */
  int is_measured = strcmp(checkrob_options_text(options, "method"), "gradcam++") == 0 &&
                    strcmp(checkrob_options_text(options, "score"), "log-odds") == 0 &&
                    strcmp(checkrob_options_text(options, "reference"), "blank") == 0;
  int any = 0, any_without = 0;
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    const checkrob_row *row = checkrob_run_class(run, i);
    if (checkrob_row_integer(row, "recognised") <= 0 || checkrob_row_has(row, "suspicion_low")) continue;
    any = 1;
    if (!checkrob_row_has(row, "contrast")) any_without = 1;
  }
  if (!any || (is_measured && !any_without)) return;
  warn(
      "the verdicts' thresholds were measured with --method gradcam++, --score log-odds, --reference blank "
      "and one layer; with other options no class gets a better verdict than doubtful: compare "
      "classes with each other, or set a threshold of your own, --verdict robust=N");
}

/* The saliency decides about these, as without probes. */
static void warn_of_probes(const checkrob_run *run) {
  size_t classes = 0, judged = 0;
  int64_t enough = checkrob_options_integer(checkrob_run_options(run), "verdict_min_images");
  if (!has_probes(run)) return;
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    const checkrob_row *row = checkrob_run_class(run, i);
    if (checkrob_row_integer(row, "recognised") < enough) continue;
    classes++;
    judged += checkrob_row_has(row, "suspicion_low") != 0;
  }
  if (judged < classes)
    warn(
        "%zu of %zu classes are not judged by probes: too few of their images have an answer to each (the "
        "column "
        "message of images.csv says why), or there are too few images of other classes to exchange objects "
        "with",
        classes - judged, classes);
}

static int print_all(const results_folder *folder, const checkrob_run *run) {
  int any = checkrob_run_class_count(run) > 0;
  int code = any ? print_table(run) : EXIT_OK;
  if (code != EXIT_OK) return code;
  print_reasons(folder, run, CHECKROB_VERDICT_NON_ROBUST, "Not to be trusted");
  print_reasons(folder, run, CHECKROB_VERDICT_DOUBTFUL, "Doubtful");
  suggest_probes(run);
  if (any) putchar('\n');
  print_totals(folder, run);
  print_limit(run);
  print_verdicts(run);
  return finish_output(); /* before the warnings, where both are a terminal */
}

int score_print(const results_folder *folder, const checkrob_run *run) {
  int code = is_quiet() ? EXIT_OK : print_all(folder, run);
  warn_of_samples(folder, run);
  warn_of_pool(folder);
  warn_of_accuracy(run);
  warn_of_thresholds(run);
  warn_of_probes(run);
  return code;
}
