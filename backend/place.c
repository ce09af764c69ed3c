/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* dladdr, dl_iterate_phdr, secure_getenv */
#include "backend/place.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The libtorch that the shim of this build was linked with; "" if it was built without one. */
#ifndef CHECKROB_TORCH_LIBRARY
#define CHECKROB_TORCH_LIBRARY ""
#endif
#ifndef CHECKROB_LIBRARY_ARCHITECTURE
#define CHECKROB_LIBRARY_ARCHITECTURE ""
#endif

static const char *own_path(void) {
  Dl_info info;
  /* An object's address serves: a function's is no `void *` in C. */
  static const char here;
  return dladdr(&here, &info) && info.dli_fname ? info.dli_fname : "";
}

/* The file beside the library; false if the path is too long. */
static bool beside_library(char *path, size_t size, const char *name) {
  const char *own = own_path(), *slash = strrchr(own, '/');
  int folder = slash ? (int)(slash - own) : 1;
  int length = snprintf(path, size, "%.*s/checkrob/%s", folder, slash ? own : ".", name);
  return length > 0 && (size_t)length < size;
}

/* The variable's value; a program with more rights than its user does not believe the user's environment. */
static bool from_environment(char *path, size_t size, const char *variable) {
  const char *value = secure_getenv(variable);
  if (!value || !*value) return false;
  snprintf(path, size, "%s", value);
  return true;
}

bool place_shim(char *path, size_t size) {
  if (from_environment(path, size, "CHECKROB_SHIM")) return true;
  return beside_library(path, size, "libcheckrob-shim.so") && access(path, R_OK) == 0;
}

static bool installed_worker(char *path, size_t size) {
  static const char *const folders[] = {"/usr/local/lib/" CHECKROB_LIBRARY_ARCHITECTURE, "/usr/local/lib",
                                        "/usr/lib/" CHECKROB_LIBRARY_ARCHITECTURE, "/usr/lib"};
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    snprintf(path, size, "%s/checkrob/checkrob-worker", folders[i]);
    if (access(path, X_OK) == 0) return true;
  }
  return false;
}

bool place_worker(char *path, size_t size) {
  if (from_environment(path, size, "CHECKROB_WORKER")) return true;
  if (beside_library(path, size, "checkrob-worker") && access(path, X_OK) == 0) return true;
  char other[256];
  if (!installed_worker(other, sizeof other)) return false;
  snprintf(path, size, "%s", other);
  return true;
}

/* ---- libtorch ---- */

typedef struct search {
  char *path;
  size_t size;
  place_torch found;
} search;

static bool is_of_shim(const char *path) {
  struct stat loaded, own;
  return stat(path, &loaded) == 0 && stat(CHECKROB_TORCH_LIBRARY, &own) == 0 && loaded.st_dev == own.st_dev &&
         loaded.st_ino == own.st_ino;
}

static int look(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  search *s = data;
  const char *slash = strrchr(info->dlpi_name, '/');
  if (!slash || strncmp(slash, "/libtorch_cpu.so", strlen("/libtorch_cpu.so")) != 0) return 0;
  place_torch found = is_of_shim(info->dlpi_name) ? TORCH_OF_SHIM : TORCH_OTHER;
  if (found > s->found) {
    s->found = found;
    snprintf(s->path, s->size, "%s", info->dlpi_name);
  }
  return s->found == TORCH_OTHER;
}

place_torch place_loaded_torch(char *path, size_t size) {
  search s = {path, size, TORCH_NONE};
  *path = '\0';
  dl_iterate_phdr(look, &s);
  return s.found;
}
