/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding: every kind of file against Pillow's bytes, and every kind of damage. */
#include <stdbool.h>

#include "fixtures.h"

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text), end_length = strlen(end);
  return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static checkrob_status decode_and_free(const uint8_t *data, size_t bytes) {
  checkrob_image *image = NULL;
  checkrob_status status = checkrob_image_decode(&image, data, bytes, NULL);
  assert_true((status == CHECKROB_OK) == (image != NULL));
  checkrob_image_free(image);
  return status;
}

static void equals_pillow(const char *name, uint32_t width, uint32_t height) {
  char path[1024], expected_name[128];
  snprintf(path, sizeof path, CHECKROB_TEST_DATA "/image/fixtures/%s", name);
  snprintf(expected_name, sizeof expected_name, "%s.rgb", name);
  blob expected = read_fixture(expected_name);
  checkrob_image *image = NULL;
  if (checkrob_image_open(&image, path, NULL) != CHECKROB_OK) fail_msg("%s", checkrob_last_error());
  assert_int_equal(checkrob_image_width(image), width);
  assert_int_equal(checkrob_image_height(image), height);
  assert_int_equal(expected.bytes, (size_t)width * height * 3);
  if (memcmp(checkrob_image_pixels(image), expected.data, expected.bytes) != 0)
    fail_msg("%s differs from Pillow", name);
  checkrob_image_free(image);
  free(expected.data);
}

/* What stands behind the pixels, where Pillow does not look: a PNG's last chunk, and EXIF data (26 bytes, and
 * 12 around them). */
static size_t unread_bytes(const char *name) {
  if (strstr(name, "_late.png")) return 12 + 12 + 26;
  return ends_with(name, ".png") ? 12 : 0;
}

/* A file cut anywhere before that is refused. */
static void survives_cuts(const char *name) {
  blob file = read_fixture(name);
  for (size_t bytes = 0; bytes < file.bytes; bytes++) {
    /* A separate copy, so that the sanitizer detects any read after the cut. */
    uint8_t *cut = malloc(bytes + 1);
    assert_non_null(cut);
    memcpy(cut, file.data, bytes);
    cut = realloc(cut, bytes ? bytes : 1);
    checkrob_status status = decode_and_free(cut, bytes);
    bool complete = bytes + unread_bytes(name) >= file.bytes;
    if (status != (complete ? CHECKROB_OK : CHECKROB_ERROR_BAD_INPUT))
      fail_msg("%s cut at byte %zu: %s", name, bytes, checkrob_last_error());
    free(cut);
  }
  free(file.data);
}

/* Any flipped bits: a status, whichever, but no crash and no leak. */
static void survives_flips(const char *name, uint32_t *state) {
  blob file = read_fixture(name);
  for (int i = 0; i < 300; i++) {
    size_t at = next_number(state) % file.bytes;
    uint8_t kept = file.data[at];
    file.data[at] ^= (uint8_t)(1 << next_number(state) % 8);
    decode_and_free(file.data, file.bytes);
    file.data[at] = kept;
  }
  free(file.data);
}

static void test_every_kind_of_file(void **state) {
  (void)state;
  FILE *list = open_list("images.txt");
  char name[64];
  unsigned width, height, count = 0;
  uint32_t random = 1;
  while (fscanf(list, "%63s %u %u", name, &width, &height) == 3) {
    equals_pillow(name, width, height);
    survives_cuts(name);
    survives_flips(name, &random);
    count++;
  }
  fclose(list);
  assert_int_equal(count, 71);
}

static void test_junk_behind_the_image(void **state) {
  (void)state;
  static const char *const names[] = {"ycc420.jpg", "rgb8.png"};
  for (size_t i = 0; i < 2; i++) {
    blob file = read_fixture(names[i]);
    uint8_t *longer = calloc(1, file.bytes + 1000);
    assert_non_null(longer);
    memcpy(longer, file.data, file.bytes);
    assert_int_equal(decode_and_free(longer, file.bytes + 1000), CHECKROB_OK);
    free(longer);
    free(file.data);
  }
}

