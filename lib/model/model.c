/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model.h"

#include <checkrob/dataset.h>
#include <checkrob/version.h>
#include <inttypes.h>
#include <stdlib.h>

#include "backend/backend.h"
#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "image/preprocess.h"
#include "model/handle.h"
#include "options/options.h"

static checkrob_status status_of(int code) {
  switch (code) {
    case SHIM_OK:
      return CHECKROB_OK;
    case SHIM_NOT_FOUND:
      return CHECKROB_ERROR_NOT_FOUND;
    case SHIM_BAD_ARCHIVE:
      return CHECKROB_ERROR_BAD_INPUT;
    case SHIM_UNSUPPORTED:
      return CHECKROB_ERROR_MODEL_UNSUPPORTED;
    case SHIM_NO_DEVICE:
      return CHECKROB_ERROR_UNSUPPORTED;
    case SHIM_NO_MEMORY:
      return CHECKROB_ERROR_OUT_OF_MEMORY;
    case SHIM_BAD_ARGUMENT:
      return CHECKROB_ERROR_INVALID_ARGUMENT;
    case BACKEND_NO_WORKER:
      return CHECKROB_ERROR_IO;
    default:
      return CHECKROB_ERROR;
  }
}

checkrob_status model_fail(int code, const shim_error *error) {
  return error_set(status_of(code), "%s", error->message);
}

const char *checkrob_version(void) {
  return CHECKROB_VERSION_STRING;
}

const char *checkrob_torch_version(void) {
  return shim_torch_version();
}

const char *checkrob_model_installation_warning(void) {
  return shim_installation_warning();
}

/* How many classes the logits must have at least. */
static checkrob_status read_class_map(shim_opening *opening, const checkrob_options *options) {
  const char *path = checkrob_options_text(options, "classes");
  checkrob_class_map *map = NULL;
  if (!path || !*path) return CHECKROB_OK;
  checkrob_status status = checkrob_class_map_open(&map, path);
  for (size_t i = 0; !status && i < checkrob_class_map_count(map); i++) {
    int64_t index = checkrob_class_map_index(map, i);
    if (index >= opening->least_classes) opening->least_classes = index + 1;
  }
  checkrob_class_map_free(map);
  return status;
}

/* A model of one channel is refused unless the images are gray. */
static checkrob_status read_channels(shim_opening *opening, const checkrob_options *options) {
  checkrob_preprocess *preprocess = NULL;
  if (!options || !checkrob_options_is_set(options, "preprocess")) return CHECKROB_OK;
  checkrob_status status =
      checkrob_preprocess_open(&preprocess, checkrob_options_text(options, "preprocess"));
  if (!status) opening->gray = preprocess_is_gray(preprocess);
  checkrob_preprocess_free(preprocess);
  return status;
}

/* Converts the options to those of the shim. The strings belong to the model. */
static checkrob_status read_options(shim_opening *opening, checkrob_model *model,
                                    const checkrob_options *options) {
  static const int layouts[] = {[CHECKROB_LAYOUT_AUTO] = SHIM_LAYOUT_AUTO,
                                [CHECKROB_LAYOUT_NCHW] = SHIM_LAYOUT_NCHW,
                                [CHECKROB_LAYOUT_NHWC] = SHIM_LAYOUT_NHWC,
                                [CHECKROB_LAYOUT_TOKENS] = SHIM_LAYOUT_TOKENS};
  options_layout_choice choice = options_layout(options);
  checkrob_layout layout = CHECKROB_LAYOUT_AUTO;
  checkrob_status status = checkrob_layout_find(&layout, choice.name);
  if (status != CHECKROB_OK) return status;
  model->device = text_copy(checkrob_options_text(options, "device"));
  model->layout = choice.prefix_tokens < 0 ? text_copy(choice.name)
                                           : text_format("%s:%" PRId64, choice.name, choice.prefix_tokens);
  if (!model->device || !model->layout) return error_memory("a model");
  opening->device = model->device;
  opening->layout = layouts[layout];
  opening->prefix_tokens = choice.prefix_tokens;
  opening->worker = options_is(options, "worker", "always")  ? SHIM_WORKER_ALWAYS
                    : options_is(options, "worker", "never") ? SHIM_WORKER_NEVER
                                                             : SHIM_WORKER_AUTO;
  opening->worker_timeout = checkrob_options_integer(options, "worker_timeout");
  if (!options_is(options, "output", "auto")) opening->output = checkrob_options_text(options, "output");
  checkrob_status read = read_class_map(opening, options);
  return read ? read : read_channels(opening, options);
}

/* The name of the output with the logits: with it a resumed run has the same. */
static checkrob_status note_output(checkrob_model *model) {
  shim_output output;
  size_t count = shim_model_output_count(model->shim), taken = 0;
  for (size_t i = 0; i < count; i++) {
    shim_model_output(model->shim, i, &output);
    if (output.taken) taken = i;
  }
  shim_model_output(model->shim, taken, &output);
  model->output = text_copy(count > 1 ? output.name : "auto");
  return model->output ? CHECKROB_OK : error_memory("a model");
}

static checkrob_status open_shim(checkrob_model *model, uint32_t height, uint32_t width,
                                 const checkrob_options *options) {
  shim_opening opening = {.path = model->path, .height = height, .width = width};
  checkrob_status status = read_options(&opening, model, options);
  if (status != CHECKROB_OK) return status;
  int64_t threads = checkrob_options_integer(options, "threads");
  if (threads > 0)
    checkrob_model_set_threads((int)threads);
  else
    model_threads_default();
  shim_error error;
  int code = shim_model_open(&model->shim, &opening, &error);
  return code == SHIM_OK ? note_output(model) : model_fail(code, &error);
}

