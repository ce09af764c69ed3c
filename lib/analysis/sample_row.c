/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/sample_row.h"

#include "table/sample.h"

checkrob_status sample_row_begin(checkrob_row *row, const checkrob_sample *sample) {
  row_set_integer(row, SAMPLE_INPUT, (int64_t)checkrob_sample_input(sample));
  row_set_integer(row, SAMPLE_PART, (int64_t)checkrob_sample_part(sample));
  row_set_integer(row, SAMPLE_INDEX, checkrob_sample_class_index(sample));
  checkrob_status status = row_set_text(row, SAMPLE_IMAGE, checkrob_sample_image(sample));
  if (!status) status = row_set_text(row, SAMPLE_CLASS, checkrob_sample_class_name(sample));
  if (!status) status = sample_row_fail(row, checkrob_sample_status(sample), checkrob_sample_message(sample));
  return status;
}

checkrob_status sample_row_fail(checkrob_row *row, checkrob_status status, const char *message) {
  checkrob_status failure = row_set_text(row, SAMPLE_STATUS, checkrob_status_name(status));
  return failure ? failure : row_set_text(row, SAMPLE_MESSAGE, message);
}

checkrob_status sample_row_set_empty_map(checkrob_row *row) {
  return row_set_text(row, SAMPLE_STATUS, SAMPLE_EMPTY_MAP);
}

checkrob_status sample_row_remark(checkrob_row *row, const char *message) {
  return *row_text(row, SAMPLE_MESSAGE) ? CHECKROB_OK : row_set_text(row, SAMPLE_MESSAGE, message);
}

void sample_row_set_milliseconds(checkrob_row *row, double milliseconds) {
  row_set_number(row, SAMPLE_MILLISECONDS, milliseconds);
}
