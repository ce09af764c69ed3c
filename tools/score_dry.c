/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob score --dry-run: what a run would do, how long it would take, and which classes have too few
 * images. It writes nothing. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "class_choice.h"
#include "progress.h"
#include "score.h"
#include "terminal.h"

#define BATCHES_TIMED 4
#define FEWEST_TIMED 32
#define CLASSES_SHOWN 10 /* on a terminal, without --wide */

typedef struct dry_run {
  const command_line *line;
  inputs in;
  size_t *samples; /* [entries of the class map] that can be evaluated as far as annotations say */
  size_t inputs, good, failed, skipped;
  progress bar;
  double seconds; /* for a sample; 0: not measured */
  size_t timed;
} dry_run;

/* ---- counting ---- */

/* Of two names of one index, the first is counted. */
static int is_first_name(const dry_run *d, size_t entry) {
  const checkrob_class_map *classes = d->in.classes;
  const char *name = checkrob_class_map_name_of(classes, checkrob_class_map_index(classes, entry));
  return name && strcmp(name, checkrob_class_map_name(classes, entry)) == 0;
}

/* Samples of one class follow each other in folders of classes: `last` is the entry of the one before. */
static void count_class(dry_run *d, int64_t index, size_t *last) {
  size_t count = checkrob_class_map_count(d->in.classes);
  for (size_t i = 0; i < count; i++) {
    size_t entry = (*last + i) % count;
    if (checkrob_class_map_index(d->in.classes, entry) != index || !is_first_name(d, entry)) continue;
    d->samples[entry]++;
    *last = entry;
    return;
  }
}

static void count_sample(dry_run *d, const checkrob_sample *sample, size_t *last) {
  if (checkrob_sample_status(sample) != CHECKROB_OK) {
    d->failed++;
    return;
  }
  d->good++;
  count_class(d, checkrob_sample_class_index(sample), last);
}

static int count_samples(dry_run *d) {
  checkrob_cursor *cursor = NULL;
  checkrob_sample *sample = NULL;
  size_t last = 0;
  d->samples = calloc(checkrob_class_map_count(d->in.classes) + 1, sizeof *d->samples);
  checkrob_status status = d->samples ? inputs_cursor(&cursor, &d->in) : CHECKROB_ERROR_OUT_OF_MEMORY;
  if (!d->samples) return fail(EXIT_FAILED, "out of memory");
  progress_begin(&d->bar, NULL, NULL);
  d->inputs = checkrob_cursor_input_count(cursor);
  while (!status && !(status = checkrob_cursor_next(&sample, cursor))) {
    count_sample(d, sample, &last);
    progress_update(checkrob_sample_input(sample) - checkrob_cursor_first_input(cursor), d->inputs, &d->bar);
    checkrob_sample_free(sample);
  }
  progress_end(&d->bar);
  d->skipped = checkrob_cursor_skipped(cursor);
  checkrob_cursor_free(cursor);
  return status == CHECKROB_END ? EXIT_OK : fail_with_flags(EXIT_FAILED);
}

/* ---- timing ---- */

static void interrupt(void *run) {
  checkrob_run_interrupt(run);
}

/* A few batches of the real data. The pool is no part of the time for a sample. */
static checkrob_status few_options(checkrob_options **out, const dry_run *d) {
  checkrob_status status = checkrob_options_copy(out, d->line->options);
  int64_t few = BATCHES_TIMED * checkrob_options_integer(d->line->options, "batch");
  if (few < FEWEST_TIMED) few = FEWEST_TIMED;
  int64_t limit = checkrob_options_integer(d->line->options, "limit");
  if (limit > 0 && limit < few) few = limit;
  if (!status) status = checkrob_options_set_integer(*out, "limit", few);
  static const char *const others[] = {"attack_images", "attack_annotations", "attack_dataset", "shard"};
  for (size_t i = 0; i < sizeof others / sizeof others[0] && !status; i++)
    status = checkrob_options_unset(*out, others[i]);
  return status;
}

static checkrob_status execute(dry_run *d, checkrob_run *run) {
  checkrob_status status = checkrob_run_on_progress(run, progress_update, &d->bar);
  progress_begin(&d->bar, interrupt, run);
  if (!status) status = checkrob_run_execute(run);
  progress_end(&d->bar);
  const checkrob_row *totals = checkrob_run_totals(run);
  if (!status && samples_per_second(totals) > 0.0) d->seconds = 1.0 / samples_per_second(totals);
  if (!status) d->timed = (size_t)checkrob_row_integer(totals, "samples");
  return status;
}

