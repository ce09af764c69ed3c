/* SPDX-License-Identifier: Apache-2.0 */
/* JSON inside a script element of a page. */
#ifndef CHECKROB_LIB_HTML_JSON_OUT_H
#define CHECKROB_LIB_HTML_JSON_OUT_H

#include <checkrob/status.h>
#include <jansson.h>
#include <stdio.h>

#include "base/json.h"

/* Writes the value and releases it. No '<' appears in what is written, so nothing in a text ends the script
 * element. OUT_OF_MEMORY: the value is NULL, or json_ran_short() tells that a part of it is missing. A full
 * disk is found when the file is closed. */
checkrob_status json_out(FILE *file, json_t *value);

#endif
