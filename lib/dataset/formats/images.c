/* SPDX-License-Identifier: Apache-2.0 */
/* Images alone, without annotations and classes: for reading representations out. */
#include <stdlib.h>

#include "base/error.h"
#include "dataset/formats/format.h"

static void close_images(void *state) {
  listing_clear(state);
  free(state);
}

static checkrob_status open_images(void **state, const dataset_choices *choices) {
  listing *list = calloc(1, sizeof *list);
  if (!list) return error_memory("a list of images");
  checkrob_status status =
      listing_make(list, path_list_span(&choices->images), listing_image_endings, "images");
  if (!status && list->count == 0)
    status = error_set(CHECKROB_ERROR_NOT_FOUND, "%s has no image (.jpg, .png, .webp, .bmp ...) in it",
                       choices->images.items[0]);
  if (status)
    close_images(list);
  else
    *state = list;
  return status;
}

static size_t count_images(const void *state) {
  return ((const listing *)state)->count;
}

static const char *name_image(const void *state, size_t input) {
  return ((const listing *)state)->files[input].path;
}

static checkrob_status read_image(checkrob_input *out, const void *state, size_t input) {
  const listing *list = state;
  checkrob_status status = input_set_name(out, list->files[input].path);
  return status ? status : listing_locate(&out->location, list, &list->files[input]);
}

const dataset_format dataset_format_images = {.name = "images",
                                              .open = open_images,
                                              .close = close_images,
                                              .input_count = count_images,
                                              .name_of = name_image,
                                              .read = read_image};
