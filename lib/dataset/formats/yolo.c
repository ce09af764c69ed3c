/* SPDX-License-Identifier: Apache-2.0 */
/* YOLO: a text file of labels for each image, beside it or in another folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "dataset/files/pairing.h"
#include "dataset/formats/format.h"
#include "dataset/formats/yolo_labels.h"
#include "dataset/formats/yolo_names.h"

#define LABELS_LIMIT (UINT64_C(16) << 20)
/* Larger files say nothing about what the labels are. */
#define EVIDENCE_LIMIT (UINT64_C(1) << 20)

typedef struct yolo {
  pairing *pairs;
  yolo_names names;
  yolo_layout layout;
} yolo;

static void close_yolo(void *state) {
  yolo *y = state;
  pairing_free(y->pairs);
  yolo_names_clear(&y->names);
  free(y);
}

/* ---- what the labels are ---- */

static checkrob_status add_evidence(yolo_evidence *evidence, const yolo *y, const listed_file *file) {
  file_location location = {0};
  char *text = NULL;
  size_t bytes = 0;
  checkrob_status status = listing_locate(&location, &y->pairs->annotations, file);
  if (!status) status = location_read(&text, &bytes, &location, EVIDENCE_LIMIT);
  if (!status) yolo_evidence_add(evidence, text);
  free(text);
  location_clear(&location);
  /* Other failures are those of the image, which is read later. */
  return status == CHECKROB_ERROR_OUT_OF_MEMORY ? status : CHECKROB_OK;
}

static checkrob_status decide_layout(yolo *y, const char *names_path) {
  yolo_evidence evidence = {0};
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < y->pairs->count && !status && !yolo_evidence_is_enough(&evidence); i++)
    if (y->pairs->pairs[i].state == PAIR_MATCHED)
      status = add_evidence(&evidence, y, y->pairs->pairs[i].annotation);
  return status ? status : yolo_layout_decide(&y->layout, &y->names, &evidence, names_path);
}

/* Text files that exporters write beside the labels: they are no annotations of a missing image. */
static bool is_other_file(const image_pair *pair) {
  static const char *const all[] = {"classes.txt", "train.txt",  "val.txt", "valid.txt",
                                    "test.txt",    "labels.txt", NULL};
  if (pair->state != PAIR_NO_IMAGE) return false;
  const char *base = path_base(pair->annotation->path);
  bool is = strncmp(base, "README", 6) == 0;
  for (size_t i = 0; all[i]; i++) is = is || strcmp(base, all[i]) == 0;
  return is;
}

static void leave_others_out(pairing *pairs) {
  size_t kept = 0;
  for (size_t i = 0; i < pairs->count; i++)
    if (!is_other_file(&pairs->pairs[i])) pairs->pairs[kept++] = pairs->pairs[i];
  pairs->count = kept;
}

static checkrob_status open_yolo(void **state, const dataset_choices *choices) {
  if (!choices->names)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "YOLO's labels have class numbers, so the classes' names are needed too; set the option "
                     "names to a data.yaml, or to a text file with a name on each line");
  yolo *y = calloc(1, sizeof *y);
  if (!y) return error_memory("a dataset");
  const pairing_request request = {path_list_span(&choices->images), path_list_span(&choices->annotations),
                                   path_list_span(&choices->lists), choices->skip_unannotated};
  checkrob_status status = yolo_names_open(&y->names, choices->names);
  static const char *const endings[] = {".txt", NULL};
  if (!status) status = pairing_open(&y->pairs, &request, endings);
  if (!status) leave_others_out(y->pairs);
  if (!status) status = decide_layout(y, choices->names);
  if (status)
    close_yolo(y);
  else
    *state = y;
  return status;
}

static size_t count_inputs(const void *state) {
  return ((const yolo *)state)->pairs->count;
}

static const char *name_input(const void *state, size_t input) {
  return pairing_name(((const yolo *)state)->pairs, input);
}

static checkrob_status add_line(checkrob_input *out, const yolo *y, const char *line, size_t number,
                                const char *path) {
  yolo_label label;
  checkrob_status status = yolo_label_parse(&label, line, &y->layout);
  if (status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
  /* Without the class number it is unknown which class lacks a region. */
  if (label.class_number < 0)
    return error_set(status, "%s:%zu: the line %s", path, number, checkrob_last_error());
  char unnamed[64];
  snprintf(unnamed, sizeof unnamed, "class %lld, which has no name", (long long)label.class_number);
  const char *name =
      (uint64_t)label.class_number < y->names.count ? y->names.items[label.class_number] : NULL;
  if (status) error_store("%s:%zu: the line %s", path, number, checkrob_last_error());
  input_object *added = NULL;
  checkrob_status failure = input_add_object(&added, out, name ? name : unnamed);
  if (failure) {
    checkrob_regions_free(label.regions);
    return failure;
  }
  added->unnamed = !name;
  added->shape = label.regions;
  return input_object_fail(added, status);
}

static checkrob_status add_lines(checkrob_input *out, const yolo *y, char *text, size_t bytes_of_file,
                                 const char *path) {
  const char *start = text;
  checkrob_status status = utf8_start(&start, &bytes_of_file, path);
  text += start - text;
  for (size_t number = 1; *text && !status; number++) {
    size_t bytes = strcspn(text, "\n");
    char *next = text + bytes + (text[bytes] == '\n');
    text[bytes] = '\0';
    if (text[strspn(text, " \t\r")]) status = add_line(out, y, text, number, path);
    text = next;
  }
  return status;
}

static checkrob_status read_labels(checkrob_input *out, const yolo *y, const listed_file *file) {
  file_location location = {0};
  char *text = NULL;
  size_t bytes = 0;
  char *name = listing_describe(&y->pairs->annotations, file);
  checkrob_status status = name ? input_set_origin(out, name, 0, 0) : error_memory("a label file's path");
  free(name);
  if (!status) status = listing_locate(&location, &y->pairs->annotations, file);
  if (!status) status = location_read(&text, &bytes, &location, LABELS_LIMIT);
  if (!status) status = add_lines(out, y, text, bytes, out->origin);
  free(text);
  location_clear(&location);
  return status;
}

static checkrob_status read_yolo(checkrob_input *out, const void *state, size_t input) {
  const yolo *y = state;
  const image_pair *pair = &y->pairs->pairs[input];
  checkrob_status status = input_set_name(out, pairing_name(y->pairs, input));
  if (!status && pair->image) status = listing_locate(&out->location, &y->pairs->images, pair->image);
  if (!status && pair->state != PAIR_MATCHED) status = pairing_error(y->pairs, pair);
  return status ? status : read_labels(out, y, pair->annotation);
}

static size_t count_left_out(const void *state) {
  return ((const yolo *)state)->pairs->left_out;
}

const dataset_format dataset_format_yolo = {.name = "yolo",
                                            .features = FORMAT_LISTS | FORMAT_NAMES,
                                            .open = open_yolo,
                                            .close = close_yolo,
                                            .input_count = count_inputs,
                                            .name_of = name_input,
                                            .read = read_yolo,
                                            .left_out = count_left_out};
