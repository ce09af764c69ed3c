/* Class activation maps whose channel weights come from the gradient. Sums are taken in double: the networks'
 * gradients at late layers may be as small as 1e-12, and their cubes leave float32's range. */
#include <math.h>

#include "saliency/method.h"

static void add_weighted_channel(double *map, double weight, const float *activation, size_t positions) {
  for (size_t i = 0; i < positions; i++) map[i] += weight * (double)activation[i];
}

void method_gradcam(double *map, const capture_view *view) {
  for (size_t k = 0; k < view->channels; k++) {
    const float *gradient = view->gradient + k * view->positions;
    double sum = 0.0;
    for (size_t i = 0; i < view->positions; i++) sum += (double)gradient[i];
    add_weighted_channel(map, sum / (double)view->positions, view->activation + k * view->positions,
                         view->positions);
  }
}

static double gradcampp_weight(const float *activation, const float *gradient, size_t positions) {
  const double eps = 1e-7;
  double cubes = 0.0;
  for (size_t i = 0; i < positions; i++) {
    double g = (double)gradient[i];
    cubes += (double)activation[i] * g * g * g;
  }
  /* No finite float32 leads here. Going on would turn the NaN or infinity into a weight of 0. */
  if (!isfinite(cubes)) return NAN;
  double weight = 0.0;
  for (size_t i = 0; i < positions; i++) {
    double g = (double)gradient[i];
    if (!(g > 0.0)) continue; /* relu(G) is the last factor */
    double denominator = 2.0 * g * g + cubes + eps;
    weight += g * g / (denominator != 0.0 ? denominator : 1.0) * g;
  }
  return weight;
}

void method_gradcampp(double *map, const capture_view *view) {
  for (size_t k = 0; k < view->channels; k++) {
    const float *activation = view->activation + k * view->positions;
    double weight = gradcampp_weight(activation, view->gradient + k * view->positions, view->positions);
    add_weighted_channel(map, weight, activation, view->positions);
  }
}
