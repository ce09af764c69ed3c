// SPDX-License-Identifier: Apache-2.0
// The cut: where automatic differentiation starts.
//
// The operation checkrob::cut follows the output of one module. Everything before the first cut runs without
// autograd. The operation stores the activation as a leaf that requires grad, enables grad mode, and returns
// a copy. So the tape contains only the part after the layer, and the backward pass of a late layer is cheap.
// For a later cut, the activation is on the tape already. Parameters never require grad.
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <limits>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

static thread_local CutRun *current_run = nullptr;

// Whether other code could see or change the memory of this tensor. Then its value needs a copy.
static bool is_shared(const at::Tensor &tensor) {
  return tensor.use_count() > 1 || !tensor.has_storage() || tensor.storage().use_count() > 1;
}

// If the model uses the memory of the layer under another name (the input of an in-place ReLU, or a value
// that a Dropout or an Identity merely passed on), gradient and logits would be silently wrong. NaN in this
// memory makes it visible.
static void poison(const at::Tensor &activation, Tap &tap) {
  // Expanded or quantised memory, and that of oneDNN, cannot be filled. No operation works in place on it.
  if (activation.is_mkldnn() || activation.is_quantized() || !activation.is_non_overlapping_and_dense())
    return;
  c10::NoGradGuard off;
  tap.saved = activation.clone();
  tap.poisoned = activation.detach();
  tap.poisoned.fill_(std::numeric_limits<float>::quiet_NaN());
}

// The memory may be that of a parameter, which all cuts of the model share. If it cannot be restored, the
// model is unusable.
static void put_back(const shim_model &model, CutRun &run) noexcept {
  c10::NoGradGuard off;
  for (auto tap = run.taps.rbegin(); tap != run.taps.rend(); ++tap) {
    if (!tap->poisoned.defined()) continue;
    try {
      tap->poisoned.copy_(tap->saved);
    } catch (...) {
      model.damaged = true;
    }
    tap->poisoned = tap->saved = at::Tensor();
  }
}

static void check_intact(const shim_model &model) {
  if (model.damaged)
    throw Failure{SHIM_ERROR,
                  "the model's memory could not be restored after the check of a layer; open the "
                  "model again"};
}

// The layer's output with channels set to zero, others in each row of the batch.
static at::Tensor ablate(const at::Tensor &activation, const Ablation &ablation) {
  const Placement &placement = ablation.placement;
  at::Tensor values = activation.is_quantized() ? activation.dequantize() : activation;
  int64_t count = ablation.removed.size(0), rows = ablation.first_row + count;
  std::vector<int64_t> sizes = values.sizes().vec();
  if (ablation.broadcast) sizes[0] = rows;
  values = values.expand(sizes).clone(at::MemoryFormat::Contiguous);
  at::Tensor map = values;
  int64_t axis = placement.layout == SHIM_LAYOUT_NCHW ? 1 : values.dim() - 1;
  if (placement.layout == SHIM_LAYOUT_TOKENS)
    map = values.narrow(1, placement.prefix, placement.height * placement.width);
  std::vector<int64_t> shape(static_cast<size_t>(values.dim()), 1);
  shape[0] = count;
  shape[static_cast<size_t>(axis)] = ablation.removed.size(1);
  map.narrow(0, ablation.first_row, count).masked_fill_(ablation.removed.view(shape), 0.0);
  if (!activation.is_quantized()) return values;
  return at::quantize_per_tensor(values, activation.q_scale(), activation.q_zero_point(),
                                 activation.scalar_type());
}

// Stores the activation unchanged: later in-place operations work on the copy that is returned. (A leaf that
// requires grad must not be changed in place anyway.)
static at::Tensor store(const at::Tensor &activation, CutRun &run, Tap &tap) {
  if (activation.requires_grad()) {  // after another cut
    tap.leaf = activation.clone();
    return tap.leaf.clone();
  }
  tap.leaf = run.poison || is_shared(activation) ? activation.clone() : activation.detach();
  if (run.poison) poison(activation, tap);
  if (run.want_gradient) {
    tap.leaf.requires_grad_(true);
    c10::GradMode::set_enabled(true);
  }
  return tap.leaf.clone();
}

static at::Tensor cut(at::Tensor activation, size_t index, int64_t execution) {
  TORCH_CHECK(current_run, "the layer runs in its own thread (torch.jit.fork); choose another layer");
  CutRun &run = *current_run;
  Tap &tap = run.taps.at(index);
  if (tap.executions++ != execution) return activation;
  if (run.ablation) return run.ablation->tap == index ? ablate(activation, *run.ablation) : activation;
  return run.store ? store(activation, run, tap) : activation;
}

