/* SPDX-License-Identifier: Apache-2.0 */
/* The authors' numbers, met through the public API: 163 photos, two models, two methods, the paper's profile.
 *
 * Tolerances: the golden numbers come from unfolded float32 graphs and float32 map arithmetic, ours from
 * graphs with batch normalisation folded and sums in double; both differ by a few 1e-6 of a map's range. 1e-4
 * is ten times that, and a hundredth of the smallest difference in RS that anyone would read anything into.
 */
#include <checkrob/checkrob.h>

#include "support/golden_data.h"
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOLERANCE 1e-4
#define TARGET 104
#define BATCH 16
#define SIDE 224
#define PIXELS ((size_t)SIDE * SIDE)
#define PHOTOS 163

#define ok(call) assert_string_equal((call) == CHECKROB_OK ? "" : checkrob_last_error(), "")

typedef struct golden_case {
  const char *archive, *layer;
  const char *stems[2]; /* of Grad-CAM and Grad-CAM++ */
} golden_case;

static const golden_case mobilenet = {
    "mobilenet_v2_050.pt",
    "features.18",
    {"mobilenet_v2_050__features.18__GradCAM", "mobilenet_v2_050__features.18__GradCAMpp"}};
static const golden_case squeezenet = {
    "squeezenet1_1_traced.pt",
    "features.12",
    {"squeezenet1_1_traced__features.12__GradCAM", "squeezenet1_1_traced__features.12__GradCAMpp"}};
static const checkrob_method methods[2] = {CHECKROB_METHOD_GRADCAM, CHECKROB_METHOD_GRADCAMPP};

typedef struct errors {
  double map, rs, logit;
} errors;

static double larger(double a, double b) {
  return a > b || isnan(b) ? a : b;
}

static checkrob_model *open_model(const golden_case *c) {
  char path[4096];
  checkrob_model *model = NULL;
  snprintf(path, sizeof path, "%s/golden/%s", golden_folder(), c->archive);
  ok(checkrob_model_open(&model, path, SIDE, SIDE, NULL));
  return model;
}

/* One photo: its input into `tensor`, its region into `coverage`. */
static void load(float *tensor, float *coverage, const checkrob_preprocess *preprocess,
                 const golden_row *row) {
  char path[4096], xml[4096];
  snprintf(path, sizeof path, "%s/kangaroo/images/%s", golden_folder(), row->image);
  snprintf(xml, sizeof xml, "%s/kangaroo/annots/%.5s.xml", golden_folder(), row->image);
  checkrob_image *image = NULL;
  checkrob_regions *regions = NULL;
  ok(checkrob_image_open(&image, path, NULL));
  assert_int_equal(checkrob_image_width(image), row->width);
  assert_int_equal(checkrob_image_height(image), row->height);
  ok(checkrob_regions_open_voc(&regions, xml, "kangaroo"));
  assert_int_equal(checkrob_regions_count(regions), row->boxes);
  ok(checkrob_preprocess_apply(tensor, preprocess, image));
  ok(checkrob_regions_coverage(coverage, regions, preprocess, row->width, row->height,
                               CHECKROB_GEOMETRY_PAPER));
  checkrob_regions_free(regions);
  checkrob_image_free(image);
}

static void compare(errors *worst, const golden_data *golden, size_t row, checkrob_method method,
                    const checkrob_capture *capture, size_t n, const float *coverage) {
  static float map[SIDE * SIDE], upsampled[SIDE * SIDE];
  size_t shape[4];
  checkrob_capture_shape(shape, capture, 0);
  assert_int_equal(shape[2], golden->height);
  assert_int_equal(shape[3], golden->width);
  size_t stride = shape[1] * shape[2] * shape[3], cells = shape[2] * shape[3];
  ok(checkrob_saliency(map, method, checkrob_capture_activation(capture, 0) + n * stride,
                       checkrob_capture_gradient(capture, 0) + n * stride, shape[1], shape[2], shape[3]));
  for (size_t i = 0; i < cells; i++)
    worst->map = larger(fabs((double)map[i] - (double)golden->maps[row * cells + i]), worst->map);
  ok(checkrob_saliency_upsample(upsampled, SIDE, SIDE, map, shape[2], shape[3]));
  double rs = checkrob_robustness_score(upsampled, coverage, PIXELS);
  worst->rs = larger(fabs(rs - golden->rows[row].rs), worst->rs);
}

static void check_logits(errors *worst, const golden_row *row, const float *logits) {
  int64_t top[5];
  ok(checkrob_top_k(top, logits, 1000, 5));
  assert_memory_equal(top, row->top5, sizeof top);
  /* The golden column is printed with six digits, and mobilenet's random weights result in logits of 1e-9. */
  double scale = fabs(row->logit) > 0 ? fabs(row->logit) : 1.0;
  worst->logit = larger(fabs((double)logits[TARGET] - row->logit) / scale, worst->logit);
}

