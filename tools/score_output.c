#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score.h"

static char *join(const char *folder, const char *name) {
  size_t bytes = strlen(folder) + strlen(name) + 2;
  char *path = malloc(bytes);
  if (path) snprintf(path, bytes, "%s/%s", folder, name);
  return path;
}

/* mkdir -p */
static int make_folder(const char *folder) {
  char *path = join(folder, "");
  if (!path) return 0;
  int made = 1;
  for (char *slash = strchr(path + 1, '/'); slash && made; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    made = mkdir(path, 0777) == 0 || errno == EEXIST;
    *slash = '/';
  }
  free(path);
  struct stat info;
  if (made && stat(folder, &info) == 0 && !S_ISDIR(info.st_mode)) {
    errno = ENOTDIR;
    return 0;
  }
  return made;
}

static int remove_earlier(const char *folder, const char *name) {
  char *path = join(folder, name);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  int removed = unlink(path) == 0 || errno == ENOENT;
  int code = removed ? EXIT_OK : fail(EXIT_FAILED, "cannot replace %s: %s", path, strerror(errno));
  free(path);
  return code;
}

/* A class map named classes.csv in the folder that the results go to is an easy mistake. */
static int spare_inputs(const char *folder, const char *name, const score_choices *c) {
  const char *const inputs[] = {c->model.model,         c->data.classes, c->profile.preprocess,
                                c->data.annotations[0], c->data.names,   c->data.lists[0]};
  char *path = join(folder, name);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  int code = EXIT_OK;
  for (size_t i = 0; i < sizeof inputs / sizeof inputs[0] && code == EXIT_OK; i++)
    if (inputs[i] && same_file(path, inputs[i]))
      code =
          fail(EXIT_FAILED, "%s would be replaced, but it is an input (%s); give another folder with --out",
               path, inputs[i]);
  free(path);
  return code;
}

static const char *const results[] = {"results.sqlite", "results.sqlite-wal", "results.sqlite-shm",
                                      "images.csv",     "classes.csv",        "summary.json"};

int output_open(score_output *output, const score_choices *choices) {
  const char *folder = choices->out;
  output->folder = folder;
  if (!make_folder(folder))
    return fail(EXIT_FAILED, "cannot make the output folder %s: %s; give another one with --out", folder,
                strerror(errno));
  int code = EXIT_OK;
  for (size_t i = 0; i < sizeof results / sizeof results[0] && code == EXIT_OK; i++) {
    code = spare_inputs(folder, results[i], choices);
    if (code == EXIT_OK && choices->restart) code = remove_earlier(folder, results[i]);
  }
  if (code == EXIT_OK) output->store_path = join(folder, results[0]);
  return code != EXIT_OK || output->store_path ? code : fail(EXIT_FAILED, "out of memory");
}

/* For checkrob_results_each. */
static int remember_failure(const checkrob_image_result *result, void *user_data) {
  score_output *output = user_data;
  if (result->status == CHECKROB_OK || output->failures++ >= FAILURES_SHOWN) return 0;
  /* Most sentences start with the image's path, but not all. */
  int named = strstr(result->message, result->image) != NULL;
  size_t bytes = strlen(result->image) + strlen(result->message) + 3;
  char *line = malloc(bytes);
  if (line) snprintf(line, bytes, "%s%s%s", named ? "" : result->image, named ? "" : ": ", result->message);
  output->shown[output->failures - 1] = line;
  return 0;
}

/* ---- files written whole ---- */

typedef struct whole_file {
  char *path, *temporary;
  FILE *file;
} whole_file;

static int whole_open(whole_file *w, const char *folder, const char *name) {
  w->path = join(folder, name);
  w->temporary = NULL;
  w->file = NULL;
  if (w->path) {
    size_t bytes = strlen(w->path) + sizeof ".part";
    w->temporary = malloc(bytes);
    if (w->temporary) snprintf(w->temporary, bytes, "%s.part", w->path);
  }
  if (w->temporary) w->file = fopen(w->temporary, "we");
  return w->file != NULL;
}

/* Renames the finished file into place, and frees. `good`: what was written so far went well. */
static int whole_close(whole_file *w, int good) {
  if (w->file) {
    good = !ferror(w->file) && good;
    if (fclose(w->file) != 0) good = 0;
  } else {
    good = 0;
  }
  if (good && rename(w->temporary, w->path) != 0) good = 0;
  int code = good ? EXIT_OK
                  : fail(EXIT_FAILED, "cannot write %s: %s", w->path ? w->path : "a result", strerror(errno));
  if (!good && w->temporary) unlink(w->temporary);
  free(w->temporary);
  free(w->path);
  return code;
}

