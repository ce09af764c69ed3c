/* SPDX-License-Identifier: Apache-2.0 */
/* Class activation maps with channel weights from the gradient. Sums are computed in double: gradients at
 * late layers may be as small as 1e-12, and their cubes are outside the range of float32. */
#include <math.h>

#include "base/error.h"
#include "saliency/method.h"

void method_add_weighted(double *map, double weight, const float *activation, size_t positions) {
  for (size_t i = 0; i < positions; i++) map[i] += weight * (double)activation[i];
}

checkrob_status method_gradcam(double *map, const capture_view *view) {
  for (size_t k = 0; k < view->channels; k++) {
    const float *gradient = view->gradient + k * view->positions;
    double sum = 0.0;
    for (size_t i = 0; i < view->positions; i++) sum += (double)gradient[i];
    method_add_weighted(map, sum / (double)view->positions, view->activation + k * view->positions,
                        view->positions);
  }
  return CHECKROB_OK;
}

static double gradcampp_weight(const float *activation, const float *gradient, size_t positions) {
  const double eps = 1e-7;
  double cubes = 0.0;
  for (size_t i = 0; i < positions; i++) {
    double g = (double)gradient[i];
    cubes += (double)activation[i] * g * g * g;
  }
  /* The inputs are not finite. Without this check the NaN or infinity would become a weight of 0. */
  if (!isfinite(cubes)) return NAN;
  double weight = 0.0;
  for (size_t i = 0; i < positions; i++) {
    double g = (double)gradient[i];
    if (!(g > 0.0)) continue; /* relu(G) is the last factor, so other gradients add nothing */
    double denominator = 2.0 * g * g + cubes + eps;
    weight += g * g / (denominator != 0.0 ? denominator : 1.0) * g;
  }
  return weight;
}

checkrob_status method_gradcampp(double *map, const capture_view *view) {
  for (size_t k = 0; k < view->channels; k++) {
    const float *activation = view->activation + k * view->positions;
    double weight = gradcampp_weight(activation, view->gradient + k * view->positions, view->positions);
    method_add_weighted(map, weight, activation, view->positions);
  }
  return CHECKROB_OK;
}

/* With global average pooling and one linear layer after A, G_k is w_ck / (h w) at every position. 1e-4 is
 * far above the rounding of float32, and far below the differences that other layers after A cause. */
static int is_same_everywhere(const float *gradient, size_t positions, double largest) {
  for (size_t i = 1; i < positions; i++)
    if (fabs((double)gradient[i] - (double)gradient[0]) > 1e-4 * largest) return 0;
  return 1;
}

checkrob_status method_cam(double *map, const capture_view *view) {
  double largest = 0.0;
  for (size_t i = 0; i < view->channels * view->positions; i++)
    largest = fmax(largest, fabs((double)view->gradient[i]));
  for (size_t k = 0; k < view->channels; k++)
    if (!is_same_everywhere(view->gradient + k * view->positions, view->positions, largest))
      return error_set(
          CHECKROB_ERROR_MODEL_UNSUPPORTED,
          "cam needs global average pooling and one linear layer after the layer, but the gradient "
          "there is not the same at every position; use gradcam, which equals cam where cam is defined");
  return method_gradcam(map, view);
}
