/* SPDX-License-Identifier: Apache-2.0 */
/* A preprocessing as JSON, both ways. The format is described in checkrob/preprocess.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "image/preprocess.h"

static const char *const filter_names[] = {
    [CHECKROB_FILTER_BILINEAR] = "bilinear", [CHECKROB_FILTER_BICUBIC] = "bicubic"};

static checkrob_status check_keys(json_t *object, const char *where) {
  static const char *const known[] = {"resize", "crop", "filter", "mean", "std", "channels"};
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value) {
    size_t i = 0;
    while (i < sizeof known / sizeof known[0] && strcmp(key, known[i]) != 0) i++;
    if (i == sizeof known / sizeof known[0])
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s: unknown key \"%s\": the keys are resize, crop, filter, channels, mean and std",
                       where, key);
  }
  return CHECKROB_OK;
}

static checkrob_status read_side(uint32_t *out, const json_t *value, const char *where, const char *key) {
  if (!json_is_integer(value))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s: \"%s\" must be a whole number of pixels, or [height, width]", where, key);
  json_int_t side = json_integer_value(value);
  if (side < 1 || side > PREPROCESS_MAX_SIDE)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"%s\" is %" JSON_INTEGER_FORMAT ", not 1 to %d pixels",
                     where, key, side, PREPROCESS_MAX_SIDE);
  *out = (uint32_t)side;
  return CHECKROB_OK;
}

/* A side for both, or [height, width]. */
static checkrob_status read_size(uint32_t *height, uint32_t *width, const json_t *value, const char *where,
                                 const char *key) {
  if (!json_is_array(value)) {
    checkrob_status status = read_side(height, value, where, key);
    if (status == CHECKROB_OK) *width = *height;
    return status;
  }
  if (json_array_size(value) != 2)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"%s\" must have two numbers, [height, width], not %zu",
                     where, key, json_array_size(value));
  checkrob_status status = read_side(height, json_array_get(value, 0), where, key);
  if (status != CHECKROB_OK) return status;
  return read_side(width, json_array_get(value, 1), where, key);
}

static checkrob_status read_geometry(checkrob_preprocess *out, json_t *object, const char *where) {
  const json_t *resize = json_object_get(object, "resize");
  const json_t *crop = json_object_get(object, "crop");
  if (!resize && !crop)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"resize\" or \"crop\" is needed: the model's input size",
                     where);
  checkrob_status status = CHECKROB_OK;
  out->rule = !resize ? RESIZE_NONE : json_is_array(resize) ? RESIZE_EXACT : RESIZE_SHORTER;
  if (resize) status = read_size(&out->resize_height, &out->resize_width, resize, where, "resize");
  if (status != CHECKROB_OK) return status;
  if (!crop) {
    out->height = out->resize_height;
    out->width = out->resize_width;
    return CHECKROB_OK;
  }
  status = read_size(&out->height, &out->width, crop, where, "crop");
  if (status != CHECKROB_OK) return status;
  if (resize && (out->height > out->resize_height || out->width > out->resize_width))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s: \"crop\" is %" PRIu32 " x %" PRIu32
                     " (height x width), larger than the resized image, "
                     "which may be as small as %" PRIu32 " x %" PRIu32,
                     where, out->height, out->width, out->resize_height, out->resize_width);
  return CHECKROB_OK;
}

/* Not of the resized image, which is never in memory as a whole. */
static checkrob_status check_area(const checkrob_preprocess *out, const char *where) {
  uint64_t pixels = (uint64_t)out->width * out->height;
  if (pixels <= PREPROCESS_MAX_PIXELS) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_LIMIT,
                   "%s: the model's input of %" PRIu32 " x %" PRIu32 " pixels is larger than the limit of %d",
                   where, out->width, out->height, PREPROCESS_MAX_PIXELS);
}

static checkrob_status read_filter(checkrob_filter *out, const json_t *value, const char *where) {
  *out = CHECKROB_FILTER_BILINEAR;
  if (!value) return CHECKROB_OK;
  const char *name = json_string_value(value);
  if (!name)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"filter\" must be \"bilinear\" or \"bicubic\"", where);
  for (int i = CHECKROB_FILTER_BILINEAR; i <= CHECKROB_FILTER_BICUBIC; i++)
    if (strcmp(name, filter_names[i]) == 0) {
      *out = (checkrob_filter)i;
      return CHECKROB_OK;
    }
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"filter\" is \"%s\", not \"bilinear\" or \"bicubic\"",
                   where, name);
}

static checkrob_status read_gray(int *out, const json_t *value, const char *where) {
  const char *name = json_string_value(value);
  *out = name && strcmp(name, "gray") == 0;
  if (!value || *out || (name && strcmp(name, "rgb") == 0)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"channels\" must be \"rgb\" or \"gray\"", where);
}

