/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/fake_shim.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/backend.h"
#include "shim/shim.h"

#define CHANNELS 3

fake_behaviour fake;
fake_record fake_seen; /* changed under `seen_lock` */

static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;

/* Adds to one of fake_seen's counters; its new value. */
static size_t count(size_t *counter, size_t change) {
  pthread_mutex_lock(&seen_lock);
  size_t value = *counter += change;
  pthread_mutex_unlock(&seen_lock);
  return value;
}

typedef enum layer_kind { NOT_USABLE, CONV, RELU, POOL, INPUT } layer_kind;

static const struct {
  const char *path, *type;
  layer_kind kind;
  int rank; /* for those that are not usable */
} layers[] = {
    {"stem.conv", "Conv2d", CONV, 4},
    {"stem.relu#1", "ReLU", RELU, 4},
    {"stem.relu", "ReLU", RELU, 4},
    {"stem", "Sequential", RELU, 4},
    {"windows", "Windows", NOT_USABLE, 9},
    {"pool", "AdaptiveAvgPool2d", POOL, 4},
    {"head.flatten", "Flatten", NOT_USABLE, 2},
    {"head.layer4.2.fc", "Linear", NOT_USABLE, 2},
    {"pair", "Pair", NOT_USABLE, -1},
};

#define LAYER_COUNT (sizeof layers / sizeof layers[0])
#define AUTO_LAYER 3

struct shim_model {
  int64_t shape[4]; /* as probed */
  int64_t classes;
};

struct shim_cut {
  const shim_model *model;
  layer_kind kinds[LAYER_COUNT + 1]; /* as chosen; `count` of them */
  size_t count;
  int score;
};

void fake_reset(void) {
  fake = (fake_behaviour){0};
  fake_seen = (fake_record){0};
}

float fake_weight(int64_t class_index, int64_t channel) {
  return class_index % CHANNELS == channel ? 1.0F : -0.25F;
}

static int fail(shim_error *error, int code, const char *message) {
  error->code = code;
  snprintf(error->message, sizeof error->message, "%s", message);
  return code;
}

int shim_interface(void) {
  return SHIM_INTERFACE;
}

int64_t backend_worker(const shim_model *model) {
  (void)model;
  return fake.worker;
}

size_t backend_restarts(const shim_model *model) {
  (void)model;
  return fake.restarts;
}

void backend_give_up_if(int (*function)(const void *data), const void *data) {
  (void)function, (void)data;
}

int backend_loaded_torch(void) {
  return fake.loaded_torch;
}

int shim_set_threads(int threads) {
  pthread_mutex_lock(&seen_lock);
  fake_seen.threads = threads;
  fake_seen.threads_set++;
  pthread_mutex_unlock(&seen_lock);
  return threads;
}

void shim_limit_threads(int threads) {
  (void)threads;
}

const char *shim_torch_version(void) {
  return "0.0.0-fake";
}

const char *shim_installation_warning(void) {
  return NULL;
}

int shim_model_open(shim_model **out, const shim_opening *opening, shim_error *error) {
  if (fake.before_open) fake.before_open();
  if (fake.open_code) {
    char message[256];
    snprintf(message, sizeof message, "%s: the fake cannot be opened", opening->path);
    return fail(error, fake.open_code, message);
  }
  if (!fake.any_device && strcmp(opening->device, "cpu") != 0)
    return fail(error, SHIM_NO_DEVICE, "the fake computes on the CPU alone");
  shim_model *model = calloc(1, sizeof *model);
  if (!model) return fail(error, SHIM_NO_MEMORY, "out of memory");
  const int64_t shape[4] = {1, 3, opening->height, opening->width};
  memcpy(model->shape, shape, sizeof model->shape);
  model->classes = fake.classes ? fake.classes : 4;
  fake_seen.size[0] = opening->height;
  fake_seen.size[1] = opening->width;
  fake_seen.layout = opening->layout;
  fake_seen.prefix_tokens = opening->prefix_tokens;
  snprintf(fake_seen.output, sizeof fake_seen.output, "%s", opening->output ? opening->output : "");
  fake_seen.gray = opening->gray;
  fake_seen.worker = opening->worker;
  fake_seen.worker_timeout = opening->worker_timeout;
  fake_seen.least_classes = opening->least_classes;
  fake_seen.opened++;
  *out = model;
  return SHIM_OK;
}

