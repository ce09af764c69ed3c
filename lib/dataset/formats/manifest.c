/* SPDX-License-Identifier: Apache-2.0 */
/* A plain CSV file of images, classes and regions, for data that has no other format. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "dataset/files/near_names.h"
#include "dataset/files/path.h"
#include "dataset/formats/format.h"
#include "dataset/formats/mask.h"
#include "dataset/formats/named_inputs.h"
#include "dataset/formats/shares.h"

/* The file stays in memory; a million rows are some hundred megabytes. */
#define FILE_LIMIT (UINT64_C(4) << 30)

typedef struct row {
  const char *image, *class_name; /* these and the cells point into the file's text */
  const char *cells[4];           /* x1, y1, x2, y2; or the mask alone */
  size_t line;
} row;

/* The rows of one image. */
typedef struct row_group {
  size_t first, count;
} row_group;

typedef struct manifest {
  char *path, *folder; /* masks are relative to the manifest's folder */
  char *text;
  bool masks;
  row *rows; /* by image, then by line */
  size_t row_count, row_capacity;
  row_group *groups;
  size_t group_count;
  listing files;
  named_inputs inputs; /* an entry is a group */
} manifest;

/* ---- the file ---- */

static checkrob_status check_header(manifest *m, const csv_reader *reader) {
  static const char *const boxes[] = {"image", "class", "x1", "y1", "x2", "y2"};
  static const char *const masks[] = {"image", "class", "mask"};
  m->masks = reader->field_count == 3;
  const char *const *names = m->masks ? masks : boxes;
  size_t same = 0, wanted = m->masks ? 3 : 6;
  while (same < wanted && same < reader->field_count && strcmp(reader->fields[same], names[same]) == 0)
    same++;
  if (same == wanted && reader->field_count == wanted) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s:%zu: the first line is neither image,class,x1,y1,x2,y2 nor image,class,mask; write one of them",
      m->path, reader->line);
}

static checkrob_status take_row(manifest *m, const csv_reader *reader) {
  size_t wanted = m->masks ? 3 : 6;
  if (reader->field_count != wanted)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s:%zu: the line has %zu fields, but the header has %zu; correct the line", m->path,
                     reader->line, reader->field_count, wanted);
  if (!reader->fields[0][0])
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: the image's name is empty; write its path", m->path,
                     reader->line);
  row *rows = array_grow(m->rows, &m->row_capacity, m->row_count, sizeof *rows);
  if (!rows) return error_memory(m->path);
  m->rows = rows;
  row fresh = {.image = reader->fields[0], .class_name = reader->fields[1], .line = reader->line};
  for (size_t i = 2; i < wanted; i++) fresh.cells[i - 2] = reader->fields[i];
  rows[m->row_count++] = fresh;
  return CHECKROB_OK;
}

static checkrob_status read_rows(manifest *m, csv_reader *reader) {
  checkrob_status status = csv_next(reader);
  if (status == CHECKROB_END)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is empty; it needs a header and a line for each object",
                     m->path);
  if (!status) status = check_header(m, reader);
  while (!status) {
    status = csv_next(reader);
    if (!status) status = take_row(m, reader);
  }
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

static int by_image(const void *left, const void *right) {
  const row *a = left, *b = right;
  int order = strcmp(a->image, b->image);
  return order ? order : (a->line > b->line) - (a->line < b->line);
}

static checkrob_status read_file(manifest *m) {
  size_t bytes = 0;
  csv_reader reader;
  checkrob_status status = file_read(&m->text, &bytes, m->path, FILE_LIMIT);
  if (status) return status;
  status = csv_start(&reader, m->path, m->text, bytes);
  if (status) return status;
  status = read_rows(m, &reader);
  csv_finish(&reader);
  if (!status && m->row_count) qsort(m->rows, m->row_count, sizeof *m->rows, by_image);
  return status;
}

/* ---- images and files ---- */

static void group_rows(manifest *m, const char **names) {
  for (size_t i = 0, end; i < m->row_count; i = end) {
    for (end = i + 1; end < m->row_count && strcmp(m->rows[end].image, m->rows[i].image) == 0;) end++;
    names[m->group_count] = m->rows[i].image;
    m->groups[m->group_count++] = (row_group){i, end - i};
  }
}

static checkrob_status match_files(manifest *m) {
  const char **names = malloc((m->row_count + 1) * sizeof *names);
  m->groups = malloc((m->row_count + 1) * sizeof *m->groups);
  checkrob_status status = names && m->groups ? CHECKROB_OK : error_memory("the list of images");
  if (!status) {
    group_rows(m, names);
    status = named_inputs_make(&m->inputs, &m->files, names, m->group_count);
  }
  free(names);
  return status;
}

static void close_manifest(void *state) {
  manifest *m = state;
  listing_clear(&m->files);
  named_inputs_clear(&m->inputs);
  free(m->groups);
  free(m->rows);
  free(m->text);
  free(m->folder);
  free(m->path);
  free(m);
}

static checkrob_status open_all(manifest *m, const dataset_choices *choices) {
  m->path = text_copy(choices->annotations.items[0]);
  if (m->path) m->folder = text_format("%.*s", (int)(path_base(m->path) - m->path), m->path);
  if (!m->path || !m->folder) return error_memory("a dataset");
  if (choices->annotations.count != 1)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "a manifest is one file, not %zu",
                     choices->annotations.count);
  checkrob_status status =
      listing_make(&m->files, path_list_span(&choices->images), listing_image_endings, "images");
  if (!status) status = read_file(m);
  if (!status) status = match_files(m);
  if (!status && choices->skip_unannotated) named_inputs_leave_out(&m->inputs, NULL, NULL);
  return status;
}

