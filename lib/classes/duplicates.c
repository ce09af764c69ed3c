/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/duplicates.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

enum { CLASS, INDEX, TITLE, GROUP, INPUT, PART, IMAGE, SIMILARITY, COLUMNS };

#define INTEGER CHECKROB_COLUMN_INTEGER
#define TEXT CHECKROB_COLUMN_TEXT

#define PAIRS_FOR_ONE 10000

static const column declared[COLUMNS] = {
    [CLASS] = {"class", TEXT, "", 0, 0, 0, 0, "name of the class"},
    [INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0, "its output index"},
    [TITLE] = TITLE_COLUMN("title", TITLE_OF_CLASS),
    [GROUP] = {"group", INTEGER, "", 1, INFINITY, 0, 0,
               "number of the group within the class: its images have almost the same surroundings"},
    [INPUT] = {"input", INTEGER, "", 0, INFINITY, 0, 0, "number of the image in the dataset"},
    [PART] = {"part", INTEGER, "", 0, INFINITY, 0, 0, "number of the sample among those of its image"},
    [IMAGE] = {"image", TEXT, "", 0, 0, 0, 0, "the image"},
    [SIMILARITY] = {"similarity", CHECKROB_COLUMN_NUMBER, "", -1, 1, 6, 0,
                    "the largest cosine of its surroundings' representation with that of another image of "
                    "the group; over all samples, each number of these has mean 0 and deviation 1"}};

const column_list duplicate_columns = {declared, COLUMNS};

checkrob_status duplicates_start(row_list *list) {
  *list = (row_list){0};
  return row_layout_new(&list->layout, DUPLICATE_TABLE, &duplicate_columns, 1, NULL, 0);
}

void surroundings_clear(surroundings_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    free(list->items[i].image);
    free(list->items[i].values);
  }
  free(list->items);
  *list = (surroundings_list){0};
}

checkrob_status surroundings_add(surroundings_list *list, size_t input, size_t part, const char *image,
                                 const float *values, const double *means, const double *deviations) {
  surroundings *items = array_grow(list->items, &list->capacity, list->count, sizeof *items);
  if (!items) return error_memory("the surroundings of a class");
  list->items = items;
  surroundings *s = &items[list->count++];
  *s = (surroundings){.input = input,
                      .part = part,
                      .image = text_copy(image),
                      .values = malloc((list->features + 1) * sizeof *s->values),
                      .similarity = -1.0};
  if (!s->image || !s->values) return error_memory("the surroundings of a class");
  for (size_t k = 0; k < list->features; k++)
    s->values[k] = (float)(((double)values[k] - means[k]) / deviations[k]);
  return CHECKROB_OK;
}

/* Eight sums, which compilers turn into vector operations. */
static double product(const float *a, const float *b, size_t count) {
  float sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (size_t k = 0; k < 8; k++) sums[k] += a[i + k] * b[i + k];
  for (; i < count; i++) sums[0] += a[i] * b[i];
  double sum = 0.0;
  for (size_t k = 0; k < 8; k++) sum += (double)sums[k];
  return sum;
}

static void scale_to_length_one(float *values, size_t count) {
  double length = sqrt(product(values, values, count));
  for (size_t k = 0; k < count && length > 0.0; k++) values[k] = (float)((double)values[k] / length);
}

/* ---- the threshold ---- */

/* Keeps the largest ones, which are sorted: from the largest. */
static void offer(double *largest, size_t most, size_t *count, double value) {
  if (*count == most && value <= largest[most - 1]) return;
  if (*count < most) ++*count;
  size_t at = *count - 1;
  for (; at > 0 && largest[at - 1] < value; at--) largest[at] = largest[at - 1];
  largest[at] = value;
}

checkrob_status duplicates_threshold(double *out, surroundings_list *others, const int64_t *class_of) {
  size_t pairs = 0, count = 0, most = others->count * others->count / 2 / PAIRS_FOR_ONE + 1;
  double *largest = malloc(most * sizeof *largest);
  if (!largest) return error_memory("the similarity of surroundings");
  for (size_t i = 0; i < others->count; i++) {
    const surroundings *a = &others->items[i];
    scale_to_length_one(a->values, others->features);
    for (size_t k = 0; k < i; k++) {
      if (class_of[k] == class_of[i] || others->items[k].input == a->input) continue;
      pairs++;
      offer(largest, most, &count, product(a->values, others->items[k].values, others->features));
    }
  }
  size_t allowed = pairs / PAIRS_FOR_ONE; /* fewer pairs than that: as many as are known say nothing */
  *out = fmax(DUPLICATE_COSINE, allowed > 0 ? largest[allowed - 1] : DUPLICATE_COSINE);
  free(largest);
  return CHECKROB_OK;
}

/* ---- groups ---- */

/* Gives both the smaller of two groups. */
static void join(surroundings_list *list, size_t count, size_t from, size_t to) {
  for (size_t i = 0; i < count; i++)
    if (list->items[i].group == from) list->items[i].group = to;
}

/* Until then, the group of sample i is i + 1, or the smallest such number of those it is joined with. A final
 * number is never larger than that of the group's first sample, so no two are confused. */
static void number_groups(surroundings_list *list, double threshold) {
  size_t groups = 0;
  for (size_t i = 0; i < list->count; i++) {
    surroundings *first = &list->items[i];
    if (first->similarity < threshold) first->group = 0;
    if (first->group != i + 1) continue; /* a repeated one has its number already */
    groups++;
    for (size_t k = list->count; k-- > i;)
      if (list->items[k].group == i + 1) list->items[k].group = groups;
  }
}

void duplicates_find(surroundings_list *list, double threshold) {
  for (size_t i = 0; i < list->count; i++) {
    surroundings *a = &list->items[i];
    scale_to_length_one(a->values, list->features);
    a->group = i + 1;
    for (size_t k = 0; k < i; k++) {
      surroundings *b = &list->items[k];
      double cosine = fmin(product(a->values, b->values, list->features), 1.0);
      a->similarity = fmax(a->similarity, cosine);
      b->similarity = fmax(b->similarity, cosine);
      if (cosine < threshold || a->group == b->group) continue;
      size_t low = a->group < b->group ? a->group : b->group,
             high = a->group < b->group ? b->group : a->group;
      join(list, i + 1, high, low);
    }
  }
  number_groups(list, threshold);
}

checkrob_status duplicates_fill(row_list *out, const surroundings_list *list, const checkrob_row *class_row) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < list->count && !status; i++) {
    const surroundings *s = &list->items[i];
    checkrob_row *row = NULL;
    if (s->group == 0) continue;
    status = row_list_add(&row, out);
    if (!status) status = row_set_text(row, CLASS, checkrob_row_text(class_row, "class"));
    if (!status) status = row_set_text(row, IMAGE, s->image);
    if (status) break;
    row_set_integer(row, INDEX, checkrob_row_integer(class_row, "index"));
    row_set_integer(row, GROUP, (int64_t)s->group);
    row_set_integer(row, INPUT, (int64_t)s->input);
    row_set_integer(row, PART, (int64_t)s->part);
    row_set_number(row, SIMILARITY, s->similarity);
  }
  return status;
}
