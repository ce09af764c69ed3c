/* SPDX-License-Identifier: Apache-2.0 */
/* YOLO's text labels: a line for each object, in shares of the image's width and height. */
#ifndef CHECKROB_LIB_YOLO_LABELS_H
#define CHECKROB_LIB_YOLO_LABELS_H

#include <checkrob/region.h>
#include <stdint.h>

#include "dataset/formats/yolo_layout.h"

typedef struct yolo_label {
  int64_t class_number;      /* -1 if the line does not begin with one */
  checkrob_regions *regions; /* relative; NULL: the thread's last error says why */
} yolo_label;

/* Reads one line, "class cx cy w h" or "class x1 y1 x2 y2 x3 y3 ..."; of a box with keypoints only the box.
 * BAD_INPUT with a predicate as error message ("has 3 numbers after its class"); the class number may be
 * known even then. The caller frees the regions. OUT_OF_MEMORY. */
checkrob_status yolo_label_parse(yolo_label *out, const char *line, const yolo_layout *layout);

#endif
