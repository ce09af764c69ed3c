/* What a layout on disk has to provide to be a dataset. A new format is a file that defines one of these, and
 * a line in dataset.c. */
#ifndef CHECKROB_LIB_FORMAT_H
#define CHECKROB_LIB_FORMAT_H

#include "dataset/sample.h"

typedef struct dataset_format {
  checkrob_dataset_format id;
  const char *name;
  /* Lists the inputs, in the order of their images' paths. */
  checkrob_status (*open)(void **state, const char *images_folder, const char *annotations_folder);
  void (*close)(void *state);
  size_t (*input_count)(const void *state);
  /* Appends the samples of one input, at least one, by rising class index. What is wrong with the input makes
   * a failed sample; only OUT_OF_MEMORY is returned, and the list is then cleared by the caller. */
  checkrob_status (*read)(sample_list *samples, const void *state, size_t input,
                          const checkrob_class_map *classes);
} dataset_format;

extern const dataset_format dataset_format_voc;
extern const dataset_format dataset_format_imagenet;
/* No format of annotated images: has neither number nor annotations nor classes. */
extern const dataset_format dataset_format_images;

#endif
