/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/advice_samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/backgrounds.h"
#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/random.h"
#include "classes/duplicates.h"
#include "table/reader.h"
#include "table/sample.h"

/* Two samples of one image, or two that are compared, are less than this in number. More surroundings of a
 * class are not compared: each is compared with each. */
#define MOST_COMPARED 2048

typedef struct fold_of {
  uint64_t image; /* hash of its name */
  size_t fold;
} fold_of;

/* Samples of all classes whose surroundings are compared, to learn how alike those of different classes are.
 */
#define SPREAD 512

typedef struct spread_sample {
  uint64_t mark; /* a hash: which samples are chosen depends on no order */
  int64_t class_index;
  size_t input;
  float *values; /* [features] */
} spread_sample;

typedef struct reading {
  advice_samples *out;
  row_list *duplicates;
  store *from;
  const atomic_int *interrupted;
  /* columns */
  size_t child, representations[BACKGROUND_COLUMNS];
  size_t rank, surroundings_rank, pasted_image, pasted_index, pasted_rank, object_rank;
  double *means, *deviations; /* [features]: of the surroundings */
  spread_sample *spread;      /* [SPREAD] at most: those with the smallest marks */
  size_t spread_count;
  double threshold; /* of duplicates_find() */
  size_t counted;
  fold_of *folds; /* by image */
  size_t fold_count, fold_capacity;
} reading;

void advice_samples_clear(advice_samples *s) {
  for (size_t i = 0; i < s->count; i++) {
    free(s->items[i].whole);
    free(s->items[i].pasted);
  }
  free(s->items);
  *s = (advice_samples){0};
}

static checkrob_status no_memory(void) {
  return error_memory("the samples' representations");
}

static checkrob_status check_interrupted(const reading *r) {
  if (!r->interrupted || !atomic_load(r->interrupted)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the search for advice was interrupted");
}

static bool find_columns(reading *r) {
  const row_layout *samples = store_samples(r->from);
  const char *const names[BACKGROUND_COLUMNS] = {"whole", "surroundings", "pasted"};
  r->child = samples ? row_layout_find_child(samples, BACKGROUND_TABLE) : ROW_NO_COLUMN;
  if (r->child == ROW_NO_COLUMN) return false;
  const row_layout *child = row_layout_child(samples, r->child);
  for (int k = 0; k < BACKGROUND_COLUMNS; k++) r->representations[k] = row_layout_find(child, names[k]);
  r->rank = row_layout_find(samples, "rank");
  r->surroundings_rank = row_layout_find(samples, "surroundings_rank");
  r->pasted_image = row_layout_find(samples, "pasted_image");
  r->pasted_index = row_layout_find(samples, "pasted_index");
  r->pasted_rank = row_layout_find(samples, "pasted_rank");
  r->object_rank = row_layout_find(samples, "pasted_object_rank");
  return true;
}

/* NULL: the sample has no such representation, or one of another size than the first one's. A results file
 * from elsewhere may have any numbers: those that are not finite do not count. */
static const float *representation(const reading *r, const checkrob_row *sample, int which) {
  size_t count = 0;
  const checkrob_row *child = row_child(sample, r->child, 0);
  const float *values = child ? row_floats(&count, child, r->representations[which]) : NULL;
  return values && count == r->out->features && floats_are_finite(values, count) ? values : NULL;
}

/* ---- first pass: means and deviations ---- */

static checkrob_status copy_floats(float **out, const float *values, size_t count) {
  *out = NULL;
  if (!values) return CHECKROB_OK;
  *out = malloc(count * sizeof **out);
  if (!*out) return no_memory();
  memcpy(*out, values, count * sizeof **out);
  return CHECKROB_OK;
}

static checkrob_status offer_to_spread(reading *r, const checkrob_row *sample, const float *values) {
  uint64_t mark = random_mix(hash_text(HASH_START, row_text(sample, SAMPLE_IMAGE)) +
                             (uint64_t)row_integer(sample, SAMPLE_INDEX));
  size_t at = r->spread_count, largest = 0;
  if (!r->spread) r->spread = calloc(SPREAD, sizeof *r->spread);
  if (!r->spread) return no_memory();
  if (at == SPREAD) {
    for (size_t i = 1; i < SPREAD; i++)
      if (r->spread[i].mark > r->spread[largest].mark) largest = i;
    at = largest;
    if (mark >= r->spread[at].mark) return CHECKROB_OK;
    free(r->spread[at].values);
  } else
    r->spread_count++;
  r->spread[at] = (spread_sample){.mark = mark,
                                  .class_index = row_integer(sample, SAMPLE_INDEX),
                                  .input = (size_t)row_integer(sample, SAMPLE_INPUT)};
  return copy_floats(&r->spread[at].values, values, r->out->features);
}

static checkrob_status add_to_means(reading *r, const checkrob_row *sample) {
  size_t count = 0;
  const checkrob_row *child = row_child(sample, r->child, 0);
  const float *values = child ? row_floats(&count, child, r->representations[BACKGROUND_SURROUNDINGS]) : NULL;
  if (check_interrupted(r)) return CHECKROB_ERROR_INTERRUPTED;
  if (!values || count == 0 || !floats_are_finite(values, count)) return CHECKROB_OK;
  if (!r->means) {
    r->out->features = count;
    r->means = calloc(count, sizeof *r->means);
    r->deviations = calloc(count, sizeof *r->deviations);
    if (!r->means || !r->deviations) return no_memory();
  }
  if (count != r->out->features)
    return error_set(
        CHECKROB_ERROR_BAD_INPUT,
        "%s is damaged: a sample's representation differs in size from the others; restore it, or "
        "score again",
        store_path(r->from));
  r->counted++;
  for (size_t k = 0; k < count; k++) { /* Welford's running mean and sum of squares */
    double change = (double)values[k] - r->means[k];
    r->means[k] += change / (double)r->counted;
    r->deviations[k] += change * ((double)values[k] - r->means[k]);
  }
  return offer_to_spread(r, sample, values);
}

/* A number that hardly varies says nothing: its deviation is infinite, so that it becomes 0. */
static void finish_deviations(double *deviations, const double *means, size_t features, size_t count) {
  for (size_t k = 0; k < features; k++) {
    double deviation = sqrt(deviations[k] / (double)count);
    deviations[k] = deviation > 1e-6 * fabs(means[k]) && deviation > 0.0 ? deviation : INFINITY;
  }
}

static checkrob_status find_threshold(reading *r) {
  surroundings_list list = {.features = r->out->features};
  int64_t class_of[SPREAD];
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < r->spread_count && !status; i++) {
    class_of[i] = r->spread[i].class_index;
    status = surroundings_add(&list, r->spread[i].input, 0, "", r->spread[i].values, r->means, r->deviations);
  }
  if (!status) status = duplicates_threshold(&r->threshold, &list, class_of);
  surroundings_clear(&list);
  return status;
}

