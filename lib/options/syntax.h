/* SPDX-License-Identifier: Apache-2.0 */
/* Values that have a syntax of their own. They are parsed both when they are validated and when they are
 * used. */
#ifndef CHECKROB_LIB_OPTION_SYNTAX_H
#define CHECKROB_LIB_OPTION_SYNTAX_H

#include <stdbool.h>
#include <stdint.h>

/* "3/64": the third of 64 parts. If the text has another form, false, and the outputs are unchanged. */
bool syntax_shard(uint32_t *shard, uint32_t *shards, const char *text);

#define SYNTAX_LAYOUT_NAME 8
#define SYNTAX_MAX_PREFIX_TOKENS 4096

/* "auto", "nchw", "nhwc", "tokens" or "tokens:P". *prefix_tokens is P; -1 without P. */
bool syntax_layout(char name[SYNTAX_LAYOUT_NAME], int64_t *prefix_tokens, const char *text);

/* Validates the same texts, and devices: "cpu", "cuda", "cuda:N". */
bool syntax_is_shard(const char *text);
bool syntax_is_layout(const char *text);
bool syntax_is_device(const char *text);

#endif
