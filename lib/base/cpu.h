/* SPDX-License-Identifier: Apache-2.0 */
/* The number of threads that may compute at once. */
#ifndef CHECKROB_LIB_CPU_H
#define CHECKROB_LIB_CPU_H

#include <stddef.h>

/* The number of cores that this thread may run on (its affinity), limited by the CPU quota of the process's
 * cgroups, which is rounded up. At least 1. */
size_t cpu_count(void);

/* The quota only: the smallest of the cgroup (v1 or v2) that the process is in and those above it; 0: no
 * quota. `root` is prepended to every path that is read: "" for the system's own. */
size_t cpu_quota(const char *root);

#endif
