/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/fuzz.h"

#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "base/text.h"
#include "support/folder.h"

/* More would make one input take long, and say nothing new. */
#define SAMPLES 64
#define SHAPES 64

void fuzz_broken(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("broken promise: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  abort();
}

/* ---- time ---- */

static void too_long(int number) {
  (void)number;
  fuzz_broken("an input takes more than %d s of processor time", FUZZ_MOST_SECONDS);
}

static void set_alarm(time_t seconds) {
  const struct itimerval limit = {.it_value = {.tv_sec = seconds}};
  setitimer(ITIMER_PROF, &limit, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  static const struct sigaction action = {.sa_handler = too_long};
  sigaction(SIGPROF, &action, NULL);
  set_alarm(FUZZ_MOST_SECONDS);
  fuzz_input(data, bytes);
  set_alarm(0);
  return 0;
}

/* ---- messages ---- */

static bool is_utf8(const char *text) {
  json_t *string = json_string(text); /* refuses anything else */
  json_decref(string);
  return string != NULL;
}

void fuzz_line(const char *what, const char *text) {
  FUZZ_CHECK(is_utf8(text), "%s is not UTF-8: %s", what, text);
  for (const char *c = text; *c; c++)
    FUZZ_CHECK((unsigned char)*c >= 0x20 && *c != 0x7f, "%s has the control character %d: %s", what, *c,
               text);
}

static bool check(checkrob_status status, bool may_blame_call) {
  if (status == CHECKROB_OK) return true;
  const char *message = checkrob_last_error();
  const char *name = checkrob_status_name(status);
  bool blames_call = status == CHECKROB_ERROR_INVALID_ARGUMENT || status == CHECKROB_ERROR_OTHER_OPTIONS;
  bool blames_input = status == CHECKROB_ERROR_BAD_INPUT || status == CHECKROB_ERROR_UNSUPPORTED ||
                      status == CHECKROB_ERROR_LIMIT || status == CHECKROB_ERROR_NOT_FOUND ||
                      status == CHECKROB_ERROR_NO_OBJECT;
  FUZZ_CHECK(blames_input || (may_blame_call && blames_call), "the status is %s: %s", name, message);
  FUZZ_CHECK(message[0], "no error message for %s", name);
  fuzz_line("the error message", message);
  return false;
}

bool fuzz_ok(checkrob_status status) {
  return check(status, false);
}

bool fuzz_ok_call(checkrob_status status) {
  return check(status, true);
}

void fuzz_must(checkrob_status status) {
  FUZZ_CHECK(status == CHECKROB_OK, "the harness itself failed: %s", checkrob_last_error());
}

/* ---- files ---- */

static char *folder;

static void remove_folder(void) {
  folder_remove(folder);
  folder = NULL;
}

char *fuzz_path(const char *name) {
  if (!folder) {
    folder = folder_new();
    atexit(remove_folder);
  }
  return folder_path(folder, name);
}

void fuzz_file(const char *name, const void *data, size_t bytes) {
  char *path = fuzz_path(name);
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path, 0777); /* or it is there already */
    *slash = '/';
  }
  file_write(folder, name, data, bytes);
  free(path);
}

void fuzz_text(const char *name, const char *text) {
  fuzz_file(name, text, strlen(text));
}

void fuzz_image(const char *name, uint32_t width, uint32_t height) {
  checkrob_image *image = NULL;
  size_t bytes = (size_t)width * height * 3;
  uint8_t *pixels = malloc(bytes);
  FUZZ_CHECK(pixels, "the harness found no memory");
  memset(pixels, 128, bytes);
  fuzz_text(name, ""); /* makes its folder */
  char *path = fuzz_path(name);
  fuzz_must(checkrob_image_from_rgb(&image, pixels, width, height));
  fuzz_must(checkrob_image_write_png(image, path));
  checkrob_image_free(image);
  free(pixels);
  free(path);
}

