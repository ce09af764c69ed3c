/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/assess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "classes/assessment.h"
#include "classes/cues.h"
#include "classes/features.h"
#include "classes/levelling.h"
#include "classes/looked_at.h"
#include "classes/pasted.h"
#include "classes/probe_shares.h"
#include "classes/statistics.h"
#include "classes/verdict.h"
#include "saliency/stored_map.h"
#include "table/reader.h"

static const column declared[] = {
    {"q", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0, "`p` adjusted for the number of classes"},
    {"blind_map", CHECKROB_COLUMN_DOUBLES, "", 0, 1, 0, COLUMN_HIDDEN,
     "mean map of the images of other classes, on the grid of the table `evidence`"}};

const column_list class_comparison_columns = {declared, sizeof declared / sizeof *declared};

/* The number of maps of other classes in the permutation test of a class. It is large enough that the p-value
 * depends on chance more than on the choice of the maps. */
#define POOL 512

/* A map in the pool. The pool contains the maps with the smallest marks: a random choice that does not depend
 * on the order of the samples, or on the shard that they are in. */
typedef struct pooled_map {
  uint64_t mark;
  int64_t class_index;
  float *map; /* [cells] */
} pooled_map;

typedef struct assessing {
  store *from;
  const verdict_rule *rule;
  const atomic_int *interrupted;
  sample_columns columns;
  /* Of the first map. Maps of another size have other positions, and are ignored. */
  int64_t height;
  size_t cells;     /* 0: no map yet */
  double *sums;     /* [cells]: the sum of all scaled maps that are not empty */
  size_t count;     /* their number */
  double *own_sums; /* [cells]: the same sum for the current class */
  size_t own_count;
  pooled_map pool[POOL];
  size_t pool_count;
  probe_sums probes;
  double unit; /* of probes */
  pasted_counts pasted;
  cue_samples cues;
  class_looks looks;
  row_list *looked_at;
} assessing;

static void assessing_clear(assessing *a) {
  free(a->sums);
  free(a->own_sums);
  probe_sums_clear(&a->probes);
  class_looks_clear(&a->looks);
  pasted_clear(&a->pasted);
  cue_samples_clear(&a->cues);
  for (size_t i = 0; i < a->pool_count; i++) free(a->pool[i].map);
}

static checkrob_status check_interrupted(const assessing *a) {
  if (!a->interrupted || !atomic_load(a->interrupted)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the assessment of the classes was interrupted");
}

static checkrob_status damaged(const store *s) {
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s is damaged: a sample's stored map differs in size from the others, or is no grid; "
                   "restore it, or score again, into another file",
                   store_path(s));
}

/* The stored map of a sample. */
typedef struct stored_maps {
  int64_t height;
  const float *map, *region, *counted; /* NULL if there is no value */
  size_t map_cells, region_cells, counted_cells;
} stored_maps;

/* False if the sample has none. */
static bool find_maps(stored_maps *out, const assessing *a, const checkrob_row *sample) {
  const checkrob_row *evidence = row_child(sample, a->columns.evidence, 0);
  if (!evidence) return false;
  out->height = row_integer(evidence, a->columns.height);
  out->map = row_floats(&out->map_cells, evidence, a->columns.map);
  out->region = row_floats(&out->region_cells, evidence, a->columns.region);
  out->counted = row_floats(&out->counted_cells, evidence, a->columns.counted);
  return true;
}

/* Whether the map has the grid of the first one. */
static bool is_on_grid(const assessing *a, const stored_maps *m) {
  return m->height == a->height && m->map && m->map_cells == a->cells;
}

static bool is_recognised(const assessing *a, const checkrob_row *sample) {
  return sample_is_evaluated(sample) && sample_hit(sample, &a->columns, a->rule->top_k) > 0;
}

/* ---- first pass: mean maps, the pool, and what probes say about other classes ---- */

/* The grid of all maps is that of the first one. Loops go over its rows. */
static checkrob_status prepare_sums(assessing *a, int64_t height, size_t cells) {
  if (height < 1 || height > STORED_MAP_SIDE || cells % (size_t)height != 0 ||
      cells / (size_t)height > STORED_MAP_SIDE)
    return damaged(a->from);
  a->height = height;
  a->cells = cells;
  a->sums = calloc(cells, sizeof *a->sums);
  a->own_sums = malloc(cells * sizeof *a->own_sums);
  return a->sums && a->own_sums ? CHECKROB_OK : error_memory("the classes' mean maps");
}

static size_t largest_mark(const assessing *a) {
  size_t largest = 0;
  for (size_t i = 1; i < a->pool_count; i++)
    if (a->pool[i].mark > a->pool[largest].mark) largest = i;
  return largest;
}

