/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob explain: the maps of the chosen images, batch by batch, and their numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"

/* Decoded images that are held at once. */
#define MOST_BYTES ((size_t)256 << 20)
/* More reasons would hide the rest. */
#define REASONS_SHOWN 20

/* An image of a batch. */
typedef struct loaded {
  size_t number; /* of the item */
  checkrob_sample *sample;
  checkrob_image *image;
} loaded;

typedef struct batch {
  loaded *images; /* [most] */
  float *input;   /* [most, 3, height, width] */
  int64_t *targets;
  float *upsampled, *coverage, *ignored; /* of one image */
  size_t count, most, bytes;
} batch;

static void batch_empty(batch *b) {
  for (size_t i = 0; i < b->count; i++) {
    checkrob_image_free(b->images[i].image);
    checkrob_sample_free(b->images[i].sample);
  }
  b->count = b->bytes = 0;
}

static void batch_free(batch *b) {
  batch_empty(b);
  free(b->images);
  free(b->input);
  free(b->targets);
  free(b->upsampled);
  free(b->coverage);
  free(b->ignored);
}

/* A method that runs the model many times for an image fills its own batches: with one image at a time, an
 * interruption is soon noticed. */
static size_t batch_size(const explaining *e) {
  checkrob_method_info info = CHECKROB_METHOD_INFO_INIT;
  const char *method = checkrob_options_text(e->options, "method");
  for (size_t i = 0; checkrob_method_at(&info, i) == CHECKROB_OK; i++)
    if (strcmp(info.name, method) == 0 && !info.is_pure) return 1;
  size_t most = (size_t)checkrob_options_integer(e->options, "batch");
  return most < e->count ? most : e->count;
}

static int batch_make(batch *b, const explaining *e) {
  size_t pixels = (size_t)e->height * e->width;
  *b = (batch){.most = batch_size(e)};
  b->images = calloc(b->most, sizeof *b->images);
  b->input = calloc(b->most, 3 * pixels * sizeof *b->input);
  b->targets = calloc(b->most, sizeof *b->targets);
  b->upsampled = malloc(pixels * sizeof(float));
  b->coverage = malloc(pixels * sizeof(float));
  b->ignored = malloc(pixels * sizeof(float));
  if (b->images && b->input && b->targets && b->upsampled && b->coverage && b->ignored) return EXIT_OK;
  batch_free(b);
  *b = (batch){0};
  fail(EXIT_FAILED, "out of memory for a batch of images; set a smaller --batch");
  return EXIT_FAILED;
}

/* ---- what cannot be explained ---- */

static int give_up(explaining *e, const explained_item *item, const char *message) {
  char *line = line_about(item->name, message);
  const char *text = line ? line : message;
  int code = EXIT_OK;
  e->failed++;
  progress_clear(&e->bar);
  if (e->count == 1)
    code = fail(EXIT_FAILED, "%s", text);
  else if (e->failed <= REASONS_SHOWN)
    warn("%s", text);
  free(line);
  return code;
}

/* ---- loading ---- */

static checkrob_status load_image(const explaining *e, batch *b, loaded *l) {
  checkrob_image_limits limits = image_limits(e->options);
  float *input = b->input + b->count * 3 * e->height * e->width;
  checkrob_status status = checkrob_sample_open_image(&l->image, l->sample, &limits);
  if (!status) status = checkrob_sample_check_image(l->sample, l->image);
  return status ? status : checkrob_preprocess_apply(input, e->in.preprocess, l->image);
}

/* Adds an item to the batch, or gives it up. */
static int load(explaining *e, batch *b, size_t number) {
  const explained_item *item = &e->items[number];
  loaded *l = &b->images[b->count];
  *l = (loaded){.number = number, .sample = inputs_sample(&e->in, &item->place)};
  if (!l->sample) return give_up(e, item, "it is not in the dataset any more");
  checkrob_status status = checkrob_sample_status(l->sample);
  int is_known = status != CHECKROB_OK;
  if (!status) status = load_image(e, b, l);
  const char *said = checkrob_sample_message(l->sample);
  if (!status) {
    if (*said && e->count == 1) warn("%s: %s", item->name, said);
    b->targets[b->count++] = item->target;
    b->bytes += (size_t)3 * checkrob_image_width(l->image) * checkrob_image_height(l->image);
    return EXIT_OK;
  }
  int code = status == CHECKROB_ERROR_OUT_OF_MEMORY ? fail(EXIT_FAILED, "out of memory")
                                                    : give_up(e, item, is_known ? said : error_with_flags());
  checkrob_image_free(l->image);
  checkrob_sample_free(l->sample);
  return code;
}

/* ---- numbers ---- */

static const checkrob_regions *regions_of(const explaining *e, const checkrob_sample *sample) {
  return e->is_loose ? checkrob_sample_other_regions(sample, 0) : checkrob_sample_regions(sample);
}

