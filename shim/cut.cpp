// The cut: where the gradient tape begins.
//
// The operation checkrob::cut stands behind the output of one module. Everything before it runs without
// autograd. The cut keeps the activation as a leaf that requires grad, turns grad mode on and hands a
// copy on, so that the tape covers only what lies behind the layer, and the backward pass of a late
// layer costs next to nothing. Parameters never require grad.
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <limits>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

static thread_local CutRun *current_run = nullptr;

// Could somebody else see this tensor's memory change, or change it? Then its value needs a copy.
static bool is_shared(const at::Tensor &tensor) {
  return tensor.use_count() > 1 || !tensor.has_storage() || tensor.storage().use_count() > 1;
}

// Gradient and logits would be silently wrong where the model goes on with the layer's memory under another
// name: the input of an in-place ReLU, what a Dropout or an Identity merely passed on.
static void poison(const at::Tensor &activation, CutRun &run) {
  // Expanded or oneDNN's own memory can't be filled; nobody works in place on either.
  if (activation.is_mkldnn() || !activation.is_non_overlapping_and_dense()) return;
  c10::NoGradGuard off;
  run.saved = activation.clone();
  run.poisoned = activation.detach();
  run.poisoned.fill_(std::numeric_limits<float>::quiet_NaN());
}

static void put_back(CutRun &run) {
  if (!run.poisoned.defined()) return;
  c10::NoGradGuard off;
  run.poisoned.copy_(run.saved);
  run.poisoned = run.saved = at::Tensor();
}

static at::Tensor cut(at::Tensor activation, int64_t execution) {
  TORCH_CHECK(current_run, "the layer runs in a thread of its own (torch.jit.fork); choose another layer");
  CutRun &run = *current_run;
  if (run.executions++ != execution) return activation;
  run.leaf = run.poison || is_shared(activation) ? activation.clone() : activation.detach();
  if (run.poison) poison(activation, run);
  if (run.want_gradient) {
    run.leaf.requires_grad_(true);
    c10::GradMode::set_enabled(true);
  }
  // A later in-place operation works on the copy: the leaf stays what the layer gave, and a leaf that
  // requires grad may not be changed in place anyway.
  return run.leaf.clone();
}

// "Conservative" makes it an operation with side effects, which no pass drops, merges or moves.
static RegisterOperators registration({Operator(
    "checkrob::cut(Tensor activation, int execution) -> Tensor",
    [](Stack &stack) {
      int64_t execution = pop(stack).toInt();
      at::Tensor activation = pop(stack).toTensor();
      push(stack, cut(std::move(activation), execution));
    },
    c10::AliasAnalysisKind::CONSERVATIVE)});

static Symbol cut_kind() {
  static const Symbol kind = Symbol::fromQualString("checkrob::cut");
  return kind;
}

static void insert_cut(Graph &graph, Node *call, int64_t execution) {
  WithInsertPoint guard(call->next());
  Node *node = graph.create(cut_kind(), {call->output(), graph.insertConstant(execution)});
  node->output()->setType(TensorType::get());
  graph.insertNode(node);
  call->output()->replaceAllUsesAfterNodeWith(node, node->output());
}

// Null if a constant condition took the cut away, with the branch that it stood in.
static Node *find_cut(Graph &graph) {
  Node *found = nullptr;
  for_each_node(graph.block(), [&](Node *node) {
    if (node->kind() == cut_kind()) found = node;
  });
  return found;
}

c10::IValue execute_cut(const shim_model &model, const Program &program, const at::Tensor &input,
                        CutRun &run) {
  struct Guard {
    explicit Guard(CutRun *run) { current_run = run; }
    ~Guard() {
      put_back(*current_run);
      current_run = nullptr;
    }
  } guard(&run);
  return execute(model, program.code, input);
}

static const Layer &find_layer(const shim_model &model, const std::string &path) {
  for (const Layer &layer : model.layers)
    if (layer.path == path || layer.module_path + "#" + std::to_string(layer.call) == path) return layer;
  if (model.module_paths.count(path))
    throw Failure{SHIM_UNSUPPORTED, "layer \"" + path +
                                        "\" exists, but the model did not call it in the probing run; choose "
                                        "a layer that takes part in computing the logits"};
  throw Failure{SHIM_NOT_FOUND, "the model has no layer \"" + path + "\""};
}

static void check_usable(const Layer &layer) {
  if (layer.usable) return;
  std::string gives = layer.rank < 0 ? "gives no tensor" : "gives " + shape_text(layer.shape);
  std::string reason = "not a feature map [N,C,h,w] of floats";
  if (layer.rank == 4 && !layer.is_tensor)
    reason = "and the model does not declare it to be a tensor, so that it cannot be cut";
  else if (layer.rank == 4 && layer.shape[2] * layer.shape[3] <= 1)
    reason = "which is one position: its map would be constant";
  else if (layer.rank == 4)
    reason = "not [N,C,h,w] (channels last, not a float, or another batch size)";
  throw Failure{SHIM_UNSUPPORTED, "layer \"" + layer.path + "\" (" + layer.type + ") " + gives + ", " +
                                      reason + "; choose another layer"};
}

static Program build(const shim_model &model, const Layer *layer, bool convert) {
  auto graph = walk_calls(model.module, [&](Graph &walked, const Site &site) {
    if (layer && site.index == layer->site) insert_cut(walked, site.call, layer->execution);
  });
  bool frozen = freeze(graph, model.module);
  bool converted = convert && frozen && convert_to_mkldnn(graph, find_cut(*graph));
  return Program{Code(graph, "checkrob_forward"), layer ? layer->path : "", converted};
}

// Does the program give the probing run's logits again? oneDNN has no kernels for some shapes and throws only
// when it runs; and with the layer's memory poisoned, logits that still come from there don't repeat.
static bool repeats_probe(const shim_model &model, const Program &program) {
  try {
    CutRun run;
    run.poison = true;
    c10::IValue result = execute_cut(model, program, probing_input(model.probed), run);
    at::Tensor logits = select_logits(result, model.probed[0]);
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

static Program choose_program(const shim_model &model, const char *path) {
  if (!model.logits.defined())
    throw Failure{SHIM_BAD_ARGUMENT, "the model was not probed yet: call shim_model_probe first"};
  const Layer *layer = path ? &find_layer(model, path) : nullptr;
  if (layer) check_usable(*layer);
  c10::NoGradGuard off;
  Program program = build(model, layer, /*convert=*/true);
  if (repeats_probe(model, program)) return program;
  if (program.converted) {
    program = build(model, layer, /*convert=*/false);
    if (repeats_probe(model, program)) return program;
  }
  // A model that counts its calls or draws random numbers repeats nothing: no reason to refuse the layer.
  if (!layer || !repeats_probe(model, build(model, nullptr, /*convert=*/false))) return program;
  throw Failure{
      SHIM_UNSUPPORTED,
      "the output of layer \"" + layer->path + "\" (" + layer->type +
          ") is used behind it under another name (it works in place, or passes its input on), so "
          "that neither activation nor gradient can be told apart there; choose the layer before it "
          "or one behind it"};
}

}  // namespace checkrob

int shim_model_cut(shim_model *model, const char *path, shim_error *error) {
  return checkrob::guarded(error, "preparing the model's graph",
                           [&] { model->program = checkrob::choose_program(*model, path); });
}
