/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/check.h>

#include <stdlib.h>

#include "analysis/analysis.h"
#include "base/error.h"
#include "base/hash.h"
#include "engine/engine.h"
#include "image/limits.h"
#include "run/settings.h"

/* Number of images that may wait for one that takes longer. They are decoded, but only their hash is in
 * memory. */
#define INPUTS_A_THREAD 16

typedef struct checking {
  checkrob_check_callback on_sample;
  void *user_data;
} checking;

/* ---- the analysis: a hash of the pixels ---- */

static checkrob_status hash_pixels(void **observed, const void *self, const checkrob_image *image) {
  (void)self;
  uint64_t *hash = malloc(sizeof *hash);
  if (!hash) return error_memory("an image's hash");
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  *hash = hash_bytes(HASH_START, &width, sizeof width);
  *hash = hash_bytes(*hash, checkrob_image_pixels(image), (size_t)3 * width * height);
  *observed = hash;
  return CHECKROB_OK;
}

/* Each sample is reported when it is emitted, valid or not. */
static checkrob_status do_nothing(void *self, analysis_batch *batch) {
  (void)self;
  (void)batch;
  return CHECKROB_OK;
}

/* ---- emitting ---- */

static checkrob_status emit(const engine_sample *s, void *data) {
  const checking *c = data;
  if (s->image_status == CHECKROB_ERROR_OUT_OF_MEMORY || s->status == CHECKROB_ERROR_OUT_OF_MEMORY)
    return error_memory("an image");
  const uint64_t *hash = s->observed[0];
  const checkrob_checked_sample checked = {.size = sizeof checked,
                                           .sample = s->sample,
                                           .image_status = s->image_status,
                                           .image_message = s->image_message,
                                           .width = s->width,
                                           .height = s->height,
                                           .pixels_hash = hash ? *hash : 0,
                                           .orientation = s->orientation};
  if (c->on_sample(&checked, c->user_data) == 0) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the callback interrupted the check");
}

checkrob_status checkrob_check(checkrob_cursor *cursor, const checkrob_options *options,
                               checkrob_check_callback on_sample, void *user_data) {
  if (!cursor || !on_sample)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_check: the cursor or the callback is NULL");
  analysis hashing = {.name = "check", .needs = ANALYSIS_SIZE, .observe = hash_pixels, .batch = do_nothing};
  analysis *const analyses[] = {&hashing};
  checking c = {on_sample, user_data};
  atomic_int never = 0;
  size_t threads = settings_threads(options);
  engine_options pass = {.cursor = cursor,
                         .limits = image_limits_of(options),
                         .geometry = CHECKROB_GEOMETRY_STANDARD,
                         .batch = 1, /* each sample is reported at once */
                         .workers = threads,
                         .capacity = threads * INPUTS_A_THREAD,
                         .decode_all = 1,
                         .lanes = 1,
                         .analyses = analyses,
                         .analysis_count = 1,
                         .interrupted = &never,
                         .on_sample = emit,
                         .data = &c};
  engine_totals totals;
  return engine_run(&totals, &pass);
}