void shim_model_free(shim_model *model) {
  if (model) fake_seen.freed++;
  free(model);
}

static int64_t cells(int64_t pixels) {
  return pixels < FAKE_CELL ? 1 : pixels / FAKE_CELL;
}

size_t shim_model_output_count(const shim_model *model) {
  (void)model;
  return fake.two_outputs ? 2 : 1;
}

void shim_model_output(const shim_model *model, size_t index, shim_output *out) {
  int features = fake.two_outputs && index == 0;
  *out = (shim_output){.name = "0", .rank = 2, .shape = {1}, .taken = !features};
  if (fake.two_outputs) out->name = features ? "features" : "logits";
  out->classes = out->shape[1] = features ? 6 : model->classes;
}

size_t shim_model_layer_count(const shim_model *model) {
  (void)model;
  return LAYER_COUNT;
}

void shim_model_layer(const shim_model *model, size_t index, shim_layer *out) {
  memset(out, 0, sizeof *out);
  out->path = layers[index].path;
  out->type = layers[index].type;
  out->rank = layers[index].rank;
  int pooled = layers[index].kind == POOL;
  out->readable = layers[index].kind != NOT_USABLE && !fake.no_usable_layer;
  out->usable = out->readable && !pooled;
  for (int i = 0; i < out->rank && i < SHIM_MAX_RANK; i++) out->shape[i] = 1;
  if (!out->readable) return;
  out->shape[0] = model->shape[0];
  out->shape[1] = CHANNELS;
  out->shape[2] = pooled ? 1 : cells(model->shape[2]);
  out->shape[3] = pooled ? 1 : cells(model->shape[3]);
  out->layout = SHIM_LAYOUT_NCHW;
  out->channels = out->shape[1];
  out->height = out->shape[2];
  out->width = out->shape[3];
}

int shim_model_channels(const shim_model *model) {
  (void)model;
  return fake.one_channel && fake_seen.gray ? 1 : 3;
}

int64_t shim_model_class_count(const shim_model *model) {
  return model->classes;
}

size_t shim_model_auto_layer(const shim_model *model) {
  (void)model;
  return fake.no_auto_layer ? LAYER_COUNT : AUTO_LAYER;
}

int shim_model_ending(const shim_model *model) {
  (void)model;
  return fake.ending;
}

const char *shim_model_remark(const shim_model *model) {
  (void)model;
  return fake.remark ? fake.remark : "";
}

static int find_cut(layer_kind *out, const char *path, shim_error *error) {
  size_t i = 0;
  *out = INPUT;
  if (strcmp(path, SHIM_INPUT_LAYER) == 0) return SHIM_OK;
  while (i < LAYER_COUNT && strcmp(layers[i].path, path) != 0) i++;
  if (i == LAYER_COUNT) return fail(error, SHIM_NOT_FOUND, "there is no such layer");
  *out = layers[i].kind;
  if (*out == NOT_USABLE) return fail(error, SHIM_UNSUPPORTED, "the layer gives no feature map");
  return SHIM_OK;
}

int shim_cut_new(shim_cut **out, const shim_model *model, const char *const *paths, size_t path_count,
                 int maps, int score, shim_error *error) {
  shim_cut cut = {.model = model, .count = path_count, .score = score};
  if (fake.cut_code) return fail(error, fake.cut_code, "the fake cannot be cut");
  if (path_count > LAYER_COUNT + 1) return fail(error, SHIM_BAD_ARGUMENT, "there are not so many layers");
  for (size_t i = 0; i < path_count; i++)
    if (find_cut(&cut.kinds[i], paths[i], error) != SHIM_OK) return error->code;
  shim_cut *made = malloc(sizeof *made);
  if (!made) return fail(error, SHIM_NO_MEMORY, "out of memory");
  *made = cut;
  pthread_mutex_lock(&seen_lock);
  fake_seen.maps_wanted = maps;
  fake_seen.cuts++;
  fake_seen.live_cuts++;
  if (fake_seen.live_cuts > fake_seen.most_cuts) fake_seen.most_cuts = fake_seen.live_cuts;
  pthread_mutex_unlock(&seen_lock);
  *out = made;
  return SHIM_OK;
}

