/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/cues.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/properties.h"
#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "classes/statistics.h"

/* ---- declarations ---- */

enum {
  CLASS,
  INDEX,
  TITLE,
  KIND,
  NAME,
  IMAGES,
  INSIDE,
  OUTSIDE,
  AUC,
  P_LABEL,
  Q_LABEL,
  PREDICTS,
  CORRELATION,
  P_EVIDENCE,
  Q_EVIDENCE,
  FOLLOWED,
  COLUMNS
};

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define TEXT CHECKROB_COLUMN_TEXT

static const column declared[COLUMNS] =
    {[CLASS] = {"class", TEXT, "", 0, 0, 0, 0, "name of the class"},
     [INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0, "its output index"},
     [TITLE] = TITLE_COLUMN("title", TITLE_OF_CLASS),
     [KIND] = {"kind", TEXT, "", 0, 0, 0, 0,
               "`property` of the image, or another `class` that is annotated in it"},
     [NAME] = {"name", TEXT, "", 0, 0, 0, 0,
               "the property, as in the column `property_NAME` of `images.csv`, or the other class"},
     [IMAGES] = {"images", INTEGER, "samples", 0, INFINITY, 0, 0, "evaluated samples of the class"},
     [INSIDE] = {"inside", NUMBER, "", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT,
                 "mean of the property in these, or the share of them that has the other class"},
     [OUTSIDE] = {"outside", NUMBER, "", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT,
                  "the same in the samples of other classes; of another class, in those whose images do not "
                  "show this one"},
     [AUC] = {"auc", NUMBER, "", 0, 1, 6, 0,
              "how well it predicts the class: the probability that it is larger in one of the former than "
              "in one of the latter; equal ones count half; 0.5: not at all"},
     [P_LABEL] = {"p_label", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
                  "of an `auc` so far from 0.5 by chance: Mann and Whitney, or the test of two shares for "
                  "another class; normal approximation, two-sided"},
     [Q_LABEL] = {"q_label", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
                  "`p_label` adjusted for the number of rows of the table"},
     [PREDICTS] =
         {"predicts", INTEGER, "", 0, 1, 0, 0,
          "1: `q_label` is at most 0.05 and `auc` at least 0.1 from 0.5: the data have the cue; 0: not"},
     [CORRELATION] =
         {"correlation", NUMBER, "", -1, 1, 6, 0,
          "Spearman's, of it with the model's logit of the class, within the samples of the class"},
     [P_EVIDENCE] = {"p_evidence", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
                     "of such a correlation by chance, in the direction of `auc` (Student's t, one-sided)"},
     [Q_EVIDENCE] = {"q_evidence", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
                     "`p_evidence` adjusted for the number of rows with `predicts`; empty in others"},
     [FOLLOWED] = {
         "followed", INTEGER, "", 0, 1, 0, 0,
         "1: `q_evidence` is at most 0.05: within the class the model's evidence follows the cue; 0: not, "
         "which a cue that all samples of the class have cannot show"}};

const column_list cue_columns = {declared, COLUMNS};

/* Fewer samples say nothing. */
#define FEWEST 5
#define LARGEST_Q 0.05
#define LEAST_AUC 0.1

checkrob_status cues_start(row_list *list) {
  *list = (row_list){0};
  return row_layout_new(&list->layout, CUE_TABLE, &cue_columns, 1, NULL, 0);
}

/* ---- samples ---- */

typedef struct cue_sample {
  int64_t index;
  size_t name; /* of its class */
  double logit;
  float properties[PROPERTIES];
  size_t *others; /* [other_count]: the other annotated classes */
  size_t other_count;
} cue_sample;

void cue_samples_clear(cue_samples *s) {
  for (size_t i = 0; i < s->count; i++) free(s->items[i].others);
  for (size_t i = 0; i < s->name_count; i++) free(s->names[i]);
  free(s->items);
  free(s->names);
  *s = (cue_samples){0};
}

/* Names are numbered as they come. */
static checkrob_status number_of(size_t *out, cue_samples *s, const char *name) {
  for (*out = 0; *out < s->name_count; ++*out)
    if (strcmp(s->names[*out], name) == 0) return CHECKROB_OK;
  char **names = array_grow(s->names, &s->name_capacity, s->name_count, sizeof *names);
  if (names) s->names = names;
  char *own = names ? text_copy(name) : NULL;
  if (!own) return error_memory("the data's cues");
  s->names[s->name_count++] = own;
  return CHECKROB_OK;
}

