/* SPDX-License-Identifier: Apache-2.0 */
/* Options, as the other rooms read them. */
#ifndef CHECKROB_LIB_OPTIONS_H
#define CHECKROB_LIB_OPTIONS_H

#include <checkrob/options.h>
#include <stdbool.h>

#include "options/syntax.h"

/* ---- values of several parts ---- */

/* The shard, from 1, and the number of shards; 0 and 0 for the whole data. */
void options_shard(uint32_t *shard, uint32_t *shards, const checkrob_options *options);

/* The layout's name and its number of prefix tokens; -1: found from the shape. */
typedef struct options_layout_choice {
  char name[SYNTAX_LAYOUT_NAME];
  int64_t prefix_tokens;
} options_layout_choice;
options_layout_choice options_layout(const checkrob_options *options);

/* Is `choice` among the value of an option of the type CHOICES? options_includes(o, "ignore", "crowd") */
bool options_includes(const checkrob_options *options, const char *name, const char *choice);

/* Is this the value of an option of the type CHOICE? options_is(o, "profile", "paper") */
bool options_is(const checkrob_options *options, const char *name, const char *choice);

#endif
