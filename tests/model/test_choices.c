/* SPDX-License-Identifier: Apache-2.0 */
/* The C side of the shim, on the fake model: several layers, layouts, endings, devices, and
 * arrays that are handed over. */
#include <stdlib.h>
#include <unistd.h>

#include "model/dlpack.h"
#include "model/fixture.h"
#include "model/model.h"

static float input[2 * 3 * SIDE * SIDE];
static const int64_t targets[] = {0, 1};

/* ---- several layers ---- */

static void captures_layers_in_the_order_chosen(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof input / sizeof *input; i++) input[i] = 0.25F;
  open_and_cut("pool,stem.conv,(input)");
  assert_string_equal(checkrob_cut_layers(cut), "pool,stem.conv,(input)");
  assert_int_equal(checkrob_cut_layer_count(cut), 3);
  checkrob_capture *capture = NULL;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, targets), CHECKROB_OK);
  assert_int_equal(checkrob_capture_layer_count(capture), 3);
  size_t shape[4];
  checkrob_capture_shape(shape, capture, 0);
  assert_true(shape[2] == 1 && shape[3] == 1);
  checkrob_capture_shape(shape, capture, 1);
  assert_true(shape[2] == SIDE / FAKE_CELL);
  checkrob_capture_shape(shape, capture, 2);
  assert_true(shape[2] == SIDE && shape[3] == SIDE);
  assert_true(checkrob_capture_activation(capture, 0)[0] == 0.5F);
  assert_true(checkrob_capture_activation(capture, 1)[0] == 0.25F);
  assert_memory_equal(checkrob_capture_activation(capture, 2), input, sizeof input);
  /* d z_0 / d x: the weight 1, doubled, spread over 16 x 16 pixels */
  assert_true(checkrob_capture_gradient(capture, 2)[0] == 2.0F / (SIDE * SIDE));
  checkrob_capture_shape(shape, capture, 3);
  assert_true(shape[0] == 0 && !checkrob_capture_activation(capture, 3) &&
              !checkrob_capture_gradient(capture, 3));
  checkrob_capture_free(capture);
}

static void auto_is_resolved_in_a_list(void **state) {
  (void)state;
  open_and_cut("auto,stem.conv");
  assert_string_equal(checkrob_cut_layers(cut), "stem,stem.conv");
}

static void refuses_wrong_lists(void **state) {
  (void)state;
  open_and_cut("stem");
  static const char *const wrong[] = {",", "stem,", ",stem", "stem,,pool", "stem,stem", "stem,auto"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_int_equal(cut_at(wrong[i], CHECKROB_CUT_GRADIENTS), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(cut_at("stem,steam,pool", CHECKROB_CUT_GRADIENTS), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "no layer 'steam'"));
  assert_int_equal(cut_at("stem,stem#9", CHECKROB_CUT_GRADIENTS), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "no layer 'stem#9'; the nearest names are 'stem'"));
  assert_string_equal(checkrob_cut_layers(cut), "stem"); /* the last cut still stands */
}

static void representations_ask_for_less(void **state) {
  (void)state;
  open_and_cut("stem");
  assert_true(fake_seen.maps_wanted);
  assert_int_equal(cut_at("pool", CHECKROB_CUT_ACTIVATIONS), CHECKROB_OK);
  assert_false(fake_seen.maps_wanted);
}

static void logits_alone_need_no_arrays(void **state) {
  (void)state;
  open_and_cut("stem");
  checkrob_capture *capture = NULL;
  assert_int_equal(cut_run_logits(&capture, cut, input, 2, SIDE, SIDE), CHECKROB_OK);
  assert_non_null(checkrob_capture_logits(capture));
  assert_null(checkrob_capture_activation(capture, 0));
  checkrob_capture_free(capture);
}

static void ablates_each_channel(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof input / sizeof *input; i++) input[i] = 0.25F;
  open_and_cut("stem");
  float *logits = NULL;
  const unsigned char removed[] = {1, 0, 0, 0, 1, 0, 1, 1, 1};
  cut_removal removal = {0, removed, 3, 3, 2};
  assert_int_equal(cut_ablate(&logits, cut, input, SIDE, SIDE, &removal), CHECKROB_OK);
  size_t classes = (size_t)checkrob_model_class_count(model);
  assert_true(logits[0] == -0.25F);       /* without the first channel: 2 * -0.25 * 0.5 */
  assert_true(logits[classes] == 0.375F); /* without the second: 0.5 - 0.25 * 0.5 */
  for (size_t c = 0; c < classes; c++) assert_true(logits[2 * classes + c] == 0.0F); /* without any */
  free(logits);
  removal.layer = 1;
  assert_int_equal(cut_ablate(&logits, cut, input, SIDE, SIDE, &removal), CHECKROB_ERROR_INVALID_ARGUMENT);
  removal.layer = 0;
  removal.channels = 2;
  assert_int_equal(cut_ablate(&logits, cut, input, SIDE, SIDE, &removal), CHECKROB_ERROR_INVALID_ARGUMENT);
}

/* ---- layout, ending, device ---- */

