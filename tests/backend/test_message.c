/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and descriptions of models: what is written is read; what is damaged is refused. */
#include "backend/message.h"

#include <stdlib.h>
#include <string.h>

#include "backend/description.h"
#include "support/test.h"

static void values_and_texts_come_back(void **state) {
  (void)state;
  message m = {0};
  message_put(&m, -7);
  message_put_text(&m, NULL);
  message_put_text(&m, "");
  message_put_text(&m, "Grad-CAM");
  message_put(&m, INT64_MAX);
  assert_int_equal(message_get(&m), -7);
  assert_null(message_get_text(&m));
  assert_string_equal(message_get_text(&m), "");
  assert_string_equal(message_get_text(&m), "Grad-CAM");
  assert_false(message_is_sound(&m)); /* there is more */
  assert_true(message_get(&m) == INT64_MAX);
  assert_true(message_is_sound(&m));
  assert_int_equal(message_get(&m), 0); /* past the end */
  assert_false(message_is_sound(&m));
  message_free(&m);
}

static void damaged_texts_are_refused(void **state) {
  (void)state;
  static const int64_t lengths[] = {-2, 9, INT64_MAX, INT64_MIN, 3};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    message m = {0};
    message_put_text(&m, "12345678");
    memcpy(m.bytes, &lengths[i], sizeof lengths[i]);
    assert_null(message_get_text(&m));
    assert_false(message_is_sound(&m));
    message_free(&m);
  }
}

static void ranges_are_kept(void **state) {
  (void)state;
  message m = {0};
  message_put(&m, 3);
  message_put(&m, 4);
  assert_int_equal(message_get_within(&m, 1, 3), 3);
  assert_int_equal(message_get_within(&m, 1, 3), 1);
  assert_false(message_is_sound(&m));
  message_free(&m);
}

/* ---- descriptions ---- */

/* The functions that description_put() asks: a model of two outputs and two layers. */
int64_t shim_model_class_count(const shim_model *model) {
  (void)model;
  return 1000;
}
int shim_model_channels(const shim_model *model) {
  (void)model;
  return 3;
}
int shim_model_ending(const shim_model *model) {
  (void)model;
  return SHIM_ENDING_SOFTMAX;
}
const char *shim_model_remark(const shim_model *model) {
  (void)model;
  return "It ends in softmax.";
}
size_t shim_model_output_count(const shim_model *model) {
  (void)model;
  return 2;
}
void shim_model_output(const shim_model *model, size_t index, shim_output *out) {
  (void)model;
  *out = (shim_output){
      index ? "logits" : "features", 2, {1, index ? 1000 : 512}, index ? 1000 : 512, index == 1};
}
size_t shim_model_layer_count(const shim_model *model) {
  (void)model;
  return 2;
}
size_t shim_model_auto_layer(const shim_model *model) {
  (void)model;
  return 1;
}
void shim_model_layer(const shim_model *model, size_t index, shim_layer *out) {
  (void)model;
  *out = (shim_layer){"layer4.conv", "Conv2d", 4, {1, 512, 7, 7}, 1, 1, SHIM_LAYOUT_NCHW, 512, 7, 7, 0};
  if (index == 0) *out = (shim_layer){"pair", "Pair", -1, {0}, 0, 0, 0, 0, 0, 0, 0};
}

static void descriptions_come_back(void **state) {
  (void)state;
  message m = {0};
  description d = {0};
  description_put(&m, NULL);
  assert_true(description_get(&d, &m));
  assert_null(m.bytes); /* the strings are the description's now */
  assert_int_equal(d.classes, 1000);
  assert_int_equal(d.ending, SHIM_ENDING_SOFTMAX);
  assert_string_equal(d.remark, "It ends in softmax.");
  assert_int_equal(d.output_count, 2);
  assert_string_equal(d.outputs[1].name, "logits");
  assert_int_equal(d.outputs[0].shape[1], 512);
  assert_true(d.outputs[1].taken && !d.outputs[0].taken);
  assert_int_equal(d.layer_count, 2);
  assert_int_equal(d.auto_layer, 1);
  assert_int_equal(d.layers[0].rank, -1);
  assert_string_equal(d.layers[1].path, "layer4.conv");
  assert_int_equal(d.layers[1].channels, 512);
  assert_int_equal(d.layers[1].shape[3], 7);
  description_free(&d);
}

/* Wherever a description is cut off, and whatever stands in any of its numbers, it is refused or sound. */
static void damaged_descriptions_are_refused(void **state) {
  (void)state;
  static const int64_t values[] = {-1, 0, 1, 5, 1 << 20, INT64_MAX, INT64_MIN};
  message whole = {0};
  description_put(&whole, NULL);
  for (size_t size = 0; size < whole.size; size++) {
    message m = {0};
    description d = {0};
    assert_true(message_resize(&m, size));
    if (size > 0) memcpy(m.bytes, whole.bytes, size);
    assert_false(description_get(&d, &m));
    message_free(&m);
  }
  for (size_t at = 0; at + 8 <= whole.size; at++)
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
      message m = {0};
      description d = {0};
      assert_true(message_resize(&m, whole.size));
      memcpy(m.bytes, whole.bytes, whole.size);
      memcpy(m.bytes + at, &values[i], sizeof values[i]);
      if (description_get(&d, &m))
        assert_true(strlen(d.remark) < whole.size && d.auto_layer <= d.layer_count);
      description_free(&d);
      message_free(&m);
    }
  message_free(&whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_and_texts_come_back),
      cmocka_unit_test(damaged_texts_are_refused),
      cmocka_unit_test(ranges_are_kept),
      cmocka_unit_test(descriptions_come_back),
      cmocka_unit_test(damaged_descriptions_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