static int export_to(checkrob_results *kept, checkrob_export what, const char *folder, const char *name) {
  char *path = join(folder, name);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  int code = checkrob_results_export(kept, what, path) == CHECKROB_OK ? EXIT_OK : fail_library();
  free(path);
  return code;
}

static int export_tables(score_output *output) {
  checkrob_results *kept = NULL;
  int code = EXIT_OK;
  if (checkrob_results_open(&kept, output->store_path) != CHECKROB_OK ||
      checkrob_results_each(kept, remember_failure, output) != CHECKROB_OK)
    code = fail_library();
  if (code == EXIT_OK) code = export_to(kept, CHECKROB_EXPORT_IMAGES_CSV, output->folder, "images.csv");
  if (code == EXIT_OK) code = export_to(kept, CHECKROB_EXPORT_CLASSES_CSV, output->folder, "classes.csv");
  checkrob_results_free(kept);
  return code;
}

/* One path as it is, several as a list. */
static json_t *paths_json(const char *const *paths, size_t count) {
  if (count == 1) return json_string(paths[0]);
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(list, json_string(paths[i]));
  return list;
}

static json_t *options_json(const score_choices *c, const char *layer, const char *preprocess_json) {
  const dataset_options *d = &c->data;
  json_t *options = json_pack(
      "{s:s, s:s, s:o, s:o, s:s, s:o, s:b, s:b, s:s, s:s, s:s, s:I, s:I}", "model", c->model.model, "dataset",
      d->format_text, "images", paths_json(d->images, d->image_count), "annotations",
      paths_json(d->annotations, d->annotation_count), "classes", d->classes, "lists",
      paths_json(d->lists, d->list_count), "skip_unannotated", d->skip_unannotated, "skip_unmapped",
      d->skip_unmapped, "names", d->names ? d->names : "", "regions", dataset_options_regions(d), "ignored",
      d->ignored_text ? d->ignored_text : "", "shard", (json_int_t)d->shard, "shards", (json_int_t)d->shards);
  json_t *method = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "layer",
                             c->model.layer, "layer_used", layer ? layer : "", "layout", c->model.layout_text,
                             "device", c->model.device, "method", checkrob_method_name(c->model.method),
                             "score", checkrob_score_function_name(c->model.score_function), "reference",
                             checkrob_reference_name(c->model.reference), "combine",
                             checkrob_combine_name(c->model.combine), "samples", (json_int_t)c->model.samples,
                             "steps", (json_int_t)c->model.steps, "seed", (json_int_t)c->model.seed);
  json_t *input =
      json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:i, s:I}", "profile", c->profile.name, "geometry",
                c->profile.geometry == CHECKROB_GEOMETRY_PAPER ? "paper" : "standard", "preprocess",
                c->profile.preprocess, "preprocess_values", json_loads(preprocess_json, 0, NULL), "batch",
                (json_int_t)c->batch, "threads", (json_int_t)c->model.threads, "threads_used",
                checkrob_model_set_threads((int)c->model.threads), "top_k", (json_int_t)c->profile.top_k);
  if (!options || !method || !input || json_object_update(options, method) != 0 ||
      json_object_update(options, input) != 0) {
    json_decref(options);
    options = NULL;
  }
  json_decref(method);
  json_decref(input);
  const checkrob_verdict_rule *r = &c->rule;
  if (options)
    json_object_set_new(options, "verdict",
                        json_pack("{s:I, s:f, s:o, s:f, s:f, s:I, s:I, s:I}", "min_images",
                                  (json_int_t)r->min_images, "min_accuracy", r->min_accuracy, "robust",
                                  isnan(r->robust) ? json_null() : json_real(r->robust), "non_robust",
                                  r->non_robust, "level", r->level, "resamples", (json_int_t)r->resamples,
                                  "permutations", (json_int_t)r->permutations, "seed", (json_int_t)r->seed));
  return options;
}