static void layouts_have_names(void **state) {
  (void)state;
  checkrob_layout layout = CHECKROB_LAYOUT_AUTO;
  assert_int_equal(checkrob_layout_find(&layout, "NHWC"), CHECKROB_OK);
  assert_int_equal(layout, CHECKROB_LAYOUT_NHWC);
  assert_int_equal(checkrob_layout_find(&layout, "hwc"), CHECKROB_ERROR_NOT_FOUND);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(checkrob_layout_find(&layout, checkrob_layout_name((checkrob_layout)i)), CHECKROB_OK);
    assert_int_equal(layout, i);
  }
  assert_null(checkrob_layout_name((checkrob_layout)4));
}

/* Errors of wrong capture flags and score functions, and of layers that do not fit them. */
static void refuses_wrong_captures(void **state) {
  (void)state;
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  checkrob_cut *made = NULL;
  open_model();
  assert_int_equal(cut_at("stem", 0), wrong);
  assert_int_equal(cut_at("stem", 8), wrong);
  assert_int_equal(cut_at("stem", CHECKROB_CUT_MAPS | 16), wrong);
  assert_int_equal(cut_at(NULL, CHECKROB_CUT_GRADIENTS), wrong);
  assert_int_equal(cut_at("", CHECKROB_CUT_ACTIVATIONS), wrong);
  assert_int_equal(checkrob_cut_new(&made, model, "stem", (checkrob_score_function)9, CHECKROB_CUT_MAPS),
                   wrong);
  assert_int_equal(checkrob_cut_new(NULL, model, "stem", CHECKROB_SCORE_LOGIT, CHECKROB_CUT_MAPS), wrong);
  assert_int_equal(checkrob_cut_new(&made, NULL, "stem", CHECKROB_SCORE_LOGIT, CHECKROB_CUT_MAPS), wrong);
  assert_null(made);
  assert_int_equal(fake_seen.cuts, 0);
  assert_string_equal(checkrob_cut_layers(NULL), "");
  assert_int_equal(checkrob_cut_layer_count(NULL), 0);
}

static void opens_with_a_layout(void **state) {
  (void)state;
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "layout", "tokens:5"));
  assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, 2 * SIDE, options), CHECKROB_OK);
  checkrob_options_free(options);
  assert_int_equal(fake_seen.layout, SHIM_LAYOUT_TOKENS);
  assert_int_equal(fake_seen.prefix_tokens, 5);
  assert_true(fake_seen.size[0] == SIDE && fake_seen.size[1] == (int64_t)2 * SIDE);
  checkrob_model_free(model);
  open_model();
  assert_int_equal(fake_seen.layout, SHIM_LAYOUT_AUTO);
  assert_int_equal(fake_seen.prefix_tokens, -1);
}

static void has_one_output(void **state) {
  (void)state;
  open_model();
  checkrob_output output = CHECKROB_OUTPUT_INIT;
  assert_int_equal(checkrob_model_output_count(model), 1);
  must(checkrob_model_output(&output, model, 0));
  assert_string_equal(output.name, "0");
  assert_true(output.rank == 2 && output.shape[1] == 4 && output.class_count == 4 && output.is_taken == 1);
  assert_int_equal(checkrob_model_output(&output, model, 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_model_output_count(NULL), 0);
  assert_int_equal(checkrob_model_output(&output, NULL, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(fake_seen.output, "");
  assert_int_equal(fake_seen.least_classes, 0);
}

static void has_several_outputs(void **state) {
  (void)state;
  fake.two_outputs = 1;
  open_model();
  checkrob_output output = CHECKROB_OUTPUT_INIT;
  assert_int_equal(checkrob_model_output_count(model), 2);
  must(checkrob_model_output(&output, model, 0));
  assert_string_equal(output.name, "features");
  assert_true(output.class_count == 6 && output.is_taken == 0);
  must(checkrob_model_output(&output, model, 1));
  assert_string_equal(output.name, "logits");
  assert_true(output.class_count == 4 && output.is_taken == 1);
}

/* The class map says how many classes the logits must have. */
static void opens_with_an_output_and_a_class_map(void **state) {
  (void)state;
  char path[] = "/tmp/checkrob-classes-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  static const char map[] = "name,index\ncat,2\ndog,7\nhen,0\n";
  assert_int_equal(write(file, map, sizeof map - 1), sizeof map - 1);
  close(file);
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "output", "logits"));
  must(checkrob_options_set(options, "classes", path));
  assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, SIDE, options), CHECKROB_OK);
  assert_string_equal(fake_seen.output, "logits");
  assert_int_equal(fake_seen.least_classes, 8);
  unlink(path);
  checkrob_model_free(model);
  model = NULL;
  assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, SIDE, options), CHECKROB_ERROR_NOT_FOUND);
  assert_null(model);
  checkrob_options_free(options);
}

