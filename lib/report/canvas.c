/* SPDX-License-Identifier: Apache-2.0 */
#include "report/canvas.h"

#include <stddef.h>

void canvas_fill(canvas *to, long x1, long y1, long x2, long y2, const uint8_t colour[3]) {
  for (long y = y1 < 0 ? 0 : y1; y < y2 && y < (long)to->height; y++)
    for (long x = x1 < 0 ? 0 : x1; x < x2 && x < (long)to->width; x++)
      for (size_t c = 0; c < 3; c++) to->pixels[3 * ((size_t)y * to->width + (size_t)x) + c] = colour[c];
}

static void border(canvas *to, long x1, long y1, long x2, long y2, long thick, const uint8_t colour[3]) {
  canvas_fill(to, x1, y1, x2, y1 + thick, colour);
  canvas_fill(to, x1, y2 - thick, x2, y2, colour);
  canvas_fill(to, x1, y1, x1 + thick, y2, colour);
  canvas_fill(to, x2 - thick, y1, x2, y2, colour);
}

void canvas_outline(canvas *to, long x1, long y1, long x2, long y2, long thick, const uint8_t colour[3]) {
  static const uint8_t black[3] = {0, 0, 0};
  border(to, x1, y1, x2, y2, thick + 1, black);
  border(to, x1, y1, x2, y2, thick, colour);
}
