/* One image with all that its annotation says, as a format reads it; samples.h makes samples of it. */
#ifndef CHECKROB_LIB_INPUT_H
#define CHECKROB_LIB_INPUT_H

#include <checkrob/dataset.h>

#include "dataset/files/listing.h"

typedef struct input_object {
  char *name;              /* "": that of the input's class */
  unsigned flags;          /* of checkrob_object_flag */
  checkrob_regions *shape; /* NULL: `problem` says why */
  char *problem;           /* a whole sentence, or NULL; of BAD_INPUT */
} input_object;

struct checkrob_input {
  char *name;       /* the image's, in all results */
  file_place place; /* path NULL: there is no image to open */
  checkrob_image *pixels;
  char *origin;           /* what the annotation is called in sentences; NULL before it was found */
  uint32_t width, height; /* of the image, as the annotation gives them; 0 where it does not */
  char *only;             /* only objects of this class count (ImageNet's folders); NULL: all */
  bool numbered;          /* the class goes by its output index, and only objects of it count */
  int64_t class_number;
  input_object *objects;
  size_t count, capacity;
  checkrob_regions *ignored; /* counted neither way; NULL: none */
};

/* Each takes a copy. OUT_OF_MEMORY. */
checkrob_status input_set_name(checkrob_input *input, const char *name);
checkrob_status input_set_origin(checkrob_input *input, const char *origin, uint32_t width, uint32_t height);
checkrob_status input_set_only(checkrob_input *input, const char *class_name);

/* Appends an object without shape; *out is for filling it, until the next one is added. */
checkrob_status input_add_object(input_object **out, checkrob_input *input, const char *name);

/* What is wrong with an object stays with it: a failure becomes its problem, with this thread's last
 * sentence, and takes its shape away. OUT_OF_MEMORY is given back. */
checkrob_status input_object_settle(input_object *object, checkrob_status status);

void input_clear(checkrob_input *input);

#endif
