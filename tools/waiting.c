/* SPDX-License-Identifier: Apache-2.0 */
/* How libtorch's threads wait for each other. They are threads of libgomp. By default they spin for 3 to 15
 * ms: they occupy the cores that the command's decoding threads and other processes need, and on a busy
 * machine the model runs at a fraction of its speed. Threads that sleep at once must be woken up for every
 * operation. So here they spin for about as long as a wake-up takes, and then sleep. A setting in the user's
 * environment has priority.
 *
 * libgomp reads its environment once, when it is loaded, before main(). Therefore the command executes itself
 * again with the environment that it needs, before the constructors of the libraries, which take most of the
 * time of a start. This costs 0.14 s of CPU time, so commands that compute little do not do it. */
#define _DEFAULT_SOURCE /* for readlink */
#include <stddef.h>
#include <sys/auxv.h>
#include <unistd.h>

/* 20 to 50 microseconds. */
static char spins[] = "GOMP_SPINCOUNT=1000";

/* Nothing is initialised yet: no sanitizer, and of the C library only functions that need no initialisation.
 */
#define EARLY __attribute__((no_sanitize("address", "undefined")))

EARLY static int starts_with(const char *text, const char *start) {
  for (; *start; start++, text++)
    if (*text != *start) return 0;
  return 1;
}

EARLY static int computes(const char *command) {
  static const char *const names[] = {"score", "explain", "extract"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (starts_with(command, names[i]) && starts_with(names[i], command)) return 1;
  return 0;
}

EARLY static void wait_asleep(int argc, char **argv, char **environment) {
  size_t count = 0;
  for (; environment[count]; count++)
    if (starts_with(environment[count], "OMP_WAIT_POLICY=") ||
        starts_with(environment[count], "GOMP_SPINCOUNT="))
      return;
  if (argc < 2 || !computes(argv[1])) return;
  if (!getauxval(AT_BASE)) return; /* the dynamic linker was started, with the command as its argument */
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0 || length == (ssize_t)sizeof path) return;
  path[length] = '\0';
  char *wanted[count + 2];
  for (size_t i = 0; i < count; i++) wanted[i] = environment[i];
  wanted[count] = spins;
  wanted[count + 1] = NULL;
  execve(path, argv, wanted); /* if that fails, the command runs without it */
}

__attribute__((section(".preinit_array"), used)) static void (*early)(int, char **, char **) = wait_asleep;
