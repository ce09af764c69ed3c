// SPDX-License-Identifier: Apache-2.0
// The probing run: an observer after each module call finds the layers and the shapes of their outputs.
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <map>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

namespace {
// The output of one site in one execution. The tensor itself is not stored: this would hold every activation.
struct Event {
  size_t site;
  int64_t execution;
  int rank = -1;
  std::vector<int64_t> shape;
  bool is_float = false, is_quantized = false;
  // Identifies the value: the same tensor, not changed in place in between. A weak pointer prevents reuse of
  // the address of the tensor, but does not hold its memory.
  std::optional<c10::weak_intrusive_ptr<c10::TensorImpl>> tensor;
  uint32_t version = 0;
};

struct Recorder {
  std::map<size_t, int64_t> executions;
  std::vector<Event> events;
  bool saturates = false;  // int8 products with one of these activations may overflow

  void record(size_t site, const c10::IValue &value) {
    Event event;
    event.site = site;
    event.execution = executions[site]++;
    if (value.isTensor() && value.toTensor().defined()) {
      const at::Tensor &tensor = value.toTensor();
      event.rank = static_cast<int>(tensor.dim());
      event.shape = tensor.sizes().vec();
      event.is_float = tensor.is_floating_point();
      event.is_quantized = tensor.is_quantized();
      saturates = saturates || may_saturate(tensor);
      event.tensor.emplace(tensor.getIntrusivePtr());
      event.version = tensor.unsafeGetTensorImpl()->version_counter().current_version();
    }
    events.push_back(std::move(event));
  }
};
}  // namespace

static thread_local Recorder *current_recorder = nullptr;

static RegisterOperators registration({Operator(
    "checkrob::observe(Any value, int site) -> ()",
    [](Stack &stack) {
      auto site = static_cast<size_t>(pop(stack).toInt());
      c10::IValue value = pop(stack);
      // Null in a thread started by torch.jit.fork. The call is then not listed.
      if (current_recorder) current_recorder->record(site, value);
    },
    c10::AliasAnalysisKind::CONSERVATIVE)});

static void insert_observer(Graph &graph, const Site &site) {
  static const Symbol kind = Symbol::fromQualString("checkrob::observe");
  WithInsertPoint guard(site.call->next());
  Value *index = graph.insertConstant(static_cast<int64_t>(site.index));
  graph.insertNode(graph.create(kind, {site.call->output(), index}, 0));
}

void check_shape(const int64_t shape[4]) {
  static const int64_t longest = 65536;  // far more than any network accepts, and no number overflows
  if (shape[0] < 1 || shape[1] != 3 || shape[2] < 1 || shape[3] < 1)
    throw Failure{SHIM_BAD_ARGUMENT, "the input must be [N,3,H,W], not " + shape_text({shape, 4})};
  if (shape[2] > longest || shape[3] > longest)
    throw Failure{SHIM_BAD_ARGUMENT, "an input of " + shape_text({shape, 4}) +
                                         " is too large: a side may have at most " + std::to_string(longest) +
                                         " pixels"};
}

// Not constant, because a model may divide by a standard deviation. The same in each run.
at::Tensor probing_input(const int64_t shape[4]) {
  int64_t count = shape[0] * shape[1] * shape[2] * shape[3];
  return at::arange(count, at::kFloat).mul_(0.37).sin_().view({shape[0], shape[1], shape[2], shape[3]});
}

static c10::IValue run_observed(const shim_model &model, const Code &code, const at::Tensor &input,
                                Recorder &recorder) {
  struct Guard {
    explicit Guard(Recorder *recorder) { current_recorder = recorder; }
    ~Guard() { current_recorder = nullptr; }
  } guard(&recorder);
  c10::NoGradGuard off;
  try {
    return execute(model, code, model.module._ivalue(), input.to(model.device));
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &exception) {
    refuse_input(input.sizes(), model.device, exception);
    throw;
  }
}

static void place(Layer &layer, const Event &event, const shim_model &model, const int64_t input[4]) {
  layer.is_quantized = event.is_quantized;
  bool numbers = event.is_float || event.is_quantized;
  if (!layer.is_tensor || !numbers || layer.rank < 2 || layer.shape[0] != input[0]) return;
  auto placement = place_map(layer.shape, input[2], input[3], model.layout);
  layer.usable = placement.has_value();
  if (!placement) placement = place_vector(layer.shape);
  layer.readable = placement.has_value();
  if (placement) layer.placement = *placement;
}