void fuzz_photo(const char *name, uint32_t width, uint32_t height) {
  static const uint8_t exif[] =
      "\0\0\0\x1a"
      "eXIf"
      "MM\0*\0\0\0\x08"
      "\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
      "\0\0\0\0"
      "\xd6\x67\x4b\x69";
  enum { HEADER = 33 }; /* bytes of a PNG before the next chunk */
  char *path = fuzz_path(name), *data = NULL;
  size_t bytes = 0;
  fuzz_image(name, width, height);
  fuzz_must(file_read(&data, &bytes, path, 1 << 20));
  uint8_t *photo = malloc(bytes + sizeof exif);
  FUZZ_CHECK(photo, "the harness found no memory");
  memcpy(photo, data, HEADER);
  memcpy(photo + HEADER, exif, sizeof exif - 1);
  memcpy(photo + HEADER + sizeof exif - 1, data + HEADER, bytes - HEADER);
  fuzz_file(name, photo, bytes + sizeof exif - 1);
  free(photo);
  free(data);
  free(path);
}

/* ---- regions ---- */

static void coverage_by(const checkrob_regions *regions, const checkrob_preprocess *preprocess,
                        uint32_t width, uint32_t height, checkrob_geometry geometry) {
  size_t pixels = (size_t)checkrob_preprocess_width(preprocess) * checkrob_preprocess_height(preprocess);
  float *coverage = malloc(pixels * sizeof *coverage);
  FUZZ_CHECK(coverage, "the harness found no memory");
  for (size_t i = 0; i < pixels; i++) coverage[i] = NAN;
  if (fuzz_ok(checkrob_regions_coverage(coverage, regions, preprocess, width, height, geometry)))
    for (size_t i = 0; i < pixels; i++)
      FUZZ_CHECK(coverage[i] >= 0 && coverage[i] <= 1, "the coverage of pixel %zu is %.9g", i,
                 (double)coverage[i]);
  free(coverage);
}

void fuzz_coverage(const checkrob_regions *regions, const checkrob_preprocess *preprocess, uint32_t width,
                   uint32_t height) {
  coverage_by(regions, preprocess, width, height, CHECKROB_GEOMETRY_STANDARD);
  coverage_by(regions, preprocess, width, height, CHECKROB_GEOMETRY_PAPER);
  size_t count = checkrob_regions_count(regions);
  for (size_t i = 0; i < count && i < SHAPES; i++) {
    double box[4];
    fuzz_must(checkrob_regions_box(box, regions, i));
    FUZZ_CHECK(isfinite(box[0]) && isfinite(box[3]) && box[0] < box[2] && box[1] < box[3],
               "the box of shape %zu is %g, %g, %g, %g", i, box[0], box[1], box[2], box[3]);
  }
}

/* ---- datasets ---- */

const checkrob_class_map *fuzz_classes(void) {
  static checkrob_class_map *classes;
  if (classes) return classes;
  fuzz_text("classes.csv",
            "name,index\na,0\nb,1\n1,1\nc,2\n"
            "d,3\n");
  char *path = fuzz_path("classes.csv");
  fuzz_must(checkrob_class_map_open(&classes, path));
  free(path);
  return classes;
}

static const checkrob_preprocess *small_input(void) {
  static checkrob_preprocess *preprocess;
  static const char json[] = "{\"resize\": [12, 16]}";
  if (!preprocess) fuzz_must(checkrob_preprocess_parse(&preprocess, json, sizeof json - 1));
  return preprocess;
}

static checkrob_options *make_options(const fuzz_option *items) {
  checkrob_options *options = NULL;
  fuzz_must(checkrob_options_new(&options));
  for (; items->name; items++) {
    char *path = items->value[0] == '@' ? fuzz_path(items->value + 1) : NULL;
    const char *value = path ? path : items->value;
    bool is_list = strcmp(items->name, "images") == 0 || strcmp(items->name, "annotations") == 0;
    fuzz_must(is_list ? checkrob_options_add(options, items->name, value)
                      : checkrob_options_set(options, items->name, value));
    free(path);
  }
  return options;
}

/* The regions may lie as the image does, or are turned. */
static void check_against_image(checkrob_sample *sample, checkrob_orientation orientation) {
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.max_pixels = 1 << 16;
  limits.orientation = (int32_t)orientation;
  checkrob_image *image = NULL;
  if (!fuzz_ok(checkrob_sample_open_image(&image, sample, &limits))) return;
  if (fuzz_ok(checkrob_sample_check_image(sample, image)))
    fuzz_coverage(checkrob_sample_regions(sample), small_input(), checkrob_image_width(image),
                  checkrob_image_height(image));
  checkrob_image_free(image);
}