static checkrob_status open_manifest(void **state, const dataset_choices *choices) {
  manifest *m = calloc(1, sizeof *m);
  if (!m) return error_memory("a dataset");
  checkrob_status status = open_all(m, choices);
  if (status)
    close_manifest(m);
  else
    *state = m;
  return status;
}

/* ---- an image ---- */

static size_t count_inputs(const void *state) {
  return ((const manifest *)state)->inputs.count;
}

static const char *name_input(const void *state, size_t input) {
  return ((const manifest *)state)->inputs.items[input].name;
}

static checkrob_status add_box(checkrob_regions *regions, const row *r) {
  double box[4];
  for (size_t i = 0; i < 4; i++)
    if (!number_parse(&box[i], r->cells[i]))
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "has the corner '%.40s', which is not a number; correct the line", r->cells[i]);
  if (shares_not_pixels(box, 4)) return shares_error("box");
  checkrob_status status = checkrob_regions_add_box(regions, box[0], box[1], box[2], box[3]);
  if (status != CHECKROB_ERROR_INVALID_ARGUMENT) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "has an empty or inverted box: x2 must exceed x1, and y2 must exceed y1 (coordinates "
                   "begin at 0, and x2 and y2 are after the last pixel); correct the line");
}

/* With Windows' backslashes only if there is no file of the name as it is. */
static char *mask_path(const manifest *m, const char *name) {
  char *path = name[0] == '/' ? text_copy(name) : text_format("%s%s", m->folder, name);
  if (!path || !strchr(name, '\\') || access(path, F_OK) == 0) return path;
  free(path);
  char *converted = path_from_windows(name);
  path = converted ? text_format("%s%s", m->folder, converted) : NULL;
  free(converted);
  return path;
}

static checkrob_status add_mask(checkrob_regions *regions, const manifest *m, const row *r) {
  char *path = mask_path(m, r->cells[0]);
  if (!path) return error_memory("a mask's path");
  checkrob_image *image = NULL;
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.orientation = CHECKROB_ORIENTATION_STORED;
  checkrob_status status = checkrob_image_open(&image, path, &limits);
  free(path);
  const char *what = image ? "has a mask that" : "has a mask that can't be read:";
  if (!status) status = mask_add(regions, image);
  if (status && status != CHECKROB_ERROR_OUT_OF_MEMORY)
    status = error_set(CHECKROB_ERROR_BAD_INPUT, "%s %s", what, checkrob_last_error());
  checkrob_image_free(image);
  return status;
}

static checkrob_status shape_of(checkrob_regions **out, const manifest *m, const row *r) {
  if (!r->cells[0][0])
    return error_set(CHECKROB_ERROR_BAD_INPUT, "has no %s; add it or remove the line",
                     m->masks ? "mask" : "box");
  checkrob_regions *regions = NULL;
  checkrob_status status = checkrob_regions_new(&regions);
  if (!status) status = m->masks ? add_mask(regions, m, r) : add_box(regions, r);
  if (status)
    checkrob_regions_free(regions);
  else
    *out = regions;
  return status;
}

static checkrob_status add_row(checkrob_input *out, const manifest *m, const row *r) {
  input_object *added = NULL;
  checkrob_status status = input_add_object(&added, out, r->class_name);
  if (status) return status;
  status = shape_of(&added->shape, m, r);
  if (status && status != CHECKROB_ERROR_OUT_OF_MEMORY)
    error_store("%s:%zu: an object of '%.80s' %s", m->path, r->line, r->class_name, checkrob_last_error());
  return input_object_fail(added, status);
}

static checkrob_status unmatched(const manifest *m, const named_input *in) {
  if (in->entry == NAMED_NOWHERE)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "image %s is not in %s; add a line for it or remove the image%s", in->name, m->path,
                     near_names_hint(in->near).text);
  size_t line = m->rows[m->groups[in->entry].first].line;
  if (in->candidates == 0)
    return error_set(CHECKROB_ERROR_NOT_FOUND, "%s:%zu: the image %s is not below %s; correct its path%s",
                     m->path, line, in->name, m->files.roots[0].path, near_names_hint(in->near).text);
  return error_set(CHECKROB_ERROR_NOT_FOUND,
                   "%s:%zu: there are %zu images named %s below %s; add its folder to the name", m->path,
                   line, in->candidates, in->name, m->files.roots[0].path);
}

static checkrob_status read_manifest(checkrob_input *out, const void *state, size_t input) {
  const manifest *m = state;
  const named_input *in = &m->inputs.items[input];
  checkrob_status status = named_input_start(out, &m->files, in);
  if (!status) status = input_set_origin(out, m->path, 0, 0);
  if (status) return status;
  if (!in->file || in->entry == NAMED_NOWHERE) return unmatched(m, in);
  const row_group *group = &m->groups[in->entry];
  for (size_t i = 0; i < group->count && !status; i++) status = add_row(out, m, &m->rows[group->first + i]);
  return status;
}

static size_t count_left_out(const void *state) {
  return ((const manifest *)state)->inputs.left_out;
}

const dataset_format dataset_format_manifest = {.name = "manifest",
                                                .features = FORMAT_FILE,
                                                .open = open_manifest,
                                                .close = close_manifest,
                                                .input_count = count_inputs,
                                                .name_of = name_input,
                                                .read = read_manifest,
                                                .left_out = count_left_out};
