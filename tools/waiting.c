/* SPDX-License-Identifier: Apache-2.0 */
/* The environment that the computing commands run in: how threads wait, and how memory is reused. A setting
 * in the user's environment has priority.
 *
 * Threads: those of libgomp spin by default for 3 to 15 ms while they wait for each other, those of OpenBLAS
 * for about 20 ms. They occupy the cores that the command's decoding threads and other processes
 * need, and on a busy machine the model runs at a fraction of its speed. Threads that sleep at once must be
 * woken up for every operation. So here they spin for about as long as a wake-up takes, and then sleep.
 *
 * Memory: libtorch allocates and frees a tensor for every operation. By default glibc returns large ones to
 * the system, which then fills new pages with zeros again and again: up to half of the system's time of a
 * run. So freed memory stays with the process until it ends.
 *
 * Both read the environment once, when they are loaded, before main(). Therefore the command executes itself
 * again with the environment that it needs, before the constructors of the libraries, which take most of the
 * time of a start. This costs 0.14 s of CPU time, so commands that compute little do not do it. */
#define _DEFAULT_SOURCE /* for readlink */
#include <stddef.h>
#include <sys/auxv.h>
#include <unistd.h>

typedef struct setting {
  char *text;
  const char *names[3]; /* if the user has set any of these, it is not set; NULL ends the list */
} setting;

static const setting settings[] = {
    {"GOMP_SPINCOUNT=1000", {"GOMP_SPINCOUNT=", "OMP_WAIT_POLICY="}}, /* 20 to 50 microseconds */
    {"OPENBLAS_THREAD_TIMEOUT=4", {"OPENBLAS_THREAD_TIMEOUT="}},      /* 2^4 cycles: the smallest */
    {"MALLOC_TRIM_THRESHOLD_=1073741824", {"MALLOC_TRIM_THRESHOLD_=", "GLIBC_TUNABLES="}},
    {"MALLOC_MMAP_THRESHOLD_=33554432", {"MALLOC_MMAP_THRESHOLD_=", "GLIBC_TUNABLES="}}, /* the largest */
    {"MALLOC_TOP_PAD_=67108864", {"MALLOC_TOP_PAD_=", "GLIBC_TUNABLES="}}};

#define SETTINGS (sizeof settings / sizeof settings[0])

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

EARLY static int is_set(char **environment, const setting *wanted) {
  for (size_t i = 0; environment[i]; i++)
    for (size_t k = 0; k < 3 && wanted->names[k]; k++)
      if (starts_with(environment[i], wanted->names[k])) return 1;
  return 0;
}

/* A second start finds all of them set. */
EARLY static void prepare_environment(int argc, char **argv, char **environment) {
  size_t count = 0, missing = 0;
  while (environment[count]) count++;
  for (size_t i = 0; i < SETTINGS; i++) missing += !is_set(environment, &settings[i]);
  if (missing == 0 || argc < 2 || !computes(argv[1])) return;
  if (!getauxval(AT_BASE)) return; /* the dynamic linker was started, with the command as its argument */
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0 || length == (ssize_t)sizeof path) return;
  path[length] = '\0';
  char *wanted[count + SETTINGS + 1];
  for (size_t i = 0; i < count; i++) wanted[i] = environment[i];
  for (size_t i = 0; i < SETTINGS; i++)
    if (!is_set(environment, &settings[i])) wanted[count++] = settings[i].text;
  wanted[count] = NULL;
  execve(path, argv, wanted); /* if that fails, the command runs without them */
}

__attribute__((section(".preinit_array"), used)) static void (*early)(int, char **,
                                                                      char **) = prepare_environment;