// Lists the calls in order of completion, with numbers. The last of several calls has the plain path.
static std::vector<Layer> list_layers(const shim_model &model, const std::vector<Event> &events,
                                      const std::vector<Layer> &sites, const int64_t input[4]) {
  std::vector<Layer> layers;
  std::map<std::string, size_t> calls, seen;
  for (const Event &event : events) calls[sites[event.site].module_path]++;
  for (const Event &event : events) {
    Layer layer = sites[event.site];
    layer.call = ++seen[layer.module_path];
    layer.path = layer.module_path;
    if (layer.call < calls[layer.module_path]) layer.path.append("#").append(std::to_string(layer.call));
    layer.execution = event.execution;
    layer.rank = event.rank;
    layer.shape = event.shape;
    place(layer, event, model, input);
    layers.push_back(std::move(layer));
  }
  return layers;
}

// Assigns equal numbers to events with the same value.
static std::vector<size_t> number_values(const std::vector<Event> &events) {
  std::map<std::pair<const c10::TensorImpl *, uint32_t>, size_t> known;
  std::vector<size_t> numbers;
  for (size_t i = 0; i < events.size(); i++) {
    const Event &event = events[i];
    size_t number = i;
    if (event.tensor)
      number =
          known.emplace(std::make_pair(event.tensor->_unsafe_get_target(), event.version), i).first->second;
    numbers.push_back(number);
  }
  return numbers;
}

// The model receives the first channel. A cut at the input is before this.
static void insert_first_channel(Graph &graph) {
  static const Symbol narrow = Symbol::fromQualString("aten::narrow");
  WithInsertPoint guard(*graph.nodes().begin());
  Value *input = graph.inputs()[1], *one = graph.insertConstant(static_cast<int64_t>(1));
  Value *zero = graph.insertConstant(static_cast<int64_t>(0));
  Value *channel = graph.insert(narrow, {input, one, zero, one});
  input->replaceAllUsesAfterNodeWith(channel->node(), channel);
}

std::shared_ptr<Graph> prepare_graph(const shim_model &model, const Visitor &visit, std::vector<int> *endings,
                                     Changes *changes) {
  Changes unused;
  if (!changes) changes = &unused;
  auto graph = walk_calls(model.module, visit);
  if (model.one_channel) insert_first_channel(*graph);
  adapt_graph(*graph, model, *changes);
  bool folded = fold_flags(graph, model.module);
  adapt_graph(*graph, model, *changes);  // folding shows more constants
  evaluate(*graph, *changes);
  if (!model.widened.empty()) widen_graph(*graph);
  std::vector<int> dropped = folded ? drop_endings(*graph) : std::vector<int>();
  if (endings) *endings = dropped;
  return graph;
}

// Rows of non-negative numbers with the sum 1 are probabilities, not logits.
static bool are_probabilities(const at::Tensor &logits) {
  at::Tensor sums = logits.sum(1);
  return (logits >= 0).all().item<bool>() && ((sums - 1).abs() < 1e-3).all().item<bool>();
}

namespace {
// A probing run that the model accepted.
struct Probing {
  int64_t shape[4] = {0, 0, 0, 0};
  Recorder recorder;
  at::Tensor logits;
};
}  // namespace

static Probing probe_shape(shim_model &model, Graph &graph, const Code &code, const int64_t shape[4],
                           int64_t batch) {
  Probing probing;
  std::copy(shape, shape + 4, probing.shape);
  probing.shape[0] = batch;
  c10::IValue result = run_observed(model, code, probing_input(probing.shape), probing.recorder);
  probing.logits = choose_logits(model, result, graph, batch);
  return probing;
}

static bool accepts_channels(const shim_model &model, const Code &code, const int64_t shape[4],
                             int64_t channels) {
  c10::NoGradGuard off;
  int64_t other[4] = {shape[0], channels, shape[2], shape[3]};
  try {
    execute(model, code, model.module._ivalue(), probing_input(other).to(model.device));
    return true;
  } catch (const std::exception &) {
    return false;
  }
}

namespace {
// Thrown to begin the probing again: the model takes one channel.
struct OneChannel {};
}  // namespace

