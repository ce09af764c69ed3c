// The shim without memory: each allocation of a call fails in turn, and the call ends with a code and a
// sentence.
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

static thread_local long allocations_left = -1;  // -1: without end

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

static shim_model *opened() {
  char path[1024];
  shim_model *model = nullptr;
  shim_error error;
  std::snprintf(path, sizeof path, "%s/inplace.pt", folder);
  assert_int_equal(shim_model_open(&model, path, &error), SHIM_OK);
  return model;
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
  shim_model *model = opened();
  expect_to_fail_well(SHIM_BAD_ARGUMENT, "gpu",
                      [&](shim_error *error) { return shim_model_set_device(model, "gpu", error); });
  const int64_t grey[4] = {1, 1, 16, 16};
  expect_to_fail_well(SHIM_BAD_ARGUMENT, "[1,1,16,16]",
                      [&](shim_error *error) { return shim_model_probe(model, grey, error); });
  const char *path = "body";
  expect_to_fail_well(SHIM_BAD_ARGUMENT, "not probed",
                      [&](shim_error *error) { return shim_model_cut(model, &path, 1, 1, error); });
  shim_model_free(model);
}

int main(int argc, char **argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: test_shim_memory FOLDER\n"), 2;
  folder = argv[1];
  const CMUnitTest tests[] = {cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
