/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/places.h"

#include <math.h>

const char *const place_names[PLACES] = {[PLACE_UPPER_LEFT] = "upper left corner",
                                         [PLACE_UPPER_RIGHT] = "upper right corner",
                                         [PLACE_LOWER_LEFT] = "lower left corner",
                                         [PLACE_LOWER_RIGHT] = "lower right corner",
                                         [PLACE_TOP] = "top",
                                         [PLACE_BOTTOM] = "bottom",
                                         [PLACE_LEFT] = "left side",
                                         [PLACE_RIGHT] = "right side",
                                         [PLACE_BORDER] = "border"};

#define THIRD (1.0 / 3.0)
#define SIXTH (1.0 / 6.0)
#define TENTH 0.1

/* x0, y0, x1, y1 from 0 to 1. The border is the image without this rectangle. */
static const double rectangles[PLACES][4] = {[PLACE_UPPER_LEFT] = {0.0, 0.0, THIRD, THIRD},
                                             [PLACE_UPPER_RIGHT] = {1.0 - THIRD, 0.0, 1.0, THIRD},
                                             [PLACE_LOWER_LEFT] = {0.0, 1.0 - THIRD, THIRD, 1.0},
                                             [PLACE_LOWER_RIGHT] = {1.0 - THIRD, 1.0 - THIRD, 1.0, 1.0},
                                             [PLACE_TOP] = {0.0, 0.0, 1.0, SIXTH},
                                             [PLACE_BOTTOM] = {0.0, 1.0 - SIXTH, 1.0, 1.0},
                                             [PLACE_LEFT] = {0.0, 0.0, SIXTH, 1.0},
                                             [PLACE_RIGHT] = {1.0 - SIXTH, 0.0, 1.0, 1.0},
                                             [PLACE_BORDER] = {TENTH, TENTH, 1.0 - TENTH, 1.0 - TENTH}};

bool place_contains(place which, double x, double y) {
  const double *r = rectangles[which];
  bool inside = x >= r[0] && x <= r[2] && y >= r[1] && y <= r[3];
  return which == PLACE_BORDER ? !inside : inside;
}

/* The share of cell i of `count` between two positions. */
static double overlap(size_t i, size_t count, double from, double to) {
  double cells = (double)count, first = (double)i / cells, last = (double)(i + 1) / cells;
  return fmax(fmin(last, to) - fmax(first, from), 0.0) * cells;
}

void place_cover(float *out, place which, size_t height, size_t width) {
  const double *r = rectangles[which];
  for (size_t y = 0; y < height; y++)
    for (size_t x = 0; x < width; x++) {
      double share = overlap(x, width, r[0], r[2]) * overlap(y, height, r[1], r[3]);
      out[y * width + x] = (float)(which == PLACE_BORDER ? 1.0 - share : share);
    }
}
