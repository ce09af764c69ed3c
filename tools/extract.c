/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob extract: what layers output for a folder of images, as NumPy arrays. */
#include "arrays.h"
#include "files.h"
#include "inputs.h"
#include "progress.h"

#define FAILURES_SHOWN 5

typedef struct extracting {
  const command_line *line;
  inputs in;
  checkrob_extraction *extraction;
  arrays to;
  size_t shown; /* failures with a warning */
  progress bar;
} extracting;

static int on_failure(const char *image, checkrob_status status, const char *message, void *user_data) {
  extracting *e = user_data;
  progress_clear(&e->bar);
  if (e->shown++ < FAILURES_SHOWN) warn("%s is left out: %s", image, message);
  return arrays_add_failure(&e->to, image, status, message);
}

static void interrupt(void *extraction) {
  checkrob_extraction_interrupt(extraction);
}

static checkrob_status execute(extracting *e) {
  checkrob_status status = checkrob_extraction_on_batch(e->extraction, arrays_add, &e->to);
  if (!status) status = checkrob_extraction_on_failure(e->extraction, on_failure, e);
  if (!status) status = checkrob_extraction_on_progress(e->extraction, progress_update, &e->bar);
  if (status) return status;
  progress_begin(&e->bar, interrupt, e->extraction);
  status = checkrob_extraction_execute(e->extraction);
  progress_end(&e->bar);
  return status;
}

/* The files get what was read, also after an interruption or a failure. */
static int conclude(extracting *e, checkrob_status status) {
  int code = status && status != CHECKROB_ERROR_INTERRUPTED ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
  int written = arrays_finish(&e->to);
  size_t failed = checkrob_extraction_failed(e->extraction), rows = checkrob_extraction_rows(e->extraction);
  size_t turned = checkrob_extraction_turned(e->extraction);
  if (turned && written == EXIT_OK)
    warn("%zu photo%s with an EXIF orientation %s turned upright; --orientation stored reads them as stored",
         turned, turned == 1 ? "" : "s", turned == 1 ? "was" : "were");
  if (failed && written == EXIT_OK)
    warn("%zu of %zu images failed and are left out: %s names each", failed, failed + rows,
         e->to.failures_path);
  if (code == EXIT_OK) code = written;
  if (code == EXIT_OK && status)
    code = fail(EXIT_INTERRUPTED, "interrupted: the files hold the %zu images read until then", rows);
  if (code == EXIT_OK && rows == 0) code = fail(EXIT_NONE, "not one image could be read");
  return code == EXIT_OK ? finish_output() : code;
}

static int open_all(extracting *e) {
  int code = check_ending(e->line, "out", ".npy");
  if (code == EXIT_OK) code = inputs_open_preprocess(&e->in);
  if (code == EXIT_OK) code = inputs_open_images(&e->in);
  if (code == EXIT_OK) code = inputs_open_model(&e->in);
  if (code != EXIT_OK) return code;
  checkrob_status status =
      checkrob_extraction_new(&e->extraction, e->in.model, e->in.dataset, e->in.preprocess, e->line->options);
  if (status) return fail_about_layer(e->line, status);
  return arrays_open(&e->to, e->line, command_line_text(e->line, "out"),
                     checkrob_extraction_layers(e->extraction));
}

int command_extract(const command_line *line) {
  extracting e = {.line = line, .in = {.line = line}};
  int code = open_all(&e);
  if (code == EXIT_OK) code = conclude(&e, execute(&e));
  arrays_free(&e.to);
  checkrob_extraction_free(e.extraction);
  inputs_free(&e.in);
  return code;
}
