#include <checkrob/model.h>
#include <checkrob/version.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "model/nearest.h"
#include "shim/shim.h"

struct checkrob_model {
  shim_model *shim;
  char *path;
  char *selected; /* layer path, never "auto"; NULL before a selection */
  int probed;
};

struct checkrob_capture {
  shim_capture shim;
};

static atomic_int threads_are_set;

static checkrob_status status_of(int code) {
  switch (code) {
    case SHIM_OK:
      return CHECKROB_OK;
    case SHIM_NOT_FOUND:
      return CHECKROB_ERROR_NOT_FOUND;
    case SHIM_BAD_ARCHIVE:
      return CHECKROB_ERROR_BAD_INPUT;
    case SHIM_UNSUPPORTED:
      return CHECKROB_ERROR_UNSUPPORTED;
    case SHIM_NO_MEMORY:
      return CHECKROB_ERROR_OUT_OF_MEMORY;
    case SHIM_BAD_ARGUMENT:
      return CHECKROB_ERROR_INVALID_ARGUMENT;
    default:
      return CHECKROB_ERROR;
  }
}

static checkrob_status fail(int code, const shim_error *error) {
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

int checkrob_model_set_threads(int threads) {
  atomic_store(&threads_are_set, 1);
  return shim_set_threads(threads);
}

checkrob_status checkrob_model_open(checkrob_model **out, const char *path) {
  if (!out || !path) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_open: NULL argument");
  /* libtorch's own default may be one thread, with which its convolutions are many times slower. */
  if (!atomic_load(&threads_are_set)) checkrob_model_set_threads(0);
  checkrob_model *model = calloc(1, sizeof *model);
  if (model) model->path = text_copy(path);
  if (!model || !model->path) {
    checkrob_model_free(model);
    return error_memory("a model");
  }
  shim_error error;
  int code = shim_model_open(&model->shim, path, &error);
  if (code != SHIM_OK) {
    checkrob_model_free(model);
    return fail(code, &error);
  }
  *out = model;
  return CHECKROB_OK;
}

void checkrob_model_free(checkrob_model *model) {
  if (!model) return;
  shim_model_free(model->shim);
  free(model->selected);
  free(model->path);
  free(model);
}

checkrob_status checkrob_model_probe(checkrob_model *model, uint32_t height, uint32_t width) {
  if (!model || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_probe: NULL model or empty input size");
  const int64_t shape[4] = {1, 3, height, width};
  shim_error error;
  model->probed = 0;
  free(model->selected); /* it was chosen for another input size */
  model->selected = NULL;
  int code = shim_model_probe(model->shim, shape, &error);
  if (code != SHIM_OK) return fail(code, &error);
  model->probed = 1;
  return CHECKROB_OK;
}

int64_t checkrob_model_class_count(const checkrob_model *model) {
  return model && model->probed ? shim_model_class_count(model->shim) : 0;
}

size_t checkrob_model_layer_count(const checkrob_model *model) {
  return model && model->probed ? shim_model_layer_count(model->shim) : 0;
}

checkrob_status checkrob_model_layer(checkrob_layer *out, const checkrob_model *model, size_t index) {
  if (!out || index >= checkrob_model_layer_count(model))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_layer: no layer %zu", index);
  shim_layer layer;
  shim_model_layer(model->shim, index, &layer);
  checkrob_layer full = CHECKROB_LAYER_INIT;
  full.path = layer.path;
  full.type = layer.type;
  full.rank = layer.rank > 0 ? (size_t)layer.rank : 0;
  if (full.rank > CHECKROB_LAYER_MAX_RANK) full.rank = CHECKROB_LAYER_MAX_RANK; /* such a layer is unusable */
  for (size_t i = 0; i < full.rank; i++) full.shape[i] = layer.shape[i];
  full.usable = layer.usable;
  full.is_auto = index == shim_model_auto_layer(model->shim);
  return structure_give(out, &full, sizeof full);
}

static checkrob_status no_such_layer(const checkrob_model *model, const char *path) {
  nearest_names near;
  nearest_start(&near, path);
  for (size_t i = 0; i < shim_model_layer_count(model->shim); i++) {
    shim_layer layer;
    shim_model_layer(model->shim, i, &layer);
    if (layer.usable) nearest_offer(&near, layer.path);
  }
  char list[512];
  nearest_list(list, sizeof list, &near);
  if (!list[0])
    return error_set(CHECKROB_ERROR_NOT_FOUND, "%s has no layer '%s', nor any other with a feature map",
                     model->path, path);
  return error_set(CHECKROB_ERROR_NOT_FOUND, "%s has no layer '%s'; the nearest names are %s", model->path,
                   path, list);
}

checkrob_status checkrob_model_select_layer(checkrob_model *model, const char *path) {
  if (!model || !path || !model->probed)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_model_select_layer: NULL argument or no probe before");
  if (strcmp(path, "auto") == 0) {
    size_t index = shim_model_auto_layer(model->shim);
    if (index >= shim_model_layer_count(model->shim))
      return error_set(CHECKROB_ERROR_UNSUPPORTED,
                       "%s has no spatial feature map before a pooling that 'auto' could pick; name a layer "
                       "(`checkrob layers` lists them)",
                       model->path);
    shim_layer layer;
    shim_model_layer(model->shim, index, &layer);
    path = layer.path;
  }
  char *copy = text_copy(path);
  if (!copy) return error_memory("a layer's path");
  shim_error error;
  int code = shim_model_cut(model->shim, path, &error);
  if (code != SHIM_OK) {
    free(copy);
    return code == SHIM_NOT_FOUND ? no_such_layer(model, path) : fail(code, &error);
  }
  free(model->selected);
  model->selected = copy;
  return CHECKROB_OK;
}

const char *checkrob_model_selected_layer(const checkrob_model *model) {
  return model ? model->selected : NULL;
}

checkrob_status checkrob_model_set_score_function(checkrob_model *model, checkrob_score_function function) {
  if (!model || !checkrob_score_function_name(function))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_model_set_score_function: NULL model or unknown score function");
  static const int shim_scores[] = {[CHECKROB_SCORE_LOGIT] = SHIM_SCORE_LOGIT,
                                    [CHECKROB_SCORE_PROBABILITY] = SHIM_SCORE_PROBABILITY,
                                    [CHECKROB_SCORE_MARGIN] = SHIM_SCORE_MARGIN};
  shim_model_set_score(model->shim, shim_scores[function]);
  return CHECKROB_OK;
}

checkrob_status checkrob_model_run(checkrob_capture **out, checkrob_model *model, const float *input,
                                   size_t batch, uint32_t height, uint32_t width, const int64_t *targets) {
  if (!out || !model || !input || batch == 0 || batch > INT32_MAX || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_run: NULL argument or empty batch");
  if (!model->selected)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_model_run: no layer is chosen; call checkrob_model_select_layer first");
  checkrob_capture *capture = calloc(1, sizeof *capture);
  if (!capture) return error_memory("a batch's results");
  const int64_t shape[4] = {(int64_t)batch, 3, height, width};
  shim_error error;
  int code = shim_model_run(&capture->shim, model->shim, input, shape, targets, &error);
  if (code != SHIM_OK) {
    free(capture);
    return fail(code, &error);
  }
  *out = capture;
  return CHECKROB_OK;
}

void checkrob_capture_free(checkrob_capture *capture) {
  if (!capture) return;
  shim_capture_free(&capture->shim);
  free(capture);
}

const float *checkrob_capture_logits(const checkrob_capture *capture) {
  return capture->shim.logits;
}

const float *checkrob_capture_activation(const checkrob_capture *capture) {
  return capture->shim.activation;
}

const float *checkrob_capture_gradient(const checkrob_capture *capture) {
  return capture->shim.gradient;
}

void checkrob_capture_shape(size_t shape[4], const checkrob_capture *capture) {
  shape[0] = (size_t)capture->shim.batch;
  shape[1] = (size_t)capture->shim.channels;
  shape[2] = (size_t)capture->shim.height;
  shape[3] = (size_t)capture->shim.width;
}
