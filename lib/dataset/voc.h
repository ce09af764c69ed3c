/* Pascal VOC files in two folders: what the formats that are laid out so have in common. */
#ifndef CHECKROB_LIB_VOC_H
#define CHECKROB_LIB_VOC_H

#include "dataset/format.h"
#include "dataset/pairing.h"

/* The `open`, `close` and `input_count` of a dataset_format; the state is a pairing. */
checkrob_status voc_open(void **state, const char *images_folder, const char *annotations_folder);
void voc_close(void *state);
size_t voc_input_count(const void *state);

#define VOC_ANY_CLASS (-1)

/* Appends the samples of an image: one for each class index that its annotation has objects of, or for
 * `only_index` alone. */
checkrob_status voc_read_pair(sample_list *samples, const pairing *pairs, const image_pair *pair,
                              const checkrob_class_map *classes, int64_t only_index);

#endif
