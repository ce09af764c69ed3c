/* SPDX-License-Identifier: Apache-2.0 */
#include "truth.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"

static void read_all(void *to, size_t size, size_t count, FILE *file, const char *path) {
  if (fread(to, size, count, file) != count) fail_msg("%s: too short", path);
}

static float *read_floats(int64_t count, FILE *file, const char *path) {
  float *values = malloc((size_t)count * sizeof *values);
  assert_non_null(values);
  read_all(values, sizeof *values, (size_t)count, file, path);
  return values;
}

void truth_read(truth *out, const char *path) {
  int64_t head[7]; /* N, H, W, K, C, h, w */
  FILE *file = fopen(path, "rb");
  if (!file) fail_msg("%s: cannot be opened", path);
  read_all(head, sizeof *head, 7, file, path);
  const int64_t n = head[0];
  const truth t = {
      .shape = {n, 3, head[1], head[2]}, .classes = head[3], .layer = {n, head[4], head[5], head[6]}};
  *out = t;
  out->targets = malloc((size_t)n * sizeof *out->targets);
  assert_non_null(out->targets);
  read_all(out->targets, sizeof *out->targets, (size_t)n, file, path);
  out->input = read_floats(n * 3 * head[1] * head[2], file, path);
  out->logits = read_floats(n * head[3], file, path);
  out->activation = read_floats(n * head[4] * head[5] * head[6], file, path);
  out->gradient = read_floats(n * head[4] * head[5] * head[6], file, path);
  fclose(file);
}

void truth_free(truth *t) {
  free(t->targets);
  free(t->input);
  free(t->logits);
  free(t->activation);
  free(t->gradient);
}

void assert_close(const char *what, const float *got, const float *expected, size_t count, double tolerance) {
  double largest = 0;
  assert_non_null(got);
  for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)expected[i]));
  for (size_t i = 0; i < count; i++)
    if (!(fabs((double)got[i] - (double)expected[i]) <= tolerance * largest))
      fail_msg("%s[%zu]: %.9g, expected %.9g (largest %.3g)", what, i, (double)got[i], (double)expected[i],
               largest);
}

void assert_capture(const shim_capture *capture, const truth *t, int with_gradient) {
  const size_t map = (size_t)(t->layer[0] * t->layer[1] * t->layer[2] * t->layer[3]);
  const double tolerance = on_cpu() ? 1e-5 : 1e-4;
  assert_int_equal(capture->batch, t->shape[0]);
  assert_int_equal(capture->classes, t->classes);
  assert_int_equal(capture->maps[0].channels, t->layer[1]);
  assert_int_equal(capture->maps[0].height, t->layer[2]);
  assert_int_equal(capture->maps[0].width, t->layer[3]);
  assert_close("logits", capture->logits, t->logits, (size_t)(t->shape[0] * t->classes), tolerance);
  assert_close("activation", capture->maps[0].activation, t->activation, map, tolerance);
  if (with_gradient)
    assert_close("gradient", capture->maps[0].gradient, t->gradient, map, tolerance);
  else
    assert_null(capture->maps[0].gradient);
}
