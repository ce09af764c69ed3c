/* SPDX-License-Identifier: Apache-2.0 */
/* YOLO's class names: `names` in a data.yaml (a list, or a mapping of numbers), or a text file with a name on
 * each line. Of data.yaml also kpt_shape, which says that the labels have keypoints. */
#ifndef CHECKROB_LIB_YOLO_NAMES_H
#define CHECKROB_LIB_YOLO_NAMES_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct yolo_names {
  char **items; /* by class number; NULL: no name */
  size_t count;
  /* What else a data.yaml says. */
  bool is_yaml;
  size_t keypoints, dimensions; /* kpt_shape: 17 and 3; 0: none */
  char task[16];                /* "pose", "segment"; "": none */
} yolo_names;

/* A file that ends in .yaml or .yml is YAML. Errors: NOT_FOUND, IO, LIMIT (16 MiB, 1 million classes),
 * BAD_INPUT, OUT_OF_MEMORY. */
checkrob_status yolo_names_open(yolo_names *out, const char *path);
void yolo_names_clear(yolo_names *names);

#endif
