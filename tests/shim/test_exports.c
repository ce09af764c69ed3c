/* SPDX-License-Identifier: Apache-2.0 */
/* Archives as people export them: what is changed is remarked, what cannot be computed is refused with the
 * reason. test_shim.c compares the numbers of those that can be computed.
 * usage: test_exports FOLDER, the folder that make_models.py filled */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"
#include "shim.h"
#include "truth.h"

static const char *folder;

static int try_open(shim_model **out, const char *name, const char *output, int64_t least_classes,
                    shim_error *error) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  const shim_opening opening = {
      path, 16, 16, test_device(), SHIM_LAYOUT_AUTO, -1, output, least_classes, 0, SHIM_WORKER_AUTO, 0};
  return shim_model_open(out, &opening, error);
}

static shim_model *opened(const char *name, const char *output, int64_t least_classes) {
  shim_model *model = NULL;
  shim_error error;
  if (try_open(&model, name, output, least_classes, &error) != SHIM_OK)
    fail_msg("%s: code %d: %s", name, error.code, error.message);
  print_message("%s: %s\n", name, shim_model_remark(model));
  return model;
}

/* The message never asks the user to report a bug to PyTorch. */
static void expect_refused(const char *name, int code, const char *part, const char *advice) {
  shim_model *model = NULL;
  shim_error error;
  if (try_open(&model, name, NULL, 0, &error) != code || !strstr(error.message, part) ||
      !strstr(error.message, advice) || strstr(error.message, "INTERNAL ASSERT") ||
      strstr(error.message, "report a bug"))
    fail_msg("%s: code %d, expected %d with \"%s\" and \"%s\": %s", name, error.code, code, part, advice,
             error.message);
  print_message("%s: %s\n", name, error.message);
  assert_null(model);
}

static void expect_remark(const char *name, const char *part) {
  shim_model *model = opened(name, NULL, 0);
  if (part)
    assert_non_null(strstr(shim_model_remark(model), part));
  else
    assert_string_equal(shim_model_remark(model), "");
  shim_model_free(model);
}

static void evaluates_what_was_exported_in_training_mode(void **state) {
  (void)state;
  expect_remark("trained_scripted.pt", "exported in training mode; it is computed in evaluation mode.");
  expect_remark("trained_traced.pt",
                "in training mode (alpha_dropout, batch_norm, feature_dropout, instance_norm, rrelu)");
  expect_remark("always.pt", "in training mode (dropout)");
  expect_remark("norm_instance.pt", NULL);
  expect_remark("folded.pt", NULL);
}

static void refuses_logits_that_do_not_repeat(void **state) {
  (void)state;
  expect_refused("norm_batch.pt", SHIM_UNSUPPORTED,
                 "aten::batch_norm normalises by the statistics of the batch", "track_running_stats=False");
  expect_refused("random_noise.pt", SHIM_UNSUPPORTED, "draws random numbers (aten::rand_like)",
                 "model.eval()");
  expect_refused("random_depth.pt", SHIM_UNSUPPORTED, "draws random numbers (aten::bernoulli_)",
                 "model.eval()");
  expect_refused("counting.pt", SHIM_UNSUPPORTED, "changes its own state", "model.eval()");
}

/* The same image has the same logits, whatever is beside it. */
static void computes_dynamic_int8_image_by_image(void **state) {
  (void)state;
  if (!on_cpu()) skip(); /* refused: test_shim.c */
  static float input[2 * 3 * 16 * 16];
  const int64_t both[4] = {2, 3, 16, 16}, one[4] = {1, 3, 16, 16};
  shim_error error;
  shim_capture together, alone;
  shim_cut *cut = NULL;
  shim_model *model = opened("dynamic.pt", NULL, 0);
  if (!strstr(shim_model_remark(model), "one image at a time")) {
    shim_model_free(model);
    skip(); /* this libtorch has no kernels with a scale for each batch */
  }
  for (int i = 0; i < 2 * 768; i++) input[i] = (float)(i % 7) * (i < 768 ? 0.1F : 9.0F);
  assert_int_equal(shim_cut_new(&cut, model, NULL, 0, 1, SHIM_SCORE_LOGIT, &error), SHIM_OK);
  assert_int_equal(shim_cut_run(&together, cut, input, both, NULL, 0, &error), SHIM_OK);
  assert_int_equal(shim_cut_run(&alone, cut, input, one, NULL, 0, &error), SHIM_OK);
  assert_memory_equal(together.logits, alone.logits, (size_t)alone.classes * sizeof(float));
  shim_capture_free(&together);
  shim_capture_free(&alone);
  shim_cut_free(cut);
  shim_model_free(model);
}

/* ---- outputs ---- */

static void expect_output(const char *name, const char *output, int64_t least_classes, const char *taken,
                          int64_t classes, const char *remark) {
  shim_model *model = opened(name, output, least_classes);
  size_t found = 0;
  for (size_t i = 0; i < shim_model_output_count(model); i++) {
    shim_output o;
    shim_model_output(model, i, &o);
    if (!o.taken) continue;
    assert_string_equal(o.name, taken);
    assert_int_equal(o.classes, classes);
    found++;
  }
  assert_int_equal(found, 1);
  assert_int_equal(shim_model_class_count(model), classes);
  assert_non_null(strstr(shim_model_remark(model), remark));
  shim_model_free(model);
}

