/* SPDX-License-Identifier: Apache-2.0 */
#include "image/turn.h"

#include <string.h>

#include "image/image.h"
#include "image/orientation.h"

/* Where x and y change places, one of the two images is read or written down its columns. Square tiles keep
 * the rows of both in the cache. */
#define TILE 32

/* Where a pixel of the turned image is in the other one: `origin`, and the steps for one pixel right and one
 * down, in bytes. */
typedef struct walk {
  const uint8_t *origin;
  ptrdiff_t right, down;
} walk;

static walk walk_of(const checkrob_image *from, const checkrob_image *to, orientation_turn turn) {
  ptrdiff_t pixel = 3, row = (ptrdiff_t)from->width * 3;
  walk w = {from->pixels, turn.swap ? row : pixel, turn.swap ? pixel : row};
  if (turn.mirror_x) {
    w.origin += ((ptrdiff_t)to->width - 1) * w.right;
    w.right = -w.right;
  }
  if (turn.mirror_y) {
    w.origin += ((ptrdiff_t)to->height - 1) * w.down;
    w.down = -w.down;
  }
  return w;
}

static void copy_tile(checkrob_image *to, const walk *w, uint32_t left, uint32_t top) {
  uint32_t right = to->width - left < TILE ? to->width : left + TILE;
  uint32_t bottom = to->height - top < TILE ? to->height : top + TILE;
  for (uint32_t y = top; y < bottom; y++) {
    uint8_t *out = to->pixels + ((size_t)y * to->width + left) * 3;
    const uint8_t *in = w->origin + (ptrdiff_t)left * w->right + (ptrdiff_t)y * w->down;
    for (uint32_t x = left; x < right; x++, out += 3, in += w->right) memcpy(out, in, 3);
  }
}

static checkrob_status make_upright(checkrob_image **out, const checkrob_image *image) {
  orientation_turn turn = orientation_to_upright(image->orientation);
  checkrob_image *upright = NULL;
  checkrob_status status =
      image_new(&upright, turn.swap ? image->height : image->width, turn.swap ? image->width : image->height);
  if (status) return status;
  walk w = walk_of(image, upright, turn);
  for (uint32_t top = 0; top < upright->height; top += TILE)
    for (uint32_t left = 0; left < upright->width; left += TILE) copy_tile(upright, &w, left, top);
  upright->orientation = image->orientation;
  upright->turned = true;
  upright->clipped = image->clipped;
  *out = upright;
  return CHECKROB_OK;
}

checkrob_status image_turn_upright(checkrob_image **image) {
  if ((*image)->orientation == ORIENTATION_UPRIGHT || (*image)->turned) return CHECKROB_OK;
  checkrob_image *upright = NULL;
  checkrob_status status = make_upright(&upright, *image);
  checkrob_image_free(*image);
  *image = upright;
  return status;
}
