/* SPDX-License-Identifier: Apache-2.0 */
/* A results file of a run on the fake model, with every kind of table; and everything that reads such a file.
 */
#ifndef FUZZ_RESULTS_H
#define FUZZ_RESULTS_H

#include <stddef.h>
#include <stdint.h>

/* The file's bytes; they belong to the process. It is made once. */
const uint8_t *fuzz_results_base(size_t *bytes);

/* Writes the file "shard.sqlite", without a log of an earlier one. */
void fuzz_results_write(const uint8_t *data, size_t bytes);

/* Opens "shard.sqlite", also with another verdict rule; reads all tables, exports all of them, merges the
 * file, and compares it with the one above. */
void fuzz_results_read(void);

#endif
