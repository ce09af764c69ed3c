/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/transplant.h"

#include <stdint.h>
#include <string.h>

#include "probe/between.h"
#include "probe/fill.h"

size_t transplant_work(size_t height, size_t width) {
  size_t search = height * width * (sizeof(uint32_t) + 1), fill = fill_around_work(height, width);
  return search > fill * sizeof(float) ? search : fill * sizeof(float);
}

/* ---- the largest part of an object ---- */

/* A search through a picture of marked pixels, which unmarks what it visits. */
typedef struct search {
  uint32_t *queue; /* [H, W] */
  unsigned char *marked;
  size_t height, width, visited;
} search;

static void visit(search *s, size_t y, size_t x) {
  size_t i = y * s->width + x;
  if (!s->marked[i]) return;
  s->marked[i] = 0;
  s->queue[s->visited++] = (uint32_t)i;
}

/* Visits all that is connected with a marked pixel. Returns their number. */
static size_t follow(extent *out, search *s, size_t start) {
  *out = (extent){.x0 = s->width, .y0 = s->height};
  s->visited = 0;
  visit(s, start / s->width, start % s->width);
  for (size_t next = 0; next < s->visited; next++) {
    size_t y = s->queue[next] / s->width, x = s->queue[next] % s->width;
    if (x < out->x0) out->x0 = x;
    if (y < out->y0) out->y0 = y;
    if (x >= out->x1) out->x1 = x + 1;
    if (y >= out->y1) out->y1 = y + 1;
    if (y > 0) visit(s, y - 1, x);
    if (x > 0) visit(s, y, x - 1);
    if (x + 1 < s->width) visit(s, y, x + 1);
    if (y + 1 < s->height) visit(s, y + 1, x);
  }
  return s->visited;
}

static bool mark(search *s, const float *coverage, bool by_half) {
  bool any = false;
  for (size_t i = 0; i < s->height * s->width; i++) {
    s->marked[i] = by_half ? coverage[i] >= 0.5F : coverage[i] > 0.0F;
    any = any || s->marked[i];
  }
  return any;
}

bool object_extent(extent *out, const float *coverage, size_t height, size_t width, void *work) {
  size_t pixels = height * width, most = 0;
  search s = {.queue = work,
              .marked = (unsigned char *)work + pixels * sizeof(uint32_t),
              .height = height,
              .width = width};
  *out = (extent){0};
  if (width == 0 || (!mark(&s, coverage, true) && !mark(&s, coverage, false))) return false;
  for (size_t i = 0; i < pixels; i++) {
    if (!s.marked[i]) continue;
    extent found;
    size_t count = follow(&found, &s, i);
    if (count > most) *out = found;
    if (count > most) most = count;
  }
  return true;
}

static void copy_plane(float *out, const float *plane, const extent *e, size_t width) {
  size_t count = e->x1 - e->x0;
  for (size_t y = e->y0; y < e->y1; y++, out += count)
    memcpy(out, plane + y * width + e->x0, count * sizeof *out);
}

void cut_out_copy(cut_out *out, float *numbers, const float *image, const float *coverage, const extent *e,
                  size_t height, size_t width) {
  size_t pixels = height * width;
  *out = (cut_out){.height = e->y1 - e->y0, .width = e->x1 - e->x0, .pixels = numbers};
  size_t count = out->height * out->width;
  for (size_t c = 0; c < 3; c++) copy_plane(numbers + c * count, image + c * pixels, e, width);
  copy_plane(numbers + 3 * count, coverage, e, width);
  out->coverage = numbers + 3 * count;
}

/* ---- the transplant ---- */

/* Pixel `at` of `count` pixels, to which `side` pixels are stretched. */
static between place(size_t at, size_t count, size_t side) {
  return between_at(((float)at + 0.5F) * (float)side / (float)count - 0.5F, side);
}

/* Puts an object into a rectangle of the image, as far as its coverage goes. */
static void put(float *image, size_t height, size_t width, const cut_out *other, const extent *to) {
  size_t pixels = height * width, others = other->height * other->width;
  for (size_t y = to->y0; y < to->y1; y++) {
    between v = place(y - to->y0, to->y1 - to->y0, other->height);
    for (size_t x = to->x0; x < to->x1; x++) {
      between u = place(x - to->x0, to->x1 - to->x0, other->width);
      float share = between_value(other->coverage, other->width, v, u);
      for (size_t c = 0; c < 3; c++) {
        float *pixel = &image[c * pixels + y * width + x];
        *pixel += share * (between_value(other->pixels + c * others, other->width, v, u) - *pixel);
      }
    }
  }
}

bool transplant(float *image, const float *coverage, const float *removed, size_t height, size_t width,
                const cut_out *other, void *work) {
  extent to;
  if (!object_extent(&to, coverage, height, width, work)) return false;
  fill_around(image, removed, height, width, work);
  put(image, height, width, other, &to);
  return true;
}

/* Where `side` pixels begin whose middle is that of [from, to), inside of `count` pixels. */
static size_t centre(size_t from, size_t to, size_t side, size_t count) {
  size_t twice = from + to;
  size_t start = twice > side ? (twice - side) / 2 : 0;
  return start + side > count ? count - side : start;
}

bool transplant_at_own_size(float *image, const float *coverage, const float *removed, size_t height,
                            size_t width, const cut_out *other, void *work) {
  extent to;
  if (other->height > height || other->width > width) return false;
  if (!object_extent(&to, coverage, height, width, work)) return false;
  fill_around(image, removed, height, width, work);
  to.x0 = centre(to.x0, to.x1, other->width, width);
  to.y0 = centre(to.y0, to.y1, other->height, height);
  to.x1 = to.x0 + other->width;
  to.y1 = to.y0 + other->height;
  put(image, height, width, other, &to);
  return true;
}
