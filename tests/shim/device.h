/* SPDX-License-Identifier: Apache-2.0 */
/* Where the models of the shim's tests compute: CHECKROB_TEST_DEVICE, or else the CPU. */
#ifndef CHECKROB_TESTS_SHIM_DEVICE_H
#define CHECKROB_TESTS_SHIM_DEVICE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

#define EXIT_SKIPPED 77

static inline const char *test_device(void) {
  const char *device = getenv("CHECKROB_TEST_DEVICE");
  return device && *device ? device : "cpu";
}

static inline int on_cpu(void) {
  return strcmp(test_device(), "cpu") == 0;
}

/* Whether models of the folder can be opened there; says why not. */
static inline int has_test_device(const char *folder) {
  char path[1024];
  shim_model *model = NULL;
  shim_error error;
  snprintf(path, sizeof path, "%s/folded.pt", folder);
  const shim_opening opening = {
      path, 16, 16, test_device(), SHIM_LAYOUT_AUTO, -1, NULL, 0, 0, SHIM_WORKER_AUTO, 0};
  if (shim_model_open(&model, &opening, &error) == SHIM_NO_DEVICE)
    return fprintf(stderr, "skipped: %s\n", error.message), 0;
  shim_model_free(model);
  return 1;
}

#endif
