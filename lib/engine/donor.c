/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/donor.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "dataset/dataset.h"
#include "probe/margin.h"

/* Images that are looked at for a donor. Where one class has nine tenths of the images, 64 miss the others
 * once in 800 times. */
#define MOST_PICKED 64
/* Images of another class that may fail before the sample has no donor. */
#define MOST_FAILED 16

static bool is_annotated(const checkrob_sample *sample, int64_t class_index) {
  if (checkrob_sample_class_index(sample) == class_index) return true;
  for (size_t i = 0; i < checkrob_sample_other_count(sample); i++)
    if (checkrob_sample_other_index(sample, i) == class_index) return true;
  return false;
}

/* Neither image shows the other's class: the donor's rectangle may contain all that its image shows. */
static bool are_apart(const checkrob_sample *a, const checkrob_sample *b) {
  return !is_annotated(a, checkrob_sample_class_index(b)) && !is_annotated(b, checkrob_sample_class_index(a));
}

/* The images that are looked at for a sample, in their order. */
typedef struct picking {
  const engine_options *options;
  const checkrob_sample *sample;
  uint64_t stream, picked;
} picking;

static picking pick_for(const engine_options *options, const checkrob_sample *sample) {
  uint64_t input = checkrob_sample_input(sample), part = checkrob_sample_part(sample);
  return (picking){
      .options = options, .sample = sample, .stream = random_stream(random_stream(input) + part)};
}

static bool is_eligible(const checkrob_sample *s, const picking *p) {
  return checkrob_sample_status(s) == CHECKROB_OK && checkrob_sample_class_index(s) >= 0 &&
         are_apart(s, p->sample);
}

/* Looks at the next image. *out is one of its samples that may be the donor; NULL if it has none. The caller
 * clears `read`, which owns it. */
static checkrob_status pick(checkrob_sample **out, sample_list *read, picking *p) {
  size_t count = checkrob_dataset_input_count(p->options->donors), eligible = 0;
  uint32_t bound = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
  *out = NULL;
  checkrob_status status =
      dataset_read(read, p->options->donors, random_index(p->stream, p->picked++, bound));
  for (size_t i = 0; i < read->count && !status; i++) {
    if (!is_eligible(read->items[i], p)) continue;
    /* Each is equally likely. Otherwise classes late in the map would rarely be donors. */
    uint32_t seen = (uint32_t)++eligible;
    if (random_index(~p->stream, p->picked * 64 + i, seen) == 0) *out = read->items[i];
  }
  return status;
}

/* ---- the donor ---- */

static checkrob_status make_arrays(donor_maker *maker, const engine_options *options) {
  size_t height = checkrob_preprocess_height(options->preprocess),
         width = checkrob_preprocess_width(options->preprocess), pixels = height * width;
  if (!maker->tensor) maker->tensor = malloc(3 * pixels * sizeof *maker->tensor);
  if (!maker->coverage) maker->coverage = malloc(pixels * sizeof *maker->coverage);
  if (!maker->work) maker->work = malloc(margin_work(height, width));
  return maker->tensor && maker->coverage && maker->work ? CHECKROB_OK
                                                         : error_memory("another class's object");
}

static checkrob_status preprocess(donor_maker *maker, const engine_options *options,
                                  checkrob_sample *sample) {
  checkrob_image *image = NULL;
  checkrob_status status = checkrob_sample_open_image(&image, sample, &options->limits);
  uint32_t width = image ? checkrob_image_width(image) : 0, height = image ? checkrob_image_height(image) : 0;
  if (!status) status = checkrob_sample_check_image(sample, image);
  if (!status) status = checkrob_preprocess_apply(maker->tensor, options->preprocess, image);
  if (!status)
    status = checkrob_regions_coverage(maker->coverage, checkrob_sample_regions(sample), options->preprocess,
                                       width, height, options->geometry);
  checkrob_image_free(image);
  return status;
}

/* Copies the object alone: it needs less memory than the image, and samples wait for their batch. */
static checkrob_status copy_object(prepared_donor *donor, const donor_maker *maker, const extent *e,
                                   size_t height, size_t width) {
  donor->numbers = malloc(4 * (e->y1 - e->y0) * (e->x1 - e->x0) * sizeof *donor->numbers);
  if (!donor->numbers) return error_memory("another class's object");
  cut_out_copy(&donor->result.object, donor->numbers, maker->tensor, maker->coverage, e, height, width);
  return CHECKROB_OK;
}

/* Makes the sample the donor; donor->image stays NULL if its image fails, or the model does not see its
 * object. OUT_OF_MEMORY. */
static checkrob_status take(prepared_donor *donor, donor_maker *maker, const engine_options *options,
                            checkrob_sample *sample) {
  extent e;
  size_t height = checkrob_preprocess_height(options->preprocess),
         width = checkrob_preprocess_width(options->preprocess);
  checkrob_status status = preprocess(maker, options, sample);
  if (status) return status == CHECKROB_ERROR_OUT_OF_MEMORY ? status : CHECKROB_OK;
  margin_add(maker->coverage, height, width, options->donor_margin, maker->work);
  if (!object_extent(&e, maker->coverage, height, width, maker->work)) return CHECKROB_OK;
  status = copy_object(donor, maker, &e, height, width);
  if (status) return status;
  donor->image = text_copy(checkrob_sample_image(sample));
  if (!donor->image) return error_memory("another image's name");
  donor->result.image = donor->image;
  donor->result.class_index = checkrob_sample_class_index(sample);
  return CHECKROB_OK;
}

checkrob_status donor_find(prepared_donor *donor, donor_maker *maker, const engine_options *options,
                           const checkrob_sample *sample) {
  picking p = pick_for(options, sample);
  checkrob_status status = make_arrays(maker, options);
  for (int failed = 0; !status && !donor->image && p.picked < MOST_PICKED && failed < MOST_FAILED;) {
    checkrob_sample *found = NULL;
    sample_list read = {0};
    status = pick(&found, &read, &p);
    if (!status && found) status = take(donor, maker, options, found);
    failed += found && !donor->image;
    sample_list_clear(&read);
  }
  return status;
}

void donor_clear(prepared_donor *donor) {
  free(donor->numbers);
  free(donor->image);
  *donor = (prepared_donor){0};
}

void donor_maker_clear(donor_maker *maker) {
  free(maker->tensor);
  free(maker->coverage);
  free(maker->work);
  *maker = (donor_maker){0};
}
