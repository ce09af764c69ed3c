/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "dataset/formats/voc.h"

/* "val/n02106662/n02106662_1.JPEG" -> "n02106662"; NULL if out of memory. The path must have a folder. */
static char *last_folder(const char *path) {
  const char *end = strrchr(path, '/');
  const char *start = end;
  while (start > path && start[-1] != '/') start--;
  return text_format("%.*s", (int)(end - start), start);
}

/* By the image's folder, or else the .cls file beside it. */
static checkrob_status read_class(checkrob_input *out, const pairing *pairs, size_t input) {
  const listed_file *image = pairs->pairs[input].image;
  const char *path = image ? image->path + pairs->images.roots[image->root].prefix_bytes : "";
  if (!strchr(path, '/')) return voc_read_number(out, pairs, input);
  char *folder = last_folder(path);
  checkrob_status status = folder ? input_set_only(out, folder) : error_memory("an image's folder");
  free(folder);
  return status;
}

static checkrob_status read_imagenet(checkrob_input *out, const void *state, size_t input) {
  const voc_source *source = state;
  checkrob_status status = voc_read_image(out, source, input);
  if (!status) status = read_class(out, source->pairs, input);
  return status ? status : voc_read_annotation(out, source, input);
}

const dataset_format dataset_format_imagenet = {.name = "imagenet",
                                                .features = FORMAT_LISTS,
                                                .open = voc_open,
                                                .close = voc_close,
                                                .input_count = voc_input_count,
                                                .name_of = voc_name_of,
                                                .read = read_imagenet,
                                                .left_out = voc_left_out};