static checkrob_status read_means(reading *r) {
  table_reader *reader = NULL;
  checkrob_row *sample = NULL;
  checkrob_status status = sample_reader_open(&reader, r->from, READ_HIDDEN_CHILDREN);
  while (!status && !(status = table_reader_next(&sample, reader))) status = add_to_means(r, sample);
  table_reader_close(reader);
  if (status != CHECKROB_END) return status;
  if (r->counted == 0) return CHECKROB_OK;
  finish_deviations(r->deviations, r->means, r->out->features, r->counted);
  return find_threshold(r);
}

/* ---- folds ---- */

static int compare_image(const void *key, const void *item) {
  uint64_t image = *(const uint64_t *)key, other = ((const fold_of *)item)->image;
  return (image > other) - (image < other);
}

static const fold_of *find_fold(const reading *r, uint64_t image) {
  return array_find(&image, r->folds, r->fold_count, sizeof *r->folds, compare_image);
}

/* The fold of an image that is known already; else `fold`, and it is known from now on. */
static checkrob_status put_fold(size_t *fold, reading *r, uint64_t image) {
  size_t at = array_lower_bound(&image, r->folds, r->fold_count, sizeof *r->folds, compare_image);
  if (at < r->fold_count && r->folds[at].image == image) {
    *fold = r->folds[at].fold;
    return CHECKROB_OK;
  }
  fold_of *grown = array_insert(r->folds, &r->fold_capacity, &r->fold_count, at, sizeof *grown);
  if (!grown) return no_memory();
  r->folds = grown;
  grown[at] = (fold_of){image, *fold};
  return CHECKROB_OK;
}

/* ---- second pass: the samples of a class ---- */

static size_t label_of(const advice_samples *s, int64_t index) {
  for (size_t k = 0; k < s->class_count; k++)
    if (checkrob_row_integer(s->classes[k], "index") == index) return k;
  return ADVICE_NONE;
}

