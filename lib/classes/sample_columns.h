/* SPDX-License-Identifier: Apache-2.0 */
/* The indices of the sample columns from which the classes are computed. They are found by name: a results
 * file may have columns of any analyses, in any order, or lack these. */
#ifndef CHECKROB_LIB_SAMPLE_COLUMNS_H
#define CHECKROB_LIB_SAMPLE_COLUMNS_H

#include "analysis/properties.h"
#include "probe/probe.h"
#include "table/sample.h"

#define SAMPLE_METRICS 6
/* Metrics of samples and classes. */
extern const char *const sample_metric_names[SAMPLE_METRICS];

/* Indices; ROW_NO_COLUMN if there is no such column. */
typedef struct sample_columns {
  size_t rs, region_share, contrast, rank, hit, empty_map, rs0, ers, lift, metrics[SAMPLE_METRICS];
  size_t evidence; /* the child table, and its columns */
  size_t height, map, region, counted;
  size_t other; /* the child table, and its columns */
  size_t other_class, other_index, other_region;
  size_t predicted, logit;
  size_t properties[PROPERTIES];
  size_t probe_ranks[PROBES], probe_logits[PROBES];
  size_t pasted_index, pasted_rank; /* of `advice` */
  size_t relative_logit, donor_index, donor_logit, donor_transplanted, donor_blurred[2];
} sample_columns;

void sample_columns_find(sample_columns *out, const row_layout *samples);

/* Whether samples of this layout may have been probed. */
bool sample_has_probes(const row_layout *samples);

/* 1: the class is among the k highest logits; 0: it is not; -1: the rank has no value. */
int sample_hit(const checkrob_row *sample, const sample_columns *columns, size_t top_k);

#endif
