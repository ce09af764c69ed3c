/* SPDX-License-Identifier: Apache-2.0 */
/* One image with its annotation, as a format reads it; samples.h makes samples of it. */
#ifndef CHECKROB_LIB_INPUT_H
#define CHECKROB_LIB_INPUT_H

#include <checkrob/dataset.h>

#include "dataset/files/listing.h"
#include "region/limits.h"

typedef struct input_object {
  char *name;              /* "": that of the input's class */
  bool unnamed;            /* `name` says only which number has no name in the annotations */
  unsigned flags;          /* of checkrob_object_flag */
  checkrob_regions *shape; /* NULL: `problem` says why */
  char *problem;           /* an error message of BAD_INPUT, or NULL */
} input_object;

struct checkrob_input {
  char *name;             /* the image's, in all results */
  file_location location; /* path NULL: there is no image file */
  bool unusable;          /* if reading failed: not even its image can be used */
  checkrob_image *pixels;
  char *origin;           /* the annotation's name in error messages; NULL: not found */
  uint32_t width, height; /* of the image, as the annotation states them, or 0 */
  char *only;             /* only objects of this class count (ImageNet's folders); NULL: all */
  bool numbered;          /* only objects of class_number, an output index, count */
  int64_t class_number;
  input_object *objects;
  size_t count, capacity;
  region_size before;        /* of the shapes of all objects but the last */
  checkrob_regions *ignored; /* counts neither way; NULL: none */
};

/* Each takes a copy. OUT_OF_MEMORY. */
checkrob_status input_set_name(checkrob_input *input, const char *name);
checkrob_status input_set_origin(checkrob_input *input, const char *origin, uint32_t width, uint32_t height);
checkrob_status input_set_only(checkrob_input *input, const char *class_name);

/* Each object has a copy of its class's name, which files may state once for all. Real names have some ten
 * bytes. */
#define INPUT_CLASS_NAME_LIMIT 4096

/* Appends an object without shape. *out is valid until the next one is added; the caller fills it. LIMIT if
 * the objects so far have more shapes, corners or runs than one image may have, or if the name is longer than
 * the limit above; OUT_OF_MEMORY. */
checkrob_status input_add_object(input_object **out, checkrob_input *input, const char *name);

/* LIMIT, with the annotation's name, if the image has more shapes, corners or runs than one image may have.
 */
checkrob_status input_check_size(const checkrob_input *input);

/* After a failure: stores this thread's last error message as the object's problem, frees its shape, and
 * returns OK. OK and OUT_OF_MEMORY are returned as they are. */
checkrob_status input_object_fail(input_object *object, checkrob_status status);

void input_clear(checkrob_input *input);

#endif
