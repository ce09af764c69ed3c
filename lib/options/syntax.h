/* Values that have a syntax of their own: parsed where they are checked and where they are used. */
#ifndef CHECKROB_LIB_OPTION_SYNTAX_H
#define CHECKROB_LIB_OPTION_SYNTAX_H

#include <stdbool.h>
#include <stdint.h>

/* "3/64": the third of 64 parts. False, and the outputs are as they were, where it is not that. */
bool syntax_shard(uint32_t *shard, uint32_t *shards, const char *text);

#define SYNTAX_LAYOUT_NAME 8
#define SYNTAX_MAX_PREFIX_TOKENS 4096

/* "auto", "nchw", "nhwc", "tokens" or "tokens:P". *prefix_tokens is P, and -1 where it is not given. */
bool syntax_layout(char name[SYNTAX_LAYOUT_NAME], int64_t *prefix_tokens, const char *text);

/* The same as yes or no, and for devices: "cpu", "cuda", "cuda:N". */
bool syntax_is_shard(const char *text);
bool syntax_is_layout(const char *text);
bool syntax_is_device(const char *text);

#endif
