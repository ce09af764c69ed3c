// SPDX-License-Identifier: Apache-2.0
// Convolutions before the cut compute in oneDNN's layout. A conversion that fails is not an error but slow:
// the shim builds the graph again without it. So only its own report shows it.
//
// And memory that a check of a cut filled and could not restore: no model that can be had makes this happen.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "internal.hpp"

extern "C" {
#include <cmocka.h>
}

static const char *folder;

static void expect_converted(const char *name, int64_t side, const char *layer, bool converted) {
  char path[1024];
  shim_model *model = nullptr;
  shim_cut *cut = nullptr;
  shim_error error;
  std::snprintf(path, sizeof path, "%s/%s", folder, name);
  const shim_opening opening = {path, side, side, "cpu", SHIM_LAYOUT_AUTO, -1, NULL, 0, 0, SHIM_WORKER_AUTO,
                                0};
  if (shim_model_open(&model, &opening, &error) != SHIM_OK ||
      shim_cut_new(&cut, model, &layer, layer ? 1 : 0, 1, SHIM_SCORE_LOGIT, &error) != SHIM_OK)
    fail_msg("%s: %s", name, error.message);
  if (cut->program.converted != converted)
    fail_msg("%s, %s: %s", name, layer ? layer : "no layer",
             converted ? "not converted" : "converted, which cannot be");
  shim_cut_free(cut);
  shim_model_free(model);
}

static void test_conversion_holds(void **) {
  expect_converted("folded.pt", 16, nullptr, true);
  expect_converted("folded.pt", 16, "body", true);
  expect_converted("folded.pt", 16, "body.3.conv2", true);
  expect_converted("resnet50.pt", 64, nullptr, true);
  expect_converted("resnet50.pt", 64, "layer4", true);
  expect_converted("resnet50.pt", 64, "layer2.0.conv2", true);
  expect_converted("loop.pt", 16, "block#2", false);  // what stands before the cut runs after it, too
}

// Copying between these shapes throws.
static void spoil(checkrob::Tap &tap) {
  tap.poisoned = at::zeros({2});
  tap.saved = at::zeros({3});
}

static void test_unrestored_memory_is_an_error(void **) {
  char path[1024];
  shim_model *model = nullptr;
  shim_cut *cut = nullptr, *other = nullptr;
  shim_error error;
  const char *layer = "body";
  std::snprintf(path, sizeof path, "%s/folded.pt", folder);
  const shim_opening opening = {path, 16, 16, "cpu", SHIM_LAYOUT_AUTO, -1, NULL, 0, 0, SHIM_WORKER_AUTO, 0};
  assert_int_equal(shim_model_open(&model, &opening, &error), SHIM_OK);
  assert_int_equal(shim_cut_new(&cut, model, &layer, 1, 1, SHIM_SCORE_LOGIT, &error), SHIM_OK);
  checkrob::CutRun run = checkrob::make_run(cut->program);
  spoil(run.taps[0]);
  at::Tensor input = at::zeros({1, 3, 16, 16});
  int code = checkrob::guarded(&error, "running", [&] { execute_cut(*model, cut->program, input, run); });
  assert_int_equal(code, SHIM_ERROR);
  assert_non_null(std::strstr(error.message, "open the model again"));
  assert_int_equal(shim_cut_new(&other, model, &layer, 1, 1, SHIM_SCORE_LOGIT, &error), SHIM_ERROR);
  assert_non_null(std::strstr(error.message, "open the model again"));
  shim_cut_free(cut);
  shim_model_free(model);
}

// The weights of a frozen archive are constants of its code. The device "meta" stands for a GPU, which this
// machine may lack. Numbers of Python stay.
static void test_constants_move(void **) {
  static const char *const names[] = {"frozen.pt", "double_frozen.pt", "device.pt"};
  size_t moved = 0;
  for (const char *name : names) {
    torch::jit::Module module = torch::jit::load(std::string(folder) + "/" + name, c10::kCPU);
    checkrob::move_tensors(module, c10::kMeta);
    for (const at::Tensor &constant : checkrob::constants_of(*module.get_method("forward").graph())) {
      bool number = constant.dim() == 0 &&
                    (constant.scalar_type() == at::kLong || constant.scalar_type() == at::kDouble);
      assert_int_equal(constant.is_meta(), !number);
      moved += constant.is_meta();
    }
  }
  assert_true(moved >= 6);
}

int main(int argc, char **argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: test_shim_convert FOLDER\n"), 2;
  folder = argv[1];
  shim_set_threads(1);
  const CMUnitTest tests[] = {cmocka_unit_test(test_conversion_holds), cmocka_unit_test(test_constants_move),
                              cmocka_unit_test(test_unrestored_memory_is_an_error)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