static void chooses_the_logits_among_outputs(void **state) {
  (void)state;
  static const char all[] =
      "2 outputs: 0 [1,8], 1 [1,5]; the logits are 1 [1,5]; the option output chooses "
      "another, if they are 0 [1,8].";
  expect_output("several_features.pt", NULL, 0, "1", 5, all);
  expect_output("several_features.pt", NULL, 5, "1", 5, all);
  expect_output("several_traced.pt", NULL, 0, "1", 5, all);
  expect_output("several_features.pt", NULL, 4, "1", 5, all);
  /* No class of the map would have a logit otherwise. */
  expect_output("several_features.pt", NULL, 7, "0", 8, "the logits are 0 [1,8].");
  expect_output("several_features.pt", "0", 5, "0", 8, "the logits are 0 [1,8].");
  expect_output("several_best.pt", NULL, 0, "0", 5, "the logits are 0 [1,5]");
  expect_output("several_best.pt", NULL, 3, "0", 5, "the logits are 0 [1,5]");
  expect_output("several_two.pt", NULL, 0, "0", 3, "if they are 1 [1,5]");
  expect_output("several_two.pt", NULL, 4, "1", 5, "the logits are 1 [1,5].");
  expect_output("several_two.pt", NULL, 3, "0", 3, "the logits are 0 [1,3]");
  expect_output("several_named.pt", NULL, 0, "score", 5, "\"features\" [1,8], \"score\" [1,5]");
  expect_output("several_named.pt", "features", 0, "features", 8, "the logits are \"features\"");
  expect_output("several_keys.pt", NULL, 0, "score", 5, "3 outputs: \"embedding\" [1,8]");
  expect_output("several_keys.pt", "1", 0, "score", 5, "the logits are \"score\"");
  expect_output("several_keys.pt", "embedding", 0, "embedding", 8, "the logits are \"embedding\"");
  expect_output("folded.pt", NULL, 900, "0", 5, "");
  expect_output("folded.pt", "0", 0, "0", 5, "");
}

static void expect_no_output(const char *output, int code, const char *part) {
  shim_model *model = NULL;
  shim_error error;
  if (try_open(&model, "several_keys.pt", output, 0, &error) != code || !strstr(error.message, part))
    fail_msg("code %d: %s", error.code, error.message);
  assert_null(model);
}

static void refuses_outputs_without_logits(void **state) {
  (void)state;
  expect_no_output("scores", SHIM_NOT_FOUND, "no output \"scores\"; its outputs are \"embedding\" [1,8], ");
  expect_no_output("3", SHIM_NOT_FOUND, "no output \"3\"");
  expect_no_output("size", SHIM_UNSUPPORTED, "the output \"size\" [2] cannot be logits");
}

static void serves_one_logit_as_two_classes(void **state) {
  (void)state;
  static const char *const names[] = {"binary_column.pt", "binary_row.pt", "binary_squeezed.pt",
                                      "binary_sigmoid.pt"};
  for (int i = 0; i < 4; i++) {
    shim_model *model = opened(names[i], NULL, 0);
    assert_int_equal(shim_model_class_count(model), 2);
    assert_int_equal(shim_model_ending(model), SHIM_ENDING_LOGITS);
    assert_non_null(strstr(shim_model_remark(model), "1 if z is positive and 0 otherwise"));
    assert_int_equal(strstr(shim_model_remark(model), "sigmoid is omitted") != NULL, i == 3);
    shim_model_free(model);
  }
}

/* ---- archives ---- */

static void adapts_what_the_graph_shows(void **state) {
  (void)state;
  expect_remark("device.pt", on_cpu() ? "exported on a GPU" : NULL); /* on its own device */
  expect_remark("double.pt", "double precision (float64); it is computed in float32.");
  expect_remark("double_frozen.pt", "double precision (float64)");
  expect_remark("frozen_no_grad.pt", "torch.no_grad");
}

static void names_methods_without_gradients(void **state) {
  (void)state;
  static float input[3 * 16 * 16];
  const int64_t shape[4] = {1, 3, 16, 16}, target = 0;
  const char *path = "stem";
  shim_error error;
  shim_capture capture;
  shim_cut *cut = NULL;
  shim_model *model = opened("frozen_detach.pt", NULL, 0);
  assert_int_equal(shim_cut_new(&cut, model, &path, 1, 1, SHIM_SCORE_LOGIT, &error), SHIM_OK);
  assert_int_equal(shim_cut_run(&capture, cut, input, shape, &target, 1, &error), SHIM_UNSUPPORTED);
  assert_non_null(strstr(error.message, "aten::detach"));
  assert_non_null(strstr(error.message, "eigencam, scorecam, ablationcam"));
  shim_cut_free(cut);
  shim_model_free(model);
}

