/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/class_columns.h"

#include <math.h>

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define TEXT CHECKROB_COLUMN_TEXT

#define LOW "lower end of the interval of "
#define HIGH "upper end of the interval of "
#define MEAN "mean over the evaluated samples that have the number"

static const column classes[] = {
    {"class", TEXT, "", 0, 0, 0, 0, "first name in the class map"},
    {"index", INTEGER, "", 0, INFINITY, 0, 0, "output index"},
    {"images", INTEGER, "samples", 0, INFINITY, 0, 0, "samples evaluated"},
    {"failed", INTEGER, "samples", 0, INFINITY, 0, 0, "samples of this class that could not be evaluated"},
    {"acc", NUMBER, "", 0, 1, 6, 0,
     "share of the evaluated samples with `rank` at most the option `top_k`; empty without any"},
    {"crs", NUMBER, "", 0, 1, 6, 0,
     "mean of `rs` over the evaluated samples, `empty_map` included; empty without any"},
    {"crs_low", NUMBER, "", 0, 1, 6, 0,
     LOW "`crs`: bootstrap (BCa) at the option `verdict_level`; empty with fewer than two samples"},
    {"crs_high", NUMBER, "", 0, 1, 6, 0, HIGH "`crs`"},
    {"area", NUMBER, "", 0, 1, 6, 0, "mean of `region_share`: the score of a flat map"},
    {"rs0", NUMBER, "", 0, 1, 6, 0, "mean of `rs0`; empty without other classes"},
    {"ers", NUMBER, "", -INFINITY, 1, 6, 0, "excess robustness `(crs - rs0) / (1 - rs0)`"},
    {"ers_low", NUMBER, "", -INFINITY, 1, 6, 0, LOW "`ers`"},
    {"ers_high", NUMBER, "", -INFINITY, 1, 6, 0, HIGH "`ers`"},
    {"lift", NUMBER, "nats", -INFINITY, INFINITY, 6, 0, "`logit(crs) - logit(rs0)`"},
    {"contrast", NUMBER, "nats for the log-odds", -INFINITY, INFINITY, 6, 0,
     "mean of `contrast` over the recognised samples"},
    {"robustness", NUMBER, "nats", -INFINITY, INFINITY, 6, 0,
     "of the recognised samples: `logit(mean rs) - logit(mean region_share) + contrast / 2`"},
    {"robustness_low", NUMBER, "nats", -INFINITY, INFINITY, 6, 0, LOW "`robustness`"},
    {"robustness_high", NUMBER, "nats", -INFINITY, INFINITY, 6, 0, HIGH "`robustness`"},
    {"p", NUMBER, "", 0, 1, 6, 0,
     "share of permutations in which maps of other classes score as high on the recognised samples' regions; "
     "the verdict does not depend on it"},
    {"q", NUMBER, "", 0, 1, 6, 0, "`p` adjusted for the number of classes"},
    {"needed", NUMBER, "samples", 2, INFINITY, 6, 0,
     "estimated number of recognised samples for an interval on one side of the thresholds, at least the "
     "option `verdict_min_images`; empty between the thresholds"},
    {"pointing_game", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"rank_accuracy", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"top_k_intersection", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"attribution_localisation", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"auc", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"iou", NUMBER, "", 0, 1, 6, 0, MEAN},
    {"recognised", INTEGER, "samples", 0, INFINITY, 0, 0,
     "evaluated samples with `rank` at most `top_k`, and with a contrast if the method computes one"},
    {"verdict", TEXT, "", 0, 0, 0, 0,
     "`not suspicious`, `doubtful`, `non-robust` or `not enough data`; `robust` instead of `not suspicious` "
     "if the option `verdict_robust` is set"},
    {"reason_code", TEXT, "", 0, 0, 0, 0, "reason for the verdict, as a word for programs"},
    {"reason", TEXT, "", 0, 0, 0, 0,
     "reason for the verdict, as text for users, with the numbers that it depends on"},
    {"blind_map", CHECKROB_COLUMN_DOUBLES, "", 0, 1, 0, COLUMN_HIDDEN,
     "mean map of the images of other classes, on the grid of the table `evidence`"}};

const column_list class_columns = {classes, sizeof classes / sizeof *classes};

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
    {"seconds", NUMBER, "s", 0, INFINITY, 6, 0, "wall time of the run, without loading the model's file"},
    {"setup_seconds", NUMBER, "s", 0, INFINITY, 6, 0, "of this, before the first image"},
    {"model_seconds", NUMBER, "s", 0, INFINITY, 6, 0, "of this, in the model"},
    {"wait_seconds", NUMBER, "s", 0, INFINITY, 6, 0, "of this, waiting for decoded images"}};

const column_list totals_columns = {totals, sizeof totals / sizeof *totals};

checkrob_status class_layout_new(row_layout **out) {
  return row_layout_new(out, CLASS_TABLE, &class_columns, 1, NULL, 0);
}

checkrob_status totals_layout_new(row_layout **out) {
  return row_layout_new(out, TOTALS_TABLE, &totals_columns, 1, NULL, 0);
}
