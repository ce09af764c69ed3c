/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define PIECE (1u << 16)

uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes) {
  const unsigned char *byte = data;
  for (size_t i = 0; i < bytes; i++) hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
  return hash;
}

uint64_t hash_text(uint64_t hash, const char *text) {
  return hash_bytes(hash, text, strlen(text) + 1);
}

checkrob_status hash_file(uint64_t *hash, const char *path) {
  FILE *file = NULL;
  checkrob_status status = file_open(&file, path);
  if (status) return status;
  char *piece = malloc(PIECE);
  status = piece ? CHECKROB_OK : error_memory(path);
  size_t got = 0;
  while (!status && (got = fread(piece, 1, PIECE, file)) > 0) *hash = hash_bytes(*hash, piece, got);
  if (!status && ferror(file)) status = error_errno("read", path);
  free(piece);
  fclose(file);
  return status;
}
