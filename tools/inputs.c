/* SPDX-License-Identifier: Apache-2.0 */
#include "inputs.h"

int inputs_open_preprocess(inputs *in) {
  const char *name = checkrob_options_text(in->line->options, "preprocess");
  return checkrob_preprocess_open(&in->preprocess, name) ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

/* An option is missing, or the format does not know it. */
static int fail_about_data(const command_line *line, checkrob_status status) {
  if (status != CHECKROB_ERROR_INVALID_ARGUMENT) return fail_with_flags(EXIT_FAILED);
  return fail_usage(line->usage->name, "%s", error_with_flags());
}

int inputs_open_data(inputs *in) {
  const checkrob_options *options = in->line->options;
  if (checkrob_class_map_open(&in->classes, checkrob_options_text(options, "classes")))
    return fail_with_flags(EXIT_FAILED);
  checkrob_status status = checkrob_dataset_open(&in->dataset, options, in->classes);
  if (status) return fail_about_data(in->line, status);
  size_t left_out = checkrob_dataset_left_out(in->dataset);
  if (left_out > 0)
    note("%zu image%s without annotation %s left out", left_out, left_out == 1 ? "" : "s",
         left_out == 1 ? "is" : "are");
  return EXIT_OK;
}

int inputs_open_images(inputs *in) {
  checkrob_status status = checkrob_dataset_open_images(&in->dataset, in->line->options);
  return status ? fail_about_data(in->line, status) : EXIT_OK;
}

int inputs_open_model(inputs *in) {
  const checkrob_options *options = in->line->options;
  if (checkrob_model_open(&in->model, checkrob_options_text(options, "model"),
                          checkrob_preprocess_height(in->preprocess),
                          checkrob_preprocess_width(in->preprocess), options))
    return fail_with_flags(EXIT_FAILED);
  if (checkrob_model_installation_warning()) warn("%s", checkrob_model_installation_warning());
  if (*checkrob_model_remark(in->model)) note("%s", checkrob_model_remark(in->model));
  return EXIT_OK;
}

void inputs_free(inputs *in) {
  checkrob_model_free(in->model);
  checkrob_dataset_free(in->dataset);
  checkrob_class_map_free(in->classes);
  checkrob_preprocess_free(in->preprocess);
}

int fail_about_layer(const command_line *line, checkrob_status status) {
  int code = fail_with_flags(EXIT_FAILED);
  if (status == CHECKROB_ERROR_NOT_FOUND)
    note("'checkrob layers --model %s' lists all layers", checkrob_options_text(line->options, "model"));
  return code;
}