static checkrob_status offer_to_pool(assessing *a, uint64_t mark, int64_t class_index, const float *map) {
  size_t i = a->pool_count;
  if (i == POOL) {
    i = largest_mark(a);
    if (mark >= a->pool[i].mark) return CHECKROB_OK;
  } else {
    float *fresh = malloc(a->cells * sizeof *fresh);
    if (!fresh) return error_memory("maps for the permutation test");
    a->pool[a->pool_count++].map = fresh;
  }
  a->pool[i].mark = mark;
  a->pool[i].class_index = class_index;
  memcpy(a->pool[i].map, map, a->cells * sizeof *map);
  return CHECKROB_OK;
}

/* Adds a map; false if it is empty: an empty map has no information, not even about other positions. */
static bool add_map(double *sums, size_t *count, const float *map, size_t cells) {
  double sum = 0.0;
  for (size_t i = 0; i < cells; i++) {
    sums[i] += (double)map[i];
    sum += (double)map[i];
  }
  if (!(sum > 0.0)) return false;
  ++*count;
  return true;
}

static checkrob_status add_to_sums(assessing *a, const checkrob_row *sample) {
  int64_t class_index = row_integer(sample, SAMPLE_INDEX);
  stored_maps m;
  if (check_interrupted(a)) return CHECKROB_ERROR_INTERRUPTED;
  checkrob_status status = probe_sums_add(&a->probes, sample, &a->columns, a->unit);
  if (!status) status = pasted_add(&a->pasted, sample, &a->columns, a->rule);
  if (!status) status = cue_samples_add(&a->cues, sample, &a->columns);
  if (status || class_index < 0 || !find_maps(&m, a, sample)) return status;
  if (a->cells == 0 && m.map_cells > 0) status = prepare_sums(a, m.height, m.map_cells);
  if (status) return status;
  if (a->cells == 0 || !row_has(sample, SAMPLE_IMAGE)) return damaged(a->from);
  if (!is_on_grid(a, &m) || !add_map(a->sums, &a->count, m.map, a->cells)) return CHECKROB_OK;
  uint64_t mark = hash_text(HASH_START, row_text(sample, SAMPLE_IMAGE));
  mark = hash_bytes(mark, &class_index, sizeof class_index);
  return offer_to_pool(a, random_mix(mark ^ random_stream(a->rule->seed)), class_index, m.map);
}