static checkrob_status add_others(cue_samples *s, cue_sample *item, const checkrob_row *sample,
                                  const sample_columns *columns) {
  size_t count = columns->other == ROW_NO_COLUMN ? 0 : row_child_count(sample, columns->other);
  item->others = calloc(count + 1, sizeof *item->others);
  if (!item->others) return error_memory("the data's cues");
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++) {
    const char *name = row_text(row_child(sample, columns->other, i), columns->other_class);
    if (name) status = number_of(&item->others[item->other_count++], s, name);
  }
  return status;
}

checkrob_status cue_samples_add(cue_samples *s, const checkrob_row *sample, const sample_columns *columns) {
  if (!sample_is_evaluated(sample) || !row_has(sample, columns->properties[0]) ||
      !row_has(sample, columns->logit))
    return CHECKROB_OK;
  cue_sample *items = array_grow(s->items, &s->capacity, s->count, sizeof *items);
  if (!items) return error_memory("the data's cues");
  s->items = items;
  cue_sample *item = &items[s->count];
  *item =
      (cue_sample){.index = row_integer(sample, SAMPLE_INDEX), .logit = row_number(sample, columns->logit)};
  for (size_t k = 0; k < PROPERTIES; k++)
    item->properties[k] = (float)row_number(sample, columns->properties[k]);
  s->count++;
  checkrob_status status = number_of(&item->name, s, row_text(sample, SAMPLE_CLASS));
  return status ? status : add_others(s, item, sample, columns);
}

static bool shows(const cue_sample *sample, size_t name) {
  if (sample->name == name) return true;
  for (size_t i = 0; i < sample->other_count; i++)
    if (sample->others[i] == name) return true;
  return false;
}

/* ---- ranks ---- */

typedef struct ranked {
  double value, rank;
  size_t at;
} ranked;

static int compare_values(const void *left, const void *right) {
  const ranked *a = left, *b = right;
  return (a->value > b->value) - (a->value < b->value);
}

static int compare_places(const void *left, const void *right) {
  const ranked *a = left, *b = right;
  return (a->at > b->at) - (a->at < b->at);
}

/* From 1; equal values have their mean. */
static void rank_values(ranked *items, size_t count) {
  for (size_t i = 0; i < count; i++) items[i].at = i;
  qsort(items, count, sizeof *items, compare_values);
  for (size_t i = 0; i < count;) {
    size_t end = i + 1;
    while (end < count && items[end].value == items[i].value) end++;
    for (size_t k = i; k < end; k++) items[k].rank = (double)(i + end + 1) / 2.0;
    i = end;
  }
  qsort(items, count, sizeof *items, compare_places);
}

static double correlation(ranked *x, ranked *y, size_t count) {
  double middle = ((double)count + 1.0) / 2.0, product = 0.0, xx = 0.0, yy = 0.0;
  rank_values(x, count);
  rank_values(y, count);
  for (size_t i = 0; i < count; i++) {
    product += (x[i].rank - middle) * (y[i].rank - middle);
    xx += (x[i].rank - middle) * (x[i].rank - middle);
    yy += (y[i].rank - middle) * (y[i].rank - middle);
  }
  return xx > 0.0 && yy > 0.0 ? fmin(fmax(product / sqrt(xx * yy), -1.0), 1.0) : NAN;
}

/* ---- one cue ---- */

typedef struct cueing {
  const cue_samples *samples;
  row_list *out;
  ranked *own, *logits;      /* [samples] */
  double *ranks[PROPERTIES]; /* [samples]: of each property, among all samples */
  size_t *inside, *outside;  /* [names]: samples of a class that show each other class; samples of others */
  size_t own_count, other_count;
} cueing;

static double value_of(const cue_sample *sample, size_t property, size_t name) {
  return property < PROPERTIES ? (double)sample->properties[property] : shows(sample, name) ? 1.0 : 0.0;
}

