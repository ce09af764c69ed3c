/* What other rooms may ask of a model and of a cut beyond the public API. */
#ifndef CHECKROB_LIB_MODEL_H
#define CHECKROB_LIB_MODEL_H

#include <checkrob/cut.h>

/* The archive's path, as it was given. */
const char *model_path(const checkrob_model *model);

/* log p - log(1 - p), where probabilities that were rounded to 0 or 1 have a finite one: as the gradient has
 * it. */
double model_log_odds(double probability);

/* checkrob_cut_run without targets; the capture holds the logits alone, whatever the cut captures. */
checkrob_status cut_run_logits(checkrob_capture **out, checkrob_cut *cut, const float *input, size_t batch,
                               uint32_t height, uint32_t width);

/* One image [3, height, width]: its logits when channel k of the cut's `layer`-th layer is set to zero, for
 * each k: [C, K], the caller frees. At most `batch` channels at once. */
checkrob_status cut_ablate(float **out, size_t *channels, checkrob_cut *cut, const float *input,
                           uint32_t height, uint32_t width, size_t layer, size_t batch);

#endif
