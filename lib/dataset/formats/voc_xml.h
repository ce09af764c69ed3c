/* SPDX-License-Identifier: Apache-2.0 */
/* One Pascal VOC annotation file. A problem of the whole file is an error. A problem of one object is stored
 * with the object, because only samples of its class fail. */
#ifndef CHECKROB_LIB_VOC_XML_H
#define CHECKROB_LIB_VOC_XML_H

#include <checkrob/dataset.h>
#include <stddef.h>
#include <stdint.h>

#define VOC_FILE_LIMIT (UINT64_C(16) << 20)

typedef enum voc_corner { VOC_XMIN, VOC_YMIN, VOC_XMAX, VOC_YMAX, VOC_CORNERS } voc_corner;

/* An <object>. Its <pose> and <part>s are not read. */
typedef struct voc_object {
  char *name;
  size_t line;                 /* of <object> */
  unsigned flags;              /* CHECKROB_OBJECT_DIFFICULT, CHECKROB_OBJECT_TRUNCATED */
  double corners[VOC_CORNERS]; /* as written: 1-based, inclusive */
  double rotation;             /* of the box about its centre, in degrees, clockwise */
  char *problem;               /* NULL, or a predicate: "has two <name>; ..." */
} voc_object;

typedef struct voc_annotation {
  uint32_t width, height; /* of <size>; 0 if the file has none */
  voc_object *objects;
  size_t count, capacity;
} voc_annotation;

/* Errors: NOT_FOUND, IO, LIMIT (16 MiB, 10 000 objects, 64 levels), BAD_INPUT (not XML, not an annotation, an
 * object without a name, an entity declared), OUT_OF_MEMORY. On success the caller calls
 * voc_annotation_clear. */
checkrob_status voc_annotation_open(voc_annotation *out, const char *path);

/* The same from memory; the path is for error messages. */
checkrob_status voc_annotation_parse(voc_annotation *out, const char *xml, size_t bytes, const char *path);

void voc_annotation_clear(voc_annotation *annotation);

/* Stores the error message of an object's problem. Returns BAD_INPUT. */
checkrob_status voc_object_error(const voc_object *object, const char *path);

#endif
