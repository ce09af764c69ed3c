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

#include <checkrob/score.h>
#include <math.h>

CHECKROB_BEGIN_DECLS

typedef enum checkrob_verdict {
  CHECKROB_VERDICT_NOT_ENOUGH_DATA = 0,
  CHECKROB_VERDICT_NON_ROBUST = 1,
  CHECKROB_VERDICT_DOUBTFUL = 2,
  /* The class meets the user's own threshold. It is given only where checkrob_verdict_rule.robust is set. */
  CHECKROB_VERDICT_ROBUST = 3,
  /* The best verdict where that is not set: the correlational score found nothing against the class. This
   * does not show that the class is robust. */
  CHECKROB_VERDICT_NOT_SUSPICIOUS = 4
} checkrob_verdict;

/* "not enough data", "non-robust", "doubtful", "robust", "not suspicious"; "" for anything else. */
CHECKROB_API const char *checkrob_verdict_name(checkrob_verdict verdict);

/* How a verdict is decided.
 *
 * `robust` has no default: no threshold that was measured separates robust classes from spurious ones on
 * real photos. Where it is not set, the comparison uses 0, and the best verdict is "not suspicious".
 *
 * 0 and the default of `non_robust` were measured for the default options of a run: the log-odds, the blank
 * reference, one layer, a method with gradients. With other options and `robust` not set, the best verdict
 * is "doubtful", and its reason says so. */
typedef struct checkrob_verdict_rule {
  size_t size;
  size_t min_images;   /* recognised images that a verdict needs at least, 2 to 1000000; default 10 */
  double min_accuracy; /* below this a class is doubtful at best: what it is recognised by says little where
                          it is not recognised; 0 to 1, default 0.5 */
  double robust;       /* a class is robust if the interval of its robustness lies above this; default NaN,
                          not set: a class is not suspicious if the interval lies above 0 */
  double non_robust;   /* and non-robust if it lies below this; default -1.25. Where it reaches beyond both
                          there is not enough data, and all else is doubtful */
  double level;        /* of the intervals, between 0 and 1; default 0.95 */
  size_t resamples;    /* of the bootstrap, 100 to 1000000; default 2000 */
  size_t permutations; /* of the test, 99 to 10000000; default 9999 */
  uint64_t seed;       /* of both; default 0 */
} checkrob_verdict_rule;

#define CHECKROB_VERDICT_RULE_INIT \
  { sizeof(checkrob_verdict_rule), 10, 0.5, NAN, -1.25, 0.95, 2000, 9999, 0 }

/* Sets one of the rule's numbers by its name, such as "robust", from text. Errors: NOT_FOUND,
 * INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_verdict_rule_set(checkrob_verdict_rule *rule, const char *name,
                                                       const char *value);
/* Whether the numbers are in their ranges and fit together; a run refuses a rule that this refuses. Errors:
 * INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_verdict_rule_check(const checkrob_verdict_rule *rule);

CHECKROB_END_DECLS
#endif
