#include "results/assess.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "score/assessment.h"
#include "score/evidence.h"
#include "score/statistics.h"
#include "score/verdict.h"

/* Maps that a class's regions are exchanged with: enough that the p-value depends on their choice no more
 * than on chance. */
#define POOL 512

/* A map in the pool. Those with the smallest marks of all are kept: a random choice that does not depend on
 * the order of the samples, or on the shard that they come from. */
typedef struct pooled_map {
  uint64_t mark;
  int64_t class_index;
  float *map; /* [cells] */
} pooled_map;

typedef struct assessing {
  store *from;
  class_tally *tally;
  const checkrob_verdict_rule *rule;
  int64_t height;   /* of the first map; others than its size know other places, and are left out */
  size_t cells;     /* 0: no map is known yet */
  float *map;       /* [cells]: of the row at hand */
  double *sums;     /* [cells]: all scaled maps added up ... */
  size_t count;     /* ... and how many of them are not empty */
  double *own_sums; /* the same of the class at hand */
  size_t own_count;
  pooled_map pool[POOL];
  size_t pool_count;
} assessing;

static void assessing_clear(assessing *a) {
  free(a->map);
  free(a->sums);
  free(a->own_sums);
  for (size_t i = 0; i < a->pool_count; i++) free(a->pool[i].map);
}

static checkrob_status broken(const store *s) {
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s is damaged: a sample's evidence does not have the size of the others'; restore it, or score "
      "again",
      s->path);
}

/* ---- first pass: mean maps, and the pool ---- */

static checkrob_status prepare_sums(assessing *a, int64_t height, size_t cells) {
  a->height = height;
  a->cells = cells;
  a->map = malloc(cells * sizeof *a->map);
  a->sums = calloc(cells, sizeof *a->sums);
  a->own_sums = malloc(cells * sizeof *a->own_sums);
  return a->map && a->sums && a->own_sums ? CHECKROB_OK : error_memory("the classes' mean maps");
}

static size_t largest_mark(const assessing *a) {
  size_t largest = 0;
  for (size_t i = 1; i < a->pool_count; i++)
    if (a->pool[i].mark > a->pool[largest].mark) largest = i;
  return largest;
}

static checkrob_status offer_to_pool(assessing *a, uint64_t mark, int64_t class_index) {
  size_t place = a->pool_count;
  if (place == POOL) {
    place = largest_mark(a);
    if (mark >= a->pool[place].mark) return CHECKROB_OK;
  } else {
    float *fresh = malloc(a->cells * sizeof *fresh);
    if (!fresh) return error_memory("maps for the permutation test");
    a->pool[a->pool_count++].map = fresh;
  }
  a->pool[place].mark = mark;
  a->pool[place].class_index = class_index;
  memcpy(a->pool[place].map, a->map, a->cells * sizeof *a->map);
  return CHECKROB_OK;
}

/* Adds the map at hand; false where it is empty: it knows nothing, not even where others look. */
static bool add_map(double *sums, size_t *count, const assessing *a) {
  double sum = 0.0;
  for (size_t i = 0; i < a->cells; i++) {
    sums[i] += (double)a->map[i];
    sum += (double)a->map[i];
  }
  if (!(sum > 0.0)) return false;
  ++*count;
  return true;
}

static checkrob_status take_map(assessing *a, sqlite3_stmt *row) {
  int64_t class_index = sqlite3_column_int64(row, 0);
  const char *image = (const char *)sqlite3_column_text(row, 1);
  checkrob_status status = CHECKROB_OK;
  int64_t height = sqlite3_column_int64(row, 3);
  size_t cells = (size_t)sqlite3_column_bytes(row, 2) / sizeof(float);
  if (a->cells == 0 && cells > 0) status = prepare_sums(a, height, cells);
  if (status) return status;
  if (!image || a->cells == 0) return broken(a->from);
  if (height != a->height || !store_floats(a->map, row, 2, a->cells)) return CHECKROB_OK;
  if (!add_map(a->sums, &a->count, a)) return CHECKROB_OK;
  uint64_t mark = hash_bytes(hash_text(HASH_START, image), &class_index, sizeof class_index);
  return offer_to_pool(a, random_mix(mark ^ random_stream(a->rule->seed)), class_index);
}

static checkrob_status sum_maps(assessing *a) {
  sqlite3_stmt *select = NULL;
  checkrob_status status = store_prepare(
      &select, a->from,
      "SELECT class, image, map, height FROM sample JOIN evidence ON evidence.sample = sample.id"
      " WHERE class IS NOT NULL ORDER BY input, part");
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) status = take_map(a, select);
  if (!status && code != SQLITE_DONE) status = store_error(a->from, "read");
  sqlite3_finalize(select);
  return status;
}

/* ---- second pass: class by class ---- */

