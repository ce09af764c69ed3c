/* SPDX-License-Identifier: Apache-2.0 */
/* Validates a dataset without a model. Worker threads decode each image once and compare it with its
 * annotation. */
#ifndef CHECKROB_CHECK_H
#define CHECKROB_CHECK_H

#include <checkrob/dataset.h>
#include <checkrob/options.h>

CHECKROB_BEGIN_DECLS

/* The findings for one sample. The structure, and what it points to, is valid until the callback returns. */
typedef struct checkrob_checked_sample {
  size_t size;
  /* If the image could be decoded, the sample was compared with the image's true size. Its status and message
   * report all errors of the sample except those of its image. */
  const checkrob_sample *sample;
  /* The status of decoding the image. It is equal for all samples of one image. */
  checkrob_status image_status;
  const char *image_message; /* the error message for a status other than OK, else "" */
  uint32_t width, height;    /* of the image; 0 if it could not be decoded */
  /* A hash of the size and all pixels. Equal images have equal hashes. */
  uint64_t pixels_hash;
  /* The EXIF orientation that the image file states, 1 to 8; 0 if the image could not be decoded. */
  int32_t orientation;
  int32_t reserved; /* 0 */
} checkrob_checked_sample;

/* A value other than 0 stops the check. */
typedef int (*checkrob_check_callback)(const checkrob_checked_sample *checked, void *user_data);

/* Validates the remaining samples of the cursor. Calls `on_sample` for each of them, in the dataset's order,
 * on the calling thread. options: threads (for decoding; 0: all cores that the process may use),
 * image_max_...; NULL: the defaults. Memory holds a few images for each thread at a time. The caller must not
 * use the cursor until the function returns. Errors: INTERRUPTED (by the callback), OUT_OF_MEMORY, IO (no
 * thread can be started), INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_check(checkrob_cursor *cursor, const checkrob_options *options,
                                            checkrob_check_callback on_sample, void *user_data);

CHECKROB_END_DECLS
#endif
