/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* RTLD_NODELETE */
#include "backend/loaded.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "backend/failure.h"
#include "backend/place.h"
#include "backend/threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static loaded_shim functions;
static bool is_open; /* under the lock */

static const struct {
  const char *name;
  size_t place; /* in loaded_shim */
} names[] = {
#define NAME(name) \
  { #name, offsetof(loaded_shim, name) }
    NAME(shim_interface),
    NAME(shim_set_threads),
    NAME(shim_limit_threads),
    NAME(shim_torch_version),
    NAME(shim_installation_warning),
    NAME(shim_model_open),
    NAME(shim_model_free),
    NAME(shim_model_output_count),
    NAME(shim_model_output),
    NAME(shim_model_layer_count),
    NAME(shim_model_layer),
    NAME(shim_model_channels),
    NAME(shim_model_class_count),
    NAME(shim_model_auto_layer),
    NAME(shim_model_ending),
    NAME(shim_model_remark),
    NAME(shim_cut_new),
    NAME(shim_cut_free),
    NAME(shim_cut_run),
    NAME(shim_cut_ablate)
#undef NAME
};

#define NAMES (sizeof names / sizeof names[0])
_Static_assert(sizeof(loaded_shim) == NAMES * sizeof(void *), "each function has its name");

/* A function pointer is no object pointer in C: their bytes are copied. */
static bool find_functions(void *library) {
  for (size_t i = 0; i < NAMES; i++) {
    void *found = dlsym(library, names[i].name);
    if (!found) return false;
    memcpy((char *)&functions + names[i].place, &found, sizeof found);
  }
  return true;
}

static int refuse_other_torch(shim_error *error) {
  char path[1024];
  if (place_loaded_torch(path, sizeof path) != TORCH_OTHER) return SHIM_OK;
  return backend_fail(
      error, SHIM_ERROR,
      "this program has loaded another libtorch, %s, and two do not work in one process; let a worker "
      "run the model (the option worker)",
      path);
}

static int load(shim_error *error) {
  char path[4096];
  if (!place_shim(path, sizeof path))
    return backend_fail(error, SHIM_ERROR, "this checkrob was built without libtorch: there is no %s", path);
  int code = refuse_other_torch(error);
  if (code != SHIM_OK) return code;
  /* Its threads, and what libtorch registers to run at the end, stay: it is never unloaded. */
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) return backend_fail(error, SHIM_ERROR, "libtorch cannot be loaded: %s", dlerror());
  if (!find_functions(library) || functions.shim_interface() != SHIM_INTERFACE)
    return backend_fail(error, SHIM_ERROR, "%s is not of this version of checkrob; install both again", path);
  is_open = true;
  protocol_threads threads = threads_now();
  if (threads.process > 0) functions.shim_set_threads(threads.process);
  return SHIM_OK;
}

const loaded_shim *loaded_open(shim_error *error) {
  pthread_mutex_lock(&lock);
  int code = is_open ? SHIM_OK : load(error);
  pthread_mutex_unlock(&lock);
  return code == SHIM_OK ? &functions : NULL;
}

const loaded_shim *loaded_if_open(void) {
  pthread_mutex_lock(&lock);
  bool open = is_open;
  pthread_mutex_unlock(&lock);
  return open ? &functions : NULL;
}
