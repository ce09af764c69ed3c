/* How many threads may compute at once. */
#ifndef CHECKROB_LIB_CPU_H
#define CHECKROB_LIB_CPU_H

#include <stddef.h>

/* The cores that this thread may run on (its affinity), at most as many as the CPU quota of the process's
 * cgroups pays for, rounded up; at least 1. */
size_t cpu_count(void);

/* The quota alone: of the cgroup (v1 or v2) that the process is in, and of those above it, the smallest; 0:
 * there is none. `root` is put before every path that is read, "" for the system's own. */
size_t cpu_quota(const char *root);

#endif
