/* SPDX-License-Identifier: Apache-2.0 */
/* The handle: it stores the settings, chooses the family, and combines the maps of several layers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/named.h"
#include "explain/explain.h"
#include "model/model.h"
#include "saliency/method.h"

struct checkrob_explanation {
  size_t count, height, width;
  float *logits;
  float *maps;        /* [count, height, width] */
  float *attribution; /* the same of the only layer, or NULL */
};

static const named_value combines[] = {{CHECKROB_COMBINE_MEAN, "mean"}, {CHECKROB_COMBINE_MAX, "max"}};

#define COMBINE_COUNT (sizeof combines / sizeof combines[0])

checkrob_status checkrob_combine_find(checkrob_combine *out, const char *name) {
  if (!out || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_combine_find: NULL argument");
  int value = 0;
  if (!named_find(&value, combines, COMBINE_COUNT, name))
    return error_set(CHECKROB_ERROR_NOT_FOUND, "maps cannot be combined by '%s'; choose mean or max", name);
  *out = (checkrob_combine)value;
  return CHECKROB_OK;
}

const char *checkrob_combine_name(checkrob_combine combine) {
  return named_name(combines, COMBINE_COUNT, (int)combine);
}

static const named_value references[] = {{CHECKROB_REFERENCE_NONE, "none"},
                                         {CHECKROB_REFERENCE_BLANK, "blank"}};

#define REFERENCE_COUNT (sizeof references / sizeof references[0])

checkrob_status checkrob_reference_find(checkrob_reference *out, const char *name) {
  if (!out || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_reference_find: NULL argument");
  int value = 0;
  if (!named_find(&value, references, REFERENCE_COUNT, name))
    return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no reference '%s'; choose none or blank", name);
  *out = (checkrob_reference)value;
  return CHECKROB_OK;
}

const char *checkrob_reference_name(checkrob_reference reference) {
  return named_name(references, REFERENCE_COUNT, (int)reference);
}

/* ---- the handle ---- */

/* Values were validated when they were set. A name that this room does not know is still an error. */
static checkrob_status read_options(checkrob_explainer *explainer, const checkrob_options *options) {
  checkrob_method method = CHECKROB_METHOD_GRADCAMPP;
  checkrob_status status = checkrob_method_find(&method, checkrob_options_text(options, "method"));
  if (status == CHECKROB_OK)
    status = checkrob_score_function_find(&explainer->score, checkrob_options_text(options, "score"));
  if (status == CHECKROB_OK)
    status = checkrob_reference_find(&explainer->reference, checkrob_options_text(options, "reference"));
  if (status == CHECKROB_OK)
    status = checkrob_combine_find(&explainer->combine, checkrob_options_text(options, "combine"));
  if (status != CHECKROB_OK) return status;
  explainer->method.size = sizeof explainer->method;
  for (size_t i = 0; i < checkrob_method_count() && explainer->method.method != method; i++)
    checkrob_method_at(&explainer->method, i);
  if (method == CHECKROB_METHOD_CAM) explainer->score = CHECKROB_SCORE_LOGIT;
  explainer->noise_samples = (size_t)checkrob_options_integer(options, "noise_samples");
  explainer->steps = (size_t)checkrob_options_integer(options, "steps");
  explainer->map_batch = (size_t)checkrob_options_integer(options, "map_batch");
  explainer->seed = (uint64_t)checkrob_options_integer(options, "seed");
  return CHECKROB_OK;
}

static checkrob_status make_cut(checkrob_explainer *explainer, const char *layers) {
  const checkrob_method_info *method = &explainer->method;
  if (!*layers)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "the method %s needs a layer; set the option layer",
                     method->name);
  if (method->at_input) {
    if (strcmp(layers, "auto") != 0 && strcmp(layers, CHECKROB_LAYER_INPUT) != 0)
      return error_set(
          CHECKROB_ERROR_INVALID_ARGUMENT,
          "%s explains the input itself and has no layer such as '%s'; set the option layer to auto",
          method->name, layers);
    layers = CHECKROB_LAYER_INPUT;
  }
  return checkrob_cut_new(&explainer->cut, explainer->model, layers, explainer->score,
                          method->needs_gradient ? CHECKROB_CUT_GRADIENTS : CHECKROB_CUT_MAPS);
}

checkrob_status checkrob_explainer_new(checkrob_explainer **out, const checkrob_model *model,
                                       const checkrob_options *options) {
  if (!out || !model)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_explainer_new: NULL argument");
  checkrob_explainer *explainer = calloc(1, sizeof *explainer);
  if (!explainer) return error_memory("an explainer");
  explainer->model = model;
  checkrob_status status = read_options(explainer, options);
  if (status == CHECKROB_OK) status = make_cut(explainer, checkrob_options_text(options, "layer"));
  if (status == CHECKROB_OK)
    *out = explainer;
  else
    checkrob_explainer_free(explainer);
  return status;
}

void checkrob_explainer_free(checkrob_explainer *explainer) {
  if (!explainer) return;
  checkrob_capture_free(explainer->blank.capture);
  checkrob_cut_free(explainer->cut);
  free(explainer);
}

const char *checkrob_explainer_layers(const checkrob_explainer *explainer) {
  return explainer ? checkrob_cut_layers(explainer->cut) : "";
}

void checkrob_explainer_interrupt(checkrob_explainer *explainer) {
  if (explainer) checkrob_cut_interrupt(explainer->cut);
}

/* ---- combining the maps of several layers ---- */

static void add_map(double *sum, const float *map, size_t pixels, checkrob_combine combine) {
  for (size_t i = 0; i < pixels; i++) {
    double value = (double)map[i];
    sum[i] = combine == CHECKROB_COMBINE_MEAN ? sum[i] + value : fmax(sum[i], value);
  }
}

/* Normalisation removes the factor between sum and mean. */
static checkrob_status combine_image(float *out, double *sum, float *upsampled, const batch_maps *maps,
                                     const checkrob_explainer *explainer, const image_batch *batch,
                                     size_t n) {
  size_t pixels = pixels_of(batch);
  memset(sum, 0, pixels * sizeof *sum);
  for (size_t i = 0; i < maps->layer_count; i++) {
    const layer_maps *layer = &maps->layers[i];
    checkrob_status status = checkrob_saliency_upsample(upsampled, batch->height, batch->width,
                                                        layer->maps + n * layer->height * layer->width,
                                                        layer->height, layer->width);
    if (status != CHECKROB_OK) return status;
    add_map(sum, upsampled, pixels, explainer->combine);
  }
  saliency_normalise(out, sum, pixels);
  return CHECKROB_OK;
}

static checkrob_status combine_layers(checkrob_explanation *out, const batch_maps *maps,
                                      const checkrob_explainer *explainer, const image_batch *batch) {
  size_t pixels = pixels_of(batch);
  double *sum = malloc(pixels * sizeof *sum);
  float *upsampled = malloc(pixels * sizeof *upsampled);
  out->height = batch->height;
  out->width = batch->width;
  out->maps = malloc(batch->count * pixels * sizeof *out->maps);
  checkrob_status status =
      sum && upsampled && out->maps ? CHECKROB_OK : error_memory("the combined saliency maps");
  for (size_t n = 0; n < batch->count && status == CHECKROB_OK; n++)
    status = combine_image(out->maps + n * pixels, sum, upsampled, maps, explainer, batch, n);
  free(sum);
  free(upsampled);
  return status;
}

/* Moves the arrays to the explanation, which then owns them. */
static checkrob_status finish(checkrob_explanation *out, batch_maps *maps,
                              const checkrob_explainer *explainer, const image_batch *batch) {
  out->count = batch->count;
  out->logits = maps->logits;
  maps->logits = NULL;
  if (maps->layer_count > 1) return combine_layers(out, maps, explainer, batch);
  out->height = maps->layers[0].height;
  out->width = maps->layers[0].width;
  out->maps = maps->layers[0].maps;
  maps->layers[0].maps = NULL;
  out->attribution = maps->attribution;
  maps->attribution = NULL;
  return CHECKROB_OK;
}

/* ---- running ---- */

static method_family family_of(checkrob_method method) {
  switch (method) {
    case CHECKROB_METHOD_SMOOTHGRADCAMPP:
      return explain_smoothly;
    case CHECKROB_METHOD_SCORECAM:
      return explain_by_masking;
    case CHECKROB_METHOD_ABLATIONCAM:
      return explain_by_ablation;
    case CHECKROB_METHOD_INTEGRATED_GRADIENTS:
      return explain_by_integration;
    default:
      return explain_at_once;
  }
}

static checkrob_status check_targets(const checkrob_explainer *explainer, const image_batch *batch) {
  int64_t classes = checkrob_model_class_count(explainer->model);
  for (size_t n = 0; n < batch->count; n++)
    if (batch->targets[n] < 0 || batch->targets[n] >= classes)
      return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                       "target %lld of image %zu of the batch: the model has classes 0 to %lld",
                       (long long)batch->targets[n], n, (long long)classes - 1);
  return CHECKROB_OK;
}

