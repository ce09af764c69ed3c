/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/report.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/recipe.h"
#include "probe/margin.h"

/* An image as the model's input, and its object. */
typedef struct seen {
  float *pixels;   /* [3, H, W] */
  float *coverage; /* [H, W] */
} seen;

typedef struct pasting {
  const checkrob_preprocess *preprocess;
  size_t height, width;
  seen into, from;
  float *removed; /* [H, W] */
  float *cut;     /* [4, H, W]: the object of `from` */
  checkrob_geometry geometry;
  bool keeps_size;
  void *work;
} pasting;

static void pasting_clear(pasting *p) {
  free(p->into.pixels);
  free(p->into.coverage);
  free(p->from.pixels);
  free(p->from.coverage);
  free(p->removed);
  free(p->cut);
  free(p->work);
}

static checkrob_status prepare(pasting *p, const checkrob_preprocess *preprocess) {
  *p = (pasting){.preprocess = preprocess,
                 .height = checkrob_preprocess_height(preprocess),
                 .width = checkrob_preprocess_width(preprocess)};
  size_t pixels = p->height * p->width;
  p->into.pixels = malloc(3 * pixels * sizeof(float));
  p->into.coverage = malloc(pixels * sizeof(float));
  p->from.pixels = malloc(3 * pixels * sizeof(float));
  p->from.coverage = malloc(pixels * sizeof(float));
  p->removed = malloc(pixels * sizeof(float));
  p->cut = malloc(4 * pixels * sizeof(float));
  p->work = malloc(margin_work(p->height, p->width));
  bool good = p->into.pixels && p->into.coverage && p->from.pixels && p->from.coverage && p->removed &&
              p->cut && p->work;
  return good ? CHECKROB_OK : error_memory("a pasted image");
}

static checkrob_status look(seen *out, const pasting *p, const checkrob_pasted_image *of, double margin) {
  uint32_t width = checkrob_image_width(of->image), height = checkrob_image_height(of->image);
  checkrob_status status = checkrob_preprocess_apply(out->pixels, p->preprocess, of->image);
  if (!status)
    status = checkrob_regions_coverage(out->coverage, of->regions, p->preprocess, width, height, p->geometry);
  if (!status) margin_add(out->coverage, p->height, p->width, margin, p->work);
  return status;
}

/* What is taken out of the image: its object, and what is ignored. */
static checkrob_status find_removed(pasting *p, const checkrob_pasted_image *into) {
  size_t pixels = p->height * p->width;
  memset(p->removed, 0, pixels * sizeof *p->removed);
  checkrob_status status = CHECKROB_OK;
  if (into->ignored)
    status =
        checkrob_regions_coverage(p->removed, into->ignored, p->preprocess, checkrob_image_width(into->image),
                                  checkrob_image_height(into->image), p->geometry);
  for (size_t i = 0; i < pixels && !status; i++) p->removed[i] = fmaxf(p->removed[i], p->into.coverage[i]);
  return status;
}

static checkrob_status put(pasting *p) {
  extent e;
  cut_out object;
  if (!object_extent(&e, p->from.coverage, p->height, p->width, p->work))
    return error_set(CHECKROB_ERROR_NO_OBJECT,
                     "checkrob_paste: the model does not see the object that is pasted");
  cut_out_copy(&object, p->cut, p->from.pixels, p->from.coverage, &e, p->height, p->width);
  bool (*place)(float *, const float *, const float *, size_t, size_t, const cut_out *, void *) =
      p->keeps_size ? transplant_at_own_size : transplant;
  if (place(p->into.pixels, p->into.coverage, p->removed, p->height, p->width, &object, p->work))
    return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_NO_OBJECT,
                   "checkrob_paste: the model does not see the object that is replaced");
}

static bool is_whole(const checkrob_pasted_image *of) {
  return of && of->size >= sizeof *of && of->image && of->regions;
}

checkrob_status checkrob_paste(checkrob_image **out, float *input, const checkrob_preprocess *preprocess,
                               const checkrob_pasted_image *into, const checkrob_pasted_image *from,
                               checkrob_geometry geometry, double margin) {
  if (!out || !preprocess || !is_whole(into) || !is_whole(from) || !(margin >= 0.0 && margin <= 1.0))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_paste: NULL argument, or a margin outside 0 to 1");
  pasting p;
  checkrob_status status = prepare(&p, preprocess);
  p.geometry = geometry;
  p.keeps_size = from->keeps_size != 0;
  if (!status) status = look(&p.into, &p, into, margin);
  if (!status) status = look(&p.from, &p, from, margin);
  if (!status) status = find_removed(&p, into);
  if (!status) status = put(&p);
  if (!status && input) memcpy(input, p.into.pixels, 3 * p.height * p.width * sizeof *input);
  if (!status) status = checkrob_preprocess_picture(out, preprocess, p.into.pixels);
  pasting_clear(&p);
  return status;
}
