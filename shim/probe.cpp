// One run with an observer behind every module call: which layers are there, and what do they give?
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <map>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

namespace {
// What one site gave in one execution. The tensor itself is not kept: the run would hold every activation.
struct Event {
  size_t site;
  int64_t execution;
  int rank = -1;
  std::vector<int64_t> shape;
  bool is_float = false;
  // Names the value: the same tensor, not changed in place in between. A weak pointer keeps the tensor's
  // address from being used again, but not its memory.
  std::optional<c10::weak_intrusive_ptr<c10::TensorImpl>> tensor;
  uint32_t version = 0;
};

struct Recorder {
  std::map<size_t, int64_t> executions;
  std::vector<Event> events;

  void record(size_t site, const c10::IValue &value) {
    Event event;
    event.site = site;
    event.execution = executions[site]++;
    if (value.isTensor() && value.toTensor().defined()) {
      const at::Tensor &tensor = value.toTensor();
      event.rank = static_cast<int>(tensor.dim());
      event.shape = tensor.sizes().vec();
      event.is_float = tensor.is_floating_point();
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
      // Null in a thread started by torch.jit.fork: then the call is not listed.
      if (current_recorder) current_recorder->record(site, value);
    },
    c10::AliasAnalysisKind::CONSERVATIVE)});

static void insert_observer(Graph &graph, const Site &site) {
  static const Symbol kind = Symbol::fromQualString("checkrob::observe");
  WithInsertPoint guard(site.call->next());
  Value *index = graph.insertConstant(static_cast<int64_t>(site.index));
  graph.insertNode(graph.create(kind, {site.call->output(), index}, 0));
}

// Not constant, so that nothing in the model divides by a standard deviation of zero; the same each time.
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
    return execute(model, code, input);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &exception) {
    std::string reason = essence(exception);
    if (reason.find("DefaultCPUAllocator") != std::string::npos) throw;
    throw Failure{SHIM_BAD_ARGUMENT,
                  "the model refuses an input of " + shape_text(input.sizes()) + ": " + reason};
  }
}

static bool is_usable(const Layer &layer, bool is_float, const int64_t input[4]) {
  return layer.is_tensor && is_float && layer.rank == 4 && layer.shape[0] == input[0] &&
         layer.shape[2] * layer.shape[3] > 1 &&  // one position: its map is constant, and so always empty
         !is_channels_last(layer.shape, input[2], input[3]);
}

// In order of completion, every call numbered; the last of several calls has the plain path.
static std::vector<Layer> list_layers(const std::vector<Event> &events, const std::vector<Layer> &sites,
                                      const int64_t input[4]) {
  std::vector<Layer> layers;
  std::map<std::string, size_t> calls, seen;
  for (const Event &event : events) calls[sites[event.site].module_path]++;
  for (const Event &event : events) {
    Layer layer = sites[event.site];
    layer.call = ++seen[layer.module_path];
    layer.path = layer.module_path;
    if (layer.call < calls[layer.module_path]) layer.path += "#" + std::to_string(layer.call);
    layer.execution = event.execution;
    layer.rank = event.rank;
    layer.shape = event.shape;
    layer.usable = is_usable(layer, event.is_float, input);
    layers.push_back(std::move(layer));
  }
  return layers;
}

// Equal numbers for events that gave the very same value.
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

static void probe(shim_model &model, const int64_t shape[4]) {
  if (shape[0] < 1 || shape[1] != 3 || shape[2] < 1 || shape[3] < 1)
    throw Failure{SHIM_BAD_ARGUMENT, "the input should be [N,3,H,W], not " + shape_text({shape, 4})};
  std::vector<Layer> sites;
  auto graph = walk_calls(model.module, [&](Graph &walked, const Site &site) {
    insert_observer(walked, site);
    Layer layer;
    layer.module_path = site.path;
    layer.type = site.type;
    layer.site = site.index;
    layer.is_tensor = site.call->output()->type()->isSubtypeOf(*TensorType::get());
    sites.push_back(std::move(layer));
  });
  Recorder recorder;
  c10::IValue result = run_observed(model, Code(graph, "checkrob_probe"), probing_input(shape), recorder);
  at::Tensor logits = select_logits(result, shape[0]);
  std::vector<Layer> layers = list_layers(recorder.events, sites, shape);
  size_t auto_layer = choose_auto_layer(layers, number_values(recorder.events));
  std::copy(shape, shape + 4, model.probed);
  model.layers = std::move(layers);
  model.classes = logits.size(1);
  model.logits = logits;
  model.auto_layer = auto_layer;
}

}  // namespace checkrob

int shim_model_probe(shim_model *model, const int64_t shape[4], shim_error *error) {
  return checkrob::guarded(error, "probing the model", [&] { checkrob::probe(*model, shape); });
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
}

int64_t shim_model_class_count(const shim_model *model) {
  return model->classes;
}

size_t shim_model_auto_layer(const shim_model *model) {
  return model->auto_layer;
}