void shim_cut_free(shim_cut *cut) {
  if (cut) count(&fake_seen.live_cuts, (size_t)-1);
  free(cut);
}

/* ---- running ---- */

/* The fake is not what is being tested where memory is short. */
static void *reserve(size_t count_of, size_t bytes) {
  void *memory = fake.allocate ? fake.allocate(count_of, bytes) : calloc(count_of, bytes);
  if (!memory) abort();
  return memory;
}

static float *zeros(size_t size) {
  float *array = reserve(size, sizeof *array);
  return array;
}

static void wait_a_while(size_t number) {
  if (fake.delay_microseconds <= 0) return;
  long part = (long)(number * 7919 % 17);
  struct timespec pause = {0, fake.delay_microseconds * part / 16 * 1000};
  nanosleep(&pause, NULL);
}

/* 2 P of one image: [CHANNELS, h, w]. */
static void features(float *out, const float *image, int64_t height, int64_t width) {
  int64_t h = cells(height), w = cells(width);
  int64_t cell_height = height < FAKE_CELL ? height : FAKE_CELL;
  int64_t cell_width = width < FAKE_CELL ? width : FAKE_CELL;
  for (int64_t i = 0; i < CHANNELS * h * w; i++) {
    const float *channel = image + i / (h * w) * height * width;
    int64_t top = i / w % h * FAKE_CELL, left = i % w * FAKE_CELL;
    double sum = 0.0;
    for (int64_t y = top; y < top + cell_height; y++)
      for (int64_t x = left; x < left + cell_width; x++) sum += (double)channel[y * width + x];
    out[i] = (float)(2.0 * sum / (double)(cell_height * cell_width)) + fake.bias;
  }
}

static int is_marked(const float *image, int64_t plane) {
  return image[0] == 1.0F && image[plane] == 0.0F && image[2 * plane] == 1.0F;
}

/* The logits of one image from its features, and the gradient by them for `target`, if it is wanted. */
static void classify(float *logits, float *gradient, const float *map, int64_t positions, int64_t classes,
                     int64_t target) {
  double sums[CHANNELS] = {0};
  for (int64_t i = 0; i < CHANNELS * positions; i++) {
    double a = (double)map[i], share = fake.squared ? a * a / 2.0 : a;
    sums[i / positions] += share / (double)positions;
    double slope = (fake.squared ? a : 1.0) / (double)positions;
    if (gradient) gradient[i] = (float)(slope * (double)fake_weight(target, i / positions));
  }
  for (int64_t j = 0; j < classes; j++) {
    double logit = 0.0;
    for (int64_t k = 0; k < CHANNELS; k++) logit += (double)fake_weight(j, k) * sums[k];
    logits[j] = (float)logit;
  }
}

/* From 2 P and the gradient by it to the output of the cut layer: P and twice the gradient before the
 * doubling; after the pooling the mean, and for its gradient the sum. */
static void at_layer(float *activation, float *gradient, layer_kind cut, const float *map,
                     const float *map_gradient, int64_t positions) {
  for (int64_t k = 0; k < CHANNELS; k++) {
    double mean = 0.0, slope = 0.0;
    for (int64_t i = k * positions; i < (k + 1) * positions; i++) {
      mean += (double)map[i] / (double)positions;
      if (gradient) slope += (double)map_gradient[i];
      if (cut == POOL) continue;
      activation[i] = cut == CONV ? map[i] / 2.0F : map[i];
      if (gradient) gradient[i] = cut == CONV ? map_gradient[i] * 2.0F : map_gradient[i];
    }
    if (cut != POOL) continue;
    activation[k] = (float)mean;
    if (gradient) gradient[k] = (float)slope;
  }
}

