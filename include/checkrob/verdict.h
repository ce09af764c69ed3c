/* Verdicts: whether a class is to be trusted, from its samples' scores together.
 *
 * RS depends on how large the object is: a map that knows nothing scores too. So it is compared with what
 * such maps score on the very same regions. With logit(x) = log(x / (1 - x)), and means over a class's
 * samples:
 *
 * - area: the share of the image that the object covers, which is what a flat map scores.
 *
 * - RS0, the object-blind score: what the region gets from the mean map of the images of other classes. That
 *   map knows where photographers put things and where the model tends to look, but not this object.
 *
 * - ERS = (CRS - RS0) / (1 - RS0), excess robustness: 1 is all on the object, 0 no better than object-blind.
 *
 * - lift = logit(CRS) - logit(RS0): the same, where small and large objects have the same room.
 *
 * And, from the evidence e of checkrob_explanation_evidence, how strong it is and not only where:
 *
 * - contrast = sum max(e, 0) (2 on - 1), with on = sqrt(the share of a position's part of the image that is
 *   object): the evidence that speaks for the class on the object, less that elsewhere; in nats (log-odds).
 *
 * Together:
 *
 *   robustness = logit(mean RS) - logit(mean area) + mean contrast / 2
 *
 * over the images that are recognised: what a model looks at where it is wrong is not what it is right by.
 * Verdicts go by the robustness. On toy worlds with planted cues it ranks spurious classes at an AUROC of
 * 0.92, and its rank correlation with the object's size is 0.03. On real photos with a real backbone the
 * AUROC is 0.67 and the correlation 0.47, and 37 % of the spurious classes are "not suspicious". See
 * docs/score.md for all measurements, and for when not to trust it. Without gradients there is no contrast,
 * and the rest decides alone.
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
  /* The class meets the user's own threshold. It is given only where the option verdict_robust is set. */
  CHECKROB_VERDICT_ROBUST = 3,
  /* The best verdict where that is not set: the correlational score found nothing against the class. This
   * does not show that the class is robust. */
  CHECKROB_VERDICT_NOT_SUSPICIOUS = 4
} checkrob_verdict;

/* "not enough data", "non-robust", "doubtful", "robust", "not suspicious", as in the column "verdict" of a
 * class;
 * "" for anything else. */
CHECKROB_API const char *checkrob_verdict_name(checkrob_verdict verdict);
/* Errors: NOT_FOUND. */
CHECKROB_API checkrob_status checkrob_verdict_find(checkrob_verdict *out, const char *name);

/* How a verdict is decided: the options verdict_* (options.h).
 *
 * verdict_robust has no default: no threshold that was measured separates robust classes from spurious ones
 * on real photos. Where it is not set, the comparison uses 0, and the best verdict is "not suspicious".
 *
 * 0 and the default of verdict_non_robust were measured for the default options of a run: the log-odds, the
 * blank reference, one layer, a method with gradients. With other options and verdict_robust not set, the
 * best verdict is "doubtful", and its reason says so. */

/* Why a verdict is what it is: the codes of the column "reason_code" of a class, such as "few_images", each
 * with a sentence that says what it means. A code is never used again for something else. NULL from the count
 * on. */
CHECKROB_API size_t checkrob_verdict_reason_count(void);
CHECKROB_API const char *checkrob_verdict_reason_code(size_t i);
CHECKROB_API const char *checkrob_verdict_reason_sentence(size_t i);

CHECKROB_END_DECLS
#endif
