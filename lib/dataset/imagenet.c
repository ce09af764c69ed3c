#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "dataset/voc.h"

/* "val/n02106662/n02106662_1.JPEG" -> "n02106662"; NULL when memory is out. There must be a folder. */
static char *last_folder(const char *path) {
  const char *end = strrchr(path, '/');
  const char *start = end;
  while (start > path && start[-1] != '/') start--;
  return text_format("%.*s", (int)(end - start), start);
}

static checkrob_status add_unmapped(sample_list *samples, const pairing *pairs, const image_pair *pair,
                                    const char *folder) {
  char *path = path_join(pairs->images_folder, pair->image);
  if (!path) return error_memory("an image's path");
  checkrob_status status = error_set(
      CHECKROB_ERROR_NO_OBJECT,
      "image %s lies in the folder %s, which is no class of the class map; add the name to the map, "
      "or remove the folder",
      pair->image, folder);
  status = sample_add_failed(samples, status, pair->image, path, NULL, -1);
  free(path);
  return status;
}

static checkrob_status read_imagenet(sample_list *samples, const void *state, size_t input,
                                     const checkrob_class_map *classes) {
  const pairing *pairs = state;
  const image_pair *pair = &pairs->pairs[input];
  if (!pair->image || !strchr(pair->image, '/'))
    return voc_read_pair(samples, pairs, pair, classes, VOC_ANY_CLASS);
  char *folder = last_folder(pair->image);
  if (!folder) return error_memory("an image's folder");
  int64_t index = checkrob_class_map_find(classes, folder);
  checkrob_status status = index >= 0 ? voc_read_pair(samples, pairs, pair, classes, index)
                                      : add_unmapped(samples, pairs, pair, folder);
  free(folder);
  return status;
}

const dataset_format dataset_format_imagenet = {CHECKROB_DATASET_IMAGENET, "imagenet",   voc_open, voc_close,
                                                voc_input_count,           read_imagenet};
