/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/properties.h"

#include <checkrob/image.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

const char *const property_names[PROPERTIES] = {
    [PROPERTY_PIXELS] = "pixels",         [PROPERTY_ASPECT] = "aspect",
    [PROPERTY_BRIGHTNESS] = "brightness", [PROPERTY_CONTRAST] = "contrast",
    [PROPERTY_COLOUR] = "colour",         [PROPERTY_WARMTH] = "warmth",
    [PROPERTY_GREENNESS] = "greenness",   [PROPERTY_SHARPNESS] = "sharpness",
    [PROPERTY_BORDER] = "border",         [PROPERTY_CORNER] = "corner"};

#define NUMBER CHECKROB_COLUMN_NUMBER
#define PROPERTY(name_, low_, high_, text_) \
  { "property_" name_, NUMBER, "", low_, high_, 6, COLUMN_SIGNIFICANT, text_ "; empty without `cues`" }

static const column declared[PROPERTIES] = {
    [PROPERTY_PIXELS] = PROPERTY("pixels", 0, INFINITY, "width times height of the image, in millions"),
    [PROPERTY_ASPECT] = PROPERTY("aspect", 0, INFINITY, "width by height of the image"),
    [PROPERTY_BRIGHTNESS] = PROPERTY("brightness", 0, 1, "mean of 0.299 R + 0.587 G + 0.114 B"),
    [PROPERTY_CONTRAST] = PROPERTY("contrast", 0, 1, "standard deviation of the brightness"),
    [PROPERTY_COLOUR] = PROPERTY("colour", 0, 1, "mean of the largest of R, G and B less the smallest"),
    [PROPERTY_WARMTH] = PROPERTY("warmth", -1, 1, "mean of R - B"),
    [PROPERTY_GREENNESS] = PROPERTY("greenness", -1, 1, "mean of G - (R + B) / 2"),
    [PROPERTY_SHARPNESS] = PROPERTY("sharpness", 0, INFINITY, "mean amount of the brightness's Laplacian"),
    [PROPERTY_BORDER] =
        PROPERTY("border", 0, 1,
                 "share of the outermost pixels whose colour is that of their median, within 8 of "
                 "255: of a frame"),
    [PROPERTY_CORNER] =
        PROPERTY("corner", 0, INFINITY,
                 "sharpness of the sharpest corner, a fifth of each side, by that of the image: of "
                 "text or a mark")};

const column_list property_columns = {declared, PROPERTIES};

/* ---- an image ---- */

typedef struct view {
  const uint8_t *pixels;
  size_t width, height;
} view;

static const uint8_t *at(const view *v, size_t x, size_t y) {
  return v->pixels + 3 * (y * v->width + x);
}

static double light(const uint8_t *p) {
  return (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]) / 255.0;
}

/* More points say the same. */
static size_t stride_of(size_t side) {
  return side / 256 + 1;
}

static void add_colours(double out[PROPERTIES], const view *v) {
  double sum = 0.0, squares = 0.0, colour = 0.0, warmth = 0.0, greenness = 0.0, count = 0.0;
  for (size_t y = 0; y < v->height; y += stride_of(v->height))
    for (size_t x = 0; x < v->width; x += stride_of(v->width)) {
      const uint8_t *p = at(v, x, y);
      double l = light(p);
      uint8_t most = p[0] > p[1] ? p[0] : p[1], least = p[0] < p[1] ? p[0] : p[1];
      most = most > p[2] ? most : p[2];
      least = least < p[2] ? least : p[2];
      sum += l;
      squares += l * l;
      colour += (most - least) / 255.0;
      warmth += (p[0] - p[2]) / 255.0;
      greenness += (p[1] - (p[0] + p[2]) / 2.0) / 255.0;
      count++;
    }
  double mean = sum / count;
  out[PROPERTY_BRIGHTNESS] = mean;
  out[PROPERTY_CONTRAST] = sqrt(fmax(squares / count - mean * mean, 0.0));
  out[PROPERTY_COLOUR] = colour / count;
  out[PROPERTY_WARMTH] = warmth / count;
  out[PROPERTY_GREENNESS] = greenness / count;
}

