/* What the image room's files share: the image itself, and what a decoder is given. */
#ifndef CHECKROB_LIB_IMAGE_H
#define CHECKROB_LIB_IMAGE_H

#include <checkrob/image.h>

/* Bytes behind the last pixel that may be read, not used: the resize loads whole vectors. */
#define IMAGE_SLACK 32

struct checkrob_image {
  uint32_t width, height;
  uint8_t pixels[]; /* height * width * 3, then IMAGE_SLACK */
};

/* An image with pixels not yet set. INVALID_ARGUMENT for an empty one, OUT_OF_MEMORY. */
checkrob_status image_new(checkrob_image **out, uint32_t width, uint32_t height);

/* An encoded image. */
typedef struct image_source {
  const char *name; /* the path, or "image": every sentence begins with it */
  const uint8_t *data;
  size_t bytes;
  checkrob_image_limits limits;
} image_source;

/* LIMIT when the header asks for more than the limits allow; called before the pixels get their memory. */
checkrob_status image_check_limits(const image_source *source, uint32_t width, uint32_t height);

checkrob_status jpeg_decode(checkrob_image **out, const image_source *source);
checkrob_status png_decode(checkrob_image **out, const image_source *source);

/* A number for each pixel: which colour of its palette a PNG has there, or its 8-bit gray, as Pillow has them
 * in the modes P and L. For masks, whose colours say nothing. */
typedef struct index_image {
  uint32_t width, height;
  uint8_t indices[]; /* height * width */
} index_image;

/* The caller frees *out with free(). Errors: those of an image; UNSUPPORTED for what is no PNG, or a PNG of
 * other pixels. */
checkrob_status image_decode_indices(index_image **out, const image_source *source);
checkrob_status png_decode_indices(index_image **out, const image_source *source);

#endif