/* The image itself: each pixel of a cell has its share of twice the gradient by 2 P; pixels beside the cells
 * have none. */
static void at_input(float *activation, float *gradient, const float *image, const float *map_gradient,
                     int64_t height, int64_t width) {
  int64_t w = cells(width), positions = cells(height) * w;
  double pixels =
      (double)(height < FAKE_CELL ? height : FAKE_CELL) * (double)(width < FAKE_CELL ? width : FAKE_CELL);
  memcpy(activation, image, (size_t)(CHANNELS * height * width) * sizeof *image);
  for (int64_t i = 0; gradient && i < CHANNELS * height * width; i++) {
    int64_t y = i / width % height / FAKE_CELL, x = i % width / FAKE_CELL;
    if (y >= cells(height) || x >= w) continue;
    int64_t cell = i / (height * width) * positions + y * w + x;
    gradient[i] = (float)(2.0 * (double)map_gradient[cell] / pixels);
  }
}

static int check(const shim_cut *cut, const float *input, const int64_t shape[4], const int64_t *targets,
                 int activations, shim_error *error) {
  if (targets && cut->count == 0) return fail(error, SHIM_BAD_ARGUMENT, "no layer is cut");
  if (targets && !activations) return fail(error, SHIM_BAD_ARGUMENT, "gradients go with activations");
  if (targets && fake.no_gradient) return fail(error, SHIM_UNSUPPORTED, "the fake has no gradients");
  for (int64_t n = 0; targets && n < shape[0]; n++)
    if (targets[n] < 0 || targets[n] >= cut->model->classes)
      return fail(error, SHIM_BAD_ARGUMENT, "a target is out of range");
  size_t size = (size_t)(3 * shape[2] * shape[3]);
  for (int64_t n = 0; n < shape[0] && fake.on_image; n++) fake.on_image(input + (size_t)n * size);
  for (int64_t n = 0; n < shape[0] && fake.raises_at != 0.0F; n++)
    if (fabsf(input[(size_t)n * size] - fake.raises_at) < 1e-6F)
      return fail(error, SHIM_ERROR, "running the model: the fake does not like this image");
  return SHIM_OK;
}

static void run_image(shim_capture *out, float *scratch, const shim_cut *cut, const float *image, int64_t n,
                      const int64_t shape[4], const int64_t *targets) {
  int64_t positions = cells(shape[2]) * cells(shape[3]), plane = shape[2] * shape[3];
  float *map = scratch, *map_gradient = targets ? scratch + CHANNELS * positions : NULL;
  float *logits = out->logits + n * out->classes;
  features(map, image, shape[2], shape[3]);
  classify(logits, map_gradient, map, positions, out->classes, targets ? targets[n] : 0);
  for (int64_t j = 0; j < out->classes && is_marked(image, plane); j++) logits[j] = NAN;
  for (size_t i = 0; i < out->layers; i++) {
    shim_map *layer = &out->maps[i];
    int64_t start = n * layer->channels * layer->height * layer->width;
    if (!layer->activation) continue;
    float *gradient = targets ? layer->gradient + start : NULL;
    if (cut->kinds[i] == INPUT)
      at_input(layer->activation + start, gradient, image, map_gradient, shape[2], shape[3]);
    else
      at_layer(layer->activation + start, gradient, cut->kinds[i], map, map_gradient, positions);
  }
}

static shim_map make_map(layer_kind kind, const int64_t shape[4], int gradients, size_t number) {
  int growing = fake.growing_run && number >= fake.growing_run;
  shim_map map = {CHANNELS, cells(shape[2]) * (growing ? 2 : 1), cells(shape[3]), NULL, NULL};
  if (kind == POOL) map.height = map.width = 1;
  if (kind == INPUT) map.height = shape[2], map.width = shape[3];
  size_t size = (size_t)(shape[0] * CHANNELS * map.height * map.width);
  map.activation = zeros(size);
  if (gradients) map.gradient = zeros(size);
  return map;
}

