/* SPDX-License-Identifier: Apache-2.0 */
/* What the numbers of YOLO's label lines mean. Lines of six or more numbers are polygons, boxes with
 * keypoints, or predictions with a confidence and the number of a track: a line alone does not always show
 * which. data.yaml decides, or else the lines of many files. */
#ifndef CHECKROB_LIB_YOLO_LAYOUT_H
#define CHECKROB_LIB_YOLO_LAYOUT_H

#include <checkrob/status.h>
#include <stdbool.h>
#include <stddef.h>

#include "dataset/formats/yolo_names.h"

typedef enum yolo_kind {
  YOLO_SHAPES,     /* boxes, polygons, oriented boxes (polygons of four corners) */
  YOLO_POSE,       /* boxes with keypoints */
  YOLO_PREDICTIONS /* of a tracker: no annotations */
} yolo_kind;

typedef struct yolo_layout {
  yolo_kind kind;
  size_t keypoints, dimensions; /* of YOLO_POSE: 2 (x, y), or 3 with visibility */
  bool may_track;               /* a line may end in the whole number of a track, as CVAT writes it */
} yolo_layout;

/* What the lines of some files have shown. Begins as zeros. */
typedef struct yolo_evidence {
  size_t files, lines; /* lines of more than four numbers after the class */
  size_t count;        /* of these numbers, in each line */
  bool varies, odd;    /* `count` differs; is odd somewhere */
  size_t boxes;        /* lines that begin with a box within the image */
  size_t in_box[2];    /* lines whose numbers fit a box with keypoints of 2 and of 3 numbers */
  size_t flags;        /* those of 3 whose third number is 0, 1 or 2 */
  size_t crossing;     /* lines whose polygon crosses itself */
  size_t track;        /* lines that end in a whole number from 1, the only one in the line */
  bool high_track;     /* such a number above 2, which is no visibility */
} yolo_evidence;

/* Adds the lines of one file. Lines that are no numbers are left to the reader. */
void yolo_evidence_add(yolo_evidence *evidence, const char *text);
bool yolo_evidence_is_enough(const yolo_evidence *evidence);

/* BAD_INPUT if it remains open what the numbers are; the error message names `path`, the file of the names.
 */
checkrob_status yolo_layout_decide(yolo_layout *out, const yolo_names *names, const yolo_evidence *evidence,
                                   const char *path);

#endif
