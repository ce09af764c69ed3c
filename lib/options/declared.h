/* SPDX-License-Identifier: Apache-2.0 */
/* The declarations of all options. */
#ifndef CHECKROB_LIB_DECLARED_H
#define CHECKROB_LIB_DECLARED_H

#include <checkrob/options.h>
#include <stdbool.h>

typedef struct declared_option {
  checkrob_option_info info;
  /* For options whose values have a syntax of their own: checks whether a text follows it. `info.choices`
   * then shows the syntax. NULL: the type defines the syntax. */
  bool (*holds)(const char *text);
  /* In a specification the value may be a JSON object, which is stored as its text. */
  bool takes_object;
} declared_option;

extern const declared_option declared_options[];
extern const size_t declared_option_count;

/* Finds an option by its exact name; NULL: there is no such option. */
const declared_option *declared_find(const char *name);
/* Sets the error message for a name that is not declared, with the nearest names. Returns NOT_FOUND. */
checkrob_status declared_unknown(const char *name);

/* Finds `bytes` bytes of `text` among choices such as "mean|max". Upper and lower case are equal, and "pp"
 * stands for "++". Returns the choice as it is declared, of *choice_bytes bytes; NULL: it is not among
 * them. */
const char *declared_choice(size_t *choice_bytes, const char *choices, const char *text, size_t bytes);

#endif
