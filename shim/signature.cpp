// SPDX-License-Identifier: Apache-2.0
// Recognises the kind of a model file that is not a TorchScript archive, by its bytes: what it is, and what
// to do.
#include <algorithm>
#include <cstring>
#include <memory>

#include "internal.hpp"

namespace checkrob {

static const char *const as_script =
    "load it in Python, and export it with torch.jit.script(model).save(...) or torch.jit.trace(model, "
    "example).save(...)";
static const char *const in_pytorch =
    "checkrob reads TorchScript; build the model in PyTorch, load these weights, and export it with "
    "torch.jit.script(model).save(...)";

namespace {
struct Signature {
  size_t offset;
  const char *bytes;
  size_t count;
  const char *what, *advice;
};
}  // namespace

static const Signature signatures[] = {
    {0, "\x89HDF\r\n\x1a\n", 8, "an HDF5 file (Keras, TensorFlow)", in_pytorch},
    {4, "TFL3", 4, "a TensorFlow Lite model", in_pytorch},
    {0, "GGUF", 4, "a GGUF file", in_pytorch},
    {0, "\x93NUMPY", 6, "a NumPy array", in_pytorch},
    {0, "\x1f\x8b", 2, "compressed by gzip", "decompress it"},
    {257, "ustar", 5, "a tar file", "extract the model from it"},
    {0, "version https://git-lfs", 23, "a Git LFS pointer, not the file itself",
     "fetch it with git lfs pull"},
    {0, "<", 1, "a web page or an XML file, not a model (a failed download?)", "download it again"},
};

// A header of JSON, whose length is the first eight bytes.
static bool is_safetensors(const std::string &start) {
  return start.size() > 9 && start[8] == '{' &&
         std::all_of(start.begin() + 5, start.begin() + 8, [](char c) { return c == 0; });
}

// A protobuf message: field 1 is the version of the format, a small number; then the producer's name.
static bool is_onnx(const std::string &start) {
  return start.size() > 16 && start[0] == 0x08 && start[1] > 0 && start[1] < 32 &&
         (start[2] == 0x12 || start[2] == 0x1a || start[2] == 0x22 || start[2] == 0x3a);
}

std::optional<FileKind> kind_of_start(const std::string &start) {
  for (const Signature &s : signatures)
    if (start.size() >= s.offset + s.count && std::memcmp(start.data() + s.offset, s.bytes, s.count) == 0)
      return FileKind{s.what, s.advice};
  if (is_safetensors(start))
    return FileKind{"weights alone (safetensors), without the model's code", in_pytorch};
  if (is_onnx(start))
    return FileKind{"an ONNX model", "export the PyTorch model it was made from as TorchScript"};
  bool pickled =
      start.size() > 1 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;  // the opcode PROTO
  if (pickled)
    return FileKind{"a Python pickle (torch.save), which only the Python code that made it can read",
                    as_script};
  return std::nullopt;
}

// The names of a zip file's members are in its directory, at its end.
std::optional<FileKind> kind_of_zip(const std::string &end) {
  struct Member {
    const char *name, *what, *advice;
  };
  static const Member members[] = {
      {"serialized_exported_program.json", "a torch.export file (.pt2)", as_script},
      {"archive_format", "a torch.export file (.pt2)", as_script},
      {"models/model.json", "a torch.export file (.pt2)", as_script},
      {"model.weights.h5", "a Keras model", in_pytorch},
  };
  if (end.find("constants.pkl") != std::string::npos) return std::nullopt;  // TorchScript
  for (const Member &member : members)
    if (end.find(member.name) != std::string::npos) return FileKind{member.what, member.advice};
  return std::nullopt;
}

// The objects of a pickled module have these attributes; a dictionary of weights does not.
FileKind kind_of_pickle(const std::string &pickle) {
  if (pickle.find("_modules") != std::string::npos && pickle.find("_parameters") != std::string::npos)
    return {"a pickled model (torch.save), which only the Python code that made it can read", as_script};
  return {"weights alone (a state_dict of torch.save), without the model's code",
          "build the model in Python, load these weights with load_state_dict, and export it with "
          "torch.jit.script(model).save(...)"};
}

}  // namespace checkrob
