// What the files of the shim share. Nothing here is seen from outside: see shim.h.
#pragma once

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/interpreter.h>
#include <torch/script.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "shim.h"

namespace checkrob {

// Where channels and positions lie in a layer's output.
struct Placement {
  int layout = SHIM_LAYOUT_AUTO;
  int64_t prefix = 0;  // class and register tokens
  int64_t channels = 0, height = 0, width = 0;
};

// How the caller wants outputs to be read.
struct LayoutChoice {
  int layout = SHIM_LAYOUT_AUTO;
  int64_t prefix = -1;
};

// The feature map of more than one position in an output of this shape, for an input of H x W; nothing where
// there is none.
std::optional<Placement> place_map(c10::ArrayRef<int64_t> shape, int64_t input_height, int64_t input_width,
                                   const LayoutChoice &choice);

// [N,C] or [N,C,1,1]: a representation of one position.
std::optional<Placement> place_vector(c10::ArrayRef<int64_t> shape);

// The output as [N,C,h,w]; a view where it can be.
at::Tensor as_map(const at::Tensor &output, const Placement &placement);

// One call of one module in the probing run.
struct Layer {
  std::string path;  // what the caller sees: may end in "#1"
  std::string module_path;
  size_t call = 1;        // 1 for the first call of this module, 2 for the second ...
  std::string type;       // unqualified class name
  size_t site = 0;        // which place of the graph: the index that walk_calls gives it
  int64_t execution = 0;  // how many times this place ran before: more than 0 only inside a loop
  bool is_tensor = true;  // of the graph's static type, which a cut needs to be Tensor
  bool is_quantized = false;
  int rank = -1;  // of the value that came out
  std::vector<int64_t> shape;
  bool usable = false;    // a map can be made of it
  bool readable = false;  // usable, or one position: its values can be read out
  Placement placement;    // where it is readable
};

// A graph ready to run, with or without cuts.
struct Program {
  torch::jit::Code code;
  c10::IValue self;  // the module that the code reads attributes of; its own where the model writes to them
  std::vector<Layer> layers;  // that are cut
  bool converted = false;     // the part before the cuts computes in oneDNN's layout
  int64_t batch = 0;          // images that it takes at a time, fixed in the graph; 0: any number
  std::string quantized;      // the first quantised operation behind a cut; empty: none
};

// The constants of all graphs of a model: whichever hold the same numbers are one tensor, for as long as a
// graph holds it. Not locked.
class ConstantPool {
 public:
  // The tensor of the same numbers that is known, or else this one, which is known from now on.
  at::Tensor share(const at::Tensor &tensor);

