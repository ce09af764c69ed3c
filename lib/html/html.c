/* SPDX-License-Identifier: Apache-2.0 */
#include "html/html.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "image/limits.h"
#include "run/settings.h"

#define MOST_IMAGES 100
#define MANY_CLASSES 400

checkrob_status checkrob_html_new(checkrob_html **out, checkrob_results *results) {
  if (!out || !results) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_html_new: NULL argument");
  checkrob_html *report = calloc(1, sizeof *report);
  if (!report) return error_memory("the report");
  report->results = results;
  report->images = checkrob_results_class_count(results) > MANY_CLASSES ? 4 : 6;
  report->pass.threads = settings_threads(NULL);
  report->pass.style.limits = image_limits_of(NULL);
  *out = report;
  return CHECKROB_OK;
}

void checkrob_html_free(checkrob_html *report) {
  if (!report) return;
  free(report->folder);
  free(report->link);
  free(report);
}

checkrob_status checkrob_html_set_data(checkrob_html *report, const checkrob_dataset *dataset,
                                       const checkrob_preprocess *preprocess,
                                       const checkrob_options *options) {
  if (!report || !dataset || !preprocess)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_html_set_data: NULL argument");
  report->pass.dataset = dataset;
  report->pass.style.preprocess = preprocess;
  report->pass.style.limits = image_limits_of(options);
  report->pass.threads = settings_threads(options);
  return CHECKROB_OK;
}

checkrob_status checkrob_html_set_pool(checkrob_html *report, const checkrob_dataset *pool) {
  if (!report || !pool)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_html_set_pool: NULL argument");
  report->pass.pool = pool;
  return CHECKROB_OK;
}

checkrob_status checkrob_html_set_before(checkrob_html *report, checkrob_results *before) {
  if (!report || !before)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_html_set_before: NULL argument");
  report->before = before;
  return CHECKROB_OK;
}

checkrob_status checkrob_html_set_images(checkrob_html *report, uint32_t images) {
  if (!report || images > MOST_IMAGES)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_html_set_images: NULL, or more than %d images of a class", MOST_IMAGES);
  report->images = images;
  return CHECKROB_OK;
}

checkrob_status checkrob_html_set_folder(checkrob_html *report, const char *folder, const char *link) {
  if (!report || !folder || !link)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_html_set_folder: NULL argument");
  char *own_folder = text_copy(folder), *own_link = text_copy(link);
  if (!own_folder || !own_link) {
    free(own_folder);
    free(own_link);
    return error_memory("the report");
  }
  free(report->folder);
  free(report->link);
  report->folder = own_folder;
  report->link = own_link;
  return CHECKROB_OK;
}

checkrob_status checkrob_html_on_progress(checkrob_html *report, checkrob_progress_callback callback,
                                          void *user_data) {
  if (!report)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_html_on_progress: the report is NULL");
  report->pass.on_progress = callback;
  report->pass.user_data = user_data;
  return CHECKROB_OK;
}

size_t checkrob_html_pictures(const checkrob_html *report) {
  return report ? report->pass.drawn : 0;
}

size_t checkrob_html_missing(const checkrob_html *report) {
  return report ? report->pass.missing : 0;
}
