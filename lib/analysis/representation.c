/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/representation.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/failure.h"
#include "analysis/pooling.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#define NO_INPUT SIZE_MAX

/* One layer of the current batch. */
typedef struct layer_values {
  const char *name;
  size_t shape[3];     /* C, h, w; C, 1, 1 if pooled; zeros before the first batch */
  const float *values; /* [rows, C, h, w], or [rows, C] */
  float *pooled;       /* [batch, C]; NULL without pooling */
} layer_values;

struct checkrob_batch {
  size_t rows;
  const char **images; /* [batch] */
  layer_values *layers;
  size_t layer_count;
};

typedef struct reading {
  checkrob_cut *cut;
  checkrob_pooling pool;
  checkrob_batch_callback on_batch;
  void *user_data;
  analysis_setup setup;
  char *names; /* split at its commas */
  checkrob_batch batch;
  size_t *chosen; /* [batch]: the sample of each row */
  /* [batch, 3, H, W]: for batches that contain an image more than once; NULL before. */
  float *input;
  size_t last_input; /* input of the last sample */
  size_t rows;
} reading;

/* ---- the public view of a batch ---- */

size_t checkrob_batch_rows(const checkrob_batch *batch) {
  return batch ? batch->rows : 0;
}

const char *checkrob_batch_image(const checkrob_batch *batch, size_t row) {
  return batch && row < batch->rows ? batch->images[row] : NULL;
}

size_t checkrob_batch_layer_count(const checkrob_batch *batch) {
  return batch ? batch->layer_count : 0;
}

const char *checkrob_batch_layer(const checkrob_batch *batch, size_t layer) {
  return batch && layer < batch->layer_count ? batch->layers[layer].name : NULL;
}

void checkrob_batch_shape(size_t shape[3], const checkrob_batch *batch, size_t layer) {
  if (!shape) return;
  memset(shape, 0, 3 * sizeof *shape);
  if (batch && layer < batch->layer_count) memcpy(shape, batch->layers[layer].shape, 3 * sizeof *shape);
}

const float *checkrob_batch_values(const checkrob_batch *batch, size_t layer) {
  return batch && layer < batch->layer_count ? batch->layers[layer].values : NULL;
}

/* ---- begin and end ---- */

static void name_layers(reading *r) {
  char *name = r->names;
  for (size_t i = 0; i < r->batch.layer_count; i++) {
    r->batch.layers[i].name = name;
    name += strcspn(name, ",");
    if (*name) *name++ = '\0';
  }
}

static checkrob_status begin(void *self, const analysis_setup *setup) {
  reading *r = self;
  r->setup = *setup;
  r->rows = 0;
  r->last_input = NO_INPUT;
  r->batch = (checkrob_batch){.layer_count = checkrob_cut_layer_count(r->cut)};
  r->names = text_copy(checkrob_cut_layers(r->cut));
  r->batch.layers = calloc(r->batch.layer_count, sizeof *r->batch.layers);
  r->batch.images = calloc(setup->batch, sizeof *r->batch.images);
  r->chosen = calloc(setup->batch, sizeof *r->chosen);
  if (!r->chosen || !r->names || !r->batch.layers || !r->batch.images)
    return error_memory("a batch; use a smaller one");
  name_layers(r);
  return CHECKROB_OK;
}

static void end(void *self) {
  reading *r = self;
  for (size_t i = 0; r->batch.layers && i < r->batch.layer_count; i++) free(r->batch.layers[i].pooled);
  free(r->batch.layers);
  free(r->batch.images);
  free(r->names);
  free(r->chosen);
  free(r->input);
  r->batch = (checkrob_batch){0};
  r->names = NULL;
  r->chosen = NULL;
  r->input = NULL;
}

/* ---- a batch ---- */

/* The samples of an image are consecutive. Only the first is read. *input receives the images, each once. */
static checkrob_status choose_images(const float **input, reading *r, const analysis_batch *batch) {
  size_t numbers = (size_t)3 * r->setup.height * r->setup.width;
  r->batch.rows = 0;
  for (size_t n = 0; n < batch->count; n++) {
    size_t number = checkrob_sample_input(batch->samples[n].sample);
    if (number == r->last_input || batch->failures[n]) continue; /* or an earlier analysis found out */
    r->last_input = number;
    r->chosen[r->batch.rows] = n;
    r->batch.images[r->batch.rows++] = checkrob_sample_image(batch->samples[n].sample);
  }
  *input = batch->input;
  if (r->batch.rows < batch->count && r->batch.rows > 0) {
    if (!r->input) r->input = malloc(r->setup.batch * numbers * sizeof *r->input);
    for (size_t i = 0; r->input && i < r->batch.rows; i++)
      memcpy(r->input + i * numbers, batch->input + r->chosen[i] * numbers, numbers * sizeof *r->input);
    *input = r->input;
  }
  return *input ? CHECKROB_OK : error_memory("a batch; use a smaller one");
}

