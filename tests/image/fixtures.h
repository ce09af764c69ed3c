/* SPDX-License-Identifier: Apache-2.0 */
/* What the image room's tests share: files, checksums, and a generator of pixels. */
#ifndef CHECKROB_TESTS_IMAGE_FIXTURES_H
#define CHECKROB_TESTS_IMAGE_FIXTURES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above. */
#include <cmocka.h>

#include <checkrob/image.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

typedef struct blob {
  uint8_t *data;
  size_t bytes;
} blob;

static inline blob read_file(const char *path) {
  char *data = NULL;
  blob file = {0};
  if (file_read(&data, &file.bytes, path, 1 << 28) != CHECKROB_OK) fail_msg("%s", checkrob_last_error());
  file.data = (uint8_t *)data;
  return file;
}

/* A file of image/fixtures; the caller frees its data. */
static inline blob read_fixture(const char *name) {
  char path[1024];
  snprintf(path, sizeof path, CHECKROB_TEST_DATA "/image/fixtures/%s", name);
  return read_file(path);
}

static inline FILE *open_list(const char *name) {
  char path[1024];
  snprintf(path, sizeof path, CHECKROB_TEST_DATA "/image/fixtures/%s", name);
  FILE *list = fopen(path, "r");
  if (!list) fail_msg("cannot open %s", path);
  return list;
}

/* The checksum of zlib and PNG. */
static inline uint32_t crc_32(const void *data, size_t bytes) {
  const uint8_t *at = data;
  uint32_t crc = 0xFFFFFFFF;
  for (size_t i = 0; i < bytes; i++) {
    crc ^= at[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

static inline uint32_t crc_of_image(const checkrob_image *image) {
  return crc_32(checkrob_image_pixels(image),
                (size_t)checkrob_image_width(image) * checkrob_image_height(image) * 3);
}

/* The same numbers on every machine. */
static inline uint32_t next_number(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static inline checkrob_image *noise_image(uint32_t width, uint32_t height, uint32_t seed) {
  size_t bytes = (size_t)width * height * 3;
  uint8_t *pixels = malloc(bytes);
  assert_non_null(pixels);
  for (size_t i = 0; i < bytes; i++) pixels[i] = (uint8_t)(next_number(&seed) >> 11);
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_from_rgb(&image, pixels, width, height), CHECKROB_OK);
  free(pixels);
  return image;
}

static inline void assert_sentence(const char *part) {
  if (!strstr(checkrob_last_error(), part)) fail_msg("\"%s\" lacks \"%s\"", checkrob_last_error(), part);
}

#endif
