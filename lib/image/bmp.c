/* SPDX-License-Identifier: Apache-2.0 */
/* A file is a header of 14 bytes, a header with the size and the kind, masks or a palette, and the rows. No
 * packaged library reads only this, and the format has nothing to decompress. */
#include "image/bmp.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"

#define FILE_HEADER 14
#define HEADER_OS2 12
#define HEADER_WINDOWS 40
#define HEADER_WITH_MASKS 52 /* and longer ones */

enum { KIND_PLAIN = 0, KIND_MASKS = 3, KIND_MASKS_ALPHA = 6 };

typedef struct bitmap {
  const image_source *source;
  uint32_t header; /* its bytes */
  uint32_t width, height;
  bool top_down;
  uint32_t bits; /* of a pixel */
  uint32_t kind;
  uint32_t colours;        /* of the palette */
  uint32_t masks[3];       /* of red, green, blue */
  uint8_t palette[256][3]; /* those that the file does not have are black */
  size_t rows;             /* where they begin */
} bitmap;

static uint32_t number_at(const uint8_t *data, size_t bytes) {
  uint32_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | data[i];
  return value;
}

static checkrob_status truncated(const image_source *source) {
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is a truncated BMP: its data ends before its pixels do",
                   source->name);
}

static checkrob_status broken(const image_source *source, const char *what) {
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is a broken BMP: %s", source->name, what);
}

/* ---- the headers ---- */

static checkrob_status read_size(bitmap *b, const uint8_t *at) {
  bool old = b->header == HEADER_OS2;
  b->width = number_at(at + 4, old ? 2 : 4);
  b->height = old ? number_at(at + 6, 2) : number_at(at + 8, 4);
  b->bits = number_at(at + (old ? 10 : 14), 2);
  b->kind = old ? KIND_PLAIN : number_at(at + 16, 4);
  b->colours = old ? 0 : number_at(at + 32, 4);
  if (!old && b->height > INT32_MAX) { /* a negative height: the first row is the uppermost */
    b->top_down = true;
    b->height = 0 - b->height;
  }
  if (b->width == 0 || b->height == 0 || b->width > INT32_MAX || b->height > INT32_MAX)
    return broken(b->source, "its size is not positive");
  return image_check_limits(b->source, b->width, b->height);
}

static checkrob_status check_kind(const bitmap *b) {
  bool bits_fit =
      b->bits == 1 || b->bits == 4 || b->bits == 8 || b->bits == 16 || b->bits == 24 || b->bits == 32;
  bool masks = b->kind == KIND_MASKS || b->kind == KIND_MASKS_ALPHA;
  if (!bits_fit) return broken(b->source, "a pixel has neither 1, 4, 8, 16, 24 nor 32 bits");
  if (b->kind == KIND_PLAIN || (masks && (b->bits == 16 || b->bits == 32))) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_UNSUPPORTED, "%s is a BMP with compression %" PRIu32 "; convert it to PNG",
                   b->source->name, b->kind);
}

/* The masks are the long headers' own, or follow the short one. */
static checkrob_status read_masks(bitmap *b, size_t *end) {
  static const uint32_t usual[2][3] = {{0x7C00, 0x03E0, 0x001F}, {0xFF0000, 0x00FF00, 0x0000FF}};
  memcpy(b->masks, usual[b->bits == 32], sizeof b->masks);
  if (b->kind == KIND_PLAIN) return CHECKROB_OK;
  size_t at = FILE_HEADER + HEADER_WINDOWS;
  if (b->source->bytes < at + 12) return truncated(b->source);
  for (size_t i = 0; i < 3; i++) b->masks[i] = number_at(b->source->data + at + 4 * i, 4);
  if (b->header < HEADER_WITH_MASKS) *end += b->kind == KIND_MASKS_ALPHA ? 16 : 12;
  if (!b->masks[0] || !b->masks[1] || !b->masks[2]) return broken(b->source, "a colour has no bits");
  return CHECKROB_OK;
}

