/* SPDX-License-Identifier: Apache-2.0 */
/* From image to tensor: Pillow's and torchvision's numbers, the geometry, and mistakes in the file. */
#include "fixtures.h"
#include "image/geometry.h"

#define IMAGENET_JSON                                                                                     \
  "{\"resize\": 256, \"crop\": 224, \"filter\": \"bilinear\", \"mean\": [0.485, 0.456, 0.406], \"std\": " \
  "[0.229, 0.224, 0.225]}"

static checkrob_preprocess *parse(const char *json) {
  checkrob_preprocess *preprocess = NULL;
  if (checkrob_preprocess_parse(&preprocess, json, strlen(json)) != CHECKROB_OK)
    fail_msg("%s: %s", json, checkrob_last_error());
  return preprocess;
}

static float *make_tensor(size_t *bytes, const checkrob_preprocess *preprocess, const checkrob_image *image) {
  *bytes = sizeof(float) * 3 * checkrob_preprocess_width(preprocess) * checkrob_preprocess_height(preprocess);
  float *tensor = malloc(*bytes);
  assert_non_null(tensor);
  assert_int_equal(checkrob_preprocess_apply(tensor, preprocess, image), CHECKROB_OK);
  return tensor;
}

/* Each line: the checksum of the expected little-endian floats, and a preset's name or JSON. */
static void test_tensors_equal_torchvision(void **state) {
  (void)state;
  blob photo = read_fixture("photo.jpg");
  checkrob_image *image = NULL;
  assert_int_equal(checkrob_image_decode(&image, photo.data, photo.bytes, NULL), CHECKROB_OK);
  FILE *list = open_list("tensors.txt");
  char what[512];
  unsigned expected, count = 0;
  while (fscanf(list, "%x %511[^\n]", &expected, what) == 2) {
    checkrob_preprocess *preprocess = NULL;
    if (what[0] == '{')
      preprocess = parse(what);
    else
      assert_int_equal(checkrob_preprocess_open(&preprocess, what), CHECKROB_OK);
    size_t bytes;
    float *tensor = make_tensor(&bytes, preprocess, image);
    if (crc_32(tensor, bytes) != expected) fail_msg("%s: the tensor differs", what);
    free(tensor);
    checkrob_preprocess_free(preprocess);
    count++;
  }
  fclose(list);
  assert_int_equal(count, 5);
  checkrob_image_free(image);
  free(photo.data);
}

static void test_tensor_in_full(void **state) {
  (void)state;
  blob photo = read_fixture("photo.jpg"), expected = read_fixture("tensor_small.f32");
  checkrob_image *image = NULL;
  checkrob_preprocess *preprocess = NULL;
  assert_int_equal(checkrob_image_decode(&image, photo.data, photo.bytes, NULL), CHECKROB_OK);
  assert_int_equal(
      checkrob_preprocess_open(&preprocess, CHECKROB_TEST_DATA "/image/fixtures/tensor_small.json"),
      CHECKROB_OK);
  size_t bytes;
  float *tensor = make_tensor(&bytes, preprocess, image);
  assert_int_equal(bytes, expected.bytes);
  assert_memory_equal(tensor, expected.data, bytes);
  free(tensor);
  checkrob_preprocess_free(preprocess);
  checkrob_image_free(image);
  free(photo.data);
  free(expected.data);
}

