/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/report.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/geometry.h"
#include "region/regions.h"
#include "report/canvas.h"

#define MOST_TILES 64
#define MOST_SIDE 1024
/* Pixels between tiles. */
#define GAP 6

static const uint8_t paper[3] = {255, 255, 255};
static const uint8_t object_colour[3] = {64, 255, 96}, part_colour[3] = {255, 176, 0};

struct checkrob_sheet {
  canvas to;
  uint32_t columns, rows, side;
  size_t count;
};

checkrob_status checkrob_sheet_new(checkrob_sheet **out, uint32_t columns, uint32_t rows, uint32_t side) {
  bool small = columns > 0 && rows > 0 && side > 0;
  if (!out || !small || columns > MOST_TILES || rows > MOST_TILES || side > MOST_SIDE)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_sheet_new: a sheet of %u x %u tiles of %u pixels; at most %d x %d of %d",
                     columns, rows, side, MOST_TILES, MOST_TILES, MOST_SIDE);
  checkrob_sheet *sheet = calloc(1, sizeof *sheet);
  if (!sheet) return error_memory("a contact sheet");
  *sheet = (checkrob_sheet){.columns = columns, .rows = rows, .side = side};
  sheet->to.width = columns * (2 * side + GAP) + GAP;
  sheet->to.height = rows * (side + GAP) + GAP;
  size_t bytes = (size_t)3 * sheet->to.width * sheet->to.height;
  sheet->to.pixels = malloc(bytes);
  if (!sheet->to.pixels) {
    free(sheet);
    return error_memory("a contact sheet");
  }
  canvas_fill(&sheet->to, 0, 0, sheet->to.width, sheet->to.height, paper);
  *out = sheet;
  return CHECKROB_OK;
}

void checkrob_sheet_free(checkrob_sheet *sheet) {
  if (!sheet) return;
  free(sheet->to.pixels);
  free(sheet);
}

size_t checkrob_sheet_count(const checkrob_sheet *sheet) {
  return sheet ? sheet->count : 0;
}

/* ---- one tile ---- */

/* A square of the sheet, and a rectangle of an image that is shown in it. */
typedef struct frame {
  long left, top;               /* of the shown picture */
  double x0, y0, width, height; /* of the rectangle, in pixels of the image */
  double scale;                 /* pixels of the sheet for one of the image */
} frame;

static void copy_picture(canvas *to, const checkrob_image *picture, long left, long top) {
  size_t bytes = (size_t)3 * checkrob_image_width(picture);
  const uint8_t *from = checkrob_image_pixels(picture);
  for (size_t y = 0; y < checkrob_image_height(picture); y++)
    memcpy(to->pixels + 3 * (((size_t)top + y) * to->width + (size_t)left), from + y * bytes, bytes);
}

/* Shows a rectangle of whole pixels, as large as fits into the square at (left, top). */
static checkrob_status show(frame *f, checkrob_sheet *sheet, const checkrob_image *image, long left, long top,
                            const uint32_t part[4]) {
  uint32_t width = part[2] - part[0], height = part[3] - part[1];
  double scale = (double)sheet->side / (double)(width > height ? width : height);
  uint32_t shown_width = (uint32_t)fmax(1.0, round(scale * width)),
           shown_height = (uint32_t)fmax(1.0, round(scale * height));
  uint8_t *pixels = malloc((size_t)3 * width * height);
  if (!pixels) return error_memory("a contact sheet");
  for (size_t y = 0; y < height; y++)
    memcpy(pixels + 3 * y * width,
           checkrob_image_pixels(image) + 3 * ((part[1] + y) * checkrob_image_width(image) + part[0]),
           (size_t)3 * width);
  checkrob_image *cut = NULL, *shown = NULL;
  checkrob_status status = checkrob_image_from_rgb(&cut, pixels, width, height);
  free(pixels);
  if (!status)
    status = checkrob_image_resize(&shown, cut, shown_width, shown_height, CHECKROB_FILTER_BILINEAR);
  *f = (frame){left + (long)(sheet->side - shown_width) / 2,
               top + (long)(sheet->side - shown_height) / 2,
               part[0],
               part[1],
               width,
               height,
               scale};
  if (!status) copy_picture(&sheet->to, shown, f->left, f->top);
  checkrob_image_free(shown);
  checkrob_image_free(cut);
  return status;
}

static void mark(checkrob_sheet *sheet, const frame *f, const double box[4], const uint8_t colour[3]) {
  double x1 = fmax(box[0] - f->x0, 0.0), y1 = fmax(box[1] - f->y0, 0.0);
  double x2 = fmin(box[2] - f->x0, f->width), y2 = fmin(box[3] - f->y0, f->height);
  if (x1 >= x2 || y1 >= y2) return;
  canvas_outline(&sheet->to, f->left + lround(x1 * f->scale), f->top + lround(y1 * f->scale),
                 f->left + lround(x2 * f->scale), f->top + lround(y2 * f->scale), sheet->side / 160 + 1,
                 colour);
}