/* The data stops early, but the end marker is there: libjpeg would fill the rest with grey and only warn. */
static void test_jpeg_with_missing_data_before_its_end_marker(void **state) {
  (void)state;
  blob file = read_fixture("wide420.jpg");
  size_t bytes = file.bytes - 200;
  memcpy(file.data + bytes - 2, "\xFF\xD9", 2);
  assert_int_equal(decode_and_free(file.data, bytes), CHECKROB_ERROR_BAD_INPUT);
  assert_string_equal(checkrob_last_error(), "image is a truncated JPEG: its data ends before its pixels do");
  free(file.data);
}

static size_t find_marker(const blob *file, size_t from, uint8_t marker) {
  for (size_t i = from; i + 1 < file->bytes; i++)
    if (file->data[i] == 0xFF && file->data[i + 1] == marker) return i;
  fail_msg("no marker %02x", marker);
  return 0;
}

/* The first scan of a progressive file, that of the DC coefficients, may be repeated without harm to what
 * comes after it. */
static void test_jpeg_with_endless_scans(void **state) {
  (void)state;
  blob file = read_fixture("ycc444_progressive.jpg");
  size_t scan = find_marker(&file, 0, 0xDA), end = find_marker(&file, scan, 0xC4);
  size_t scan_bytes = end - scan;
  for (size_t repeats = 400; repeats <= 600; repeats += 200) {
    size_t bytes = file.bytes + repeats * scan_bytes;
    uint8_t *bomb = malloc(bytes);
    assert_non_null(bomb);
    memcpy(bomb, file.data, scan);
    for (size_t i = 0; i < repeats; i++) memcpy(bomb + scan + i * scan_bytes, file.data + scan, scan_bytes);
    memcpy(bomb + scan + repeats * scan_bytes, file.data + scan, file.bytes - scan);
    assert_int_equal(decode_and_free(bomb, bytes), repeats < 500 ? CHECKROB_OK : CHECKROB_ERROR_LIMIT);
    free(bomb);
  }
  assert_sentence("more than the limit of 500 scans for");
  free(file.data);
}

/* The larger the image, the fewer scans; but what encoders write is allowed for the largest. */
static void test_jpeg_with_many_scans_of_a_large_image(void **state) {
  (void)state;
  enum { REPEATS = 30 };
  blob file = read_fixture("ycc444_progressive.jpg");
  size_t scan = find_marker(&file, 0, 0xDA), end = find_marker(&file, scan, 0xC4);
  size_t scan_bytes = end - scan, bytes = file.bytes + REPEATS * scan_bytes;
  uint8_t *bomb = malloc(bytes);
  assert_non_null(bomb);
  memcpy(bomb, file.data, scan);
  for (size_t i = 0; i < REPEATS; i++) memcpy(bomb + scan + i * scan_bytes, file.data + scan, scan_bytes);
  memcpy(bomb + scan + REPEATS * scan_bytes, file.data + scan, file.bytes - scan);
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_decode(&image, bomb, bytes, NULL), CHECKROB_OK);
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.max_pixels = (uint64_t)checkrob_image_width(image) * checkrob_image_height(image);
  checkrob_image_free(image);
  assert_int_equal(checkrob_image_decode(&image, bomb, bytes, &limits), CHECKROB_ERROR_LIMIT);
  assert_sentence("more than the limit of 20 scans for");
  assert_int_equal(checkrob_image_decode(&image, file.data, file.bytes, &limits), CHECKROB_OK);
  checkrob_image_free(image);
  free(bomb);
  free(file.data);
}

static void test_jpeg_kinds_refused(void **state) {
  (void)state;
  blob file = read_fixture("ycc444.jpg");
  size_t frame = find_marker(&file, 0, 0xC0);
  file.data[frame + 4] = 12; /* bits of a sample */
  assert_int_equal(decode_and_free(file.data, file.bytes), CHECKROB_ERROR_UNSUPPORTED);
  file.data[frame + 4] = 8;
  file.data[frame + 1] = 0xC3; /* lossless */
  assert_int_equal(decode_and_free(file.data, file.bytes), CHECKROB_ERROR_UNSUPPORTED);
  free(file.data);
}

static uint8_t *find_chunk(const blob *file, const char *kind) {
  for (size_t i = 0; i + 4 <= file->bytes; i++)
    if (memcmp(file->data + i, kind, 4) == 0) return file->data + i;
  fail_msg("no chunk %s", kind);
  return NULL;
}