static json_t *totals_json(const checkrob_run *run) {
  checkrob_run_totals t = CHECKROB_RUN_TOTALS_INIT;
  if (checkrob_run_totals_get(&t, run) != CHECKROB_OK) return NULL;
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "inputs", (json_int_t)t.inputs, "skipped",
                   (json_int_t)t.skipped, "samples", (json_int_t)t.samples, "resumed", (json_int_t)t.resumed,
                   "evaluated", (json_int_t)t.evaluated, "failed", (json_int_t)t.failed, "empty_maps",
                   (json_int_t)t.empty_maps, "classes", (json_int_t)checkrob_run_class_count(run));
}

/* What the run did in a second once it was under way. */
static double rate(const checkrob_run_totals *t) {
  double seconds = t->seconds - t->setup_seconds;
  return seconds > 0.0 ? (double)(t->samples - t->resumed) / seconds : 0.0;
}

static json_t *timing_json(const checkrob_run *run) {
  checkrob_run_totals t = CHECKROB_RUN_TOTALS_INIT;
  if (checkrob_run_totals_get(&t, run) != CHECKROB_OK) return NULL;
  return json_pack("{s:f, s:f, s:f, s:f, s:f}", "seconds", t.seconds, "setup_seconds", t.setup_seconds,
                   "model_seconds", t.model_seconds, "wait_seconds", t.wait_seconds, "samples_per_second",
                   rate(&t));
}

