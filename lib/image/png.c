/* SPDX-License-Identifier: Apache-2.0 */
/* PNG by libpng. Its errors leave by longjmp: everything that must survive one is in `session`. */
#include <png.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"
#include "image/orientation.h"
#include "image/png.h"

/* Besides the pixels, only the palette is read; it is far smaller than this. */
#define MAX_CHUNK_BYTES 8000000

typedef struct session {
  png_structp png;
  png_infop info;
  const image_source *source;
  size_t read; /* bytes */
  bool wants_indices;
  checkrob_image *image; /* one of the two, the other is NULL */
  index_image *indices;
  png_bytep *rows;
  bool out_of_memory; /* libpng and zlib report it in several ways */
  checkrob_status status;
} session;

static void on_error(png_structp png, png_const_charp reason) {
  session *decoding = png_get_error_ptr(png);
  if (decoding->out_of_memory)
    decoding->status = error_memory("decoding a PNG");
  else
    decoding->status =
        error_set(CHECKROB_ERROR_BAD_INPUT, "%s is a broken PNG: %s", decoding->source->name, reason);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp reason) {
  (void)png;
  (void)reason;
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t bytes) {
  session *decoding = png_get_mem_ptr(png);
  void *memory = malloc(bytes);
  if (!memory) decoding->out_of_memory = true;
  return memory;
}

static void on_free(png_structp png, png_voidp memory) {
  (void)png;
  free(memory);
}

/* Leaves with a status whose error message is stored already. */
static _Noreturn void leave(session *decoding, checkrob_status status) {
  decoding->status = status;
  png_longjmp(decoding->png, 1);
}

static void on_read(png_structp png, png_bytep out, size_t bytes) {
  session *decoding = png_get_io_ptr(png);
  const image_source *source = decoding->source;
  if (bytes > source->bytes - decoding->read)
    leave(decoding, error_set(CHECKROB_ERROR_BAD_INPUT,
                              "%s is a truncated PNG: its data ends before its pixels do", source->name));
  memcpy(out, source->data + decoding->read, bytes);
  decoding->read += bytes;
}

/* The result is 8-bit RGB, except that palette indices and 16-bit grays do not change; finish_rows() converts
 * them. */
