#include "results/assess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "score/assessment.h"
#include "score/evidence.h"
#include "score/statistics.h"
#include "score/verdict.h"

/* Maps that a class's regions are exchanged with: enough that the p-value depends on their choice no more than on
 * chance. */
#define POOL 512

/* A map in the pool. Those with the smallest marks of all are kept: a random choice that does not depend on the
 * order of the samples, or on the shard that they come from. */
typedef struct pooled_map {
  uint64_t mark;
  int64_t class_index;
  float *map; /* [cells] */
} pooled_map;

typedef struct assessing {
  store *from;
  class_tally *tally;
  const checkrob_verdict_rule *rule;
  size_t cells;        /* 0: no map is known yet */
  double *sums;        /* [classes, cells] of scaled maps */
  size_t *counts;      /* [classes] of maps that are not empty */
  double *all;         /* [cells] */
  size_t all_count;
  pooled_map pool[POOL];
  size_t pool_count;
} assessing;

static void assessing_clear(assessing *a) {
  free(a->sums);
  free(a->counts);
  free(a->all);
  for (size_t i = 0; i < a->pool_count; i++) free(a->pool[i].map);
}

static checkrob_status broken(const store *s) {
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s is damaged: a sample's evidence does not have the size of the others'; restore it, or score "
                   "again",
                   s->path);
}

/* ---- first pass: mean maps, and the pool ---- */

static checkrob_status prepare_sums(assessing *a, size_t cells) {
  a->cells = cells;
  a->sums = calloc(a->tally->count * cells + 1, sizeof *a->sums);
  a->counts = calloc(a->tally->count + 1, sizeof *a->counts);
  a->all = calloc(cells + 1, sizeof *a->all);
  return a->sums && a->counts && a->all ? CHECKROB_OK : error_memory("the classes' mean maps");
}

static size_t largest_mark(const assessing *a) {
  size_t largest = 0;
  for (size_t i = 1; i < a->pool_count; i++)
    if (a->pool[i].mark > a->pool[largest].mark) largest = i;
  return largest;
}

static checkrob_status offer_to_pool(assessing *a, uint64_t mark, int64_t class_index, const float *map) {
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
  memcpy(a->pool[place].map, map, a->cells * sizeof *map);
  return CHECKROB_OK;
}

static checkrob_status add_map(assessing *a, int64_t class_index, const char *image, const float *map) {
  const class_total *total = tally_find(a->tally, class_index);
  if (!total) return broken(a->from);
  size_t place = (size_t)(total - a->tally->items);
  double sum = 0.0;
  for (size_t i = 0; i < a->cells; i++) {
    a->sums[place * a->cells + i] += (double)map[i];
    a->all[i] += (double)map[i];
    sum += (double)map[i];
  }
  if (!(sum > 0.0)) return CHECKROB_OK; /* an empty one knows nothing, not even where others look */
  a->counts[place]++;
  a->all_count++;
  uint64_t mark = hash_bytes(hash_text(HASH_START, image), &class_index, sizeof class_index);
  return offer_to_pool(a, random_mix(mark ^ random_stream(a->rule->seed)), class_index, map);
}

static checkrob_status sum_maps(assessing *a) {
  sqlite3_stmt *select = NULL;
  checkrob_status status =
      store_prepare(&select, a->from,
                    "SELECT class, image, map FROM sample JOIN evidence ON evidence.sample = sample.id"
                    " WHERE class IS NOT NULL ORDER BY input, part");
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) {
    const char *image = (const char *)sqlite3_column_text(select, 1);
    const float *map = sqlite3_column_blob(select, 2);
    size_t cells = (size_t)sqlite3_column_bytes(select, 2) / sizeof *map;
    if (a->cells == 0 && cells > 0) status = prepare_sums(a, cells);
    if (!status && (!map || !image || cells != a->cells)) status = broken(a->from);
    if (!status) status = add_map(a, sqlite3_column_int64(select, 0), image, map);
  }
  if (!status && code != SQLITE_DONE) status = store_error(a->from, "read");
  sqlite3_finalize(select);
  return status;
}

/* ---- second pass: class by class ---- */

