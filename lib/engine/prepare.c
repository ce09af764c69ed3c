/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/prepare.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "image/image.h"

static size_t input_pixels(const engine_options *options) {
  return (size_t)checkrob_preprocess_width(options->preprocess) *
         checkrob_preprocess_height(options->preprocess);
}

/* ---- regions ---- */

static covered_regions *new_cover(prepared_input *in) {
  size_t before = in->covered_capacity;
  covered_regions *grown =
      array_grow(in->covered, &in->covered_capacity, in->covered_count, sizeof *in->covered);
  if (!grown) return NULL;
  in->covered = grown;
  for (size_t i = before; i < in->covered_capacity; i++) grown[i] = (covered_regions){0};
  return &grown[in->covered_count++];
}

static checkrob_status cover(covered_regions *c, prepared_input *in, const engine_options *options) {
  if (!in->coverage) in->coverage = malloc(input_pixels(options) * sizeof *in->coverage);
  if (!in->coverage) return error_memory("a region");
  checkrob_status status = checkrob_regions_coverage(in->coverage, c->regions, options->preprocess, in->width,
                                                     in->height, options->geometry);
  return status ? status : packed_make(&c->coverage, in->coverage, input_pixels(options));
}

/* Computes the coverage of the regions, unless an earlier sample of the input needed it too. */
static checkrob_status find_cover(packed_coverage *out, prepared_input *in, const engine_options *options,
                                  const checkrob_regions *regions) {
  covered_regions *c = NULL;
  for (size_t i = 0; i < in->covered_count && !c; i++)
    if (in->covered[i].regions == regions) c = &in->covered[i];
  if (!c) {
    c = new_cover(in);
    if (!c) return error_memory("an image's regions");
    c->regions = regions;
    c->status = cover(c, in, options);
    if (c->status)
      c->message = text_format("%s: %s", checkrob_sample_image(in->samples.items[0]), checkrob_last_error());
  }
  if (c->status) return error_set(c->status, "%s", error_saved(c->message));
  *out = c->coverage;
  return CHECKROB_OK;
}

static checkrob_status check_in_view(const prepared_sample *p, const checkrob_sample *sample,
                                     const engine_options *options) {
  /* The authors score such an image 0. This blames the model for an object that it never received. */
  if (options->geometry == CHECKROB_GEOMETRY_PAPER) return CHECKROB_OK;
  if (packed_is_covered(&p->coverage)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_NO_OBJECT,
                   "%s: the object is outside the centre crop, so the model does not see it; use a "
                   "preprocessing with a wider crop, or remove the image",
                   checkrob_sample_image(sample));
}

static checkrob_status cover_others(prepared_sample *p, prepared_input *in, const engine_options *options,
                                    const checkrob_sample *sample) {
  size_t count = checkrob_sample_other_count(sample);
  if (count > p->other_capacity) {
    packed_coverage *grown = realloc(p->others, count * sizeof *grown);
    if (!grown) return error_memory("the regions of an image's other classes");
    p->others = grown;
    p->other_capacity = count;
  }
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++)
    status = find_cover(&p->others[i], in, options, checkrob_sample_other_regions(sample, i));
  return status;
}

static checkrob_status cover_sample(prepared_sample *p, prepared_input *in, const engine_options *options,
                                    const checkrob_sample *sample) {
  const checkrob_regions *ignored = checkrob_sample_ignored(sample);
  checkrob_status status = find_cover(&p->coverage, in, options, checkrob_sample_regions(sample));
  if (!status) status = check_in_view(p, sample, options);
  if (!status && checkrob_regions_count(ignored) > 0) status = find_cover(&p->ignored, in, options, ignored);
  return status ? status : cover_others(p, in, options, sample);
}

/* ---- the image ---- */

static checkrob_status observe(prepared_input *in, const engine_options *options,
                               const checkrob_image *image) {
  for (size_t i = 0; i < options->analysis_count; i++) {
    const analysis *a = options->analyses[i];
    checkrob_status status = a->observe ? a->observe(&in->observed[i], a->self, image) : CHECKROB_OK;
    if (status) return status;
  }
  return CHECKROB_OK;
}

static checkrob_status fill_tensor(prepared_input *in, const engine_options *options,
                                   const checkrob_image *image) {
  if (!in->tensor) in->tensor = malloc(3 * input_pixels(options) * sizeof *in->tensor);
  if (!in->tensor) return error_memory("an input tensor");
  return checkrob_preprocess_apply(in->tensor, options->preprocess, image);
}

static void fail_sample(prepared_sample *p, checkrob_status status, const char *message) {
  p->status = status;
  p->message = text_copy(message);
}

static bool is_any_sound(const prepared_input *in) {
  for (size_t i = 0; i < in->samples.count; i++)
    if (in->prepared[i].status == CHECKROB_OK) return true;
  return false;
}

static void fail_all(prepared_input *in, checkrob_status status) {
  for (size_t i = 0; i < in->samples.count; i++)
    if (in->prepared[i].status == CHECKROB_OK) fail_sample(&in->prepared[i], status, checkrob_last_error());
}