/* The columns of the query below. */
static checkrob_status add_sample(class_samples *samples, assessing *a, sqlite3_stmt *row) {
  if (sqlite3_column_int64(row, 13) != a->height || !store_floats(a->map, row, 4, a->cells))
    return CHECKROB_OK;
  checkrob_status status = class_samples_grow(samples);
  if (status) return status;
  size_t i = samples->count++;
  samples->rs[i] = store_real(row, 0);
  samples->contrast[i] = store_real(row, 1);
  samples->area[i] = store_real(row, 2);
  samples->hit[i] = sqlite3_column_int(row, 3) != 0;
  samples->counted[i] = NULL;
  samples->localisation[i] = (checkrob_localisation){
      sizeof(checkrob_localisation), store_real(row, 7),  store_real(row, 8), store_real(row, 9),
      store_real(row, 10),           store_real(row, 11), store_real(row, 12)};
  add_map(a->own_sums, &a->own_count, a);
  if (!store_floats(samples->regions + i * a->cells, row, 5, a->cells)) return broken(a->from);
  if (sqlite3_column_type(row, 6) == SQLITE_NULL) return CHECKROB_OK;
  samples->counted[i] = malloc(a->cells * sizeof **samples->counted);
  if (!samples->counted[i]) return error_memory("a class's samples");
  return store_floats(samples->counted[i], row, 6, a->cells) ? CHECKROB_OK : broken(a->from);
}

static checkrob_status read_class(class_samples *samples, assessing *a, sqlite3_stmt *select,
                                  int64_t class_index) {
  if (a->cells == 0) return CHECKROB_OK; /* no sample has a map */
  memset(a->own_sums, 0, a->cells * sizeof *a->own_sums);
  a->own_count = 0;
  sqlite3_bind_int64(select, 1, class_index);
  checkrob_status status = CHECKROB_OK;
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) status = add_sample(samples, a, select);
  if (!status && code != SQLITE_DONE) status = store_error(a->from, "read");
  sqlite3_reset(select);
  return status;
}

/* The mean map of all classes but the one at hand; NULL in *out where no other class has a map. */
static checkrob_status mean_of_others(double **out, const assessing *a) {
  size_t count = a->cells > 0 ? a->count - a->own_count : 0;
  *out = NULL;
  if (count == 0) return CHECKROB_OK;
  double *mean = malloc(a->cells * sizeof *mean);
  if (!mean) return error_memory("a class's object-blind map");
  for (size_t i = 0; i < a->cells; i++) mean[i] = fmax(a->sums[i] - a->own_sums[i], 0.0) / (double)count;
  *out = mean;
  return CHECKROB_OK;
}

static checkrob_status assess_place(class_assessment *out, assessing *a, const class_total *total,
                                    sqlite3_stmt *select) {
  class_samples samples = {.cells = a->cells};
  const float *maps[POOL];
  foreign_maps foreign = {.maps = maps};
  for (size_t i = 0; i < a->pool_count; i++)
    if (a->pool[i].class_index != total->index) maps[foreign.count++] = a->pool[i].map;
  checkrob_status status = read_class(&samples, a, select, total->index);
  if (!status) status = mean_of_others(&out->blind, a);
  foreign.mean = out->blind;
  out->cells = a->cells;
  out->result = tally_result(total);
  if (!status) status = assess_class(&out->result, &samples, &foreign, a->rule);
  class_samples_clear(&samples);
  return status;
}

static checkrob_status assess_total(assessing *a, class_total *total, sqlite3_stmt *select) {
  class_assessment_free(total->assessed);
  total->assessed = NULL;
  class_assessment *assessed = calloc(1, sizeof *assessed);
  if (!assessed) return error_memory("a class's assessment");
  checkrob_status status = assess_place(assessed, a, total, select);
  if (status)
    class_assessment_free(assessed);
  else
    total->assessed = assessed;
  return status;
}

static checkrob_status assess_classes(assessing *a) {
  sqlite3_stmt *select = NULL;
  checkrob_status status = store_prepare(
      &select, a->from,
      "SELECT rs, contrast, region_share, hit, map, region, counted, pointing_game, rank_accuracy, "
      "top_k_intersection,"
      " attribution_localisation, auc, iou, height FROM sample JOIN evidence ON evidence.sample = sample.id"
      " WHERE class = ? ORDER BY input, part");
  for (size_t i = 0; i < a->tally->count && !status; i++)
    status = assess_total(a, &a->tally->items[i], select);
  sqlite3_finalize(select);
  return status;
}

/* ---- what needs all classes ---- */

static checkrob_status adjust(class_tally *tally) {
  double *p = malloc((tally->count + 1) * sizeof *p);
  if (!p) return error_memory("the classes' p-values");
  for (size_t i = 0; i < tally->count; i++) p[i] = tally->items[i].assessed->result.p;
  checkrob_status status = statistics_adjust(p, p, tally->count);
  for (size_t i = 0; i < tally->count; i++) tally->items[i].assessed->result.q = p[i];
  free(p);
  return status;
}

checkrob_status results_assess(class_tally *tally, store *s, const checkrob_verdict_rule *rule,
                               bool measured) {
  assessing *a = calloc(1, sizeof *a);
  if (!a) return error_memory("the classes' assessment");
  a->from = s;
  a->tally = tally;
  a->rule = rule;
  checkrob_status status = sum_maps(a);
  if (!status) status = assess_classes(a);
  if (!status) status = adjust(tally);
  for (size_t i = 0; i < tally->count && !status; i++) {
    class_assessment *assessed = tally->items[i].assessed;
    status = verdict_decide(&assessed->result, &assessed->reason, rule, measured);
  }
  assessing_clear(a);
  free(a);
  return status;
}