// "Conservative": the operation has side effects, so no pass removes, merges or moves it.
static RegisterOperators registration({Operator(
    "checkrob::cut(Tensor activation, int index, int execution) -> Tensor",
    [](Stack &stack) {
      int64_t execution = pop(stack).toInt();
      auto index = static_cast<size_t>(pop(stack).toInt());
      at::Tensor activation = pop(stack).toTensor();
      push(stack, cut(std::move(activation), index, execution));
    },
    c10::AliasAnalysisKind::CONSERVATIVE)});

static Symbol cut_kind() {
  static const Symbol kind = Symbol::fromQualString("checkrob::cut");
  return kind;
}

// Inserts a cut after `value` and before `next`.
static void insert_cut(Graph &graph, Value *value, Node *next, size_t index, int64_t execution) {
  WithInsertPoint guard(next);
  Value *number = graph.insertConstant(static_cast<int64_t>(index));
  Node *node = graph.create(cut_kind(), {value, number, graph.insertConstant(execution)});
  node->output()->setType(TensorType::get());
  graph.insertNode(node);
  value->replaceAllUsesAfterNodeWith(node, node->output());
}

// A constant condition may remove a branch, and a cut in it.
static std::vector<Node *> find_cuts(Graph &graph) {
  std::vector<Node *> found;
  for_each_node(graph.block(), [&](Node *node) {
    if (node->kind() == cut_kind()) found.push_back(node);
  });
  return found;
}

// The first such operation after a cut.
static std::string find_after_cut(Graph &graph, const std::function<bool(const Node *)> &is_wanted) {
  std::string found;
  bool after = false;
  for_each_node(graph.block(), [&](Node *node) {
    after = after || node->kind() == cut_kind();
    if (after && found.empty() && is_wanted(node)) found = node->kind().toQualString();
  });
  return found;
}

static bool is_quantized(const Node *node) {
  return std::string(node->kind().ns().toUnqualString()) == "quantized";
}

static bool ends_gradient(const Node *node) {
  static const std::unordered_set<std::string> names = {"detach", "detach_", "argmax"};
  return node->kind().is_aten() && names.count(node->kind().toUnqualString()) != 0;
}

CutRun make_run(const Program &program) {
  CutRun run;
  run.taps.resize(program.layers.size());
  return run;
}

c10::IValue execute_cut(const shim_model &model, const Program &program, const at::Tensor &input,
                        CutRun &run) {
  struct Guard {
    const shim_model &model;
    Guard(const shim_model &subject, CutRun *run) : model(subject) { current_run = run; }
    ~Guard() {
      put_back(model, *current_run);
      current_run = nullptr;
    }
  };
  check_intact(model);
  c10::IValue result;
  {
    Guard guard(model, &run);
    result = execute(model, program.code, program.self, input);
  }
  check_intact(model);
  return result;
}

static Layer input_layer(const shim_model &model) {
  Layer layer;
  layer.path = layer.module_path = SHIM_INPUT_LAYER;
  layer.type = "input";
  layer.rank = 4;
  layer.shape.assign(model.probed, model.probed + 4);
  layer.usable = layer.readable = true;
  layer.placement.layout = SHIM_LAYOUT_NCHW;
  layer.placement.channels = model.probed[1];
  layer.placement.height = model.probed[2];
  layer.placement.width = model.probed[3];
  return layer;
}

static bool is_input(const Layer &layer) {
  return layer.path == SHIM_INPUT_LAYER;
}

static Layer find_layer(const shim_model &model, const std::string &path) {
  if (path == SHIM_INPUT_LAYER) return input_layer(model);
  for (const Layer &layer : model.layers)
    if (layer.path == path || layer.module_path + "#" + std::to_string(layer.call) == path) return layer;
  if (model.module_paths.count(path))
    throw Failure{SHIM_UNSUPPORTED, "layer \"" + path +
                                        "\" exists, but the model did not call it in the probing run; choose "
                                        "a layer that takes part in computing the logits"};
  throw Failure{SHIM_NOT_FOUND, "the model has no layer \"" + path + "\""};
}

static std::string why_not_a_map(const Layer &layer) {
  if (layer.readable) return "which is one position, so its map would be constant";
  if (layer.rank >= 2 && !layer.is_tensor)
    return "and the model does not declare it as a tensor, so it cannot be cut";
  if (layer.rank == 3)
    return "which is no grid of tokens with the input's aspect ratio (after up to 16 class or register "
           "tokens; the "
           "layout can state their number)";
  return "which is not a feature map: [N,C,h,w], [N,h,w,C] or tokens [N,T,C] of floats";
}

