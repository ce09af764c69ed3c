/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/donor.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "dataset/dataset.h"

/* Images that are drawn for a sample. Where one class has nine tenths of the images, 64 miss the others once
 * in 800 times. */
#define MOST_DRAWN 64
/* Images of another class that may fail before the sample has no donor. */
#define MOST_FAILED 4

static bool is_annotated(const checkrob_sample *sample, int64_t class_index) {
  if (checkrob_sample_class_index(sample) == class_index) return true;
  for (size_t i = 0; i < checkrob_sample_other_count(sample); i++)
    if (checkrob_sample_other_index(sample, i) == class_index) return true;
  return false;
}

/* The images that are drawn for a sample, in their order. */
typedef struct drawing {
  const engine_options *options;
  const checkrob_sample *sample;
  uint64_t stream;
  uint64_t drawn;
} drawing;

static drawing draw_for(const engine_options *options, const checkrob_sample *sample) {
  uint64_t input = checkrob_sample_input(sample), part = checkrob_sample_part(sample);
  return (drawing){
      .options = options, .sample = sample, .stream = random_stream(random_stream(input) + part)};
}

/* Draws the next image. *out is its first sample of a class that is annotated neither in the sample's image
 * nor in that of `donor` (may be NULL); NULL if it has none. The caller frees `read`, which owns it. */
static checkrob_status draw(checkrob_sample **out, sample_list *read, drawing *d,
                            const checkrob_sample *donor) {
  size_t count = checkrob_dataset_input_count(d->options->donors);
  uint32_t bound = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
  *out = NULL;
  checkrob_status status = dataset_read(read, d->options->donors, random_index(d->stream, d->drawn++, bound));
  for (size_t i = 0; i < read->count && !status && !*out; i++) {
    checkrob_sample *s = read->items[i];
    int64_t index = checkrob_sample_class_index(s);
    if (checkrob_sample_status(s) == CHECKROB_OK && index >= 0 && !is_annotated(d->sample, index) &&
        !(donor && is_annotated(donor, index)))
      *out = s;
  }
  return status;
}

/* ---- the donor ---- */

static checkrob_status make_arrays(prepared_donor *donor, const engine_options *options) {
  size_t pixels = (size_t)checkrob_preprocess_height(options->preprocess) *
                  checkrob_preprocess_width(options->preprocess);
  if (!donor->tensor) donor->tensor = malloc(3 * pixels * sizeof *donor->tensor);
  if (!donor->coverage) donor->coverage = malloc(pixels * sizeof *donor->coverage);
  return donor->tensor && donor->coverage ? CHECKROB_OK : error_memory("another class's object");
}

static bool is_in_view(const prepared_donor *donor, const engine_options *options) {
  size_t pixels = (size_t)checkrob_preprocess_height(options->preprocess) *
                  checkrob_preprocess_width(options->preprocess);
  for (size_t i = 0; i < pixels; i++)
    if (donor->coverage[i] > 0.0F) return true;
  return false;
}

/* Decodes the image. OUT_OF_MEMORY; if anything else fails, *usable is false. */
static checkrob_status decode(bool *usable, prepared_donor *donor, const engine_options *options,
                              checkrob_sample *sample) {
  checkrob_image *image = NULL;
  checkrob_status status = checkrob_sample_open_image(&image, sample, &options->limits);
  uint32_t width = image ? checkrob_image_width(image) : 0, height = image ? checkrob_image_height(image) : 0;
  if (!status) status = checkrob_sample_check_size(sample, width, height);
  if (!status) status = checkrob_preprocess_apply(donor->tensor, options->preprocess, image);
  if (!status)
    status = checkrob_regions_coverage(donor->coverage, checkrob_sample_regions(sample), options->preprocess,
                                       width, height, options->geometry);
  checkrob_image_free(image);
  *usable = !status && is_in_view(donor, options);
  return status == CHECKROB_ERROR_OUT_OF_MEMORY ? status : CHECKROB_OK;
}

static checkrob_status set_donor(prepared_donor *donor, const checkrob_sample *sample) {
  donor->image = text_copy(checkrob_sample_image(sample));
  if (!donor->image) return error_memory("another image's name");
  donor->result = (analysis_donor){.input = donor->tensor,
                                   .coverage = donor->coverage,
                                   .image = donor->image,
                                   .class_index = checkrob_sample_class_index(sample),
                                   .control_index = -1};
  return CHECKROB_OK;
}

/* The class of the first image that has a third one. */
static checkrob_status find_control(prepared_donor *donor, drawing *d, const checkrob_sample *sample) {
  checkrob_status status = CHECKROB_OK;
  while (!status && donor->result.control_index < 0 && d->drawn < MOST_DRAWN) {
    checkrob_sample *third = NULL;
    sample_list read = {0};
    status = draw(&third, &read, d, sample);
    if (third) donor->result.control_index = checkrob_sample_class_index(third);
    sample_list_clear(&read);
  }
  return status;
}

checkrob_status donor_find(prepared_donor *donor, const engine_options *options,
                           const checkrob_sample *sample) {
  drawing d = draw_for(options, sample);
  checkrob_status status = make_arrays(donor, options);
  for (int failed = 0; !status && !donor->image && d.drawn < MOST_DRAWN && failed < MOST_FAILED;) {
    checkrob_sample *found = NULL;
    sample_list read = {0};
    bool usable = false;
    status = draw(&found, &read, &d, NULL);
    if (!status && found) status = decode(&usable, donor, options, found);
    failed += found && !usable;
    if (!status && usable) status = set_donor(donor, found);
    if (!status && usable) status = find_control(donor, &d, found);
    sample_list_clear(&read);
  }
  return status;
}

void donor_clear(prepared_donor *donor) {
  free(donor->image);
  donor->image = NULL;
  donor->result = (analysis_donor){0};
}

void donor_destroy(prepared_donor *donor) {
  donor_clear(donor);
  free(donor->tensor);
  free(donor->coverage);
}
