/* SPDX-License-Identifier: Apache-2.0 */
/* The output of score. */
#include <math.h>
#include <string.h>

#include "score.h"

#define REASONS_SHOWN 20

/* ---- the table ---- */

static int name_width(const checkrob_run *run) {
  size_t width = strlen("class");
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    size_t length = strlen(class_shown(checkrob_run_class(run, i)));
    if (length > width) width = length;
  }
  return (int)width;
}

static int has_probes(const checkrob_run *run) {
  return strcmp(checkrob_options_text(checkrob_run_options(run), "probe"), "none") != 0;
}

/* Whether any class is judged by its suspicion. */
static int is_probed(const checkrob_run *run) {
  for (size_t i = 0; i < checkrob_run_class_count(run); i++)
    if (checkrob_row_has(checkrob_run_class(run, i), "suspicion_low")) return 1;
  return 0;
}

static void print_table(const checkrob_run *run) {
  int width = name_width(run), probed = is_probed(run);
  char accuracy[32];
  snprintf(accuracy, sizeof accuracy, "top-%s", checkrob_options_text(checkrob_run_options(run), "top_k"));
  printf("%-*s  %6s  %6s  %6s  %6s  %6s  %6s  %6s  %10s  %s\n", width, "class", "index", "images", "failed",
         accuracy, "CRS", "area", "ERS", probed ? "suspicion" : "robustness", "verdict");
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    static const char *const counts[] = {"index", "images", "failed"};
    const char *const shares[] = {"acc", "crs", "area", "ers"};
    const checkrob_row *row = checkrob_run_class(run, i);
    put_text(stdout, class_shown(row), width);
    for (size_t k = 0; k < 3; k++) put_number(checkrob_row_number(row, counts[k]), 6, 0);
    for (size_t k = 0; k < 4; k++) put_number(checkrob_row_number(row, shares[k]), 6, 3);
    const char *deciding = !probed ? "robustness" : checkrob_row_has(row, "suspicion_low") ? "suspicion" : "";
    put_number(checkrob_row_number(row, deciding), 10, 2);
    printf("  %s\n", checkrob_row_text(row, "verdict"));
  }
}

/* The reasons of the first classes with this verdict. */
static void print_reasons(const checkrob_run *run, checkrob_verdict verdict, const char *title) {
  size_t shown = 0, all = 0;
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    const checkrob_row *row = checkrob_run_class(run, i);
    if (strcmp(checkrob_row_text(row, "verdict"), checkrob_verdict_name(verdict)) != 0) continue;
    if (all++ >= REASONS_SHOWN) continue;
    if (shown++ == 0) printf("\n%s:\n", title);
    fputs("  ", stdout);
    put_text(stdout, class_shown(row), 0);
    printf(": %s\n", checkrob_row_text(row, "reason"));
  }
  if (all > shown) printf("  ... and %zu more: column reason of classes.csv\n", all - shown);
}

/* Saliency alone shows no cause. */
static void suggest_probes(const checkrob_run *run) {
  if (has_probes(run) || checkrob_run_class_count(run) < 2) return; /* probes need a second class */
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    const checkrob_row *row = checkrob_run_class(run, i);
    if (strcmp(checkrob_row_text(row, "verdict"), checkrob_verdict_name(CHECKROB_VERDICT_DOUBTFUL)) != 0)
      continue;
    puts("\n--probe verdict asks the network whether it depends on what is off the object.");
    return;
  }
}

/* ---- totals ---- */

static long long total(const checkrob_run *run, const char *column) {
  return (long long)checkrob_row_integer(checkrob_run_totals(run), column);
}

/* 'checkrob attack FOLDER' shows ... */
static void print_hint(const char *command, const char *folder, const char *what) {
  printf("'checkrob %s ", command);
  put_text(stdout, folder, 0);
  printf("' %s\n", what);
}

static void print_totals(const results_folder *folder, const checkrob_run *run) {
  const checkrob_row *totals = checkrob_run_totals(run);
  double speed = samples_per_second(totals);
  printf("%lld of %lld samples evaluated in %.1f s", total(run, "evaluated"), total(run, "samples"),
         checkrob_row_number(totals, "seconds"));
  if (speed > 0.0 && total(run, "evaluated") > 0) printf(" (%.1f a second)", speed);
  printf("; results in ");
  put_text(stdout, folder->path, 0);
  putchar('\n');
  if (total(run, "skipped") > 0)
    printf("skipped, without an object that counts: %lld of %lld images\n", total(run, "skipped"),
           total(run, "inputs"));
  if (folder->pool_images > 0) {
    printf("%zu images of the pool were asked too; ", folder->pool_images);
    print_hint("attack", folder->path, "shows what they say");
  }
  if (checkrob_options_integer(checkrob_run_options(run), "advice") == 1)
    print_hint("advise", folder->path, "lists what to change in the training data");
  if (total(run, "resumed") > 0)
    printf(
        "%lld of the samples are an earlier run's, which this one resumed; files that were changed since are "
        "not read again (--restart computes all of them)\n",
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

void score_print(const results_folder *folder, const checkrob_run *run) {
  int any = checkrob_run_class_count(run) > 0;
  if (any) print_table(run);
  print_reasons(run, CHECKROB_VERDICT_NON_ROBUST, "Not to be trusted");
  print_reasons(run, CHECKROB_VERDICT_DOUBTFUL, "Doubtful");
  suggest_probes(run);
  if (any) putchar('\n');
  print_totals(folder, run);
  fflush(stdout); /* before the warnings, where both are a terminal */
  warn_of_samples(folder, run);
  warn_of_pool(folder);
  warn_of_accuracy(run);
  warn_of_thresholds(run);
  warn_of_probes(run);
}
