/* Public structures that may grow: their first member is the size that the caller's program was compiled
 * with. */
#ifndef CHECKROB_LIB_STRUCTURE_H
#define CHECKROB_LIB_STRUCTURE_H

#include <checkrob/status.h>
#include <stddef.h>

/* Fills the caller's structure from ours, as far as the caller's reaches. INVALID_ARGUMENT when its size was
 * never set. */
checkrob_status structure_give(void *theirs, const void *ours, size_t our_size);

/* Fills ours, which holds the defaults, from the caller's, as far as that reaches. INVALID_ARGUMENT when its
 * size was never set, or when it is longer than ours: it then asks for something that this library does not
 * know. */
checkrob_status structure_take(void *ours, size_t our_size, const void *theirs);

#endif
