/* Scores: numbers from maps and regions.
 *
 *   RS = sum(M * B) / sum(M), in [0, 1]: the share of the saliency M that lies on the object's region B. The
 *   robustness score of Szyc et al., ECML PKDD 2021; also known as energy-based pointing game (Wang et al.,
 *   Score-CAM, CVPRW 2020) and relevance mass accuracy (Arras et al., 2022).
 *   CRS(c) = mean RS over the evaluated images whose label is c.
 *   acc(c) = share of those images whose true class is among the k highest logits.
 * High accuracy with low CRS: the class is recognised from something that is not the object.
 * What RS leaves open: it grows with the object's size. A flat map scores the object's share of the area.
 *
 * Pure functions: no state, safe from any thread.
 */
#ifndef CHECKROB_SCORE_H
#define CHECKROB_SCORE_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

/* RS of `map` M and `coverage` B, both `count` pixels. A map without any saliency, or with NaN, scores 0.
 * Sums are taken in double. */
CHECKROB_API double checkrob_robustness_score(const float *map, const float *coverage, size_t count);

/* The same where a part of the image is counted neither way: `ignored` [count], 0 to 1, NULL for none. What
 * lies on the region counts all the same: RS = sum(M * B) / sum(M * (1 - I * (1 - B))). */
CHECKROB_API double checkrob_robustness_score_ignoring(const float *map, const float *coverage,
                                                       const float *ignored, size_t count);

/* The localisation metrics of the field, of `map` M and the region: the pixels with `coverage` B >= 1/2. All
 * are at their best at 1 and at their worst at 0. Pixels of equal value have no order: each metric says how
 * it deals with them, and none depends on where in the picture they are. */
typedef struct checkrob_localisation {
  size_t size;
  double pointing_game; /* 1 where a pixel of the highest value lies on the region, else 0. Zhang et al.,
                           Top-down Neural Attention by Excitation Backprop, IJCV 2018; without its tolerance
                           of 15 pixels */
  double rank_accuracy; /* relevance rank accuracy: of the highest K pixels, K the region's size, the share
                           on it. Where the cut falls among equal pixels, they count by the share of them
                           that is above it. Arras et al., CLEVR-XAI, Information Fusion 2022 */
  double top_k_intersection; /* the same for K = 1000, or all pixels where there are fewer. Theiner et al.,
                                Interpretable Semantic Photo Geolocation, WACV 2022 */
  double attribution_localisation; /* sum of M on the region / sum of M. Kohlbrenner et al., Towards Best
                                      Practice in Explaining Neural Network Decisions with LRP, IJCNN 2020.
                                      RS with a region of whole pixels */
  double auc; /* area under the ROC curve of M as a score for lying on the region: the probability that a
                 pixel on it is higher than one off it, equal ones counting half. NaN where no pixel lies off
                 it. Fawcett, An Introduction to ROC Analysis, 2006 */
  double iou; /* the highest intersection over union of the region with the pixels above a threshold >= 0 */
} checkrob_localisation;

#define CHECKROB_LOCALISATION_INIT \
  { sizeof(checkrob_localisation), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 }

/* All of them, of `count` pixels. `ignored` [count], NULL for none: pixels with 1/2 or more that are not on
 * the region are left out of everything. All are NaN where the region has no pixel, or the map a negative,
 * infinite or NaN value; where the map is 0 everywhere, all are 0, but auc is 1/2. Errors: INVALID_ARGUMENT
 * (NULL, a size that is not set, 2^32 pixels or more), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_localise(checkrob_localisation *out, const float *map,
                                               const float *coverage, const float *ignored, size_t count);

/* The place of class `target` among the logits [classes], 1 for the highest; 0 where there is no such class.
 * Equal logits: the lower index goes first. NaN ranks below every number. */
CHECKROB_API int64_t checkrob_rank(const float *logits, size_t classes, int64_t target);

/* 1 if class `target` is among the k highest of logits [classes], else 0. Equal logits: the lower index goes
 * first. NaN ranks below every number. */
CHECKROB_API int checkrob_top_k_hit(const float *logits, size_t classes, int64_t target, size_t k);

/* Writes the indices of the k highest logits, the highest first, to `indices` [k]; k at most `classes`. */
CHECKROB_API checkrob_status checkrob_top_k(int64_t *indices, const float *logits, size_t classes, size_t k);

CHECKROB_END_DECLS
#endif
