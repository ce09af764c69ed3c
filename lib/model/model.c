#include "model/model.h"

#include <checkrob/version.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "model/capture.h"
#include "model/nearest.h"
#include "shim/shim.h"

struct checkrob_model {
  shim_model *shim;
  char *path;
  char *selected; /* layer paths with commas between, never "auto"; NULL before a selection */
  size_t selected_count;
  uint64_t selection, selections; /* the number of the one that stands, 0: none; how many there were */
  int probed;
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
  return shim_set_threads(threads > 0 ? threads : (int)cpu_count());
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

/* Layers were chosen, or numbers found, for what is about to change. */
static void forget_probe(checkrob_model *model) {
  model->probed = 0;
  free(model->selected);
  model->selected = NULL;
  model->selected_count = 0;
  model->selection = 0;
}

checkrob_status checkrob_model_set_device(checkrob_model *model, const char *device) {
  if (!model || !device)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_set_device: NULL argument");
  shim_error error;
  int code = shim_model_set_device(model->shim, device, &error);
  if (code != SHIM_OK) return fail(code, &error);
  forget_probe(model);
  return CHECKROB_OK;
}

checkrob_status checkrob_model_set_layout(checkrob_model *model, checkrob_layout layout,
                                          int64_t prefix_tokens) {
  static const int shim_layouts[] = {[CHECKROB_LAYOUT_AUTO] = SHIM_LAYOUT_AUTO,
                                     [CHECKROB_LAYOUT_NCHW] = SHIM_LAYOUT_NCHW,
                                     [CHECKROB_LAYOUT_NHWC] = SHIM_LAYOUT_NHWC,
                                     [CHECKROB_LAYOUT_TOKENS] = SHIM_LAYOUT_TOKENS};
  if (!model || !checkrob_layout_name(layout) || prefix_tokens < -1 || prefix_tokens > 4096)
    return error_set(
        CHECKROB_ERROR_INVALID_ARGUMENT,
        "checkrob_model_set_layout: NULL model, unknown layout or a number of prefix tokens that "
        "is not in -1 to 4096");
  shim_model_set_layout(model->shim, shim_layouts[layout], prefix_tokens);
  forget_probe(model);
  return CHECKROB_OK;
}

checkrob_status checkrob_model_probe(checkrob_model *model, uint32_t height, uint32_t width) {
  if (!model || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_probe: NULL model or empty input size");
  const int64_t shape[4] = {1, 3, height, width};
  shim_error error;
  forget_probe(model);
  int code = shim_model_probe(model->shim, shape, &error);
  if (code != SHIM_OK) return fail(code, &error);
  model->probed = 1;
  return CHECKROB_OK;
}

checkrob_ending checkrob_model_ending(const checkrob_model *model) {
  static const checkrob_ending endings[] = {[SHIM_ENDING_LOGITS] = CHECKROB_ENDING_LOGITS,
                                            [SHIM_ENDING_SOFTMAX] = CHECKROB_ENDING_SOFTMAX,
                                            [SHIM_ENDING_LOG_SOFTMAX] = CHECKROB_ENDING_LOG_SOFTMAX,
                                            [SHIM_ENDING_SIGMOID] = CHECKROB_ENDING_SIGMOID,
                                            [SHIM_ENDING_PROBABILITIES] = CHECKROB_ENDING_PROBABILITIES};
  return model && model->probed ? endings[shim_model_ending(model->shim)] : CHECKROB_ENDING_LOGITS;
}

const char *checkrob_model_remark(const checkrob_model *model) {
  return model && model->probed ? shim_model_remark(model->shim) : "";
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

/* "relu" is the last call of a module that is called three times: "relu#3" is its other name. */
static int is_last_call(const checkrob_model *model, const char *path, const char *mark) {
  size_t length = (size_t)(mark - path), calls = 0;
  for (size_t i = 0; i < shim_model_layer_count(model->shim); i++) {
    shim_layer layer;
    shim_model_layer(model->shim, i, &layer);
    calls += strncmp(layer.path, path, length) == 0 && (!layer.path[length] || layer.path[length] == '#');
  }
  char number[24];
  snprintf(number, sizeof number, "%zu", calls);
  return calls > 0 && strcmp(mark + 1, number) == 0;
}

static int has_layer(const checkrob_model *model, const char *path) {
  if (strcmp(path, SHIM_INPUT_LAYER) == 0) return 1;
  for (size_t i = 0; i < shim_model_layer_count(model->shim); i++) {
    shim_layer layer;
    shim_model_layer(model->shim, i, &layer);
    if (strcmp(layer.path, path) == 0) return 1;
  }
  const char *mark = strrchr(path, '#');
  return mark && is_last_call(model, path, mark);
}

static checkrob_status no_such_layer(const checkrob_model *model, const char *path, int maps) {
  nearest_names near;
  nearest_start(&near, path);
  for (size_t i = 0; i < shim_model_layer_count(model->shim); i++) {
    shim_layer layer;
    shim_model_layer(model->shim, i, &layer);
    if (maps ? layer.usable : layer.readable) nearest_offer(&near, layer.path);
  }
  char list[512];
  nearest_list(list, sizeof list, &near);
  if (!list[0])
    return error_set(
        CHECKROB_ERROR_NOT_FOUND,
        "%s has no layer '%s', nor any other with a feature map (`checkrob layers --model %s` lists all)",
        model->path, path, model->path);
  return error_set(CHECKROB_ERROR_NOT_FOUND,
                   "%s has no layer '%s'; the nearest names are %s (`checkrob layers --model %s` lists all)",
                   model->path, path, list, model->path);
}

static checkrob_status auto_path(const char **path, const checkrob_model *model) {
  size_t index = shim_model_auto_layer(model->shim);
  if (index >= shim_model_layer_count(model->shim))
    return error_set(CHECKROB_ERROR_UNSUPPORTED,
                     "%s has no spatial feature map before a pooling that 'auto' could pick; name a layer "
                     "(`checkrob layers` lists them)",
                     model->path);
  shim_layer layer;
  shim_model_layer(model->shim, index, &layer);
  *path = layer.path;
  return CHECKROB_OK;
}

/* Several paths with commas between: the pieces of `text`, which is cut at its commas. */
typedef struct path_list {
  char *text;
  const char **paths;
  size_t count;
} path_list;

static void path_list_free(path_list *list) {
  free(list->text);
  free(list->paths);
}

static checkrob_status split_paths(path_list *list, const checkrob_model *model, const char *paths) {
  size_t commas = 0;
  for (const char *c = paths; *c; c++) commas += *c == ',';
  list->text = text_copy(paths);
  list->paths = calloc(commas + 1, sizeof *list->paths);
  if (!list->text || !list->paths) return error_memory("the layers' paths");
  for (char *next = list->text; next;) {
    char *path = next, *comma = strchr(path, ',');
    next = comma ? comma + 1 : NULL;
    if (comma) *comma = '\0';
    const char *chosen = path;
    checkrob_status status = strcmp(path, "auto") == 0 ? auto_path(&chosen, model) : CHECKROB_OK;
    if (status != CHECKROB_OK) return status;
    if (!*chosen)
      return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "'%s' holds an empty layer path; write a,b,c", paths);
    for (size_t i = 0; i < list->count; i++)
      if (strcmp(list->paths[i], chosen) == 0)
        return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "layer '%s' is chosen twice", chosen);
    list->paths[list->count++] = chosen;
  }
  return CHECKROB_OK;
}

static char *join_paths(const path_list *list) {
  size_t bytes = 1;
  for (size_t i = 0; i < list->count; i++) bytes += strlen(list->paths[i]) + 1;
  char *text = malloc(bytes);
  if (!text) return NULL;
  char *end = text;
  for (size_t i = 0; i < list->count; i++) {
    size_t length = strlen(list->paths[i]);
    if (i > 0) *end++ = ',';
    memcpy(end, list->paths[i], length);
    end += length;
  }
  *end = '\0';
  return text;
}

static checkrob_status select_paths(checkrob_model *model, const path_list *list, int maps) {
  char *joined = join_paths(list);
  if (!joined) return error_memory("the layers' paths");
  shim_error error;
  int code = shim_model_cut(model->shim, list->paths, list->count, maps, &error);
  if (code == SHIM_OK) {
    free(model->selected);
    model->selected = joined;
    model->selected_count = list->count;
    model->selection = ++model->selections;
    return CHECKROB_OK;
  }
  free(joined);
  if (code == SHIM_NOT_FOUND && list->count == 1) return no_such_layer(model, list->paths[0], maps);
  for (size_t i = 0; code == SHIM_NOT_FOUND && i < list->count; i++)
    if (!has_layer(model, list->paths[i])) return no_such_layer(model, list->paths[i], maps);
  return fail(code, &error);
}

static checkrob_status select_named(checkrob_model *model, const char *paths, int maps) {
  if (!model || !paths || !model->probed)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_model_select_layer: NULL argument or no probe before");
  path_list list = {NULL, NULL, 0};
  checkrob_status status = split_paths(&list, model, paths);
  if (status == CHECKROB_OK) status = select_paths(model, &list, maps);
  path_list_free(&list);
  return status;
}

checkrob_status checkrob_model_select_layer(checkrob_model *model, const char *paths) {
  return select_named(model, paths, 1);
}

checkrob_status checkrob_model_select_representation(checkrob_model *model, const char *paths) {
  return select_named(model, paths, 0);
}

const char *checkrob_model_selected_layer(const checkrob_model *model) {
  return model ? model->selected : NULL;
}

uint64_t model_selection(const checkrob_model *model) {
  return model->selection;
}

size_t checkrob_model_selected_count(const checkrob_model *model) {
  return model ? model->selected_count : 0;
}

checkrob_status checkrob_model_set_score_function(checkrob_model *model, checkrob_score_function function) {
  if (!model || !checkrob_score_function_name(function))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_model_set_score_function: NULL model or unknown score function");
  static const int shim_scores[] = {[CHECKROB_SCORE_LOGIT] = SHIM_SCORE_LOGIT,
                                    [CHECKROB_SCORE_PROBABILITY] = SHIM_SCORE_PROBABILITY,
                                    [CHECKROB_SCORE_MARGIN] = SHIM_SCORE_MARGIN,
                                    [CHECKROB_SCORE_LOG_ODDS] = SHIM_SCORE_LOG_ODDS};
  shim_model_set_score(model->shim, shim_scores[function]);
  return CHECKROB_OK;
}

checkrob_status model_run(checkrob_capture **out, checkrob_model *model, const float *input, size_t batch,
                          uint32_t height, uint32_t width, const int64_t *targets, int activations) {
  if (!out || !model || !input || batch == 0 || batch > INT32_MAX || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_model_run: NULL argument or empty batch");
  if (!model->selected)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_model_run: no layer is chosen; call checkrob_model_select_layer first");
  const int64_t shape[4] = {(int64_t)batch, 3, height, width};
  shim_capture arrays;
  shim_error error;
  int code = shim_model_run(&arrays, model->shim, input, shape, targets, activations, &error);
  if (code != SHIM_OK) return fail(code, &error);
  checkrob_capture *capture = capture_new(&arrays);
  if (!capture) return error_memory("a batch's results");
  *out = capture;
  return CHECKROB_OK;
}

checkrob_status checkrob_model_run(checkrob_capture **out, checkrob_model *model, const float *input,
                                   size_t batch, uint32_t height, uint32_t width, const int64_t *targets) {
  return model_run(out, model, input, batch, height, width, targets, 1);
}

checkrob_status model_ablate(float **out, size_t *channels, checkrob_model *model, const float *input,
                             uint32_t height, uint32_t width, size_t layer, size_t batch) {
  const int64_t shape[4] = {1, 3, height, width};
  int64_t count = 0;
  shim_error error;
  int code = shim_model_ablate(out, &count, model->shim, input, shape, layer, (int64_t)batch, &error);
  if (code != SHIM_OK) return fail(code, &error);
  *channels = (size_t)count;
  return CHECKROB_OK;
}
