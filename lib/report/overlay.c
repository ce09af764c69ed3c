/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/report.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/structure.h"
#include "image/geometry.h"
#include "region/drawing.h"
#include "region/raster.h"
#include "report/canvas.h"
#include "report/outline.h"

/* Smaller images are enlarged by a whole factor: on a thumbnail, the lines of the boxes would hide it. */
#define SHORTEST_SIDE 256
#define LONGEST_SIDE 4096
#define MOST_THICKNESS 1000
/* Of a colour map. */
#define COLOURS 256

typedef struct painting {
  canvas on;
  const checkrob_image *photo; /* the image, or a smaller copy */
  checkrob_image *smaller;     /* the copy; NULL: there is none */
  uint32_t factor;             /* pixels of the canvas for one of the photo */
  double across, down;         /* pixels of the canvas for one of the image */
  geometry map;                /* from the image to the model's input */
  checkrob_overlay_style style;
  uint8_t colours[COLOURS][3], outline[3];
  long thickness;
} painting;

/* ---- the map ---- */

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

/* Where the map is dark, the photo is visible; where it is bright, the map covers it. */
static void tint(uint8_t *pixel, const painting *to, const uint8_t *photo, double value) {
  double inside = fmin(fmax(value, 0.0), 1.0);
  const uint8_t *colour = to->colours[lround(inside * (COLOURS - 1))];
  for (size_t c = 0; c < 3; c++) pixel[c] = mix(photo[c], colour[c], to->style.alpha * (0.2 + 0.8 * inside));
}

static void darken(uint8_t *pixel, const uint8_t *photo) {
  double grey = 0.299 * photo[0] + 0.587 * photo[1] + 0.114 * photo[2];
  for (size_t c = 0; c < 3; c++) pixel[c] = mix(grey, 0.0, 0.65);
}

static void paint_map(painting *to, const float *map, size_t height, size_t width) {
  const geometry *g = &to->map;
  const uint8_t *photo = checkrob_image_pixels(to->photo);
  uint32_t photo_width = checkrob_image_width(to->photo);
  for (uint32_t y = 0; y < to->on.height; y++) {
    double input_y = (y + 0.5) / to->down * g->resized_height / g->image_height - g->crop_y;
    for (uint32_t x = 0; x < to->on.width; x++) {
      double input_x = (x + 0.5) / to->across * g->resized_width / g->image_width - g->crop_x;
      const uint8_t *from = photo + 3 * ((size_t)(y / to->factor) * photo_width + x / to->factor);
      uint8_t *pixel = to->on.pixels + 3 * ((size_t)y * to->on.width + x);
      if (input_x < 0 || input_y < 0 || input_x >= g->width || input_y >= g->height)
        darken(pixel, from);
      else
        tint(pixel, to, from,
             sample_map(map, height, width, input_x * (double)width / g->width,
                        input_y * (double)height / g->height));
    }
  }
}

/* ---- outlines ---- */

/* The first and last pixel of a box along one axis; false if it is outside. Coordinates are clamped first,
 * because a file may have boxes far outside the image: such a box would be a line along the border. */
static int find_span(long span[2], double from, double to, double scale, uint32_t pixels) {
  double low = fmin(fmax(from * scale, 0.0), pixels), high = fmin(fmax(to * scale, 0.0), pixels);
  if (low >= high) return 0;
  span[0] = lround(low);
  span[1] = lround(high);
  if (span[0] == span[1]) {
    span[0] = low >= pixels - 1.0 ? (long)pixels - 1 : (long)low;
    span[1] = span[0] + 1;
  }
  return 1;
}

/* A bright line inside a dark one, which is visible on any image. */
static void draw_box(painting *to, const rectangle *box, int is_relative) {
  double across = is_relative ? to->on.width : to->across, down = is_relative ? to->on.height : to->down;
  long columns[2], rows[2];
  if (find_span(columns, box->x1, box->x2, across, to->on.width) &&
      find_span(rows, box->y1, box->y2, down, to->on.height))
    canvas_outline(&to->on, columns[0], rows[0], columns[1], rows[1], to->thickness, to->outline);
}

/* The same two lines along the border of a polygon or a mask. */
static void trace(painting *to, const depth_map *map) {
  for (uint32_t y = 0; y < map->height; y++)
    for (uint32_t x = 0; x < map->width; x++) {
      long depth = map->depths[(size_t)y * map->width + x];
      if (depth == 0 || depth > to->thickness + 1) continue;
      uint8_t *pixel = to->on.pixels + 3 * ((size_t)(map->top + y) * to->on.width + map->left + x);
      for (size_t c = 0; c < 3; c++) pixel[c] = depth > to->thickness ? 0 : to->outline[c];
    }
}

/* Outlines `count` shapes as one, and adds the pixels of the image around them to *pixels. */
static checkrob_status draw_outline(painting *to, double *pixels, const checkrob_regions *regions,
                                    size_t first, size_t count) {
  const checkrob_regions some = {
      .shapes = regions->shapes + first, .count = count, .relative = regions->relative};
  raster r = {0};
  depth_map map = {0};
  checkrob_status status = raster_make(&r, &some, to->map.image_width, to->map.image_height);
  if (!status) status = depth_map_make(&map, &r, to->across, to->down, to->on.width, to->on.height);
  if (!status) trace(to, &map);
  *pixels += (double)r.width * r.height;
  depth_map_clear(&map);
  raster_clear(&r);
  return status;
}

