/* SPDX-License-Identifier: Apache-2.0 */
#include "html/outline_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "region/raster.h"

#define MOST_CELLS 96 /* a side of the picture on which other shapes than boxes are drawn */
#define MOST_OUTLINES 20
#define MOST_BOXES 500

static double within(double value, double most) {
  return fmin(fmax(value, 0.0), most);
}

/* Whole pixels are enough for a thumbnail. A box outside of the image is not drawn. */
static void put_box(FILE *to, const rectangle *box, double scale_x, double scale_y, double width,
                    double height) {
  long x1 = lround(within(box->x1 * scale_x, width)), x2 = lround(within(box->x2 * scale_x, width));
  long y1 = lround(within(box->y1 * scale_y, height)), y2 = lround(within(box->y2 * scale_y, height));
  if (x1 < x2 && y1 < y2) fprintf(to, "M%ld %ldH%ldV%ldH%ldZ", x1, y1, x2, y2, x1);
}

/* ---- shapes by their pixels ---- */

typedef struct grid {
  const float *coverage; /* [height, width] */
  uint32_t width, height;
  double scale_x, scale_y; /* pixels of the picture for one of the grid */
} grid;

static bool is_in(const grid *g, long x, long y) {
  if (x < 0 || y < 0 || x >= (long)g->width || y >= (long)g->height) return false;
  return g->coverage[(size_t)y * g->width + (size_t)x] >= 0.5F;
}

/* Lines between rows: a run of pixels of which one is inside and its neighbour above is not, or the
 * reverse. */
static void put_rows(FILE *to, const grid *g) {
  for (long y = 0; y <= (long)g->height; y++)
    for (long x = 0; x < (long)g->width; x++) {
      long start = x;
      while (x < (long)g->width && is_in(g, x, y) != is_in(g, x, y - 1)) x++;
      if (x > start)
        fprintf(to, "M%.1f %.1fH%.1f", (double)start * g->scale_x, (double)y * g->scale_y,
                (double)x * g->scale_x);
    }
}

static void put_columns(FILE *to, const grid *g) {
  for (long x = 0; x <= (long)g->width; x++)
    for (long y = 0; y < (long)g->height; y++) {
      long start = y;
      while (y < (long)g->height && is_in(g, x, y) != is_in(g, x - 1, y)) y++;
      if (y > start)
        fprintf(to, "M%.1f %.1fV%.1f", (double)x * g->scale_x, (double)start * g->scale_y,
                (double)y * g->scale_y);
    }
}

static checkrob_status put_pixels(FILE *to, const checkrob_regions *shapes, uint32_t image_width,
                                  uint32_t image_height, uint32_t width, uint32_t height) {
  double longer = width > height ? width : height, share = fmin(1.0, MOST_CELLS / longer);
  grid g = {.width = (uint32_t)fmax(1.0, round(width * share)),
            .height = (uint32_t)fmax(1.0, round(height * share))};
  const geometry whole = {image_width, image_height, g.width, g.height, 0, 0, g.width, g.height};
  float *coverage = malloc((size_t)g.width * g.height * sizeof *coverage);
  if (!coverage) return error_memory("an outline");
  checkrob_status status = raster_cover(coverage, shapes, &whole);
  g.coverage = coverage;
  g.scale_x = (double)width / g.width;
  g.scale_y = (double)height / g.height;
  if (!status) put_rows(to, &g);
  if (!status) put_columns(to, &g);
  free(coverage);
  return status;
}

/* ---- all ---- */

/* Shapes that overlap have an outline each; of very many, only that of their union. */
static checkrob_status put_others(FILE *to, const checkrob_regions *others, const uint32_t image[2],
                                  const uint32_t picture[2]) {
  size_t together = others->count > MOST_OUTLINES ? others->count : 1;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < others->count && !status; i += together) {
    const checkrob_regions some = {
        .shapes = others->shapes + i, .count = together, .relative = others->relative};
    status = put_pixels(to, &some, image[0], image[1], picture[0], picture[1]);
  }
  return status;
}

static checkrob_status put_shapes(FILE *to, const checkrob_regions *regions, const uint32_t image[2],
                                  const uint32_t picture[2]) {
  double scale_x = picture[0] / (regions->relative ? 1.0 : image[0]);
  double scale_y = picture[1] / (regions->relative ? 1.0 : image[1]);
  checkrob_regions others = {.relative = regions->relative};
  others.shapes = malloc((regions->count + 1) * sizeof *others.shapes); /* copies that own nothing */
  if (!others.shapes) return error_memory("an outline");
  size_t boxes = 0;
  for (size_t i = 0; i < regions->count; i++) {
    if (regions->shapes[i].kind != SHAPE_BOX)
      others.shapes[others.count++] = regions->shapes[i];
    else if (boxes++ < MOST_BOXES)
      put_box(to, &regions->shapes[i].box, scale_x, scale_y, picture[0], picture[1]);
  }
  checkrob_status status = put_others(to, &others, image, picture);
  free(others.shapes);
  return status;
}

checkrob_status outline_path(char **out, const checkrob_regions *regions, uint32_t image_width,
                             uint32_t image_height, uint32_t width, uint32_t height) {
  text_writer w;
  if (!text_writer_start(&w)) return error_memory("an outline");
  checkrob_status status = put_shapes(w.file, regions, (const uint32_t[]){image_width, image_height},
                                      (const uint32_t[]){width, height});
  char *text = text_writer_finish(&w);
  if (!text && !status) status = error_memory("an outline");
  if (status)
    free(text);
  else
    *out = text;
  return status;
}
