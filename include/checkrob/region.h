/* SPDX-License-Identifier: Apache-2.0 */
/* Regions: where the objects are, and which share of each pixel of the model's input they cover.
 *
 * A checkrob_regions holds the shapes of one image's objects, in pixels of the original image. Coordinates
 * are continuous: x is 0 at the image's left edge and its width at the right edge; y is 0 at the top edge and
 * its height at the bottom edge. A pixel (column i, row j) is the square [i, i+1) x [j, j+1). Pascal VOC's
 * 1-based inclusive corners (xmin, ymin, xmax, ymax) are thus the box (xmin - 1, ymin - 1, xmax, ymax).
 *
 * One image may have 10 000 shapes, whose polygons have 1 000 000 corners together, and whose masks have
 * 2 000 000 runs of pixels in rows. Functions that add shapes return LIMIT where there would be more.
 */
#ifndef CHECKROB_REGION_H
#define CHECKROB_REGION_H

#include <checkrob/preprocess.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_regions checkrob_regions;

CHECKROB_API checkrob_status checkrob_regions_new(checkrob_regions **out);
CHECKROB_API void checkrob_regions_free(checkrob_regions *regions);

/* Adds the box [x1, x2) x [y1, y2). INVALID_ARGUMENT if it is empty, inverted or not finite. */
CHECKROB_API checkrob_status checkrob_regions_add_box(checkrob_regions *regions, double x1, double y1,
                                                      double x2, double y2);

/* Adds the polygon whose `points` corners are xy[0], xy[1]; xy[2], xy[3]; ...; they are copied. An edge from
 * the last corner to the first one closes it. The inside follows the non-zero rule. A pixel at the border
 * counts by the share of its area that is inside, so an outline through pixel centres, as some annotators
 * draw it, loses half a pixel on each side. INVALID_ARGUMENT if it has no area or is not finite. */
CHECKROB_API checkrob_status checkrob_regions_add_polygon(checkrob_regions *regions, const double *xy,
                                                          size_t points);

/* Adds the pixels of a mask [height, width], row by row, that are not 0; they are copied. The mask must have
 * the original image's size, else checkrob_regions_coverage fails with BAD_INPUT. INVALID_ARGUMENT if all
 * pixels are 0, or if the regions are relative. */
CHECKROB_API checkrob_status checkrob_regions_add_mask(checkrob_regions *regions, const uint8_t *mask,
                                                       uint32_t width, uint32_t height);

/* Makes coordinates shares of the image's width and height, 0 to 1, instead of pixels, as in YOLO's labels.
 * INVALID_ARGUMENT if there are shapes already. */
CHECKROB_API checkrob_status checkrob_regions_set_relative(checkrob_regions *regions);
CHECKROB_API int checkrob_regions_relative(const checkrob_regions *regions);

/* Number of shapes of all kinds. */
CHECKROB_API size_t checkrob_regions_count(const checkrob_regions *regions);

/* The smallest box around shape `index`, as x1, y1, x2, y2. INVALID_ARGUMENT if there is no such shape. */
CHECKROB_API checkrob_status checkrob_regions_box(double box[4], const checkrob_regions *regions,
                                                  size_t index);

typedef enum checkrob_geometry {
  /* The preprocessing's exact affine map moves the corners, in floating point. A pixel at the border counts
   * by the share of its area that is covered. */
  CHECKROB_GEOMETRY_STANDARD = 1,
  /* The authors' integer arithmetic: each VOC corner v becomes int(v * new / old), minus (new - crop) // 2 on
   * the longer axis, clamped below at 0 and cut at the right and bottom edge; columns [x1, x2), rows [y1, y2)
   * are covered (method of Szyc et al., ECML PKDD 2021, as their published code computes it). */
  CHECKROB_GEOMETRY_PAPER = 2
} checkrob_geometry;

/* Writes [height, width] floats in [0, 1] to `coverage`, at the model's input size: 1 inside, 0 outside. It
 * is the union of all shapes: overlapping boxes count once. If polygons and masks cover one pixel of the
 * original, the larger share counts, so their union is exact except at borders. image_width and image_height
 * are the original image's. Safe from several threads on the same objects. Errors: OUT_OF_MEMORY,
 * INVALID_ARGUMENT, BAD_INPUT (the image is too small for the preprocessing's crop, a mask of another size),
 * LIMIT (the outlines of the polygons pass through more than 10 million pixels of the original), UNSUPPORTED
 * (the paper's geometry for polygons and masks). */
CHECKROB_API checkrob_status checkrob_regions_coverage(float *coverage, const checkrob_regions *regions,
                                                       const checkrob_preprocess *preprocess,
                                                       uint32_t image_width, uint32_t image_height,
                                                       checkrob_geometry geometry);

CHECKROB_END_DECLS
#endif
