/* SPDX-License-Identifier: Apache-2.0 */
/* Maps that weight each activation by its gradient, position by position. Sums are computed in double, as in
 * gradient_cam.c. */
#include "saliency/method.h"

checkrob_status method_xgradcam(double *map, const capture_view *view) {
  const double eps = 1e-7;
  for (size_t k = 0; k < view->channels; k++) {
    const float *activation = view->activation + k * view->positions;
    const float *gradient = view->gradient + k * view->positions;
    double products = 0.0, sum = eps;
    for (size_t i = 0; i < view->positions; i++) {
      products += (double)gradient[i] * (double)activation[i];
      sum += (double)activation[i];
    }
    for (size_t i = 0; i < view->positions; i++) map[i] += products / sum * (double)activation[i];
  }
  return CHECKROB_OK;
}

checkrob_status method_hirescam(double *map, const capture_view *view) {
  for (size_t i = 0; i < view->channels * view->positions; i++)
    map[i % view->positions] += (double)view->gradient[i] * (double)view->activation[i];
  return CHECKROB_OK;
}

checkrob_status method_layercam(double *map, const capture_view *view) {
  for (size_t i = 0; i < view->channels * view->positions; i++) {
    double gradient = (double)view->gradient[i];
    /* Not "gradient > 0", because NaN must reach the map, which is then empty. */
    map[i % view->positions] += (gradient < 0.0 ? 0.0 : gradient) * (double)view->activation[i];
  }
  return CHECKROB_OK;
}
