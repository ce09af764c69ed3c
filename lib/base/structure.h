/* SPDX-License-Identifier: Apache-2.0 */
/* Public structures that may grow. Their first member is the size that the caller's program was compiled
 * with. */
#ifndef CHECKROB_LIB_STRUCTURE_H
#define CHECKROB_LIB_STRUCTURE_H

#include <checkrob/status.h>
#include <stddef.h>

/* Copies our structure to the caller's, as far as the caller's is long. INVALID_ARGUMENT if its size was
 * never set. */
checkrob_status structure_give(void *theirs, const void *ours, size_t our_size);

/* Copies the caller's structure to ours, which contains the defaults, as far as the caller's is long.
 * INVALID_ARGUMENT if its size was never set, or if it is longer than ours: it then asks for something that
 * this library does not know. */
checkrob_status structure_take(void *ours, size_t our_size, const void *theirs);

#endif
