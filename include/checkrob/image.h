/* SPDX-License-Identifier: Apache-2.0 */
/* Images: JPEG and PNG, from a file or from memory, decoded to 8-bit RGB like Pillow's convert("RGB").
 *
 * The content decides the format, not the file's name. The rules are Pillow's, because models are trained
 * with Pillow:
 *   - gray is repeated three times, a palette is looked up, an alpha channel is dropped (not blended);
 *   - 16-bit colour PNGs are reduced to their high bytes; 16-bit gray PNGs are clipped at 255;
 *   - CMYK and YCCK JPEGs are converted as Pillow does, with Adobe's inverted inks;
 *   - gamma, colour profiles and the EXIF orientation are not applied.
 * libjpeg-turbo decodes JPEG with the accurate integer DCT and fancy upsampling.
 * A truncated file is an error, not a grey area.
 */
#ifndef CHECKROB_IMAGE_H
#define CHECKROB_IMAGE_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_image checkrob_image;

/* Limits of an image file, checked before memory is allocated for its pixels. */
typedef struct checkrob_image_limits {
  size_t size;
  uint32_t max_width;      /* pixels */
  uint32_t max_height;     /* pixels */
  uint64_t max_pixels;     /* width * height */
  uint64_t max_file_bytes; /* of the encoded file */
} checkrob_image_limits;

#define CHECKROB_IMAGE_LIMITS_INIT \
  { sizeof(checkrob_image_limits), 32768, 32768, 100000000, 268435456 }

/* Decodes a file. limits NULL: those of CHECKROB_IMAGE_LIMITS_INIT. The caller frees *out.
 * Errors: NOT_FOUND, IO, BAD_INPUT (broken, truncated, empty), UNSUPPORTED (neither JPEG nor PNG), LIMIT,
 * OUT_OF_MEMORY; the error message names the file. */
CHECKROB_API checkrob_status checkrob_image_open(checkrob_image **out, const char *path,
                                                 const checkrob_image_limits *limits);

/* Decodes `bytes` bytes at `data`, which must be valid during the call. Errors: as above. */
CHECKROB_API checkrob_status checkrob_image_decode(checkrob_image **out, const void *data, size_t bytes,
                                                   const checkrob_image_limits *limits);

/* Copies pixels [height, width, 3], red first. */
CHECKROB_API checkrob_status checkrob_image_from_rgb(checkrob_image **out, const uint8_t *pixels,
                                                     uint32_t width, uint32_t height);

CHECKROB_API void checkrob_image_free(checkrob_image *image);

CHECKROB_API uint32_t checkrob_image_width(const checkrob_image *image);
CHECKROB_API uint32_t checkrob_image_height(const checkrob_image *image);

/* [height, width, 3], red first, no padding; belongs to the image. */
CHECKROB_API const uint8_t *checkrob_image_pixels(const checkrob_image *image);

typedef enum checkrob_filter {
  CHECKROB_FILTER_BILINEAR = 1, /* triangle, support 1 */
  CHECKROB_FILTER_BICUBIC = 2   /* Keys' cubic with a = -0.5, support 2 */
} checkrob_filter;

/* Pillow's antialiased resize to width x height: separable, horizontal pass first, the filter's support
 * scaled up when shrinking, fixed-point weights, 8-bit between the passes. Byte for byte Pillow's
 * Image.resize() (Pillow 9.4, Resample.c). */
CHECKROB_API checkrob_status checkrob_image_resize(checkrob_image **out, const checkrob_image *image,
                                                   uint32_t width, uint32_t height, checkrob_filter filter);

/* Writes an 8-bit RGB PNG, completely or not at all. Errors: IO, NOT_FOUND (no such folder), OUT_OF_MEMORY.
 */
CHECKROB_API checkrob_status checkrob_image_write_png(const checkrob_image *image, const char *path);

CHECKROB_END_DECLS
#endif
