/* Samples as a format makes them. */
#ifndef CHECKROB_LIB_SAMPLE_H
#define CHECKROB_LIB_SAMPLE_H

#include <checkrob/dataset.h>

typedef struct sample_list {
  checkrob_sample **items;
  size_t count, capacity;
} sample_list;

/* Appends a sample without regions, whose status is OK. `path` may be NULL: there is no image to open.
 * `class_name` may be NULL, with the index -1: the class is not known. The sample belongs to the list; *out
 * is for filling it. */
checkrob_status sample_add(checkrob_sample **out, sample_list *list, const char *image, const char *path,
                           const char *class_name, int64_t class_index);

/* Appends a sample that failed with `status` and this thread's last sentence. */
checkrob_status sample_add_failed(sample_list *list, checkrob_status status, const char *image,
                                  const char *path, const char *class_name, int64_t class_index);

/* Turns it into one that failed with `status` and this thread's last sentence; its regions are emptied, so
 * that nobody scores a part of them. */
checkrob_status sample_fail(checkrob_sample *sample, checkrob_status status);

/* The regions, to be filled. */
checkrob_regions *sample_regions(checkrob_sample *sample);

/* What checkrob_sample_check_size compares: the annotation's path, and the size that it gives (0: none). */
checkrob_status sample_set_origin(checkrob_sample *sample, const char *annotation, uint32_t width,
                                  uint32_t height);

void sample_list_clear(sample_list *list);

#endif
