/* SPDX-License-Identifier: Apache-2.0 */
#include "region/rectangles.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"

/* A horizontal line goes down the raster. For each column of pixels the sweep knows which part of the line
 * the rectangles cover, from 0 to 1. It changes where a rectangle begins or ends; between two changes, the
 * covered area grows by this part times the distance.
 *
 * A rectangle covers most of its columns whole: these are counted. At its left and its right side it covers a
 * piece of a column. The ends of all pieces cut a column into intervals, and a tree over these intervals,
 * with the number of pieces on each, has the length of their union at its root (Bentley's tree). */

/* The top or the bottom side of a rectangle. */
typedef struct edge {
  double y;
  size_t rectangle;
  bool begins;
} edge;

/* An end of a piece. */
typedef struct cut {
  uint32_t column;
  double x;
} cut;

/* Of a column's tree. */
typedef struct node {
  uint32_t pieces; /* that span all its intervals, but not all of its parent's */
  double covered;  /* length */
} node;

typedef struct column {
  uint32_t whole; /* rectangles that cover it whole */
  size_t first_cut, cut_count;
  double covered; /* the part of it that is covered now */
  double area;    /* that was covered in this row, until `since` */
  double since;
} column;

struct rectangle_sweep {
  const rectangle *rectangles;
  edge *edges; /* by y */
  size_t edge_count, next_edge;
  cut *cuts; /* by column, then by x */
  size_t cut_count;
  node *nodes; /* the tree of a column begins at four times its first cut */
  column *columns;
  uint32_t width;
  double row;
};

/* ---- pieces ---- */

typedef struct piece {
  uint32_t column;
  double from, to;
} piece;

/* What a rectangle covers of columns that it does not cover whole. Returns their number. */
static size_t list_pieces(piece out[2], const rectangle *r) {
  double left = floor(r->x1), right = floor(r->x2);
  size_t count = 0;
  if (left == right) {
    out[count++] = (piece){(uint32_t)left, r->x1, r->x2};
    return count;
  }
  if (r->x1 > left) out[count++] = (piece){(uint32_t)left, r->x1, left + 1};
  if (r->x2 > right) out[count++] = (piece){(uint32_t)right, right, r->x2};
  return count;
}

static int compare_cuts(const void *left, const void *right) {
  const cut *a = left, *b = right;
  if (a->column != b->column) return a->column < b->column ? -1 : 1;
  return (a->x > b->x) - (a->x < b->x);
}

static int compare_edges(const void *left, const void *right) {
  const edge *a = left, *b = right;
  if (a->y < b->y || a->y > b->y) return a->y < b->y ? -1 : 1;
  return (a->rectangle > b->rectangle) - (a->rectangle < b->rectangle);
}

static void list_edges(rectangle_sweep *sweep, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const rectangle *r = &sweep->rectangles[i];
    sweep->edges[sweep->edge_count++] = (edge){r->y1, i, true};
    sweep->edges[sweep->edge_count++] = (edge){r->y2, i, false};
    piece pieces[2];
    for (size_t k = list_pieces(pieces, r); k-- > 0;) {
      sweep->cuts[sweep->cut_count++] = (cut){pieces[k].column, pieces[k].from};
      sweep->cuts[sweep->cut_count++] = (cut){pieces[k].column, pieces[k].to};
    }
  }
  if (count > 0) qsort(sweep->edges, sweep->edge_count, sizeof *sweep->edges, compare_edges);
  if (sweep->cut_count > 0) qsort(sweep->cuts, sweep->cut_count, sizeof *sweep->cuts, compare_cuts);
  for (size_t i = 0; i < sweep->cut_count; i++) {
    column *c = &sweep->columns[sweep->cuts[i].column];
    if (c->cut_count++ == 0) c->first_cut = i;
  }
}

/* ---- the tree of a column ---- */

typedef struct tree {
  const cut *cuts;
  node *nodes;
  size_t from, to; /* the intervals that change: interval i is between cut i and cut i + 1 */
  bool begins;
} tree;

/* `at` spans the intervals [low, high). */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tree */
static void change(const tree *t, size_t at, size_t low, size_t high) {
  node *n = &t->nodes[at];
  if (t->from <= low && high <= t->to) {
    n->pieces += t->begins ? 1U : -1U;
  } else {
    size_t middle = low + (high - low) / 2;
    if (t->from < middle) change(t, 2 * at, low, middle);
    if (t->to > middle) change(t, 2 * at + 1, middle, high);
  }
  if (n->pieces > 0)
    n->covered = t->cuts[high].x - t->cuts[low].x;
  else
    n->covered = high - low == 1 ? 0 : t->nodes[2 * at].covered + t->nodes[2 * at + 1].covered;
}

