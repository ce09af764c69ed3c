/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of models and cuts for other rooms, beyond the public API. */
#ifndef CHECKROB_LIB_MODEL_H
#define CHECKROB_LIB_MODEL_H

#include <checkrob/cut.h>
#include <stdatomic.h>
#include <stdbool.h>

/* The archive's path, as passed to checkrob_model_open. */
const char *model_path(const checkrob_model *model);

/* The options `device`, `layout` and `output` that the model was opened with, as texts; `output` is the name
 * of the output that was chosen, or "auto" if the model has only one. What runs the model must not read these
 * from its own options. */
const char *model_device(const checkrob_model *model);
const char *model_layout(const checkrob_model *model);
const char *model_output(const checkrob_model *model);

/* Whether the model takes images of one channel: it was opened for a gray preprocessing, and needs one. */
bool model_is_gray(const checkrob_model *model);

/* log p - log(1 - p). It is finite even for probabilities that were rounded to 0 or 1, as it is in the
 * gradient. */
double model_log_odds(double probability);

/* checkrob_cut_run without targets. The capture has only the logits, whatever the cut captures. */
checkrob_status cut_run_logits(checkrob_capture **out, checkrob_cut *cut, const float *input, size_t batch,
                               uint32_t height, uint32_t width);

/* Which channels of a layer are set to zero: the one number `layer` of a cut. */
typedef struct cut_removal {
  size_t layer;
  const unsigned char *removed; /* [rows, channels]; 0: the channel remains */
  size_t rows, channels;
  size_t batch; /* the most rows that are computed at once */
} cut_removal;

/* For one image [3, height, width]: the logits without these channels, for each row: [rows, K]. The caller
 * frees them. Errors: INVALID_ARGUMENT (the layer has another number of channels), those of
 * checkrob_cut_run(). */
checkrob_status cut_ablate(float **out, checkrob_cut *cut, const float *input, uint32_t height,
                           uint32_t width, const cut_removal *removal);

/* The number of computing threads that was set for the process, or of the cores. A pass may have another. */
int model_process_threads(void);
/* While a pass executes, libtorch uses its number of threads. When the last of them ends, it uses that of the
 * process again. */
void model_begin_pass(int threads);
void model_end_pass(void);

/* Limits the number of libtorch's computing threads for the calling thread alone; 0: no limit. */
void model_limit_threads(int threads);

/* For the calling thread alone. Once *interrupted is INTERRUPT_GIVE_UP (base/interrupt.h), its runs of a
 * model return INTERRUPTED: one that a worker computes within about 100 ms, one of this process when it is
 * done. NULL: never. */
void model_heed_interrupt(const atomic_int *interrupted);

#endif
