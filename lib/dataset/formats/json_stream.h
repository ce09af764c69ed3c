/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a large JSON file element by element: the members of the top object that are arrays. Only one element
 * is in memory at a time; the callback parses it (with jansson). */
#ifndef CHECKROB_LIB_JSON_STREAM_H
#define CHECKROB_LIB_JSON_STREAM_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

/* Of one element. */
#define JSON_ELEMENT_LIMIT (UINT64_C(4) << 20)

typedef struct json_element {
  const char *array; /* the member's name, "annotations" */
  const char *text;  /* `bytes` of it, then a NUL; NULL: the member is no array */
  size_t bytes;
  uint64_t offset; /* where it begins in the file */
  size_t line;
} json_element;

/* A status other than OK stops the reading, which then returns it. */
typedef checkrob_status (*json_element_callback)(const json_element *element, void *user_data);

/* Reads the file once and calls back for each element of each array in the top object, and once for each
 * other member. A byte order mark is skipped. Errors: NOT_FOUND, IO, BAD_INPUT (no top object, truncated,
 * UTF-16), LIMIT, OUT_OF_MEMORY. */
checkrob_status json_stream(const char *path, json_element_callback callback, void *user_data);

#endif