static void test_geometry(void **state) {
  (void)state;
  static const struct {
    const char *json;
    geometry expected; /* image, resized, crop corner, input */
  } cases[] = {
      {"{\"resize\": 256, \"crop\": 224}", {500, 375, 341, 256, 58, 16, 224, 224}}, /* 58.5 to even: 58 */
      {"{\"resize\": 256, \"crop\": 224}", {375, 500, 256, 341, 16, 58, 224, 224}},
      {"{\"resize\": 224}", {450, 319, 315, 224, 46, 0, 224, 224}}, /* 45.5 to even: 46 */
      {"{\"resize\": 224}", {224, 224, 224, 224, 0, 0, 224, 224}},
      {"{\"resize\": 7, \"crop\": [3, 2]}", {100, 10, 70, 7, 34, 2, 2, 3}},
      {"{\"resize\": [20, 30], \"crop\": [10, 15]}", {100, 10, 30, 20, 8, 5, 15, 10}}, /* 7.5 to even: 8 */
      {"{\"resize\": [20, 30]}", {1, 1, 30, 20, 0, 0, 30, 20}},
      {"{\"crop\": 8}", {11, 8, 11, 8, 2, 0, 8, 8}}, /* 1.5 to even: 2 */
      {"{\"crop\": 8}", {13, 9, 13, 9, 2, 0, 8, 8}}, /* 2.5 to even: 2; 0.5 to even: 0 */
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    checkrob_preprocess *preprocess = parse(cases[i].json);
    geometry found, expected = cases[i].expected;
    assert_int_equal(geometry_make(&found, preprocess, expected.image_width, expected.image_height),
                     CHECKROB_OK);
    assert_int_equal(checkrob_preprocess_width(preprocess), expected.width);
    assert_int_equal(checkrob_preprocess_height(preprocess), expected.height);
    assert_memory_equal(&found, &expected, sizeof found);
    checkrob_preprocess_free(preprocess);
  }
}