static void check_usable(const Layer &layer, bool maps) {
  if (maps ? layer.usable : layer.readable) return;
  std::string output = layer.rank < 0 ? "returns no tensor" : "returns " + shape_text(layer.shape);
  throw Failure{SHIM_UNSUPPORTED, "layer \"" + layer.path + "\" (" + layer.type + ") " + output + ", " +
                                      why_not_a_map(layer) + "; choose another layer"};
}

Program build_program(const shim_model &model, const std::vector<Layer> &layers, bool convert) {
  std::lock_guard<std::mutex> building(model.building);
  auto graph = prepare_graph(model, [&](Graph &walked, const Site &site) {
    for (size_t i = 0; i < layers.size(); i++)
      if (!is_input(layers[i]) && site.index == layers[i].site)
        insert_cut(walked, site.call->output(), site.call->next(), i, layers[i].execution);
  });
  for (size_t i = 0; i < layers.size(); i++)
    if (is_input(layers[i])) insert_cut(*graph, graph->inputs()[1], *graph->nodes().begin(), i, 0);
  bool frozen = freeze(graph, model.module);
  share_constants(graph, model.constants);
  bool converted = convert && frozen && model.device.is_cpu() &&
                   convert_to_mkldnn(graph, find_cuts(*graph), model.constants);
  return Program{Code(graph, "checkrob_forward"),
                 own_state(*graph, model.module),
                 layers,
                 converted,
                 /*batch=*/0,
                 find_after_cut(*graph, is_quantized),
                 find_after_cut(*graph, ends_gradient)};
}

// Whether the program repeats the logits of the probing run. oneDNN has no kernels for some shapes, and
// throws only when it runs. And if logits still depend on the poisoned memory of the layers, they differ.
static bool repeats_probe(const shim_model &model, const Program &program) {
  try {
    CutRun run = make_run(program);
    run.poison = true;
    at::Tensor input = probing_input(model.probed).to(model.device);
    at::Tensor logits = take_logits(model, execute_cut(model, program, input, run), model.probed[0]);
    double scale = model.logits.abs().max().item<double>();
    return at::allclose(logits, model.logits, 1e-3, 1e-3 * scale, /*equal_nan=*/true);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &) {
    return false;
  } catch (const Failure &) {
    return false;
  }
}

static Program choose_program(const shim_model &model, const std::vector<Layer> &layers) {
  Program program = build_program(model, layers, /*convert=*/true);
  if (repeats_probe(model, program)) return program;
  if (program.converted) {
    program = build_program(model, layers, /*convert=*/false);
    if (repeats_probe(model, program)) return program;
  }
  // The logits of a model that counts its calls or draws random numbers never repeat. This is no reason to
  // refuse the layer.
  if (layers.empty() || !repeats_probe(model, build_program(model, {}, /*convert=*/false))) return program;
  const Layer *guilty = &layers[0];
  for (const Layer &layer : layers)
    if (layers.size() > 1 && !repeats_probe(model, build_program(model, {layer}, /*convert=*/false)))
      guilty = &layer;
  throw Failure{
      SHIM_UNSUPPORTED,
      "the output of layer \"" + guilty->path + "\" (" + guilty->type +
          ") shares its memory with another value of the model (the layer works in place, or passes "
          "its input on), so activation and gradient cannot be separated; choose the layer before it "
          "or one after it"};
}

// An archive that was traced for one image may contain this number as a constant.
static bool accepts_batches(const shim_model &model, const Program &program) {
  int64_t shape[4] = {2, model.probed[1], model.probed[2], model.probed[3]};
  try {
    CutRun run = make_run(program);
    run.store = false;
    take_logits(model, execute_cut(model, program, probing_input(shape).to(model.device), run), shape[0]);
    return true;
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &) {
    return false;
  } catch (const Failure &) {
    return false;
  }
}

static std::unique_ptr<shim_cut> make_cut(const shim_model &model, const char *const *paths, size_t count,
                                          bool maps, int score) {
  c10::NoGradGuard off;
  std::vector<Layer> layers;
  for (size_t i = 0; i < count; i++) {
    layers.push_back(find_layer(model, paths[i]));
    check_usable(layers.back(), maps);
  }
  Program program = choose_program(model, layers);
  program.batch = model.batch;
  if (model.probed[0] == 1 && !accepts_batches(model, program)) program.batch = 1;
  check_intact(model);  // what tries a program takes a failure for its answer
  return std::unique_ptr<shim_cut>(new shim_cut{model, score, std::move(program)});
}

}  // namespace checkrob

int shim_cut_new(shim_cut **out, const shim_model *model, const char *const *paths, size_t count, int maps,
                 int score, shim_error *error) {
  return checkrob::guarded(error, "preparing the model's graph", [&] {
    *out = checkrob::make_cut(*model, paths, count, maps != 0, score).release();
  });
}

void shim_cut_free(shim_cut *cut) {
  delete cut;
}
