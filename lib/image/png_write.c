/* SPDX-License-Identifier: Apache-2.0 */
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/part_file.h"
#include "image/image.h"

typedef struct session {
  const checkrob_image *image;
  const char *path;
  FILE *file;
  png_structp png;
  png_infop info;
  bool out_of_memory;
  checkrob_status status;
} session;

/* libpng's own writer reports a full disk as "Write Error"; here errno is still valid. */
static void on_write(png_structp png, png_bytep data, size_t bytes) {
  session *writing = png_get_io_ptr(png);
  if (fwrite(data, 1, bytes, writing->file) == bytes) return;
  writing->status = error_errno("write", writing->path);
  png_longjmp(png, 1);
}

static void on_flush(png_structp png) {
  (void)png; /* fclose() flushes */
}

static void on_error(png_structp png, png_const_charp reason) {
  session *writing = png_get_error_ptr(png);
  writing->status = writing->out_of_memory
                        ? error_memory("encoding a PNG")
                        : error_set(CHECKROB_ERROR_IO, "cannot write %s: %s", writing->path, reason);
  png_longjmp(png, 1);
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t bytes) {
  session *writing = png_get_mem_ptr(png);
  void *memory = malloc(bytes);
  if (!memory) writing->out_of_memory = true;
  return memory;
}

static void on_free(png_structp png, png_voidp memory) {
  (void)png;
  free(memory);
}

static void on_warning(png_structp png, png_const_charp reason) {
  (void)png;
  (void)reason;
}

static void encode(session *writing) {
  const checkrob_image *image = writing->image;
  png_set_write_fn(writing->png, writing, on_write, on_flush);
  png_set_user_limits(writing->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(writing->png, writing->info, image->width, image->height, 8, PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writing->png, writing->info);
  for (uint32_t y = 0; y < image->height; y++)
    png_write_row(writing->png, image->pixels + (size_t)y * image->width * 3);
  png_write_end(writing->png, writing->info);
}

/* Errors jump to here. The session belongs to the caller, because locals of the function that calls setjmp()
 * are not safe. */
static void try_encode(session *writing) {
  if (setjmp(png_jmpbuf(writing->png)) == 0) encode(writing);
}

static checkrob_status write_file(const checkrob_image *image, FILE *file, const char *path) {
  session writing = {.image = image, .path = path, .file = file, .status = CHECKROB_OK};
  writing.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &writing, on_error, on_warning, &writing,
                                          on_malloc, on_free);
  if (writing.png) writing.info = png_create_info_struct(writing.png);
  if (!writing.info) {
    png_destroy_write_struct(&writing.png, NULL);
    return error_memory("encoding a PNG");
  }
  try_encode(&writing);
  png_destroy_write_struct(&writing.png, &writing.info);
  return writing.status;
}

checkrob_status checkrob_image_write_png(const checkrob_image *image, const char *path) {
  if (!image || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_image_write_png() needs `image` and `path`");
  part_file to;
  checkrob_status status = part_file_open(&to, path);
  return status ? status : part_file_finish(&to, write_file(image, to.file, path));
}
