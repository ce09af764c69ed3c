// libtorch as it is installed here: threads, version, known trouble.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <link.h>
#include <sched.h>
#include <torch/version.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "internal.hpp"

static int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int cores = CPU_COUNT(&set);
  return cores > 0 ? cores : 1;
}

// libtorch does not pass its number of threads on to OpenBLAS, which would take all cores of the machine
// for every matrix product.
static void set_blas_threads(int threads) {
  using setter = void (*)(int);
  auto set = reinterpret_cast<setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set) set(threads);
}

static std::atomic<int> chosen_threads{0};

// The number of threads is a property of each thread that computes. Only a new one is set: with each setting
// libtorch starts a pool of XNNPACK's again, whose threads compute for about 50 ms in wait of something to do.
void checkrob::adopt_threads() {
  thread_local int adopted = -1;
  int chosen = chosen_threads;
  if (adopted == chosen) return;
  at::init_num_threads();
  adopted = chosen;
}

int shim_set_threads(int threads) {
  try {
    int wanted = threads > 0 ? threads : available_cores();
    at::set_num_threads(wanted);
    set_blas_threads(wanted);
    chosen_threads = wanted;
    return at::get_num_threads();
  } catch (...) {
    return 1;
  }
}

const char *shim_torch_version(void) {
  return TORCH_VERSION;
}

// Debian's alternatives make /usr/lib/*/libblas.so.3 a link; the reference implementation behind it lies
// in a folder "blas", OpenBLAS in "openblas-pthread".
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
  return "libtorch computes with the reference BLAS (libblas3), which is many times slower than need be: "
         "install libopenblas0-pthread";
}