static int measure(dry_run *d) {
  checkrob_options *options = NULL;
  checkrob_dataset *dataset = NULL;
  checkrob_run *run = NULL;
  checkrob_status status = few_options(&options, d);
  if (!status) status = checkrob_dataset_open(&dataset, options, d->in.classes);
  if (!status) status = checkrob_run_new(&run, d->in.model, dataset, d->in.preprocess, options);
  int code = status ? fail_about_layer(d->line, status) : EXIT_OK;
  if (!status) status = execute(d, run);
  if (code == EXIT_OK && status == CHECKROB_ERROR_INTERRUPTED)
    code = fail(EXIT_INTERRUPTED, "interrupted; nothing was written");
  else if (code == EXIT_OK && status)
    code = fail_with_flags(EXIT_FAILED);
  checkrob_run_free(run);
  checkrob_dataset_free(dataset);
  checkrob_options_free(options);
  return code;
}

/* ---- printing ---- */

static void print_time(const dry_run *d) {
  double all = d->seconds * (double)(d->good + d->failed);
  if (!(d->seconds > 0.0)) {
    put_line("No sample of the first batches could be computed, so the time is not known.");
    return;
  }
  char text[64];
  if (all < 120.0)
    snprintf(text, sizeof text, "%.0f second%s", fmax(1.0, all), all < 1.5 ? "" : "s");
  else if (all < 7200.0)
    snprintf(text, sizeof text, "%.0f minutes", all / 60.0);
  else
    snprintf(text, sizeof text, "%.1f hours", all / 3600.0);
  put_line("It would take about %s: %.3g samples a second, measured on %zu.", text, 1.0 / d->seconds,
           d->timed);
}

static void print_classes(const dry_run *d) {
  const checkrob_class_map *classes = d->in.classes;
  size_t needed = (size_t)checkrob_options_integer(d->line->options, "verdict_min_images");
  size_t present = 0, enough = 0, shown = 0, most = table_columns() > 0 ? CLASSES_SHOWN : SIZE_MAX;
  for (size_t i = 0; i < checkrob_class_map_count(classes); i++) {
    present += d->samples[i] > 0;
    enough += d->samples[i] >= needed;
  }
  put_line("%zu of %zu classes with images have the %zu that a verdict needs, if the model recognises them.",
           enough, present, needed);
  if (present > enough) puts("Not enough for a verdict:");
  for (size_t i = 0; i < checkrob_class_map_count(classes) && shown < present - enough; i++) {
    if (d->samples[i] == 0 || d->samples[i] >= needed || shown++ >= most) continue;
    fputs("  ", stdout);
    put_text(stdout, class_title(classes, checkrob_class_map_index(classes, i)), 0);
    printf(": %zu image%s\n", d->samples[i], d->samples[i] == 1 ? "" : "s");
  }
  if (shown > most) put_line("  ... and %zu more (--wide prints all)", shown - most);
  size_t absent = 0;
  for (size_t i = 0; i < checkrob_class_map_count(classes); i++)
    absent += d->samples[i] == 0 && is_first_name(d, i);
  if (absent > 0)
    put_line("%zu class%s of the class map %s no image.", absent, absent == 1 ? "" : "es",
             absent == 1 ? "has" : "have");
}

static int print_all(const dry_run *d) {
  put_line("Dry run: nothing is written.");
  put_line("%zu images: %zu samples could be computed.", d->inputs, d->good);
  if (d->skipped > 0)
    put_line("%zu of the images have no object that counts, and would be skipped.", d->skipped);
  if (d->failed > 0)
    put_line("%zu sample%s would fail by the annotations ('checkrob check' says why).", d->failed,
             d->failed == 1 ? "" : "s");
  print_time(d);
  print_classes(d);
  return finish_output();
}

int score_dry_run(const command_line *line) {
  dry_run d = {.line = line, .in = {.line = line}};
  int code = inputs_open_preprocess(&d.in);
  if (code == EXIT_OK) code = inputs_open_data(&d.in);
  if (code == EXIT_OK) code = inputs_open_model(&d.in);
  if (code == EXIT_OK) code = count_samples(&d);
  if (code == EXIT_OK) code = measure(&d);
  if (code == EXIT_OK) code = print_all(&d);
  free(d.samples);
  inputs_free(&d.in);
  return code;
}