checkrob_status checkrob_model_open(checkrob_model **out, const char *path, uint32_t height, uint32_t width,
                                    const checkrob_options *options) {
  if (!out || !path || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_open: NULL argument or empty size");
  checkrob_model *model = calloc(1, sizeof *model);
  if (model) model->path = text_copy(path);
  checkrob_status status =
      model && model->path ? open_shim(model, height, width, options) : error_memory("a model");
  if (status != CHECKROB_OK) {
    checkrob_model_free(model);
    return status;
  }
  model->height = height;
  model->width = width;
  *out = model;
  return CHECKROB_OK;
}

void checkrob_model_free(checkrob_model *model) {
  if (!model) return;
  shim_model_free(model->shim);
  free(model->device);
  free(model->layout);
  free(model->output);
  free(model->path);
  free(model);
}

checkrob_ending checkrob_model_ending(const checkrob_model *model) {
  static const checkrob_ending endings[] = {[SHIM_ENDING_LOGITS] = CHECKROB_ENDING_LOGITS,
                                            [SHIM_ENDING_SOFTMAX] = CHECKROB_ENDING_SOFTMAX,
                                            [SHIM_ENDING_LOG_SOFTMAX] = CHECKROB_ENDING_LOG_SOFTMAX,
                                            [SHIM_ENDING_SIGMOID] = CHECKROB_ENDING_SIGMOID,
                                            [SHIM_ENDING_PROBABILITIES] = CHECKROB_ENDING_PROBABILITIES};
  return model ? endings[shim_model_ending(model->shim)] : CHECKROB_ENDING_LOGITS;
}

int64_t checkrob_model_worker(const checkrob_model *model) {
  return model ? backend_worker(model->shim) : 0;
}

size_t checkrob_model_restarts(const checkrob_model *model) {
  return model ? backend_restarts(model->shim) : 0;
}

checkrob_loaded_torch checkrob_model_loaded_torch(void) {
  static const checkrob_loaded_torch loaded[] = {[BACKEND_TORCH_NONE] = CHECKROB_TORCH_NONE,
                                                 [BACKEND_TORCH_OF_SHIM] = CHECKROB_TORCH_OWN,
                                                 [BACKEND_TORCH_OTHER] = CHECKROB_TORCH_OTHER};
  return loaded[backend_loaded_torch()];
}

const char *checkrob_model_remark(const checkrob_model *model) {
  return model ? shim_model_remark(model->shim) : "";
}

void checkrob_model_input_size(uint32_t *height, uint32_t *width, const checkrob_model *model) {
  if (height) *height = model ? model->height : 0;
  if (width) *width = model ? model->width : 0;
}

int64_t checkrob_model_class_count(const checkrob_model *model) {
  return model ? shim_model_class_count(model->shim) : 0;
}

size_t checkrob_model_output_count(const checkrob_model *model) {
  return model ? shim_model_output_count(model->shim) : 0;
}

/* A shape of more axes is that of something that is not used. */
static size_t copy_shape(int64_t to[CHECKROB_LAYER_MAX_RANK], const int64_t *from, int rank) {
  size_t count = rank > 0 ? (size_t)rank : 0;
  if (count > CHECKROB_LAYER_MAX_RANK) count = CHECKROB_LAYER_MAX_RANK;
  for (size_t i = 0; i < count; i++) to[i] = from[i];
  return count;
}

checkrob_status checkrob_model_output(checkrob_output *out, const checkrob_model *model, size_t index) {
  if (!out || index >= checkrob_model_output_count(model))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_output: no output %zu", index);
  shim_output output;
  shim_model_output(model->shim, index, &output);
  checkrob_output full = CHECKROB_OUTPUT_INIT;
  full.name = output.name;
  full.rank = copy_shape(full.shape, output.shape, output.rank);
  full.class_count = output.classes;
  full.is_taken = output.taken;
  return structure_give(out, &full, sizeof full);
}

size_t checkrob_model_layer_count(const checkrob_model *model) {
  return model ? shim_model_layer_count(model->shim) : 0;
}

checkrob_status checkrob_model_layer(checkrob_layer *out, const checkrob_model *model, size_t index) {
  if (!out || index >= checkrob_model_layer_count(model))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_layer: no layer %zu", index);
  shim_layer layer;
  shim_model_layer(model->shim, index, &layer);
  checkrob_layer full = CHECKROB_LAYER_INIT;
  full.path = layer.path;
  full.type = layer.type;
  full.rank = copy_shape(full.shape, layer.shape, layer.rank);
  full.usable = layer.usable;
  full.is_auto = index == shim_model_auto_layer(model->shim);
  full.readable = layer.readable;
  if (layer.readable) {
    static const checkrob_layout layouts[] = {[SHIM_LAYOUT_AUTO] = CHECKROB_LAYOUT_AUTO,
                                              [SHIM_LAYOUT_NCHW] = CHECKROB_LAYOUT_NCHW,
                                              [SHIM_LAYOUT_NHWC] = CHECKROB_LAYOUT_NHWC,
                                              [SHIM_LAYOUT_TOKENS] = CHECKROB_LAYOUT_TOKENS};
    full.layout = layouts[layer.layout];
    full.channels = (size_t)layer.channels;
    full.height = (size_t)layer.height;
    full.width = (size_t)layer.width;
    full.prefix_tokens = (size_t)layer.prefix_tokens;
  }
  return structure_give(out, &full, sizeof full);
}

const char *model_path(const checkrob_model *model) {
  return model->path;
}

const char *model_device(const checkrob_model *model) {
  return model->device;
}

const char *model_layout(const checkrob_model *model) {
  return model->layout;
}

bool model_is_gray(const checkrob_model *model) {
  return shim_model_channels(model->shim) == 1;
}

const char *model_output(const checkrob_model *model) {
  return model->output;
}
