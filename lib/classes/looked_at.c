/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/looked_at.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "classes/statistics.h"

/* ---- declarations ---- */

enum { CLASS, INDEX, TITLE, KIND, NAME, OTHER_INDEX, IMAGES, SHARE, EXPECTED, P, Q, COLUMNS };

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define TEXT CHECKROB_COLUMN_TEXT

static const column declared[COLUMNS] = {
    [CLASS] = {"class", TEXT, "", 0, 0, 0, 0, "name of the class that is recognised"},
    [INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0, "its output index"},
    [TITLE] = TITLE_COLUMN("title", TITLE_OF_CLASS),
    [KIND] = {"kind", TEXT, "", 0, 0, 0, 0,
              "`class`: regions of another class that are annotated in the image; `place`: a part of the "
              "image"},
    [NAME] = {"name", TEXT, "", 0, 0, 0, 0,
              "the other class, or the place: four corners (a third of each side), `top`, `bottom`, `left "
              "side`, `right side` (a sixth of the image), `border` (a tenth of each side)"},
    [OTHER_INDEX] = {"other_index", INTEGER, "", 0, INFINITY, 0, 0,
                     "output index of the other class; empty for places, and if it is not in the class map"},
    [IMAGES] = {"images", INTEGER, "samples", 1, INFINITY, 0, 0,
                "recognised samples of the class that have it, and a map that is not empty"},
    [SHARE] = {"share", NUMBER, "", 0, 1, 6, 0,
               "mean share of their saliency on the other class's regions; for a place, of the saliency off "
               "the object"},
    [EXPECTED] = {"expected", NUMBER, "", 0, 1, 6, 0,
                  "the same with the mean map of the images of other classes than the recognised one; empty "
                  "without them"},
    [P] = {"p", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
           "of a larger difference of `share` and `expected` by chance: Student's t, one-sided, paired; "
           "empty with fewer than 5 images"},
    [Q] = {"q", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT, "`p` adjusted for the number of rows of its kind"}};

const column_list looked_at_columns = {declared, COLUMNS};

static const column declared_of_class[] = {
    {"looked_at", TEXT, "", 0, 0, 0, 0,
     "what else the saliency is on, certainly (`q` at most 0.05) and by at least 5 % more than expected: the "
     "other class and the place with the largest difference; empty if there is none"}};

const column_list class_looked_at_columns = {declared_of_class, 1};

/* What a class's column `looked_at` names. */
#define LARGEST_Q 0.05
#define LEAST_EXCESS 0.05

checkrob_status looked_at_start(row_list *list) {
  *list = (row_list){0};
  return row_layout_new(&list->layout, LOOKED_AT_TABLE, &looked_at_columns, 1, NULL, 0);
}

/* ---- the samples of a class ---- */

#define NO_OTHER SIZE_MAX

/* What one sample says about one other class, or about all places. */
typedef struct look {
  size_t other;          /* in `names`; NO_OTHER: places */
  double shares[PLACES]; /* of another class the first one alone */
  /* [cells]: weights of the other class's regions, and of what counts [cells]; or of what is off the object
   */
  float *weights;
} look;

void class_looks_clear(class_looks *c) {
  for (size_t i = 0; i < c->count; i++) free(c->looks[i].weights);
  for (size_t i = 0; i < c->name_count; i++) free(c->names[i]);
  free(c->looks);
  free(c->names);
  free(c->indices);
  free(c->places);
  *c = (class_looks){0};
}

static checkrob_status add_look(look **out, class_looks *c, size_t numbers) {
  look *grown = array_grow(c->looks, &c->capacity, c->count, sizeof *grown);
  if (grown) c->looks = grown;
  float *weights = grown ? malloc(numbers * sizeof *weights) : NULL;
  if (!weights) return error_memory("what a class looks at");
  *out = &c->looks[c->count++];
  **out = (look){.other = NO_OTHER, .weights = weights};
  return CHECKROB_OK;
}

static checkrob_status find_name(size_t *out, class_looks *c, const char *name, int64_t index) {
  for (*out = 0; *out < c->name_count; ++*out)
    if (strcmp(c->names[*out], name) == 0) return CHECKROB_OK;
  size_t capacity = c->name_capacity;
  char **names = array_grow(c->names, &capacity, c->name_count, sizeof *names);
  if (names) c->names = names;
  int64_t *indices = names ? realloc(c->indices, capacity * sizeof *indices) : NULL;
  if (indices) c->indices = indices;
  char *own = indices ? text_copy(name) : NULL;
  if (!own) return error_memory("what a class looks at");
  c->name_capacity = capacity;
  c->indices[c->name_count] = index;
  c->names[c->name_count++] = own;
  return CHECKROB_OK;
}

/* What makes the sum of the map 1, if all cells have the same weight. They have, up to the rounding of cells
 * to whole pixels. */
static float whole_weight(const float *map, size_t cells) {
  double sum = 0.0;
  for (size_t i = 0; i < cells; i++) sum += (double)map[i];
  return (float)(1.0 / sum);
}

