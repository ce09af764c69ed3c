/* Pascal VOC files below two folders: what the formats that are laid out so have in common. */
#ifndef CHECKROB_LIB_VOC_H
#define CHECKROB_LIB_VOC_H

#include "dataset/format.h"
#include "dataset/pairing.h"

/* The `open`, `close`, `input_count` and `name_of` of a dataset_format; the state is a pairing. */
checkrob_status voc_open(void **state, const checkrob_dataset_options *options);
void voc_close(void *state);
size_t voc_input_count(const void *state);
const char *voc_name_of(const void *state, size_t input);

/* Its `read`. */
checkrob_status voc_read(checkrob_input *out, void *state, size_t input);

#endif