static double real(sqlite3_stmt *s, int column) {
  return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN : sqlite3_column_double(s, column);
}

static checkrob_status add_sample(class_samples *samples, sqlite3_stmt *row, const store *from) {
  size_t bytes = samples->cells * sizeof(float);
  const float *region = sqlite3_column_blob(row, 4);
  if (!region || (size_t)sqlite3_column_bytes(row, 4) != bytes) return broken(from);
  const float *counted = sqlite3_column_blob(row, 5);
  if (counted && (size_t)sqlite3_column_bytes(row, 5) != bytes) return broken(from);
  checkrob_status status = class_samples_grow(samples);
  if (status) return status;
  size_t i = samples->count++;
  samples->rs[i] = real(row, 0);
  samples->contrast[i] = real(row, 1);
  samples->area[i] = real(row, 2);
  samples->hit[i] = sqlite3_column_int(row, 3) != 0;
  memcpy(samples->regions + i * samples->cells, region, bytes);
  samples->counted[i] = counted ? malloc(bytes) : NULL;
  if (counted && !samples->counted[i]) return error_memory("a class's samples");
  if (counted) memcpy(samples->counted[i], counted, bytes);
  samples->localisation[i] = (checkrob_localisation){
      sizeof(checkrob_localisation), real(row, 6), real(row, 7), real(row, 8), real(row, 9), real(row, 10),
      real(row, 11)};
  return CHECKROB_OK;
}

static checkrob_status read_class(class_samples *samples, sqlite3_stmt *select, int64_t class_index,
                                  const store *from) {
  sqlite3_bind_int64(select, 1, class_index);
  checkrob_status status = CHECKROB_OK;
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(select)) == SQLITE_ROW) status = add_sample(samples, select, from);
  if (!status && code != SQLITE_DONE) status = store_error(from, "read");
  sqlite3_reset(select);
  return status;
}

/* The mean map of all classes but one; NULL in *out where no other class has a map. */
static checkrob_status mean_of_others(double **out, const assessing *a, size_t place) {
  size_t count = a->all_count - a->counts[place];
  *out = NULL;
  if (count == 0) return CHECKROB_OK;
  double *mean = malloc(a->cells * sizeof *mean);
  if (!mean) return error_memory("a class's object-blind map");
  for (size_t i = 0; i < a->cells; i++)
    mean[i] = fmax(a->all[i] - a->sums[place * a->cells + i], 0.0) / (double)count;
  *out = mean;
  return CHECKROB_OK;
}

static checkrob_status assess_place(assessing *a, size_t place, sqlite3_stmt *select) {
  class_total *total = &a->tally->items[place];
  class_samples samples = {.cells = a->cells};
  class_assessment *assessed = calloc(1, sizeof *assessed);
  if (!assessed) return error_memory("a class's assessment");
  class_assessment_free(total->assessed);
  total->assessed = NULL;
  assessed->result = tally_result(total);
  assessed->cells = a->cells;
  const float *maps[POOL];
  foreign_maps foreign = {.maps = maps};
  for (size_t i = 0; i < a->pool_count; i++)
    if (a->pool[i].class_index != total->index) maps[foreign.count++] = a->pool[i].map;
  checkrob_status status = a->cells > 0 ? mean_of_others(&assessed->blind, a, place) : CHECKROB_OK;
  foreign.mean = assessed->blind;
  if (!status && a->cells > 0) status = read_class(&samples, select, total->index, a->from);
  if (!status) status = assess_class(&assessed->result, &samples, &foreign, a->rule);
  class_samples_clear(&samples);
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
      "SELECT rs, contrast, region_share, hit, region, counted, pointing_game, rank_accuracy, top_k_intersection,"
      " attribution_localisation, auc, iou FROM sample JOIN evidence ON evidence.sample = sample.id"
      " WHERE class = ? ORDER BY input, part");
  for (size_t i = 0; i < a->tally->count && !status; i++) status = assess_place(a, i, select);
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

checkrob_status results_assess(class_tally *tally, store *s, const checkrob_verdict_rule *rule) {
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
    status = verdict_decide(&assessed->result, &assessed->reason, rule);
  }
  assessing_clear(a);
  free(a);
  return status;
}