 private:
  using Key = std::tuple<at::ScalarType, std::vector<int64_t>, std::vector<int64_t>>;  // sizes, strides
  using Weak = c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;
  std::map<Key, std::vector<Weak>> known_;
};

// Brings the graph's constants into the pool. What the graph may write to, it gets for itself.
void share_constants(const std::shared_ptr<torch::jit::Graph> &graph, ConstantPool &pool);

// Its constant tensors.
std::vector<at::Tensor> constants_of(torch::jit::Graph &graph);

// A failure with its own code and sentence; everything else that is thrown is libtorch's.
struct Failure {
  int code;
  std::string sentence;
};

// Fills *error from the exception in flight, returns its code.
int report(shim_error *error, const char *step) noexcept;

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

// Leaves out a softmax, log_softmax or sigmoid that an output of the graph ends in: SHIM_ENDING_... for each
// (of a tuple, list or dictionary, else one), LOGITS where nothing was done.
std::vector<int> drop_endings(torch::jit::Graph &graph);

// Half precision constants and casts become float32, as the module's parameters did.
void widen_graph(torch::jit::Graph &graph);

// Every node, those of inner blocks before their owner; `work` may destroy the node.
void for_each_node(torch::jit::Block *block, const std::function<void(torch::jit::Node *)> &work);

// Makes the parameters constants of the graph and folds what can be folded (batch norm into convolution).
// False: the graph stays as it was, for it calls code that cannot be looked into.
bool freeze(std::shared_ptr<torch::jit::Graph> &graph, const torch::jit::Module &module);

// Calls that could not be inlined may do anything to any attribute.
bool has_opaque_calls(torch::jit::Graph &graph);

// Calls `work` for each read of an attribute that is no module itself.
void for_each_attribute(torch::jit::Graph &graph, const torch::jit::Module &module,
                        const std::function<void(torch::jit::Node *, const c10::IValue &)> &work);

// Where a tensor's numbers lie; null where they lie nowhere that one can point at.
const void *memory_of(const at::Tensor &tensor);

// The module for this frozen graph alone: all that the graph still reads of it is a copy, the rest is shared.
// The module itself, where the graph reads nothing.
c10::IValue own_state(torch::jit::Graph &graph, const torch::jit::Module &module);

// The first step of it: flags become constants, and the branches that they close disappear.
bool fold_flags(std::shared_ptr<torch::jit::Graph> &graph, const torch::jit::Module &module);

// Converts the convolutions of a frozen graph that stand before all cuts; their weights stay what they are in
// the pool. False: nothing was done.
bool convert_to_mkldnn(std::shared_ptr<torch::jit::Graph> &graph, const std::vector<torch::jit::Node *> &cuts,
                       ConstantPool &pool);

// Index of the layer that "auto" means; layers.size() if there is none. values[i] names the value that
// layers[i] gave: equal numbers, same value.
size_t choose_auto_layer(const std::vector<Layer> &layers, const std::vector<size_t> &values);

// The same for a model of tokens: the last layer whose positions the logits depend on.
size_t choose_auto_tokens(const shim_model &model, const std::vector<size_t> &values);

// One layer's activation in a run.
struct Tap {
  int64_t executions = 0;
  at::Tensor leaf;             // what the layer gave; on the tape where a gradient is wanted
  at::Tensor poisoned, saved;  // to be put back: the memory may be a parameter's
};

// Channels that are set to zero in a run: row `first_row + i` of the batch loses channel `channel + i`.
struct Ablation {
  size_t tap = 0;
  int64_t channel = 0, count = 0, first_row = 0;
  Placement placement;     // of this input's size
  bool broadcast = false;  // the layer gave one image, of which first_row + count are made
};

// The run under way in this thread.
struct CutRun {
  bool keep = true;  // the activations
  bool want_gradient = false;
  bool poison = false;  // fill the memory that the layers gave with NaN: whoever still reads it shows
  const Ablation *ablation = nullptr;
  std::vector<Tap> taps;
};

// A new run of a program's cuts.
CutRun make_run(const Program &program);

// A program with cuts behind these layers, not yet checked. Grad mode is the caller's to guard.
Program build_program(const shim_model &model, const std::vector<Layer> &layers, bool convert);

// Batches that the graph may be made for, by the sizes that it holds, the smallest first.
std::vector<int64_t> batches_in(torch::jit::Graph &graph);

// A copy with so many images at least: the last one is repeated.
at::Tensor fill_batch(const at::Tensor &images, int64_t batch);

// Throws unless it is [N,3,H,W], of sizes that can be counted with.
void check_shape(const int64_t shape[4]);

// Whether int8 products with this activation may overflow in the kernels that compute here.
bool may_saturate(const at::Tensor &activation);

// The input of the probing run.
at::Tensor probing_input(const int64_t shape[4]);

// Runs the code on a batch: the model's raw result. Grad mode is the caller's to guard.
// Before a thread computes: by as many threads as shim_set_threads said.
void adopt_threads();

c10::IValue execute(const shim_model &model, const torch::jit::Code &code, const c10::IValue &self,
                    const at::Tensor &input);
c10::IValue execute_cut(const shim_model &model, const Program &program, const at::Tensor &input,
                        CutRun &run);

// The graph of forward as both the probe and the programs start from: walked, widened, its ending left out.
std::shared_ptr<torch::jit::Graph> prepare_graph(const shim_model &model, const Visitor &visit,
                                                 std::vector<int> *endings = nullptr);

// The gradient of the sum of `score` over the batch by each tap's leaf; undefined where there is none.
std::vector<at::Tensor> gradients(const at::Tensor &logits, const CutRun &run, const int64_t *targets,
                                  int score, int ending);

// Loads the archive and puts it on its device.
std::unique_ptr<shim_model> load_model(const std::string &path, const std::string &device);

// Fills in what a run on images of this size shows.
void probe(shim_model &model, int64_t height, int64_t width);

// The [N,K] float logits in what the model returned, and which of its outputs they are.
at::Tensor select_logits(const c10::IValue &result, int64_t batch, size_t *place = nullptr);

}  // namespace checkrob

// Not changed after it was opened.
struct shim_model {
  torch::jit::Module module;
  std::vector<c10::IValue> defaults;             // of forward's arguments behind the image
  std::unordered_set<std::string> module_paths;  // every module of the archive, called or not
  c10::Device device = c10::kCPU;
  std::string widened;  // "half precision" where the parameters were; else empty
  checkrob::LayoutChoice layout;

  int64_t probed[4] = {0, 0, 0, 0};  // shape of the probing run
  int64_t batch = 0;                 // the only one that it takes; 0: one image was taken
  std::vector<checkrob::Layer> layers;
  int64_t classes = 0;
  size_t auto_layer = 0;
  int ending = SHIM_ENDING_LOGITS;
  std::string remark;
  at::Tensor logits;  // of the probing run, to check faster programs by

  // Graphs are built one at a time, whichever threads ask for them: under this lock, which the pool's is too.
  mutable std::mutex building;
  mutable checkrob::ConstantPool constants;
};

struct shim_cut {
  const shim_model &model;
  int score;
  checkrob::Program program;
  bool broadcasts =
      true;  // the part behind a layer takes a larger batch than the part before it; until it fails
};
