/* Images alone, without annotations and classes: for reading representations out. */
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "dataset/format.h"
#include "dataset/listing.h"

typedef struct image_list {
  char *folder;
  listing images;
} image_list;

static void close_images(void *state) {
  image_list *list = state;
  listing_clear(&list->images);
  free(list->folder);
  free(list);
}

static checkrob_status open_images(void **state, const char *images_folder, const char *annotations_folder) {
  static const char *const endings[] = {".jpg", ".jpeg", ".png", NULL};
  (void)annotations_folder;
  image_list *list = calloc(1, sizeof *list);
  if (list) list->folder = text_copy(images_folder);
  checkrob_status status = list && list->folder ? CHECKROB_OK : error_memory("a list of images");
  if (!status) status = listing_make(&list->images, images_folder, endings, "images");
  if (!status && list->images.count == 0)
    status = error_set(CHECKROB_ERROR_NOT_FOUND, "%s holds no image (.jpg, .jpeg or .png)", images_folder);
  if (status) {
    if (list) close_images(list);
    return status;
  }
  *state = list;
  return CHECKROB_OK;
}

static size_t count_images(const void *state) {
  const image_list *list = state;
  return list->images.count;
}

static checkrob_status read_image(sample_list *samples, const void *state, size_t input,
                                  const checkrob_class_map *classes) {
  const image_list *list = state;
  checkrob_sample *sample = NULL;
  (void)classes;
  char *path = path_join(list->folder, list->images.paths[input]);
  if (!path) return error_memory("an image's path");
  checkrob_status status = sample_add(&sample, samples, list->images.paths[input], path, NULL, -1);
  free(path);
  return status;
}

const dataset_format dataset_format_images = {0,         "images", open_images, close_images, count_images,
                                              read_image};
