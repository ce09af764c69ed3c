/* SPDX-License-Identifier: Apache-2.0 */
/* The object of one image in the surroundings of another. Images are model inputs, [3, H, W]; coverages are
 * [H, W], from 0 to 1. Pure functions. */
#ifndef CHECKROB_LIB_TRANSPLANT_H
#define CHECKROB_LIB_TRANSPLANT_H

#include <stdbool.h>
#include <stddef.h>

/* A rectangle of pixels; x1 and y1 are after the last ones. */
typedef struct extent {
  size_t x0, y0, x1, y1;
} extent;

/* Bytes of `work` that object_extent() and transplant() need. */
size_t transplant_work(size_t height, size_t width);

/* Finds the rectangle around the largest connected part of the object: pixels side by side or above each
 * other that are covered by half or more; of equal parts the first one. If no pixel is, those that are
 * covered at all. False if there is none. */
bool object_extent(extent *out, const float *coverage, size_t height, size_t width, void *work);

/* An object alone: the rectangle around it. Borrowed. */
typedef struct cut_out {
  size_t height, width;
  const float *pixels;   /* [3, height, width] */
  const float *coverage; /* [height, width] */
} cut_out;

/* Copies an object out of an image [3, H, W] and its coverage [H, W], of this width: the pixels and the
 * coverage in `e` to `numbers` [4, e's height, e's width], to which *out then points. */
void cut_out_copy(cut_out *out, float *numbers, const float *image, const float *coverage, const extent *e,
                  size_t height, size_t width);

/* Takes what is `removed` [H, W], the object at least, out of `image`, which is filled from around, and puts
 * another object in its place, stretched to the rectangle around the largest part of the image's object
 * (bilinear, pixel centres at halves), as far as its coverage goes. So a box is replaced whole; a mask keeps
 * the other object's outline. False, and nothing is changed, if the image has no object. */
bool transplant(float *image, const float *coverage, const float *removed, size_t height, size_t width,
                const cut_out *other, void *work);

/* The same, but the other object keeps its size: its middle is that of the old rectangle, or as near as the
 * image's border allows. A network for which the size says something about the class is not misled. False
 * also if the object is larger than the image. */
bool transplant_at_own_size(float *image, const float *coverage, const float *removed, size_t height,
                            size_t width, const cut_out *other, void *work);

#endif