/* A property in the class's own samples and in all others. */
static void compare_property(checkrob_row *row, const cueing *w, size_t property, int64_t index) {
  double sums[2] = {0}, ranks = 0.0, n = 0.0, all = (double)w->samples->count;
  for (size_t i = 0; i < w->samples->count; i++) {
    bool is_own = w->samples->items[i].index == index;
    sums[is_own] += (double)w->samples->items[i].properties[property];
    ranks += is_own ? w->ranks[property][i] : 0.0;
    n += is_own;
  }
  double m = all - n, auc = (ranks - n * (n + 1.0) / 2.0) / (n * m);
  double error = sqrt((all + 1.0) / (12.0 * n * m));
  row_set_number(row, INSIDE, sums[1] / n);
  row_set_number(row, OUTSIDE, sums[0] / m);
  row_set_number(row, AUC, auc);
  row_set_number(row, P_LABEL, erfc(fabs(auc - 0.5) / error / sqrt(2.0)));
}

/* Another class beside it, and in images that do not show it. */
static void compare_class(checkrob_row *row, const cueing *w, size_t name) {
  double n = (double)w->own_count, m = (double)w->other_count;
  double inside = (double)w->inside[name] / n, outside = (double)w->outside[name] / m;
  double together = (inside * n + outside * m) / (n + m);
  double error = sqrt(together * (1.0 - together) * (1.0 / n + 1.0 / m));
  row_set_number(row, INSIDE, inside);
  row_set_number(row, OUTSIDE, outside);
  row_set_number(row, AUC, 0.5 + (inside - outside) / 2.0);
  row_set_number(row, P_LABEL, erfc(fabs(inside - outside) / error / sqrt(2.0)));
}

static void follow_evidence(checkrob_row *row, const cueing *w, size_t property, size_t name, int64_t index) {
  size_t count = 0;
  for (size_t i = 0; i < w->samples->count; i++) {
    const cue_sample *sample = &w->samples->items[i];
    if (sample->index != index) continue;
    w->own[count].value = value_of(sample, property, name);
    w->logits[count++].value = sample->logit;
  }
  double r = correlation(w->own, w->logits, count), freedom = (double)count - 2.0;
  double directed = row_number(row, AUC) >= 0.5 ? r : -r;
  row_set_integer(row, IMAGES, (int64_t)count);
  row_set_number(row, CORRELATION, r);
  if (count < FEWEST || isnan(r)) return;
  double t = directed * sqrt(freedom / (1.0 - r * r));
  row_set_number(row, P_EVIDENCE, r * r < 1.0 ? statistics_t_tail(t, freedom) : directed > 0.0 ? 0.0 : 1.0);
}

/* property PROPERTIES: the other class `name`. */
static checkrob_status add_cue(const cueing *w, size_t property, size_t name, const checkrob_row *of) {
  checkrob_row *row = NULL;
  int64_t index = checkrob_row_integer(of, "index");
  bool is_property = property < PROPERTIES;
  checkrob_status status = row_list_add(&row, w->out);
  if (!status) status = row_set_text(row, CLASS, checkrob_row_text(of, "class"));
  if (!status) status = row_set_text(row, KIND, is_property ? "property" : "class");
  if (!status)
    status = row_set_text(row, NAME, is_property ? property_names[property] : w->samples->names[name]);
  if (status) return status;
  row_set_integer(row, INDEX, index);
  if (is_property)
    compare_property(row, w, property, index);
  else
    compare_class(row, w, name);
  follow_evidence(row, w, property, name, index);
  return CHECKROB_OK;
}

/* ---- all of them ---- */

static checkrob_status rank_properties(cueing *w) {
  size_t count = w->samples->count;
  for (size_t p = 0; p < PROPERTIES; p++) {
    w->ranks[p] = malloc(count * sizeof **w->ranks);
    if (!w->ranks[p]) return error_memory("the data's cues");
    for (size_t i = 0; i < count; i++) w->own[i].value = (double)w->samples->items[i].properties[p];
    rank_values(w->own, count);
    for (size_t i = 0; i < count; i++) w->ranks[p][i] = w->own[i].rank;
  }
  return CHECKROB_OK;
}