static void set_transforms(session *decoding) {
  png_structp png = decoding->png;
  png_byte colour = png_get_color_type(png, decoding->info);
  png_byte depth = png_get_bit_depth(png, decoding->info);
  if (colour == PNG_COLOR_TYPE_PALETTE) {
    png_set_packing(png);
  } else if (!(colour == PNG_COLOR_TYPE_GRAY && depth == 16)) {
    if (depth == 16) png_set_strip_16(png);
    if (depth < 8) png_set_expand_gray_1_2_4_to_8(png);
    if (colour & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(png);
    if (!(colour & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, decoding->info);
}

/* Always 256 colours: an index beyond the file's palette is a shade of gray, as in Pillow. */
static void make_palette(uint8_t palette[256][3], session *decoding) {
  for (int i = 0; i < 256; i++) memset(palette[i], i, 3);
  png_colorp colours = NULL;
  int count = 0;
  png_get_PLTE(decoding->png, decoding->info, &colours, &count);
  for (int i = 0; i < count; i++) {
    palette[i][0] = colours[i].red;
    palette[i][1] = colours[i].green;
    palette[i][2] = colours[i].blue;
  }
}

/* Each widens a row in place, from its end. */
static void widen_indices(uint8_t *row, size_t width, uint8_t palette[256][3]) {
  for (size_t x = width; x-- > 0;) memcpy(row + x * 3, palette[row[x]], 3);
}

/* As Pillow does, a value above 255 becomes 255; returns whether there was one. */
static bool clip_gray_16(uint8_t *row, size_t width) {
  bool clipped = false;
  for (size_t x = width; x-- > 0;) {
    clipped = clipped || row[x * 2];
    memset(row + x * 3, row[x * 2] ? 255 : row[x * 2 + 1], 3);
  }
  return clipped;
}

/* round(value * 255 / 65535). */
static void scale_gray_16(uint8_t *row, size_t width) {
  for (size_t x = width; x-- > 0;) {
    uint32_t value = (uint32_t)row[x * 2] << 8 | row[x * 2 + 1];
    memset(row + x * 3, (int)((value + 128) / 257), 3);
  }
}

static void narrow_gray_16(checkrob_image *image, uint8_t *row, bool scaled) {
  if (scaled)
    scale_gray_16(row, image->width);
  else if (clip_gray_16(row, image->width))
    image->clipped = true;
}

static void finish_rows(session *decoding, png_byte colour, png_byte depth) {
  checkrob_image *image = decoding->image;
  if (colour == PNG_COLOR_TYPE_PALETTE) {
    uint8_t palette[256][3];
    make_palette(palette, decoding);
    for (uint32_t y = 0; y < image->height; y++) widen_indices(decoding->rows[y], image->width, palette);
  } else if (colour == PNG_COLOR_TYPE_GRAY && depth == 16) {
    bool scaled = decoding->source->limits.scale_gray_16 != 0;
    for (uint32_t y = 0; y < image->height; y++) narrow_gray_16(image, decoding->rows[y], scaled);
  }
}

static void set_strictness(session *decoding) {
  png_structp png = decoding->png;
  /* image_check_limits() has clearer error messages than libpng's own limits. */
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, MAX_CHUNK_BYTES);
  /* A wrong checksum is an error in every chunk up to the pixels, as in Pillow. */
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  /* Text, profiles and gamma change no pixel here: they are checked and skipped, not parsed. */
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_check_for_invalid_index(png, 0);
}

static void read_rows(session *decoding, uint8_t *pixels, size_t row_bytes, uint32_t height) {
  decoding->rows = malloc(height * sizeof *decoding->rows);
  if (!decoding->rows) leave(decoding, error_memory("decoding a PNG"));
  for (uint32_t y = 0; y < height; y++) decoding->rows[y] = pixels + y * row_bytes;
  png_read_image(decoding->png, decoding->rows);
}

static void read_colours(session *decoding, uint32_t width, uint32_t height) {
  png_byte colour = png_get_color_type(decoding->png, decoding->info);
  png_byte depth = png_get_bit_depth(decoding->png, decoding->info);
  set_transforms(decoding);
  checkrob_status status = image_new(&decoding->image, width, height);
  if (status != CHECKROB_OK) leave(decoding, status);
  read_rows(decoding, decoding->image->pixels, (size_t)width * 3, height);
  finish_rows(decoding, colour, depth);
}

/* Grays of fewer than 8 bits are scaled and those of 16 bits are clipped, so they are not the mask's numbers.
 */
static void read_indices(session *decoding, uint32_t width, uint32_t height) {
  png_byte colour = png_get_color_type(decoding->png, decoding->info);
  png_byte depth = png_get_bit_depth(decoding->png, decoding->info);
  if (colour != PNG_COLOR_TYPE_PALETTE && !(colour == PNG_COLOR_TYPE_GRAY && depth == 8))
    leave(decoding,
          error_set(CHECKROB_ERROR_UNSUPPORTED,
                    "%s is a PNG of %s with %d bits, not of numbers; save the mask with a palette, or with "
                    "its numbers as 8-bit grays",
                    decoding->source->name, colour & PNG_COLOR_MASK_COLOR ? "colours" : "grays", (int)depth));
  png_set_packing(decoding->png);
  png_set_interlace_handling(decoding->png);
  png_read_update_info(decoding->png, decoding->info);
  decoding->indices = malloc(sizeof *decoding->indices + (size_t)width * height);
  if (!decoding->indices) leave(decoding, error_memory("decoding a PNG"));
  decoding->indices->width = width;
  decoding->indices->height = height;
  read_rows(decoding, decoding->indices->indices, width, height);
}

static void decode(session *decoding) {
  png_structp png = decoding->png;
  set_strictness(decoding);
  png_set_read_fn(png, decoding, on_read);
  png_read_info(png, decoding->info);
  uint32_t width = png_get_image_width(png, decoding->info);
  uint32_t height = png_get_image_height(png, decoding->info);
  checkrob_status status = image_check_limits(decoding->source, width, height);
  if (status != CHECKROB_OK) leave(decoding, status);
  if (decoding->wants_indices)
    read_indices(decoding, width, height);
  else
    read_colours(decoding, width, height);
}

/* Errors jump to here. The session belongs to the caller, because locals of the function that calls setjmp()
 * are not safe. */
static void try_decode(session *decoding) {
  if (setjmp(png_jmpbuf(decoding->png)) == 0) decode(decoding);
}

/* On failure both images are freed. */
static checkrob_status run(session *decoding) {
  decoding->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, decoding, on_error, on_warning, decoding,
                                           on_malloc, on_free);
  if (decoding->png) decoding->info = png_create_info_struct(decoding->png);
  if (!decoding->info) {
    png_destroy_read_struct(&decoding->png, NULL, NULL);
    return error_memory("decoding a PNG");
  }
  try_decode(decoding);
  png_destroy_read_struct(&decoding->png, &decoding->info, NULL);
  free(decoding->rows);
  if (decoding->status == CHECKROB_OK) return CHECKROB_OK;
  checkrob_image_free(decoding->image);
  free(decoding->indices);
  return decoding->status;
}

/* Encoders write the chunk eXIf before or after the pixels, and libpng has read only what is before them. */
static uint8_t find_orientation(const image_source *source) {
  const uint8_t *at = source->data + 8;
  size_t left = source->bytes - 8;
  while (left >= 12) {
    size_t bytes = png_get_uint_32(at);
    if (bytes > left - 12) break;
    if (memcmp(at + 4, "eXIf", 4) == 0) return (uint8_t)orientation_in_exif(at + 8, bytes);
    at += bytes + 12;
    left -= bytes + 12;
  }
  return ORIENTATION_UPRIGHT;
}

checkrob_status png_decode(checkrob_image **out, const image_source *source) {
  session decoding = {.source = source, .status = CHECKROB_OK};
  checkrob_status status = run(&decoding);
  if (status != CHECKROB_OK) return status;
  decoding.image->orientation = find_orientation(source);
  *out = decoding.image;
  return CHECKROB_OK;
}

checkrob_status png_decode_indices(index_image **out, const image_source *source) {
  session decoding = {.source = source, .status = CHECKROB_OK, .wants_indices = true};
  checkrob_status status = run(&decoding);
  if (status == CHECKROB_OK) *out = decoding.indices;
  return status;
}
