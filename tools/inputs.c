/* SPDX-License-Identifier: Apache-2.0 */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activity.h"
#include "files.h"

int inputs_open_preprocess(inputs *in) {
  const char *name = checkrob_options_text(in->line->options, "preprocess");
  return checkrob_preprocess_open(&in->preprocess, name) ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

/* An option is missing, or the format does not know it. */
static int fail_about_data(const command_line *line, checkrob_status status) {
  if (status != CHECKROB_ERROR_INVALID_ARGUMENT) return fail_with_flags(EXIT_FAILED);
  return fail_usage(line->usage->name, "%s", error_with_flags());
}

/* COCO's file and manifests are read here, other annotations later, image by image. */
static checkrob_status open_dataset(inputs *in, const checkrob_options *options) {
  activity_begin("listing the data in", checkrob_options_text(options, "images"));
  checkrob_status status = checkrob_dataset_open(&in->dataset, options, in->classes);
  activity_end();
  return status;
}

int inputs_open_data(inputs *in) {
  const checkrob_options *options = in->line->options;
  if (checkrob_class_map_open(&in->classes, checkrob_options_text(options, "classes")))
    return fail_with_flags(EXIT_FAILED);
  checkrob_status status = open_dataset(in, options);
  if (status) return fail_about_data(in->line, status);
  size_t left_out = checkrob_dataset_left_out(in->dataset);
  if (left_out > 0)
    note("%zu image%s without annotation %s left out", left_out, left_out == 1 ? "" : "s",
         left_out == 1 ? "is" : "are");
  return EXIT_OK;
}

int inputs_open_images(inputs *in) {
  activity_begin("listing the images in", checkrob_options_text(in->line->options, "images"));
  checkrob_status status = checkrob_dataset_open_images(&in->dataset, in->line->options);
  activity_end();
  return status ? fail_about_data(in->line, status) : EXIT_OK;
}

int inputs_open_model(inputs *in) {
  return inputs_open_model_of(in, in->line->options);
}

int inputs_open_model_of(inputs *in, const checkrob_options *options) {
  activity_begin("loading the model", checkrob_options_text(options, "model"));
  checkrob_status status = checkrob_model_open(&in->model, checkrob_options_text(options, "model"),
                                               checkrob_preprocess_height(in->preprocess),
                                               checkrob_preprocess_width(in->preprocess), options);
  activity_end();
  if (status) return fail_with_flags(EXIT_FAILED);
  if (checkrob_model_installation_warning()) warn("%s", checkrob_model_installation_warning());
  if (*checkrob_model_remark(in->model)) note("%s", checkrob_model_remark(in->model));
  return EXIT_OK;
}

/* summary.json beside a results file. The caller frees; NULL: out of memory. */
static char *summary_beside(const char *file) {
  const char *slash = strrchr(file, '/');
  char *folder = slash ? strndup(file, (size_t)(slash - file)) : strdup(".");
  char *path = folder ? join_path(*folder ? folder : "/", "summary.json") : NULL;
  free(folder);
  return path;
}

/* Options that are set replace those of the record. */
static checkrob_status put_over(checkrob_options *options, const checkrob_options *given) {
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; checkrob_option_at(&info, i) == CHECKROB_OK && !status; i++)
    if (checkrob_options_is_set(given, info.name)) status = options_replace(options, given, info.name);
  return status;
}

static int read_record(checkrob_options **options, const inputs *in, const char *summary) {
  if (access(summary, F_OK) == 0)
    return checkrob_options_read(options, summary) || put_over(*options, in->line->options)
               ? fail_with_flags(EXIT_FAILED)
               : EXIT_OK;
  if (checkrob_options_is_set(in->line->options, "images"))
    return checkrob_options_copy(options, in->line->options) ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
  return fail_usage(
      in->line->usage->name,
      "there is no %s, which would record where the data are; name them: --dataset, --images and so on",
      summary);
}

static int read_run(inputs *in, checkrob_options **options, const char *results) {
  char *file = results_file(results), *summary = file ? summary_beside(file) : NULL;
  int code = summary ? read_record(options, in, summary) : fail(EXIT_FAILED, "out of memory");
  free(summary);
  free(file);
  return code;
}

int inputs_open_run(inputs *in, checkrob_options **options, const char *results) {
  int code = read_run(in, options, results);
  if (code != EXIT_OK) return code;
  checkrob_status status = checkrob_class_map_open(&in->classes, checkrob_options_text(*options, "classes"));
  if (!status) status = open_dataset(in, *options);
  if (!status)
    status = checkrob_preprocess_open(&in->preprocess, checkrob_options_text(*options, "preprocess"));
  return status ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

int inputs_each_sample(const inputs *in, void (*take)(const checkrob_sample *sample, void *data),
                       void *data) {
  checkrob_cursor *cursor = NULL;
  checkrob_sample *sample = NULL;
  checkrob_status status = checkrob_cursor_new(&cursor, in->dataset, 0, 0);
  activity_begin("reading the annotations", "");
  while (!status && !(status = checkrob_cursor_next(&sample, cursor))) {
    take(sample, data);
    checkrob_sample_free(sample);
  }
  activity_end();
  checkrob_cursor_free(cursor);
  return status == CHECKROB_END ? EXIT_OK : fail_with_flags(EXIT_FAILED);
}

/* "3/64" of the option shard, which was checked; "", all, is shard 0 of 0. */
checkrob_status inputs_cursor(checkrob_cursor **out, const inputs *in) {
  char *end = NULL;
  unsigned long shard = strtoul(checkrob_options_text(in->line->options, "shard"), &end, 10);
  unsigned long shards = *end ? strtoul(end + 1, NULL, 10) : 0;
  return checkrob_cursor_new(out, in->dataset, (uint32_t)shard, (uint32_t)shards);
}

void sample_place_offer(sample_place *place, const checkrob_sample *sample, const char *image,
                        int64_t class_index) {
  if (place->is_found || strcmp(checkrob_sample_image(sample), image) != 0 ||
      (class_index >= 0 && checkrob_sample_class_index(sample) != class_index))
    return;
  *place = (sample_place){1, checkrob_sample_input(sample), checkrob_sample_part(sample)};
}

checkrob_sample *inputs_sample(const inputs *in, const sample_place *place) {
  if (!place->is_found) return NULL;
  checkrob_cursor *cursor = NULL;
  checkrob_sample *sample = NULL;
  checkrob_status status = checkrob_cursor_new(&cursor, in->dataset, 0, 0);
  if (!status) status = checkrob_cursor_seek(cursor, place->input, place->part);
  if (!status) checkrob_cursor_next(&sample, cursor);
  checkrob_cursor_free(cursor);
  return sample;
}

checkrob_image_limits image_limits(const checkrob_options *options) {
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  checkrob_image_limits_read(&limits, options);
  return limits;
}

void inputs_free(inputs *in) {
  size_t restarts = checkrob_model_restarts(in->model);
  if (restarts > 0)
    warn("%zu worker process%s of the model died; another one continued each time", restarts,
         restarts == 1 ? "" : "es");
  checkrob_model_free(in->model);
  checkrob_dataset_free(in->dataset);
  checkrob_class_map_free(in->classes);
  checkrob_preprocess_free(in->preprocess);
}

int fail_about_layer(const command_line *line, checkrob_status status) {
  int code = fail_with_flags(EXIT_FAILED);
  if (status == CHECKROB_ERROR_NOT_FOUND && strstr(checkrob_last_error(), "layer"))
    note("'checkrob layers --model %s' lists all layers", checkrob_options_text(line->options, "model"));
  return code;
}