static void check_against_file(checkrob_sample *sample, uint32_t width, uint32_t height) {
  if (checkrob_sample_path(sample)[0]) {
    check_against_image(sample, CHECKROB_ORIENTATION_UPRIGHT);
    check_against_image(sample, CHECKROB_ORIENTATION_AUTO);
  } else {
    fuzz_ok(checkrob_sample_check_size(sample, width, height));
  }
  fuzz_line("a sample's message", checkrob_sample_message(sample));
}

static void look_at(checkrob_sample *sample, uint32_t width, uint32_t height) {
  checkrob_status status = checkrob_sample_status(sample);
  const char *message = checkrob_sample_message(sample);
  FUZZ_CHECK(
      status != CHECKROB_ERROR && status != CHECKROB_ERROR_OUT_OF_MEMORY && status != CHECKROB_ERROR_IO,
      "a sample has the status %s: %s", checkrob_status_name(status), message);
  FUZZ_CHECK(status == CHECKROB_OK || message[0], "a failed sample has no error message");
  fuzz_line("a sample's message", message);
  bool counts = status == CHECKROB_OK && checkrob_sample_class_index(sample) >= 0;
  FUZZ_CHECK(!counts || checkrob_regions_count(checkrob_sample_regions(sample)) > 0,
             "a sample has no region");
  fuzz_coverage(checkrob_sample_regions(sample), small_input(), width, height);
  fuzz_coverage(checkrob_sample_ignored(sample), small_input(), width, height);
  size_t others = checkrob_sample_other_count(sample);
  for (size_t i = 0; i < others && i < 8; i++) {
    FUZZ_CHECK(is_utf8(checkrob_sample_other_name(sample, i)), "the name of a class is not UTF-8");
    fuzz_coverage(checkrob_sample_other_regions(sample, i), small_input(), width, height);
  }
  check_against_file(sample, width, height);
}

/* A cursor that is moved back to a sample returns it again. */
static void look_again(checkrob_cursor *cursor, size_t input, size_t part) {
  checkrob_sample *sample = NULL;
  fuzz_must(checkrob_cursor_seek(cursor, input, part));
  fuzz_must(checkrob_cursor_next(&sample, cursor));
  FUZZ_CHECK(checkrob_sample_input(sample) == input && checkrob_sample_part(sample) == part,
             "a sample is not found again");
  checkrob_sample_free(sample);
}

static void walk(const checkrob_dataset *dataset, uint32_t width, uint32_t height) {
  checkrob_cursor *cursor = NULL;
  fuzz_must(checkrob_cursor_new(&cursor, dataset, 0, 0));
  size_t input = 0, part = 0, count = 0;
  for (; count < SAMPLES; count++) {
    checkrob_sample *sample = NULL;
    checkrob_status status = checkrob_cursor_next(&sample, cursor);
    if (status == CHECKROB_END) break;
    fuzz_must(status);
    input = checkrob_sample_input(sample);
    part = checkrob_sample_part(sample);
    look_at(sample, width, height);
    checkrob_sample_free(sample);
  }
  if (count) look_again(cursor, input, part);
  checkrob_cursor_free(cursor);
}

void fuzz_walk(const fuzz_option *items, uint32_t width, uint32_t height) {
  checkrob_options *options = make_options(items);
  checkrob_dataset *dataset = NULL;
  if (fuzz_ok(checkrob_dataset_open(&dataset, options, fuzz_classes()))) {
    walk(dataset, width, height);
    checkrob_dataset_free(dataset);
  }
  checkrob_options_free(options);
}

/* ---- numbers ---- */

static void take(void *out, fuzz_reader *r, size_t bytes) {
  size_t taken = r->bytes < bytes ? r->bytes : bytes;
  if (taken) memcpy(out, r->data, taken);
  r->data += taken;
  r->bytes -= taken;
}

uint8_t fuzz_byte(fuzz_reader *r) {
  uint8_t byte = 0;
  take(&byte, r, 1);
  return byte;
}

uint32_t fuzz_number(fuzz_reader *r) {
  uint32_t number = fuzz_byte(r);
  for (int shift = 8; shift < 32; shift += 8) number |= (uint32_t)fuzz_byte(r) << shift;
  return number;
}

double fuzz_double(fuzz_reader *r) {
  double number = 0;
  take(&number, r, sizeof number);
  return number;
}
