/* SPDX-License-Identifier: Apache-2.0 */
#include "results/abandoned.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "table/store.h"

/* Between making its file and opening it, a merge holds nothing. */
#define OLD_SECONDS 3600
#define DIGITS 16

void abandoned_remove_logs(const char *path) {
  static const char *const endings[] = {"-wal", "-shm", "-journal"};
  char file[PATH_MAX + 16];
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (snprintf(file, sizeof file, "%s%s", path, endings[i]) < (int)sizeof file) unlink(file);
}

/* "TARGET.0123456789abcdef.part": base/write_target.c. */
static bool is_part_of(const char *name, const char *target) {
  size_t length = strlen(target);
  if (strncmp(name, target, length) != 0 || name[length] != '.') return false;
  const char *digits = name + length + 1;
  return strspn(digits, "0123456789abcdef") == DIGITS && strcmp(digits + DIGITS, ".part") == 0;
}

static bool is_old(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
         difftime(time(NULL), info.st_mtime) > OLD_SECONDS;
}

static void remove_if_abandoned(const char *path) {
  if (!is_old(path) || store_is_held(path)) return;
  unlink(path);
  abandoned_remove_logs(path);
}

void abandoned_remove(const char *target) {
  const char *slash = strrchr(target, '/'), *name = slash ? slash + 1 : target;
  char *folder = slash ? text_format("%.*s", (int)(slash - target) + 1, target) : text_copy("./");
  DIR *directory = folder ? opendir(folder) : NULL;
  for (const struct dirent *found; directory && (found = readdir(directory));) {
    char *path = is_part_of(found->d_name, name) ? text_format("%s%s", folder, found->d_name) : NULL;
    if (path) remove_if_abandoned(path);
    free(path);
  }
  if (directory) closedir(directory);
  free(folder);
}