static checkrob_status cover(float *out, const explaining *e, const checkrob_regions *regions,
                             const checkrob_image *image) {
  int is_paper = strcmp(checkrob_options_text(e->options, "geometry"), "paper") == 0;
  return checkrob_regions_coverage(out, regions, e->in.preprocess, checkrob_image_width(image),
                                   checkrob_image_height(image),
                                   is_paper ? CHECKROB_GEOMETRY_PAPER : CHECKROB_GEOMETRY_STANDARD);
}

/* The score of the map and of a flat one, as a run computes them. */
static checkrob_status score_map(explaining *e, batch *b, const explained *x, const loaded *l) {
  size_t pixels = (size_t)e->height * e->width;
  const checkrob_regions *ignored = e->is_loose ? NULL : checkrob_sample_ignored(l->sample);
  int ignores = ignored && checkrob_regions_count(ignored) > 0;
  checkrob_status status =
      checkrob_saliency_upsample(b->upsampled, e->height, e->width, x->map, x->shape[0], x->shape[1]);
  if (!status) status = cover(b->coverage, e, x->regions, x->image);
  if (!status && ignores) status = cover(b->ignored, e, ignored, x->image);
  if (status) return status;
  double covered = 0.0, counted = 0.0, saliency = 0.0;
  for (size_t i = 0; i < pixels; i++) {
    covered += (double)b->coverage[i];
    counted += ignores ? 1.0 - (double)b->ignored[i] * (1.0 - (double)b->coverage[i]) : 1.0;
    saliency += (double)b->upsampled[i];
  }
  if (covered <= 0.0 && e->count == 1)
    warn("the objects lie outside the centre crop: the model never sees them");
  if (saliency <= 0.0 && e->count == 1)
    warn("the saliency map is empty: nothing at this layer speaks for the class");
  x->item->score =
      checkrob_robustness_score_ignoring(b->upsampled, b->coverage, ignores ? b->ignored : NULL, pixels);
  x->item->flat = covered / counted;
  return CHECKROB_OK;
}

/* 0: a logit is NaN, or that of the class is infinite. */
static int read_logits(explained_item *item, const float *logits, int64_t classes) {
  item->rank = 1;
  item->predicted = 0;
  for (int64_t i = 0; i < classes; i++) {
    if (isnan(logits[i]) || (i == item->target && isinf(logits[i]))) return 0;
    item->rank += logits[i] > logits[item->target];
    if (logits[i] > logits[item->predicted]) item->predicted = i;
  }
  item->logit = (double)logits[item->target];
  return 1;
}

/* ---- a batch ---- */

static int finish_image(explaining *e, batch *b, const checkrob_explanation *explanation, size_t i,
                        explained_function take, void *data) {
  const loaded *l = &b->images[i];
  int64_t classes = checkrob_model_class_count(e->in.model);
  explained x = {.item = &e->items[l->number],
                 .number = l->number,
                 .path = checkrob_sample_path(l->sample),
                 .image = l->image,
                 .regions = regions_of(e, l->sample)};
  x.map = checkrob_explanation_map(x.shape, explanation, i);
  x.logits = checkrob_explanation_logits(explanation) + (int64_t)i * classes;
  x.item->score = NAN;
  if (!read_logits(x.item, x.logits, classes)) {
    char text[512];
    snprintf(text, sizeof text,
             "the model gave NaN or infinite logits for %s; check its weights and the preprocessing",
             x.item->name);
    return give_up(e, x.item, text);
  }
  if (x.regions && checkrob_regions_count(x.regions) > 0 && score_map(e, b, &x, l))
    return give_up(e, x.item, error_with_flags());
  return take ? take(e, &x, data) : EXIT_OK;
}

static int run_batch(explaining *e, batch *b, explained_function take, void *data) {
  checkrob_explanation *explanation = NULL;
  if (b->count == 0) return EXIT_OK;
  if (checkrob_explainer_run(&explanation, e->explainer, b->input, b->count, e->height, e->width, b->targets))
    return fail_with_flags(EXIT_FAILED);
  int code = EXIT_OK;
  for (size_t i = 0; i < b->count && code == EXIT_OK; i++)
    code = finish_image(e, b, explanation, i, take, data);
  checkrob_explanation_free(explanation);
  batch_empty(b);
  return code;
}

static void interrupt(void *subject) {
  ((explaining *)subject)->is_interrupted = 1;
}

int explain_items(explaining *e, explained_function take, void *data) {
  batch b;
  int code = batch_make(&b, e);
  if (code != EXIT_OK) return code;
  progress_begin(&e->bar, e->count > 1 ? interrupt : NULL, e);
  for (size_t i = 0; i < e->count && code == EXIT_OK && !e->is_interrupted; i++) {
    code = load(e, &b, i);
    if (code == EXIT_OK && (b.count == b.most || b.bytes >= MOST_BYTES || i + 1 == e->count)) {
      code = run_batch(e, &b, take, data);
      if (e->count > 1) progress_update(i + 1, e->count, &e->bar);
    }
  }
  progress_end(&e->bar);
  batch_free(&b);
  return code;
}
