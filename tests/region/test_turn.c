/* SPDX-License-Identifier: Apache-2.0 */
/* Regions that are turned with their image, held against the image's own pixels. */
#include "region/turn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "image/turn.h"
#include "region/regions.h"
#include "support/test.h"

#define WIDTH 11
#define HEIGHT 7

static checkrob_regions *fresh(void) {
  checkrob_regions *regions = NULL;
  must(checkrob_regions_new(&regions));
  return regions;
}

/* The pixels of a shape that is a mask, row by row. */
static void pixels_of(uint8_t *out, const shape *s) {
  memset(out, 0, WIDTH * HEIGHT);
  for (size_t r = 0; r < s->run_count; r++) {
    if (r > 0) assert_true(s->runs[r].start > s->runs[r - 1].start);
    for (uint32_t i = s->runs[r].start; i < s->runs[r].start + s->runs[r].length; i++) {
      uint32_t x = s->down ? i / s->height : i % s->width, y = s->down ? i % s->height : i / s->width;
      out[y * s->width + x] = 1;
    }
  }
}

/* A mask without any symmetry. */
static void draw(uint8_t mask[WIDTH * HEIGHT]) {
  for (size_t i = 0; i < WIDTH * HEIGHT; i++) mask[i] = (i * 2654435761U >> 7) % 3 == 0;
}

/* The mask as an image that is turned upright. */
static checkrob_image *upright_image(const uint8_t *mask, int orientation) {
  uint8_t pixels[WIDTH * HEIGHT * 3];
  for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = mask[i / 3];
  checkrob_image *image = NULL;
  must(checkrob_image_from_rgb(&image, pixels, WIDTH, HEIGHT));
  image->orientation = (uint8_t)orientation;
  must(image_turn_upright(&image));
  return image;
}

static checkrob_regions *turned(const checkrob_regions *from, orientation_turn turn, uint32_t width,
                                uint32_t height) {
  checkrob_regions *to = fresh();
  must(regions_append_turned(to, from, turn, width, height));
  return to;
}

static void masks_turn_as_images_do(void **state) {
  (void)state;
  uint8_t mask[WIDTH * HEIGHT];
  draw(mask);
  for (int orientation = 1; orientation <= 8; orientation++) {
    checkrob_image *image = upright_image(mask, orientation);
    checkrob_regions *stored = fresh();
    must(checkrob_regions_add_mask(stored, mask, WIDTH, HEIGHT));
    checkrob_regions *upright = turned(stored, orientation_to_upright(orientation), WIDTH, HEIGHT);
    const shape *s = &upright->shapes[0];
    assert_int_equal(s->width, image->width);
    assert_int_equal(s->height, image->height);
    uint8_t found[WIDTH * HEIGHT];
    pixels_of(found, s);
    for (size_t i = 0; i < WIDTH * HEIGHT; i++) assert_int_equal(found[i], image->pixels[3 * i]);
    checkrob_regions *back = turned(upright, orientation_to_stored(orientation), s->width, s->height);
    pixels_of(found, &back->shapes[0]);
    assert_memory_equal(found, mask, sizeof found);
    checkrob_regions_free(stored);
    checkrob_regions_free(upright);
    checkrob_regions_free(back);
    checkrob_image_free(image);
  }
}

/* A box, in pixels and in shares, and the polygon of its corners turn as the mask of its pixels does. */
static void boxes_and_polygons_turn_as_masks_do(void **state) {
  (void)state;
  static const double box[4] = {2, 1, 9, 4};
  uint8_t mask[WIDTH * HEIGHT] = {0};
  for (size_t y = 1; y < 4; y++) memset(mask + y * WIDTH + 2, 1, 7);
  for (int orientation = 1; orientation <= 8; orientation++) {
    checkrob_regions *stored = fresh(), *shares = fresh();
    must(checkrob_regions_add_mask(stored, mask, WIDTH, HEIGHT));
    must(checkrob_regions_add_box(stored, box[0], box[1], box[2], box[3]));
    must(checkrob_regions_add_polygon(
        stored, (double[]){box[0], box[1], box[2], box[1], box[2], box[3], box[0], box[3]}, 4));
    must(checkrob_regions_set_relative(shares));
    must(checkrob_regions_add_box(shares, box[0] / WIDTH, box[1] / HEIGHT, box[2] / WIDTH, box[3] / HEIGHT));
    orientation_turn turn = orientation_to_upright(orientation);
    checkrob_regions *upright = turned(stored, turn, WIDTH, HEIGHT);
    checkrob_regions *relative = turned(shares, turn, WIDTH, HEIGHT);
    double expected[4], found[4], width = turn.swap ? HEIGHT : WIDTH, height = turn.swap ? WIDTH : HEIGHT;
    must(checkrob_regions_box(expected, upright, 0));
    for (size_t i = 1; i < 3; i++) {
      must(checkrob_regions_box(found, upright, i));
      for (int k = 0; k < 4; k++) assert_true(found[k] == expected[k]);
    }
    must(checkrob_regions_box(found, relative, 0));
    assert_true(checkrob_regions_relative(relative));
    /* 1e-12: a division and a multiplication in double. */
    for (int k = 0; k < 4; k++) assert_true(fabs(found[k] * (k % 2 ? height : width) - expected[k]) < 1e-12);
    checkrob_regions_free(stored);
    checkrob_regions_free(shares);
    checkrob_regions_free(upright);
    checkrob_regions_free(relative);
  }
}

static frame frame_of_box(const frame_sizes *sizes, double x2, double y2) {
  checkrob_regions *regions = fresh();
  must(checkrob_regions_add_box(regions, 0, 0, x2, y2));
  frame found = frame_of_regions(sizes, regions);
  checkrob_regions_free(regions);
  return found;
}

static void tells_how_an_annotation_was_drawn(void **state) {
  (void)state;
  frame_sizes sideways = frame_sizes_of(6, 40, 30), mirrored = frame_sizes_of(2, 40, 30),
              square = frame_sizes_of(6, 40, 40);
  assert_int_equal(frame_of_size(&sideways, 40, 30), FRAME_STORED);
  assert_int_equal(frame_of_size(&sideways, 30, 40), FRAME_UPRIGHT);
  assert_int_equal(frame_of_size(&sideways, 0, 0), FRAME_UNKNOWN);
  assert_int_equal(frame_of_size(&mirrored, 40, 30), FRAME_UNKNOWN);
  assert_int_equal(frame_of_size(&square, 40, 40), FRAME_UNKNOWN);
  assert_int_equal(frame_of_box(&sideways, 40, 20), FRAME_STORED);
  assert_int_equal(frame_of_box(&sideways, 20, 40), FRAME_UPRIGHT);
  assert_int_equal(frame_of_box(&sideways, 31, 20), FRAME_UNKNOWN); /* one pixel beyond is normal */
  assert_int_equal(frame_of_box(&sideways, 60, 60), FRAME_UNKNOWN);
  checkrob_regions *stated = fresh();
  must(checkrob_regions_add_box(stated, 0, 0, 5, 5));
  stated->image_width = 30;
  stated->image_height = 40;
  assert_int_equal(frame_of_regions(&sideways, stated), FRAME_UPRIGHT);
  checkrob_regions_free(stated);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(masks_turn_as_images_do),
      cmocka_unit_test(boxes_and_polygons_turn_as_masks_do),
      cmocka_unit_test(tells_how_an_annotation_was_drawn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
