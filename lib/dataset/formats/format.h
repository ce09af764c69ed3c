/* What a layout on disk has to provide to be a dataset. A new format is a file that defines one of these, a
 * line in formats.c, and a choice of the option `dataset`. */
#ifndef CHECKROB_LIB_FORMAT_H
#define CHECKROB_LIB_FORMAT_H

#include "dataset/choices.h"
#include "dataset/input.h"

/* What a format knows beyond images and annotations. */
enum {
  FORMAT_LISTS = 1, /* text files that choose images */
  FORMAT_MASKS = 2, /* masks whose pixels are numbers */
  FORMAT_TREES = 4  /* annotations beside the images, so that they need not be named */
};

typedef struct dataset_format {
  const char *name;
  unsigned features;
  /* Lists the inputs, in the order of their images' paths. The choices are
   * checked, and are borrowed for the call. */
  checkrob_status (*open)(void **state, const dataset_choices *choices);
  void (*close)(void *state);
  size_t (*input_count)(const void *state);
  /* The image's name of an input; NULL where only `read` can tell. */
  const char *(*name_of)(const void *state, size_t input);
  /* Safe from any number of threads: it changes nothing in the state, and opens files for itself. Fills
   * `out`, which is empty: name and place of the image, then what its annotation says. Objects of all
   * classes are added; whoever makes the samples chooses. A failure, with a sentence, fails the input (it
   * becomes a row of the results with what was filled until then); OUT_OF_MEMORY ends the iteration. */
  checkrob_status (*read)(checkrob_input *out, const void *state, size_t input);
  /* Images that `skip_unannotated` left out; NULL where that is none. */
  size_t (*left_out)(const void *state);
} dataset_format;

extern const dataset_format dataset_format_voc;
extern const dataset_format dataset_format_imagenet;
extern const dataset_format dataset_format_coco;
extern const dataset_format dataset_format_yolo;
extern const dataset_format dataset_format_manifest;
/* The option `dataset` does not name these. */
extern const dataset_format dataset_format_images;
extern const dataset_format dataset_format_caller;

/* By its name; NULL: there is none. */
const dataset_format *format_find(const char *name);

#endif
