/* Reading representations out: as a run, but what the layers give is handed on instead of scored. */
#include <checkrob/extract.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/model.h"
#include "run/gather.h"
#include "run/pool.h"

struct checkrob_extraction {
  checkrob_model *model;
  const checkrob_dataset *dataset;
  const checkrob_preprocess *preprocess;
  checkrob_pool pool;
  size_t batch;
  int threads;
  char *layer;
  int executing;
  uint64_t prepared; /* as in a run */
  checkrob_batch_callback on_batch;
  void *batch_data;
  checkrob_failure_callback on_failure;
  void *failure_data;
  progress_function on_progress;
  void *progress_data;
  atomic_int cancelled; /* lock-free, so that a signal handler may set it */
  size_t rows, failed;
};

/* ---- the handle ---- */

checkrob_status checkrob_extraction_new(checkrob_extraction **out, checkrob_model *model,
                                        const checkrob_dataset *dataset,
                                        const checkrob_preprocess *preprocess) {
  if (!out || !model || !dataset || !preprocess)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_extraction_new: NULL argument");
  checkrob_extraction *extraction = calloc(1, sizeof *extraction);
  if (extraction) extraction->layer = text_copy("auto");
  if (!extraction || !extraction->layer) {
    free(extraction);
    return error_memory("an extraction");
  }
  extraction->model = model;
  extraction->dataset = dataset;
  extraction->preprocess = preprocess;
  extraction->pool = CHECKROB_POOL_NONE;
  extraction->batch = 16;
  *out = extraction;
  return CHECKROB_OK;
}

void checkrob_extraction_free(checkrob_extraction *extraction) {
  if (!extraction) return;
  free(extraction->layer);
  free(extraction);
}

static checkrob_status check_idle(const checkrob_extraction *extraction, const char *function) {
  if (!extraction) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s: NULL argument", function);
  if (!extraction->executing) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                   "%s: the extraction is being executed; change it before, or after it ended", function);
}

checkrob_status checkrob_extraction_set(checkrob_extraction *extraction, checkrob_extraction_option option,
                                        int64_t value) {
  checkrob_status status = check_idle(extraction, "checkrob_extraction_set");
  if (status != CHECKROB_OK) return status;
  switch (option) {
    case CHECKROB_EXTRACTION_POOL:
      if (value < 0 || value > INT32_MAX || !checkrob_pool_name((checkrob_pool)value)) break;
      extraction->pool = (checkrob_pool)value;
      return CHECKROB_OK;
    case CHECKROB_EXTRACTION_BATCH:
      if (value < 1 || value > 4096) break;
      extraction->batch = (size_t)value;
      return CHECKROB_OK;
    case CHECKROB_EXTRACTION_THREADS:
      if (value < 0 || value > 1024) break;
      extraction->threads = (int)value;
      return CHECKROB_OK;
  }
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                   "checkrob_extraction_set: option %d takes no %" PRId64
                   " (1: a checkrob_pool, 2: batch 1 to 4096, 3: threads 0 to 1024)",
                   (int)option, value);
}

checkrob_status checkrob_extraction_set_layer(checkrob_extraction *extraction, const char *paths) {
  checkrob_status status = check_idle(extraction, "checkrob_extraction_set_layer");
  if (status != CHECKROB_OK) return status;
  char *copy = paths ? text_copy(paths) : NULL;
  if (!paths)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_extraction_set_layer: NULL argument");
  if (!copy) return error_memory("the layers' paths");
  free(extraction->layer);
  extraction->layer = copy;
  extraction->prepared = 0;
  return CHECKROB_OK;
}

void checkrob_extraction_on_batch(checkrob_extraction *extraction, checkrob_batch_callback callback,
                                  void *user_data) {
  extraction->on_batch = callback;
  extraction->batch_data = user_data;
}

void checkrob_extraction_on_failure(checkrob_extraction *extraction, checkrob_failure_callback callback,
                                    void *user_data) {
  extraction->on_failure = callback;
  extraction->failure_data = user_data;
}

void checkrob_extraction_on_progress(checkrob_extraction *extraction,
                                     int (*callback)(size_t done, size_t total, void *user_data),
                                     void *user_data) {
  extraction->on_progress = callback;
  extraction->progress_data = user_data;
}

void checkrob_extraction_cancel(checkrob_extraction *extraction) {
  atomic_store(&extraction->cancelled, 1);
}

