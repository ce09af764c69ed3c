/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob score: scores a model. */
#include "score.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arrays.h"
#include "files.h"
#include "gate.h"
#include "progress.h"

typedef struct scoring {
  const command_line *line;
  inputs in;
  results_folder folder;
  checkrob_run *run;
  const char *extract; /* FILE.npy; NULL: no representations are read out */
  arrays to;           /* of the representations */
  progress bar;
  int strict_failed; /* --strict, and a sample failed: the error message was printed */
  gate gate;
} scoring;

/* ---- opening ---- */

/* The array, and the list of its rows beside it. */
static int check_extract_files(const scoring *s) {
  char *rows = arrays_rows_path(s->extract);
  int code = rows ? results_folder_spare(&s->folder, rows) : fail(EXIT_FAILED, "out of memory");
  if (code == EXIT_OK) code = results_folder_spare(&s->folder, s->extract);
  free(rows);
  return code;
}

/* Stored samples are not computed again, so the array would lack their rows. */
static int check_extract(const scoring *s) {
  int code = s->extract ? check_extract_files(s) : EXIT_OK;
  if (code != EXIT_OK) return code;
  if (!s->extract || command_line_flag(s->line, "restart") || access(s->folder.store_path, F_OK) != 0)
    return EXIT_OK;
  return fail(EXIT_FAILED,
              "--extract reads out what this run computes, but %s has results of an earlier run, which it "
              "would resume; give another folder with --out, or remove those results with --restart",
              s->folder.path);
}

static int on_row(const checkrob_row *sample, void *user_data) {
  scoring *s = user_data;
  if (checkrob_row_is_evaluated(sample)) return 0;
  progress_clear(&s->bar);
  s->strict_failed = 1;
  fail(EXIT_FAILED, "--strict: %s: %s", checkrob_row_text(sample, "image"),
       checkrob_row_text(sample, "message"));
  return 1;
}

static checkrob_status read_out(scoring *s) {
  const char *layers = command_line_text(s->line, "extract_layer");
  checkrob_pooling pool = CHECKROB_POOLING_NONE;
  checkrob_status status = checkrob_pooling_find(&pool, checkrob_options_text(s->line->options, "pool"));
  if (status) return status;
  return checkrob_run_read_out(s->run, layers ? layers : checkrob_run_layers(s->run), pool, arrays_add,
                               &s->to);
}

static void warn_of_top_k(const scoring *s) {
  int64_t k = checkrob_options_integer(s->line->options, "top_k"),
          classes = checkrob_model_class_count(s->in.model);
  if (k >= classes)
    warn("--top-k %lld counts every sample as recognised: the model has %lld outputs", (long long)k,
         (long long)classes);
}

