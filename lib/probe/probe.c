/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/probe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "probe/hot_spot.h"

const char *const probe_names[PROBES] = {[PROBE_WITHOUT_HOT_SPOT] = "without_hot_spot",
                                         [PROBE_WITHOUT_OBJECT_SPOT] = "without_object_spot",
                                         [PROBE_WITHOUT_COLOUR] = "without_colour",
                                         [PROBE_TRANSPLANTED] = "transplanted",
                                         [PROBE_BLURRED] = "blurred",
                                         [PROBE_SLIGHTLY_BLURRED] = "slightly_blurred",
                                         [PROBE_OBJECT_ONLY] = "object_only",
                                         [PROBE_CONTEXT_ONLY] = "context_only",
                                         [PROBE_CONTEXT_FILLED] = "context_filled",
                                         [PROBE_PATCHED] = "patched"};

struct probe_maker {
  float *replaced, *counted; /* [H, W] */
  void *work;
};

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static size_t work_bytes(size_t height, size_t width) {
  size_t numbers = larger(fill_around_work(height, width), fill_blurred_work(height, width));
  return larger(numbers * sizeof(float), transplant_work(height, width));
}

checkrob_status probe_maker_new(probe_maker **out, size_t height, size_t width) {
  probe_maker *maker = calloc(1, sizeof *maker);
  if (maker) maker->replaced = malloc(height * width * sizeof *maker->replaced);
  if (maker) maker->counted = malloc(height * width * sizeof *maker->counted);
  if (maker) maker->work = malloc(work_bytes(height, width));
  if (maker && maker->replaced && maker->counted && maker->work) {
    *out = maker;
    return CHECKROB_OK;
  }
  probe_maker_free(maker);
  return error_memory("altered images");
}

void probe_maker_free(probe_maker *maker) {
  if (!maker) return;
  free(maker->replaced);
  free(maker->counted);
  free(maker->work);
  free(maker);
}

/* Both spots have the same area if the object and its surroundings are large enough. What is ignored is
 * chosen last. */
static void remove_spot(float *out, probe_maker *maker, const probe_subject *s, bool on_object) {
  size_t pixels = s->height * s->width, count = (size_t)lround(PROBE_SPOT * (double)pixels);
  for (size_t i = 0; i < pixels; i++)
    maker->counted[i] = s->ignored && s->ignored[i] >= 0.5F ? 0.0F : s->map[i];
  hot_spot_choose(maker->replaced, maker->counted, s->coverage, on_object, pixels, count);
  fill_around(out, maker->replaced, s->height, s->width, maker->work);
}

/* Objects that are ignored may be of the sample's own class, a crowd of it. */
static bool put_donor(float *out, probe_maker *maker, const probe_subject *s) {
  if (!s->donor) return false;
  for (size_t i = 0; i < s->height * s->width; i++)
    maker->replaced[i] = s->ignored ? fmaxf(s->coverage[i], s->ignored[i]) : s->coverage[i];
  return transplant(out, s->coverage, maker->replaced, s->height, s->width, s->donor, maker->work);
}

/* What is not on the object. */
static void choose_context(float *replaced, const probe_subject *s) {
  for (size_t i = 0; i < s->height * s->width; i++) replaced[i] = 1.0F - s->coverage[i];
}

/* The object's shape, moved by half of the image's sides, what leaves the image on one side enters on the
 * other; as far as it is off the object. */
static void choose_elsewhere(float *replaced, const probe_subject *s) {
  for (size_t y = 0; y < s->height; y++)
    for (size_t x = 0; x < s->width; x++) {
      size_t from_y = (y + s->height / 2) % s->height, from_x = (x + s->width / 2) % s->width;
      replaced[y * s->width + x] =
          s->coverage[from_y * s->width + from_x] * (1.0F - s->coverage[y * s->width + x]);
    }
}

/* The blurs differ in what they take away: the shapes of the surroundings, or their detail alone. */
static void blur_context(float *out, probe_maker *maker, const probe_subject *s, double share_of_side) {
  size_t side = s->height < s->width ? s->height : s->width;
  choose_context(maker->replaced, s);
  fill_blurred(out, maker->replaced, s->height, s->width, (double)side / share_of_side, maker->work);
}

bool probe_make(float *out, probe_maker *maker, const probe_subject *s, probe_kind kind) {
  memcpy(out, s->input, 3 * s->height * s->width * sizeof *out);
  switch (kind) {
    case PROBE_WITHOUT_HOT_SPOT:
    case PROBE_WITHOUT_OBJECT_SPOT:
      remove_spot(out, maker, s, kind == PROBE_WITHOUT_OBJECT_SPOT);
      return true;
    case PROBE_WITHOUT_COLOUR:
      choose_context(maker->replaced, s);
      fill_gray(out, maker->replaced, s->height, s->width, &s->scale);
      return true;
    case PROBE_TRANSPLANTED:
      return put_donor(out, maker, s);
    case PROBE_BLURRED:
    case PROBE_SLIGHTLY_BLURRED:
      blur_context(out, maker, s, kind == PROBE_BLURRED ? 16.0 : 80.0);
      return true;
    case PROBE_OBJECT_ONLY:
      choose_context(maker->replaced, s);
      fill_middle(out, maker->replaced, s->height, s->width, &s->scale);
      return true;
    case PROBE_CONTEXT_ONLY:
      fill_middle(out, s->coverage, s->height, s->width, &s->scale);
      return true;
    case PROBE_CONTEXT_FILLED:
      fill_around(out, s->coverage, s->height, s->width, maker->work);
      return true;
    case PROBE_PATCHED:
      choose_elsewhere(maker->replaced, s);
      fill_middle(out, maker->replaced, s->height, s->width, &s->scale);
      return true;
    default:
      return false;
  }
}
