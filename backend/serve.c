/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/serve.h"

#include <unistd.h>

#include "backend/channel.h"
#include "backend/description.h"
#include "backend/failure.h"
#include "backend/protocol.h"
#include "backend/serve_cut.h"

static int greet(int control, message *m) {
  message_clear(m);
  message_put(m, PROTOCOL_MAGIC);
  message_put(m, PROTOCOL_VERSION);
  message_put_text(m, shim_torch_version());
  message_put_text(m, shim_installation_warning());
  return channel_send(control, m, NULL, 0, CHANNEL_NEVER) == CHANNEL_OK;
}

static int open_model(shim_model **model, message *m, shim_error *error) {
  shim_opening opening = {.path = message_get_text(m)};
  opening.height = message_get_within(m, 1, INT32_MAX);
  opening.width = message_get_within(m, 1, INT32_MAX);
  opening.device = message_get_text(m);
  opening.layout = (int)message_get(m);
  opening.prefix_tokens = message_get(m);
  opening.output = message_get_text(m);
  opening.least_classes = message_get(m);
  opening.gray = (int)message_get(m);
  serve_threads(m);
  if (!message_is_sound(m) || !opening.path || !opening.device || *model)
    return backend_fail(error, SHIM_ERROR, "the model's worker received a damaged request");
  return shim_model_open(model, &opening, error);
}

/* Answers one request; the reply is in the message. */
static void answer(shim_model **model, message *m, const int descriptors[3]) {
  shim_error error = {SHIM_OK, ""};
  int64_t kind = message_get(m);
  int code;
  if (kind == REQUEST_CUT && *model) {
    code = serve_cut_start(*model, m, descriptors, &error);
  } else {
    for (size_t i = 0; i < CHANNEL_MOST_DESCRIPTORS; i++)
      if (descriptors[i] >= 0) close(descriptors[i]);
    code = kind == REQUEST_OPEN
               ? open_model(model, m, &error)
               : backend_fail(&error, SHIM_ERROR, "the model's worker received an unknown request");
  }
  serve_put_code(m, code, &error);
  if (code == SHIM_OK && kind == REQUEST_OPEN) description_put(m, *model);
}

int serve(int control) {
  message m = {0};
  shim_model *model = NULL;
  int descriptors[CHANNEL_MOST_DESCRIPTORS], goes_on = greet(control, &m);
  while (goes_on && channel_receive(control, &m, descriptors, CHANNEL_NEVER) == CHANNEL_OK) {
    answer(&model, &m, descriptors);
    goes_on = channel_send(control, &m, NULL, 0, CHANNEL_NEVER) == CHANNEL_OK;
  }
  message_free(&m);
  if (!serve_cut_wait()) return 0;
  shim_model_free(model);
  return 1;
}