static void refuses_prepared_archives(void **state) {
  (void)state;
  expect_refused("mobile.pt", SHIM_UNSUPPORTED, "optimize_for_mobile", "before this step");
  expect_refused("mobile_unknown.pt", SHIM_UNSUPPORTED, "optimize_for_mobile", "before this step");
  expect_refused("inference.pt", SHIM_BAD_ARCHIVE, "optimize_for_inference", "before this step");
  expect_refused("vision.pt", SHIM_BAD_ARCHIVE, "no operation torchvision::nms",
                 "export the classifier alone");
  expect_refused("channels1.pt", SHIM_UNSUPPORTED, "takes images of 1 channel", "\"channels\": \"gray\"");
  expect_refused("channels4.pt", SHIM_UNSUPPORTED, "takes images of 4 channels", "3");
}

/* Of three equal channels the model receives the first, and the others have no gradient. */
static void serves_gray_images(void **state) {
  (void)state;
  static const char *const layers[][2] = {{"head.body", "channels1@head.body.gray"},
                                          {SHIM_INPUT_LAYER, "channels1@input.gray"}};
  char path[1024];
  shim_error error;
  shim_model *model = NULL;
  snprintf(path, sizeof path, "%s/channels1.pt", folder);
  const shim_opening opening = {
      path, 16, 16, test_device(), SHIM_LAYOUT_AUTO, -1, NULL, 0, 1, SHIM_WORKER_AUTO, 0};
  if (shim_model_open(&model, &opening, &error) != SHIM_OK) fail_msg("%s", error.message);
  assert_int_equal(shim_model_channels(model), 1);
  assert_non_null(strstr(shim_model_remark(model), "one channel, gray"));
  for (int i = 0; i < 2; i++) {
    truth t;
    shim_cut *cut = NULL;
    shim_capture capture;
    snprintf(path, sizeof path, "%s/%s", folder, layers[i][1]);
    truth_read(&t, path);
    assert_int_equal(shim_cut_new(&cut, model, &layers[i][0], 1, 1, SHIM_SCORE_LOGIT, &error), SHIM_OK);
    assert_int_equal(shim_cut_run(&capture, cut, t.input, t.shape, t.targets, 1, &error), SHIM_OK);
    assert_capture(&capture, &t, 1);
    shim_capture_free(&capture);
    shim_cut_free(cut);
    truth_free(&t);
  }
  shim_model_free(model);
  model = opened("folded.pt", NULL, 0);
  assert_int_equal(shim_model_channels(model), 3);
  shim_model_free(model);
}

static void names_other_files(void **state) {
  (void)state;
  expect_refused("export_2_1.pt2", SHIM_BAD_ARCHIVE, "a torch.export file (.pt2)", "torch.jit.trace");
  expect_refused("export_2_8.pt2", SHIM_BAD_ARCHIVE, "a torch.export file (.pt2)", "torch.jit.trace");
  expect_refused("keras.keras", SHIM_BAD_ARCHIVE, "a Keras model", "PyTorch");
  expect_refused("eager.pt", SHIM_BAD_ARCHIVE, "a pickled model", "torch.jit.script");
  expect_refused("state_dict.pt", SHIM_BAD_ARCHIVE, "weights alone (a state_dict", "load_state_dict");
  expect_refused("checkpoint.pt", SHIM_BAD_ARCHIVE, "weights alone (a state_dict", "load_state_dict");
  expect_refused("model.onnx", SHIM_BAD_ARCHIVE, "an ONNX model", "TorchScript");
  expect_refused("model.safetensors", SHIM_BAD_ARCHIVE, "safetensors", "load these weights");
  expect_refused("model.h5", SHIM_BAD_ARCHIVE, "an HDF5 file", "load these weights");
  expect_refused("model.tflite", SHIM_BAD_ARCHIVE, "a TensorFlow Lite model", "PyTorch");
  expect_refused("model.html", SHIM_BAD_ARCHIVE, "a web page", "download it again");
  expect_refused("model.lfs", SHIM_BAD_ARCHIVE, "a Git LFS pointer", "git lfs pull");
  expect_refused("model.gz", SHIM_BAD_ARCHIVE, "compressed by gzip", "decompress it");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(evaluates_what_was_exported_in_training_mode),
      cmocka_unit_test(refuses_logits_that_do_not_repeat),
      cmocka_unit_test(computes_dynamic_int8_image_by_image),
      cmocka_unit_test(chooses_the_logits_among_outputs),
      cmocka_unit_test(refuses_outputs_without_logits),
      cmocka_unit_test(serves_one_logit_as_two_classes),
      cmocka_unit_test(adapts_what_the_graph_shows),
      cmocka_unit_test(names_methods_without_gradients),
      cmocka_unit_test(refuses_prepared_archives),
      cmocka_unit_test(serves_gray_images),
      cmocka_unit_test(names_other_files),
  };
  if (argc != 2) return 2;
  folder = argv[1];
  if (!has_test_device(folder)) return EXIT_SKIPPED;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
