/* SPDX-License-Identifier: Apache-2.0 */
/* Fills: what replaces the pixels that are taken away from an image. Images are model inputs, [3, H, W],
 * after normalisation. `replaced` [H, W] is the share of each pixel that is replaced, from 0 to 1. Pure
 * functions. */
#ifndef CHECKROB_LIB_FILL_H
#define CHECKROB_LIB_FILL_H

#include <stddef.h>

/* The normalisation of the channels: input = (value - mean) / std, value from 0 to 1. */
typedef struct channel_scale {
  double mean[3], std[3];
} channel_scale;

/* Middle gray: half of the range of values. It carries nothing of the image, as a mean colour would. */
void fill_middle(float *image, const float *replaced, size_t height, size_t width,
                 const channel_scale *scale);

/* The pixel's own brightness (ITU-R BT.601) without its colour. */
void fill_gray(float *image, const float *replaced, size_t height, size_t width, const channel_scale *scale);

/* Numbers of `work` that fill_around() needs. */
size_t fill_around_work(size_t height, size_t width);

/* Numbers of `work` that fill_blurred() needs. */
size_t fill_blurred_work(size_t height, size_t width);

/* The image's own pixels, blurred: a Gaussian of the standard deviation `sigma` pixels, cut off after 3
 * sigma. Beyond the border, the pixels of the border go on. */
void fill_blurred(float *image, const float *replaced, size_t height, size_t width, double sigma,
                  float *work);

/* The surroundings, continued smoothly into what is replaced: pull-push interpolation (Gortler et al., "The
 * Lumigraph", SIGGRAPH 1996, section 3.4). Averages of what is not replaced are formed on coarser and coarser
 * grids; each finer grid then takes what it lacks from the coarser one, interpolated linearly. If everything
 * is replaced, the result is 0 there. `work` has fill_around_work() numbers. */
void fill_around(float *image, const float *replaced, size_t height, size_t width, float *work);

#endif
