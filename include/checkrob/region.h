/* Regions: where the objects are, and how much of each model-input pixel they cover.
 *
 * A checkrob_regions holds the shapes of one image's objects, in pixels of the original image. Coordinates
 * are continuous: x runs from 0 at the image's left edge to its width at the right edge, y from 0 at the
 * top to its height. A pixel (column i, row j) is the square [i, i+1) x [j, j+1). Pascal VOC's 1-based
 * inclusive corners (xmin, ymin, xmax, ymax) are thus the box (xmin - 1, ymin - 1, xmax, ymax).
 */
#ifndef CHECKROB_REGION_H
#define CHECKROB_REGION_H

#include <checkrob/preprocess.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_regions checkrob_regions;

CHECKROB_API checkrob_status checkrob_regions_new(checkrob_regions **out);
CHECKROB_API void checkrob_regions_free(checkrob_regions *regions);

/* Adds the box [x1, x2) x [y1, y2). INVALID_ARGUMENT when it is empty, inverted or not finite. */
CHECKROB_API checkrob_status checkrob_regions_add_box(checkrob_regions *regions, double x1, double y1,
                                                      double x2, double y2);

/* Adds the polygon whose `points` corners are xy[0], xy[1]; xy[2], xy[3]; ...; copied. The last corner is
 * joined to the first. Inside is where the outline winds around (the non-zero rule), and a pixel on the rim
 * counts by the share of its area that lies inside; an outline through pixel centres, as some annotators draw
 * it, thus loses half a pixel all around. INVALID_ARGUMENT when it encloses nothing or is not finite. */
CHECKROB_API checkrob_status checkrob_regions_add_polygon(checkrob_regions *regions, const double *xy,
                                                          size_t points);

/* Adds the pixels of a mask [height, width], row after row, that are not 0; copied. It must have the original
 * image's size: checkrob_regions_coverage fails with BAD_INPUT where it has not. INVALID_ARGUMENT when all
 * are 0, or for relative regions. */
CHECKROB_API checkrob_status checkrob_regions_add_mask(checkrob_regions *regions, const uint8_t *mask,
                                                       uint32_t width, uint32_t height);

/* Coordinates are shares of the image's width and height, 0 to 1, instead of pixels (YOLO labels have them
 * so). To be called before the first shape is added: INVALID_ARGUMENT after. */
CHECKROB_API checkrob_status checkrob_regions_set_relative(checkrob_regions *regions);
CHECKROB_API int checkrob_regions_relative(const checkrob_regions *regions);

/* Number of shapes of all kinds. */
CHECKROB_API size_t checkrob_regions_count(const checkrob_regions *regions);

/* Shape `index`, or the smallest box around it, as x1, y1, x2, y2. INVALID_ARGUMENT when there is no such
 * shape.
 */
CHECKROB_API checkrob_status checkrob_regions_box(double box[4], const checkrob_regions *regions,
                                                  size_t index);

typedef enum checkrob_geometry {
  /* Corners moved by the exact affine map of the preprocessing, in floating point; a pixel on the rim counts
   * by the share of its area that is covered. */
  CHECKROB_GEOMETRY_STANDARD = 1,
  /* The authors' integer arithmetic: each VOC corner v becomes int(v * new / old), minus (new - crop) // 2 on
   * the longer axis, clamped below at 0 and cut at the right and bottom edge; columns [x1, x2), rows [y1, y2)
   * are covered (method of Szyc et al., ECML PKDD 2021, as their published code computes it). */
  CHECKROB_GEOMETRY_PAPER = 2
} checkrob_geometry;

/* Writes [height, width] floats in [0, 1] to `coverage`, at the model's input size: 1 inside, 0 outside. The
 * union of all shapes: overlapping boxes count once. width and height are the original image's.
 * Safe from several threads on the same objects. Errors: OUT_OF_MEMORY, INVALID_ARGUMENT, BAD_INPUT (the
 * image is too small for the preprocessing's crop, a mask of another size), UNSUPPORTED (the paper's geometry
 * for polygons and masks). Where polygons and masks meet within one pixel of the original, the larger share
 * counts, so that their union is exact but for the rims. */
CHECKROB_API checkrob_status checkrob_regions_coverage(float *coverage, const checkrob_regions *regions,
                                                       const checkrob_preprocess *preprocess,
                                                       uint32_t image_width, uint32_t image_height,
                                                       checkrob_geometry geometry);

CHECKROB_END_DECLS
#endif
