// SPDX-License-Identifier: Apache-2.0
// Declarations that the files of the shim share. Other code uses shim.h only.
#pragma once

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/interpreter.h>
#include <torch/script.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "shim.h"

namespace checkrob {

// The order of channels and positions in a layer's output.
struct Placement {
  int layout = SHIM_LAYOUT_AUTO;
  int64_t prefix = 0;  // class and register tokens
  int64_t channels = 0, height = 0, width = 0;
};

// The layout that the caller chose.
struct LayoutChoice {
  int layout = SHIM_LAYOUT_AUTO;
  int64_t prefix = -1;
};

// The feature map of more than one position in an output of this shape, for an input of H x W; nothing if
// there is none.
std::optional<Placement> place_map(c10::ArrayRef<int64_t> shape, int64_t input_height, int64_t input_width,
                                   const LayoutChoice &choice);

// [N,C] or [N,C,1,1]: a representation of one position.
std::optional<Placement> place_vector(c10::ArrayRef<int64_t> shape);

// The output as [N,C,h,w], as a view if possible.
at::Tensor as_map(const at::Tensor &output, const Placement &placement);

// One call of one module in the probing run.
struct Layer {
  std::string path;  // for the caller; may end in "#1"
  std::string module_path;
  size_t call = 1;        // 1 for the first call of this module, 2 for the second ...
  std::string type;       // unqualified class name
  size_t site = 0;        // the index of the call in the graph, from walk_calls
  int64_t execution = 0;  // how many times this call ran before; above 0 only in loops
  bool is_tensor = true;  // by the static type in the graph; a cut needs a Tensor
  bool is_quantized = false;
  int rank = -1;  // of the output
  std::vector<int64_t> shape;
  bool usable = false;  // it can be explained
  // usable, or one position: a representation can be read out
  bool readable = false;
  Placement placement;  // if readable
};

// A graph ready to run, with or without cuts.
struct Program {
  torch::jit::Code code;
  // The module of which the code reads attributes: a copy of its own if the model writes to them.
  c10::IValue self;
  std::vector<Layer> layers;  // the layers of the cuts
  bool converted = false;     // the part before the cuts uses the layout of oneDNN
  // Number of images that the graph is fixed to; 0: any number.
  int64_t batch = 0;
  // the first quantised operation after a cut; empty: none
  std::string quantized;
  // the first operation after a cut that ends the gradient; empty: none
  std::string detached;
};

// The constants of all graphs of a model. Those with equal numbers share one tensor, as long as a graph holds
// it. Not locked.
class ConstantPool {
 public:
  // The known tensor with equal numbers, or else this one, which is then known.
  at::Tensor share(const at::Tensor &tensor);