static void test_images_that_do_not_fit(void **state) {
  (void)state;
  geometry found;
  checkrob_preprocess *crop = parse("{\"crop\": [8, 9]}"),
                      *resize = parse("{\"resize\": 8192, \"crop\": 224}");
  assert_int_equal(geometry_make(&found, crop, 9, 8), CHECKROB_OK);
  assert_int_equal(geometry_make(&found, crop, 8, 8), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("8 x 8 pixels, the crop needs 9 x 8");
  assert_int_equal(geometry_make(&found, resize, 1, 4000000), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("elongated");
  checkrob_image *small = noise_image(5, 20, 1);
  float tensor[1];
  assert_int_equal(checkrob_preprocess_apply(tensor, crop, small), CHECKROB_ERROR_BAD_INPUT);
  assert_int_equal(checkrob_preprocess_apply(NULL, crop, small), CHECKROB_ERROR_INVALID_ARGUMENT);
  checkrob_image_free(small);
  checkrob_preprocess_free(crop);
  checkrob_preprocess_free(resize);
}

static void test_an_input_has_a_largest_size(void **state) {
  (void)state;
  checkrob_preprocess *made = NULL;
  static const char good[] = "{\"resize\": 4096}", bad[] = "{\"resize\": 8192, \"crop\": [2048, 8193]}",
                    large[] = "{\"resize\": [2049, 8192]}";
  assert_int_equal(checkrob_preprocess_parse(&made, good, sizeof good - 1), CHECKROB_OK);
  checkrob_preprocess_free(made);
  assert_int_equal(checkrob_preprocess_parse(&made, bad, sizeof bad - 1), CHECKROB_ERROR_BAD_INPUT);
  assert_int_equal(checkrob_preprocess_parse(&made, large, sizeof large - 1), CHECKROB_ERROR_LIMIT);
  assert_sentence("8192 x 2049 pixels is larger than the limit of 16777216");
}

static void test_mistakes(void **state) {
  (void)state;
  static const struct {
    const char *json, *sentence;
  } cases[] = {
      {"", "preprocessing: empty; it has to be a JSON object"},
      {"{\"resize\": 224,\n\"crop\" 3}", "preprocessing:2: not valid JSON"},
      {"{\"resize\": 224, \"resize\": 3}", "duplicate"},
      {"[1]", "must be a JSON object"},
      {"{}", "\"resize\" or \"crop\" is needed"},
      {"{\"resize\": 224, \"size\": 3}", "unknown key \"size\""},
      {"{\"resize\": \"224\"}", "\"resize\" must be a whole number"},
      {"{\"resize\": 224.5}", "\"resize\" must be a whole number"},
      {"{\"resize\": 0}", "\"resize\" is 0, not 1 to 8192"},
      {"{\"resize\": 8193}", "\"resize\" is 8193, not 1 to 8192"},
      {"{\"crop\": -3}", "\"crop\" is -3, not 1 to 8192"},
      {"{\"resize\": [1, 2, 3]}", "\"resize\" must have two numbers, [height, width], not 3"},
      {"{\"resize\": [10, true]}", "\"resize\" must be a whole number"},
      {"{\"resize\": 100, \"crop\": 101}", "\"crop\" is 101 x 101"},
      {"{\"resize\": [100, 200], \"crop\": [150, 90]}", "as small as 100 x 200"},
      {"{\"resize\": 224, \"filter\": \"lanczos\"}", "\"filter\" is \"lanczos\""},
      {"{\"resize\": 224, \"filter\": 1}", "\"filter\" must be"},
      {"{\"resize\": 224, \"mean\": 0.5}", "\"mean\" must have three numbers"},
      {"{\"resize\": 224, \"mean\": [0.5, 0.5]}", "\"mean\" must have three numbers"},
      {"{\"resize\": 224, \"mean\": [0.5, 0.5, \"x\"]}", "\"mean\" must have three numbers"},
      {"{\"resize\": 224, \"mean\": [123.7, 116.3, 103.5]}", "\"mean\" has 123.7, not 0 to 1"},
      {"{\"resize\": 224, \"std\": [0.2, 0, 0.2]}", "\"std\" has 0"},
      {"{\"resize\": 224, \"std\": [0.2, -1, 0.2]}", "\"std\" has -1"},
      {"{\"resize\": 224, \"std\": [0.2, 1e-60, 0.2]}", "\"std\" has 1e-60, too small"},
      {"{\"resize\": 224, \"std\": null}", "\"std\" must have three numbers"},
      {"{\"resize\": 224, \"channels\": 1}", "\"channels\" must be \"rgb\" or \"gray\""},
      {"{\"resize\": 224, \"channels\": \"grey\"}", "\"channels\" must be \"rgb\" or \"gray\""},
      {"{\"resize\": 224, \"channels\": \"gray\", \"mean\": [0, 0, 0]}", "\"mean\" must be one number"},
      {"{\"resize\": 224, \"channels\": \"gray\", \"std\": \"1\"}", "\"std\" must be one number"},
  };
  checkrob_preprocess *preprocess = NULL;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *json = cases[i].json;
    if (checkrob_preprocess_parse(&preprocess, json, strlen(json)) != CHECKROB_ERROR_BAD_INPUT)
      fail_msg("%s was taken", json);
    assert_sentence("preprocessing:");
    assert_sentence(cases[i].sentence);
  }
  assert_null(preprocess);
}

/* Pillow's convert("L") of these pixels is 76, 150, 29, 18, 255 and 124. */
static void test_gray(void **state) {
  (void)state;
  static const uint8_t pixels[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 255, 255, 255, 123, 124, 125};
  static const float expected[] = {76.0F, 150.0F, 29.0F, 18.0F, 255.0F, 124.0F};
  checkrob_preprocess *preprocess =
      parse("{\"crop\": [2, 3], \"channels\": \"gray\", \"mean\": 0.25, \"std\": [0.5]}");
  checkrob_image *image = NULL;
  float tensor[18];
  assert_int_equal(checkrob_image_from_rgb(&image, pixels, 3, 2), CHECKROB_OK);
  assert_int_equal(checkrob_preprocess_apply(tensor, preprocess, image), CHECKROB_OK);
  for (int i = 0; i < 18; i++) assert_true(tensor[i] == (expected[i % 6] / 255.0F - 0.25F) / 0.5F);
  assert_int_equal(checkrob_image_pixels(image)[0], 255); /* the image itself keeps its colours */
  checkrob_image_free(image);
  checkrob_preprocess_free(preprocess);
}

static void test_names_and_files(void **state) {
  (void)state;
  checkrob_preprocess *preprocess = NULL;
  assert_int_equal(checkrob_preprocess_open(&preprocess, "imagnet"), CHECKROB_ERROR_NOT_FOUND);
  assert_string_equal(
      checkrob_last_error(),
      "imagnet is neither a preprocessing file nor a preset: the presets are imagenet and paper");
  assert_int_equal(checkrob_preprocess_open(&preprocess, CHECKROB_TEST_DATA), CHECKROB_ERROR_IO);
  const char *list = CHECKROB_TEST_DATA "/image/fixtures/images.txt";
  assert_int_equal(checkrob_preprocess_open(&preprocess, list), CHECKROB_ERROR_BAD_INPUT);
  assert_memory_equal(checkrob_last_error(), list, strlen(list));
  assert_int_equal(checkrob_preprocess_open(&preprocess, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_preprocess_parse(&preprocess, NULL, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(preprocess);
  checkrob_preprocess_free(NULL);
}

static void test_json_reads_back(void **state) {
  (void)state;
  static const struct {
    const char *given, *written;
  } cases[] = {
      {IMAGENET_JSON, IMAGENET_JSON},
      {"{\"crop\": 8, \"channels\": \"rgb\"}",
       "{\"crop\": 8, \"filter\": \"bilinear\", \"mean\": [0.0, 0.0, 0.0], \"std\": [1.0, 1.0, 1.0]}"},
      {"{\"crop\": 8, \"channels\": \"gray\", \"mean\": 0.5}",
       "{\"crop\": 8, \"filter\": \"bilinear\", \"channels\": \"gray\", \"mean\": [0.5], \"std\": [1.0]}"},
      {"{\"crop\": [8, 9]}",
       "{\"crop\": [8, 9], \"filter\": \"bilinear\", \"mean\": [0.0, 0.0, 0.0], \"std\": "
       "[1.0, 1.0, 1.0]}"},
      {"{\"std\": [1, 1, 0.30000000000000004], \"resize\": [64, 64], \"filter\": \"bicubic\"}",
       "{\"resize\": [64, 64], \"crop\": 64, \"filter\": \"bicubic\", \"mean\": [0.0, 0.0, 0.0], \"std\": "
       "[1.0, "
       "1.0, 0.30000000000000004]}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    checkrob_preprocess *first = parse(cases[i].given);
    assert_string_equal(checkrob_preprocess_json(first), cases[i].written);
    checkrob_preprocess *second = parse(checkrob_preprocess_json(first));
    assert_string_equal(checkrob_preprocess_json(second), cases[i].written);
    checkrob_preprocess_free(first);
    checkrob_preprocess_free(second);
  }
  checkrob_preprocess *imagenet = NULL;
  assert_int_equal(checkrob_preprocess_open(&imagenet, "imagenet"), CHECKROB_OK);
  assert_string_equal(checkrob_preprocess_json(imagenet), IMAGENET_JSON);
  checkrob_preprocess_free(imagenet);
}

/* What a run specification may contain instead of a name. */
static void test_byte_order_mark(void **state) {
  (void)state;
  checkrob_preprocess *marked = parse("\xef\xbb\xbf{\"crop\": 8}"), *plain = parse("{\"crop\": 8}");
  assert_string_equal(checkrob_preprocess_json(marked), checkrob_preprocess_json(plain));
  checkrob_preprocess_free(marked);
  checkrob_preprocess_free(plain);
}

static void test_text_in_place_of_a_name(void **state) {
  (void)state;
  checkrob_preprocess *preprocess = NULL;
  assert_int_equal(checkrob_preprocess_open(&preprocess, "{\"crop\": [24, 32]}"), CHECKROB_OK);
  assert_int_equal(checkrob_preprocess_width(preprocess), 32);
  checkrob_preprocess_free(preprocess);
  preprocess = NULL;
  assert_int_equal(checkrob_preprocess_open(&preprocess, "{\"crop\": 24"), CHECKROB_ERROR_BAD_INPUT);
  assert_null(preprocess);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tensors_equal_torchvision),
      cmocka_unit_test(test_tensor_in_full),
      cmocka_unit_test(test_geometry),
      cmocka_unit_test(test_images_that_do_not_fit),
      cmocka_unit_test(test_an_input_has_a_largest_size),
      cmocka_unit_test(test_mistakes),
      cmocka_unit_test(test_names_and_files),
      cmocka_unit_test(test_gray),
      cmocka_unit_test(test_json_reads_back),
      cmocka_unit_test(test_byte_order_mark),
      cmocka_unit_test(test_text_in_place_of_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
