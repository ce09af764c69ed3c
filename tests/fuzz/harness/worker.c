/* SPDX-License-Identifier: Apache-2.0 */
/* The input is what a worker process says of its model: bytes that a model may have damaged. What is accepted
 * has texts that end, and counts and numbers that the library may use without looking at them again. */
#include <string.h>

#include "backend/description.h"
#include "fuzz/fuzz.h"

static void look_at_layers(const description *d) {
  for (size_t i = 0; i < d->layer_count; i++) {
    const shim_layer *layer = &d->layers[i];
    FUZZ_CHECK(strlen(layer->path) < d->texts.size && strlen(layer->type) < d->texts.size,
               "no end of a text");
    FUZZ_CHECK(layer->rank >= -1 && layer->channels >= 0 && layer->height >= 0 && layer->width >= 0,
               "layer %zu has a negative size", i);
    FUZZ_CHECK(layer->layout >= SHIM_LAYOUT_AUTO && layer->layout <= SHIM_LAYOUT_TOKENS,
               "layer %zu has no layout", i);
  }
}

static void look_at(const description *d) {
  FUZZ_CHECK(d->classes > 0 && d->auto_layer <= d->layer_count,
             "the classes or the automatic layer are wrong");
  FUZZ_CHECK(strlen(d->remark) < d->texts.size, "the remark has no end");
  FUZZ_CHECK(d->ending >= SHIM_ENDING_LOGITS && d->ending <= SHIM_ENDING_PROBABILITIES,
             "there is no such ending");
  for (size_t i = 0; i < d->output_count; i++)
    FUZZ_CHECK(strlen(d->outputs[i].name) < d->texts.size && d->outputs[i].classes >= 0,
               "output %zu is wrong", i);
  look_at_layers(d);
}

void fuzz_input(const uint8_t *data, size_t bytes) {
  message m = {0};
  description d = {0};
  if (!message_resize(&m, bytes)) return;
  if (bytes > 0) memcpy(m.bytes, data, bytes);
  if (description_get(&d, &m)) {
    look_at(&d);
    description_free(&d);
  }
  message_free(&m);
}