/* The array that is written has one shape. */
static checkrob_status check_shape(const layer_values *layer, const size_t shape[3]) {
  if (layer->shape[0] == 0 || memcmp(layer->shape, shape, sizeof layer->shape) == 0) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_MODEL_UNSUPPORTED,
      "layer %s returned [%zu,%zu,%zu] for an image and [%zu,%zu,%zu] for an earlier one, which do "
      "not fit in one array; pool the positions, or choose another layer",
      layer->name, shape[0], shape[1], shape[2], layer->shape[0], layer->shape[1], layer->shape[2]);
}

static checkrob_status fill_layer(reading *r, size_t i, const checkrob_capture *capture) {
  layer_values *layer = &r->batch.layers[i];
  bool pooled = r->pool != CHECKROB_POOLING_NONE;
  size_t shape[4];
  checkrob_capture_shape(shape, capture, i);
  if (pooled && !layer->pooled) layer->pooled = malloc(r->setup.batch * shape[1] * sizeof *layer->pooled);
  if (pooled && !layer->pooled) return error_memory("pooled representations");
  const size_t row[3] = {shape[1], pooled ? 1 : shape[2], pooled ? 1 : shape[3]};
  checkrob_status status = check_shape(layer, row);
  if (status) return status;
  if (pooled) pool_layer(layer->pooled, capture, i, r->pool);
  memcpy(layer->shape, row, sizeof row);
  layer->values = pooled ? layer->pooled : checkrob_capture_activation(capture, i);
  return CHECKROB_OK;
}

/* Runs `input`, one image for each row of the batch, and passes the rows on. */
static checkrob_status read_rows(reading *r, analysis_batch *batch, const float *input) {
  checkrob_capture *capture = NULL;
  double start = clock_seconds();
  checkrob_status status =
      checkrob_cut_run(&capture, r->cut, input, r->batch.rows, r->setup.height, r->setup.width, NULL);
  batch->model_seconds += clock_seconds() - start;
  for (size_t i = 0; i < r->batch.layer_count && !status; i++) status = fill_layer(r, i, capture);
  if (!status) r->rows += r->batch.rows;
  if (!status && r->on_batch && r->on_batch(&r->batch, r->user_data) != 0)
    status = error_set(CHECKROB_ERROR_INTERRUPTED, "the batch callback interrupted the pass");
  checkrob_capture_free(capture);
  return status;
}

/* The model raised an error on the batch: rows without the images that cause it. */
static checkrob_status read_one_by_one(reading *r, analysis_batch *batch, const float *input) {
  if (r->batch.rows == 1) return analysis_batch_note(batch, r->chosen[0]);
  const checkrob_batch all = r->batch;
  size_t numbers = (size_t)3 * r->setup.height * r->setup.width;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < all.rows && !status; i++) {
    r->batch.rows = 1;
    r->batch.images = all.images + i;
    status = read_rows(r, batch, input + i * numbers);
    if (model_raised(status)) status = analysis_batch_note(batch, r->chosen[i]);
  }
  r->batch.rows = all.rows;
  r->batch.images = all.images;
  return status;
}

static checkrob_status read_batch(void *self, analysis_batch *batch) {
  reading *r = self;
  const float *input = NULL;
  checkrob_status status = choose_images(&input, r, batch);
  if (status || r->batch.rows == 0) return status;
  status = read_rows(r, batch, input);
  return model_raised(status) ? read_one_by_one(r, batch, input) : status;
}

size_t representation_rows(const analysis *representation) {
  return ((const reading *)representation->self)->rows;
}

checkrob_status representation_new(analysis *out, checkrob_cut *cut, checkrob_pooling pool,
                                   checkrob_batch_callback on_batch, void *user_data) {
  reading *r = calloc(1, sizeof *r);
  if (!r) return error_memory("an analysis");
  r->cut = cut;
  r->pool = pool;
  r->on_batch = on_batch;
  r->user_data = user_data;
  *out = (analysis){.name = "representation",
                    .needs = ANALYSIS_TENSOR,
                    .self = r,
                    .begin = begin,
                    .batch = read_batch,
                    .end = end,
                    .destroy = free};
  return CHECKROB_OK;
}