static void check_case(const golden_case *c) {
  if (!golden_folder()) skip();
  golden_data golden[2];
  for (size_t m = 0; m < 2; m++) golden_read(&golden[m], c->stems[m]);
  assert_int_equal(golden[0].count, PHOTOS);
  checkrob_preprocess *preprocess = NULL;
  ok(checkrob_preprocess_open(&preprocess, "paper"));
  checkrob_model *model = open_model(c);
  checkrob_cut *cut = NULL;
  ok(checkrob_cut_new(&cut, model, c->layer, CHECKROB_SCORE_LOGIT, CHECKROB_CUT_GRADIENTS));
  float *input = malloc(BATCH * 3 * PIXELS * sizeof *input);
  float *coverage = malloc(BATCH * PIXELS * sizeof *coverage);
  assert_true(input && coverage);
  int64_t targets[BATCH];
  for (size_t i = 0; i < BATCH; i++) targets[i] = TARGET;

  errors worst[2] = {{0, 0, 0}, {0, 0, 0}};
  for (size_t start = 0; start < PHOTOS; start += BATCH) {
    size_t count = PHOTOS - start < BATCH ? PHOTOS - start : BATCH;
    for (size_t n = 0; n < count; n++)
      load(input + n * 3 * PIXELS, coverage + n * PIXELS, preprocess, &golden[0].rows[start + n]);
    checkrob_capture *capture = NULL;
    ok(checkrob_cut_run(&capture, cut, input, count, SIDE, SIDE, targets));
    for (size_t n = 0; n < count; n++)
      for (size_t m = 0; m < 2; m++) {
        check_logits(&worst[m], &golden[m].rows[start + n], checkrob_capture_logits(capture) + n * 1000);
        compare(&worst[m], &golden[m], start + n, methods[m], capture, n, coverage + n * PIXELS);
      }
    checkrob_capture_free(capture);
  }
  for (size_t m = 0; m < 2; m++) {
    print_message("%s: worst map %.2g, RS %.2g, logit (relative) %.2g\n", c->stems[m], worst[m].map,
                  worst[m].rs, worst[m].logit);
    assert_true(worst[m].map < TOLERANCE);
    assert_true(worst[m].rs < TOLERANCE);
    assert_true(worst[m].logit < TOLERANCE);
    golden_free(&golden[m]);
  }
  free(input);
  free(coverage);
  checkrob_cut_free(cut);
  checkrob_model_free(model);
  checkrob_preprocess_free(preprocess);
}

static void test_mobilenet_maps_scores_and_logits(void **state) {
  (void)state;
  check_case(&mobilenet);
}

static void test_squeezenet_maps_scores_and_logits(void **state) {
  (void)state;
  check_case(&squeezenet);
}

/* ---- Score-CAM ---- */

#define SCORECAM_ROWS 12

static void test_squeezenet_scorecam(void **state) {
  (void)state;
  if (!golden_folder()) skip();
  golden_data golden;
  golden_read(&golden, "squeezenet1_1_traced__features.12__ScoreCAM");
  assert_int_equal(golden.count, SCORECAM_ROWS);
  assert_true(golden.height == SIDE && golden.width == SIDE);
  checkrob_preprocess *preprocess = NULL;
  checkrob_explainer *explainer = NULL;
  checkrob_options *options = NULL;
  checkrob_model *model = open_model(&squeezenet);
  ok(checkrob_preprocess_open(&preprocess, "paper"));
  ok(checkrob_options_new(&options));
  ok(checkrob_options_set(options, "method", "scorecam"));
  ok(checkrob_options_set(options, "layer", squeezenet.layer));
  ok(checkrob_explainer_new(&explainer, model, options));
  checkrob_options_free(options);
  float *input = malloc(3 * PIXELS * sizeof *input), *coverage = malloc(PIXELS * sizeof *coverage);
  assert_true(input && coverage);
  const int64_t target = TARGET;
  errors worst = {0, 0, 0};
  for (size_t row = 0; row < SCORECAM_ROWS; row++) {
    load(input, coverage, preprocess, &golden.rows[row]);
    checkrob_explanation *explanation = NULL;
    size_t shape[2];
    ok(checkrob_explainer_run(&explanation, explainer, input, 1, SIDE, SIDE, &target));
    const float *map = checkrob_explanation_map(shape, explanation, 0);
    assert_true(shape[0] == SIDE && shape[1] == SIDE);
    for (size_t i = 0; i < PIXELS; i++)
      worst.map = larger(fabs((double)map[i] - (double)golden.maps[row * PIXELS + i]), worst.map);
    worst.rs = larger(fabs(checkrob_robustness_score(map, coverage, PIXELS) - golden.rows[row].rs), worst.rs);
    check_logits(&worst, &golden.rows[row], checkrob_explanation_logits(explanation));
    checkrob_explanation_free(explanation);
  }
  print_message("Score-CAM: worst map %.2g, RS %.2g, logit (relative) %.2g\n", worst.map, worst.rs,
                worst.logit);
  assert_true(worst.map < TOLERANCE);
  assert_true(worst.rs < TOLERANCE);
  assert_true(worst.logit < TOLERANCE);
  free(input);
  free(coverage);
  checkrob_explainer_free(explainer);
  checkrob_model_free(model);
  checkrob_preprocess_free(preprocess);
  golden_free(&golden);
}