/* The run's number, from 1. */
static size_t note_run(const shim_cut *cut, const float *input, const int64_t shape[4],
                       const int64_t *targets, int activations) {
  pthread_mutex_lock(&seen_lock);
  if (fake_seen.runs < FAKE_RUNS_KEPT) {
    fake_seen.batches[fake_seen.runs] = (size_t)shape[0];
    fake_seen.first[fake_seen.runs] = *input;
  }
  size_t number = ++fake_seen.runs;
  fake_seen.with_targets = targets != NULL;
  fake_seen.run_threads = fake_seen.threads;
  fake_seen.with_activations = activations;
  fake_seen.score = cut->score; /* noted, not computed: the gradient stays the logit's */
  pthread_mutex_unlock(&seen_lock);
  return number;
}

int shim_cut_run(shim_capture *out, shim_cut *cut, const float *input, const int64_t shape[4],
                 const int64_t *targets, int activations, shim_error *error) {
  size_t number = note_run(cut, input, shape, targets, activations);
  if (fake.before_run) fake.before_run(fake.before_run_data);
  wait_a_while(number);
  if (number == fake.failing_run) return fail(error, fake.run_code, "the fake cannot be run");
  if (check(cut, input, shape, targets, activations, error) != SHIM_OK) return error->code;

  shim_capture capture = {
      .batch = shape[0], .classes = cut->model->classes - fake.lost_classes, .layers = cut->count};
  capture.maps = reserve(cut->count + 1, sizeof *capture.maps);
  for (size_t i = 0; i < capture.layers && activations; i++)
    capture.maps[i] = make_map(cut->kinds[i], shape, targets != NULL, number);
  capture.logits = zeros((size_t)(capture.batch * capture.classes));
  float *scratch = zeros((size_t)(2 * CHANNELS * cells(shape[2]) * cells(shape[3])));
  for (int64_t n = 0; n < shape[0]; n++)
    run_image(&capture, scratch, cut, input + n * 3 * shape[2] * shape[3], n, shape, targets);
  free(scratch);
  count(&fake_seen.captures, 1);
  *out = capture;
  return SHIM_OK;
}

/* Each layer has a channel for each colour, so a channel without values is a colour without values. */
int shim_cut_ablate(float **out, shim_cut *cut, const float *input, const int64_t shape[4], size_t layer,
                    const unsigned char *removed, int64_t rows, int64_t channels, int64_t batch,
                    shim_error *error) {
  count(&fake_seen.ablations, 1);
  if (layer >= cut->count || batch < 1) return fail(error, SHIM_BAD_ARGUMENT, "no such layer is cut");
  if (channels != CHANNELS) return fail(error, SHIM_BAD_ARGUMENT, "the layer has another number of channels");
  int64_t positions = cells(shape[2]) * cells(shape[3]), classes = cut->model->classes;
  float *map = zeros((size_t)(CHANNELS * positions));
  float *logits = zeros((size_t)(rows * classes));
  for (int64_t row = 0; row < rows; row++) {
    features(map, input, shape[2], shape[3]);
    for (int64_t k = 0; k < CHANNELS; k++)
      if (removed[row * CHANNELS + k]) memset(map + k * positions, 0, (size_t)positions * sizeof *map);
    classify(logits + row * classes, NULL, map, positions, classes, 0);
  }
  free(map);
  *out = logits;
  return SHIM_OK;
}

void shim_capture_free(shim_capture *capture) {
  if (capture->logits) count(&fake_seen.captures, (size_t)-1);
  free(capture->logits);
  for (size_t i = 0; i < capture->layers; i++) {
    free(capture->maps[i].activation);
    free(capture->maps[i].gradient);
  }
  free(capture->maps);
  *capture = (shim_capture){0};
}