 private:
  using Key = std::tuple<at::ScalarType, std::vector<int64_t>, std::vector<int64_t>>;  // sizes, strides
  using Weak = c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;
  std::map<Key, std::vector<Weak>> known_;
};

// Replaces the constants of the graph by those of the pool. Constants that the graph may write to are its own
// copies.
void share_constants(const std::shared_ptr<torch::jit::Graph> &graph, ConstantPool &pool);

// Whether the node is a constant tensor.
bool holds_tensor(const torch::jit::Node *node);

// The constant tensors of a graph.
std::vector<at::Tensor> constants_of(torch::jit::Graph &graph);

// A file that is not a TorchScript archive: what it is, and what to do.
struct FileKind {
  std::string what, advice;
};
std::optional<FileKind> kind_of_start(const std::string &start);  // by the first bytes of the file
std::optional<FileKind> kind_of_zip(const std::string &end);      // by the last bytes of a zip file
FileKind kind_of_pickle(const std::string &pickle);               // the member data.pkl of torch.save

// A failure with its own code and error message. All other exceptions come from libtorch.
struct Failure {
  int code;
  std::string message;
};

// What the model returns: one tensor, or one of a tuple, list or dictionary.
struct OutputShape {
  std::string name;  // key of a dictionary, field of a named tuple, else its number
  int rank = -1;     // -1: not a tensor
  std::vector<int64_t> shape;
  int64_t classes = 0;  // K; 0: cannot be logits
};

// What was changed in the graph, for the remark.
struct Changes {
  std::set<std::string> trained;   // operations that were in training mode
  bool moved = false;              // constants of another device
  bool without_gradients = false;  // torch.no_grad inside forward
};

// Changes the operations that train so that they evaluate. Flags must have been folded: branches that never
// run train too.
void evaluate(torch::jit::Graph &graph, Changes &changes);

// Moves the tensors that are constants of the archive's code, which Module::to leaves where they are.
void move_tensors(const torch::jit::Module &module, c10::Device device);

// Changes a graph so that it computes on the model's device and with gradients.
void adapt_graph(torch::jit::Graph &graph, const shim_model &model, Changes &changes);

// The first operation that draws random numbers, normalises by the statistics of the batch, or was prepared
// for mobile devices: "aten::bernoulli"; "" if there is none.
std::string find_random(torch::jit::Graph &graph);
std::string find_batch_statistics(torch::jit::Graph &graph);
std::string find_prepacked(torch::jit::Graph &graph);
// int8 with scales that are found anew for each batch.
bool has_dynamic_quantisation(torch::jit::Graph &graph);

// Throws unless the logits are a function of the image alone.
void check_function_of_image(shim_model &model, torch::jit::Graph &graph, const torch::jit::Code &code);

// Fills *error from the current exception, and returns its code.
int report(shim_error *error, const char *step) noexcept;

// The part of libtorch's message that helps a user, without the C++ and TorchScript stacks.
std::string essence(const std::exception &exception);

// What to do about an archive that libtorch cannot load or run on this device for this reason: "; ..." or "".
std::string advice_about(const std::string &reason, c10::Device device);

// Throws the failure of a model that cannot compute an input of this shape on this device; returns if only
// memory is short.
void refuse_input(c10::ArrayRef<int64_t> shape, c10::Device device, const std::exception &exception);

// Runs `work`; no exception leaves this function. `step` names what failed, "opening the model".
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

// Called for each call of a module, before it is inlined. The visitor may insert nodes after `call`.
struct Site {
  size_t index;
  std::string path;
  std::string type;
  torch::jit::Node *call;
};
using Visitor = std::function<void(torch::jit::Graph &, const Site &)>;

// A copy of the model's forward graph, completely inlined. If no module is called (an archive that was frozen
// before saving), the sites are the convolutions, activations and poolings, as "value:NAME".
std::shared_ptr<torch::jit::Graph> walk_calls(const torch::jit::Module &module, const Visitor &visit);

// Whether the node makes a tuple, list or dictionary.
bool holds_outputs(const torch::jit::Node *node);

// Omits a softmax, log_softmax or sigmoid at the end of each output of the graph. Returns SHIM_ENDING_... for
// each output (of a tuple, list or dictionary, else one); LOGITS if nothing was omitted.
std::vector<int> drop_endings(torch::jit::Graph &graph);

// Whether a tensor of this number type is converted to float32.
bool is_converted(const at::Tensor &tensor);

// Converts constants and casts of other precision to float32, as for the parameters of the module.
void widen_graph(torch::jit::Graph &graph);

// Visits each node; nodes of inner blocks before their owner. `work` may destroy the node.
void for_each_node(torch::jit::Block *block, const std::function<void(torch::jit::Node *)> &work);

// Makes the parameters constants of the graph, and folds what can be folded (batch normalisation into
// convolution). False: the graph is unchanged, because it calls code that cannot be inspected.
bool freeze(std::shared_ptr<torch::jit::Graph> &graph, const torch::jit::Module &module);

// Whether the graph has calls that could not be inlined. These may do anything to any attribute.
bool has_opaque_calls(torch::jit::Graph &graph);

// Calls `work` for each read of an attribute that is not a module.
void for_each_attribute(torch::jit::Graph &graph, const torch::jit::Module &module,
                        const std::function<void(torch::jit::Node *, const c10::IValue &)> &work);

// The address of a tensor's numbers; null if they have none.
const void *memory_of(const at::Tensor &tensor);

// The module for this frozen graph: copies of all that the graph still reads, and the rest shared. The module
// itself, if the graph reads nothing.
c10::IValue own_state(torch::jit::Graph &graph, const torch::jit::Module &module);

// The module for a graph that is not frozen: copies of its buffers and attributes, and the same parameters.
c10::IValue own_buffers(const torch::jit::Module &module);

// The first step of freezing: flags become constants, and branches that cannot run disappear.
bool fold_flags(std::shared_ptr<torch::jit::Graph> &graph, const torch::jit::Module &module);

// Converts the convolutions of a frozen graph that are before all cuts. Their weights in the pool are
// unchanged. False: nothing was converted.
bool convert_to_mkldnn(std::shared_ptr<torch::jit::Graph> &graph, const std::vector<torch::jit::Node *> &cuts,
                       ConstantPool &pool);

// Index of the layer that "auto" means; layers.size() if there is none. values[i] identifies the value that
// layers[i] returned: equal numbers, same value.
size_t choose_auto_layer(const std::vector<Layer> &layers, const std::vector<size_t> &values);

// The same for a model of tokens: the last layer whose positions the logits depend on.
size_t choose_auto_tokens(const shim_model &model, const std::vector<size_t> &values);

// One layer's activation in a run.
struct Tap {
  int64_t executions = 0;
  at::Tensor leaf;  // the output of the layer; on the tape if a gradient is needed
  // To be restored, because the memory may be that of a parameter.
  at::Tensor poisoned, saved;
};

// Channels that are set to zero in a run. Row `first_row + i` of the batch loses those of row i of `removed`.
struct Ablation {
  size_t tap = 0;
  int64_t first_row = 0;
  at::Tensor removed;   // [count, channels], bool
  Placement placement;  // for this input size
  // the layer returned one image, which is repeated for all rows
  bool broadcast = false;
};

// The current run of this thread.
struct CutRun {
  bool store = true;  // store the activations
  bool want_gradient = false;
  // Fill the memory that the layers returned with NaN: code that still reads it becomes visible.
  bool poison = false;
  const Ablation *ablation = nullptr;
  std::vector<Tap> taps;
};

// A new run of the cuts of a program.
CutRun make_run(const Program &program);

// Makes a program with cuts after these layers, not validated yet. The caller guards grad mode.
Program build_program(const shim_model &model, const std::vector<Layer> &layers, bool convert);

// Batch sizes that the graph may be fixed to, by the sizes that it contains, the smallest first.
std::vector<int64_t> batches_in(torch::jit::Graph &graph);

// A copy with at least this number of images. The last one is repeated.
at::Tensor fill_batch(const at::Tensor &images, int64_t batch);

// Throws unless the shape is [N,3,H,W] with sizes within limits.
void check_shape(const int64_t shape[4]);

// Whether int8 products with this activation may overflow in the kernels that compute here.
bool may_saturate(const at::Tensor &activation);

// The input of the probing run.
at::Tensor probing_input(const int64_t shape[4]);

// Sets the number of computing threads of the calling thread. Called before it computes.
void adopt_threads();

// Runs the code on a batch, and returns the raw result of the model. The caller guards grad mode.
c10::IValue execute(const shim_model &model, const torch::jit::Code &code, const c10::IValue &self,
                    const at::Tensor &input);
c10::IValue execute_cut(const shim_model &model, const Program &program, const at::Tensor &input,
                        CutRun &run);

// The graph of forward, from which the probing run and the programs start: walked, widened, without its last
// operation.
std::shared_ptr<torch::jit::Graph> prepare_graph(const shim_model &model, const Visitor &visit,
                                                 std::vector<int> *endings = nullptr,
                                                 Changes *changes = nullptr);

// The gradient of the sum of `score` over the batch with respect to each leaf; undefined if there is none.
std::vector<at::Tensor> gradients(const at::Tensor &logits, const CutRun &run, const int64_t *targets,
                                  int score, int ending);

// Loads the archive, and moves it to its device.
std::unique_ptr<shim_model> load_model(const std::string &path, const std::string &device);

// Runs the model on images of this size, and fills in what the run shows.
void probe(shim_model &model, int64_t height, int64_t width);

// Lists the outputs in the result of the probing run, chooses the one with the logits, and returns them.
at::Tensor choose_logits(shim_model &model, const c10::IValue &result, torch::jit::Graph &graph,
                         int64_t batch);

// The [N,K] float logits in the result of the model: of the output that was chosen.
at::Tensor take_logits(const shim_model &model, const c10::IValue &result, int64_t batch);

// Which outputs there are, and which one has the logits; "" if there is only one.
std::string describe_outputs(const shim_model &model);

}  // namespace checkrob

