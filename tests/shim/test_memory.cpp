// SPDX-License-Identifier: Apache-2.0
// The shim without memory: each allocation of a call fails in turn, and the call returns a code and an error
// message.
//
// Only paths of the shim's own: what libtorch does without memory is not ours to test.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {
#include <cmocka.h>
}

#include "shim.h"

static thread_local long allocations_left = -1;  // -1: never

static void *take(std::size_t bytes) noexcept {
  if (allocations_left == 0) return nullptr;
  if (allocations_left > 0) allocations_left--;
  return std::malloc(bytes ? bytes : 1);
}

void *operator new(std::size_t bytes) {
  void *memory = take(bytes);
  if (!memory) throw std::bad_alloc();
  return memory;
}

void *operator new[](std::size_t bytes) {
  return operator new(bytes);
}

void operator delete(void *memory) noexcept {
  std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept {
  std::free(memory);
}

void operator delete[](void *memory) noexcept {
  std::free(memory);
}

void operator delete[](void *memory, std::size_t) noexcept {
  std::free(memory);
}

static const char *folder;

static shim_opening opening_of(const char *path) {
  return {path, 16, 16, "cpu", SHIM_LAYOUT_AUTO, -1, NULL, 0, 0};
}

// Until the call has all that it asks for, and fails for its own reason.
template <typename Call>
static void expect_to_fail_well(int code, const char *part, Call &&call) {
  long allowed = 0;
  shim_error error;
  for (int got = SHIM_NO_MEMORY; got == SHIM_NO_MEMORY; allowed++) {
    assert_true(allowed < 1000);
    allocations_left = allowed;
    got = call(&error);
    allocations_left = -1;
    assert_int_equal(got, error.code);
    if (got == SHIM_NO_MEMORY) assert_string_equal(error.message, "out of memory");
    if (got != SHIM_NO_MEMORY) assert_int_equal(got, code);
  }
  assert_true(allowed > 1);
  assert_non_null(std::strstr(error.message, part));
}

static void test_no_memory(void **) {
  char path[1024];
  shim_model *model = nullptr;
  shim_cut *cut = nullptr;
  shim_error failure;
  std::snprintf(path, sizeof path, "%s/inplace.pt", folder);
  shim_opening opening = opening_of(path);
  opening.device = "gpu";
  expect_to_fail_well(SHIM_BAD_ARGUMENT, "gpu",
                      [&](shim_error *error) { return shim_model_open(&model, &opening, error); });
  shim_opening missing = opening_of("/no/such/model.pt");
  expect_to_fail_well(SHIM_NOT_FOUND, "no such model file",
                      [&](shim_error *error) { return shim_model_open(&model, &missing, error); });
  opening.device = "cpu";
  assert_int_equal(shim_model_open(&model, &opening, &failure), SHIM_OK);
  const char *layer = "bodies";
  expect_to_fail_well(SHIM_NOT_FOUND, "no layer", [&](shim_error *error) {
    return shim_cut_new(&cut, model, &layer, 1, 1, SHIM_SCORE_LOGIT, error);
  });
  layer = "body";
  assert_int_equal(shim_cut_new(&cut, model, &layer, 1, 1, SHIM_SCORE_LOGIT, &failure), SHIM_OK);
  const int64_t grey[4] = {1, 1, 16, 16};
  const float pixel = 0;
  shim_capture capture;
  expect_to_fail_well(SHIM_BAD_ARGUMENT, "[1,1,16,16]", [&](shim_error *error) {
    return shim_cut_run(&capture, cut, &pixel, grey, nullptr, 1, error);
  });
  shim_cut_free(cut);
  shim_model_free(model);
}

int main(int argc, char **argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: test_shim_memory FOLDER\n"), 2;
  folder = argv[1];
  const CMUnitTest tests[] = {cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
