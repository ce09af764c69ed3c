/* SPDX-License-Identifier: Apache-2.0 */
/* Calls a harness with each file of its arguments, and of folders among them: a harness without libFuzzer.
 * Fails on an input that takes too much memory. A folder that does not exist is an empty one.
 * Usage: fuzz_HARNESS FILE-OR-FOLDER... */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

/* Of all inputs so far, with sanitizers too. */
#define MOST_KILOBYTES (1024L * 1024L)

/* A block of exactly the input's size, so that a sanitizer sees what reads beyond it. */
static uint8_t *read_input(size_t *bytes, const char *path, const struct stat *info) {
  *bytes = (size_t)info->st_size;
  uint8_t *data = malloc(*bytes ? *bytes : 1);
  FILE *file = fopen(path, "rb");
  FUZZ_CHECK(data && file, "cannot read %s: %s", path, strerror(errno));
  FUZZ_CHECK(fread(data, 1, *bytes, file) == *bytes, "cannot read %s", path);
  fclose(file);
  return data;
}

static void replay_file(const char *path, const struct stat *info) {
  size_t bytes = 0;
  uint8_t *data = read_input(&bytes, path, info);
  fprintf(stderr, "%s\n", path); /* the last line names the input that broke a promise */
  LLVMFuzzerTestOneInput(data, bytes);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  free(data);
  FUZZ_CHECK(usage.ru_maxrss < MOST_KILOBYTES, "%s takes %ld MB", path, usage.ru_maxrss / 1024);
}

static void replay(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0 && errno == ENOENT) return;
  DIR *folder = opendir(path);
  if (!folder) {
    replay_file(path, &info);
    return;
  }
  for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    char name[4096];
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] != '.') replay(name);
  }
  closedir(folder);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) replay(argv[i]);
  return 0;
}
