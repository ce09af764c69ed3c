/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/sample_columns.h"

#include <stdio.h>

const char *const sample_metric_names[SAMPLE_METRICS] = {
    "pointing_game", "rank_accuracy", "top_k_intersection", "attribution_localisation", "auc", "iou"};

static void find_children(sample_columns *out, const row_layout *samples) {
  if (out->evidence != ROW_NO_COLUMN) {
    const row_layout *evidence = row_layout_child(samples, out->evidence);
    out->height = row_layout_find(evidence, "height");
    out->map = row_layout_find(evidence, "map");
    out->region = row_layout_find(evidence, "region");
    out->counted = row_layout_find(evidence, "counted");
  }
  if (out->other == ROW_NO_COLUMN) return;
  const row_layout *other = row_layout_child(samples, out->other);
  out->other_class = row_layout_find(other, "class");
  out->other_index = row_layout_find(other, "index");
  out->other_region = row_layout_find(other, "region");
}

void sample_columns_find(sample_columns *out, const row_layout *samples) {
  *out =
      (sample_columns){.rs = row_layout_find(samples, "rs"),
                       .region_share = row_layout_find(samples, "region_share"),
                       .contrast = row_layout_find(samples, "contrast"),
                       .rank = row_layout_find(samples, "rank"),
                       .predicted = row_layout_find(samples, "predicted"),
                       .logit = row_layout_find(samples, "logit"),
                       .hit = row_layout_find(samples, "hit"),
                       .empty_map = row_layout_find(samples, "empty_map"),
                       .rs0 = row_layout_find(samples, "rs0"),
                       .ers = row_layout_find(samples, "ers"),
                       .lift = row_layout_find(samples, "lift"),
                       .pasted_index = row_layout_find(samples, "pasted_index"),
                       .pasted_rank = row_layout_find(samples, "pasted_rank"),
                       .relative_logit = row_layout_find(samples, "relative_logit"),
                       .donor_index = row_layout_find(samples, "donor_index"),
                       .donor_logit = row_layout_find(samples, "donor_relative_logit"),
                       .donor_transplanted = row_layout_find(samples, "donor_relative_logit_transplanted"),
                       .donor_blurred = {row_layout_find(samples, "donor_relative_logit_blurred"),
                                         row_layout_find(samples, "donor_relative_logit_slightly_blurred")},
                       .evidence = row_layout_find_child(samples, "evidence"),
                       .other = row_layout_find_child(samples, "other"),
                       .height = ROW_NO_COLUMN,
                       .map = ROW_NO_COLUMN,
                       .region = ROW_NO_COLUMN,
                       .counted = ROW_NO_COLUMN,
                       .other_class = ROW_NO_COLUMN,
                       .other_index = ROW_NO_COLUMN,
                       .other_region = ROW_NO_COLUMN};
  for (int m = 0; m < SAMPLE_METRICS; m++) out->metrics[m] = row_layout_find(samples, sample_metric_names[m]);
  for (int p = 0; p < PROPERTIES; p++) {
    char name[64];
    snprintf(name, sizeof name, "property_%s", property_names[p]);
    out->properties[p] = row_layout_find(samples, name);
  }
  for (int k = 0; k < PROBES; k++) {
    char name[64];
    snprintf(name, sizeof name, "rank_%s", probe_names[k]);
    out->probe_ranks[k] = row_layout_find(samples, name);
    snprintf(name, sizeof name, "relative_logit_%s", probe_names[k]);
    out->probe_logits[k] = row_layout_find(samples, name);
  }
  find_children(out, samples);
}

bool sample_has_probes(const row_layout *samples) {
  sample_columns columns;
  sample_columns_find(&columns, samples);
  return columns.probe_ranks[0] != ROW_NO_COLUMN;
}

int sample_hit(const checkrob_row *sample, const sample_columns *columns, size_t top_k) {
  int64_t rank = row_integer(sample, columns->rank);
  return rank < 0 ? -1 : rank >= 1 && (uint64_t)rank <= top_k;
}
