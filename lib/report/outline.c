/* SPDX-License-Identifier: Apache-2.0 */
#include "report/outline.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"

/* One more than the least depth of the neighbours that were visited already. `step` is -1 for the neighbours
 * to the left and above, 1 for those to the right and below. Pixels beyond the window are outside. */
static uint16_t depth_after(const depth_map *map, uint32_t x, uint32_t y, int step) {
  const uint32_t last_x = map->width - 1, last_y = map->height - 1;
  if (x == 0 || y == 0 || x == last_x || y == last_y) return 1;
  const uint16_t *at = map->depths + (size_t)y * map->width + x;
  const uint16_t *beside = at + (ptrdiff_t)step * (ptrdiff_t)map->width;
  uint16_t least = at[step];
  for (int i = -1; i <= 1; i++)
    if (beside[i] < least) least = beside[i];
  return least < UINT16_MAX ? (uint16_t)(least + 1) : least;
}

/* Two passes find the exact distance, because the steps of a path in eight directions can be taken in any
 * order. */
static void find_depths(depth_map *map) {
  for (uint32_t y = 0; y < map->height; y++)
    for (uint32_t x = 0; x < map->width; x++) {
      uint16_t *at = map->depths + (size_t)y * map->width + x;
      if (*at) *at = depth_after(map, x, y, -1);
    }
  for (uint32_t y = map->height; y-- > 0;)
    for (uint32_t x = map->width; x-- > 0;) {
      uint16_t *at = map->depths + (size_t)y * map->width + x;
      uint16_t depth = *at ? depth_after(map, x, y, 1) : 0;
      if (depth < *at) *at = depth;
    }
}

/* The share of the image's pixel at a position; 0 beyond the raster. */
static float share_at(const raster *r, double x, double y) {
  double column = floor(x) - r->left, row = floor(y) - r->top;
  bool is_inside = column >= 0 && row >= 0 && column < r->width && row < r->height;
  return is_inside ? r->shares[(size_t)row * r->width + (size_t)column] : 0.0F;
}

static uint32_t up_to(double position, uint32_t limit) {
  return position < limit ? (uint32_t)position : limit;
}

checkrob_status depth_map_make(depth_map *out, const raster *r, double across, double down, uint32_t width,
                               uint32_t height) {
  uint32_t left = up_to(floor(r->left * across), width), top = up_to(floor(r->top * down), height);
  uint32_t right = up_to(ceil(((double)r->left + r->width) * across), width),
           bottom = up_to(ceil(((double)r->top + r->height) * down), height);
  *out = (depth_map){left, top, right - left, bottom - top, NULL};
  out->depths = malloc(((size_t)out->width * out->height + 1) * sizeof *out->depths);
  if (!out->depths) return error_memory("an overlay's outline");
  for (uint32_t y = 0; y < out->height; y++)
    for (uint32_t x = 0; x < out->width; x++)
      out->depths[(size_t)y * out->width + x] =
          share_at(r, (left + x + 0.5) / across, (top + y + 0.5) / down) >= 0.5F;
  if (out->width > 0 && out->height > 0) find_depths(out);
  return CHECKROB_OK;
}

void depth_map_clear(depth_map *map) {
  free(map->depths);
  *map = (depth_map){0};
}
