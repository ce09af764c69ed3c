/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/batch.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/failure.h"
#include "analysis/sample_row.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

static const prepared_sample *prepared_of(const held_sample *h) {
  return &h->input->prepared[h->part];
}

/* ---- forming ---- */

static size_t numbers_of(const engine_options *options) {
  if (!options->preprocess) return 0;
  return (size_t)3 * checkrob_preprocess_height(options->preprocess) *
         checkrob_preprocess_width(options->preprocess);
}

static checkrob_status make_arrays(batch *b, const engine_options *options) {
  size_t numbers = numbers_of(options);
  bool tensor = (engine_needs(options) & ANALYSIS_TENSOR) && numbers > 0;
  bool maps = (engine_needs(options) & ANALYSIS_MAPS) && numbers > 0;
  bool regions = (engine_needs(options) & ANALYSIS_REGIONS) && numbers > 0;
  if (!b->valid) b->valid = calloc(options->batch, sizeof *b->valid);
  if (!b->failures) b->failures = calloc(options->batch, sizeof *b->failures);
  if (tensor && !b->input) b->input = calloc(options->batch, numbers * sizeof *b->input);
  if (maps && !b->maps) b->maps = calloc(options->batch, numbers / 3 * sizeof *b->maps);
  if (regions && !b->coverage) b->coverage = calloc(options->batch, 2 * (numbers / 3) * sizeof *b->coverage);
  bool made =
      b->valid && b->failures && (b->input || !tensor) && (b->maps || !maps) && (b->coverage || !regions);
  return made ? CHECKROB_OK : error_memory("a batch; use a smaller one");
}

static checkrob_status make_row(held_sample *h, const engine_options *options) {
  if (!options->layout) return CHECKROB_OK;
  if (!h->row) {
    checkrob_status status = row_new(&h->row, options->layout);
    if (status) return status;
  }
  row_clear(h->row);
  const prepared_sample *prepared = prepared_of(h);
  checkrob_status status = sample_row_begin(h->row, h->input->samples.items[h->part]);
  if (!status && prepared->status)
    status = sample_row_fail(h->row, prepared->status, error_saved(prepared->message));
  return status;
}

/* Writes the coverage to the arrays of the next valid sample; NULL: there is none. */
static const float *unpack(const batch *b, const packed_coverage *packed, size_t part,
                           const engine_options *options) {
  if (!packed->runs) return NULL;
  float *to = b->coverage + (part * options->batch + b->valid_count) * (numbers_of(options) / 3);
  packed_write(to, packed);
  return to;
}

static void add_valid(batch *b, const held_sample *h, const engine_options *options) {
  const prepared_sample *prepared = prepared_of(h);
  size_t numbers = numbers_of(options);
  if (b->input && h->input->tensor)
    memcpy(b->input + b->valid_count * numbers, h->input->tensor, numbers * sizeof *b->input);
  b->valid[b->valid_count] =
      (analysis_sample){.sample = h->input->samples.items[h->part],
                        .coverage = unpack(b, &prepared->coverage, 0, options),
                        .ignored = unpack(b, &prepared->ignored, 1, options),
                        .others = prepared->others,
                        .donor = prepared->donor.image ? &prepared->donor.result : NULL,
                        .row = h->row};
  b->valid_count++;
}

static checkrob_status hold(batch *b, prepared_input *in, size_t part, const engine_options *options) {
  size_t before = b->held_capacity;
  held_sample *grown = array_grow(b->held, &b->held_capacity, b->held_count, sizeof *grown);
  if (!grown) return error_memory("a batch");
  b->held = grown;
  for (size_t i = before; i < b->held_capacity; i++) grown[i] = (held_sample){0};
  held_sample *h = &grown[b->held_count++];
  h->input = in;
  h->part = part;
  checkrob_status status = make_row(h, options);
  if (!status && prepared_of(h)->status == CHECKROB_OK) add_valid(b, h, options);
  return status;
}

/* Not even the message of another failure could be saved without memory. */
static bool is_shortage(checkrob_status status, const char *message) {
  return status == CHECKROB_ERROR_OUT_OF_MEMORY || (status != CHECKROB_OK && !message);
}

/* A lack of memory is no property of the data: the pass stops instead of emitting a failed sample, and a
 * resumed one tries it again. */
static checkrob_status find_shortage(const prepared_input *in) {
  const char *message = in->image_message;
  bool found = is_shortage(in->image_status, message);
  for (size_t i = 0; i < in->samples.count && !found; i++) {
    message = in->prepared[i].message;
    found = is_shortage(in->prepared[i].status, message);
  }
  if (!found) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_OUT_OF_MEMORY, "%s: %s", checkrob_sample_image(in->samples.items[0]),
                   error_saved(message));
}

