/* Reading a whole dataset without a model, to see whether it is sound: each image is decoded once, on worker
 * threads, and compared with its annotation. */
#ifndef CHECKROB_CHECK_H
#define CHECKROB_CHECK_H

#include <checkrob/dataset.h>

CHECKROB_BEGIN_DECLS

/* What a sample came to. It, and what it points to, is good for the time of the callback. */
typedef struct checkrob_checked_sample {
  size_t size;
  /* Compared with the image's true size, where the image could be decoded: status and message say what is
   * wrong with the sample beside its image. */
  const checkrob_sample *sample;
  checkrob_status image_status; /* what decoding the image came to; equal for all samples of an image */
  const char *image_message;    /* the sentence for a status other than OK, else "" */
  uint32_t width, height;       /* the image's; 0 where it could not be decoded */
  uint64_t pixels;              /* a number of the size and all pixels: equal images have the same */
} checkrob_checked_sample;

typedef int (*checkrob_check_callback)(const checkrob_checked_sample *checked, void *user_data);

/* Calls `on_sample` for each sample that the cursor has not read yet, in order and on the calling
 * thread, whatever the number of threads; it stops where that gives anything but 0. `threads` decode images:
 * 0 is as many as the process may use cores. Do not use the cursor meanwhile; where the
 * callback stops, the cursor stands somewhere behind it. A few images for each thread are in memory at a
 * time. Errors: CANCELLED (by the callback), OUT_OF_MEMORY, IO (no thread can be started), INVALID_ARGUMENT.
 */
CHECKROB_API checkrob_status checkrob_dataset_check(checkrob_cursor *cursor, int threads,
                                                    checkrob_check_callback on_sample, void *user_data);

CHECKROB_END_DECLS
#endif
