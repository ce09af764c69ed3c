/* SPDX-License-Identifier: Apache-2.0 */
#include "run/settings.h"

#include <checkrob/model.h>
#include <inttypes.h>
#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "image/preprocess.h"
#include "image/recipe.h"
#include "model/model.h"
#include "options/options.h"

channel_scale settings_scale(const checkrob_preprocess *preprocess) {
  channel_scale scale;
  memcpy(scale.mean, preprocess->mean, sizeof scale.mean);
  memcpy(scale.std, preprocess->std, sizeof scale.std);
  return scale;
}

checkrob_geometry settings_geometry(const checkrob_options *options) {
  return options_is(options, "geometry", "paper") ? CHECKROB_GEOMETRY_PAPER : CHECKROB_GEOMETRY_STANDARD;
}

size_t settings_threads(const checkrob_options *options) {
  int64_t threads = checkrob_options_integer(options, "threads");
  return threads > 0 ? (size_t)threads : cpu_count();
}

size_t settings_compute_threads(const checkrob_options *options) {
  int64_t threads = checkrob_options_integer(options, "threads");
  return (size_t)(threads > 0 ? threads : model_process_threads());
}

size_t settings_threads_on(const checkrob_model *model, size_t threads) {
  return strcmp(model_device(model), "cpu") == 0 ? threads : 0;
}

size_t settings_lanes(const checkrob_options *options, size_t most) {
  size_t threads = settings_compute_threads(options);
  size_t best = threads < most ? threads : most;
  for (size_t lanes = best - 1; lanes > most / 2; lanes--)
    if (threads / lanes * lanes > threads / best * best) best = lanes;
  return best;
}

checkrob_status settings_check_size(const checkrob_model *model, const checkrob_preprocess *preprocess) {
  uint32_t height = 0, width = 0;
  if (model_is_gray(model) && !preprocess_is_gray(preprocess))
    return error_set(
        CHECKROB_ERROR_INVALID_ARGUMENT,
        "the model takes gray images and was opened for them, but the preprocessing makes colours; "
        "open the model with this preprocessing, or add \"channels\": \"gray\" to it");
  checkrob_model_input_size(&height, &width, model);
  if (height == checkrob_preprocess_height(preprocess) && width == checkrob_preprocess_width(preprocess))
    return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                   "the model was opened for an input of %" PRIu32 " x %" PRIu32
                   " (height x width), but the preprocessing returns %" PRIu32 " x %" PRIu32
                   "; open the model with the preprocessing's size",
                   height, width, checkrob_preprocess_height(preprocess),
                   checkrob_preprocess_width(preprocess));
}
