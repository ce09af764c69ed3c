/* Validating a dataset without a model: each image is decoded once, on worker threads, and compared with its
 * annotation. */
#ifndef CHECKROB_CHECK_H
#define CHECKROB_CHECK_H

#include <checkrob/dataset.h>
#include <checkrob/options.h>

CHECKROB_BEGIN_DECLS

/* What was found out about one sample. It, and what it points to, is valid until the callback returns. */
typedef struct checkrob_checked_sample {
  size_t size;
  /* Compared with the image's true size, where the image could be decoded: status and message say what is
   * wrong with the sample apart from its image. */
  const checkrob_sample *sample;
  checkrob_status image_status; /* of decoding the image; equal for all samples of an image */
  const char *image_message;    /* the error message for a status other than OK, else "" */
  uint32_t width, height;       /* the image's; 0 where it could not be decoded */
  uint64_t pixels;              /* a hash of the size and all pixels: equal images have equal ones */
} checkrob_checked_sample;

/* Another value than 0 stops the check. */
typedef int (*checkrob_check_callback)(const checkrob_checked_sample *checked, void *user_data);

/* Reads what the cursor has still before it, and calls `on_sample` for each sample, in the dataset's order
 * and on the calling thread. options: threads (decoding; 0: all cores that the process may use),
 * image_max_...; NULL: the defaults. A few images for each thread are in memory at a time. The cursor is the
 * check's until it returns. Errors: INTERRUPTED (by the callback), OUT_OF_MEMORY, IO (no thread can be
 * started), INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_check(checkrob_cursor *cursor, const checkrob_options *options,
                                            checkrob_check_callback on_sample, void *user_data);

CHECKROB_END_DECLS
#endif
