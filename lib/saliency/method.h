/* SPDX-License-Identifier: Apache-2.0 */
/* The methods. Each is a function from the captured arrays of one image to an unnormalised map. */
#ifndef CHECKROB_LIB_METHOD_H
#define CHECKROB_LIB_METHOD_H

#include <checkrob/saliency.h>

/* The capture of one image: activation A and gradient G, both [channels, positions]. G is NULL for methods
 * without a gradient. */
typedef struct capture_view {
  const float *activation;
  const float *gradient;
  size_t channels;
  size_t positions; /* height * width */
} capture_view;

/* Adds the map, before relu and normalisation, to `map` [positions], which contains zeros. */
typedef checkrob_status (*method_function)(double *map, const capture_view *view);

checkrob_status method_gradcam(double *map, const capture_view *view);
checkrob_status method_gradcampp(double *map, const capture_view *view);
checkrob_status method_xgradcam(double *map, const capture_view *view);
checkrob_status method_hirescam(double *map, const capture_view *view);
checkrob_status method_layercam(double *map, const capture_view *view);
checkrob_status method_eigencam(double *map, const capture_view *view);
checkrob_status method_cam(double *map, const capture_view *view);

/* Functions for methods outside this room. */

/* map += weight * activation */
void method_add_weighted(double *map, double weight, const float *activation, size_t positions);

/* relu, then normalisation by minimum and maximum to [0, 1]; all zeros if the range is 0 or not finite. */
void saliency_normalise(float *map, const double *raw, size_t positions);

/* checkrob_saliency_upsample without the clamp. */
checkrob_status saliency_resize(float *out, size_t out_height, size_t out_width, const float *map,
                                size_t height, size_t width);

/* The transpose of upsampling. `out` [height, width] receives the weight of each position of a map in a sum
 * over `pixels` [pixel_height, pixel_width]: sum(upsampled map * pixels) = sum(map * out). */
checkrob_status saliency_gather(float *out, size_t height, size_t width, const float *pixels,
                                size_t pixel_height, size_t pixel_width);

#endif