static void prepare_samples(prepared_input *in, const engine_options *options, donor_maker *maker,
                            const checkrob_image *image) {
  unsigned needs = engine_needs(options);
  if (needs & (ANALYSIS_REGIONS | ANALYSIS_SIZE)) {
    checkrob_status matched = samples_match_image(in->samples.items, in->samples.count, image);
    if (matched) fail_all(in, matched);
  }
  for (size_t i = 0; i < in->samples.count; i++) {
    prepared_sample *p = &in->prepared[i];
    if (p->status != CHECKROB_OK) continue;
    checkrob_status status = CHECKROB_OK;
    if (needs & (ANALYSIS_REGIONS | ANALYSIS_SIZE))
      status = checkrob_sample_check_size(in->samples.items[i], in->width, in->height);
    if (!status && (needs & ANALYSIS_REGIONS)) status = cover_sample(p, in, options, in->samples.items[i]);
    if (!status && (needs & ANALYSIS_DONORS))
      status = donor_find(&p->donor, maker, options, in->samples.items[i]);
    if (status != CHECKROB_OK) fail_sample(p, status, checkrob_last_error());
  }
  checkrob_status status = CHECKROB_OK;
  if (is_any_sound(in) && (needs & ANALYSIS_TENSOR)) status = fill_tensor(in, options, image);
  if (!status) status = observe(in, options, image);
  if (status != CHECKROB_OK) fail_all(in, status);
}

static void fail_image(prepared_input *in) {
  in->image_message = text_copy(checkrob_last_error());
  fail_all(in, in->image_status);
}

static void decode(prepared_input *in, const engine_options *options, donor_maker *maker) {
  checkrob_image *image = NULL;
  in->image_status =
      sample_decode_image(&image, in->samples.items[0], in->encoded, in->encoded_bytes, &options->limits);
  if (in->image_status == CHECKROB_OK) {
    in->width = checkrob_image_width(image);
    in->height = checkrob_image_height(image);
    in->orientation = checkrob_image_orientation(image);
    in->turned = image->turned;
    prepare_samples(in, options, maker, image);
  } else {
    fail_image(in);
  }
  checkrob_image_free(image);
}

/* ---- the two steps ---- */

static bool needs_image(const prepared_input *in, const engine_options *options) {
  return options->decode_all || is_any_sound(in);
}

static void forget_encoded(prepared_input *in) {
  free(in->encoded);
  in->encoded = NULL;
}

void prepare_read(prepared_input *in, const engine_options *options) {
  double start = clock_seconds();
  for (size_t i = 0; i < in->samples.count; i++) {
    const checkrob_sample *sample = in->samples.items[i];
    in->prepared[i].status = checkrob_sample_status(sample);
    if (in->prepared[i].status != CHECKROB_OK)
      in->prepared[i].message = text_copy(checkrob_sample_message(sample));
  }
  if (needs_image(in, options)) {
    in->image_status =
        sample_read_image(&in->encoded, &in->encoded_bytes, in->samples.items[0], &options->limits);
    if (in->image_status != CHECKROB_OK) fail_image(in);
  }
  in->milliseconds = 1e3 * (clock_seconds() - start);
}

void prepare_compute(prepared_input *in, const engine_options *options, donor_maker *maker) {
  double start = clock_seconds();
  if (in->image_status == CHECKROB_OK && needs_image(in, options)) decode(in, options, maker);
  forget_encoded(in);
  in->milliseconds += 1e3 * (clock_seconds() - start);
}

/* ---- clearing and freeing ---- */

static bool make_room(prepared_input *in, const engine_options *options) {
  if (!in->observed) in->observed = calloc(options->analysis_count + 1, sizeof *in->observed);
  if (!in->observed) return false;
  if (in->samples.count <= in->prepared_capacity) return true;
  prepared_sample *grown = realloc(in->prepared, in->samples.count * sizeof *grown);
  if (!grown) return false;
  for (size_t i = in->prepared_capacity; i < in->samples.count; i++) grown[i] = (prepared_sample){0};
  in->prepared = grown;
  in->prepared_capacity = in->samples.count;
  return true;
}

checkrob_status prepare_room(prepared_input *in, const engine_options *options) {
  if (make_room(in, options)) return CHECKROB_OK;
  sample_list_clear(&in->samples);
  return error_memory("an image's samples");
}

void prepare_clear(prepared_input *in, const engine_options *options) {
  for (size_t i = 0; i < in->samples.count; i++) {
    prepared_sample *p = &in->prepared[i];
    free(p->message);
    donor_clear(&p->donor);
    *p = (prepared_sample){.others = p->others, .other_capacity = p->other_capacity};
  }
  for (size_t i = 0; i < in->covered_count; i++) {
    free(in->covered[i].message);
    free(in->covered[i].coverage.runs);
    in->covered[i] = (covered_regions){0};
  }
  in->covered_count = 0;
  for (size_t i = 0; in->observed && i < options->analysis_count; i++) {
    free(in->observed[i]);
    in->observed[i] = NULL;
  }
  sample_list_clear(&in->samples);
  forget_encoded(in);
  free(in->image_message);
  in->image_message = NULL;
  in->image_status = CHECKROB_OK;
  in->width = in->height = 0;
  in->orientation = 0;
  in->turned = false;
}

void prepare_destroy(prepared_input *in, const engine_options *options) {
  prepare_clear(in, options);
  for (size_t i = 0; i < in->prepared_capacity; i++) free(in->prepared[i].others);
  free(in->prepared);
  free(in->covered);
  free(in->tensor);
  free(in->coverage);
  free(in->observed);
}