static void test_png_checksums(void **state) {
  (void)state;
  static const char *const kinds[] = {"IHDR", "gAMA", "tEXt", "IDAT"};
  for (size_t i = 0; i < 4; i++) {
    blob file = read_fixture("rgb_gamma_text.png");
    uint8_t *chunk = find_chunk(&file, kinds[i]);
    size_t bytes = (size_t)chunk[-2] << 8 | chunk[-1];
    chunk[4 + bytes] ^= 1; /* of the checksum */
    assert_int_equal(decode_and_free(file.data, file.bytes), CHECKROB_ERROR_BAD_INPUT);
    assert_sentence("image is a broken PNG: ");
    assert_sentence("CRC");
    free(file.data);
  }
}

static void put_32(uint8_t *out, uint32_t value) {
  for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A PNG that is cut where its pixels would begin. */
static size_t make_png_header(uint8_t out[64], uint32_t width, uint32_t height) {
  static const uint8_t start[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n',
                                  0,    0,   0,   13,  'I',  'H',  'D',  'R'};
  memcpy(out, start, sizeof start);
  put_32(out + 16, width);
  put_32(out + 20, height);
  memcpy(out + 24, "\x08\x02\0\0\0", 5);
  put_32(out + 29, crc_32(out + 12, 17));
  memcpy(out + 33, "\0\0\x10\0IDAT", 8);
  return 41;
}

static void test_size_limits(void **state) {
  (void)state;
  uint8_t header[64];
  size_t bytes = make_png_header(header, 20000, 20000);
  assert_int_equal(decode_and_free(header, bytes), CHECKROB_ERROR_LIMIT);
  assert_string_equal(checkrob_last_error(),
                      "image has 400000000 pixels (20000 x 20000), more than the limit of 100000000");
  bytes = make_png_header(header, 40000, 1);
  assert_int_equal(decode_and_free(header, bytes), CHECKROB_ERROR_LIMIT);
  assert_string_equal(checkrob_last_error(),
                      "image is 40000 pixels wide, more than the limit of 32768 pixels");
  bytes = make_png_header(header, 1, 2000000000);
  assert_int_equal(decode_and_free(header, bytes), CHECKROB_ERROR_LIMIT);
  assert_sentence("2000000000 pixels high, more than the limit of 32768");
  bytes = make_png_header(header, 100, 100);
  assert_int_equal(decode_and_free(header, bytes), CHECKROB_ERROR_BAD_INPUT);
}

static void test_limits_given(void **state) {
  (void)state;
  static const char *const names[] = {"ycc420.jpg", "rgb8.png"}; /* 23 x 17 */
  for (size_t i = 0; i < 2; i++) {
    blob file = read_fixture(names[i]);
    checkrob_image *image = NULL;
    checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
    limits.max_width = 22;
    assert_int_equal(checkrob_image_decode(&image, file.data, file.bytes, &limits), CHECKROB_ERROR_LIMIT);
    limits.max_width = 23;
    limits.max_pixels = 390;
    assert_int_equal(checkrob_image_decode(&image, file.data, file.bytes, &limits), CHECKROB_ERROR_LIMIT);
    limits.max_pixels = 391;
    limits.max_file_bytes = file.bytes - 1;
    assert_int_equal(checkrob_image_decode(&image, file.data, file.bytes, &limits), CHECKROB_ERROR_LIMIT);
    limits.max_file_bytes = file.bytes;
    assert_null(image);
    assert_int_equal(checkrob_image_decode(&image, file.data, file.bytes, &limits), CHECKROB_OK);
    checkrob_image_free(image);
    image = NULL;
    limits.size = 0;
    assert_int_equal(checkrob_image_decode(&image, file.data, file.bytes, &limits),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
    free(file.data);
  }
}

static void test_other_formats_are_named(void **state) {
  (void)state;
  static const struct {
    const char *data, *looks_like;
    size_t bytes;
  } cases[] = {
      {"GIF89a\1\0\1\0", "a GIF image; convert it to one of them", 10},
      {"II*\0\x08\0\0\0", "a TIFF image", 8},
      {"MM\0*\0\0\0\x08", "a TIFF image", 8},
      {"BM is how this text begins", "a text file; download or copy the image again", 26},
      {"\0\0\0\x18"
       "ftypheic\0\0\0\0",
       "a HEIC image", 16},
      {"\0\0\0\x18"
       "ftypavif\0\0\0\0",
       "an AVIF image", 16},
      {" \n<!DOCTYPE html><html>", "an HTML page; download or copy the image again", 23},
      {"<html><body>404", "an HTML page; download or copy the image again", 15},
      {"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer; fetch it with git lfs pull", 43},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char *exact = malloc(cases[i].bytes);
    assert_non_null(exact);
    memcpy(exact, cases[i].data, cases[i].bytes);
    assert_int_equal(decode_and_free((uint8_t *)exact, cases[i].bytes), CHECKROB_ERROR_UNSUPPORTED);
    assert_sentence("image is neither JPEG, PNG, WebP nor BMP, it looks like ");
    assert_sentence(cases[i].looks_like);
    free(exact);
  }
  assert_int_equal(decode_and_free((const uint8_t *)"\1\2\3\4\0\6", 6), CHECKROB_ERROR_UNSUPPORTED);
  assert_string_equal(checkrob_last_error(),
                      "image is neither JPEG, PNG, WebP nor BMP; convert it to one of them");
}

static void test_kinds_that_are_not_read(void **state) {
  (void)state;
  static const struct {
    const char *name, *message;
  } cases[] = {{"animated.webp", "image is an animated WebP image; save the frame that counts"},
               {"compressed.bmp", "image is a BMP with compression 1; convert it to PNG"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    blob file = read_fixture(cases[i].name);
    assert_int_equal(decode_and_free(file.data, file.bytes), CHECKROB_ERROR_UNSUPPORTED);
    assert_string_equal(checkrob_last_error(), cases[i].message);
    free(file.data);
  }
}

/* A lossless picture of 61 x 43 pixels, and behind it a lossy one of 2 x 2: the first counts. The second
 * would leave most pixels as the memory was. */
static void test_a_webp_with_two_pictures(void **state) {
  (void)state;
  static const uint8_t second[] = {0x56, 0x50, 0x38, 0x20, 0x22, 0x00, 0x00, 0x00, 0x70, 0x01, 0x00,
                                   0x9d, 0x01, 0x2a, 0x02, 0x00, 0x02, 0x00, 0x01, 0x40, 0x26, 0x25,
                                   0x94, 0x02, 0x74, 0x01, 0x40, 0x00, 0x00, 0xfe, 0xfc, 0x37, 0x81,
                                   0x57, 0xf7, 0xd4, 0xe8, 0x3e, 0x2b, 0xe0, 0x00, 0x00};
  blob file = read_fixture("lossless.webp"), expected = read_fixture("lossless.webp.rgb");
  uint8_t *both = malloc(file.bytes + sizeof second);
  assert_non_null(both);
  memcpy(both, file.data, file.bytes);
  memcpy(both + file.bytes, second, sizeof second);
  uint32_t size = (uint32_t)(file.bytes + sizeof second - 8);
  for (size_t i = 0; i < 4; i++) both[4 + i] = (uint8_t)(size >> 8 * i);
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_decode(&image, both, file.bytes + sizeof second, NULL), CHECKROB_OK);
  assert_memory_equal(checkrob_image_pixels(image), expected.data, expected.bytes);
  checkrob_image_free(image);
  free(both);
  free(file.data);
  free(expected.data);
}

/* Each of the eight against its own pixels as stored: where the photo's corners are. */
static void test_orientations(void **state) {
  (void)state;
  checkrob_image_limits stored = CHECKROB_IMAGE_LIMITS_INIT, upright = CHECKROB_IMAGE_LIMITS_INIT;
  stored.orientation = CHECKROB_ORIENTATION_STORED;
  upright.orientation = CHECKROB_ORIENTATION_UPRIGHT;
  for (int tag = 1; tag <= 9; tag++) {
    char path[1024];
    snprintf(path, sizeof path, CHECKROB_TEST_DATA "/image/fixtures/orientation%d.jpg", tag);
    checkrob_image *a = NULL, *b = NULL, *c = NULL;
    assert_int_equal(checkrob_image_open(&a, path, &stored), CHECKROB_OK);
    assert_int_equal(checkrob_image_open(&b, path, &upright), CHECKROB_OK);
    assert_int_equal(checkrob_image_open(&c, path, NULL), CHECKROB_OK);
    bool swaps = tag >= 5 && tag <= 8;
    assert_int_equal(checkrob_image_orientation(a), tag <= 8 ? tag : 1);
    assert_int_equal(checkrob_image_orientation(b), tag <= 8 ? tag : 1);
    assert_int_equal(checkrob_image_width(a), 23);
    assert_int_equal(checkrob_image_width(b), swaps ? 17 : 23);
    assert_int_equal(checkrob_image_height(b), swaps ? 23 : 17);
    assert_int_equal(crc_of_image(b), crc_of_image(c));
    /* Where the upper left pixel of the stored image is in the upright photo. */
    size_t right = checkrob_image_width(b) - 1, bottom = checkrob_image_height(b) - 1;
    size_t x = tag == 2 || tag == 3 || tag == 6 || tag == 7 ? right : 0;
    size_t y = tag == 3 || tag == 4 || tag == 7 || tag == 8 ? bottom : 0;
    assert_memory_equal(checkrob_image_pixels(a), checkrob_image_pixels(b) + 3 * (y * (right + 1) + x), 3);
    checkrob_image_free(a);
    checkrob_image_free(b);
    checkrob_image_free(c);
  }
  assert_int_equal(checkrob_image_orientation(NULL), 0);
}

/* A 16-bit gray PNG: clipped as Pillow does, or scaled. */
static void test_gray_of_16_bits(void **state) {
  (void)state;
  const char *path = CHECKROB_TEST_DATA "/image/fixtures/gray16.png";
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.scale_gray_16 = 1;
  checkrob_image *clipped = NULL, *scaled = NULL;
  assert_int_equal(checkrob_image_open(&clipped, path, NULL), CHECKROB_OK);
  assert_int_equal(checkrob_image_open(&scaled, path, &limits), CHECKROB_OK);
  size_t white = 0, pixels = 23 * 17;
  for (size_t y = 0; y < 17; y++)
    for (size_t x = 0; x < 23; x++) {
      uint32_t value =
          (uint32_t)((x * 2654435761 + y * 40503 + x * y * 97 * 3) % 65536); /* make_fixtures.py */
      const uint8_t *at = checkrob_image_pixels(scaled) + 3 * (y * 23 + x);
      assert_int_equal(at[0], (value * 255 + 32767) / 65535);
      assert_int_equal(at[1], at[0]);
      assert_int_equal(at[2], at[0]);
      white += checkrob_image_pixels(clipped)[3 * (y * 23 + x)] == 255;
    }
  assert_true(white > pixels * 9 / 10);
  checkrob_image_free(clipped);
  checkrob_image_free(scaled);
}

/* What cameras and old programs write: an orientation as a long number, and bytes that should be 0. */
static void test_oddities_that_pillow_reads(void **state) {
  (void)state;
  checkrob_image *image = NULL;
  blob file = read_fixture("orientation7.jpg"); /* little endian */
  static const uint8_t entry[] = {0x12, 0x01, 3, 0, 1, 0, 0, 0, 7, 0, 0, 0};
  for (size_t i = 0; i + sizeof entry < file.bytes; i++)
    if (memcmp(file.data + i, entry, sizeof entry) == 0) file.data[i + 2] = 4;
  assert_int_equal(checkrob_image_decode(&image, file.data, file.bytes, NULL), CHECKROB_OK);
  assert_int_equal(checkrob_image_orientation(image), 7);
  checkrob_image_free(image);
  free(file.data);
  file = read_fixture("rgb.bmp");
  memcpy(file.data + 6, "\1\2\3\4", 4);
  assert_int_equal(decode_and_free(file.data, file.bytes), CHECKROB_OK);
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.orientation = 3;
  assert_int_equal(checkrob_image_decode(&image, file.data, file.bytes, &limits),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  free(file.data);
}

static void test_files(void **state) {
  (void)state;
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_open(&image, "/dev/null/none.jpg", NULL), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_image_open(&image, "no-such-file.jpg", NULL), CHECKROB_ERROR_NOT_FOUND);
  assert_sentence("no-such-file.jpg");
  assert_int_equal(checkrob_image_open(&image, CHECKROB_TEST_DATA, NULL), CHECKROB_ERROR_IO);
  const char *path = CHECKROB_TEST_DATA "/image/fixtures/ycc420.jpg.rgb";
  assert_int_equal(checkrob_image_open(&image, path, NULL), CHECKROB_ERROR_UNSUPPORTED);
  assert_memory_equal(checkrob_last_error(), path, strlen(path));
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.max_file_bytes = 10;
  assert_int_equal(checkrob_image_open(&image, path, &limits), CHECKROB_ERROR_LIMIT);
  assert_int_equal(checkrob_image_decode(&image, "", 0, NULL), CHECKROB_ERROR_BAD_INPUT);
  assert_string_equal(checkrob_last_error(), "image is empty");
  assert_null(image);
}

static void test_limits_of_options(void **state) {
  (void)state;
  checkrob_image_limits found = CHECKROB_IMAGE_LIMITS_INIT, defaults = CHECKROB_IMAGE_LIMITS_INIT;
  found.max_width = 1;
  assert_int_equal(checkrob_image_limits_read(&found, NULL), CHECKROB_OK);
  assert_memory_equal(&found, &defaults, sizeof found);
  checkrob_options *options = NULL;
  assert_int_equal(checkrob_options_new(&options), CHECKROB_OK);
  static const char *const set[][2] = {{"image_max_width", "10"},  {"image_max_height", "20"},
                                       {"image_max_pixels", "30"}, {"image_max_file_bytes", "40"},
                                       {"gray_range", "scale"},    {"orientation", "upright"}};
  for (size_t i = 0; i < sizeof set / sizeof *set; i++)
    assert_int_equal(checkrob_options_set(options, set[i][0], set[i][1]), CHECKROB_OK);
  assert_int_equal(checkrob_image_limits_read(&found, options), CHECKROB_OK);
  assert_true(found.max_width == 10 && found.max_height == 20 && found.max_pixels == 30);
  assert_true(found.max_file_bytes == 40 && found.scale_gray_16 == 1);
  assert_int_equal(found.orientation, CHECKROB_ORIENTATION_UPRIGHT);
  assert_int_equal(checkrob_options_set(options, "orientation", "stored"), CHECKROB_OK);
  assert_int_equal(checkrob_image_limits_read(&found, options), CHECKROB_OK);
  assert_int_equal(found.orientation, CHECKROB_ORIENTATION_STORED);
  found.size = 0;
  assert_int_equal(checkrob_image_limits_read(&found, options), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_limits_read(NULL, options), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_options_free(options);
}

static void test_wrong_calls(void **state) {
  (void)state;
  checkrob_image *image = NULL;
  const uint8_t pixel[3] = {1, 2, 3};
  assert_int_equal(checkrob_image_open(NULL, "x", NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_open(&image, NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_decode(&image, NULL, 4, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_from_rgb(&image, pixel, 0, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_from_rgb(&image, NULL, 1, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_image_from_rgb(&image, pixel, UINT32_MAX, UINT32_MAX),
                   CHECKROB_ERROR_OUT_OF_MEMORY);
  assert_null(image);
  checkrob_image_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_kind_of_file),
      cmocka_unit_test(test_junk_behind_the_image),
      cmocka_unit_test(test_jpeg_with_missing_data_before_its_end_marker),
      cmocka_unit_test(test_jpeg_with_endless_scans),
      cmocka_unit_test(test_jpeg_with_many_scans_of_a_large_image),
      cmocka_unit_test(test_jpeg_kinds_refused),
      cmocka_unit_test(test_png_checksums),
      cmocka_unit_test(test_size_limits),
      cmocka_unit_test(test_limits_given),
      cmocka_unit_test(test_other_formats_are_named),
      cmocka_unit_test(test_kinds_that_are_not_read),
      cmocka_unit_test(test_a_webp_with_two_pictures),
      cmocka_unit_test(test_orientations),
      cmocka_unit_test(test_gray_of_16_bits),
      cmocka_unit_test(test_oddities_that_pillow_reads),
      cmocka_unit_test(test_files),
      cmocka_unit_test(test_limits_of_options),
      cmocka_unit_test(test_wrong_calls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