/* Samples of other classes in whose images the class is annotated count on neither side. */
static void count_names(cueing *w, int64_t index, size_t name) {
  size_t bytes = w->samples->name_count * sizeof *w->inside;
  memset(w->inside, 0, bytes);
  memset(w->outside, 0, bytes);
  w->own_count = w->other_count = 0;
  for (size_t i = 0; i < w->samples->count; i++) {
    const cue_sample *sample = &w->samples->items[i];
    bool is_own = sample->index == index;
    if (!is_own && shows(sample, name)) continue;
    size_t *counts = is_own ? w->inside : w->outside;
    w->own_count += is_own;
    w->other_count += !is_own;
    if (!is_own) counts[sample->name]++;
    for (size_t k = 0; k < sample->other_count; k++) counts[sample->others[k]]++;
  }
}

static checkrob_status add_class(cueing *w, const checkrob_row *of) {
  const cue_samples *samples = w->samples;
  const char *own = checkrob_row_text(of, "class");
  size_t name = 0;
  while (name < samples->name_count && strcmp(samples->names[name], own) != 0) name++;
  if (name == samples->name_count) return CHECKROB_OK; /* none of its samples was evaluated */
  count_names(w, checkrob_row_integer(of, "index"), name);
  checkrob_status status = CHECKROB_OK;
  for (size_t p = 0; p < PROPERTIES && !status; p++) status = add_cue(w, p, 0, of);
  for (size_t k = 0; k < samples->name_count && !status; k++)
    if (w->inside[k] >= FEWEST && k != name) status = add_cue(w, PROPERTIES, k, of);
  return status;
}

/* Adjusts the p-values of the rows that count. The others get none. */
static checkrob_status adjust(row_list *list, size_t from, size_t to,
                              bool (*counts)(const checkrob_row *row)) {
  double *p = calloc(list->count + 1, sizeof *p);
  if (!p) return error_memory("the data's cues");
  for (size_t i = 0; i < list->count; i++)
    p[i] = counts(list->rows[i]) ? row_number(list->rows[i], from) : NAN;
  checkrob_status status = statistics_adjust(p, p, list->count);
  for (size_t i = 0; i < list->count && !status; i++) row_set_number(list->rows[i], to, p[i]);
  free(p);
  return status;
}

static bool each(const checkrob_row *row) {
  (void)row;
  return true;
}

static bool predicts(const checkrob_row *row) {
  return row_integer(row, PREDICTS) == 1;
}

static checkrob_status judge(row_list *list) {
  checkrob_status status = adjust(list, P_LABEL, Q_LABEL, each);
  for (size_t i = 0; i < list->count && !status; i++) {
    checkrob_row *row = list->rows[i];
    bool far = fabs(row_number(row, AUC) - 0.5) >= LEAST_AUC - 1e-9;
    if (row_has(row, Q_LABEL)) row_set_integer(row, PREDICTS, far && row_number(row, Q_LABEL) <= LARGEST_Q);
  }
  if (!status) status = adjust(list, P_EVIDENCE, Q_EVIDENCE, predicts);
  for (size_t i = 0; i < list->count && !status; i++)
    if (row_has(list->rows[i], PREDICTS))
      row_set_integer(list->rows[i], FOLLOWED, row_number(list->rows[i], Q_EVIDENCE) <= LARGEST_Q);
  return status;
}

checkrob_status cues_fill(row_list *out, const cue_samples *samples, checkrob_row *const *classes,
                          size_t class_count) {
  if (samples->count == 0) return CHECKROB_OK;
  cueing w = {.samples = samples,
              .out = out,
              .own = malloc(samples->count * sizeof *w.own),
              .logits = malloc(samples->count * sizeof *w.logits),
              .inside = malloc(samples->name_count * sizeof *w.inside),
              .outside = malloc(samples->name_count * sizeof *w.outside)};
  bool good = w.own && w.logits && w.inside && w.outside;
  checkrob_status status = good ? rank_properties(&w) : error_memory("the data's cues");
  for (size_t i = 0; i < class_count && !status; i++) status = add_class(&w, classes[i]);
  if (!status) status = judge(out);
  for (size_t p = 0; p < PROPERTIES; p++) free(w.ranks[p]);
  free(w.own);
  free(w.logits);
  free(w.inside);
  free(w.outside);
  return status;
}
