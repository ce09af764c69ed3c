/* SPDX-License-Identifier: Apache-2.0 */
/* What score() of the Python package does, in C, for python_overhead.py: prints the seconds of each run, from
 * making it to reading its classes out of the stored results, and those of the processors.
 *
 * usage: overhead PLANTED FOLDER RUNS WORKER */
#include <checkrob/checkrob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef struct opened {
  checkrob_options *options;
  checkrob_preprocess *preprocess;
  checkrob_class_map *classes;
  checkrob_dataset *dataset;
  checkrob_model *model;
} opened;

static void check(checkrob_status status) {
  if (status == CHECKROB_OK) return;
  fprintf(stderr, "%s\n", checkrob_last_error());
  exit(1);
}

static double now(clockid_t of) {
  struct timespec t;
  clock_gettime(of, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void open_all(opened *o, const char *planted, const char *worker) {
  char path[4096];
  check(checkrob_options_new(&o->options));
  check(checkrob_options_set(o->options, "dataset", "voc"));
  check(checkrob_options_set(o->options, "worker", worker));
  snprintf(path, sizeof path, "%s/scenes/images", planted);
  check(checkrob_options_set(o->options, "images", path));
  snprintf(path, sizeof path, "%s/scenes/annotations", planted);
  check(checkrob_options_set(o->options, "annotations", path));
  snprintf(path, sizeof path, "%s/preprocess.json", planted);
  check(checkrob_preprocess_open(&o->preprocess, path));
  snprintf(path, sizeof path, "%s/classes.csv", planted);
  check(checkrob_class_map_open(&o->classes, path));
  check(checkrob_dataset_open(&o->dataset, o->options, o->classes));
  snprintf(path, sizeof path, "%s/model.pt", planted);
  check(checkrob_model_open(&o->model, path, checkrob_preprocess_height(o->preprocess),
                            checkrob_preprocess_width(o->preprocess), o->options));
}

static void score(const opened *o, const char *path) {
  checkrob_run *run;
  checkrob_results *results;
  double sum = 0.0;
  check(checkrob_run_new(&run, o->model, o->dataset, o->preprocess, o->options));
  check(checkrob_run_store(run, path));
  check(checkrob_run_execute(run));
  checkrob_run_free(run);
  check(checkrob_results_open(&results, path, NULL));
  for (size_t i = 0; i < checkrob_results_class_count(results); i++)
    sum += checkrob_row_number(checkrob_results_class(results, i), "crs");
  checkrob_results_free(results);
  if (!(sum > 0.0)) exit(1);
}

int main(int argc, char **argv) {
  opened o;
  char path[4096];
  if (argc != 5) return 2;
  open_all(&o, argv[1], argv[4]);
  for (int i = 0; i < atoi(argv[3]); i++) {
    snprintf(path, sizeof path, "%s/%d.sqlite", argv[2], i);
    double start = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
    score(&o, path);
    printf("%.6f %.6f\n", now(CLOCK_MONOTONIC) - start, now(CLOCK_PROCESS_CPUTIME_ID) - used);
    unlink(path);
  }
  checkrob_model_free(o.model);
  checkrob_dataset_free(o.dataset);
  checkrob_class_map_free(o.classes);
  checkrob_preprocess_free(o.preprocess);
  checkrob_options_free(o.options);
  return 0;
}
