// SPDX-License-Identifier: Apache-2.0
// The libtorch installation: threads, version, known problems.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <link.h>
#include <torch/version.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "internal.hpp"

// libtorch does not set the number of threads of OpenBLAS. Without this, OpenBLAS would use all cores of the
// machine for each matrix product.
static void set_blas_threads(int threads) {
  using setter = void (*)(int);
  auto set = reinterpret_cast<setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set) set(threads);
}

static std::atomic<int> process_threads{0};
static thread_local int own_threads = 0;

// libtorch has a number of computing threads for each thread that computes. It is set only where it differs:
// with each setting libtorch restarts the thread pool of XNNPACK, whose threads then spin for about 50 ms.
void checkrob::adopt_threads() {
  static thread_local int adopted = -1;
  int wanted = own_threads > 0 ? own_threads : process_threads.load();
  if (adopted == wanted) return;
  at::init_num_threads();
  using setter = void (*)(int);
  auto set = reinterpret_cast<setter>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (own_threads > 0 && at::get_num_threads() > own_threads && set) set(own_threads);
  adopted = wanted;
}

int shim_interface(void) {
  return SHIM_INTERFACE;
}

int shim_set_threads(int threads) {
  try {
    int wanted = threads > 1 ? threads : 1;
    if (process_threads == wanted && at::get_num_threads() == wanted) return wanted;
    at::set_num_threads(wanted);
    set_blas_threads(wanted);
    process_threads = wanted;
    return at::get_num_threads();
  } catch (...) {
    return 1;
  }
}

void shim_limit_threads(int threads) {
  own_threads = threads;
}

const char *shim_torch_version(void) {
  return TORCH_VERSION;
}

// In Debian, /usr/lib/*/libblas.so.3 is a link (alternatives). The reference implementation is in a folder
// "blas", OpenBLAS in "openblas-pthread".
static int note_reference_blas(struct dl_phdr_info *info, size_t, void *data) {
  if (!std::strstr(info->dlpi_name, "libblas.so.3")) return 0;
  char *real = realpath(info->dlpi_name, nullptr);
  if (real && std::strstr(real, "/blas/libblas.so.3")) *static_cast<bool *>(data) = true;
  std::free(real);
  return 0;
}

const char *shim_installation_warning(void) {
  bool reference = false;
  dl_iterate_phdr(note_reference_blas, &reference);
  if (!reference) return nullptr;
  return "libtorch computes with the reference BLAS (libblas3), which is many times slower than OpenBLAS; "
         "install libopenblas0-pthread";
}
