/* SPDX-License-Identifier: Apache-2.0 */
/* How much does a whole run cost beyond the forward pass?
 *
 * In turn, several times: (a) the forward pass alone, of the same frozen graph, on the same images already
 * decoded, in batches of the same size, with the same threads; (b) checkrob_run_execute from the files on
 * disk, with decoding, gradients, saliency and scores. Prints the medians and their ratio, round by round: a
 * machine that changes its speed changes both.
 *
 * Usage: bench_speed MODEL LAYER PREPROCESS IMAGES ANNOTATIONS CLASSES [BATCH [THREADS [ROUNDS [DEVICE]]]] */
#include <checkrob/checkrob.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_ROUNDS 99

typedef struct bench {
  checkrob_preprocess *preprocess;
  checkrob_class_map *classes;
  checkrob_options *options;
  checkrob_dataset *dataset;
  checkrob_model *model;
  checkrob_cut *forward; /* logits alone */
  checkrob_run *run;
  uint32_t height, width;
  size_t batch, count;
  float *inputs; /* [count, 3, H, W] */
} bench;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void need(checkrob_status status) {
  if (status == CHECKROB_OK) return;
  fprintf(stderr, "bench_speed: %s\n", checkrob_last_error());
  exit(1);
}

/* Decodes every sound image into memory: the forward pass alone shall not wait for anything. */
static void load_inputs(bench *b) {
  size_t stride = 3 * (size_t)b->height * b->width;
  b->inputs = malloc(checkrob_dataset_input_count(b->dataset) * stride * sizeof *b->inputs);
  if (!b->inputs) exit(1);
  checkrob_sample *sample = NULL;
  checkrob_cursor *cursor = NULL;
  need(checkrob_cursor_new(&cursor, b->dataset, 0, 0));
  while (checkrob_cursor_next(&sample, cursor) == CHECKROB_OK) {
    checkrob_image *image = NULL;
    if (b->count < checkrob_dataset_input_count(b->dataset) &&
        checkrob_image_open(&image, checkrob_sample_path(sample), NULL) == CHECKROB_OK)
      need(checkrob_preprocess_apply(b->inputs + b->count++ * stride, b->preprocess, image));
    checkrob_image_free(image);
    checkrob_sample_free(sample);
  }
  checkrob_cursor_free(cursor);
}

static double time_forward(const bench *b) {
  size_t stride = 3 * (size_t)b->height * b->width;
  double start = now();
  for (size_t i = 0; i < b->count; i += b->batch) {
    size_t n = b->count - i < b->batch ? b->count - i : b->batch;
    checkrob_capture *capture = NULL;
    need(checkrob_cut_run(&capture, b->forward, b->inputs + i * stride, n, b->height, b->width, NULL));
    checkrob_capture_free(capture);
  }
  return now() - start;
}

/* The run's own set-up (cut, freeze) is the price of opening a model, paid once: it is measured
 * apart. */
static double time_run(const bench *b, double *model_seconds) {
  need(checkrob_run_execute(b->run));
  const checkrob_row *totals = checkrob_run_totals(b->run);
  *model_seconds = checkrob_row_number(totals, "model_seconds");
  return checkrob_row_number(totals, "seconds") - checkrob_row_number(totals, "setup_seconds");
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, compare);
  return values[count / 2];
}

static void open_all(bench *b, char **argv, int threads, const char *device) {
  need(checkrob_preprocess_open(&b->preprocess, argv[3]));
  need(checkrob_class_map_open(&b->classes, argv[6]));
  need(checkrob_options_new(&b->options));
  need(checkrob_options_set(b->options, "dataset", "voc"));
  need(checkrob_options_set(b->options, "images", argv[4]));
  need(checkrob_options_set(b->options, "annotations", argv[5]));
  need(checkrob_options_set(b->options, "layer", argv[2]));
  need(checkrob_options_set(b->options, "device", device));
  need(checkrob_options_set_integer(b->options, "batch", (int64_t)b->batch));
  need(checkrob_options_set_integer(b->options, "threads", threads));
  need(checkrob_dataset_open(&b->dataset, b->options, b->classes));
  b->height = checkrob_preprocess_height(b->preprocess);
  b->width = checkrob_preprocess_width(b->preprocess);
  need(checkrob_model_open(&b->model, argv[1], b->height, b->width, b->options));
  need(checkrob_cut_new(&b->forward, b->model, NULL, CHECKROB_SCORE_LOGIT, 0));
  need(checkrob_run_new(&b->run, b->model, b->dataset, b->preprocess, b->options));
}

int main(int argc, char **argv) {
  if (argc < 7) {
    fprintf(stderr,
            "Usage: %s MODEL LAYER PREPROCESS IMAGES ANNOTATIONS CLASSES "
            "[BATCH [THREADS [ROUNDS [DEVICE]]]]\n",
            argv[0]);
    return 2;
  }
  long batch = argc > 7 ? strtol(argv[7], NULL, 10) : 16, threads = argc > 8 ? strtol(argv[8], NULL, 10) : 0;
  long rounds = argc > 9 ? strtol(argv[9], NULL, 10) : 5;
  if (batch < 1 || threads < 0 || rounds < 1 || rounds > MOST_ROUNDS) return 2;
  bench b = {.batch = (size_t)batch};
  open_all(&b, argv, (int)threads, argc > 10 ? argv[10] : "cpu");
  load_inputs(&b);
  double model_seconds = 0.0;
  time_run(&b, &model_seconds); /* warm-up; it also cuts the model */
  time_forward(&b);

  double forward[MOST_ROUNDS], whole[MOST_ROUNDS], ratio[MOST_ROUNDS];
  for (long i = 0; i < rounds; i++) {
    forward[i] = time_forward(&b);
    whole[i] = time_run(&b, &model_seconds);
    ratio[i] = whole[i] / forward[i];
    printf("round %ld: forward %.3f s, run %.3f s (in the model %.3f s), ratio %.3f\n", i + 1, forward[i],
           whole[i], model_seconds, ratio[i]);
  }
  double images = (double)b.count;
  printf(
      "median of %ld: forward %.2f ms/image, run %.2f ms/image, ratio %.3f (batch %ld, threads %d, %zu "
      "images)\n",
      rounds, 1e3 * median(forward, (size_t)rounds) / images, 1e3 * median(whole, (size_t)rounds) / images,
      median(ratio, (size_t)rounds), batch, checkrob_model_threads(), b.count);

  checkrob_run_free(b.run);
  checkrob_cut_free(b.forward);
  checkrob_model_free(b.model);
  checkrob_dataset_free(b.dataset);
  checkrob_class_map_free(b.classes);
  checkrob_preprocess_free(b.preprocess);
  checkrob_options_free(b.options);
  free(b.inputs);
  return 0;
}