// A model of other images than those of three colours.
static void refuse_channels(shim_model &model, const Code &code, const int64_t shape[4]) {
  if (model.one_channel) return;
  bool one = accepts_channels(model, code, shape, 1);
  if (one && model.gray) throw OneChannel();
  if (one)
    throw Failure{SHIM_UNSUPPORTED,
                  "the model takes images of 1 channel, but the preprocessing makes 3 (red, green, "
                  "blue); if the model was trained on gray images, add \"channels\": \"gray\" to "
                  "the preprocessing, with one mean and one std"};
  if (accepts_channels(model, code, shape, 4))
    throw Failure{SHIM_UNSUPPORTED,
                  "the model takes images of 4 channels"
                  ", but checkrob's images have 3 (red, green, blue); wrap the model "
                  "so that it makes its input from these, and export it again"};
}

// A model that refuses one image may need a batch of several.
static Probing probe_batches(shim_model &model, Graph &graph, const Code &code, const int64_t shape[4]) {
  try {
    return probe_shape(model, graph, code, shape, shape[0]);
  } catch (const Failure &failure) {
    if (shape[0] != 1) throw;
    for (int64_t batch : batches_in(graph)) {
      try {
        return probe_shape(model, graph, code, shape, batch);
      } catch (const Failure &) {
      } catch (const c10::Error &) {  // not enough memory for this number of images
      }
    }
    if (failure.code == SHIM_BAD_ARGUMENT) refuse_channels(model, code, shape);
    throw;
  }
}

static std::string describe_ending(const shim_model &model) {
  static const char *const endings[] = {
      "", "The model ends in softmax, which is omitted: the logits are its input.",
      "The model ends in log_softmax, which is omitted: the logits are its input.",
      "The model ends in sigmoid, which is omitted: the logits are its input, independent for each class "
      "(multi-label).",
      "The model's outputs are probabilities, but its graph does not show which operation computes them: "
      "maps "
      "explain the probability instead of the logit, and gradients almost vanish for classes that are "
      "certain; "
      "export the model without its softmax."};
  if (!model.one_logit) return endings[model.ending];
  return std::string("The model returns one ") + (model.squashed ? "probability" : "logit z") +
         " for each image" +
         (model.squashed ? "; its sigmoid is omitted, and its input is the logit z" : "") +
         ": two classes, 1 if z is positive and 0 otherwise, with the logits z/2 and -z/2.";
}

static std::string describe_training(const shim_model &model, const Changes &changes) {
  if (!model.was_training && changes.trained.empty()) return "";
  std::string operations;
  for (const std::string &name : changes.trained) operations += (operations.empty() ? "" : ", ") + name;
  return "The archive was exported in training mode" + (operations.empty() ? "" : " (" + operations + ")") +
         "; it is computed in evaluation mode.";
}

static std::string describe(const shim_model &model, bool saturates, const Changes &changes) {
  std::string text;
  auto add = [&](const std::string &sentence) {
    if (!sentence.empty()) text += (text.empty() ? "" : " ") + sentence;
  };
  if (model.one_channel) add("The model takes images of one channel, gray.");
  add(describe_outputs(model));
  add(describe_ending(model));
  add(describe_training(model, changes));
  if (model.alone)
    add("The model finds the scale of its int8 numbers anew for each batch, and so receives one image at a "
        "time.");
  else if (model.batch)
    add("The archive was traced with a batch of " + std::to_string(model.batch) +
        ", and receives this number of images at a time.");
  if (!model.widened.empty()) add("The model has " + model.widened + "; it is computed in float32.");
  if (changes.moved) add("The archive was exported on a GPU; it is computed on the device that was chosen.");
  if (changes.without_gradients)
    add("The model switches gradients off in its forward (torch.no_grad); they are computed all the same.");
  if (saturates)
    add("The model computes with 8-bit activations, and this processor has no VNNI instructions: libtorch's "
        "int8 kernels may overflow, so logits and maps may be wrong; quantise the model with reduce_range, "
        "or "
        "use a processor with VNNI.");
  return text;
}

