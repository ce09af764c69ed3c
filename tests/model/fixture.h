/* SPDX-License-Identifier: Apache-2.0 */
/* A model on the fake shim, for the tests of lib/model. */
#ifndef MODEL_FIXTURE_H
#define MODEL_FIXTURE_H

#include <checkrob/cut.h>
#include <string.h>

#include "fake/fake_shim.h"
#include "shim/shim.h"
#include "support/test.h"

#define SIDE 16 /* of the input: a feature map of 2 x 2 */

static checkrob_model *model;
static checkrob_cut *cut;

static inline int start(void **state) {
  (void)state;
  fake_reset();
  model = NULL;
  cut = NULL;
  return 0;
}

static inline int end(void **state) {
  (void)state;
  checkrob_cut_free(cut);
  checkrob_model_free(model);
  return fake_seen.opened == fake_seen.freed && fake_seen.captures == 0 && fake_seen.live_cuts == 0 ? 0 : -1;
}

static inline void open_model(void) {
  assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, SIDE, NULL), CHECKROB_OK);
}

/* Replaces the cut; where this fails the old one stays. */
static inline checkrob_status cut_at(const char *layers, unsigned capture) {
  checkrob_cut *made = NULL;
  checkrob_status status = checkrob_cut_new(&made, model, layers, CHECKROB_SCORE_LOGIT, capture);
  if (status != CHECKROB_OK) {
    assert_null(made);
    return status;
  }
  checkrob_cut_free(cut);
  cut = made;
  return CHECKROB_OK;
}

static inline void open_and_cut(const char *layers) {
  open_model();
  assert_int_equal(cut_at(layers, CHECKROB_CUT_GRADIENTS), CHECKROB_OK);
}

static const struct {
  int code;
  checkrob_status status;
} codes[] = {
    {SHIM_ERROR, CHECKROB_ERROR},
    {SHIM_NOT_FOUND, CHECKROB_ERROR_NOT_FOUND},
    {SHIM_BAD_ARCHIVE, CHECKROB_ERROR_BAD_INPUT},
    {SHIM_UNSUPPORTED, CHECKROB_ERROR_MODEL_UNSUPPORTED},
    {SHIM_NO_DEVICE, CHECKROB_ERROR_UNSUPPORTED},
    {SHIM_NO_MEMORY, CHECKROB_ERROR_OUT_OF_MEMORY},
    {SHIM_BAD_ARGUMENT, CHECKROB_ERROR_INVALID_ARGUMENT},
    {-99, CHECKROB_ERROR}, /* from a shim newer than this core */
};

#define CODE_COUNT (sizeof codes / sizeof codes[0])

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

#endif
