/* SPDX-License-Identifier: Apache-2.0 */
/* Scores: numbers from maps and regions.
 *
 *   RS = sum(M * B) / sum(M), in [0, 1]: the share of the saliency M that is on the object's region B. This
 *   is the robustness score of Szyc et al., ECML PKDD 2021; also known as energy-based pointing game (Wang et
 *   al., Score-CAM, CVPRW 2020) and relevance mass accuracy (Arras et al., 2022).
 *   CRS(c) = mean RS over the evaluated images whose label is c.
 *   acc(c) = share of those images whose true class is among the k highest logits.
 * High accuracy with a low CRS: the model recognises the class by something other than the object.
 * RS has a limit: it grows with the object's size. A flat map scores the object's share of the area.
 *
 * Pure functions: no state, safe from any thread.
 */
#ifndef CHECKROB_SCORE_H
#define CHECKROB_SCORE_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

/* RS of `map` M and `coverage` B, both of `count` pixels. An empty map, or one with NaN, scores 0; NULL has
 * no score: NaN. Sums are computed in double. */
CHECKROB_API double checkrob_robustness_score(const float *map, const float *coverage, size_t count);

/* The same, but a part of the image counts neither way: `ignored` I [count], 0 to 1, NULL for none. Pixels of
 * the region count in any case: RS = sum(M * B) / sum(M * (1 - I * (1 - B))). */
CHECKROB_API double checkrob_robustness_score_ignoring(const float *map, const float *coverage,
                                                       const float *ignored, size_t count);

/* Common localisation metrics of `map` M and the region, which is the pixels with `coverage` B >= 1/2. For
 * all of them 1 is best and 0 is worst. Pixels of equal value have no order: each metric states how it treats
 * them, and none depends on their position in the image. */
typedef struct checkrob_localisation {
  size_t size;
  /* 1 if a pixel of the highest value is on the region, else 0. Zhang et al., Top-down Neural Attention by
   * Excitation Backprop, IJCV 2018; without the tolerance of 15 pixels used there. */
  double pointing_game;
  /* Relevance rank accuracy: among the K highest pixels, the share that is on the region. K is the region's
   * size. Of the pixels that equal the lowest of the K, each counts by the share of them that is among the K.
   * Arras et al., CLEVR-XAI, Information Fusion 2022. */
  double rank_accuracy;
  /* The same for K = 1000, or all pixels if there are fewer. Theiner et al., Interpretable Semantic Photo
   * Geolocation, WACV 2022. */
  double top_k_intersection;
  /* Sum of M on the region / sum of M: RS with a region of whole pixels. Kohlbrenner et al., Towards Best
   * Practice in Explaining Neural Network Decisions with LRP, IJCNN 2020. */
  double attribution_localisation;
  /* Area under the ROC curve, with M as the score for being on the region: the probability that a pixel on
   * the region is higher than one off it. Equal pixels count half. NaN if no pixel is off the region.
   * Fawcett, An Introduction to ROC Analysis, 2006. */
  double auc;
  /* The highest intersection over union of the region with the pixels above a threshold >= 0. */
  double iou;
} checkrob_localisation;

#define CHECKROB_LOCALISATION_INIT \
  { sizeof(checkrob_localisation), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 }

/* Computes all of them for `count` pixels. `ignored` [count], NULL for none: pixels of 1/2 or more that are
 * not on the region are excluded from all metrics. All metrics are NaN if the region has no pixel, or if the
 * map has a negative, infinite or NaN value. If the map is 0 everywhere, auc is 1/2 and the others are 0.
 * Errors: INVALID_ARGUMENT (NULL, `size` is not set, 2^32 pixels or more), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_localise(checkrob_localisation *out, const float *map,
                                               const float *coverage, const float *ignored, size_t count);

/* The rank of class `target` among logits [classes], 1 for the highest; 0 if there is no such class. Of equal
 * logits the lower index is first. NaN ranks below every number. */
CHECKROB_API int64_t checkrob_rank(const float *logits, size_t classes, int64_t target);

/* 1 if class `target` is among the k highest of logits [classes], else 0. Of equal logits the lower index is
 * first. NaN ranks below every number. */
CHECKROB_API int checkrob_top_k_hit(const float *logits, size_t classes, int64_t target, size_t k);

/* Writes the indices of the k highest logits, the highest first, to `indices` [k]; k at most `classes`. */
CHECKROB_API checkrob_status checkrob_top_k(int64_t *indices, const float *logits, size_t classes, size_t k);

CHECKROB_END_DECLS
#endif
