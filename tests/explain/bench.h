/* SPDX-License-Identifier: Apache-2.0 */
/* An explainer on the fake model, with images of a fixed seed: what the tests of this room share. */
#ifndef EXPLAIN_BENCH_H
#define EXPLAIN_BENCH_H

#include <checkrob/explain.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fake/fake_shim.h"
#include "shim/shim.h"
#include "support/test.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, CELLS = 4, POSITIONS = CELLS * CELLS, COUNT = 3, CLASSES = 4 };

static checkrob_model *model;
static checkrob_options *options; /* of the next explainer */
static checkrob_explainer *explainer;
static float images[COUNT * 3 * PIXELS];
static const int64_t targets[COUNT] = {0, 1, 2};

/* After fake_reset(), and after the test has set up the fake. Noise of every sign, in the
 * mean over a cell too; each colour has its own level, so that every class has something to see. */
static inline int bench_open(void) {
  uint32_t random = 1;
  for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
    random = random * 1664525U + 1013904223U;
    images[i] = (float)(random >> 8) / (float)(1 << 24) - 0.5F +
                (float)(i % PIXELS / SIDE / 8 * (i / PIXELS % 3)) * 0.2F;
  }
  explainer = NULL;
  must(checkrob_model_open(&model, "fake.pt", SIDE, SIDE, NULL));
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "score", "logit")); /* the papers' formulas */
  must(checkrob_options_set(options, "reference", "none"));
  return 0;
}

static inline int end(void **state) {
  (void)state;
  checkrob_explainer_free(explainer);
  checkrob_options_free(options);
  checkrob_model_free(model);
  return fake_seen.captures == 0 && fake_seen.live_cuts == 0 ? 0 : -1;
}

static inline void set(const char *option, const char *value) {
  must(checkrob_options_set(options, option, value));
}

static inline void set_number(const char *option, int64_t value) {
  must(checkrob_options_set_integer(options, option, value));
}

/* Replaces the explainer by one for the options, with this method and layer. */
static inline checkrob_status renew(checkrob_method method, const char *layer) {
  set("method", checkrob_method_name(method));
  set("layer", layer);
  checkrob_explainer_free(explainer);
  explainer = NULL;
  return checkrob_explainer_new(&explainer, model, options);
}

#endif
