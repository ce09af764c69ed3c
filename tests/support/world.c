/* SPDX-License-Identifier: Apache-2.0 */
#include "support/world.h"

#include <png.h>
#include <stdio.h> /* jpeglib.h wants it before itself */
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <jpeglib.h>
// clang-format on

#include "support/folder.h"

static void give_up(const char *what) {
  fprintf(stderr, "the test cannot %s: %s\n", what, checkrob_last_error());
  abort();
}

void world_start_with_classes(world *w, const char *csv) {
  *w = (world){.folder = folder_new()};
  folder_make(w->folder, "images");
  folder_make(w->folder, "annotations");
  file_write_text(w->folder, "classes.csv", csv);
}

void world_start(world *w) {
  world_start_with_classes(w, "name,index\nred,0\ngreen,1\nblue,2\nother,3\n");
}

static uint8_t *paint(uint32_t width, uint32_t height, rectangle spot, colour c) {
  uint8_t *pixels = calloc((size_t)width * height, 3);
  if (!pixels) give_up("find memory for an image");
  for (uint32_t y = spot.y1; y < spot.y2 && y < height; y++)
    for (uint32_t x = spot.x1; x < spot.x2 && x < width; x++) {
      uint8_t *pixel = pixels + 3 * ((size_t)y * width + x);
      pixel[0] = c.red;
      pixel[1] = c.green;
      pixel[2] = c.blue;
    }
  return pixels;
}

static void write_png(const char *path, const uint8_t *pixels, uint32_t width, uint32_t height) {
  png_image image = {
      .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGB};
  if (!png_image_write_to_file(&image, path, 0, pixels, 0, NULL)) give_up("write a PNG");
}

static void write_jpeg(const char *path, const uint8_t *pixels, uint32_t width, uint32_t height) {
  struct jpeg_compress_struct compress;
  struct jpeg_error_mgr errors;
  FILE *file = fopen(path, "wb");
  if (!file) give_up("write a JPEG");
  compress.err = jpeg_std_error(&errors);
  jpeg_create_compress(&compress);
  jpeg_stdio_dest(&compress, file);
  compress.image_width = width;
  compress.image_height = height;
  compress.input_components = 3;
  compress.in_color_space = JCS_RGB;
  jpeg_set_defaults(&compress);
  jpeg_set_quality(&compress, 95, TRUE);
  jpeg_start_compress(&compress, TRUE);
  for (uint32_t y = 0; y < height; y++) {
    JSAMPROW row = (JSAMPROW)(pixels + 3 * (size_t)y * width);
    jpeg_write_scanlines(&compress, &row, 1);
  }
  jpeg_finish_compress(&compress);
  jpeg_destroy_compress(&compress);
  if (fclose(file) != 0) give_up("write a JPEG");
}

void world_image(const world *w, const char *name, uint32_t width, uint32_t height, rectangle spot,
                 colour spot_colour) {
  char *folder = folder_path(w->folder, "images"), *path = folder_path(folder, name);
  uint8_t *pixels = paint(width, height, spot, spot_colour);
  const char *ending = strrchr(name, '.');
  if (ending && strcmp(ending, ".jpg") == 0)
    write_jpeg(path, pixels, width, height);
  else
    write_png(path, pixels, width, height);
  free(pixels);
  free(path);
  free(folder);
}

void world_annotation(const world *w, const char *name, uint32_t width, uint32_t height,
                      const char *class_name, rectangle box) {
  char xml[1024], file[256];
  /* VOC's corners are inclusive and count from 1. */
  snprintf(
      xml, sizeof xml,
      "<annotation><filename>%s</filename>\n"
      "<size><width>%u</width><height>%u</height><depth>3</depth></size>\n"
      "<object><name>%s</name><bndbox><xmin>%u</xmin><ymin>%u</ymin><xmax>%u</xmax><ymax>%u</ymax></bndbox>"
      "</object></annotation>\n",
      name, width, height, class_name, box.x1 + 1, box.y1 + 1, box.x2, box.y2);
  snprintf(file, sizeof file, "annotations/%s.xml", name);
  file_write_text(w->folder, file, xml);
}

void world_sample(const world *w, const char *name, const char *class_name, rectangle spot,
                  colour spot_colour, rectangle box) {
  char file[256];
  snprintf(file, sizeof file, "%s.png", name);
  world_image(w, file, 32, 32, spot, spot_colour);
  world_annotation(w, name, 32, 32, class_name, box);
}

void world_open(world *w) {
  char *map = folder_path(w->folder, "classes.csv"), *images = folder_path(w->folder, "images");
  char *annotations = folder_path(w->folder, "annotations");
  if (checkrob_class_map_open(&w->classes, map) != CHECKROB_OK) give_up("open its class map");
  checkrob_options *options = NULL;
  if (checkrob_options_new(&options) || checkrob_options_set(options, "dataset", "voc") ||
      checkrob_options_set(options, "images", images) ||
      checkrob_options_set(options, "annotations", annotations) ||
      checkrob_options_set_integer(options, "skip_unmapped", w->skip_unmapped) ||
      checkrob_dataset_open(&w->dataset, options, w->classes))
    give_up("open its dataset");
  checkrob_options_free(options);
  free(map);
  free(images);
  free(annotations);
}

void world_end(world *w) {
  checkrob_dataset_free(w->dataset);
  checkrob_class_map_free(w->classes);
  folder_remove(w->folder);
}
