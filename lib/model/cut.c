/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/cut.h>
#include <stdlib.h>

#include "base/error.h"
#include "model/capture.h"
#include "model/handle.h"
#include "model/model.h"

struct checkrob_cut {
  shim_cut *shim;
  char *layers; /* with commas between, never "auto" */
  size_t layer_count;
  unsigned capture;
  atomic_int interrupted; /* 1: by checkrob_cut_interrupt() */
};

#define CAPTURES_ARRAYS (CHECKROB_CUT_ACTIVATIONS | CHECKROB_CUT_MAPS | CHECKROB_CUT_GRADIENTS)
#define NEEDS_MAPS (CHECKROB_CUT_MAPS | CHECKROB_CUT_GRADIENTS)

static checkrob_status check(const checkrob_model *model, const char *layers, checkrob_score_function score,
                             unsigned capture) {
  if (!model) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_cut_new: NULL argument");
  if (!checkrob_score_function_name(score))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_cut_new: there is no score function %d",
                     (int)score);
  bool forward_only = !layers || !*layers;
  if ((capture & ~(unsigned)CAPTURES_ARRAYS) || forward_only != (capture == 0))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_cut_new: capture is %u with the layers '%s'; with layers it must be a sum of "
                     "CHECKROB_CUT_..., without layers 0",
                     capture, layers ? layers : "");
  return CHECKROB_OK;
}

static checkrob_status cut_layers(checkrob_cut *cut, const checkrob_model *model, const layer_list *list,
                                  checkrob_score_function score) {
  static const int shim_scores[] = {[CHECKROB_SCORE_LOGIT] = SHIM_SCORE_LOGIT,
                                    [CHECKROB_SCORE_PROBABILITY] = SHIM_SCORE_PROBABILITY,
                                    [CHECKROB_SCORE_MARGIN] = SHIM_SCORE_MARGIN,
                                    [CHECKROB_SCORE_LOG_ODDS] = SHIM_SCORE_LOG_ODDS};
  cut->layer_count = list->count;
  cut->layers = layer_list_join(list);
  if (!cut->layers) return error_memory("the layers' paths");
  bool maps = (cut->capture & NEEDS_MAPS) != 0;
  shim_error error;
  int code =
      shim_cut_new(&cut->shim, model->shim, list->paths, list->count, maps, shim_scores[score], &error);
  if (code == SHIM_NOT_FOUND && list->count > 0) return layer_list_missing(list, model, maps);
  return code == SHIM_OK ? CHECKROB_OK : model_fail(code, &error);
}

checkrob_status checkrob_cut_new(checkrob_cut **out, const checkrob_model *model, const char *layers,
                                 checkrob_score_function score, unsigned capture) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_cut_new: NULL argument");
  checkrob_status status = check(model, layers, score, capture);
  if (status != CHECKROB_OK) return status;
  checkrob_cut *cut = calloc(1, sizeof *cut);
  if (!cut) return error_memory("a cut");
  cut->capture = capture;
  layer_list list = {NULL, NULL, 0};
  if (capture != 0) status = layer_list_split(&list, model, layers);
  if (status == CHECKROB_OK) status = cut_layers(cut, model, &list, score);
  layer_list_free(&list);
  if (status == CHECKROB_OK)
    *out = cut;
  else
    checkrob_cut_free(cut);
  return status;
}

void checkrob_cut_free(checkrob_cut *cut) {
  if (!cut) return;
  shim_cut_free(cut->shim);
  free(cut->layers);
  free(cut);
}

const char *checkrob_cut_layers(const checkrob_cut *cut) {
  return cut ? cut->layers : "";
}

size_t checkrob_cut_layer_count(const checkrob_cut *cut) {
  return cut ? cut->layer_count : 0;
}

void checkrob_cut_interrupt(checkrob_cut *cut) {
  if (cut) atomic_store(&cut->interrupted, 1);
}

static checkrob_status run(checkrob_capture **out, checkrob_cut *cut, const float *input, size_t batch,
                           uint32_t height, uint32_t width, const int64_t *targets, bool arrays) {
  if (!out || !cut || !input || batch == 0 || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_cut_run: NULL argument or empty batch or size");
  if (batch > INT32_MAX)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_cut_run: a batch of %zu images is too large; the most are %d", batch,
                     INT32_MAX);
  if (targets && !(cut->capture & CHECKROB_CUT_GRADIENTS))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_cut_run: targets for a cut that was made without CHECKROB_CUT_GRADIENTS");
  const int64_t shape[4] = {(int64_t)batch, 3, height, width};
  shim_capture captured;
  shim_error error;
  int code = model_begin_run(&cut->interrupted);
  if (code == SHIM_OK) code = shim_cut_run(&captured, cut->shim, input, shape, targets, arrays, &error);
  checkrob_status status = model_end_run(&cut->interrupted, code, &error);
  if (status && code == SHIM_OK) shim_capture_free(&captured);
  if (status) return status;
  checkrob_capture *capture = capture_new(&captured);
  if (!capture) return error_memory("a batch's results");
  *out = capture;
  return CHECKROB_OK;
}

checkrob_status checkrob_cut_run(checkrob_capture **out, checkrob_cut *cut, const float *input, size_t batch,
                                 uint32_t height, uint32_t width, const int64_t *targets) {
  return run(out, cut, input, batch, height, width, targets, cut && cut->capture);
}

checkrob_status cut_run_logits(checkrob_capture **out, checkrob_cut *cut, const float *input, size_t batch,
                               uint32_t height, uint32_t width) {
  return run(out, cut, input, batch, height, width, NULL, false);
}

checkrob_status cut_ablate(float **out, checkrob_cut *cut, const float *input, uint32_t height,
                           uint32_t width, const cut_removal *removal) {
  const int64_t shape[4] = {1, 3, height, width};
  float *logits = NULL;
  shim_error error;
  int code = model_begin_run(&cut->interrupted);
  if (code == SHIM_OK)
    code =
        shim_cut_ablate(&logits, cut->shim, input, shape, removal->layer, removal->removed,
                        (int64_t)removal->rows, (int64_t)removal->channels, (int64_t)removal->batch, &error);
  checkrob_status status = model_end_run(&cut->interrupted, code, &error);
  if (status)
    free(logits);
  else
    *out = logits;
  return status;
}
