/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/coco_rle.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "region/regions.h"

static checkrob_status check_lengths(const uint32_t *lengths, size_t count, uint64_t pixels) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count && sum <= pixels; i++) sum += lengths[i];
  if (sum == pixels) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "has runs of %llu pixels%s, but its mask has %llu; export it again",
                   (unsigned long long)sum, sum > pixels ? " and more" : "", (unsigned long long)pixels);
}

checkrob_status coco_rle_add(checkrob_regions *regions, const uint32_t *lengths, size_t count, uint32_t width,
                             uint32_t height) {
  uint64_t pixels = (uint64_t)width * height;
  if (pixels > UINT32_MAX)
    return error_set(CHECKROB_ERROR_LIMIT, "has a mask of %u x %u pixels, more than the limit of %u", width,
                     height, UINT32_MAX);
  checkrob_status status = check_lengths(lengths, count, pixels);
  if (!status) status = regions_add_columns(regions, lengths, count, width, height);
  if (status != CHECKROB_ERROR_INVALID_ARGUMENT) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "has an empty mask; correct or remove it");
}

/* One number of the string; NULL if there is an error in it. */
static const char *read_number(int64_t *out, const char *text) {
  int64_t value = 0;
  for (int shift = 0; shift < 35; shift += 5) {
    if (*text < 48 || *text > 48 + 63) return NULL;
    int64_t bits = *text++ - 48;
    value |= (bits & 31) << shift;
    if (bits & 32) continue;
    if (bits & 16) value -= INT64_C(1) << (shift + 5);
    *out = value;
    return text;
  }
  return NULL;
}

checkrob_status coco_rle_parse(uint32_t **lengths, size_t *count, const char *text) {
  uint32_t *out = malloc((strlen(text) + 1) * sizeof *out); /* a number has at least one character */
  if (!out) return error_memory("a mask");
  size_t found = 0;
  while (*text) {
    int64_t value = 0;
    text = read_number(&value, text);
    if (text && found > 2) value += out[found - 2];
    if (!text || value < 0 || value > UINT32_MAX) {
      free(out);
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "has a compressed mask with an error in run %zu; export it again", found + 1);
    }
    out[found++] = (uint32_t)value;
  }
  *lengths = out;
  *count = found;
  return CHECKROB_OK;
}