size_t checkrob_extraction_rows(const checkrob_extraction *extraction) {
  return extraction ? extraction->rows : 0;
}

size_t checkrob_extraction_failed(const checkrob_extraction *extraction) {
  return extraction ? extraction->failed : 0;
}

/* ---- one execution ---- */

typedef struct reading {
  checkrob_extraction *extraction;
  checkrob_cursor *cursor;
  gatherer gatherer;
  size_t layer_count;
  char *paths;                     /* cut at their commas: what the layers' names point into */
  checkrob_representation *layers; /* [layer_count]; rows of 0 before the first batch */
  float **pooled;                  /* [layer_count], each [batch, C]; NULL without pooling */
  const char **images;             /* [batch] */
} reading;

static void reading_free(reading *r) {
  pipeline_free(r->gatherer.line);
  checkrob_cursor_free(r->cursor);
  free(r->gatherer.input);
  for (size_t i = 0; r->pooled && i < r->layer_count; i++) free(r->pooled[i]);
  free(r->pooled);
  free(r->layers);
  free(r->paths);
  free(r->images);
}

static void name_layers(reading *r) {
  char *path = r->paths;
  for (size_t i = 0; i < r->layer_count; i++) {
    r->layers[i].size = sizeof *r->layers;
    r->layers[i].layer = path;
    path += strcspn(path, ",");
    if (*path) *path++ = '\0';
  }
}

static checkrob_status reading_start(reading *r) {
  checkrob_extraction *e = r->extraction;
  gatherer *g = &r->gatherer;
  g->batch = e->batch;
  g->stride =
      3 * (size_t)checkrob_preprocess_height(e->preprocess) * checkrob_preprocess_width(e->preprocess);
  g->cancelled = &e->cancelled;
  g->on_progress = e->on_progress;
  g->progress_data = e->progress_data;
  g->input = calloc(e->batch, g->stride * sizeof *g->input);
  r->layer_count = checkrob_model_selected_count(e->model);
  r->paths = text_copy(checkrob_model_selected_layer(e->model));
  r->layers = calloc(r->layer_count, sizeof *r->layers);
  r->pooled = calloc(r->layer_count, sizeof *r->pooled);
  r->images = calloc(e->batch, sizeof *r->images);
  if (!g->input || !r->paths || !r->layers || !r->pooled || !r->images)
    return error_memory("a batch; use a smaller one");
  name_layers(r);
  checkrob_status status = checkrob_cursor_new(&r->cursor, e->dataset, 0, 0);
  if (status != CHECKROB_OK) return status;
  g->cursor = r->cursor;
  size_t threads = (size_t)checkrob_model_set_threads(e->threads);
  pipeline_options options = {.cursor = r->cursor,
                              .preprocess = e->preprocess,
                              .limits = CHECKROB_IMAGE_LIMITS_INIT,
                              .without_regions = 1,
                              .slots = 2 * e->batch + threads,
                              .workers = threads};
  return pipeline_start(&g->line, &options);
}

/* The array that is being written has one shape. */
static checkrob_status check_shape(const checkrob_representation *layer, const size_t shape[3]) {
  if (layer->shape[0] == 0 || memcmp(layer->shape, shape, sizeof layer->shape) == 0) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_UNSUPPORTED,
      "layer %s gave [%zu,%zu,%zu] for an image and [%zu,%zu,%zu] for an earlier one, which makes no "
      "array; pool its positions, or choose another layer",
      layer->layer, shape[0], shape[1], shape[2], layer->shape[0], layer->shape[1], layer->shape[2]);
}

static checkrob_status fill_layer(reading *r, size_t i, const checkrob_capture *capture) {
  checkrob_representation *layer = &r->layers[i];
  checkrob_pool pool = r->extraction->pool;
  size_t shape[4];
  checkrob_capture_shape(shape, capture, i);
  if (pool != CHECKROB_POOL_NONE) {
    if (!r->pooled[i]) r->pooled[i] = malloc(r->extraction->batch * shape[1] * sizeof **r->pooled);
    if (!r->pooled[i]) return error_memory("pooled representations");
  }
  const size_t row[3] = {shape[1], pool == CHECKROB_POOL_NONE ? shape[2] : 1,
                         pool == CHECKROB_POOL_NONE ? shape[3] : 1};
  checkrob_status status = check_shape(layer, row);
  if (status != CHECKROB_OK) return status;
  if (pool != CHECKROB_POOL_NONE) pool_layer(r->pooled[i], capture, i, pool);
  layer->rows = shape[0];
  memcpy(layer->shape, row, sizeof row);
  layer->values = r->pooled[i] ? r->pooled[i] : checkrob_capture_activation(capture, i);
  return CHECKROB_OK;
}