static checkrob_status prepare_places(class_looks *c) {
  if (c->places) return CHECKROB_OK;
  size_t cells = c->height * c->width;
  c->places = malloc(PLACES * cells * sizeof *c->places);
  if (!c->places) return error_memory("the places of an image");
  for (int p = 0; p < PLACES; p++) place_cover(c->places + (size_t)p * cells, (place)p, c->height, c->width);
  return CHECKROB_OK;
}

/* The share of a map off the object that is in each place. False if none of it is off the object. */
static bool share_places(double shares[PLACES], const class_looks *c, const float *off, const float *map,
                         const double *blind) {
  size_t cells = c->height * c->width;
  double total = 0.0;
  for (int p = 0; p < PLACES; p++) shares[p] = 0.0;
  for (size_t i = 0; i < cells; i++) {
    double value = (double)off[i] * (map ? (double)map[i] : blind[i]);
    total += value;
    for (size_t p = 0; p < PLACES; p++) shares[p] += value * (double)c->places[p * cells + i];
  }
  for (int p = 0; p < PLACES; p++) shares[p] /= total;
  return total > 0.0;
}

static checkrob_status add_places(class_looks *c, const float *map, const float *region, const float *counted,
                                  float whole) {
  look *l = NULL;
  size_t cells = c->height * c->width;
  checkrob_status status = prepare_places(c);
  if (!status) status = add_look(&l, c, cells);
  if (status) return status;
  for (size_t i = 0; i < cells; i++)
    l->weights[i] = fmaxf((counted ? counted[i] : whole) - region[i], 0.0F) / whole;
  if (!share_places(l->shares, c, l->weights, map, NULL)) { /* all of it is on the object */
    free(l->weights);
    c->count--;
  }
  return CHECKROB_OK;
}

/* The share is that of the stored map, like the expected one: what counts is the same for both. */
static checkrob_status add_other(class_looks *c, const checkrob_row *other, const sample_columns *columns,
                                 const float *map, const float *counted, float whole) {
  look *l = NULL;
  size_t cells = c->height * c->width, found = 0, name = 0;
  const float *region = row_floats(&found, other, columns->other_region);
  const char *text = row_text(other, columns->other_class);
  if (!region || found != cells || !*text) return CHECKROB_OK;
  checkrob_status status = find_name(&name, c, text, row_integer(other, columns->other_index));
  if (!status) status = add_look(&l, c, 2 * cells);
  if (status) return status;
  l->other = name;
  double inside = 0.0, total = 0.0;
  for (size_t i = 0; i < cells; i++) {
    l->weights[i] = region[i];
    l->weights[cells + i] = counted ? counted[i] : whole;
    inside += (double)map[i] * (double)region[i];
    total += (double)map[i] * (double)l->weights[cells + i];
  }
  l->shares[0] = total > 0.0 ? fmin(inside / total, 1.0) : 0.0;
  return CHECKROB_OK;
}

checkrob_status class_looks_add(class_looks *c, const checkrob_row *sample, const sample_columns *columns,
                                const float *map, const float *region, const float *counted) {
  float whole = whole_weight(map, c->height * c->width);
  checkrob_status status = add_places(c, map, region, counted, whole);
  size_t others = columns->other == ROW_NO_COLUMN ? 0 : row_child_count(sample, columns->other);
  for (size_t i = 0; i < others && !status; i++)
    status = add_other(c, row_child(sample, columns->other, i), columns, map, counted, whole);
  return status;
}

/* ---- comparing ---- */

/* Sums over samples. */
typedef struct paired {
  size_t count;
  double share, expected, difference, squares;
} paired;

static void add_pair(paired *sums, double share, double expected) {
  double difference = share - expected;
  sums->count++;
  sums->share += share;
  sums->expected += expected;
  sums->difference += difference;
  sums->squares += difference * difference;
}

static checkrob_status append(row_list *out, const checkrob_row *of, const char *kind, const char *name,
                              int64_t other_index, const paired *sums) {
  checkrob_row *row = NULL;
  checkrob_status status = row_list_add(&row, out);
  if (!status) status = row_set_text(row, CLASS, checkrob_row_text(of, "class"));
  if (!status) status = row_set_text(row, KIND, kind);
  if (!status) status = row_set_text(row, NAME, name);
  if (status) return status;
  double n = (double)sums->count;
  row_set_integer(row, INDEX, checkrob_row_integer(of, "index"));
  row_set_integer(row, OTHER_INDEX, other_index);
  row_set_integer(row, IMAGES, (int64_t)sums->count);
  row_set_number(row, SHARE, fmin(sums->share / n, 1.0));
  row_set_number(row, EXPECTED, sums->expected / n);
  row_set_number(row, P, statistics_paired_chance(sums->count, sums->difference, sums->squares));
  return CHECKROB_OK;
}

