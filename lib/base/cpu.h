/* How many threads may compute at once. */
#ifndef CHECKROB_LIB_CPU_H
#define CHECKROB_LIB_CPU_H

#include <stddef.h>

/* The cores that the process may use; at least 1. */
size_t cpu_count(void);

#endif