/* For gray images one number, or a list of one. */
static checkrob_status read_one(double out[3], const json_t *value, const char *where, const char *key) {
  if (json_is_array(value) && json_array_size(value) == 1) value = json_array_get(value, 0);
  if (!json_is_number(value))
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"%s\" must be one number for gray images", where, key);
  out[0] = out[1] = out[2] = json_number_value(value);
  return CHECKROB_OK;
}

static checkrob_status read_channels(double out[3], const json_t *value, double otherwise, const char *where,
                                     const char *key) {
  if (value && (!json_is_array(value) || json_array_size(value) != 3))
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"%s\" must have three numbers: red, green, blue", where,
                     key);
  for (size_t c = 0; c < 3; c++) {
    const json_t *number = value ? json_array_get(value, c) : NULL;
    if (number && !json_is_number(number))
      return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: \"%s\" must have three numbers: red, green, blue",
                       where, key);
    out[c] = number ? json_number_value(number) : otherwise;
  }
  return CHECKROB_OK;
}

static checkrob_status read_normalisation(checkrob_preprocess *out, json_t *object, const char *where) {
  const json_t *mean = json_object_get(object, "mean"), *std = json_object_get(object, "std");
  checkrob_status status = read_gray(&out->is_gray, json_object_get(object, "channels"), where);
  if (status == CHECKROB_OK)
    status = out->is_gray && mean ? read_one(out->mean, mean, where, "mean")
                                  : read_channels(out->mean, mean, 0.0, where, "mean");
  if (status == CHECKROB_OK)
    status = out->is_gray && std ? read_one(out->std, std, where, "std")
                                 : read_channels(out->std, std, 1.0, where, "std");
  if (status != CHECKROB_OK) return status;
  for (int c = 0; c < 3; c++) {
    if (out->mean[c] < 0.0 || out->mean[c] > 1.0)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s: \"mean\" has %g, not 0 to 1; divide it by 255 if its range is 0 to 255", where,
                       out->mean[c]);
    if (out->std[c] <= 0.0)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s: \"std\" has %g, but it is a divisor and must be above 0", where, out->std[c]);
  }
  return CHECKROB_OK;
}

checkrob_status preprocess_read(checkrob_preprocess *out, const char *where, const char *json, size_t bytes) {
  json_t *object = NULL;
  checkrob_status status = json_parse_file(&object, json, bytes, where, "a preprocessing");
  if (status == CHECKROB_OK)
    status = json_is_object(object) ? check_keys(object, where)
                                    : error_set(CHECKROB_ERROR_BAD_INPUT,
                                                "%s: must be a JSON object: {\"resize\": 256, ...}", where);
  if (status == CHECKROB_OK) status = read_geometry(out, object, where);
  if (status == CHECKROB_OK) status = check_area(out, where);
  if (status == CHECKROB_OK) status = read_filter(&out->filter, json_object_get(object, "filter"), where);
  if (status == CHECKROB_OK) status = read_normalisation(out, object, where);
  json_decref(object);
  return status;
}

static json_t *write_size(uint32_t height, uint32_t width, int as_list) {
  if (!as_list) return json_integer(height);
  return json_pack("[I, I]", (json_int_t)height, (json_int_t)width);
}

char *preprocess_write(const checkrob_preprocess *preprocess) {
  const double *mean = preprocess->mean, *std = preprocess->std;
  json_watch();
  json_t *object = json_object();
  int failed = 0;
  if (preprocess->rule != RESIZE_NONE)
    failed |= json_object_set_new(
        object, "resize",
        write_size(preprocess->resize_height, preprocess->resize_width, preprocess->rule == RESIZE_EXACT));
  failed |= json_object_set_new(
      object, "crop",
      write_size(preprocess->height, preprocess->width, preprocess->height != preprocess->width));
  failed |= json_object_set_new(object, "filter", json_string(filter_names[preprocess->filter]));
  if (preprocess->is_gray) {
    failed |= json_object_set_new(object, "channels", json_string("gray"));
    failed |= json_object_set_new(object, "mean", json_pack("[f]", mean[0]));
    failed |= json_object_set_new(object, "std", json_pack("[f]", std[0]));
  } else {
    failed |= json_object_set_new(object, "mean", json_pack("[f, f, f]", mean[0], mean[1], mean[2]));
    failed |= json_object_set_new(object, "std", json_pack("[f, f, f]", std[0], std[1], std[2]));
  }

  /* The fewest digits that read back as the same numbers: 0.485, not 0.48499999999999999. */
  char *line = NULL;
  for (size_t digits = 15; !failed && digits <= 17; digits++) {
    line = json_dumps(object, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(digits));
    json_t *read_back = line ? json_loads(line, 0, NULL) : NULL;
    int same = !read_back || json_equal(object, read_back); /* NULL: out of memory */
    json_decref(read_back);
    if (same || digits == 17) break;
    free(line);
  }
  json_decref(object);
  if (!json_ran_short()) return line;
  free(line);
  line = NULL;
  return line;
}
