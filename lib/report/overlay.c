/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/report.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "image/geometry.h"
#include "region/raster.h"
#include "report/canvas.h"
#include "report/outline.h"

/* Smaller images are enlarged by a whole factor: on a thumbnail, the lines of the boxes would hide it. */
#define SHORTEST_SIDE 256

/* Nine steps of matplotlib's "inferno" (van der Walt and Smith, CC0): dark to bright, also in gray print and
 * for colour-blind readers. */
static const uint8_t inferno[9][3] = {{0, 0, 4},      {31, 12, 72},   {85, 15, 109},
                                      {136, 34, 106}, {186, 54, 85},  {227, 89, 51},
                                      {249, 140, 10}, {249, 201, 50}, {252, 255, 164}};
static const uint8_t box_colour[3] = {64, 255, 96};

typedef struct enlarged {
  canvas on;
  uint32_t scale; /* canvas pixels for one pixel of the image */
} enlarged;

/* The map's value at a continuous position, bilinear between cell centres, edges repeated. */
static double sample_map(const float *map, size_t height, size_t width, double x, double y) {
  double limit_x = (double)(width - 1), limit_y = (double)(height - 1);
  double cx = fmin(fmax(x - 0.5, 0.0), limit_x), cy = fmin(fmax(y - 0.5, 0.0), limit_y);
  size_t left = (size_t)cx, top = (size_t)cy;
  size_t right = left + 1 < width ? left + 1 : left, bottom = top + 1 < height ? top + 1 : top;
  double dx = cx - (double)left, dy = cy - (double)top;
  double above = (double)map[top * width + left] * (1.0 - dx) + (double)map[top * width + right] * dx;
  double below = (double)map[bottom * width + left] * (1.0 - dx) + (double)map[bottom * width + right] * dx;
  return above * (1.0 - dy) + below * dy;
}

static uint8_t mix(double photo, double colour, double share) {
  return (uint8_t)lround(fmin(fmax(photo * (1.0 - share) + colour * share, 0.0), 255.0));
}

/* Where the map is dark, the image is unchanged; where it is bright, the map covers the image, but never
 * completely. */
static void tint(uint8_t *pixel, const uint8_t *photo, double value) {
  double at = fmin(fmax(value, 0.0), 1.0) * 8.0;
  size_t step = at < 8.0 ? (size_t)at : 7;
  double share = at - (double)step;
  for (size_t c = 0; c < 3; c++) {
    double colour = inferno[step][c] * (1.0 - share) + inferno[step + 1][c] * share;
    pixel[c] = mix(photo[c], colour, 0.15 + 0.6 * at / 8.0);
  }
}

static void paint_map(enlarged *to, const checkrob_image *image, const geometry *g, const float *map,
                      size_t height, size_t width) {
  const uint8_t *photo = checkrob_image_pixels(image);
  for (uint32_t y = 0; y < to->on.height; y++) {
    double image_y = (y + 0.5) / to->scale;
    double input_y = image_y * g->resized_height / g->image_height - g->crop_y;
    for (uint32_t x = 0; x < to->on.width; x++) {
      double image_x = (x + 0.5) / to->scale;
      double input_x = image_x * g->resized_width / g->image_width - g->crop_x;
      const uint8_t *from = photo + 3 * ((size_t)image_y * g->image_width + (size_t)image_x);
      uint8_t *pixel = to->on.pixels + 3 * ((size_t)y * to->on.width + x);
      if (input_x < 0 || input_y < 0 || input_x >= g->width || input_y >= g->height) {
        double grey = 0.299 * from[0] + 0.587 * from[1] + 0.114 * from[2];
        for (size_t c = 0; c < 3; c++) pixel[c] = mix(grey, 0.0, 0.65);
      } else {
        tint(pixel, from,
             sample_map(map, height, width, input_x * (double)width / g->width,
                        input_y * (double)height / g->height));
      }
    }
  }
}

static long thickness(const enlarged *to) {
  return (long)(to->on.width < to->on.height ? to->on.width : to->on.height) / 160 + 1;
}

/* A bright line inside a dark one, which is visible on any image. Coordinates are clamped to the canvas
 * first, because a file may have boxes far outside it. */
