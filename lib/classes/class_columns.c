/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/class_columns.h"

#include <math.h>

#include "classes/assess.h"
#include "classes/assessment.h"
#include "classes/features.h"
#include "classes/looked_at.h"
#include "classes/probe_shares.h"
#include "classes/sample_columns.h"
#include "classes/tally.h"
#include "classes/verdict.h"

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER

/* In the order of export. Each part is declared in the file that computes it. */
const column_list *const class_parts[CLASS_PARTS] = {
    &class_count_columns,     &class_score_columns,   &class_probe_columns,  &class_comparison_columns,
    &class_looked_at_columns, &class_feature_columns, &class_verdict_columns};

/* Whether samples of this layout (NULL: any) have what the part is computed from. */
static bool has_part(const column_list *part, const row_layout *samples) {
  return part != &class_probe_columns || !samples || sample_has_probes(samples);
}

static const column totals[] = {
    {"inputs", INTEGER, "images", 0, INFINITY, 0, 0, "images, and annotations without image"},
    {"skipped", INTEGER, "images", 0, INFINITY, 0, 0,
     "of the inputs: without a sample, by the option `skip_unmapped`"},
    {"samples", INTEGER, "samples", 0, INFINITY, 0, 0, "rows"},
    {"resumed", INTEGER, "samples", 0, INFINITY, 0, 0,
     "of the samples: found in the results file that the run resumed"},
    {"evaluated", INTEGER, "samples", 0, INFINITY, 0, 0, "of the samples: with a score"},
    {"failed", INTEGER, "samples", 0, INFINITY, 0, 0, "of the samples: without a score"},
    {"empty_maps", INTEGER, "samples", 0, INFINITY, 0, 0, "of the evaluated samples: with an empty map"},
    {"remarks", INTEGER, "samples", 0, INFINITY, 0, 0,
     "of the evaluated samples: whose image or annotation looks odd, as their message says"},
    {"seconds", NUMBER, "s", 0, INFINITY, 6, 0, "wall time of the run, without loading the model's file"},
    {"setup_seconds", NUMBER, "s", 0, INFINITY, 6, 0, "of this, before the first image"},
    {"model_seconds", NUMBER, "s", 0, INFINITY, 6, 0, "of this, in the model"},
    {"wait_seconds", NUMBER, "s", 0, INFINITY, 6, 0, "of this, waiting for decoded images"}};

const column_list totals_columns = {totals, sizeof totals / sizeof *totals};

checkrob_status class_layout_new(row_layout **out, const row_layout *samples) {
  column_list parts[CLASS_PARTS];
  size_t count = 0;
  for (size_t i = 0; i < CLASS_PARTS; i++)
    if (has_part(class_parts[i], samples)) parts[count++] = *class_parts[i];
  return row_layout_new(out, CLASS_TABLE, parts, count, NULL, 0);
}

checkrob_status totals_layout_new(row_layout **out) {
  return row_layout_new(out, TOTALS_TABLE, &totals_columns, 1, NULL, 0);
}
