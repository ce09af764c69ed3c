/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "shim/shim.h"

/* The arrays are malloc()'s, wherever they were filled. */
void shim_capture_free(shim_capture *capture) {
  if (!capture) return;
  free(capture->logits);
  for (size_t i = 0; i < capture->layers; i++) {
    free(capture->maps[i].activation);
    free(capture->maps[i].gradient);
  }
  free(capture->maps);
  *capture = (shim_capture){0};
}
