/* What a layout on disk has to provide to be a dataset. A new format is a file that defines one of these, and
 * a line in dataset.c. */
#ifndef CHECKROB_LIB_FORMAT_H
#define CHECKROB_LIB_FORMAT_H

#include "dataset/input.h"

typedef struct dataset_format {
  checkrob_dataset_format id;
  const char *name;
  /* Lists the inputs, in the order of their images' paths. The options are complete, and may be kept until
   * `close` no more than the strings they point to: copy what is needed. */
  checkrob_status (*open)(void **state, const checkrob_dataset_options *options);
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
/* No formats of files in folders: have neither number nor name. */
extern const dataset_format dataset_format_images;
extern const dataset_format dataset_format_caller;

#endif
