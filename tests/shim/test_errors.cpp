// SPDX-License-Identifier: Apache-2.0
// libtorch's messages as users see them: the reason in one line, and what to do.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "internal.hpp"

extern "C" {
#include <cmocka.h>
}

static std::string seen(const char *text) {
  return checkrob::essence(std::runtime_error(text));
}

static void assertions_are_reasons(void **) {
  static const char *const cases[][2] = {
      {"mat1 and mat2 shapes cannot be multiplied (1x8 and 4x5)\nException raised from ...",
       "mat1 and mat2 shapes cannot be multiplied (1x8 and 4x5)"},
      {"outputs_[i]->uses().empty() INTERNAL ASSERT FAILED at \"./torch/csrc/jit/ir/ir.cpp\":1309, please "
       "report a "
       "bug to PyTorch. ",
       "libtorch cannot compute this archive (outputs_[i]->uses().empty())"},
      {"isTuple()INTERNAL ASSERT FAILED at \"../aten/src/ATen/core/ivalue_inl.h\":1916, please report a bug "
       "to "
       "PyTorch. Expected Tuple but got String",
       "libtorch cannot compute this archive (Expected Tuple but got String)"},
      {"The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript (most "
       "recent call "
       "last):\n  File \"a.py\", line 3\nRuntimeError: false INTERNAL ASSERT FAILED at \"x.cpp\":1, please "
       "report a "
       "bug to PyTorch. It's not possible to expand",
       "libtorch cannot compute this archive (It's not possible to expand)"},
      {"CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.18 GiB of which "
       "3.00 GiB is "
       "free. If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF",
       "CUDA out of memory. Tried to allocate 20.00 GiB"},
      {"INTERNAL ASSERT FAILED", "libtorch cannot compute this archive"},
      {"", "no reason given"},
  };
  for (const auto &c : cases) assert_string_equal(seen(c[0]).c_str(), c[1]);
}

static void reasons_have_advice(void **) {
  auto advises_on = [](c10::Device device, const char *reason, const char *part) {
    if (checkrob::advice_about(reason, device).find(part) == std::string::npos)
      fail_msg("%s: %s", reason, part);
  };
  auto advises = [&](const char *reason, const char *part) { advises_on(c10::kCPU, reason, part); };
  advises("Unknown builtin op: torchvision::nms.", "no operation torchvision::nms,");
  advises("Unknown builtin op: aten::scaled_dot_product_attention", "or from a newer libtorch");
  advises("Could not run 'aten::zeros' with arguments from the 'CUDA' backend", "export it again on the CPU");
  advises("Cannot initialize CUDA without ATen_cuda library", "export it again on the CPU");
  advises("required keyword attribute 'value' is undefined", "optimize_for_inference");
  advises("Unknown type name '__torch__.torch.classes.tensorrt.Engine'", "export the plain model");
  advises_on(c10::kCUDA, "Could not run 'quantized::linear' with arguments from the 'CUDA' backend",
             "no such operation for a GPU; choose the device cpu");
  advises_on(c10::kCUDA,
             "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
             "makes a tensor on the processor in its forward");
  for (auto device : {c10::kCPU, c10::kCUDA})
    assert_string_equal(checkrob::advice_about("mat1 and mat2 shapes cannot be multiplied", device).c_str(),
                        "");
}

int main() {
  const struct CMUnitTest tests[] = {cmocka_unit_test(assertions_are_reasons),
                                     cmocka_unit_test(reasons_have_advice)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
