/* SPDX-License-Identifier: Apache-2.0 */
#include "region/rectangles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* The union as disjoint parts: all left and right edges, and the borders of pixel columns, divide the raster
 * into vertical slabs. Within a slab a rectangle either spans the whole width or is absent, so the union is a
 * union of intervals on the y axis; and a slab is always within one pixel column. */

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static int compare_tops(const void *left, const void *right) {
  return compare_doubles(&((const rectangle *)left)->y1, &((const rectangle *)right)->y1);
}

static void add_interval(double *column, double top, double bottom, double share) {
  for (size_t row = (size_t)top; (double)row < bottom; row++)
    column[row] += share * (fmin(bottom, (double)row + 1) - fmax(top, (double)row));
}

/* `rectangles` are sorted by their tops, so those that touch or overlap follow each other. */
static void add_slab(double *column, const rectangle *rectangles, size_t count, double left, double right) {
  double top = 0, bottom = 0;
  for (size_t i = 0; i < count; i++) {
    const rectangle *r = &rectangles[i];
    if (r->x1 > left || r->x2 < right) continue;
    if (r->y1 > bottom) {
      add_interval(column, top, bottom, right - left);
      top = r->y1;
      bottom = r->y2;
    } else {
      bottom = fmax(bottom, r->y2);
    }
  }
  add_interval(column, top, bottom, right - left);
}

static void store_column(float *coverage, double *column, size_t x, uint32_t width, uint32_t height) {
  for (size_t y = 0; y < height; y++) {
    coverage[y * width + x] = (float)fmin(column[y], 1); /* the sum may exceed 1 by rounding */
    column[y] = 0;
  }
}

checkrob_status rectangles_cover(float *coverage, rectangle *rectangles, size_t count, uint32_t width,
                                 uint32_t height) {
  size_t edge_count = 2 * count + (size_t)width + 1;
  double *edges = malloc(edge_count * sizeof *edges);
  double *column = calloc((size_t)height + 1, sizeof *column);
  if (!edges || !column) {
    free(edges);
    free(column);
    return error_memory("the union of an image's boxes");
  }
  double *edge = edges;
  for (size_t x = 0; x <= width; x++) *edge++ = (double)x;
  for (size_t i = 0; i < count; i++) {
    *edge++ = rectangles[i].x1;
    *edge++ = rectangles[i].x2;
  }
  qsort(edges, edge_count, sizeof *edges, compare_doubles);
  if (count > 0) qsort(rectangles, count, sizeof *rectangles, compare_tops);

  for (size_t i = 0; i + 1 < edge_count; i++) {
    double left = edges[i], right = edges[i + 1];
    if (left == right) continue;
    add_slab(column, rectangles, count, left, right);
    size_t x = (size_t)left;
    if (right == (double)(x + 1)) store_column(coverage, column, x, width, height);
  }
  free(edges);
  free(column);
  return CHECKROB_OK;
}
