// SPDX-License-Identifier: Apache-2.0
// Makes the parameters constants of the graph, and folds constants.
//
// torch::jit::freeze_module could do this, but it clones the module's classes into the compilation unit of
// the archive, which never frees them: each new cut would leave another copy of the graph and the folded
// weights there. A graph of our own belongs to one cut, and is freed with it.
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/passes/lower_tuples.h>
#include <torch/csrc/jit/passes/peephole.h>

#include <unordered_map>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

void for_each_node(Block *block, const std::function<void(Node *)> &work) {
  for (Node *node = block->return_node()->next(); node != block->return_node();) {
    Node *next = node->next();
    for (Block *inner : node->blocks()) for_each_node(inner, work);
    work(node);
    node = next;
  }
}

bool has_opaque_calls(Graph &graph) {
  bool found = false;
  for_each_node(graph.block(), [&](Node *node) {
    found = found || node->kind() == prim::CallMethod || node->kind() == prim::CallFunction ||
            node->kind() == prim::fork;
  });
  return found;
}

static std::unordered_set<std::string> assigned_names(Graph &graph) {
  std::unordered_set<std::string> names;
  for_each_node(graph.block(), [&](Node *node) {
    if (node->kind() == prim::SetAttr) names.insert(node->s(attr::name));
  });
  return names;
}

void for_each_attribute(Graph &graph, const Module &module,
                        const std::function<void(Node *, const c10::IValue &)> &work) {
  std::unordered_map<Value *, c10::intrusive_ptr<c10::ivalue::Object>> objects;
  objects[graph.inputs()[0]] = module._ivalue();
  for_each_node(graph.block(), [&](Node *node) {
    if (node->kind() != prim::GetAttr) return;
    auto owner = objects.find(node->input(0));
    if (owner == objects.end()) return;
    c10::IValue value = owner->second->getAttr(node->s(attr::name));
    if (value.isObject())
      objects[node->output()] = value.toObject();
    else
      work(node, value);
  });
}

static void replace_by_constant(Graph &graph, Node *node, const c10::IValue &value) {
  WithInsertPoint guard(node);
  auto constant = tryInsertConstant(graph, value);
  if (!constant) return;
  node->output()->replaceAllUsesWith(*constant);
  node->destroy();
}

static bool is_scalar(const c10::IValue &value) {
  return value.isNone() || value.isBool() || value.isInt() || value.isDouble() || value.isString() ||
         value.isDevice();
}

static bool is_foldable(const c10::IValue &value) {
  return value.isTensor() || value.isIntList() || value.isDoubleList() || value.isTuple();
}

static void simplify(std::shared_ptr<Graph> &graph) {
  ConstantPropagation(graph);
  PeepholeOptimize(graph);
  LowerSimpleTuples(graph);
  EliminateDeadCode(graph);
}

const void *memory_of(const at::Tensor &tensor) {
  return tensor.defined() && tensor.has_storage() ? tensor.storage().data() : nullptr;
}

// Attributes that the model writes to are not constants; nor are values that share memory with them.
static void fold_tensors(std::shared_ptr<Graph> &graph, const Module &module,
                         const std::unordered_set<std::string> &assigned) {
  AliasDb aliases(graph, /*isFrozen=*/true);
  std::unordered_set<Node *> written;
  std::unordered_set<const void *> written_memory;
  for_each_attribute(*graph, module, [&](Node *node, const c10::IValue &value) {
    if (!aliases.hasWriters(node->output())) return;
    written.insert(node);
    if (value.isTensor()) written_memory.insert(memory_of(value.toTensor()));
  });
  for_each_attribute(*graph, module, [&](Node *node, const c10::IValue &value) {
    if (!is_foldable(value) || written.count(node) || assigned.count(node->s(attr::name))) return;
    if (value.isTensor() && written_memory.count(memory_of(value.toTensor()))) return;
    replace_by_constant(*graph, node, value);
  });
}

bool fold_flags(std::shared_ptr<Graph> &graph, const Module &module) {
  if (has_opaque_calls(*graph)) return false;
  auto assigned = assigned_names(*graph);
  for_each_attribute(*graph, module, [&](Node *node, const c10::IValue &value) {
    if (is_scalar(value) && !assigned.count(node->s(attr::name))) replace_by_constant(*graph, node, value);
  });
  simplify(graph);
  return true;
}

bool freeze(std::shared_ptr<Graph> &graph, const Module &module) {
  // Flags are folded first: without the branches for training, most models write to no attribute.
  if (!fold_flags(graph, module)) return false;
  fold_tensors(graph, module, assigned_names(*graph));
  simplify(graph);
  OptimizeFrozenGraph(graph);
  return true;
}

}  // namespace checkrob
