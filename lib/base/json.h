/* SPDX-License-Identifier: Apache-2.0 */
/* Whether jansson failed for lack of memory. It does not say so itself: where an allocation fails while it
 * parses, it reports a broken text, or even returns a value in which digits are missing. */
#ifndef CHECKROB_LIB_JSON_H
#define CHECKROB_LIB_JSON_H

#include <checkrob/status.h>
#include <jansson.h>
#include <stdbool.h>

/* From here on, json_ran_short() tells whether an allocation of jansson's failed on this thread. The
 * allocator of the program remains in use. */
void json_watch(void);
bool json_ran_short(void);
/* The same for an allocation that is not jansson's, of what becomes a part of a value. */
void json_run_short(void);

/* A text as JSON; bytes that are not UTF-8 are escaped. NULL: out of memory, which json_ran_short() tells. */
json_t *json_text(const char *text);
/* A number, or null if it is not finite. */
json_t *json_number(double value);

/* Parses a text of `bytes` bytes. BAD_INPUT: `problem` says what is wrong with the text, and the caller
 * writes the error message. OUT_OF_MEMORY has one, which names `purpose`. */
checkrob_status json_parse(json_t **out, json_error_t *problem, const char *text, size_t bytes, size_t flags,
                           const char *purpose);

/* The same for a whole file, which has to be an object: skips a byte order mark, and writes the error
 * messages. They begin with `where`. The caller checks that *out is an object. BAD_INPUT, OUT_OF_MEMORY. */
checkrob_status json_parse_file(json_t **out, const char *text, size_t bytes, const char *where,
                                const char *purpose);

#endif