static void draw_box(enlarged *to, const double box[4]) {
  long x1 = lround(fmin(fmax(box[0] * to->scale, 0.0), to->on.width));
  long y1 = lround(fmin(fmax(box[1] * to->scale, 0.0), to->on.height));
  long x2 = lround(fmin(fmax(box[2] * to->scale, 0.0), to->on.width));
  long y2 = lround(fmin(fmax(box[3] * to->scale, 0.0), to->on.height));
  /* Completely outside. The clamped box would be a line along the border. */
  if (x1 >= x2 || y1 >= y2) return;
  canvas_outline(&to->on, x1, y1, x2, y2, thickness(to), box_colour);
}

/* The same two lines along the border of a polygon or a mask. */
static void trace(enlarged *to, const depth_map *map) {
  long thick = thickness(to);
  for (uint32_t y = 0; y < map->height; y++)
    for (uint32_t x = 0; x < map->width; x++) {
      long depth = map->depths[(size_t)y * map->width + x];
      if (depth == 0 || depth > thick + 1) continue;
      uint8_t *pixel = to->on.pixels + 3 * ((size_t)(map->top + y) * to->on.width + map->left + x);
      for (size_t c = 0; c < 3; c++) pixel[c] = depth > thick ? 0 : box_colour[c];
    }
}

static checkrob_status draw_outline(enlarged *to, const checkrob_regions *regions, size_t i,
                                    const geometry *g) {
  const checkrob_regions alone = {.shapes = regions->shapes + i, .count = 1, .relative = regions->relative};
  raster r = {0};
  depth_map map = {0};
  checkrob_status status = raster_make(&r, &alone, g->image_width, g->image_height);
  if (!status) status = depth_map_make(&map, &r, to->scale);
  if (!status) trace(to, &map);
  depth_map_clear(&map);
  raster_clear(&r);
  return status;
}

static checkrob_status draw_shapes(enlarged *to, const checkrob_regions *regions, const geometry *g) {
  double scale_x = regions->relative ? g->image_width : 1, scale_y = regions->relative ? g->image_height : 1;
  for (size_t i = 0; i < regions->count; i++) {
    const rectangle *box = &regions->shapes[i].box;
    const double moved[4] = {box->x1 * scale_x, box->y1 * scale_y, box->x2 * scale_x, box->y2 * scale_y};
    checkrob_status status = CHECKROB_OK;
    if (regions->shapes[i].kind == SHAPE_BOX)
      draw_box(to, moved);
    else
      status = draw_outline(to, regions, i, g);
    if (status) return status;
  }
  return CHECKROB_OK;
}

static checkrob_status make_canvas(enlarged *to, const checkrob_image *image) {
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  uint32_t shorter = width < height ? width : height;
  uint32_t longer = width < height ? height : width;
  uint32_t factor = (SHORTEST_SIDE + shorter - 1) / shorter;
  while (factor > 1 && (uint64_t)longer * factor > 4096) factor--;
  to->on.width = width * factor;
  to->on.height = height * factor;
  to->scale = factor;
  to->on.pixels = malloc((size_t)to->on.width * to->on.height * 3);
  return to->on.pixels ? CHECKROB_OK : error_memory("an overlay");
}

checkrob_status checkrob_overlay(checkrob_image **out, const checkrob_image *image,
                                 const checkrob_preprocess *preprocess, const float *map, size_t height,
                                 size_t width, const checkrob_regions *regions) {
  if (!out || !image || !preprocess || !map || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_overlay: NULL argument or empty map");
  geometry g;
  checkrob_status status =
      geometry_make(&g, preprocess, checkrob_image_width(image), checkrob_image_height(image));
  if (status != CHECKROB_OK) return status;
  enlarged to;
  status = make_canvas(&to, image);
  if (status != CHECKROB_OK) return status;
  paint_map(&to, image, &g, map, height, width);
  if (regions) status = draw_shapes(&to, regions, &g);
  if (!status) status = checkrob_image_from_rgb(out, to.on.pixels, to.on.width, to.on.height);
  free(to.on.pixels);
  return status;
}
