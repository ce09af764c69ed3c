/* SPDX-License-Identifier: Apache-2.0 */
/* Pascal VOC's masks: images of numbers, of classes or of objects. */
#ifndef CHECKROB_LIB_VOC_MASKS_H
#define CHECKROB_LIB_VOC_MASKS_H

#include "dataset/formats/voc_xml.h"
#include "dataset/formats/yolo_names.h"
#include "dataset/input.h"
#include "image/source.h"

/* Adds an object for each class that has pixels, and the void pixels as ignored. `path` is the mask's name in
 * error messages; without names the numbers are VOC's classes. A number without a name becomes a class whose
 * name says so. OUT_OF_MEMORY. */
checkrob_status voc_masks_add_classes(checkrob_input *out, const index_image *mask, const char *path,
                                      const yolo_names *names);

/* Adds the annotation's objects, each with the pixels of its number, counted from 1, and the void pixels as
 * ignored. An object without pixels, but with void pixels in its box, is left out; without either it has a
 * problem. BAD_INPUT if the mask has a number that no object has; OUT_OF_MEMORY. */
checkrob_status voc_masks_add_objects(checkrob_input *out, const index_image *mask, const char *path,
                                      const voc_annotation *annotation, const char *xml_path);

/* Adds the pixels of one class, or with NULL of all classes, except void; no shape if there are none.
 * OUT_OF_MEMORY. */
checkrob_status voc_masks_collect(checkrob_regions *regions, const index_image *mask, const char *class_name);

#endif
