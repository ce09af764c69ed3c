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

/* Quoted as RFC 4180 wants it, where the text needs it. */
static void write_field(FILE *file, const char *text) {
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, file);
    return;
  }
  fputc('"', file);
  for (; *text; text++) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

/* Numbers that do not hold are left empty: "nan" is no number to a CSV reader. */
static void write_number(FILE *file, const char *format, double value) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  if (isfinite(value)) fprintf(file, format, value);
#pragma GCC diagnostic pop
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
  const char *const inputs[] = {c->model.model, c->classes, c->profile.preprocess};
  char *path = join(folder, name);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  int code = EXIT_OK;
  for (size_t i = 0; i < sizeof inputs / sizeof inputs[0] && code == EXIT_OK; i++)
    if (same_file(path, inputs[i]))
      code =
          fail(EXIT_FAILED, "%s would be replaced, but it is an input (%s); give another folder with --out",
               path, inputs[i]);
  free(path);
  return code;
}

int output_open(score_output *output, const score_choices *choices) {
  const char *folder = choices->out;
  output->folder = folder;
  if (!make_folder(folder))
    return fail(EXIT_FAILED, "cannot make the output folder %s: %s; give another one with --out", folder,
                strerror(errno));
  static const char *const names[] = {"images.csv", "classes.csv", "summary.json"};
  int code = EXIT_OK;
  for (size_t i = 0; i < 3 && code == EXIT_OK; i++) code = spare_inputs(folder, names[i], choices);
  /* A later crash must not leave an old summary beside new rows. */
  if (code == EXIT_OK) code = remove_earlier(folder, "classes.csv");
  if (code == EXIT_OK) code = remove_earlier(folder, "summary.json");
  if (code != EXIT_OK) return code;
  output->images_path = join(folder, "images.csv");
  if (output->images_path) output->images = fopen(output->images_path, "we");
  if (!output->images)
    return fail(EXIT_FAILED, "cannot write to the output folder %s: %s; give another one with --out", folder,
                strerror(errno));
  fputs("image,class,index,rs,logit,hit,status,message\n", output->images);
  return output_flush(output) == 0
             ? EXIT_OK
             : fail(EXIT_FAILED, "cannot write %s: %s", output->images_path, strerror(output->write_error));
}

static void remember_failure(score_output *output, const checkrob_image_result *result) {
  if (output->failures++ >= FAILURES_SHOWN) return;
  /* Most sentences start with the image's path, but not all. */
  int named = strstr(result->message, result->image) != NULL;
  size_t bytes = strlen(result->image) + strlen(result->message) + 3;
  char *line = malloc(bytes);
  if (line) snprintf(line, bytes, "%s%s%s", named ? "" : result->image, named ? "" : ": ", result->message);
  output->shown[output->failures - 1] = line;
}

int output_image(score_output *output, const checkrob_image_result *result) {
  FILE *file = output->images;
  if (result->status != CHECKROB_OK) remember_failure(output, result);
  write_field(file, result->image);
  fputc(',', file);
  write_field(file, result->class_name);
  if (result->class_index >= 0)
    fprintf(file, ",%lld,", (long long)result->class_index);
  else
    fputs(",,", file);
  write_number(file, "%.6f", result->rs);
  fputc(',', file);
  write_number(file, "%.9g", result->logit);
  if (result->hit >= 0)
    fprintf(file, ",%d", result->hit);
  else
    fputc(',', file);
  /* An empty map is a score of 0 that says nothing of where the model looks: it must be told apart. */
  fprintf(file, ",%s,", result->empty_map ? "empty_map" : checkrob_status_name(result->status));
  write_field(file, result->message);
  fputc('\n', file);
  if (ferror(file) && output->write_error == 0) output->write_error = errno ? errno : EIO;
  return output->write_error;
}