/* Adds samples of the input until the batch is full, and moves on to what follows them. */
static checkrob_status take_samples(batch *b, prepared_input *in, batch_source *from) {
  const engine_options *options = from->options;
  checkrob_status status = find_shortage(in);
  if (!status) status = make_arrays(b, options);
  if (status) return status;
  b->inputs++;
  for (; from->next_part < in->samples.count && b->valid_count < options->batch && !status; from->next_part++)
    status = hold(b, in, from->next_part, options);
  if (status) return status;
  bool whole = from->next_part == in->samples.count;
  if (whole) {
    b->whole_inputs++;
    from->next_input++;
    from->next_part = 0;
  }
  b->inputs_done = in->inputs_done - !whole; /* the rest of the input is in the next batch */
  return CHECKROB_OK;
}

checkrob_status batch_fill(bool *pending, batch *b, batch_source *from) {
  double start = clock_seconds();
  checkrob_status status = CHECKROB_OK;
  *pending = false;
  while (!status && b->valid_count < from->options->batch && b->inputs < from->most_inputs) {
    void *item = NULL;
    status = pool_peek(&item, pending, from->inputs, from->next_input, POLL_MILLISECONDS);
    if (status && b->held_count > 0) {
      status = CHECKROB_OK; /* earlier samples are emitted; then the pool fails again */
      break;
    }
    if (status || !item) break;
    status = take_samples(b, item, from);
  }
  b->wait_seconds += clock_seconds() - start;
  return status;
}

/* ---- the analyses ---- */

static checkrob_status analyse(batch *b, analysis *const *analyses, size_t count) {
  analysis_batch given = {.input = b->input,
                          .maps = b->maps,
                          .samples = b->valid,
                          .count = b->valid_count,
                          .failures = b->failures};
  for (size_t i = 0; i < count && b->valid_count > 0; i++) {
    analysis *a = analyses[i];
    for (size_t n = 0, h = 0; a->observe && n < b->valid_count; h++)
      if (prepared_of(&b->held[h])->status == CHECKROB_OK)
        b->valid[n++].observed = b->held[h].input->observed[i];
    checkrob_status status = a->batch(a->self, &given);
    b->model_seconds = given.model_seconds;
    if (status) return status;
  }
  return CHECKROB_OK;
}

void batch_analyse(batch *b, const engine_options *options, size_t lane) {
  b->status = analyse(b, options->analyses + lane * options->analysis_count, options->analysis_count);
  if (b->status) b->message = text_copy(checkrob_last_error());
  for (size_t h = 0; h < b->held_count && options->layout && !b->status; h++) {
    bool valid = prepared_of(&b->held[h])->status == CHECKROB_OK;
    double share = valid ? 1e3 * b->model_seconds / (double)b->valid_count : 0.0;
    sample_row_set_milliseconds(b->held[h].row, b->held[h].input->milliseconds + share);
  }
}

size_t batch_count_run(const batch *b) {
  size_t count = 0;
  for (size_t n = 0; n < b->valid_count; n++) count += !b->failures[n];
  return count;
}

/* ---- the end of a batch ---- */

checkrob_status batch_emit(const batch *b, const engine_options *options) {
  if (b->status) return error_set(b->status, "%s", error_saved(b->message));
  for (size_t h = 0, n = 0; h < b->held_count; h++) {
    const prepared_input *in = b->held[h].input;
    const prepared_sample *prepared = prepared_of(&b->held[h]);
    const char *refusal = prepared->status ? NULL : b->failures[n++];
    const char *message = refusal ? refusal : error_saved(prepared->message);
    const char *image_message = error_saved(in->image_message);
    checkrob_status outcome = refusal ? CHECKROB_ERROR : prepared->status;
    const engine_sample sample = {.sample = in->samples.items[b->held[h].part],
                                  .status = outcome,
                                  .message = outcome ? message : "",
                                  .row = b->held[h].row,
                                  .image_status = in->image_status,
                                  .image_message = in->image_status ? image_message : "",
                                  .width = in->width,
                                  .height = in->height,
                                  .orientation = in->orientation,
                                  .turned = in->turned,
                                  .observed = in->observed};
    checkrob_status status = options->on_sample(&sample, options->data);
    if (status) return status;
  }
  return CHECKROB_OK;
}

void batch_clear(batch *b) {
  free(b->message);
  if (b->failures) analysis_failures_clear(b->failures, b->valid_count);
  *b = (batch){.input = b->input,
               .maps = b->maps,
               .coverage = b->coverage,
               .valid = b->valid,
               .failures = b->failures,
               .held = b->held,
               .held_capacity = b->held_capacity};
}

void batch_destroy(batch *b) {
  for (size_t i = 0; i < b->held_capacity; i++) row_free(b->held[i].row);
  free(b->message);
  free(b->held);
  if (b->failures) analysis_failures_clear(b->failures, b->valid_count);
  free(b->failures);
  free(b->valid);
  free(b->input);
  free(b->maps);
  free(b->coverage);
}
