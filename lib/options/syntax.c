/* SPDX-License-Identifier: Apache-2.0 */
#include "options/syntax.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

bool syntax_shard(uint32_t *shard, uint32_t *shards, const char *text) {
  const char *slash = strchr(text, '/');
  char first[16];
  int64_t part = 0, parts = 0;
  if (!slash || (size_t)(slash - text) >= sizeof first) return false;
  snprintf(first, sizeof first, "%.*s", (int)(slash - text), text);
  if (!number_parse_index(&part, first) || !number_parse_index(&parts, slash + 1)) return false;
  if (part < 1 || part > parts || parts > UINT32_MAX) return false;
  *shard = (uint32_t)part;
  *shards = (uint32_t)parts;
  return true;
}

bool syntax_layout(char name[SYNTAX_LAYOUT_NAME], int64_t *prefix_tokens, const char *text) {
  static const char *const names[] = {"auto", "nchw", "nhwc", "tokens"};
  size_t length = strcspn(text, ":"), i = 0;
  while (i < 4 && (strlen(names[i]) != length || strncasecmp(names[i], text, length) != 0)) i++;
  if (i == 4) return false;
  int64_t tokens = -1;
  if (text[length] == ':') {
    if (i != 3 || !number_parse_index(&tokens, text + length + 1)) return false;
    if (tokens > SYNTAX_MAX_PREFIX_TOKENS) return false;
  }
  snprintf(name, SYNTAX_LAYOUT_NAME, "%s", names[i]);
  *prefix_tokens = tokens;
  return true;
}

bool syntax_is_shard(const char *text) {
  uint32_t shard = 0, shards = 0;
  return syntax_shard(&shard, &shards, text);
}

bool syntax_is_layout(const char *text) {
  char name[SYNTAX_LAYOUT_NAME];
  int64_t tokens = 0;
  return syntax_layout(name, &tokens, text);
}

bool syntax_is_device(const char *text) {
  int64_t index = 0;
  if (strcmp(text, "cpu") == 0 || strcmp(text, "cuda") == 0) return true;
  return strncmp(text, "cuda:", 5) == 0 && number_parse_index(&index, text + 5) && index <= 127;
}