static checkrob_status add_sample(reading *r, const checkrob_row *sample, size_t label) {
  advice_samples *out = r->out;
  advice_sample *items = array_grow(out->items, &out->capacity, out->count, sizeof *items);
  if (!items) return no_memory();
  out->items = items;
  advice_sample *s = &items[out->count++];
  const char *donor = row_text(sample, r->pasted_image);
  *s = (advice_sample){.label = label,
                       .object = *donor ? label_of(out, row_integer(sample, r->pasted_index)) : ADVICE_NONE,
                       .recognised = row_integer(sample, r->rank) == 1,
                       .recognised_without = row_integer(sample, r->surroundings_rank) == 1,
                       .object_recognised = row_integer(sample, r->object_rank) == 1,
                       .fooled = row_integer(sample, r->pasted_rank) == 1,
                       .image = hash_text(HASH_START, row_text(sample, SAMPLE_IMAGE)),
                       .donor = hash_text(HASH_START, donor)};
  checkrob_status status = copy_floats(&s->whole, representation(r, sample, BACKGROUND_WHOLE), out->features);
  return status ? status
                : copy_floats(&s->pasted, representation(r, sample, BACKGROUND_PASTED), out->features);
}

/* A group with more than this share of its class is spread over both folds: the class would be missing in
 * one of them. */
#define LARGEST_GROUP 0.25

/* The surroundings of a chosen sample; NULL if it has none. */
static const surroundings *surroundings_of(const surroundings_list *all, size_t number) {
  return number < all->count ? &all->items[number] : NULL;
}

/* The number of the first chosen sample of the same group, and how many there are in all. */
static size_t find_group(size_t *count, const surroundings_list *all, const size_t *numbers, size_t chosen,
                         size_t i) {
  const surroundings *own = surroundings_of(all, numbers[i]);
  size_t first = i;
  *count = 1;
  for (size_t k = 0; k < chosen && own && own->group > 0; k++) {
    const surroundings *other = surroundings_of(all, numbers[k]);
    if (k == i || !other || other->group != own->group) continue;
    if (k < first) first = k;
    ++*count;
  }
  return first;
}

/* Whether an earlier sample of the group is in the same fold: each fold keeps one of them. */
static bool repeats(const advice_sample *samples, const surroundings_list *all, const size_t *numbers,
                    size_t i) {
  const surroundings *own = surroundings_of(all, numbers[i]);
  for (size_t k = 0; k < i && own && own->group > 0; k++) {
    const surroundings *other = surroundings_of(all, numbers[k]);
    if (other && other->group == own->group && samples[k].fold == samples[i].fold) return true;
  }
  return false;
}

/* Images alternate between the folds; those of a group follow its first one, unless their image has a fold
 * already, of another class. `first`: of the class's chosen samples, whose numbers in `all` are `numbers`. */
static checkrob_status choose_folds(reading *r, size_t first, const surroundings_list *all,
                                    const size_t *numbers) {
  size_t next = 0, chosen = r->out->count - first;
  if (chosen == 0) return CHECKROB_OK; /* and there may be no array */
  advice_sample *samples = r->out->items + first;
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < chosen && !status; i++) {
    size_t count = 0, leader = find_group(&count, all, numbers, chosen, i);
    bool follows = leader < i && (double)count <= LARGEST_GROUP * (double)chosen;
    samples[i].fold = follows ? samples[leader].fold : next++ % 2;
    status = put_fold(&samples[i].fold, r, samples[i].image);
    samples[i].is_repeated = repeats(samples, all, numbers, i);
  }
  return status;
}

/* What is read of one class. */
typedef struct class_reading {
  surroundings_list all;
  size_t label, seen, each, first;
  size_t *numbers; /* of the chosen samples in `all`; ADVICE_NONE: they have no surroundings */
  size_t number_count, number_capacity;
} class_reading;

static checkrob_status take(class_reading *c, reading *r, const checkrob_row *sample) {
  const float *values = representation(r, sample, BACKGROUND_SURROUNDINGS);
  size_t number = ADVICE_NONE;
  checkrob_status status = CHECKROB_OK;
  if (values && c->all.count < MOST_COMPARED) {
    number = c->all.count;
    status = surroundings_add(&c->all, (size_t)row_integer(sample, SAMPLE_INPUT),
                              (size_t)row_integer(sample, SAMPLE_PART), row_text(sample, SAMPLE_IMAGE),
                              values, r->means, r->deviations);
  }
  if (status || c->label == ADVICE_NONE || !representation(r, sample, BACKGROUND_WHOLE) ||
      c->seen++ % c->each != 0)
    return status;
  size_t *numbers = array_grow(c->numbers, &c->number_capacity, c->number_count, sizeof *numbers);
  if (!numbers) return no_memory();
  c->numbers = numbers;
  numbers[c->number_count++] = number;
  return add_sample(r, sample, c->label);
}

