/* SPDX-License-Identifier: Apache-2.0 */
/* A preprocessing, from and to JSON. */
#ifndef CHECKROB_LIB_PREPROCESS_H
#define CHECKROB_LIB_PREPROCESS_H

#include <stdbool.h>

#include "image/recipe.h"

/* Fills `out` from JSON text, except its value table and JSON line. Error messages begin with `where`.
 * Errors: BAD_INPUT, LIMIT, OUT_OF_MEMORY. */
checkrob_status preprocess_read(checkrob_preprocess *out, const char *where, const char *json, size_t bytes);

/* Writes it as a line of JSON, which the caller frees; NULL if out of memory. */
char *preprocess_write(const checkrob_preprocess *preprocess);

/* Whether it makes gray images, whose three channels are equal. */
bool preprocess_is_gray(const checkrob_preprocess *preprocess);

#endif
