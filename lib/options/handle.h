/* What a checkrob_options holds. */
#ifndef CHECKROB_LIB_OPTION_HANDLE_H
#define CHECKROB_LIB_OPTION_HANDLE_H

#include <checkrob/options.h>

/* A checked value: its text, and of INTEGER, FLAG and NUMBER what the text means. */
typedef struct option_item {
  char *text;
  int64_t integer;
  double number;
} option_item;

typedef struct option_value {
  option_item *items; /* [count]; none: not set; more than one: a list */
  size_t count, capacity;
} option_value;

struct checkrob_options {
  option_value *values; /* [declared_option_count] */
  char *json;           /* what checkrob_options_json gave last */
};

#endif
