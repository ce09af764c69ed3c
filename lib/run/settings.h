/* Options, in the form in which the passes need them. */
#ifndef CHECKROB_LIB_SETTINGS_H
#define CHECKROB_LIB_SETTINGS_H

#include <checkrob/options.h>
#include <checkrob/preprocess.h>
#include <checkrob/region.h>

checkrob_image_limits settings_limits(const checkrob_options *options);
checkrob_geometry settings_geometry(const checkrob_options *options);
/* Decoding threads: as many as the options say, or as the process may use cores. */
size_t settings_threads(const checkrob_options *options);
/* The same for passes that compute: libtorch gets as many for this thread. */
size_t settings_compute_threads(const checkrob_options *options);

/* INVALID_ARGUMENT where the model was probed for another input size than the preprocessing gives. */
struct checkrob_model;
checkrob_status settings_check_size(const struct checkrob_model *model,
                                    const checkrob_preprocess *preprocess);

#endif
