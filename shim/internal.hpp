// What the files of the shim share. Nothing here is seen from outside: see shim.h.
#pragma once

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/interpreter.h>
#include <torch/script.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "shim.h"

namespace checkrob {

// One call of one module in the probing run.
struct Layer {
  std::string path;  // what the caller sees: may end in "#1"
  std::string module_path;
  size_t call;        // 1 for the first call of this module, 2 for the second ...
  std::string type;   // unqualified class name
  size_t site;        // which place of the graph: the index that walk_calls gives it
  int64_t execution;  // how many times this place ran before: more than 0 only inside a loop
  bool is_tensor;     // of the graph's static type, which a cut needs to be Tensor
  int rank = -1;      // of the value that came out
  std::vector<int64_t> shape;
  bool usable = false;
};

// A graph ready to run, with or without a cut.
struct Program {
  torch::jit::Code code;
  std::string layer;  // empty: without a cut
  bool converted;     // the part before the cut computes in oneDNN's layout
};

// A failure with its own code and sentence; everything else that is thrown is libtorch's.
struct Failure {
  int code;
  std::string sentence;
};

// Fills *error from the exception in flight, returns its code.
int report(shim_error *error, const std::string &step) noexcept;

// The part of libtorch's message that helps a user: without the C++ and TorchScript stacks.
std::string essence(const std::exception &exception);

// Runs `work` so that no exception leaves it. `step` says what failed, "cannot open x.pt".
template <typename Work>
int guarded(shim_error *error, const char *step, Work &&work) noexcept {
  try {
    work();
    return SHIM_OK;
  } catch (...) {
    return report(error, step);
  }
}

std::string shape_text(c10::ArrayRef<int64_t> shape);

// Called for every call of a module, before it is inlined: the visitor may insert nodes behind `call`.
struct Site {
  size_t index;
  std::string path;
  std::string type;
  torch::jit::Node *call;
};
using Visitor = std::function<void(torch::jit::Graph &, const Site &)>;

// A copy of the model's forward graph, wholly inlined. Where no module is called (an archive frozen
// before saving), the sites are the convolutions, activations and poolings, as "value:NAME".
std::shared_ptr<torch::jit::Graph> walk_calls(const torch::jit::Module &module, const Visitor &visit);

// Every node, those of inner blocks before their owner; `work` may destroy the node.
void for_each_node(torch::jit::Block *block, const std::function<void(torch::jit::Node *)> &work);

// Makes the parameters constants of the graph and folds what can be folded (batch norm into convolution).
// False: the graph stays as it was, for it calls code that cannot be looked into.
bool freeze(std::shared_ptr<torch::jit::Graph> &graph, const torch::jit::Module &module);

// Converts the convolutions of a frozen graph that stand before the cut (all of them, if `cut` is null).
// False: nothing was done.
bool convert_to_mkldnn(std::shared_ptr<torch::jit::Graph> &graph, torch::jit::Node *cut);

// Index of the layer that "auto" means; layers.size() if there is none. values[i] names the value that
// layers[i] gave: equal numbers, same value.
size_t choose_auto_layer(const std::vector<Layer> &layers, const std::vector<size_t> &values);

// Does this shape look like [N,h,w,C]?
bool is_channels_last(c10::ArrayRef<int64_t> shape, int64_t input_height, int64_t input_width);

// The activation behind the cut in the run under way in this thread.
struct CutRun {
  bool want_gradient = false;
  bool poison = false;  // fill the memory that the layer gave with NaN: whoever still reads it shows
  int64_t executions = 0;
  at::Tensor leaf;
  at::Tensor poisoned, saved;  // to be put back: the memory may be a parameter's
};

// The input of the probing run.
at::Tensor probing_input(const int64_t shape[4]);

// Runs the code on a batch: the model's raw result. Grad mode is the caller's to guard.
c10::IValue execute(const shim_model &model, const torch::jit::Code &code, const at::Tensor &input);
c10::IValue execute_cut(const shim_model &model, const Program &program, const at::Tensor &input,
                        CutRun &run);

// The [N,K] float logits in what the model returned.
at::Tensor select_logits(const c10::IValue &result, int64_t batch);

}  // namespace checkrob

struct shim_model {
  torch::jit::Module module;
  std::vector<c10::IValue> defaults;             // of forward's arguments behind the image
  std::unordered_set<std::string> module_paths;  // every module of the archive, called or not

  int64_t probed[4] = {0, 0, 0, 0};  // shape of the last probe
  std::vector<checkrob::Layer> layers;
  int64_t classes = 0;
  size_t auto_layer = 0;
  at::Tensor logits;  // of the probing run, to check faster programs by

  int score = SHIM_SCORE_LOGIT;
  std::optional<checkrob::Program> program;
};
