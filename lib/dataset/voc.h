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

/* Its `read` is voc_read_image, then whatever tells the image's class, then voc_read_annotation. A mask's
 * class is that of the input, or else the number in the .cls file beside the image. */
checkrob_status voc_read_image(checkrob_input *out, const pairing *pairs, size_t input);
checkrob_status voc_read_annotation(checkrob_input *out, const pairing *pairs, size_t input);

/* Takes the class number from the .cls file beside the image, where there is one. BAD_INPUT, LIMIT, IO,
 * OUT_OF_MEMORY. */
checkrob_status voc_read_number(checkrob_input *out, const pairing *pairs, size_t input);

#endif
