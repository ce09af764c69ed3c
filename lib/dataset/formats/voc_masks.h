/* Pascal VOC's masks: images of numbers, of classes or of objects. */
#ifndef CHECKROB_LIB_VOC_MASKS_H
#define CHECKROB_LIB_VOC_MASKS_H

#include "dataset/formats/voc_xml.h"
#include "dataset/formats/yolo_names.h"
#include "dataset/input.h"
#include "image/source.h"

/* Adds an object for each class that has pixels, and what is void as ignored. `path` is the mask's, for
 * sentences; without names the numbers are VOC's classes. A number without a name is an object of a class
 * that says so. OUT_OF_MEMORY. */
checkrob_status voc_masks_add_classes(checkrob_input *out, const index_image *mask, const char *path,
                                      const yolo_names *names);

/* Adds the annotation's objects, each with the pixels of its number, counted from 1, and what is void as
 * ignored. An object without pixels, but with void ones in its box, is void itself and left out; without
 * either it is an object with a problem. BAD_INPUT where the mask has a number that no object has;
 * OUT_OF_MEMORY. */
checkrob_status voc_masks_add_objects(checkrob_input *out, const index_image *mask, const char *path,
                                      const voc_annotation *annotation, const char *xml_path);

/* The pixels of one class, or with NULL of all, void ones apart; none: no shape is added. OUT_OF_MEMORY. */
checkrob_status voc_masks_collect(checkrob_regions *regions, const index_image *mask, const char *class_name);

#endif
