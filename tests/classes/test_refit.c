/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/refit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

enum { ROWS = 60, FEATURES = 11, CLASSES = 3 };

static float values[2 * ROWS][FEATURES];
static const float *rows[2 * ROWS];
static size_t labels[2 * ROWS];

/* Noise from -1 to 1, and a feature of each class that is 2 for it. */
static void fill(void) {
  uint32_t random = 3;
  for (size_t n = 0; n < ROWS; n++) {
    labels[n] = n % CLASSES;
    rows[n] = values[n];
    for (size_t k = 0; k < FEATURES; k++) {
      random = random * 1664525U + 1013904223U;
      values[n][k] = (float)(random >> 8) / 8388608.0F - 1.0F;
    }
    values[n][4 + labels[n]] += 2.0F;
  }
}

static refit_data data_of(size_t count) {
  return (refit_data){rows, labels, count, FEATURES, CLASSES, NULL};
}

/* The loss as it is declared, in another order of operations. */
static double loss_of(const refit_layer *layer, const refit_data *d) {
  double loss = 0.0, count[CLASSES] = {0};
  for (size_t n = 0; n < d->count; n++) count[d->labels[n]] += 1.0;
  for (size_t n = 0; n < d->count; n++) {
    double scores[CLASSES], sum = 0.0;
    for (size_t k = 0; k < CLASSES; k++) {
      const double *w = layer->weights + k * (FEATURES + 1);
      scores[k] = w[FEATURES];
      for (size_t i = 0; i < FEATURES; i++) scores[k] += w[i] * (double)d->rows[n][i];
      sum += exp(scores[k]);
    }
    loss += (log(sum) - scores[d->labels[n]]) / count[d->labels[n]] / CLASSES;
  }
  for (size_t i = 0; i < CLASSES * (FEATURES + 1); i++)
    if (i % (FEATURES + 1) != FEATURES) loss += REFIT_DECAY / 2.0 * layer->weights[i] * layer->weights[i];
  return loss;
}

static void the_loss_is_smallest(void **state) {
  (void)state;
  fill();
  refit_layer layer;
  refit_data data = data_of(ROWS);
  must(refit_fit(&layer, &data, NULL, 500));
  double least = loss_of(&layer, &data);
  for (size_t i = 0; i < CLASSES * (FEATURES + 1); i++)
    for (int sign = -1; sign <= 1; sign += 2) {
      double was = layer.weights[i];
      layer.weights[i] += sign * 0.01;
      if (!(loss_of(&layer, &data) > least)) fail_msg("weight %zu is not the best one", i);
      layer.weights[i] = was;
    }
  for (size_t n = 0; n < ROWS; n++) assert_int_equal(refit_predict(&layer, rows[n]), labels[n]);
  refit_clear(&layer);
}

/* A class with twice the rows, each there twice, counts as before. */
static void classes_count_the_same(void **state) {
  (void)state;
  fill();
  refit_layer once, twice;
  refit_data data = data_of(ROWS);
  must(refit_fit(&once, &data, NULL, 500));
  for (size_t n = 0; n < ROWS; n++)
    if (labels[n] == 1) {
      rows[data.count] = rows[n];
      labels[data.count++] = 1;
    }
  assert_int_equal(data.count, ROWS + ROWS / CLASSES);
  must(refit_fit(&twice, &data, NULL, 500));
  for (size_t i = 0; i < CLASSES * (FEATURES + 1); i++)
    /* both stop where the gradient is below 1e-5, and the loss bends by 1e-3 at least, but for the last ones,
     * of which only the differences matter */
    if (i % (FEATURES + 1) != FEATURES) assert_true(fabs(once.weights[i] - twice.weights[i]) < 0.02);
  refit_clear(&once);
  refit_clear(&twice);
}

static void a_start_is_gone_on_from(void **state) {
  (void)state;
  fill();
  refit_layer first, none, more;
  refit_data data = data_of(ROWS);
  must(refit_fit(&first, &data, NULL, 5));
  must(refit_fit(&none, &data, &first, 0));
  assert_memory_equal(first.weights, none.weights, CLASSES * (FEATURES + 1) * sizeof *first.weights);
  must(refit_fit(&more, &data, &first, 20));
  assert_true(loss_of(&more, &data) < loss_of(&first, &data));
  refit_clear(&first);
  refit_clear(&none);
  refit_clear(&more);
}

static void a_class_without_rows_is_never_the_largest(void **state) {
  (void)state;
  fill();
  refit_layer layer;
  refit_data data = data_of(ROWS);
  for (size_t n = 0; n < ROWS; n++) labels[n] = n % 2;
  must(refit_fit(&layer, &data, NULL, 100));
  for (size_t n = 0; n < ROWS; n++) assert_true(refit_predict(&layer, rows[n]) != 2);
  refit_clear(&layer);
  data.count = 0;
  must(refit_fit(&layer, &data, NULL, 100));
  for (size_t i = 0; i < CLASSES * (FEATURES + 1); i++) assert_true(layer.weights[i] == 0.0);
  refit_clear(&layer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_loss_is_smallest),
      cmocka_unit_test(classes_count_the_same),
      cmocka_unit_test(a_start_is_gone_on_from),
      cmocka_unit_test(a_class_without_rows_is_never_the_largest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