static checkrob_status sum_maps(assessing *a) {
  table_reader *reader = NULL;
  checkrob_row *sample = NULL;
  bool has_cues = a->columns.properties[0] != ROW_NO_COLUMN; /* they count the other classes of an image */
  checkrob_status status =
      sample_reader_open(&reader, a->from, READ_HIDDEN_CHILDREN | (has_cues ? READ_CHILDREN : 0U));
  while (!status && !(status = table_reader_next(&sample, reader))) status = add_to_sums(a, sample);
  table_reader_close(reader);
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

/* ---- second pass: class by class ---- */

static checkrob_status copy_regions(class_samples *samples, size_t i, const assessing *a,
                                    const stored_maps *m) {
  if (!m->region || m->region_cells != a->cells) return damaged(a->from);
  memcpy(samples->regions + i * a->cells, m->region, a->cells * sizeof *m->region);
  if (!m->counted) return CHECKROB_OK;
  if (m->counted_cells != a->cells) return damaged(a->from);
  samples->counted[i] = malloc(a->cells * sizeof **samples->counted);
  if (!samples->counted[i]) return error_memory("a class's samples");
  memcpy(samples->counted[i], m->counted, a->cells * sizeof *m->counted);
  return CHECKROB_OK;
}

static checkrob_status add_probes(probe_shares *probes, const assessing *a, const checkrob_row *sample) {
  probe_answers answers = {.relative_logit = row_number(sample, a->columns.relative_logit)};
  for (int k = 0; k < PROBES; k++) {
    int64_t rank = row_integer(sample, a->columns.probe_ranks[k]);
    answers.ranks[k] = rank >= 1 ? (double)rank : NAN;
    answers.logits[k] = row_number(sample, a->columns.probe_logits[k]);
  }
  return is_recognised(a, sample) ? probe_shares_add(probes, &answers) : CHECKROB_OK;
}

static checkrob_status add_sample(class_samples *samples, assessing *a, const checkrob_row *sample) {
  const sample_columns *columns = &a->columns;
  stored_maps m;
  if (!find_maps(&m, a, sample) || !is_on_grid(a, &m)) return CHECKROB_OK;
  checkrob_status status = class_samples_grow(samples);
  if (status) return status;
  size_t i = samples->count++;
  samples->rs[i] = row_number(sample, columns->rs);
  samples->contrast[i] = row_number(sample, columns->contrast);
  samples->area[i] = row_number(sample, columns->region_share);
  samples->hit[i] = sample_hit(sample, columns, a->rule->top_k) > 0;
  samples->counted[i] = NULL;
  for (int k = 0; k < SAMPLE_METRICS; k++) samples->metrics[i][k] = row_number(sample, columns->metrics[k]);
  bool seen = add_map(a->own_sums, &a->own_count, m.map, a->cells);
  status = copy_regions(samples, i, a, &m);
  if (!status && seen && is_recognised(a, sample))
    status = class_looks_add(&a->looks, sample, columns, m.map, m.region, m.counted);
  return status;
}

static checkrob_status read_class(class_samples *samples, probe_shares *probes, assessing *a,
                                  table_reader *reader, int64_t class_index) {
  if (a->cells == 0) return CHECKROB_OK; /* no sample has a map */
  memset(a->own_sums, 0, a->cells * sizeof *a->own_sums);
  a->own_count = 0;
  class_looks_clear(&a->looks);
  a->looks = (class_looks){.height = (size_t)a->height, .width = a->cells / (size_t)a->height};
  sample_reader_select(reader, class_index);
  checkrob_row *sample = NULL;
  checkrob_status status = CHECKROB_OK;
  while (!status && !(status = table_reader_next(&sample, reader))) {
    status = add_sample(samples, a, sample);
    if (!status) status = add_probes(probes, a, sample);
  }
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

/* The mean map of all classes except the current one; NULL in *out if no other class has a map. */
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

static checkrob_status assess_row(checkrob_row *row, assessing *a, table_reader *reader) {
  int64_t class_index = checkrob_row_integer(row, "index");
  class_samples samples = {.cells = a->cells};
  probe_shares probes = {0};
  const float *maps[POOL];
  double *blind = NULL;
  foreign_maps foreign = {.maps = maps};
  for (size_t i = 0; i < a->pool_count; i++)
    if (a->pool[i].class_index != class_index) maps[foreign.count++] = a->pool[i].map;
  checkrob_status status = read_class(&samples, &probes, a, reader, class_index);
  if (!status) status = mean_of_others(&blind, a);
  foreign.mean = blind;
  if (!status) status = assess_class(row, &samples, &foreign, a->rule);
  if (!status) status = class_looks_compare(a->looked_at, &a->looks, row, blind);
  if (!status)
    status = row_set_doubles(row, row_layout_find(row_layout_of(row), "blind_map"), blind, a->cells);
  if (!status)
    status = probe_shares_set(row, &probes, probe_sums_find(&a->probes, class_index), a->unit, a->rule);
  class_samples_clear(&samples);
  probe_shares_clear(&probes);
  free(blind);
  return status;
}

static checkrob_status assess_each(checkrob_row *const *classes, size_t count, assessing *a) {
  table_reader *reader = NULL;
  checkrob_status status =
      sample_reader_open_by_class(&reader, a->from, READ_HIDDEN_CHILDREN | READ_CHILDREN);
  for (size_t i = 0; i < count && !status; i++) {
    status = check_interrupted(a);
    if (!status) status = assess_row(classes[i], a, reader);
  }
  table_reader_close(reader);
  return status;
}

/* ---- numbers that depend on all classes ---- */

static checkrob_status adjust(checkrob_row *const *classes, size_t count) {
  double *p = malloc((count + 1) * sizeof *p);
  if (!p) return error_memory("the classes' p-values");
  for (size_t i = 0; i < count; i++) p[i] = checkrob_row_number(classes[i], "p");
  checkrob_status status = statistics_adjust(p, p, count);
  for (size_t i = 0; i < count && !status; i++) row_put_number(classes[i], "q", p[i]);
  free(p);
  return status;
}

checkrob_status assess_rows(checkrob_row *const *classes, size_t count, class_tables *tables, store *s,
                            double unit, const verdict_rule *rule, const atomic_int *interrupted) {
  assessing *a = calloc(1, sizeof *a);
  if (!a) return error_memory("the classes' assessment");
  a->from = s;
  a->unit = unit;
  a->looked_at = &tables->looked_at;
  a->rule = rule;
  a->interrupted = interrupted;
  sample_columns_find(&a->columns, store_samples(s));
  checkrob_status status = sum_maps(a);
  if (!status) status = assess_each(classes, count, a);
  if (!status) status = adjust(classes, count);
  if (!status) status = level_suspicions(classes, count);
  if (!status) status = looked_at_finish(&tables->looked_at, classes, count);
  if (!status) status = cues_fill(&tables->cues, &a->cues, classes, count);
  if (!status) status = pasted_fill(&tables->pasted, &a->pasted, classes, count, rule);
  if (!status) status = features_assess(&tables->features, classes, count, s, rule);
  if (!status) status = features_finish(&tables->features, classes, count);
  network_numbers network = network_numbers_of(classes, count);
  for (size_t i = 0; i < count && !status; i++) status = verdict_decide(classes[i], &network, rule);
  assessing_clear(a);
  free(a);
  return status;
}