/* The mean amount of the Laplacian between two columns and two rows; 0 for a part without an inside. */
static double sharpness(const view *v, size_t x0, size_t y0, size_t x1, size_t y1) {
  double sum = 0.0, count = 0.0;
  for (size_t y = y0 + 1; y + 1 < y1; y += stride_of(v->height))
    for (size_t x = x0 + 1; x + 1 < x1; x += stride_of(v->width)) {
      sum += fabs(4.0 * light(at(v, x, y)) - light(at(v, x - 1, y)) - light(at(v, x + 1, y)) -
                  light(at(v, x, y - 1)) - light(at(v, x, y + 1)));
      count++;
    }
  return count > 0.0 ? sum / count : 0.0;
}

static void add_sharpness(double out[PROPERTIES], const view *v) {
  size_t w = v->width, h = v->height, across = w / 5, down = h / 5;
  double whole = sharpness(v, 0, 0, w, h);
  double corner = fmax(fmax(sharpness(v, 0, 0, across, down), sharpness(v, w - across, 0, w, down)),
                       fmax(sharpness(v, 0, h - down, across, h), sharpness(v, w - across, h - down, w, h)));
  out[PROPERTY_SHARPNESS] = whole;
  out[PROPERTY_CORNER] = whole > 0.0 ? corner / whole : 0.0;
}

/* Counts of the values of one channel. */
static uint8_t median_of(const size_t counts[256], size_t all) {
  size_t seen = 0;
  for (int value = 0; value < 256; value++) {
    seen += counts[value];
    if (2 * seen >= all) return (uint8_t)value;
  }
  return 255;
}

static const uint8_t *outermost(const view *v, size_t i) {
  if (i < v->width) return at(v, i, 0);
  i -= v->width;
  if (i < v->width) return at(v, i, v->height - 1);
  i -= v->width;
  return i < v->height ? at(v, 0, i) : at(v, v->width - 1, i - v->height);
}

static void add_border(double out[PROPERTIES], const view *v) {
  size_t counts[3][256] = {{0}}, all = 2 * (v->width + v->height), same = 0;
  for (size_t i = 0; i < all; i++)
    for (int c = 0; c < 3; c++) counts[c][outermost(v, i)[c]]++;
  uint8_t median[3];
  for (int c = 0; c < 3; c++) median[c] = median_of(counts[c], all);
  for (size_t i = 0; i < all; i++) {
    const uint8_t *p = outermost(v, i);
    same += abs(p[0] - median[0]) <= 8 && abs(p[1] - median[1]) <= 8 && abs(p[2] - median[2]) <= 8;
  }
  out[PROPERTY_BORDER] = (double)same / (double)all;
}

void properties_of(double out[PROPERTIES], const checkrob_image *image) {
  const view v = {checkrob_image_pixels(image), checkrob_image_width(image), checkrob_image_height(image)};
  out[PROPERTY_PIXELS] = (double)v.width * (double)v.height / 1e6;
  out[PROPERTY_ASPECT] = (double)v.width / (double)v.height;
  add_colours(out, &v);
  add_sharpness(out, &v);
  add_border(out, &v);
}

/* ---- the analysis ---- */

typedef struct measuring {
  size_t column;
} measuring;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  ((measuring *)self)->column = setup->column;
  return CHECKROB_OK;
}

static checkrob_status observe(void **observed, const void *self, const checkrob_image *image) {
  (void)self;
  double *values = malloc(PROPERTIES * sizeof *values);
  if (!values) return error_memory("the properties of an image");
  properties_of(values, image);
  *observed = values;
  return CHECKROB_OK;
}

static checkrob_status set(void *self, analysis_batch *batch) {
  const measuring *m = self;
  for (size_t n = 0; n < batch->count; n++) {
    const double *values = batch->samples[n].observed;
    for (size_t k = 0; values && k < PROPERTIES; k++)
      row_set_number(batch->samples[n].row, m->column + k, values[k]);
  }
  return CHECKROB_OK;
}

checkrob_status properties_new(analysis *out) {
  measuring *m = calloc(1, sizeof *m);
  if (!m) return error_memory("an analysis");
  *out = (analysis){.name = "properties",
                    .columns = property_columns,
                    .self = m,
                    .begin = begin,
                    .observe = observe,
                    .batch = set,
                    .destroy = free};
  return CHECKROB_OK;
}
