/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/report.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "image/recipe.h"

checkrob_status checkrob_preprocess_picture(checkrob_image **out, const checkrob_preprocess *preprocess,
                                            const float *input) {
  if (!out || !preprocess || !input)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_preprocess_picture: NULL argument");
  uint32_t height = checkrob_preprocess_height(preprocess), width = checkrob_preprocess_width(preprocess);
  size_t pixels = (size_t)height * width;
  uint8_t *rgb = malloc(3 * pixels);
  if (!rgb) return error_memory("a picture");
  for (size_t c = 0; c < 3; c++)
    for (size_t i = 0; i < pixels; i++) {
      double value = (double)input[c * pixels + i] * preprocess->std[c] + preprocess->mean[c];
      rgb[3 * i + c] = (uint8_t)lround(255.0 * fmin(fmax(value, 0.0), 1.0));
    }
  checkrob_status status = checkrob_image_from_rgb(out, rgb, width, height);
  free(rgb);
  return status;
}
