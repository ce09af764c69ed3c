/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/cursor.h"

#include <stdlib.h>

#include "base/error.h"
#include "dataset/dataset.h"

struct checkrob_cursor {
  const checkrob_dataset *dataset;
  size_t first, last; /* the shard's inputs: `first` to `last` - 1 */
  size_t input;       /* the next one to read */
  sample_list rest;   /* samples of the input before it that were not returned yet */
  size_t skipped;
};

/* Contiguous parts whose sizes differ by one at most. */
static void take_shard(checkrob_cursor *cursor, uint32_t shard, uint32_t shards) {
  size_t count = checkrob_dataset_input_count(cursor->dataset);
  size_t each = count / (shards ? shards : 1), more = count % (shards ? shards : 1);
  size_t before = shards ? shard - 1 : 0;
  cursor->first = before * each + (before < more ? before : more);
  cursor->last = cursor->first + each + (before < more);
  cursor->input = cursor->first;
}

checkrob_status checkrob_cursor_new(checkrob_cursor **out, const checkrob_dataset *dataset, uint32_t shard,
                                    uint32_t shards) {
  if (!out || !dataset)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_cursor_new: out or dataset is NULL");
  if (shard > shards || (shard == 0 && shards > 0))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "there is no shard %u of %u; shards are numbered from 1", shard, shards);
  checkrob_cursor *cursor = calloc(1, sizeof *cursor);
  if (!cursor) return error_memory("a cursor");
  cursor->dataset = dataset;
  take_shard(cursor, shard, shards);
  *out = cursor;
  return CHECKROB_OK;
}

void checkrob_cursor_free(checkrob_cursor *cursor) {
  if (!cursor) return;
  sample_list_clear(&cursor->rest);
  free(cursor);
}

checkrob_status cursor_next_input(sample_list *out, checkrob_cursor *cursor) {
  if (cursor->rest.count > 0) {
    *out = cursor->rest;
    cursor->rest = (sample_list){0};
    return CHECKROB_OK;
  }
  if (cursor->input == cursor->last) return CHECKROB_END;
  checkrob_status status = dataset_read(out, cursor->dataset, cursor->input);
  if (status) return status;
  cursor->input++;
  cursor->skipped += out->count == 0;
  return CHECKROB_OK;
}

checkrob_status cursor_next_image(sample_list *out, checkrob_cursor *cursor) {
  checkrob_status status = cursor_next_input(out, cursor);
  if (status || out->count == 0) return status;
  while (out->count > 1) checkrob_sample_free(out->items[--out->count]);
  sample_reduce_to_image(out->items[0]);
  return CHECKROB_OK;
}

checkrob_status checkrob_cursor_next(checkrob_sample **out, checkrob_cursor *cursor) {
  if (!out || !cursor)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_cursor_next: out or cursor is NULL");
  while (cursor->rest.count == 0) {
    sample_list samples = {0};
    checkrob_status status = cursor_next_input(&samples, cursor);
    if (status) return status;
    cursor->rest = samples;
  }
  *out = sample_list_take(&cursor->rest);
  return CHECKROB_OK;
}

checkrob_status checkrob_cursor_seek(checkrob_cursor *cursor, size_t input, size_t part) {
  if (!cursor) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_cursor_seek: cursor is NULL");
  if (input < cursor->first || input > cursor->last)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_cursor_seek: input %zu is not among the shard's inputs, %zu to before %zu",
                     input, cursor->first, cursor->last);
  sample_list samples = {0};
  bool inside = part > 0 && input < cursor->last;
  checkrob_status status = inside ? dataset_read(&samples, cursor->dataset, input) : CHECKROB_OK;
  if (status) return status;
  for (size_t i = 0; i < part && samples.count > 0; i++) checkrob_sample_free(sample_list_take(&samples));
  sample_list_clear(&cursor->rest);
  cursor->rest = samples;
  cursor->input = input + inside;
  cursor->skipped = 0;
  return CHECKROB_OK;
}

size_t checkrob_cursor_first_input(const checkrob_cursor *cursor) {
  return cursor ? cursor->first : 0;
}

size_t checkrob_cursor_input_count(const checkrob_cursor *cursor) {
  return cursor ? cursor->last - cursor->first : 0;
}

size_t checkrob_cursor_inputs_done(const checkrob_cursor *cursor) {
  return cursor ? cursor->input - cursor->first - (cursor->rest.count > 0) : 0;
}

size_t checkrob_cursor_skipped(const checkrob_cursor *cursor) {
  return cursor ? cursor->skipped : 0;
}
