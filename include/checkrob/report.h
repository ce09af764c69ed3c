/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of results. */
#ifndef CHECKROB_REPORT_H
#define CHECKROB_REPORT_H

#include <checkrob/region.h>

CHECKROB_BEGIN_DECLS

/* Draws a saliency map over its image, at the image's size. A small image is enlarged by a whole factor.
 * `map` [height, width] is a map of checkrob_saliency or of an explanation. It is drawn on the part of the
 * image that became the model's input. The part that the crop removed is darkened, because the model never
 * saw it. The outline of each shape of `regions` is drawn too; NULL: none. The caller frees *out. Errors:
 * OUT_OF_MEMORY, INVALID_ARGUMENT, BAD_INPUT (the image is smaller than the crop, a mask has another
 * size). */
CHECKROB_API checkrob_status checkrob_overlay(checkrob_image **out, const checkrob_image *image,
                                              const checkrob_preprocess *preprocess, const float *map,
                                              size_t height, size_t width, const checkrob_regions *regions);

/* The picture of a model's input, `input` [3, H, W] of checkrob_preprocess_apply(): what the model sees of an
 * image. Its values are rounded to 8 bits. The caller frees *out. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_preprocess_picture(checkrob_image **out,
                                                         const checkrob_preprocess *preprocess,
                                                         const float *input);

/* One image of an attack: the image, its object, what counts neither way (NULL: nothing), and whether its
 * object keeps its size when it is pasted (0 or 1). Borrowed. The structure begins with its size:
 * CHECKROB_PASTED_IMAGE_INIT. */
typedef struct checkrob_pasted_image {
  size_t size;
  const checkrob_image *image;
  const checkrob_regions *regions, *ignored;
  int keeps_size;
} checkrob_pasted_image;
#define CHECKROB_PASTED_IMAGE_INIT \
  { sizeof(checkrob_pasted_image), NULL, NULL, NULL, 0 }

/* Makes an attack: the surroundings of one image with the object of another one, as the model sees it, at the
 * size of its input. The object of `into`, and what is ignored in it, is filled from around; then that of
 * `from`, its largest part, is stretched to the rectangle of the largest part of the old one, as far as its
 * own regions go. This is what the probe `transplanted` asks about (docs/method.md). If `from` keeps its
 * size, it is not stretched: its middle is that of the old one, or as near as the border allows. This is what
 * the option `advice` asks about. `margin`: around both objects, a share of their sides from 0 to 1. `input`,
 * which may be NULL, gets the same as [3, H, W], before rounding to 8 bits. The caller frees *out. Errors:
 * INVALID_ARGUMENT, NO_OBJECT (the model sees one of the objects nowhere), BAD_INPUT (an image is smaller
 * than the crop), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_paste(checkrob_image **out, float *input,
                                            const checkrob_preprocess *preprocess,
                                            const checkrob_pasted_image *into,
                                            const checkrob_pasted_image *from, checkrob_geometry geometry,
                                            double margin);

/* A contact sheet: images in a grid of tiles, each with its objects outlined and, beside it, the part of it
 * that somebody should look at.
 *
 *    checkrob_sheet_new(&sheet, 2, 4, 192);
 *    checkrob_sheet_add(sheet, image, preprocess, regions, 0.9, 0.9);    lower right
 *    checkrob_sheet_image(&picture, sheet);
 *    checkrob_image_write_png(picture, "sheet.png"); */
typedef struct checkrob_sheet checkrob_sheet;

/* A sheet of columns x rows tiles, each with two squares of `side` pixels side by side. Errors:
 * INVALID_ARGUMENT (0, or more than 64 tiles a side or 1024 pixels), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_sheet_new(checkrob_sheet **out, uint32_t columns, uint32_t rows,
                                                uint32_t side);
CHECKROB_API void checkrob_sheet_free(checkrob_sheet *sheet);

/* Draws the next tile: on the left the whole image, with the boxes around the shapes of `regions` (NULL:
 * none); on the right a part of it, a third of the shorter side of the model's input, around the position (x,
 * y) of the input, in shares of its sides, which is marked on the left. NaN: there is no such part. Errors:
 * INVALID_ARGUMENT (NULL; the sheet is full), BAD_INPUT (the image is smaller than the crop), OUT_OF_MEMORY.
 */
CHECKROB_API checkrob_status checkrob_sheet_add(checkrob_sheet *sheet, const checkrob_image *image,
                                                const checkrob_preprocess *preprocess,
                                                const checkrob_regions *regions, double x, double y);
/* The number of tiles that were drawn. */
CHECKROB_API size_t checkrob_sheet_count(const checkrob_sheet *sheet);

/* Copies the sheet to an image, without empty rows. The caller frees *out. Errors: INVALID_ARGUMENT (no
 * tile), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_sheet_image(checkrob_image **out, const checkrob_sheet *sheet);

CHECKROB_END_DECLS
#endif
