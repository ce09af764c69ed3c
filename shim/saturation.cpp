// SPDX-License-Identifier: Apache-2.0
// int8 without VNNI: kernels that add in 16 bits, and the operations of a model that may overflow there.
//
// Before VNNI, x86 multiplies eight-bit numbers by vpmaddubsw: it adds two products of an unsigned activation
// and a signed weight in 16 bits, and a sum above 32767 becomes 32767. Activations of 7 bits (0 to 127,
// "reduce_range" in quantisation) cannot overflow: 2 * 127 * 128 = 32512. Activations of 8 bits can. oneDNN
// and FBGEMM compute like this, and so does the engine "x86". QNNPACK adds in 32 bits.
#include <ATen/Context.h>

#include <cstdlib>

#include "internal.hpp"

#ifdef __x86_64__
#include <cpuid.h>
#include <strings.h>
#endif

namespace checkrob {

#ifdef __x86_64__
static bool has_avx_vnni() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1U << 4)) != 0;
}

// oneDNN can be set to use the instructions of an older processor.
static bool onednn_is_limited() {
  static const char *const lesser[] = {"sse41",           "avx",        "avx2", "avx512_mic",
                                       "avx512_mic_4ops", "avx512_core"};
  const char *isa = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (!isa) isa = std::getenv("DNNL_MAX_CPU_ISA");
  if (!isa) return false;
  for (const char *name : lesser)
    if (strcasecmp(isa, name) == 0) return true;
  return false;
}

static bool kernels_saturate() {
  switch (at::globalContext().qEngine()) {
    case at::QEngine::NoQEngine:
    case at::QEngine::QNNPACK:
      return false;
    case at::QEngine::ONEDNN:
      return onednn_is_limited() || !(__builtin_cpu_supports("avx512vnni") || has_avx_vnni());
    case at::QEngine::FBGEMM:
      return !__builtin_cpu_supports("avx512vnni");  // oneDNN knows no other VNNI
    default:                                         // "x86" chooses between the two
      return onednn_is_limited() || !__builtin_cpu_supports("avx512vnni");
  }
}
#else
static bool kernels_saturate() {
  return false;
}
#endif

bool may_saturate(const at::Tensor &activation) {
  if (!activation.is_quantized() || activation.scalar_type() != at::kQUInt8 || !kernels_saturate())
    return false;
  return activation.numel() > 0 && activation.int_repr().max().item<int64_t>() > 127;
}

}  // namespace checkrob