checkrob_status checkrob_explainer_run(checkrob_explanation **out, checkrob_explainer *explainer,
                                       const float *input, size_t count, uint32_t height, uint32_t width,
                                       const int64_t *targets) {
  if (!out || !explainer || !input || !targets || count == 0 || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_explainer_run: NULL argument or empty batch");
  image_batch batch = {input, count, height, width, targets};
  checkrob_status status = check_targets(explainer, &batch);
  if (status != CHECKROB_OK) return status;
  checkrob_explanation *explanation = calloc(1, sizeof *explanation);
  if (!explanation) return error_memory("an explanation");
  batch_maps maps = {0};
  status = family_of(explainer->method.method)(&maps, explainer, &batch);
  if (status == CHECKROB_OK) status = finish(explanation, &maps, explainer, &batch);
  batch_maps_clear(&maps);
  if (status == CHECKROB_OK)
    *out = explanation;
  else
    checkrob_explanation_free(explanation);
  return status;
}

void checkrob_explanation_free(checkrob_explanation *explanation) {
  if (!explanation) return;
  free(explanation->logits);
  free(explanation->maps);
  free(explanation->attribution);
  free(explanation);
}

const float *checkrob_explanation_logits(const checkrob_explanation *explanation) {
  return explanation ? explanation->logits : NULL;
}

static void write_shape(size_t shape[2], const checkrob_explanation *explanation) {
  if (!shape) return;
  shape[0] = explanation->height;
  shape[1] = explanation->width;
}

const float *checkrob_explanation_map(size_t shape[2], const checkrob_explanation *explanation, size_t n) {
  if (!explanation || n >= explanation->count) return NULL;
  write_shape(shape, explanation);
  return explanation->maps + n * explanation->height * explanation->width;
}

const float *checkrob_explanation_attribution(size_t shape[2], const checkrob_explanation *explanation,
                                              size_t n) {
  if (!explanation || n >= explanation->count || !explanation->attribution) return NULL;
  write_shape(shape, explanation);
  return explanation->attribution + n * explanation->height * explanation->width;
}