static checkrob_status read_palette(bitmap *b, size_t at) {
  if (b->bits > 8) return CHECKROB_OK;
  size_t bytes = b->header == HEADER_OS2 ? 3 : 4; /* blue, green, red, and perhaps nothing */
  size_t most = (size_t)1 << b->bits, count = b->colours > 0 && b->colours < most ? b->colours : most;
  for (size_t i = 0; i < count && at + bytes <= b->rows && at + bytes <= b->source->bytes; i++, at += bytes)
    for (size_t c = 0; c < 3; c++) b->palette[i][c] = b->source->data[at + 2 - c];
  return CHECKROB_OK;
}

static checkrob_status read_headers(bitmap *b) {
  const uint8_t *data = b->source->data;
  if (b->source->bytes < FILE_HEADER + HEADER_OS2) return truncated(b->source);
  b->rows = number_at(data + 10, 4);
  b->header = number_at(data + FILE_HEADER, 4);
  if (b->header != HEADER_OS2 && (b->header < HEADER_WINDOWS || b->header > 1024))
    return broken(b->source, "its header has an unknown length");
  if (b->source->bytes < FILE_HEADER + b->header) return truncated(b->source);
  size_t end = FILE_HEADER + b->header;
  checkrob_status status = read_size(b, data + FILE_HEADER);
  if (!status) status = check_kind(b);
  if (!status) status = read_masks(b, &end);
  if (!status && b->rows < end) status = broken(b->source, "its pixels begin inside its header");
  return status ? status : read_palette(b, end);
}

/* ---- the pixels ---- */

static void read_indices(uint8_t *out, const uint8_t *row, const bitmap *b) {
  uint32_t per_byte = 8 / b->bits, most = (1U << b->bits) - 1;
  for (uint32_t x = 0; x < b->width; x++, out += 3) {
    uint32_t shift = 8 - b->bits * (x % per_byte + 1);
    memcpy(out, b->palette[(uint32_t)row[x / per_byte] >> shift & most], 3);
  }
}

static void read_bgr(uint8_t *out, const uint8_t *row, const bitmap *b) {
  for (uint32_t x = 0; x < b->width; x++, out += 3, row += 3) {
    out[0] = row[2];
    out[1] = row[1];
    out[2] = row[0];
  }
}

/* The bits of a mask as 0 to 255, rounded down as Pillow does. */
static uint8_t masked(uint32_t pixel, uint32_t mask) {
  uint32_t lowest = mask & (0 - mask);
  uint64_t value = (pixel & mask) / lowest, most = mask / lowest;
  return (uint8_t)(value * 255 / most);
}

static void read_masked(uint8_t *out, const uint8_t *row, const bitmap *b) {
  size_t bytes = b->bits / 8;
  for (uint32_t x = 0; x < b->width; x++, out += 3, row += bytes)
    for (size_t c = 0; c < 3; c++) out[c] = masked(number_at(row, bytes), b->masks[c]);
}

static void read_row(uint8_t *out, const uint8_t *row, const bitmap *b) {
  if (b->bits <= 8)
    read_indices(out, row, b);
  else if (b->bits == 24)
    read_bgr(out, row, b);
  else
    read_masked(out, row, b);
}

checkrob_status bmp_decode(checkrob_image **out, const image_source *source) {
  bitmap b = {.source = source};
  checkrob_status status = read_headers(&b);
  if (status) return status;
  uint64_t stride = ((uint64_t)b.width * b.bits + 31) / 32 * 4;
  if (b.rows > source->bytes || source->bytes - b.rows < stride * b.height) return truncated(source);
  checkrob_image *image = NULL;
  status = image_new(&image, b.width, b.height);
  if (status) return status;
  for (uint32_t y = 0; y < b.height; y++) {
    uint32_t stored = b.top_down ? y : b.height - 1 - y;
    read_row(image->pixels + (size_t)y * b.width * 3, source->data + b.rows + (size_t)stored * (size_t)stride,
             &b);
  }
  *out = image;
  return CHECKROB_OK;
}
