// SPDX-License-Identifier: Apache-2.0
// Opens an archive: recognises the kind of file, and says what to do if it is not TorchScript.
#include <caffe2/serialize/inline_container.h>
#include <sys/stat.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/cuda.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "internal.hpp"

namespace checkrob {

static const char *const advice =
    "export the model with torch.jit.script(model).save(...) or torch.jit.trace(model, example).save(...)";

[[noreturn]] static void bad_archive(const std::string &path, const std::string &what) {
  throw Failure{SHIM_BAD_ARCHIVE, path + ": " + what + "; " + advice};
}

static void check_is_file(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) throw Failure{SHIM_NOT_FOUND, path + ": no such model file"};
    throw Failure{SHIM_NOT_FOUND, path + ": cannot be read: " + std::strerror(errno)};
  }
  if (S_ISDIR(status.st_mode))
    throw Failure{SHIM_BAD_ARCHIVE, path + ": is a folder; choose the TorchScript file itself"};
  if (!S_ISREG(status.st_mode)) throw Failure{SHIM_BAD_ARCHIVE, path + ": is not a regular file"};
  if (status.st_size == 0)
    throw Failure{SHIM_BAD_ARCHIVE, path + ": the file is empty (an interrupted download or export?)"};
}

// TorchScript archives are zip files. So are files of torch.save, since PyTorch 1.6. Older ones are plain
// pickles.
static void check_signature(const std::string &path) {
  unsigned char start[4] = {0, 0, 0, 0};
  std::unique_ptr<FILE, int (*)(FILE *)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) throw Failure{SHIM_NOT_FOUND, path + ": cannot be read: " + std::strerror(errno)};
  size_t got = std::fread(start, 1, sizeof start, file.get());
  if (got == sizeof start && std::memcmp(start, "PK\x03\x04", sizeof start) == 0) return;
  if (start[0] == 0x80 && start[1] >= 2 && start[1] <= 5)  // a pickle's first opcode: PROTO n
    bad_archive(path, "a Python pickle (torch.save), which only the Python code that made it can read");
  bad_archive(path, "not a TorchScript archive");
}

static void check_contents(const std::string &path) {
  std::unique_ptr<caffe2::serialize::PyTorchStreamReader> reader;
  try {
    reader = std::make_unique<caffe2::serialize::PyTorchStreamReader>(path);
  } catch (const std::exception &exception) {
    bad_archive(path, "an incomplete PyTorch archive (truncated or damaged?): " + essence(exception));
  }
  if (reader->hasRecord("constants.pkl")) return;
  if (reader->hasRecord("data.pkl"))
    bad_archive(path, "weights or an eager model without its code (torch.save), not a TorchScript archive");
  bad_archive(path, "a zip file, but not a TorchScript archive");
}

// The image is the only argument of forward. Further arguments must have defaults.
static std::vector<c10::IValue> default_arguments(const torch::jit::Module &module, const std::string &path) {
  auto method = module.find_method("forward");
  if (!method) throw Failure{SHIM_UNSUPPORTED, path + ": the archive has no forward method"};
  const auto &arguments = method->function().getSchema().arguments();
  if (arguments.size() < 2)
    throw Failure{SHIM_UNSUPPORTED, path + ": forward has no input, but must accept a batch of images"};
  std::vector<c10::IValue> defaults;
  for (size_t i = 2; i < arguments.size(); i++) {
    auto value = arguments[i].default_value();
    if (!value)
      throw Failure{SHIM_UNSUPPORTED, path + ": forward needs another input, \"" + arguments[i].name() +
                                          "\", which has no default; export a model of images alone"};
    defaults.push_back(*value);
  }
  return defaults;
}

// Converts half precision to float32: CPUs have few kernels for half precision, and all its values are
// float32 values. Returns the type that was found.
static std::string widen(torch::jit::Module &module) {
  std::string found;
  auto widen_tensor = [&](at::Tensor tensor) {
    if (tensor.scalar_type() != at::kHalf && tensor.scalar_type() != at::kBFloat16) return;
    found = tensor.scalar_type() == at::kHalf ? "half precision (float16)" : "bfloat16";
    tensor.set_data(tensor.to(at::kFloat));
  };
  for (const at::Tensor &parameter : module.parameters()) widen_tensor(parameter);
  for (const at::Tensor &buffer : module.buffers()) widen_tensor(buffer);
  if (!found.empty()) return found;
  // If it was frozen before it was saved, the weights are constants of the graph.
  for (torch::jit::Node *node : module.get_method("forward").graph()->nodes()) {
    if (node->kind() != torch::jit::prim::Constant || node->outputs().empty()) continue;
    auto value = torch::jit::toIValue(node->output());
    if (!value || !value->isTensor() || !value->toTensor().defined()) continue;
    if (value->toTensor().scalar_type() == at::kHalf) return "half precision (float16)";
    if (value->toTensor().scalar_type() == at::kBFloat16) return "bfloat16";
  }
  return found;
}

static std::unique_ptr<shim_model> load_archive(const std::string &path) {
  check_is_file(path);
  check_signature(path);
  check_contents(path);
  auto model = std::make_unique<shim_model>();
  try {
    model->module = torch::jit::load(path, c10::kCPU);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &exception) {
    throw Failure{SHIM_BAD_ARCHIVE, path + ": libtorch " + shim_torch_version() +
                                        " cannot load this archive: " + essence(exception)};
  }
  model->defaults = default_arguments(model->module, path);
  model->module.eval();
  for (at::Tensor parameter : model->module.parameters()) parameter.requires_grad_(false);
  model->widened = widen(model->module);
  for (const auto &named : model->module.named_modules()) model->module_paths.insert(named.name);
  return model;
}

static c10::Device find_device(const std::string &name) {
  int index = 0;
  char rest = 0;
  if (name == "cpu") return c10::kCPU;
  bool is_cuda = name == "cuda" || std::sscanf(name.c_str(), "cuda:%d%c", &index, &rest) == 1;
  if (!is_cuda || index < 0 || index > 127)
    throw Failure{SHIM_BAD_ARGUMENT, "there is no device \"" + name + "\"; choose cpu, cuda or cuda:N"};
  if (!torch::cuda::is_available())
    throw Failure{SHIM_NO_DEVICE, std::string("device ") + name + ": libtorch " + shim_torch_version() +
                                      " finds no CUDA here (a build without CUDA, no GPU, or no driver); "
                                      "choose the device cpu"};
  auto count = static_cast<int>(torch::cuda::device_count());
  if (index >= count)
    throw Failure{SHIM_NO_DEVICE, "device " + name + ": this machine has " + std::to_string(count) +
                                      ", cuda:0 to cuda:" + std::to_string(count - 1)};
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
}

std::unique_ptr<shim_model> load_model(const std::string &path, const std::string &device) {
  c10::Device found = find_device(device);  // before the slow loading
  auto model = load_archive(path);
  model->device = found;
  if (!found.is_cpu()) model->module.to(found);
  return model;
}

}  // namespace checkrob
