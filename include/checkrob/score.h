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
