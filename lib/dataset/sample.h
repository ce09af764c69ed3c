/* SPDX-License-Identifier: Apache-2.0 */
/* Samples: one image with one class. The samples of an image share its scene. */
#ifndef CHECKROB_LIB_SAMPLE_H
#define CHECKROB_LIB_SAMPLE_H

#include "dataset/scene.h"

typedef struct sample_list {
  checkrob_sample **items;
  size_t count, capacity;
} sample_list;

#define SAMPLE_NO_CLASS SIZE_MAX

/* Appends a sample of the scene's class number `own`, or of no class. It holds the scene and belongs to the
 * list; the caller may change it through *out. */
checkrob_status sample_add(checkrob_sample **out, sample_list *list, scene *shared, size_t own);

/* Makes it a failed sample, with this thread's last error message. It then has no regions, so that nobody
 * scores a part of them. */
checkrob_status sample_fail(checkrob_sample *sample, checkrob_status status);

/* The class of a failed sample that has no class in the scene; the name is copied. */
checkrob_status sample_set_class(checkrob_sample *sample, const char *name, int64_t index);

/* Makes it a sample of the image alone, without class and regions. A failure of the annotation is forgotten;
 * it remains failed if there is no image. */
void sample_reduce_to_image(checkrob_sample *sample);

/* Whether the sample's image shows an object of a class, as far as its annotation says: 1 or 0; -1: nobody
 * said. An image reduced by the function above knows this too. */
int sample_shows(const checkrob_sample *sample, int64_t class_index);

/* checkrob_sample_open_image in two steps: the first waits for the disk or the network, the second computes.
 * The caller frees *data, which is NULL for an image that is in memory as pixels. */
checkrob_status sample_read_image(char **data, size_t *bytes, const checkrob_sample *sample,
                                  const checkrob_image_limits *limits);
checkrob_status sample_decode_image(checkrob_image **out, const checkrob_sample *sample, const char *data,
                                    size_t bytes, const checkrob_image_limits *limits);

/* Adapts the samples of one image to it: where its pixels lie the other way than the objects were drawn, the
 * objects are turned. The samples may share a scene with others, which do not change. Errors: LIMIT,
 * OUT_OF_MEMORY. */
checkrob_status samples_match_image(checkrob_sample *const *samples, size_t count,
                                    const checkrob_image *image);

/* The number of its input, and its own number among that input's samples. */
void sample_set_position(checkrob_sample *sample, size_t input, size_t part);

/* Removes the first sample, which must exist. The caller frees it. */
checkrob_sample *sample_list_take(sample_list *list);
void sample_list_clear(sample_list *list);

#endif
