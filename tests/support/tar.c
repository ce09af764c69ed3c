/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tar.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static void put(tar_file *tar, const void *data, size_t bytes) {
  if (bytes && fwrite(data, 1, bytes, tar->file) != bytes) abort();
}

void tar_start(tar_file *tar, const char *path) {
  tar->file = fopen(path, "wb");
  if (!tar->file) {
    perror(path);
    abort();
  }
}

void tar_add_block(tar_file *tar, unsigned char block[512]) {
  unsigned sum = 0;
  memset(block + 148, ' ', 8);
  for (size_t i = 0; i < 512; i++) sum += block[i];
  char text[8];
  snprintf(text, sizeof text, "%06o", sum);
  memcpy(block + 148, text, 7);
  put(tar, block, 512);
}

void tar_add_type(tar_file *tar, char type, const char *name, const void *data, size_t bytes) {
  unsigned char block[512] = {0};
  char size[12];
  snprintf((char *)block, 100, "%s", name);
  memcpy(block + 100, "0000644", 8);
  snprintf(size, sizeof size, "%011zo", bytes);
  memcpy(block + 124, size, 12);
  block[156] = (unsigned char)type;
  memcpy(block + 257, "ustar\00000", 8);
  tar_add_block(tar, block);
  static const unsigned char zeros[512];
  put(tar, data, bytes);
  put(tar, zeros, (512 - bytes % 512) % 512);
}

void tar_add(tar_file *tar, const char *name, const void *data, size_t bytes) {
  tar_add_type(tar, '0', name, data, bytes);
}

void tar_add_text(tar_file *tar, const char *name, const char *text) {
  tar_add(tar, name, text, strlen(text));
}

static void add_path(tar_file *tar, const char *folder, const char *name) {
  char path[4096], inside[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  DIR *directory = opendir(path);
  if (directory) {
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
      if (entry->d_name[0] == '.') continue;
      snprintf(inside, sizeof inside, "%s%s%s", name, *name ? "/" : "", entry->d_name);
      add_path(tar, folder, inside);
    }
    closedir(directory);
    return;
  }
  static char data[1 << 20];
  FILE *file = fopen(path, "rb");
  if (!file) abort();
  size_t bytes = fread(data, 1, sizeof data, file);
  if (bytes == sizeof data || fclose(file) != 0) abort();
  tar_add(tar, name, data, bytes);
}

void tar_add_folder(tar_file *tar, const char *folder) {
  add_path(tar, folder, "");
}

void tar_add_pax(tar_file *tar, char type, const char *const *records, size_t count) {
  char text[8192];
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    /* The length counts its own digits. */
    size_t length = strlen(records[i]) + 2;
    char number[32];
    while ((size_t)snprintf(number, sizeof number, "%zu", length) + 1 + strlen(records[i]) != length)
      length++;
    used += (size_t)snprintf(text + used, sizeof text - used, "%zu %s", length, records[i]);
  }
  tar_add_type(tar, type, "PaxHeaders/x", text, used);
}

void tar_break_off(tar_file *tar) {
  if (fclose(tar->file) != 0) abort();
}

void tar_end(tar_file *tar) {
  static const unsigned char zeros[1024];
  put(tar, zeros, sizeof zeros);
  tar_break_off(tar);
}
