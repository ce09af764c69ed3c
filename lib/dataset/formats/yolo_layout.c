/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/yolo_layout.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

/* Enough to decide. */
#define EVIDENCE_FILES 100
#define EVIDENCE_LINES 2000

/* Longer lines are polygons. */
#define LONGEST 400

/* A keypoint may be drawn a little beside its box. In shares of the image's size. */
#define BESIDE 0.02

typedef struct line_numbers {
  double values[LONGEST];
  size_t count;
  size_t whole; /* words without a point */
  bool whole_last;
} line_numbers;

/* Whether it is a class number and then numbers, at most LONGEST. */
static bool read_line(line_numbers *out, const char *line, size_t bytes) {
  *out = (line_numbers){0};
  const char *end = line + bytes;
  for (size_t word_number = 0; line < end; word_number++) {
    char word[64];
    line += strspn(line, " \t\r");
    size_t length = strcspn(line, " \t\r\n");
    if (line >= end || length == 0) return out->count > 0;
    if (length >= sizeof word || out->count == LONGEST) return false;
    memcpy(word, line, length);
    word[length] = '\0';
    line += length;
    if (!number_parse(&out->values[out->count], word)) return false;
    if (word_number == 0) continue; /* the class */
    out->whole_last = strspn(word, "0123456789") == length;
    out->whole += out->whole_last;
    out->count++;
  }
  return out->count > 0;
}

/* ---- a box with keypoints ---- */

static bool is_box(const double *v) {
  return v[2] > 0 && v[3] > 0 && v[0] - v[2] / 2 >= -BESIDE && v[1] - v[3] / 2 >= -BESIDE &&
         v[0] + v[2] / 2 <= 1 + BESIDE && v[1] + v[3] / 2 <= 1 + BESIDE;
}

static bool is_in_box(const double *v, double x, double y) {
  return fabs(x - v[0]) <= v[2] / 2 + BESIDE && fabs(y - v[1]) <= v[3] / 2 + BESIDE;
}

/* A keypoint at 0, 0 was not seen. *flags: each visibility is 0, 1 or 2, else it is a confidence. */
static bool fits_keypoints(bool *flags, const line_numbers *n, size_t dimensions) {
  const double *v = n->values;
  *flags = dimensions == 3;
  if (n->count <= 4 || (n->count - 4) % dimensions != 0 || !is_box(v)) return false;
  for (size_t i = 4; i < n->count; i += dimensions) {
    double visible = dimensions == 3 ? v[i + 2] : 1;
    if (visible != 0 && visible != 1 && visible != 2) *flags = false;
    if (visible < 0 || (visible > 1 && visible != 2)) return false;
    bool seen = visible > 0 && (v[i] != 0 || v[i + 1] != 0);
    if (seen && !is_in_box(v, v[i], v[i + 1])) return false;
  }
  return true;
}

/* ---- a polygon ---- */

static double side(const double *a, const double *b, const double *p) {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

static bool cross(const double *a, const double *b, const double *c, const double *d) {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

static bool crosses_itself(const line_numbers *n) {
  size_t corners = n->count / 2;
  for (size_t i = 0; i < corners; i++)
    for (size_t k = i + 2; k < corners; k++)
      if (cross(n->values + 2 * i, n->values + 2 * (i + 1), n->values + 2 * k,
                n->values + 2 * ((k + 1) % corners)))
        return true;
  return false;
}

/* ---- many lines ---- */

static void add_line(yolo_evidence *e, const line_numbers *n) {
  bool flags2 = false, flags3 = false;
  if (n->count <= 4) return;
  if (e->lines == 0) e->count = n->count;
  if (n->count != e->count) e->varies = true;
  if (n->count % 2 != 0) e->odd = true;
  e->lines++;
  double last = n->values[n->count - 1];
  if (n->whole == 1 && n->whole_last && last >= 1) e->track++;
  if (n->whole == 1 && n->whole_last && last > 2) e->high_track = true;
  if (e->varies) return;
  e->boxes += is_box(n->values);
  e->in_box[0] += fits_keypoints(&flags2, n, 2);
  e->in_box[1] += fits_keypoints(&flags3, n, 3);
  e->flags += flags3;
  e->crossing += n->count % 2 == 0 && crosses_itself(n);
}

void yolo_evidence_add(yolo_evidence *evidence, const char *text) {
  evidence->files++;
  while (*text && evidence->lines < EVIDENCE_LINES) {
    line_numbers n;
    size_t bytes = strcspn(text, "\n");
    if (read_line(&n, text, bytes)) add_line(evidence, &n);
    text += bytes + (text[bytes] == '\n');
  }
}

bool yolo_evidence_is_enough(const yolo_evidence *evidence) {
  return evidence->files >= EVIDENCE_FILES || evidence->lines >= EVIDENCE_LINES;
}

/* ---- the decision ---- */

/* A confidence and a track add two numbers to an even count. */
static bool are_predictions(const yolo_evidence *e) {
  if (e->odd || e->track < e->lines) return false;
  return e->high_track || (!e->varies && e->count == 6 && e->boxes == e->lines);
}

/* The numbers of each keypoint; 0 if the lines are not certainly boxes with keypoints. An odd count is no
 * polygon, but could be one with a confidence. */
static size_t dimensions_of(const yolo_evidence *e) {
  bool odd = e->count % 2 != 0 && e->lines >= 3, often_crossing = 2 * e->crossing >= e->lines;
  if (e->varies) return 0;
  if (e->in_box[1] == e->lines && (e->flags == e->lines || odd || often_crossing)) return 3;
  return e->in_box[0] == e->lines && often_crossing ? 2 : 0;
}

/* Three or four corners: few lines say nothing. */
static bool is_open(const yolo_evidence *e) {
  return !e->varies && e->in_box[0] == e->lines && (e->count == 6 || (e->count == 8 && e->lines < 5));
}

checkrob_status yolo_layout_decide(yolo_layout *out, const yolo_names *names, const yolo_evidence *evidence,
                                   const char *path) {
  *out = (yolo_layout){.kind = YOLO_SHAPES, .may_track = names->is_yaml};
  if (names->keypoints > 0) {
    *out = (yolo_layout){YOLO_POSE, names->keypoints, names->dimensions, true};
    return CHECKROB_OK;
  }
  if (strcmp(names->task, "pose") == 0)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s has the task pose, but no kpt_shape, such as [17, 3]; add it", path);
  if (evidence->lines == 0 || names->task[0]) return CHECKROB_OK;
  if (are_predictions(evidence)) {
    out->kind = YOLO_PREDICTIONS;
    return CHECKROB_OK;
  }
  size_t dimensions = dimensions_of(evidence);
  if (dimensions > 0) {
    *out = (yolo_layout){YOLO_POSE, (evidence->count - 4) / dimensions, dimensions, false};
    return CHECKROB_OK;
  }
  if (names->is_yaml || !is_open(evidence)) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "the labels' lines have %zu numbers after the class, which may be %zu corners, or a box and "
      "%zu keypoint%s; use a data.yaml instead of %s, with kpt_shape if they are keypoints",
      evidence->count, evidence->count / 2, (evidence->count - 4) / 2, evidence->count == 6 ? "" : "s", path);
}