static void mark_objects(checkrob_sheet *sheet, const frame *f, const checkrob_regions *regions,
                         const checkrob_image *image) {
  for (size_t i = 0; regions && i < regions->count; i++) {
    const rectangle *box = &regions->shapes[i].box;
    double across = regions->relative ? checkrob_image_width(image) : 1.0,
           down = regions->relative ? checkrob_image_height(image) : 1.0;
    mark(sheet, f, (const double[4]){box->x1 * across, box->y1 * down, box->x2 * across, box->y2 * down},
         object_colour);
  }
}

/* The part of the image around a position of the input: a third of the input's shorter side. */
static bool find_part(double part[4], const geometry *g, double x, double y) {
  if (!isfinite(x) || !isfinite(y)) return false;
  double across = (double)g->image_width / g->resized_width,
         down = (double)g->image_height / g->resized_height;
  double half = (g->width < g->height ? g->width : g->height) / 6.0;
  double centre_x = fmin(fmax(x * g->width, half), g->width - half) + g->crop_x;
  double centre_y = fmin(fmax(y * g->height, half), g->height - half) + g->crop_y;
  part[0] = (centre_x - half) * across;
  part[1] = (centre_y - half) * down;
  part[2] = (centre_x + half) * across;
  part[3] = (centre_y + half) * down;
  return true;
}

static uint32_t pixel_of(double position, uint32_t side) {
  return (uint32_t)fmin(fmax(position, 0.0), side);
}

static checkrob_status show_part(checkrob_sheet *sheet, const checkrob_image *image, const double part[4],
                                 long left, long top) {
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  uint32_t whole[4] = {pixel_of(floor(part[0]), width - 1), pixel_of(floor(part[1]), height - 1),
                       pixel_of(ceil(part[2]), width), pixel_of(ceil(part[3]), height)};
  frame f;
  if (whole[2] <= whole[0]) whole[2] = whole[0] + 1;
  if (whole[3] <= whole[1]) whole[3] = whole[1] + 1;
  return show(&f, sheet, image, left, top, whole);
}

/* The corner of the next tile; false if there is none. */
static bool next_tile(long corner[2], const checkrob_sheet *sheet) {
  if (sheet->count == (size_t)sheet->columns * sheet->rows) return false;
  corner[0] = (long)(sheet->count % sheet->columns) * (2 * sheet->side + GAP) + GAP;
  corner[1] = (long)(sheet->count / sheet->columns) * (sheet->side + GAP) + GAP;
  return true;
}

static checkrob_status show_whole(frame *f, checkrob_sheet *sheet, const checkrob_image *image, long left,
                                  long top) {
  const uint32_t all[4] = {0, 0, checkrob_image_width(image), checkrob_image_height(image)};
  return show(f, sheet, image, left, top, all);
}

checkrob_status checkrob_sheet_add(checkrob_sheet *sheet, const checkrob_image *image,
                                   const checkrob_preprocess *preprocess, const checkrob_regions *regions,
                                   double x, double y) {
  if (!sheet || !image || !preprocess)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_sheet_add: NULL argument");
  long corner[2];
  if (!next_tile(corner, sheet))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_sheet_add: the sheet is full");
  geometry g;
  frame f;
  double part[4];
  checkrob_status status =
      geometry_make(&g, preprocess, checkrob_image_width(image), checkrob_image_height(image));
  if (!status) status = show_whole(&f, sheet, image, corner[0], corner[1]);
  if (status) return status;
  mark_objects(sheet, &f, regions, image);
  if (find_part(part, &g, x, y)) {
    mark(sheet, &f, part, part_colour);
    status = show_part(sheet, image, part, corner[0] + sheet->side, corner[1]);
  }
  if (!status) sheet->count++;
  return status;
}

checkrob_status checkrob_sheet_add_pictures(checkrob_sheet *sheet, const checkrob_image *left,
                                            const checkrob_image *right) {
  if (!sheet || !left)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_sheet_add_pictures: NULL argument");
  long corner[2];
  if (!next_tile(corner, sheet))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_sheet_add_pictures: the sheet is full");
  frame f;
  checkrob_status status = show_whole(&f, sheet, left, corner[0], corner[1]);
  if (!status && right) status = show_whole(&f, sheet, right, corner[0] + sheet->side, corner[1]);
  if (!status) sheet->count++;
  return status;
}

checkrob_status checkrob_sheet_image(checkrob_image **out, const checkrob_sheet *sheet) {
  if (!out || !sheet || sheet->count == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_sheet_image: NULL argument, or an empty sheet");
  uint32_t rows = (uint32_t)((sheet->count + sheet->columns - 1) / sheet->columns);
  return checkrob_image_from_rgb(out, sheet->to.pixels, sheet->to.width, rows * (sheet->side + GAP) + GAP);
}
