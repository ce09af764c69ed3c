/* SPDX-License-Identifier: Apache-2.0 */
/* Eigen-CAM: the projection of the activation on its first principal component, without LAPACK. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "saliency/method.h"

/* Each channel minus its mean, [channels, positions]. */
static void centre(double *x, const capture_view *view) {
  for (size_t k = 0; k < view->channels; k++) {
    const float *a = view->activation + k * view->positions;
    double sum = 0.0;
    for (size_t i = 0; i < view->positions; i++) sum += (double)a[i];
    double mean = sum / (double)view->positions;
    for (size_t i = 0; i < view->positions; i++) x[k * view->positions + i] = (double)a[i] - mean;
  }
}

static void gram_of_channels(double *gram, const double *x, size_t channels, size_t positions) {
  for (size_t k = 0; k < channels; k++)
    for (size_t l = 0; l <= k; l++) {
      double sum = 0.0;
      for (size_t i = 0; i < positions; i++) sum += x[k * positions + i] * x[l * positions + i];
      gram[k * channels + l] = gram[l * channels + k] = sum;
    }
}

static void gram_of_positions(double *gram, const double *x, size_t channels, size_t positions) {
  memset(gram, 0, positions * positions * sizeof *gram);
  for (size_t k = 0; k < channels; k++)
    for (size_t i = 0; i < positions; i++)
      for (size_t j = 0; j < positions; j++)
        gram[i * positions + j] += x[k * positions + i] * x[k * positions + j];
}

static double scale_to_trace_one(double *gram, size_t n) {
  double trace = 0.0;
  for (size_t i = 0; i < n; i++) trace += gram[i * n + i];
  if (trace > 0.0 && isfinite(trace))
    for (size_t i = 0; i < n * n; i++) gram[i] /= trace;
  return trace;
}

/* out = gram^2 for a symmetric matrix: the upper half is computed, and mirrored. */
static void square(double *out, const double *gram, size_t n) {
  memset(out, 0, n * n * sizeof *out);
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < n; k++)
      for (size_t j = i; j < n; j++) out[i * n + j] += gram[i * n + k] * gram[k * n + j];
    for (size_t j = i; j < n; j++) out[j * n + i] = out[i * n + j];
  }
}

/* Changes `gram` (trace 1) into the projector on its leading eigenspace, divided by the dimension of that
 * space. Each squaring squares the ratios of the eigenvalues, so 46 squarings separate even two that differ
 * by 1e-12. The method needs no start vector, which might be orthogonal to the solution. Equal eigenvalues
 * are a fixed point too. */
static void project_on_leading(double *gram, double *spare, size_t n) {
  for (int step = 0; step < 64; step++) {
    square(spare, gram, n);
    scale_to_trace_one(spare, n);
    double change = 0.0;
    for (size_t i = 0; i < n * n; i++) change = fmax(change, fabs(spare[i] - gram[i]));
    memcpy(gram, spare, n * n * sizeof *gram);
    if (change < 1e-14) return;
  }
}

/* The columns of a projector are in its space. The column with the largest diagonal entry is the longest. */
static const double *longest_column(const double *projector, size_t n) {
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (projector[i * n + i] > projector[best * n + best]) best = i;
  return projector + best * n;
}

/* The sign of <checkrob/saliency.h>. */
static void orient(double *map, const double *x, size_t channels, size_t positions) {
  double correlation = 0.0, map_square = 0.0, sum_square = 0.0;
  size_t peak = 0;
  for (size_t i = 0; i < positions; i++) {
    double sum = 0.0;
    for (size_t k = 0; k < channels; k++) sum += x[k * positions + i];
    correlation += map[i] * sum;
    map_square += map[i] * map[i];
    sum_square += sum * sum;
    /* Here and below, differences from rounding must not decide. */
    if (fabs(map[i]) > fabs(map[peak]) * (1.0 + 1e-9)) peak = i;
  }
  if (fabs(correlation) <= 1e-9 * sqrt(map_square) * sqrt(sum_square)) correlation = map[peak];
  if (correlation < 0.0)
    for (size_t i = 0; i < positions; i++) map[i] = -map[i];
}

static void project(double *map, double *x, double *gram, double *spare, const capture_view *view) {
  size_t channels = view->channels, positions = view->positions;
  size_t n = channels < positions ? channels : positions;
  centre(x, view);
  if (channels < positions)
    gram_of_channels(gram, x, channels, positions);
  else
    gram_of_positions(gram, x, channels, positions);
  double trace = scale_to_trace_one(gram, n);
  if (!isfinite(trace)) map[0] = NAN;
  if (!(trace > 0.0) || !isfinite(trace)) return;
  project_on_leading(gram, spare, n);
  const double *vector = longest_column(gram, n);
  /* If the matrix is over positions, the eigenvector itself is the projection, except for its length. */
  for (size_t i = 0; i < positions; i++) {
    if (channels >= positions) map[i] = vector[i];
    for (size_t k = 0; channels < positions && k < channels; k++) map[i] += vector[k] * x[k * positions + i];
  }
  orient(map, x, channels, positions);
}

checkrob_status method_eigencam(double *map, const capture_view *view) {
  size_t n = view->channels < view->positions ? view->channels : view->positions;
  double *x = calloc(view->channels * view->positions, sizeof *x);
  double *gram = calloc(n * n, sizeof *gram), *spare = calloc(n * n, sizeof *spare);
  int memory = x && gram && spare;
  if (memory) project(map, x, gram, spare, view);
  free(x);
  free(gram);
  free(spare);
  return memory ? CHECKROB_OK : error_memory("the principal component of an activation");
}
