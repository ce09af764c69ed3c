/* SPDX-License-Identifier: Apache-2.0 */
/* A hash of contents: FNV-1a, 64 bits. It distinguishes files, but is no protection against forged ones. */
#ifndef CHECKROB_LIB_HASH_H
#define CHECKROB_LIB_HASH_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes);
/* Hashes the NUL too: "ab", "c" differs from "a", "bc". */
uint64_t hash_text(uint64_t hash, const char *text);
/* Hashes a file's contents, piece by piece. Errors: NOT_FOUND, IO, OUT_OF_MEMORY. */
checkrob_status hash_file(uint64_t *hash, const char *path);

#endif