static checkrob_status read_class(reading *r, table_reader *reader, const checkrob_row *row) {
  int64_t index = checkrob_row_integer(row, "index");
  size_t images = (size_t)fmax((double)checkrob_row_integer(row, "images"), 0.0);
  size_t most = r->out->class_count > 0 ? ADVICE_SAMPLES / r->out->class_count : ADVICE_SAMPLES;
  class_reading c = {.all = {.features = r->out->features},
                     .label = label_of(r->out, index),
                     .each = (images + most - 1) / most,
                     .first = r->out->count};
  checkrob_row *sample = NULL;
  checkrob_status status = check_interrupted(r);
  if (c.each == 0) c.each = 1;
  sample_reader_select(reader, index);
  while (!status && !(status = table_reader_next(&sample, reader)))
    if (sample_is_evaluated(sample)) status = take(&c, r, sample);
  if (status == CHECKROB_END) status = CHECKROB_OK;
  if (!status) duplicates_find(&c.all, r->threshold);
  if (!status) status = duplicates_fill(r->duplicates, &c.all, row);
  if (!status) status = choose_folds(r, c.first, &c.all, c.numbers);
  surroundings_clear(&c.all);
  free(c.numbers);
  return status;
}

static checkrob_status read_classes(reading *r, checkrob_row *const *all, size_t count) {
  table_reader *reader = NULL;
  checkrob_status status = sample_reader_open_by_class(&reader, r->from, READ_HIDDEN_CHILDREN);
  for (size_t i = 0; i < count && !status; i++)
    if (checkrob_row_integer(all[i], "index") >= 0) status = read_class(r, reader, all[i]);
  table_reader_close(reader);
  return status;
}

/* ---- all of them ---- */

static void find_donors(reading *r) {
  for (size_t i = 0; i < r->out->count; i++) {
    advice_sample *s = &r->out->items[i];
    const fold_of *donor = find_fold(r, s->donor);
    s->is_apart = !donor || donor->fold != s->fold;
  }
}

/* By the means and deviations of whole images. */
static checkrob_status standardise(advice_samples *s) {
  double *means = calloc(s->features, sizeof *means), *deviations = calloc(s->features, sizeof *deviations);
  bool good = means && deviations;
  for (size_t i = 0; i < s->count && good; i++)
    for (size_t k = 0; k < s->features; k++) {
      double change = (double)s->items[i].whole[k] - means[k];
      means[k] += change / (double)(i + 1);
      deviations[k] += change * ((double)s->items[i].whole[k] - means[k]);
    }
  if (good) finish_deviations(deviations, means, s->features, s->count);
  for (size_t i = 0; i < s->count && good; i++)
    for (size_t k = 0; k < s->features; k++) {
      float *whole = &s->items[i].whole[k], *pasted = s->items[i].pasted ? &s->items[i].pasted[k] : NULL;
      *whole = (float)(((double)*whole - means[k]) / deviations[k]);
      if (pasted) *pasted = (float)(((double)*pasted - means[k]) / deviations[k]);
    }
  free(means);
  free(deviations);
  return good ? CHECKROB_OK : no_memory();
}

checkrob_status advice_samples_read(advice_samples *out, row_list *duplicates,
                                    const checkrob_row *const *classes, size_t class_count,
                                    checkrob_row *const *all, size_t all_count, store *s,
                                    const atomic_int *interrupted) {
  reading r = {.out = out, .duplicates = duplicates, .from = s, .interrupted = interrupted};
  *out = (advice_samples){.class_count = class_count};
  for (size_t i = 0; i < class_count; i++) out->classes[i] = classes[i];
  if (!find_columns(&r)) return CHECKROB_OK;
  checkrob_status status = read_means(&r);
  if (!status && r.counted > 0) status = read_classes(&r, all, all_count);
  if (!status && out->count > 0) status = standardise(out);
  find_donors(&r);
  for (size_t i = 0; i < r.spread_count; i++) free(r.spread[i].values);
  free(r.spread);
  free(r.means);
  free(r.deviations);
  free(r.folds);
  return status;
}
