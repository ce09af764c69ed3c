/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/failure.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

checkrob_status analysis_batch_note(analysis_batch *batch, size_t n) {
  if (!batch->failures[n]) batch->failures[n] = text_copy(checkrob_last_error());
  return batch->failures[n] ? CHECKROB_OK : error_memory("an error message");
}

void analysis_failures_clear(char **failures, size_t count) {
  for (size_t n = 0; n < count; n++) {
    free(failures[n]);
    failures[n] = NULL;
  }
}