static void layers_tell_their_map(void **state) {
  (void)state;
  open_model();
  checkrob_layer layer = CHECKROB_LAYER_INIT;
  assert_int_equal(checkrob_model_layer(&layer, model, 0), CHECKROB_OK);
  assert_true(layer.readable && layer.layout == CHECKROB_LAYOUT_NCHW);
  assert_true(layer.channels == 3 && layer.height == 2 && layer.width == 2 && layer.prefix_tokens == 0);
}

static void has_endings_and_remarks(void **state) {
  (void)state;
  fake.ending = SHIM_ENDING_SIGMOID;
  fake.remark = "The model ends in sigmoid.";
  assert_int_equal(checkrob_model_ending(NULL), CHECKROB_ENDING_LOGITS);
  assert_string_equal(checkrob_model_remark(NULL), "");
  open_model();
  assert_int_equal(checkrob_model_ending(model), CHECKROB_ENDING_SIGMOID);
  assert_string_equal(checkrob_model_remark(model), "The model ends in sigmoid.");
}

static void passes_on_why_there_is_no_device(void **state) {
  (void)state;
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  must(checkrob_options_set(options, "device", "cuda"));
  assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, SIDE, options),
                   CHECKROB_ERROR_UNSUPPORTED);
  assert_string_equal(checkrob_last_error(), "the fake computes on the CPU alone");
  assert_null(model);
  must(checkrob_options_set(options, "device", "cpu"));
  assert_int_equal(checkrob_model_open(&model, "planted.pt", SIDE, SIDE, options), CHECKROB_OK);
  checkrob_options_free(options);
}

/* ---- DLPack ---- */

static void tensors_share_the_captures_memory(void **state) {
  (void)state;
  open_and_cut("stem,pool");
  checkrob_capture *capture = NULL;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, targets), CHECKROB_OK);
  const float *gradient = checkrob_capture_gradient(capture, 0), *logits = checkrob_capture_logits(capture);
  DLManagedTensor *tensor = NULL, *row = NULL;
  assert_int_equal(checkrob_capture_dlpack(&tensor, capture, CHECKROB_CAPTURE_GRADIENT, 0), CHECKROB_OK);
  assert_int_equal(checkrob_capture_dlpack(&row, capture, CHECKROB_CAPTURE_LOGITS, 7), CHECKROB_OK);
  assert_ptr_equal(tensor->dl_tensor.data, gradient);
  assert_ptr_equal(row->dl_tensor.data, logits);
  const DLTensor *t = &tensor->dl_tensor;
  assert_true(t->ndim == 4 && t->device.device_type == 1 && t->byte_offset == 0);
  assert_true(t->dtype.code == 2 && t->dtype.bits == 32 && t->dtype.lanes == 1);
  static const int64_t shape[] = {2, 3, 2, 2}, strides[] = {12, 4, 2, 1};
  assert_memory_equal(t->shape, shape, sizeof shape);
  assert_memory_equal(t->strides, strides, sizeof strides);
  assert_true(row->dl_tensor.ndim == 2 && row->dl_tensor.shape[1] == 4 && row->dl_tensor.strides[0] == 4);

  checkrob_capture_free(capture); /* the tensors hold it */
  assert_int_equal(fake_seen.captures, 1);
  assert_true(((const float *)t->data)[0] == 0.25F);
  tensor->deleter(tensor);
  assert_int_equal(fake_seen.captures, 1);
  row->deleter(row);
  assert_int_equal(fake_seen.captures, 0);
}

static void hands_over_only_what_is_there(void **state) {
  (void)state;
  open_and_cut("stem");
  checkrob_capture *capture = NULL;
  assert_int_equal(checkrob_cut_run(&capture, cut, input, 2, SIDE, SIDE, NULL), CHECKROB_OK);
  const checkrob_status wrong = CHECKROB_ERROR_INVALID_ARGUMENT;
  DLManagedTensor *tensor = NULL;
  assert_int_equal(checkrob_capture_dlpack(&tensor, capture, CHECKROB_CAPTURE_GRADIENT, 0), wrong);
  assert_int_equal(checkrob_capture_dlpack(&tensor, capture, CHECKROB_CAPTURE_ACTIVATION, 1), wrong);
  assert_int_equal(checkrob_capture_dlpack(&tensor, capture, (checkrob_capture_part)9, 0), wrong);
  assert_int_equal(checkrob_capture_dlpack(NULL, capture, CHECKROB_CAPTURE_LOGITS, 0), wrong);
  assert_null(tensor);
  checkrob_capture_free(capture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(captures_layers_in_the_order_chosen),
      TEST(auto_is_resolved_in_a_list),
      TEST(refuses_wrong_lists),
      TEST(representations_ask_for_less),
      TEST(logits_alone_need_no_arrays),
      TEST(ablates_each_channel),
      TEST(layouts_have_names),
      TEST(refuses_wrong_captures),
      TEST(opens_with_a_layout),
      TEST(has_one_output),
      TEST(has_several_outputs),
      TEST(opens_with_an_output_and_a_class_map),
      TEST(layers_tell_their_map),
      TEST(has_endings_and_remarks),
      TEST(passes_on_why_there_is_no_device),
      TEST(tensors_share_the_captures_memory),
      TEST(hands_over_only_what_is_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
