/* What other rooms may ask of a model beyond the public API. */
#ifndef CHECKROB_LIB_MODEL_H
#define CHECKROB_LIB_MODEL_H

#include <checkrob/model.h>

/* The archive's path, as it was given. */
const char *model_path(const checkrob_model *model);

/* Another number after each selection of layers; 0 where none stands. Who prepared a model knows by it
 * whether somebody has changed it since. */
uint64_t model_selection(const checkrob_model *model);

/* checkrob_model_run; with activations 0 (and targets NULL) the capture holds the logits alone. */
checkrob_status model_run(checkrob_capture **out, checkrob_model *model, const float *input, size_t batch,
                          uint32_t height, uint32_t width, const int64_t *targets, int activations);

/* log p - log(1 - p), where probabilities that were rounded to 0 or 1 have a finite one: as the gradient has
 * it. */
double model_log_odds(double probability);

/* One image [3, height, width]: its logits when channel k of the `layer`-th chosen layer is set to zero, for
 * each k: [C, K], the caller frees. At most `batch` channels at once. */
checkrob_status model_ablate(float **out, size_t *channels, checkrob_model *model, const float *input,
                             uint32_t height, uint32_t width, size_t layer, size_t batch);

#endif
