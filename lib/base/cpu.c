#define _GNU_SOURCE /* for CPU_COUNT */
#include "base/cpu.h"

#include <sched.h>

size_t cpu_count(void) {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? (size_t)CPU_COUNT(&cores) : 1;
}
