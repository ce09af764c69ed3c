/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts: whether there is reason to distrust a class, judged from all its samples.
 *
 * RS depends on the object's size: a map that knows nothing about the image has a score too. So RS is
 * compared with the scores of such maps on the same regions. With logit(x) = log(x / (1 - x)), and means over
 * the samples of a class:
 *
 * - area: the share of the image that the object covers. A flat map scores this.
 *
 * - RS0, the object-blind score: what the region receives from the mean map of the images of other classes.
 *   That map knows where objects usually are and where the model usually responds, but not this object.
 *
 * - ERS = (CRS - RS0) / (1 - RS0), excess robustness: 1 is all saliency on the object, 0 is object-blind.
 *
 * - lift = logit(CRS) - logit(RS0): the same comparison, on a scale without bounds. Small and large objects
 *   have the same range.
 *
 * The attribution e of checkrob_explanation_attribution adds how strong the contributions are:
 *
 * - contrast = sum max(e, 0) (2 on - 1), with on = sqrt(the share of a position's part of the image that is
 *   object): the positive attribution on the object less that elsewhere, in nats (log-odds).
 *
 * Together:
 *
 *   robustness = logit(mean RS) - logit(mean area) + mean contrast / 2
 *
 * over the images that are recognised, because the saliency of a wrong answer does not explain a right one.
 * The robustness decides the verdict on a class without probes. On synthetic data with planted cues it ranks
 * spurious classes at an AUROC of 0.92, and its rank correlation with the object's size is 0.03. On real
 * photos with a real backbone the AUROC is 0.67, the correlation is 0.47, and the interval of 37 % of the
 * spurious classes is above 0. Probes (the option probe) ask the model again, and do better. See
 * docs/score.md for all measurements, and for when not to trust them. Methods without gradients have no
 * contrast; the other terms then decide alone.
 */
#ifndef CHECKROB_VERDICT_H
#define CHECKROB_VERDICT_H

#include <checkrob/status.h>
#include <stddef.h>

CHECKROB_BEGIN_DECLS

typedef enum checkrob_verdict {
  CHECKROB_VERDICT_NOT_ENOUGH_DATA = 0,
  CHECKROB_VERDICT_NON_ROBUST = 1,
  CHECKROB_VERDICT_DOUBTFUL = 2,
  /* The class meets the user's own threshold. This verdict is possible only if the option verdict_robust is
   * set. */
  CHECKROB_VERDICT_ROBUST = 3,
  /* The best verdict if verdict_robust is not set: the correlational score found nothing against the class.
   * This does not show that the class is robust. */
  CHECKROB_VERDICT_NOT_SUSPICIOUS = 4,
  /* The best verdict on a probed class: the probes found nothing off the object that the class needs. A cue
   * that they cannot take away stays unseen. */
  CHECKROB_VERDICT_NO_DEPENDENCE_FOUND = 5
} checkrob_verdict;

/* "not enough data", "non-robust", "doubtful", "robust", "not suspicious", "no dependence found", as in the
 * column "verdict" of a class; "" for an unknown number. */
CHECKROB_API const char *checkrob_verdict_name(checkrob_verdict verdict);
/* Errors: NOT_FOUND, INVALID_ARGUMENT (NULL). */
CHECKROB_API checkrob_status checkrob_verdict_find(checkrob_verdict *out, const char *name);

/* How a verdict is decided: the options verdict_* (options.h).
 *
 * A verdict of non-robust needs evidence of cause, which saliency alone is not: only a class with probes (the
 * option probe) gets it. Such a class is judged by its suspicion (docs/method.md): it is non-robust if that
 * is certainly above verdict_suspicion; if it may lie anywhere from below 0 to above the threshold, there is
 * not enough data; and it is doubtful if it may be above, or if only the saliency speaks against it. A class
 * without a suspicion is judged by its robustness: doubtful if that is certainly below verdict_off_object.
 *
 * verdict_robust has no default: no threshold that was measured separates robust classes from spurious ones
 * on real photos. If it is not set, the comparison uses 0, and the best verdict is "not suspicious".
 *
 * The 0, and the default of verdict_off_object, were measured with the default options of a run:
 * Grad-CAM++, log-odds, blank reference, one layer. With other options and without verdict_robust the best
 * verdict on a class without probes is "doubtful", and its reason says so. */

/* The reasons for verdicts: the codes of the column "reason_code" of a class, such as "few_images", each with
 * a description. A code never changes its meaning. NULL past the end. */
CHECKROB_API size_t checkrob_verdict_reason_count(void);
CHECKROB_API const char *checkrob_verdict_reason_code(size_t i);
CHECKROB_API const char *checkrob_verdict_reason_description(size_t i);

CHECKROB_END_DECLS
#endif
