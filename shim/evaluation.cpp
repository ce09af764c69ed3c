// SPDX-License-Identifier: Apache-2.0
// Archives that do not compute as a classifier does in use: in training mode, on the GPU that they were
// exported on, or without gradients. What the graph shows is changed in our copy of the graph.
#include <torch/csrc/jit/ir/constants.h>

#include <cstring>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

static std::string name_of(const Node *node) {
  std::string name = node->kind().toUnqualString();
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

static bool is_none(const Value *value) {
  return value->mustBeNone() || value->type()->kind() == c10::TypeKind::NoneType;
}

// The node's input with this name in its schema; null if there is none.
static Value *input_named(Node *node, const char *name) {
  const FunctionSchema *schema = node->maybeSchema();
  for (size_t i = 0; schema && i < schema->arguments().size() && i < node->inputs().size(); i++)
    if (schema->arguments()[i].name() == name) return node->input(i);
  return nullptr;
}

// ---- training mode

// The numbers of one image would depend on the rest of its batch.
static bool needs_batch(Node *node) {
  if (name_of(node).find("batch_norm") == std::string::npos) return false;
  Value *mean = input_named(node, "running_mean");
  return !mean || is_none(mean);
}

// Replaces a constant input of an operation. The constant may have other uses.
static void set_input(Graph &graph, Node *node, size_t i, const c10::IValue &value) {
  WithInsertPoint guard(node);
  node->replaceInput(i, graph.insertConstant(value));
}

// dropout(x, p, train), batch_norm(..., training, ...), instance_norm(..., use_input_stats, ...), rrelu,
// lstm: each says by a flag that it trains. Attention says it by its rate of dropout.
static bool evaluate_node(Graph &graph, Node *node) {
  const FunctionSchema *schema = node->maybeSchema();
  bool changed = false;
  for (size_t i = 0; schema && i < schema->arguments().size() && i < node->inputs().size(); i++) {
    const std::string &name = schema->arguments()[i].name();
    auto value = toIValue(node->input(i));
    if (!value) continue;
    bool trains = (name == "train" || name == "training") && value->isBool() && value->toBool();
    bool rate = name == "dropout_p" && value->isDouble() && value->toDouble() > 0.0;
    Value *mean = input_named(node, "running_mean");
    bool statistics =
        name == "use_input_stats" && value->isBool() && value->toBool() && mean && !is_none(mean);
    if ((trains && needs_batch(node)) || !(trains || rate || statistics)) continue;
    set_input(graph, node, i, rate ? c10::IValue(0.0) : c10::IValue(false));
    changed = true;
  }
  return changed;
}

void evaluate(Graph &graph, Changes &changes) {
  for_each_node(graph.block(), [&](Node *node) {
    if (node->kind().is_aten() && evaluate_node(graph, node)) changes.trained.insert(name_of(node));
  });
}

// ---- devices

// In a trace a number of Python is a tensor without axes: a size, a factor. On the processor, reading it
// waits for nothing, and every operation of a GPU accepts it.
static bool is_number(const at::Tensor &tensor) {
  return tensor.dim() == 0 && (tensor.scalar_type() == at::kDouble || tensor.scalar_type() == at::kLong);
}

// The weights of a frozen archive are constants, and so are tensors that a trace has met.
void move_tensors(const Module &module, c10::Device device) {
  for (Function *function : module._ivalue()->compilation_unit()->get_functions()) {
    GraphFunction *code = tryToGraphFunction(*function);
    if (!code) continue;
    for_each_node(code->graph()->block(), [&](Node *node) {
      if (!holds_tensor(node) || is_number(node->t(attr::value))) return;
      node->t_(attr::value, node->t(attr::value).to(device));
    });
  }
}

// An archive that was traced on a GPU has the GPU as a constant, and one that was traced on the CPU has the
// CPU.
static void move_constants(Graph &graph, c10::Device device, Changes &changes) {
  static const std::string to_gpu = "aten::cuda", to_cpu = "aten::cpu";
  for_each_node(graph.block(), [&](Node *node) {
    if (node->kind().toQualString() == to_gpu || node->kind().toQualString() == to_cpu) {
      changes.moved = changes.moved || (device.is_cpu() && node->kind().toQualString() == to_gpu);
      node->output()->replaceAllUsesWith(node->input(0));
      node->destroy();
      return;
    }
    if (node->kind() != prim::Constant || node->outputs().empty()) return;
    auto value = toIValue(node->output());
    if (!value || !value->isDevice() || value->toDevice() == device) return;
    changes.moved = changes.moved || !value->toDevice().is_cpu();
    WithInsertPoint guard(node);
    node->output()->replaceAllUsesWith(graph.insertConstant(device));
  });
}

// ---- gradients

static bool is_grad_mode(const Value *value) {
  static const std::string module = "__torch__.torch.autograd.grad_mode.";
  auto type = value->type()->cast<c10::ClassType>();
  return type && type->name() && type->name()->qualifiedName().compare(0, module.size(), module) == 0;
}

// torch.no_grad() inside forward: the cut decides where gradients begin.
static void remove_grad_modes(Graph &graph, Changes &changes) {
  for_each_node(graph.block(), [&](Node *node) {
    bool scope = (node->kind() == prim::Enter || node->kind() == prim::Exit) && is_grad_mode(node->input(0));
    bool call =
        std::strcmp(node->kind().toQualString(), "aten::set_grad_enabled") == 0 && node->outputs().empty();
    if (!scope && !call) return;
    changes.without_gradients = true;
    if (!node->hasUses()) node->destroy();
  });
}

void adapt_graph(Graph &graph, const shim_model &model, Changes &changes) {
  move_constants(graph, model.device, changes);
  remove_grad_modes(graph, changes);
}

// ---- what cannot be changed

static bool draws_numbers(Node *node) {
  static const std::unordered_set<std::string> names = {
      "rand",        "rand_like",   "randn",           "randn_like",    "randint",   "randint_like",
      "randperm",    "random",      "bernoulli",       "uniform",       "normal",    "poisson",
      "multinomial", "exponential", "cauchy",          "log_normal",    "geometric", "binomial",
      "dropout",     "rrelu",       "feature_dropout", "native_dropout"};
  return node->kind().is_aten() && names.count(name_of(node)) != 0;
}

static std::string find(Graph &graph, const std::function<bool(Node *)> &is_wanted) {
  std::string found;
  for_each_node(graph.block(), [&](Node *node) {
    if (found.empty() && is_wanted(node)) found = node->kind().toQualString();
  });
  return found;
}

std::string find_random(Graph &graph) {
  return find(graph, draws_numbers);
}

std::string find_batch_statistics(Graph &graph) {
  return find(graph, [](Node *node) { return node->kind().is_aten() && needs_batch(node); });
}

std::string find_prepacked(Graph &graph) {
  return find(graph, [](Node *node) {
    std::string space = node->kind().ns().toUnqualString();
    return space == "prepacked" || space == "mkldnn_prepacked" || space == "metal_prepack" ||
           space == "vulkan_prepack";
  });
}

bool has_dynamic_quantisation(Graph &graph) {
  return !find(graph, [](Node *node) {
            std::string name = node->kind().toQualString();
            return name.compare(0, 11, "quantized::") == 0 && name.find("dynamic") != std::string::npos;
          }).empty();
}

}  // namespace checkrob
