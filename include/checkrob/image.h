/* SPDX-License-Identifier: Apache-2.0 */
/* Images: JPEG, PNG, WebP (not animated) and BMP (not compressed), from a file or from memory, decoded to
 * 8-bit RGB like Pillow's convert("RGB").
 *
 * The content decides the format, not the file's name. The rules are Pillow's, because models are trained
 * with Pillow:
 *   - gray is repeated three times, a palette is looked up, an alpha channel is dropped (not blended);
 *   - 16-bit colour PNGs are reduced to their high bytes; 16-bit gray PNGs are clipped at 255, unless the
 *     caller chooses otherwise;
 *   - CMYK and YCCK JPEGs are converted as Pillow does, with Adobe's inverted inks;
 *   - gamma and colour profiles are not applied.
 * Unlike convert("RGB"), but like ImageOps.exif_transpose before it, the EXIF orientation is applied, unless
 * the caller chooses otherwise.
 * libjpeg-turbo decodes JPEG with the accurate integer DCT and fancy upsampling.
 * A truncated file is an error, not a grey area.
 */
#ifndef CHECKROB_IMAGE_H
#define CHECKROB_IMAGE_H

#include <checkrob/options.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_image checkrob_image;

/* How the pixels of a file lie against the photo that its EXIF orientation describes. */
typedef enum checkrob_orientation {
  /* Upright; but an image of a dataset as it is stored, if its annotation was drawn so: the image's size in
   * the annotation, or a mask's, or boxes that reach beyond the upright photo, say so. */
  CHECKROB_ORIENTATION_AUTO = 0,
  CHECKROB_ORIENTATION_STORED = 1, /* as stored, as Pillow's Image.open returns them */
  CHECKROB_ORIENTATION_UPRIGHT =
      2 /* as people see them, and as Pillow's ImageOps.exif_transpose returns them */
} checkrob_orientation;

/* How image files are read: limits, checked before memory is allocated for the pixels, and choices. */
typedef struct checkrob_image_limits {
  size_t size;
  uint32_t max_width;      /* pixels */
  uint32_t max_height;     /* pixels */
  uint64_t max_pixels;     /* width * height */
  uint64_t max_file_bytes; /* of the encoded file */
  /* 16-bit gray PNGs: 0: values above 255 become white, as in Pillow; 1: 0 to 65535 is scaled to 0 to 255. */
  int32_t scale_gray_16;
  int32_t orientation; /* a checkrob_orientation */
} checkrob_image_limits;

#define CHECKROB_IMAGE_LIMITS_INIT \
  { sizeof(checkrob_image_limits), 32768, 32768, 100000000, 268435456, 0, 0 }

/* How a run with these options reads images: image_max_..., gray_range, orientation. NULL: the defaults.
 * INVALID_ARGUMENT: `out` is NULL, or its size is not set. */
CHECKROB_API checkrob_status checkrob_image_limits_read(checkrob_image_limits *out,
                                                        const checkrob_options *options);

/* Decodes a file. limits NULL: those of CHECKROB_IMAGE_LIMITS_INIT. The caller frees *out.
 * Errors: NOT_FOUND, IO, BAD_INPUT (broken, truncated, empty), UNSUPPORTED (another format), LIMIT,
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

/* The orientation that the file states in its EXIF data (JPEG, PNG, WebP): 1 to 8 as in tag 274. With 1 it is
 * stored upright; with 6 the photo's top is at the right. 1 if it states none, 0 if the image is NULL. */
CHECKROB_API int checkrob_image_orientation(const checkrob_image *image);

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

/* Writes an 8-bit RGB PNG, completely or not at all. A link is followed; a FIFO, a character device and a
 * name of a descriptor, such as /dev/stdout, are written through. Errors: IO, NOT_FOUND (no such folder),
 * OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_image_write_png(const checkrob_image *image, const char *path);

CHECKROB_END_DECLS
#endif