static checkrob_status tell_failure(checkrob_extraction *e, const slot *s) {
  const char *message = s->message ? s->message : "out of memory";
  e->failed++;
  if (e->on_failure &&
      e->on_failure(checkrob_sample_image(s->sample), s->status, message, e->failure_data) != 0)
    return error_set(CHECKROB_ERROR_CANCELLED, "stopped by the failure callback");
  return CHECKROB_OK;
}

/* Names the rows' images, tells those that failed. */
static checkrob_status look_through(reading *r, size_t held, size_t *done) {
  size_t row = 0;
  for (size_t i = 0; i < held; i++) {
    slot *s = NULL;
    checkrob_status status = gather_slot(&s, &r->gatherer, i);
    if (status == CHECKROB_OK && s->status != CHECKROB_OK) status = tell_failure(r->extraction, s);
    if (status != CHECKROB_OK) return status;
    if (s->status == CHECKROB_OK) r->images[row++] = checkrob_sample_image(s->sample);
    *done = s->inputs_done;
  }
  return CHECKROB_OK;
}

static checkrob_status read_batch(reading *r, size_t good) {
  checkrob_extraction *e = r->extraction;
  checkrob_capture *capture = NULL;
  checkrob_status status = checkrob_model_run(&capture, e->model, r->gatherer.input, good,
                                              checkrob_preprocess_height(e->preprocess),
                                              checkrob_preprocess_width(e->preprocess), NULL);
  for (size_t i = 0; i < r->layer_count && status == CHECKROB_OK; i++) status = fill_layer(r, i, capture);
  if (status == CHECKROB_OK) e->rows += good;
  if (status == CHECKROB_OK && e->on_batch &&
      e->on_batch(r->layers, r->layer_count, r->images, e->batch_data) != 0)
    status = error_set(CHECKROB_ERROR_CANCELLED, "stopped by the batch callback");
  checkrob_capture_free(capture);
  return status;
}

static checkrob_status read_all(reading *r) {
  size_t held = 1, good = 0, done = 0;
  while (held > 0) {
    checkrob_status status = gather_batch(&held, &good, &r->gatherer, done);
    if (status == CHECKROB_OK && held > 0) status = look_through(r, held, &done);
    if (status == CHECKROB_OK && good > 0) status = read_batch(r, good);
    if (status == CHECKROB_OK && held > 0) status = gather_report(&r->gatherer, done);
    if (status != CHECKROB_OK) return status;
    pipeline_release(r->gatherer.line, held);
  }
  return CHECKROB_OK;
}

static checkrob_status prepare(checkrob_extraction *e) {
  checkrob_model_set_threads(e->threads);
  checkrob_status status = checkrob_model_probe(e->model, checkrob_preprocess_height(e->preprocess),
                                                checkrob_preprocess_width(e->preprocess));
  if (status == CHECKROB_OK) status = checkrob_model_select_representation(e->model, e->layer);
  e->prepared = status == CHECKROB_OK ? model_selection(e->model) : 0;
  return status;
}

checkrob_status checkrob_extraction_prepare(checkrob_extraction *extraction) {
  checkrob_status status = check_idle(extraction, "checkrob_extraction_prepare");
  return status == CHECKROB_OK ? prepare(extraction) : status;
}

checkrob_status checkrob_extraction_execute(checkrob_extraction *extraction) {
  checkrob_status status = check_idle(extraction, "checkrob_extraction_execute");
  if (status != CHECKROB_OK) return status;
  extraction->executing = 1;
  extraction->rows = extraction->failed = 0;
  reading r = {.extraction = extraction};
  if (!extraction->prepared || extraction->prepared != model_selection(extraction->model))
    status = prepare(extraction);
  extraction->prepared = 0;
  if (status == CHECKROB_OK) status = reading_start(&r);
  if (status == CHECKROB_OK) status = read_all(&r);
  reading_free(&r);
  atomic_store(&extraction->cancelled, 0);
  extraction->executing = 0;
  return status;
}
