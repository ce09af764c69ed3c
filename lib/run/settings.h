/* SPDX-License-Identifier: Apache-2.0 */
/* Options, converted for the passes. */
#ifndef CHECKROB_LIB_SETTINGS_H
#define CHECKROB_LIB_SETTINGS_H

#include <checkrob/model.h>
#include <checkrob/options.h>
#include <checkrob/preprocess.h>
#include <checkrob/region.h>

#include "probe/fill.h"

checkrob_geometry settings_geometry(const checkrob_options *options);
/* From the values of pixels to those of the model's input, for what alters images. */
channel_scale settings_scale(const checkrob_preprocess *preprocess);
/* The number of decoding threads: that of the options, or of the cores that the process may use. */
size_t settings_threads(const checkrob_options *options);
/* The same for passes that run the model, which compute with as many: that of the options, or that was set
 * for the process, or of the cores. */
size_t settings_compute_threads(const checkrob_options *options);
/* The number of them that compute on the processor: 0 if the model is on a GPU. */
size_t settings_threads_on(const checkrob_model *model, size_t threads);
/* The number of batches to analyse at once, at most `most`. Two threads that compute a batch each do more
 * than two threads that share the work of one batch, and wait for each other at each layer. The threads are
 * divided evenly, because rounding depends on their number: a batch must not depend on the lane that it
 * meets. A number above `most` / 2 is chosen that leaves the fewest threads over: of 4, 3 lanes for 6, 7, 9,
 * 10 or 11 threads. On a GPU too: while it computes the batch of one lane, others copy and score theirs. */
size_t settings_lanes(const checkrob_options *options, size_t most);

/* INVALID_ARGUMENT if the model was opened for an input size other than that of the preprocessing. */
checkrob_status settings_check_size(const checkrob_model *model, const checkrob_preprocess *preprocess);

#endif