static int write_summary(const score_output *output, const checkrob_run *run, const score_choices *choices,
                         const char *layer, const char *preprocess_json, int complete) {
  json_t *summary = json_pack("{s:{s:s, s:s}, s:b, s:o, s:o, s:o}", "versions", "checkrob",
                              checkrob_version(), "libtorch", checkrob_torch_version(), "complete", complete,
                              "options", options_json(choices, layer, preprocess_json), "totals",
                              totals_json(run), "timing", timing_json(run));
  if (!summary)
    return fail(EXIT_FAILED, "cannot put summary.json together: a path is not UTF-8, or memory is out");
  whole_file w;
  int good = whole_open(&w, output->folder, "summary.json");
  if (good) good = json_dumpf(summary, w.file, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0;
  if (good) fputc('\n', w.file);
  json_decref(summary);
  return whole_close(&w, good);
}

int output_finish(score_output *output, const checkrob_run *run, const score_choices *choices,
                  const char *layer, const char *preprocess_json, int complete) {
  int code = export_tables(output);
  int summary_code = write_summary(output, run, choices, layer, preprocess_json, complete);
  return code != EXIT_OK ? code : summary_code;
}

/* ---- for people ---- */

static void print_cell(double value) {
  if (isfinite(value))
    printf("  %6.3f", value);
  else
    printf("  %6s", "-");
}

static int name_width(const checkrob_run *run) {
  int width = 5;
  checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
  for (size_t i = 0; checkrob_run_class(&c, run, i) == CHECKROB_OK; i++)
    if ((int)strlen(c.name) > width) width = (int)strlen(c.name);
  return width;
}

static void print_table(const checkrob_run *run, const score_choices *choices) {
  size_t count = checkrob_run_class_count(run);
  int width = name_width(run);
  checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
  char accuracy[16];
  snprintf(accuracy, sizeof accuracy, "top-%lld", (long long)choices->profile.top_k);
  printf("%-*s  %6s  %6s  %6s  %6s  %6s  %6s  %6s  %10s  %s\n", width, "class", "index", "images", "failed",
         accuracy, "CRS", "area", "ERS", "robustness", "verdict");
  for (size_t i = 0; i < count; i++) {
    if (checkrob_run_class(&c, run, i) != CHECKROB_OK) break;
    put_text(stdout, c.name, width);
    printf("  %6lld  %6zu  %6zu", (long long)c.index, c.images, c.failed);
    print_cell(c.accuracy);
    print_cell(c.crs);
    print_cell(c.area);
    print_cell(c.ers);
    if (isfinite(c.robustness))
      printf("  %10.2f", c.robustness);
    else
      printf("  %10s", "-");
    printf("  %s\n", checkrob_verdict_name(c.verdict));
  }
}

/* Why the least robust classes have the verdict. */
static void print_reasons(const checkrob_run *run, checkrob_verdict verdict, const char *title) {
  checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
  size_t shown = 0, all = 0;
  for (size_t i = 0; checkrob_run_class(&c, run, i) == CHECKROB_OK; i++) {
    if (c.verdict != verdict) continue;
    if (all++ >= REASONS_SHOWN) continue;
    if (shown++ == 0) printf("\n%s:\n", title);
    fputs("  ", stdout);
    put_text(stdout, c.name, 0);
    printf(": %s\n", c.reason);
  }
  if (all > shown) printf("  ... and %zu more: column reason of classes.csv\n", all - shown);
}

/* "Not suspicious" was measured with one score and with the contrast; with other options it is not given. */
static void warn_of_thresholds(const checkrob_run *run, const score_choices *choices) {
  if (!isnan(choices->rule.robust)) return; /* whoever sets it knows it */
  int measured = choices->model.score_function == CHECKROB_SCORE_LOG_ODDS &&
                 choices->model.reference == CHECKROB_REFERENCE_BLANK;
  size_t recognised = 0, without = 0;
  checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
  for (size_t i = 0; checkrob_run_class(&c, run, i) == CHECKROB_OK; i++) {
    recognised += c.recognised > 0;
    without += c.recognised > 0 && !isfinite(c.contrast);
  }
  if (recognised == 0 || (measured && without == 0)) return;
  warn(
      "the verdicts' thresholds were measured with --score log-odds, --reference blank, one layer and a "
      "method with gradients; with other options no class gets a better verdict than doubtful: compare "
      "classes with each other, or set a threshold of your own, --verdict robust=N");
}

/* A wrong preprocessing or class map looks like a model that knows nothing. */
static void warn_of_accuracy(const checkrob_run *run, const score_choices *choices) {
  double hits = 0.0;
  size_t images = 0;
  checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
  for (size_t i = 0; checkrob_run_class(&c, run, i) == CHECKROB_OK; i++) {
    images += c.images;
    if (c.images > 0) hits += c.accuracy * (double)c.images;
  }
  if (images < 10 || hits >= 0.5 * (double)images) return;
  warn(
      "only %.0f %% of the samples are recognised (top-%lld): where the model is known to be better, "
      "--preprocess or the indices of --classes are not the model's",
      floor(100.0 * hits / (double)images), (long long)choices->profile.top_k);
}

static void print_warnings(const score_output *output, const checkrob_run_totals *totals) {
  if (totals->empty_maps > 0)
    warn("%zu of %zu samples gave an empty saliency map, which scores 0: status empty_map in %s/images.csv",
         totals->empty_maps, totals->evaluated, output->folder);
  if (totals->failed == 0) return;
  warn("%zu of %zu samples could not be evaluated; status and message in %s/images.csv say why:",
       totals->failed, totals->samples, output->folder);
  size_t shown = output->failures < FAILURES_SHOWN ? output->failures : FAILURES_SHOWN;
  for (size_t i = 0; i < shown; i++) {
    fputs("  ", stderr);
    put_text(stderr, output->shown[i] ? output->shown[i] : "(out of memory)", 0);
    fputc('\n', stderr);
  }
  if (output->failures > shown) fprintf(stderr, "  ... and %zu more\n", output->failures - shown);
}

int output_print(const score_output *output, const checkrob_run *run, const score_choices *choices) {
  checkrob_run_totals t = CHECKROB_RUN_TOTALS_INIT;
  if (checkrob_run_totals_get(&t, run) != CHECKROB_OK) return fail_library();
  if (checkrob_run_class_count(run) > 0) print_table(run, choices);
  print_reasons(run, CHECKROB_VERDICT_NON_ROBUST, "Not to be trusted");
  print_reasons(run, CHECKROB_VERDICT_DOUBTFUL, "Doubtful");
  if (checkrob_run_class_count(run) > 0) putchar('\n');
  char speed[64] = "";
  if (rate(&t) > 0.0 && t.evaluated > 0) snprintf(speed, sizeof speed, " (%.1f a second)", rate(&t));
  printf("%zu of %zu samples evaluated in %.1f s%s; results in %s\n", t.evaluated, t.samples, t.seconds,
         speed, output->folder);
  if (t.skipped > 0)
    printf("skipped, without an object that counts: %zu of %zu images\n", t.skipped, t.inputs);
  if (t.resumed > 0)
    printf(
        "%zu of the samples are an earlier run's, which this one went on with; files that were changed since "
        "are not read again (--restart begins anew)\n",
        t.resumed);
  if (fflush(stdout) != 0) return fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
  print_warnings(output, &t);
  warn_of_accuracy(run, choices);
  warn_of_thresholds(run, choices);
  return EXIT_OK;
}

void output_close(score_output *output) {
  for (size_t i = 0; i < FAILURES_SHOWN; i++) free(output->shown[i]);
  free(output->store_path);
}