int output_flush(score_output *output) {
  if (fflush(output->images) != 0 && output->write_error == 0) output->write_error = errno ? errno : EIO;
  return output->write_error;
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

static int write_classes(const score_output *output, const checkrob_run *run) {
  whole_file w;
  int good = whole_open(&w, output->folder, "classes.csv");
  if (good) fputs("class,index,images,failed,acc,crs\n", w.file);
  checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
  for (size_t i = 0; good && i < checkrob_run_class_count(run); i++) {
    if (checkrob_run_class(&c, run, i) != CHECKROB_OK) break;
    write_field(w.file, c.name);
    fprintf(w.file, ",%lld,%zu,%zu,", (long long)c.index, c.images, c.failed);
    write_number(w.file, "%.6f", c.accuracy);
    fputc(',', w.file);
    write_number(w.file, "%.6f", c.crs);
    fputc('\n', w.file);
  }
  return whole_close(&w, good);
}

static json_t *options_json(const score_choices *c, const char *layer, const char *preprocess_json) {
  json_t *options = json_pack("{s:s, s:s, s:s, s:s, s:s}", "model", c->model.model, "dataset", c->dataset,
                              "images", c->images, "annotations", c->annotations, "classes", c->classes);
  json_t *method = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "layer", c->model.layer,
                             "layer_used", layer ? layer : "", "layout", c->model.layout_text, "device",
                             c->model.device, "method", checkrob_method_name(c->model.method), "score",
                             checkrob_score_function_name(c->model.score_function), "combine",
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
  return options;
}

static json_t *totals_json(const checkrob_run *run) {
  checkrob_run_totals t = CHECKROB_RUN_TOTALS_INIT;
  if (checkrob_run_totals_get(&t, run) != CHECKROB_OK) return NULL;
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "inputs", (json_int_t)t.inputs, "samples",
                   (json_int_t)t.samples, "evaluated", (json_int_t)t.evaluated, "failed",
                   (json_int_t)t.failed, "empty_maps", (json_int_t)t.empty_maps, "classes",
                   (json_int_t)checkrob_run_class_count(run));
}

/* What the run did in a second once it was under way. */
static double rate(const checkrob_run_totals *t) {
  double seconds = t->seconds - t->setup_seconds;
  return seconds > 0.0 ? (double)t->samples / seconds : 0.0;
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
  int code = EXIT_OK;
  if (output_flush(output) != 0)
    code = fail(EXIT_FAILED, "cannot write %s: %s", output->images_path, strerror(output->write_error));
  int classes_code = write_classes(output, run);
  int summary_code = write_summary(output, run, choices, layer, preprocess_json, complete);
  return code != EXIT_OK ? code : classes_code != EXIT_OK ? classes_code : summary_code;
}

/* ---- for people ---- */

static void print_cell(double value) {
  if (isfinite(value))
    printf("  %6.3f", value);
  else
    printf("  %6s", "-");
}

static void print_table(const checkrob_run *run, const score_choices *choices) {
  size_t count = checkrob_run_class_count(run);
  int name_width = 5;
  checkrob_class_result c = CHECKROB_CLASS_RESULT_INIT;
  for (size_t i = 0; i < count; i++)
    if (checkrob_run_class(&c, run, i) == CHECKROB_OK && (int)strlen(c.name) > name_width)
      name_width = (int)strlen(c.name);
  char accuracy[16];
  snprintf(accuracy, sizeof accuracy, "top-%lld", (long long)choices->profile.top_k);
  printf("%-*s  %6s  %6s  %6s  %6s  %6s\n", name_width, "class", "index", "images", "failed", accuracy,
         "CRS");
  for (size_t i = 0; i < count; i++) {
    if (checkrob_run_class(&c, run, i) != CHECKROB_OK) break;
    put_text(stdout, c.name, name_width);
    printf("  %6lld  %6zu  %6zu", (long long)c.index, c.images, c.failed);
    print_cell(c.accuracy);
    print_cell(c.crs);
    putchar('\n');
  }
}

static void print_warnings(const score_output *output, const checkrob_run_totals *totals) {
  if (totals->empty_maps > 0)
    warn("%zu of %zu samples gave an empty saliency map, which scores 0: status empty_map in %s",
         totals->empty_maps, totals->evaluated, output->images_path);
  if (totals->failed == 0) return;
  warn("%zu of %zu samples could not be evaluated; status and message in %s say why:", totals->failed,
       totals->samples, output->images_path);
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
  print_table(run, choices);
  printf("%zu of %zu samples evaluated in %.1f s (%.1f a second); results in %s\n", t.evaluated, t.samples,
         t.seconds, rate(&t), output->folder);
  if (fflush(stdout) != 0) return fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
  print_warnings(output, &t);
  return EXIT_OK;
}

void output_close(score_output *output) {
  if (output->images) fclose(output->images);
  for (size_t i = 0; i < FAILURES_SHOWN; i++) free(output->shown[i]);
  free(output->images_path);
}
