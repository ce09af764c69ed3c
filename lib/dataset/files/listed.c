/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/listed.h"

#include <string.h>
#include <strings.h>

#define READ ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".jfif", ".jpe"

/* Raster images alone: cameras write raw files (.cr2, .nef) and editors theirs (.psd) beside the images. */
static const char *const read_endings[] = {READ, NULL};
const char *const listing_image_endings[LISTING_MOST_ENDINGS] = {
    READ, ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl", ".jp2", ".ppm", ".pgm", ".tga", NULL};

bool listing_ends_in(const char *name, const char *const *endings) {
  size_t length = strlen(name);
  for (; *endings; endings++) {
    size_t ending = strlen(*endings);
    if (length > ending && strcasecmp(name + length - ending, *endings) == 0) return true;
  }
  return false;
}

bool listing_is_read(const char *name) {
  return listing_ends_in(name, read_endings);
}
