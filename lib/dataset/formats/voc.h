/* SPDX-License-Identifier: Apache-2.0 */
/* Images and Pascal VOC files in two folders: what the formats voc and imagenet share. */
#ifndef CHECKROB_LIB_VOC_H
#define CHECKROB_LIB_VOC_H

#include "dataset/files/pairing.h"
#include "dataset/formats/format.h"
#include "dataset/formats/voc_xml.h"
#include "dataset/formats/yolo_names.h"

typedef struct voc_source {
  pairing *pairs;
  mask_kind masks;  /* that are the pairs' annotations; AUTO: they are XML files, or WebDataset's masks */
  pairing *objects; /* the same images with the XML files that masks of objects need; else NULL */
  yolo_names names; /* of the numbers in masks of classes; none: VOC's classes */
} voc_source;

/* The `open`, `close`, `input_count`, `name_of` and `left_out` of a dataset_format; the state is a
 * voc_source. */
checkrob_status voc_open(void **state, const dataset_choices *choices);
void voc_close(void *state);
size_t voc_input_count(const void *state);
const char *voc_name_of(const void *state, size_t input);
size_t voc_left_out(const void *state);

/* The `read` is voc_read_image, then what finds the image's class, then voc_read_annotation. A mask's class
 * is the input's, or else the number in the .cls file beside the image. */
checkrob_status voc_read_image(checkrob_input *out, const voc_source *source, size_t input);
checkrob_status voc_read_annotation(checkrob_input *out, const voc_source *source, size_t input);

/* Reads the class number from the .cls file beside the image, if there is one. BAD_INPUT, LIMIT, IO,
 * OUT_OF_MEMORY. */
checkrob_status voc_read_number(checkrob_input *out, const pairing *pairs, size_t input);

/* VOC's corners are 1-based, and the last pixel belongs to the box. */
checkrob_status voc_add_box(checkrob_regions *regions, const voc_object *object);

/* Parses an XML file; `path` is its name in error messages. On success the caller calls voc_annotation_clear.
 */
checkrob_status voc_parse_file(voc_annotation *out, const file_location *location, const char *path);

#endif