static int open_run(scoring *s) {
  const inputs *in = &s->in;
  checkrob_status status =
      checkrob_run_new(&s->run, in->model, in->dataset, in->preprocess, s->line->options);
  warn_of_top_k(s);
  if (!status && s->extract) status = read_out(s);
  if (status) return fail_about_layer(s->line, status);
  status = checkrob_run_store(s->run, s->folder.store_path);
  if (!status) status = checkrob_run_on_progress(s->run, progress_update, &s->bar);
  if (!status && command_line_flag(s->line, "strict")) status = checkrob_run_on_row(s->run, on_row, s);
  return status ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

/* A class of a shard has the samples of the others too. */
static int check_gate(const scoring *s) {
  const char *shard = checkrob_options_text(s->line->options, "shard");
  if (!s->gate.conditions) return EXIT_OK;
  if (checkrob_options_is_set(s->line->options, "shard") && strcmp(shard, "1/1") != 0)
    return fail_usage("score",
                      "--shard %s with a condition of the gate: a shard cannot be judged; merge all, and "
                      "give the condition to 'checkrob gate'",
                      shard);
  return gate_spare(&s->gate, s->folder.path);
}

/* Cheap checks first: a misspelt path should be reported before the model is loaded. The results of an
 * earlier run are removed when nothing else can fail. */
static int open_all(scoring *s) {
  int code = gate_open(&s->gate, s->line);
  if (code == EXIT_OK && s->extract) code = check_ending(s->line, "extract", ".npy");
  if (code == EXIT_OK) code = inputs_open_preprocess(&s->in);
  if (code == EXIT_OK) code = inputs_open_data(&s->in);
  if (code == EXIT_OK) code = results_folder_open(&s->folder, s->line);
  if (code == EXIT_OK) code = check_extract(s);
  if (code == EXIT_OK) code = check_gate(s);
  if (code == EXIT_OK) code = inputs_open_model(&s->in);
  if (code == EXIT_OK) code = open_run(s);
  if (code == EXIT_OK && s->extract)
    code = arrays_open(&s->to, s->line, s->extract, checkrob_run_read_out_layers(s->run));
  if (code == EXIT_OK && command_line_flag(s->line, "restart")) code = results_folder_clear(&s->folder);
  return code;
}

/* ---- executing ---- */

static void interrupt(void *run) {
  checkrob_run_interrupt(run);
}

static checkrob_status execute(scoring *s) {
  progress_begin(&s->bar, interrupt, s->run);
  checkrob_status status = checkrob_run_execute(s->run);
  progress_end(&s->bar);
  return status;
}

/* ---- after the run ---- */

/* Results of other options are never overwritten: they may have cost hours. */
static int refuse(const scoring *s) {
  return fail(EXIT_FAILED, "%s; give another folder with --out, or remove the results in %s with --restart",
              error_with_flags(), s->folder.path);
}

/* Writes the files from what was computed, also if the run was interrupted or failed. */
static int write_files(scoring *s, checkrob_status status) {
  int code = results_folder_export(&s->folder);
  int summary_code = summary_write(&s->folder, s->run, &s->in, status == CHECKROB_OK);
  int arrays_code = s->extract ? arrays_finish(&s->to) : EXIT_OK;
  if (code == EXIT_OK) code = summary_code;
  return code == EXIT_OK ? arrays_code : code;
}

/* A complete run of which no sample could be evaluated. */
static int judge_nothing(const scoring *s) {
  const checkrob_row *totals = checkrob_run_totals(s->run);
  int64_t images = checkrob_row_integer(totals, "inputs"), skipped = checkrob_row_integer(totals, "skipped");
  /* Of many shards one may have no image, or none that counts. */
  int is_shard = checkrob_options_is_set(s->line->options, "shard");
  if (images == 0 || (is_shard && skipped == images)) return EXIT_OK;
  if (checkrob_row_integer(totals, "samples") > 0 || skipped == 0)
    return fail(EXIT_NONE, "not one image could be evaluated");
  return fail(EXIT_NONE,
              "not one image has an object that counts; does %s name the classes as the annotations do? "
              "Without --skip-unmapped images.csv says what each has",
              checkrob_options_text(s->line->options, "classes"));
}

static int judge_gate(const scoring *s) {
  checkrob_results *results = NULL;
  if (!s->gate.conditions) return EXIT_OK;
  if (checkrob_results_open(&results, s->folder.store_path, NULL)) return fail_with_flags(EXIT_FAILED);
  int code = gate_judge(&s->gate, results, s->folder.store_path, NULL);
  checkrob_results_free(results);
  return code;
}

/* The results are written: the exit code. */
static int report(scoring *s, checkrob_status status) {
  if (status == CHECKROB_ERROR_INTERRUPTED)
    return fail(EXIT_INTERRUPTED,
                "interrupted: what was computed until then is in %s; the same command line%s resumes the run",
                s->folder.path, s->extract ? " without --extract" : "");
  /* An earlier run without --strict may have left failures. */
  if (command_line_flag(s->line, "strict") && s->folder.failures > 0)
    return fail(EXIT_FAILED, "--strict: %s", s->folder.shown[0] ? s->folder.shown[0] : "a sample failed");
  int code = score_print(&s->folder, s->run);
  if (code == EXIT_OK && checkrob_row_integer(checkrob_run_totals(s->run), "evaluated") == 0)
    code = judge_nothing(s);
  return code == EXIT_OK ? judge_gate(s) : code;
}

static int conclude(scoring *s, checkrob_status status) {
  if (status == CHECKROB_ERROR_OTHER_OPTIONS) return refuse(s);
  /* Without totals no results file was open: what is in the folder is of an earlier run. */
  if (status && !checkrob_row_has(checkrob_run_totals(s->run), "samples"))
    return fail_with_flags(EXIT_FAILED);
  int is_failure = status && status != CHECKROB_ERROR_INTERRUPTED;
  int code = is_failure ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
  int written = write_files(s, status);
  if (code != EXIT_OK || s->strict_failed) return EXIT_FAILED;
  return written == EXIT_OK ? report(s, status) : written;
}

int command_score(const command_line *line) {
  if (command_line_flag(line, "dry_run")) return score_dry_run(line);
  scoring s = {.line = line, .in = {.line = line}, .extract = command_line_text(line, "extract")};
  int code = open_all(&s);
  if (code == EXIT_OK) code = conclude(&s, execute(&s));
  arrays_free(&s.to);
  checkrob_run_free(s.run);
  results_folder_free(&s.folder);
  inputs_free(&s.in);
  gate_free(&s.gate);
  return code;
}
