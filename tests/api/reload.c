/* SPDX-License-Identifier: Apache-2.0 */
/* A program that loads the library while it runs, computes with it, unloads it, and exits; twice, as a
 * program does that has it in a plug-in. Usage: reload LIBRARY MODEL */
#include <checkrob/checkrob.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *find(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  if (!symbol) fprintf(stderr, "%s\n", dlerror());
  return symbol;
}

/* A function pointer is no object pointer in C: their bytes are copied. */
#define FIND(library, name)                  \
  __typeof__(&name) name##_;                 \
  void *name##_found = find(library, #name); \
  if (!name##_found) return EXIT_FAILURE;    \
  memcpy(&name##_, &name##_found, sizeof name##_)

static int compute(void *library, const char *path) {
  static float input[3 * 64 * 64];
  const int64_t target = 1;
  FIND(library, checkrob_model_open);
  FIND(library, checkrob_cut_new);
  FIND(library, checkrob_cut_run);
  FIND(library, checkrob_capture_free);
  FIND(library, checkrob_cut_free);
  FIND(library, checkrob_model_free);
  FIND(library, checkrob_last_error);
  checkrob_model *model = NULL;
  checkrob_cut *cut = NULL;
  checkrob_capture *capture = NULL;
  checkrob_status status = checkrob_model_open_(&model, path, 64, 64, NULL);
  if (!status)
    status = checkrob_cut_new_(&cut, model, "auto", CHECKROB_SCORE_LOGIT,
                               CHECKROB_CUT_ACTIVATIONS | CHECKROB_CUT_GRADIENTS);
  if (!status) status = checkrob_cut_run_(&capture, cut, input, 1, 64, 64, &target);
  if (status) fprintf(stderr, "%s\n", checkrob_last_error_());
  checkrob_capture_free_(capture);
  checkrob_cut_free_(cut);
  checkrob_model_free_(model);
  return status ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
  if (argc != 3) return EXIT_FAILURE;
  for (int i = 0; i < 2; i++) {
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      fprintf(stderr, "%s\n", dlerror());
      return EXIT_FAILURE;
    }
    int code = compute(library, argv[2]);
    if (dlclose(library) != 0 || code != EXIT_SUCCESS) return EXIT_FAILURE;
  }
  puts("loaded, unloaded, and at the end");
  return EXIT_SUCCESS;
}
