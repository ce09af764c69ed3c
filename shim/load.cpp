// SPDX-License-Identifier: Apache-2.0
// Opens an archive: recognises the kind of file, and says what to do if it is not TorchScript.
#include <ATen/Context.h>
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

// The first or the last bytes of the file.
static std::string read_part(const std::string &path, bool end) {
  static const long most = 1 << 20;
  std::unique_ptr<FILE, int (*)(FILE *)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) throw Failure{SHIM_NOT_FOUND, path + ": cannot be read: " + std::strerror(errno)};
  if (end && std::fseek(file.get(), -most, SEEK_END) != 0) std::rewind(file.get());  // a shorter file
  std::string part(static_cast<size_t>(end ? most : 512), '\0');
  part.resize(std::fread(&part[0], 1, part.size(), file.get()));
  return part;
}

[[noreturn]] static void refuse_kind(const std::string &path, const FileKind &kind) {
  throw Failure{SHIM_BAD_ARCHIVE, path + ": " + kind.what + ", not a TorchScript archive; " + kind.advice};
}

// TorchScript archives are zip files. So are files of torch.save since PyTorch 1.6, and of torch.export.
static void check_signature(const std::string &path) {
  std::string start = read_part(path, false);
  bool is_zip = start.compare(0, 4, "PK\x03\x04") == 0;
  auto kind = is_zip ? kind_of_zip(read_part(path, true)) : kind_of_start(start);
  if (kind) refuse_kind(path, *kind);
  if (!is_zip) bad_archive(path, "not a TorchScript archive");
}

static void check_contents(const std::string &path) {
  std::unique_ptr<caffe2::serialize::PyTorchStreamReader> reader;
  try {
    reader = std::make_unique<caffe2::serialize::PyTorchStreamReader>(path);
  } catch (const std::exception &exception) {
    bad_archive(path, "an incomplete PyTorch archive (truncated or damaged?): " + essence(exception));
  }
  if (reader->hasRecord("constants.pkl")) return;
  if (!reader->hasRecord("data.pkl")) bad_archive(path, "a zip file, but not a TorchScript archive");
  auto record = reader->getRecord("data.pkl");
  refuse_kind(path,
              kind_of_pickle({static_cast<const char *>(std::get<0>(record).get()), std::get<1>(record)}));
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

// The name of a number type that is computed in float32; "" for others. CPUs have few kernels for half
// precision, and all its values are float32 values. Images are float32, and no operation accepts them
// together with float64.
static std::string name_to_convert(const at::Tensor &tensor) {
  if (!tensor.defined()) return "";
  switch (tensor.scalar_type()) {
    case at::kHalf:
      return "half precision (float16)";
    case at::kBFloat16:
      return "bfloat16";
    case at::kDouble:  // in a trace, a number of Python is a tensor without axes
      return tensor.dim() > 0 ? "double precision (float64)" : "";
    default:
      return "";
  }
}

bool is_converted(const at::Tensor &tensor) {
  return !name_to_convert(tensor).empty();
}

// Returns the type that was found.
static std::string convert_to_float(torch::jit::Module &module) {
  std::string found;
  auto convert = [&](at::Tensor tensor) {
    std::string name = name_to_convert(tensor);
    if (name.empty()) return;
    found = name;
    tensor.set_data(tensor.to(at::kFloat));
  };
  for (const at::Tensor &parameter : module.parameters()) convert(parameter);
  for (const at::Tensor &buffer : module.buffers()) convert(buffer);
  if (!found.empty()) return found;
  // If it was frozen before it was saved, the weights are constants of the graph.
  for (torch::jit::Node *node : module.get_method("forward").graph()->nodes()) {
    if (node->kind() != torch::jit::prim::Constant || node->outputs().empty()) continue;
    auto value = torch::jit::toIValue(node->output());
    if (value && value->isTensor()) found = name_to_convert(value->toTensor());
    if (!found.empty()) return found;
  }
  return found;
}

// eval() below switches it off.
static bool is_training(const torch::jit::Module &module) {
  for (const torch::jit::Module &part : module.modules())
    if (part.hasattr("training") && part.is_training()) return true;
  return false;
}

// A libtorch without XNNPACK does not know the objects that optimize_for_mobile puts into an archive. One
// that has it loads the archive, and the probe refuses it with the same status.
[[noreturn]] static void refuse_archive(const std::string &path, const std::string &reason) {
  if (reason.find("torch.classes.xnnpack") != std::string::npos)
    throw Failure{SHIM_UNSUPPORTED,
                  path +
                      ": the archive was prepared for mobile devices (by optimize_for_mobile, with "
                      "objects of XNNPACK); export the model before this step"};
  throw Failure{SHIM_BAD_ARCHIVE, path + ": libtorch " + shim_torch_version() +
                                      " cannot load this archive: " + reason +
                                      advice_about(reason, c10::kCPU)};
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
    refuse_archive(path, essence(exception));
  }
  model->defaults = default_arguments(model->module, path);
  model->was_training = is_training(model->module);
  model->module.eval();
  for (at::Tensor parameter : model->module.parameters()) parameter.requires_grad_(false);
  model->widened = convert_to_float(model->module);
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

// By default libtorch rounds the inputs of convolutions on a GPU to 10 bits (TF32), and cuDNN may choose
// kernels whose sums depend on the order in which threads arrive. Logits would then differ from those of a
// CPU in the third digit, with the number of images in a batch too, and from run to run. Both hold for the
// process.
static void compute_exactly() {
  static std::once_flag once;
  std::call_once(once, [] {
    at::globalContext().setAllowTF32CuDNN(false);
    at::globalContext().setAllowTF32CuBLAS(false);
    at::globalContext().setDeterministicCuDNN(true);
    at::globalContext().setBenchmarkCuDNN(false);
  });
}

// int8 weights are packed for the kernels of the processor.
static void refuse_packed(const std::string &path, const torch::jit::Module &module) {
  for (const torch::jit::Module &part : module.modules())
    for (const c10::IValue &value : part._ivalue()->slots()) {
      bool packed =
          value.isObject() && value.type()->str().find("torch.classes.quantized") != std::string::npos;
      if (packed)
        throw Failure{SHIM_UNSUPPORTED, path +
                                            ": the model computes with int8, which libtorch does on the "
                                            "processor only; choose the device cpu"};
    }
}

std::unique_ptr<shim_model> load_model(const std::string &path, const std::string &device) {
  c10::Device found = find_device(device);  // before the slow loading
  auto model = load_archive(path);
  model->device = found;
  if (found.is_cpu()) return model;
  refuse_packed(path, model->module);
  compute_exactly();
  model->module.to(found);
  move_tensors(model->module, found);
  return model;
}

}  // namespace checkrob
