/* The declarations of all options. */
#ifndef CHECKROB_LIB_DECLARED_H
#define CHECKROB_LIB_DECLARED_H

#include <checkrob/options.h>
#include <stdbool.h>

typedef struct declared_option {
  checkrob_option_info info;
  /* Options whose values have a syntax of their own: does this text follow it? `info.choices` then says the
   * syntax to people. NULL: the type says all. */
  bool (*holds)(const char *text);
  bool takes_object; /* a specification may have a JSON object in its place, which is stored as its text */
} declared_option;

extern const declared_option declared_options[];
extern const size_t declared_option_count;

/* Names are compared as they are. NULL: there is no such option. */
const declared_option *declared_find(const char *name);
/* Sets the error message for a name that is not declared, with the nearest ones; gives NOT_FOUND. */
checkrob_status declared_unknown(const char *name);

/* Finds `bytes` bytes of `text` among choices such as "mean|max": without regard to case, and "pp" stands for
 * "++". Gives the choice's own spelling, of *choice_bytes bytes; NULL: it is none of them. */
const char *declared_choice(size_t *choice_bytes, const char *choices, const char *text, size_t bytes);

#endif