/* The errors of polygons and masks, of all of them together. */
static checkrob_status check_shapes(const painting *to, const checkrob_regions *regions) {
  drawing d;
  checkrob_status status = drawing_start(&d, regions, to->map.image_width, to->map.image_height);
  drawing_clear(&d);
  return status;
}

/* Each outline takes time for the pixels around its shape. Annotations may have 10 000 shapes as large as the
 * image: after some images' worth of pixels, the rest is outlined as one. */
static checkrob_status draw_shapes(painting *to, const checkrob_regions *regions) {
  double pixels = 0, most = 4.0 * to->map.image_width * to->map.image_height;
  checkrob_status status = check_shapes(to, regions);
  for (size_t i = 0; i < regions->count && !status; i++) {
    if (pixels > most) return draw_outline(to, &pixels, regions, i, regions->count - i);
    if (regions->shapes[i].kind == SHAPE_BOX)
      draw_box(to, &regions->shapes[i].box, regions->relative);
    else
      status = draw_outline(to, &pixels, regions, i, 1);
  }
  return status;
}

/* ---- the canvas ---- */

static checkrob_status take_style(painting *to, const checkrob_overlay_style *style) {
  checkrob_overlay_style *own = &to->style;
  *own = (checkrob_overlay_style)CHECKROB_OVERLAY_STYLE_INIT;
  checkrob_status status = style ? structure_take(own, sizeof *own, style) : CHECKROB_OK;
  if (status) return status;
  if (!(own->alpha >= 0.0 && own->alpha <= 1.0) || own->outline_colour > 0xffffff ||
      own->outline_thickness > MOST_THICKNESS)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "an overlay's style: alpha %g must be from 0 to 1, the outline's colour %#x at most "
                     "0xffffff, its thickness %u at most %d",
                     own->alpha, (unsigned)own->outline_colour, (unsigned)own->outline_thickness,
                     MOST_THICKNESS);
  for (size_t i = 0; i < COLOURS && !status; i++)
    status = checkrob_colour_map_at(to->colours[i], own->colour_map, (double)i / (COLOURS - 1));
  for (size_t c = 0; c < 3; c++) to->outline[c] = (uint8_t)(own->outline_colour >> (16 - 8 * c));
  return status;
}

static checkrob_status resize_photo(painting *to, uint32_t longest) {
  const geometry *g = &to->map;
  double scale = (double)longest / (g->image_width > g->image_height ? g->image_width : g->image_height);
  uint32_t width = (uint32_t)fmax(1.0, round(scale * g->image_width)),
           height = (uint32_t)fmax(1.0, round(scale * g->image_height));
  checkrob_status status =
      checkrob_image_resize(&to->smaller, to->photo, width, height, CHECKROB_FILTER_BILINEAR);
  if (!status) to->photo = to->smaller;
  return status;
}

static checkrob_status make_canvas(painting *to) {
  uint32_t width = to->map.image_width, height = to->map.image_height;
  uint32_t shorter = width < height ? width : height, longer = width < height ? height : width;
  uint32_t wanted = to->style.longest_side;
  uint32_t limit = wanted && wanted < LONGEST_SIDE ? wanted : LONGEST_SIDE;
  checkrob_status status = wanted && longer > wanted ? resize_photo(to, wanted) : CHECKROB_OK;
  if (status) return status;
  to->factor = (SHORTEST_SIDE + shorter - 1) / shorter;
  while (to->factor > 1 && (uint64_t)longer * to->factor > limit) to->factor--;
  to->on.width = checkrob_image_width(to->photo) * to->factor;
  to->on.height = checkrob_image_height(to->photo) * to->factor;
  to->across = (double)to->on.width / width;
  to->down = (double)to->on.height / height;
  uint32_t side = to->on.width < to->on.height ? to->on.width : to->on.height;
  to->thickness = (long)(to->style.outline_thickness ? to->style.outline_thickness : side / 160 + 1);
  to->on.pixels = malloc((size_t)to->on.width * to->on.height * 3);
  return to->on.pixels ? CHECKROB_OK : error_memory("an overlay");
}

checkrob_status checkrob_overlay_styled(checkrob_image **out, const checkrob_image *image,
                                        const checkrob_preprocess *preprocess, const float *map,
                                        size_t height, size_t width, const checkrob_regions *regions,
                                        const checkrob_overlay_style *style) {
  if (!out || !image || !preprocess || !map || height == 0 || width == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_overlay: NULL argument or empty map");
  painting to = {.photo = image};
  checkrob_status status = take_style(&to, style);
  if (!status)
    status = geometry_make(&to.map, preprocess, checkrob_image_width(image), checkrob_image_height(image));
  if (!status) status = make_canvas(&to);
  if (!status) paint_map(&to, map, height, width);
  if (!status && regions && to.style.outlines) status = draw_shapes(&to, regions);
  if (!status) status = checkrob_image_from_rgb(out, to.on.pixels, to.on.width, to.on.height);
  free(to.on.pixels);
  checkrob_image_free(to.smaller);
  return status;
}

checkrob_status checkrob_overlay(checkrob_image **out, const checkrob_image *image,
                                 const checkrob_preprocess *preprocess, const float *map, size_t height,
                                 size_t width, const checkrob_regions *regions) {
  return checkrob_overlay_styled(out, image, preprocess, map, height, width, regions, NULL);
}