/* The other class's share of the blind map. */
static double expect_other(const class_looks *c, const look *l, const double *blind) {
  size_t cells = c->height * c->width;
  double inside = 0.0, total = 0.0;
  for (size_t i = 0; blind && i < cells; i++) {
    inside += blind[i] * (double)l->weights[i];
    total += blind[i] * (double)l->weights[cells + i];
  }
  return total > 0.0 ? fmin(inside / total, 1.0) : NAN;
}

static checkrob_status compare_others(row_list *out, const class_looks *c, const checkrob_row *class_row,
                                      const double *blind) {
  paired *sums = calloc(c->name_count + 1, sizeof *sums);
  if (!sums) return error_memory("what a class looks at");
  for (size_t i = 0; i < c->count; i++)
    if (c->looks[i].other != NO_OTHER)
      add_pair(&sums[c->looks[i].other], c->looks[i].shares[0], expect_other(c, &c->looks[i], blind));
  checkrob_status status = CHECKROB_OK;
  for (size_t k = 0; k < c->name_count && !status; k++)
    status = append(out, class_row, "class", c->names[k], c->indices[k], &sums[k]);
  free(sums);
  return status;
}

static checkrob_status compare_places(row_list *out, const class_looks *c, const checkrob_row *class_row,
                                      const double *blind) {
  paired sums[PLACES] = {{0}};
  for (size_t i = 0; i < c->count; i++) {
    const look *l = &c->looks[i];
    double expected[PLACES];
    if (l->other != NO_OTHER) continue;
    bool known = blind && share_places(expected, c, l->weights, NULL, blind);
    for (int p = 0; p < PLACES; p++) add_pair(&sums[p], l->shares[p], known ? expected[p] : NAN);
  }
  checkrob_status status = CHECKROB_OK;
  for (int p = 0; p < PLACES && sums[0].count > 0 && !status; p++)
    status = append(out, class_row, "place", place_names[p], -1, &sums[p]);
  return status;
}

checkrob_status class_looks_compare(row_list *out, const class_looks *c, const checkrob_row *class_row,
                                    const double *blind) {
  checkrob_status status = compare_others(out, c, class_row, blind);
  return status ? status : compare_places(out, c, class_row, blind);
}

/* ---- all classes ---- */

static bool is_place(const checkrob_row *row) {
  return strcmp(row_text(row, KIND), "place") == 0;
}

static checkrob_status adjust(row_list *list, bool places) {
  double *p = calloc(list->count + 1, sizeof *p);
  if (!p) return error_memory("what classes look at");
  size_t count = 0;
  for (size_t i = 0; i < list->count; i++)
    if (is_place(list->rows[i]) == places) p[count++] = row_number(list->rows[i], P);
  checkrob_status status = statistics_adjust(p, p, count);
  count = 0;
  for (size_t i = 0; i < list->count && !status; i++)
    if (is_place(list->rows[i]) == places) row_set_number(list->rows[i], Q, p[count++]);
  free(p);
  return status;
}

static double excess(const checkrob_row *row) {
  return row_number(row, SHARE) - row_number(row, EXPECTED);
}

/* The row of this kind with the largest excess among rows [first, end); NULL if none is certain. */
static const checkrob_row *most(const row_list *list, size_t first, size_t end, bool places) {
  const checkrob_row *best = NULL;
  for (size_t i = first; i < end; i++) {
    const checkrob_row *row = list->rows[i];
    bool counts = is_place(row) == places && row_number(row, Q) <= LARGEST_Q && excess(row) >= LEAST_EXCESS;
    if (counts && (!best || excess(row) > excess(best))) best = row;
  }
  return best;
}

/* NULL: out of memory. */
static char *write_look(const checkrob_row *row) {
  if (!row) return text_copy("");
  return text_format("%s (%.0f %% of the saliency%s, expected %.0f %%)", row_text(row, NAME),
                     100.0 * row_number(row, SHARE), is_place(row) ? " off the object" : "",
                     100.0 * row_number(row, EXPECTED));
}

static checkrob_status name_most(checkrob_row *of, const row_list *list, size_t first, size_t end) {
  char *other = write_look(most(list, first, end, false)), *where = write_look(most(list, first, end, true));
  char *text = other && where ? text_format("%s%s%s", other, *other && *where ? "; " : "", where) : NULL;
  checkrob_status status = !text   ? error_memory("what a class's saliency is on")
                           : *text ? row_put_text(of, "looked_at", text)
                                   : CHECKROB_OK;
  free(other);
  free(where);
  free(text);
  return status;
}

checkrob_status looked_at_finish(row_list *list, checkrob_row *const *classes, size_t count) {
  checkrob_status status = adjust(list, false);
  if (!status) status = adjust(list, true);
  for (size_t i = 0, first = 0; i < count && !status; i++) {
    size_t end = first;
    while (end < list->count &&
           row_integer(list->rows[end], INDEX) == checkrob_row_integer(classes[i], "index"))
      end++;
    status = name_most(classes[i], list, first, end);
    first = end;
  }
  return status;
}
