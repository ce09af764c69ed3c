/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of results. */
#ifndef CHECKROB_REPORT_H
#define CHECKROB_REPORT_H

#include <checkrob/region.h>

CHECKROB_BEGIN_DECLS

/* Colours from a value of 0 to one of 1, which also colour-blind readers tell apart: all but gray are of the
 * viridis family, whose lightness grows evenly, and so they are readable in gray print too. */
typedef enum checkrob_colour_map {
  CHECKROB_COLOUR_MAP_VIRIDIS = 1, /* violet, green, yellow */
  CHECKROB_COLOUR_MAP_INFERNO = 2, /* black, red, light yellow: the widest range of lightness */
  CHECKROB_COLOUR_MAP_MAGMA = 3,   /* black, violet, nearly white */
  CHECKROB_COLOUR_MAP_PLASMA = 4,  /* blue, red, yellow */
  CHECKROB_COLOUR_MAP_CIVIDIS = 5, /* blue, gray, yellow: nearly the same to all readers */
  CHECKROB_COLOUR_MAP_GRAY = 6     /* black to white */
} checkrob_colour_map;

/* A name as above without prefix, in upper or lower case. NOT_FOUND for any other name; the error message
 * lists the names. */
CHECKROB_API checkrob_status checkrob_colour_map_find(checkrob_colour_map *out, const char *name);
/* "viridis" and so on; NULL for an unknown number. */
CHECKROB_API const char *checkrob_colour_map_name(checkrob_colour_map map);
/* Writes the colour of a value, red first. Values outside 0 to 1 count as 0 or 1, NaN as 0.
 * INVALID_ARGUMENT: there is no such map. */
CHECKROB_API checkrob_status checkrob_colour_map_at(uint8_t rgb[3], checkrob_colour_map map, double value);

/* How an overlay looks. The structure begins with its size: CHECKROB_OVERLAY_STYLE_INIT, the default style.
 */
typedef struct checkrob_overlay_style {
  size_t size;
  checkrob_colour_map colour_map;
  /* How much of the photo the map covers where it is brightest, 0 (the photo alone) to 1. Where it is
   * darkest, it covers a fifth of that. */
  double alpha;
  int outlines;               /* 1: the shapes of `regions` are outlined; 0: they are not drawn */
  uint32_t outline_colour;    /* 0xRRGGBB */
  uint32_t outline_thickness; /* in pixels of the picture, at most 1000; 0: by its size */
  /* The picture is drawn at most so large, in pixels: a larger image is resized before it is drawn, and so a
   * large photo takes little time. 0: at the image's size. */
  uint32_t longest_side;
} checkrob_overlay_style;

#define CHECKROB_OVERLAY_STYLE_INIT \
  { sizeof(checkrob_overlay_style), CHECKROB_COLOUR_MAP_INFERNO, 0.75, 1, 0x40ff60, 0, 0 }

/* Draws a saliency map over its image, at the image's size. A small image is enlarged by a whole factor.
 * `map` [height, width] is a map of checkrob_saliency or of an explanation. It is drawn on the part of the
 * image that became the model's input. The part that the crop removed is darkened, because the model never
 * saw it. The outline of each shape of `regions` is drawn too; NULL: none. If they are very many and large,
 * those after the first are outlined as one. The caller frees *out. Errors: OUT_OF_MEMORY, INVALID_ARGUMENT,
 * BAD_INPUT (the image is smaller than the crop, a mask has another size), LIMIT (the outlines of the
 * polygons are longer than checkrob_regions_coverage allows). */
CHECKROB_API checkrob_status checkrob_overlay(checkrob_image **out, const checkrob_image *image,
                                              const checkrob_preprocess *preprocess, const float *map,
                                              size_t height, size_t width, const checkrob_regions *regions);
/* The same in another style; NULL: the default style. Errors: as there, and INVALID_ARGUMENT for what a style
 * does not allow. */
CHECKROB_API checkrob_status checkrob_overlay_styled(checkrob_image **out, const checkrob_image *image,
                                                     const checkrob_preprocess *preprocess, const float *map,
                                                     size_t height, size_t width,
                                                     const checkrob_regions *regions,
                                                     const checkrob_overlay_style *style);

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

/* A contact sheet: a grid of tiles, each with two pictures side by side. A tile is an image with its objects
 * outlined and, beside it, the part of it that somebody should look at; or any two pictures, such as a photo
 * and its overlay.
 *
 *    checkrob_sheet_new(&sheet, 2, 4, 192);
 *    checkrob_sheet_add(sheet, image, preprocess, regions, 0.9, 0.9);    lower right
 *    checkrob_sheet_add_pictures(sheet, photo, overlay);
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
/* Draws the next tile from two pictures, each as large as fits into its square; `right` NULL: none. Errors:
 * INVALID_ARGUMENT (NULL; the sheet is full), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_sheet_add_pictures(checkrob_sheet *sheet, const checkrob_image *left,
                                                         const checkrob_image *right);
/* The number of tiles that were drawn. */
CHECKROB_API size_t checkrob_sheet_count(const checkrob_sheet *sheet);

/* Copies the sheet to an image, without empty rows. The caller frees *out. Errors: INVALID_ARGUMENT (no
 * tile), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_sheet_image(checkrob_image **out, const checkrob_sheet *sheet);

CHECKROB_END_DECLS
#endif
