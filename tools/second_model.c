/* SPDX-License-Identifier: Apache-2.0 */
#include "second_model.h"

int second_model_open(second_model *m, const command_line *line, const checkrob_preprocess *preprocess) {
  const char *path = command_line_text(line, "second");
  if (!path) return EXIT_OK;
  if (!command_line_text(line, "out")) return fail_usage(line->usage->name, "--second needs --out");
  m->height = checkrob_preprocess_height(preprocess);
  m->width = checkrob_preprocess_width(preprocess);
  if (checkrob_model_open(&m->model, path, m->height, m->width, line->options) ||
      checkrob_cut_new(&m->forward, m->model, NULL, CHECKROB_SCORE_LOGIT, 0))
    return fail_with_flags(EXIT_FAILED);
  return EXIT_OK;
}

void second_model_free(second_model *m) {
  checkrob_cut_free(m->forward);
  checkrob_model_free(m->model);
}

int64_t second_model_ask(second_model *m, const float *input) {
  checkrob_capture *capture = NULL;
  int64_t top = -1;
  if (!m->forward) return -1;
  if (!checkrob_cut_run(&capture, m->forward, input, 1, m->height, m->width, NULL))
    checkrob_top_k(&top, checkrob_capture_logits(capture), (size_t)checkrob_capture_class_count(capture), 1);
  checkrob_capture_free(capture);
  if (top < 0 && m->failed++ == 0) warn("the second model fails on an image: %s", checkrob_last_error());
  return top;
}

int second_model_report(const second_model *m, size_t fooled, size_t written) {
  if (!m->forward || written == 0) return EXIT_OK;
  if (m->failed == written)
    return fail(EXIT_FAILED, "the second model fails on every image; does it take the same input?");
  printf("%zu of %zu fool the second model too\n", fooled, written - m->failed);
  return EXIT_OK;
}
