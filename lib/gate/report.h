/* SPDX-License-Identifier: Apache-2.0 */
/* What a gate found, in the formats of other programs. Each function returns a text that the caller frees, or
 * NULL: out of memory. */
#ifndef CHECKROB_LIB_GATE_REPORT_H
#define CHECKROB_LIB_GATE_REPORT_H

#include "gate/gate.h"

char *report_json(const checkrob_gate *gate);
char *report_junit(const checkrob_gate *gate);
char *report_sarif(const checkrob_gate *gate);
char *report_github(const checkrob_gate *gate);

#endif