static size_t find_cut(const rectangle_sweep *sweep, const column *c, uint32_t number, double x) {
  const cut key = {number, x};
  return array_lower_bound(&key, sweep->cuts + c->first_cut, c->cut_count, sizeof key, compare_cuts);
}

/* ---- the sweep ---- */

/* After a change at `y`. */
static void update(rectangle_sweep *sweep, column *c, double y) {
  double covered = c->whole > 0 ? 1 : 0;
  if (c->whole == 0 && c->cut_count > 0) covered = sweep->nodes[4 * c->first_cut + 1].covered;
  if (covered == c->covered) return;
  c->area += c->covered * (y - c->since);
  c->since = y;
  c->covered = covered;
}

static void pass_edge(rectangle_sweep *sweep, const edge *e) {
  const rectangle *r = &sweep->rectangles[e->rectangle];
  piece pieces[2];
  for (size_t k = list_pieces(pieces, r); k-- > 0;) {
    uint32_t number = pieces[k].column;
    column *c = &sweep->columns[number];
    const tree t = {.cuts = sweep->cuts + c->first_cut,
                    .nodes = sweep->nodes + 4 * c->first_cut,
                    .from = find_cut(sweep, c, number, pieces[k].from),
                    .to = find_cut(sweep, c, number, pieces[k].to),
                    .begins = e->begins};
    change(&t, 1, 0, c->cut_count - 1);
    update(sweep, c, e->y);
  }
  for (size_t x = (size_t)ceil(r->x1), end = (size_t)floor(r->x2); x < end; x++) {
    column *c = &sweep->columns[x];
    c->whole += e->begins ? 1U : -1U;
    if (c->whole == (e->begins ? 1U : 0U)) update(sweep, c, e->y);
  }
}

void rectangle_sweep_row(float *shares, rectangle_sweep *sweep) {
  double bottom = sweep->row + 1;
  for (; sweep->next_edge < sweep->edge_count && sweep->edges[sweep->next_edge].y < bottom;
       sweep->next_edge++)
    pass_edge(sweep, &sweep->edges[sweep->next_edge]);
  for (uint32_t x = 0; x < sweep->width; x++) {
    column *c = &sweep->columns[x];
    double area = c->area + c->covered * (bottom - c->since);
    shares[x] = (float)fmin(area, 1); /* the sum may exceed 1 by rounding */
    c->area = 0;
    c->since = bottom;
  }
  sweep->row = bottom;
}

checkrob_status rectangle_sweep_new(rectangle_sweep **out, const rectangle *rectangles, size_t count,
                                    uint32_t width) {
  rectangle_sweep *sweep = calloc(1, sizeof *sweep);
  if (!sweep) return error_memory("the union of an image's boxes");
  *sweep = (rectangle_sweep){.rectangles = rectangles,
                             .edges = malloc((2 * count + 1) * sizeof *sweep->edges),
                             .cuts = malloc((4 * count + 1) * sizeof *sweep->cuts),
                             .columns = calloc((size_t)width + 1, sizeof *sweep->columns),
                             .width = width};
  bool made = sweep->edges && sweep->cuts && sweep->columns;
  if (made) {
    list_edges(sweep, count);
    sweep->nodes = calloc(4 * sweep->cut_count + 1, sizeof *sweep->nodes);
  }
  if (!made || !sweep->nodes) {
    rectangle_sweep_free(sweep);
    return error_memory("the union of an image's boxes");
  }
  *out = sweep;
  return CHECKROB_OK;
}

void rectangle_sweep_free(rectangle_sweep *sweep) {
  if (!sweep) return;
  free(sweep->edges);
  free(sweep->cuts);
  free(sweep->nodes);
  free(sweep->columns);
  free(sweep);
}

checkrob_status rectangles_cover(float *coverage, const rectangle *rectangles, size_t count, uint32_t width,
                                 uint32_t height) {
  rectangle_sweep *sweep = NULL;
  checkrob_status status = rectangle_sweep_new(&sweep, rectangles, count, width);
  if (status) return status;
  for (size_t y = 0; y < height; y++) rectangle_sweep_row(coverage + y * width, sweep);
  rectangle_sweep_free(sweep);
  return CHECKROB_OK;
}
