/* SPDX-License-Identifier: Apache-2.0 */
/* What the reports in JSON share. Without memory these return NULL, or leave something out: json_text_of()
 * then returns NULL. */
#ifndef CHECKROB_LIB_GATE_JSON_PARTS_H
#define CHECKROB_LIB_GATE_JSON_PARTS_H

#include <jansson.h>

#include "base/json.h"
#include "gate/gate.h"

/* Begins a report: json_text_of() finds failures from here on. */
void json_begin(void);
/* Takes `root`. */
char *json_text_of(json_t *root);

json_t *json_count(size_t count);
/* The options of the run, each as text. */
json_t *json_options(const findings *f);
/* The values of the columns that a condition names: numbers, texts, or null. */
json_t *json_values(const violation *v);

#endif
