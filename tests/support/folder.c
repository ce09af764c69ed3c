/* SPDX-License-Identifier: Apache-2.0 */
#include "support/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void give_up(const char *action, const char *path) {
  fprintf(stderr, "the test cannot %s %s: ", action, path);
  perror(NULL);
  abort();
}

char *folder_path(const char *folder, const char *name) {
  size_t bytes = strlen(folder) + strlen(name) + 2;
  char *path = malloc(bytes);
  if (!path) give_up("find memory for", name);
  snprintf(path, bytes, "%s/%s", folder, name);
  return path;
}

char *folder_new(void) {
  const char *base = getenv("TMPDIR");
  char *path = folder_path(base && *base ? base : "/tmp", "checkrob-test-XXXXXX");
  if (!mkdtemp(path)) give_up("create", path);
  return path;
}

size_t folder_count(const char *folder) {
  DIR *stream = opendir(folder);
  if (!stream) give_up("open", folder);
  size_t count = 0;
  while (readdir(stream)) count++;
  closedir(stream);
  return count - 2; /* without "." and ".." */
}

static void remove_all(const char *path) {
  struct stat info;
  if (lstat(path, &info) != 0) give_up("look at", path);
  if (!S_ISDIR(info.st_mode)) {
    if (unlink(path) != 0) give_up("delete", path);
    return;
  }
  DIR *folder = opendir(path);
  if (!folder) give_up("open", path);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    char *inner = folder_path(path, entry->d_name);
    remove_all(inner);
    free(inner);
  }
  closedir(folder);
  if (rmdir(path) != 0) give_up("delete", path);
}

void folder_remove(char *folder) {
  if (!folder) return;
  remove_all(folder);
  free(folder);
}

void folder_make(const char *folder, const char *name) {
  char *path = folder_path(folder, name);
  if (mkdir(path, 0700) != 0) give_up("create", path);
  free(path);
}

void file_write(const char *folder, const char *name, const void *data, size_t bytes) {
  char *path = folder_path(folder, name);
  FILE *file = fopen(path, "wb");
  if (!file || (bytes && fwrite(data, 1, bytes, file) != bytes) || fclose(file) != 0) give_up("write", path);
  free(path);
}

void file_write_text(const char *folder, const char *name, const char *text) {
  file_write(folder, name, text, strlen(text));
}

void file_truncate(const char *folder, const char *name, size_t bytes) {
  char *path = folder_path(folder, name);
  if (truncate(path, (off_t)bytes) != 0) give_up("truncate", path);
  free(path);
}

size_t file_size(const char *folder, const char *name) {
  char *path = folder_path(folder, name);
  struct stat info;
  if (stat(path, &info) != 0) give_up("look at", path);
  free(path);
  return (size_t)info.st_size;
}