// Read-only after it was opened.
struct shim_model {
  torch::jit::Module module;
  std::vector<c10::IValue> defaults;             // of forward's arguments after the image
  std::unordered_set<std::string> module_paths;  // all modules of the archive, called or not
  c10::Device device = c10::kCPU;
  // "half precision" if the parameters were; empty if they are float32
  std::string widened;
  checkrob::LayoutChoice layout;
  std::string wanted_output;  // name or number; empty: chosen
  // One more than the largest index of the class map; 0: not known.
  int64_t least_classes = 0;

  int64_t probed[4] = {0, 0, 0, 0};  // shape of the probing run
  // the only batch size that it accepts; 0: one image was accepted
  int64_t batch = 0;
  std::vector<checkrob::Layer> layers;
  std::vector<checkrob::OutputShape> outputs;
  size_t output = 0;  // the one with the logits
  int64_t classes = 0;
  size_t auto_layer = 0;
  int ending = SHIM_ENDING_LOGITS;
  std::string remark;
  at::Tensor logits;  // of the probing run, to validate faster programs

  // Only one thread builds a graph at a time. This lock also guards the pool.
  mutable std::mutex building;
  // The check of a cut could not restore memory that it had filled with NaN.
  mutable std::atomic<bool> damaged{false};
  bool was_training = false;  // a flag of a module, which is now off
  bool gray = false;          // the images are
  bool one_channel = false;   // of the images' three, the model receives the first
  bool alone = false;         // one image at a time, because images of a batch influence one another
  bool one_logit = false;     // served as two classes
  bool squashed = false;      // a sigmoid of it was omitted
  mutable checkrob::ConstantPool constants;
};

struct shim_cut {
  const shim_model &model;
  int score;
  checkrob::Program program;
  bool broadcasts =
      // The part after a layer accepts a larger batch than the part before it; true until it fails.
      true;
};
