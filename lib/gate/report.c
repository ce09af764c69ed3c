/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/report.h"

#include <stdlib.h>

#include "base/error.h"

checkrob_status checkrob_gate_report(char **out, const checkrob_gate *gate, checkrob_gate_format format) {
  static char *(*const writers[])(const checkrob_gate *gate) = {[CHECKROB_GATE_JSON] = report_json,
                                                                [CHECKROB_GATE_JUNIT] = report_junit,
                                                                [CHECKROB_GATE_SARIF] = report_sarif,
                                                                [CHECKROB_GATE_GITHUB] = report_github};
  if (!out || !gate) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_gate_report: NULL argument");
  if (format < CHECKROB_GATE_JSON || format > CHECKROB_GATE_GITHUB)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_gate_report: there is no format %d",
                     (int)format);
  if (!gate->found.is_judged)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "the gate has judged nothing yet");
  char *text = writers[format](gate);
  if (!text) return error_memory("the report of a gate");
  *out = text;
  return CHECKROB_OK;
}

void checkrob_gate_report_free(char *text) {
  free(text);
}