/* ---- the same through a run, which must also name the broken photo ---- */

typedef struct seen {
  const golden_data *golden;
  size_t ok, failed;
  double worst;
  char failed_image[64], message[256];
} seen;

static int on_row(const checkrob_row *given, void *user_data) {
  seen *s = user_data;
  if (!checkrob_row_has(given, "rs")) {
    s->failed++;
    snprintf(s->failed_image, sizeof s->failed_image, "%s", checkrob_row_text(given, "image"));
    snprintf(s->message, sizeof s->message, "%s", checkrob_row_text(given, "message"));
    return 0;
  }
  const golden_row *row = &s->golden->rows[s->ok++];
  assert_string_equal(checkrob_row_text(given, "image"), row->image); /* in the order of the inputs */
  int hit = 0;
  for (size_t i = 0; i < 5; i++) hit |= row->top5[i] == TARGET;
  assert_int_equal(checkrob_row_integer(given, "hit"), hit);
  s->worst = larger(fabs(checkrob_row_number(given, "rs") - row->rs), s->worst);
  return 0;
}

static checkrob_class_map *class_map(void) {
  char path[] = "/tmp/checkrob-golden-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  static const char text[] = "name,index\nkangaroo,104\n";
  assert_int_equal(write(file, text, sizeof text - 1), sizeof text - 1);
  close(file);
  checkrob_class_map *classes = NULL;
  ok(checkrob_class_map_open(&classes, path));
  unlink(path);
  return classes;
}

static void check_run(const golden_case *c, size_t m) {
  if (!golden_folder()) skip();
  golden_data golden;
  golden_read(&golden, c->stems[m]);
  char images[4096], annotations[4096];
  snprintf(images, sizeof images, "%s/kangaroo/images", golden_folder());
  snprintf(annotations, sizeof annotations, "%s/kangaroo/annots", golden_folder());
  checkrob_class_map *classes = class_map();
  checkrob_preprocess *preprocess = NULL;
  checkrob_dataset *dataset = NULL;
  checkrob_options *options = NULL;
  checkrob_run *run = NULL;
  checkrob_model *model = open_model(c);
  ok(checkrob_preprocess_open(&preprocess, "paper"));
  ok(checkrob_options_new(&options));
  ok(checkrob_options_set(options, "dataset", "voc"));
  ok(checkrob_options_set(options, "images", images));
  ok(checkrob_options_set(options, "annotations", annotations));
  ok(checkrob_options_set(options, "profile", "paper")); /* geometry, k, score and reference */
  ok(checkrob_options_set(options, "method", checkrob_method_name(methods[m])));
  ok(checkrob_options_set(options, "layer", c->layer));
  ok(checkrob_dataset_open(&dataset, options, classes));
  ok(checkrob_run_new(&run, model, dataset, preprocess, options));
  seen s = {.golden = &golden};
  ok(checkrob_run_on_row(run, on_row, &s));
  ok(checkrob_run_execute(run));
  assert_int_equal(s.ok, PHOTOS);
  assert_int_equal(s.failed, 1);
  assert_string_equal(s.failed_image, "00090.jpg");
  assert_non_null(strstr(s.message, "00090.jpg"));
  assert_non_null(strstr(s.message, "truncated"));
  print_message("%s: worst RS of the run %.2g\n", c->stems[m], s.worst);
  assert_true(s.worst < TOLERANCE);

  assert_int_equal(checkrob_run_class_count(run), 1);
  const checkrob_row *row = checkrob_run_class(run, 0);
  assert_string_equal(checkrob_row_text(row, "class"), "kangaroo");
  assert_int_equal(checkrob_row_integer(row, "images"), PHOTOS);
  assert_int_equal(checkrob_row_integer(row, "failed"), 1);
  double sum = 0;
  for (size_t i = 0; i < PHOTOS; i++) sum += golden.rows[i].rs;
  assert_true(fabs(checkrob_row_number(row, "crs") - sum / PHOTOS) < TOLERANCE);
  checkrob_run_free(run);
  checkrob_options_free(options);
  checkrob_model_free(model);
  checkrob_dataset_free(dataset);
  checkrob_preprocess_free(preprocess);
  checkrob_class_map_free(classes);
  golden_free(&golden);
}

static void test_run_mobilenet_gradcam(void **state) {
  (void)state;
  check_run(&mobilenet, 0);
}

static void test_run_squeezenet_gradcampp(void **state) {
  (void)state;
  check_run(&squeezenet, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mobilenet_maps_scores_and_logits),
      cmocka_unit_test(test_squeezenet_maps_scores_and_logits),
      cmocka_unit_test(test_squeezenet_scorecam),
      cmocka_unit_test(test_run_mobilenet_gradcam),
      cmocka_unit_test(test_run_squeezenet_gradcampp),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