static void set_ending(shim_model &model, const std::vector<int> &endings) {
  int ending = model.output < endings.size() ? endings[model.output] : SHIM_ENDING_LOGITS;
  model.squashed = model.one_logit && ending == SHIM_ENDING_SIGMOID;
  if (model.one_logit) ending = SHIM_ENDING_LOGITS;  // the softmax of two classes is the sigmoid
  model.ending =
      ending == SHIM_ENDING_LOGITS && are_probabilities(model.logits) ? SHIM_ENDING_PROBABILITIES : ending;
}

static void refuse_prepacked(Graph &graph) {
  std::string operation = find_prepacked(graph);
  if (!operation.empty())
    throw Failure{SHIM_UNSUPPORTED, "the archive was prepared for mobile devices (" + operation +
                                        ", by optimize_for_mobile), which hides its layers and their "
                                        "gradients; export the model before this step"};
}

static void probe_images(shim_model &model, int64_t height, int64_t width) {
  const int64_t shape[4] = {1, 3, height, width};
  check_shape(shape);
  std::vector<Layer> sites;
  std::vector<int> endings;
  Changes changes;
  auto graph = prepare_graph(
      model,
      [&](Graph &walked, const Site &site) {
        insert_observer(walked, site);
        Layer layer;
        layer.module_path = site.path;
        layer.type = site.type;
        layer.site = site.index;
        layer.is_tensor = site.call->output()->type()->isSubtypeOf(*TensorType::get());
        sites.push_back(std::move(layer));
      },
      &endings, &changes);
  refuse_prepacked(*graph);
  Code code(graph, "checkrob_probe");
  Probing probing = probe_batches(model, *graph, code, shape);
  std::copy(probing.shape, probing.shape + 4, model.probed);
  model.batch = probing.shape[0] == shape[0] ? 0 : probing.shape[0];
  model.layers = list_layers(model, probing.recorder.events, sites, probing.shape);
  model.classes = probing.logits.size(1);
  model.logits = probing.logits;
  set_ending(model, endings);
  check_function_of_image(model, *graph, code);
  model.remark = describe(model, probing.recorder.saturates, changes);
  std::vector<size_t> values = number_values(probing.recorder.events);
  model.auto_layer = choose_auto_layer(model.layers, values);
  if (model.auto_layer == model.layers.size()) model.auto_layer = choose_auto_tokens(model, values);
}

void probe(shim_model &model, int64_t height, int64_t width) {
  try {
    probe_images(model, height, width);
  } catch (const OneChannel &) {
    model.one_channel = true;
    probe_images(model, height, width);
  }
}

}  // namespace checkrob

int shim_model_open(shim_model **out, const shim_opening *opening, shim_error *error) {
  std::unique_ptr<shim_model> model;
  int code = checkrob::guarded(error, "opening the model", [&] {
    model = checkrob::load_model(opening->path, opening->device);
    model->layout = {opening->layout, opening->prefix_tokens};
    model->wanted_output = opening->output ? opening->output : "";
    model->least_classes = opening->least_classes;
    model->gray = opening->gray != 0;
  });
  if (code != SHIM_OK) return code;
  return checkrob::guarded(error, "probing the model", [&] {
    checkrob::probe(*model, opening->height, opening->width);
    *out = model.release();
  });
}

void shim_model_free(shim_model *model) {
  delete model;
}

size_t shim_model_layer_count(const shim_model *model) {
  return model->layers.size();
}

void shim_model_layer(const shim_model *model, size_t index, shim_layer *out) {
  const checkrob::Layer &layer = model->layers[index];
  *out = shim_layer{};
  out->path = layer.path.c_str();
  out->type = layer.type.c_str();
  out->rank = layer.rank;
  for (size_t i = 0; i < layer.shape.size() && i < SHIM_MAX_RANK; i++) out->shape[i] = layer.shape[i];
  out->usable = layer.usable;
  out->readable = layer.readable;
  out->layout = layer.placement.layout;
  out->channels = layer.placement.channels;
  out->height = layer.placement.height;
  out->width = layer.placement.width;
  out->prefix_tokens = layer.placement.prefix;
}

int shim_model_channels(const shim_model *model) {
  return model->one_channel ? 1 : 3;
}

int64_t shim_model_class_count(const shim_model *model) {
  return model->classes;
}

int shim_model_ending(const shim_model *model) {
  return model->ending;
}

const char *shim_model_remark(const shim_model *model) {
  return model->remark.c_str();
}

size_t shim_model_auto_layer(const shim_model *model) {
  return model->auto_layer;
}
