/* A large JSON file, element by element: the members of an object at the top that are arrays. Only one
 * element is in memory at a time; what is in it is for a real parser (jansson) to say. */
#ifndef CHECKROB_LIB_JSON_STREAM_H
#define CHECKROB_LIB_JSON_STREAM_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

/* Of one element. A JSON array may hold 4 GiB of them. */
#define JSON_ELEMENT_LIMIT (UINT64_C(16) << 20)

typedef struct json_element {
  const char *array; /* the member's name, "annotations" */
  const char *text;  /* `bytes` of it; NUL behind */
  size_t bytes;
  uint64_t offset; /* where it begins in the file */
  size_t line;
} json_element;

/* Anything but OK ends the reading and is given back. */
typedef checkrob_status (*json_element_callback)(const json_element *element, void *user_data);

/* Reads the file once and calls back for every element of every array at the top. Errors: NOT_FOUND, IO,
 * BAD_INPUT (no object at the top, a file that ends early), LIMIT, OUT_OF_MEMORY. */
checkrob_status json_stream(const char *path, json_element_callback callback, void *user_data);

#endif
