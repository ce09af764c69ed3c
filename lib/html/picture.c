/* SPDX-License-Identifier: Apache-2.0 */
#include "html/picture.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "html/outline_path.h"
#include "image/geometry.h"
#include "image/webp_write.h"

/* Of all pictures in a page together. In base64 they are a third longer. */
#define PAGE_BYTES 4500000.0

void picture_clear(picture *p) {
  free(p->webp);
  free(p->outline);
  *p = (picture){0};
}

/* At these sizes a photo of usual contents has about so many bytes at quality 50. */
void picture_style_for(picture_style *style, size_t count, int alone) {
  static const struct {
    double bytes;
    uint32_t side;
  } steps[] = {{14000, 360}, {8000, 256}, {4500, 192}, {2400, 144}, {1500, 112}};
  double each = count > 0 ? PAGE_BYTES / (double)count : PAGE_BYTES;
  style->side = alone ? 800 : 96;
  style->bytes = alone ? SIZE_MAX : (size_t)fmin(fmax(each, 600.0), 24000.0);
  for (size_t i = 0; !alone && i < sizeof steps / sizeof *steps; i++)
    if (each >= steps[i].bytes) {
      style->side = steps[i].side;
      return;
    }
}

static checkrob_status shrink(checkrob_image **out, const checkrob_image *image, uint32_t side) {
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  double scale = fmin(1.0, (double)side / (width > height ? width : height));
  return checkrob_image_resize(out, image, (uint32_t)fmax(1.0, round(scale * width)),
                               (uint32_t)fmax(1.0, round(scale * height)), CHECKROB_FILTER_BILINEAR);
}

/* Photos of usual contents have so many times the bytes of quality 12. */
static const struct {
  float quality;
  double bytes;
} qualities[] = {{75.0F, 3.2}, {55.0F, 2.3}, {40.0F, 1.8}, {25.0F, 1.4}, {12.0F, 1.0}, {3.0F, 0.7}};
#define QUALITIES (sizeof qualities / sizeof *qualities)

/* Begins with a high quality, and takes from the bytes that it needs which lower one fits. */
static checkrob_status encode(picture *out, const checkrob_image *small, size_t most) {
  for (size_t i = 0;;) {
    free(out->webp);
    checkrob_status status = webp_encode(&out->webp, &out->bytes, small, qualities[i].quality);
    if (status || out->bytes <= most || i + 1 == QUALITIES)
      return status; /* a little too large is better than none */
    double wanted = qualities[i].bytes * (double)most / (double)out->bytes;
    do i++;
    while (i + 1 < QUALITIES && qualities[i].bytes > wanted);
  }
}

static checkrob_status find_view(double view[4], const checkrob_preprocess *preprocess,
                                 const checkrob_image *image) {
  geometry g;
  checkrob_status status =
      geometry_make(&g, preprocess, checkrob_image_width(image), checkrob_image_height(image));
  if (status) return status;
  view[0] = (double)g.crop_x / g.resized_width;
  view[1] = (double)g.crop_y / g.resized_height;
  view[2] = (double)g.width / g.resized_width;
  view[3] = (double)g.height / g.resized_height;
  return CHECKROB_OK;
}

static checkrob_status draw(picture *out, const picture_style *style, const checkrob_image *image,
                            const checkrob_sample *sample) {
  checkrob_image *small = NULL;
  checkrob_status status = find_view(out->view, style->preprocess, image);
  if (!status) status = shrink(&small, image, style->side);
  if (!status) {
    out->width = checkrob_image_width(small);
    out->height = checkrob_image_height(small);
    status = encode(out, small, style->bytes);
  }
  if (!status)
    status = outline_path(&out->outline, checkrob_sample_regions(sample), checkrob_image_width(image),
                          checkrob_image_height(image), out->width, out->height);
  checkrob_image_free(small);
  return status;
}

checkrob_status picture_make(picture *out, const picture_style *style, checkrob_sample *sample) {
  checkrob_image *image = NULL;
  *out = (picture){0};
  checkrob_status status = checkrob_sample_open_image(&image, sample, &style->limits);
  if (!status) status = checkrob_sample_check_image(sample, image);
  if (!status) status = draw(out, style, image, sample);
  checkrob_image_free(image);
  if (status) picture_clear(out);
  return status;
}
