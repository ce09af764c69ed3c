// SPDX-License-Identifier: Apache-2.0
// Changes to the graph, equal for the probing run and the programs: its last operation, and its number types.
#include <torch/csrc/jit/ir/constants.h>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

// Whether the operation is over the classes of [N,K] or [N,K,1,1].
static bool is_over_classes(Node *node) {
  auto dimension = toIValue(node->input(1));
  return dimension && dimension->isInt() && (dimension->toInt() == 1 || dimension->toInt() == -1);
}

static int ending_of(Node *node) {
  if (node->kind() == aten::sigmoid) return SHIM_ENDING_SIGMOID;
  bool softmax = node->kind() == aten::softmax || node->kind() == aten::_softmax;
  bool logarithm = node->kind() == aten::log_softmax || node->kind() == aten::_log_softmax;
  if ((!softmax && !logarithm) || !is_over_classes(node)) return SHIM_ENDING_LOGITS;
  return softmax ? SHIM_ENDING_SOFTMAX : SHIM_ENDING_LOG_SOFTMAX;
}

bool holds_outputs(const Node *node) {
  return node->kind() == prim::TupleConstruct || node->kind() == prim::ListConstruct ||
         node->kind() == prim::DictConstruct;
}

// Changes the shape alone: softmax or sigmoid before it is as good as behind it.
static bool is_reshaping(Node *node) {
  static const std::unordered_set<std::string> names = {"squeeze", "flatten", "view", "reshape"};
  return node->kind().is_aten() && names.count(node->kind().toUnqualString()) != 0 &&
         node->output()->uses().size() == 1;
}

// Omits the last operation of `owner`'s i-th input.
static int drop_at(Node *owner, size_t i) {
  Node *node = owner->input(i)->node();
  while (is_reshaping(node)) {
    owner = node;
    i = 0;
    node = owner->input(0)->node();
  }
  int ending = ending_of(node);
  if (ending != SHIM_ENDING_LOGITS) owner->replaceInput(i, node->input(0));
  return ending;
}

std::vector<int> drop_endings(Graph &graph) {
  Node *owner = graph.return_node();
  std::vector<int> endings;
  if (owner->inputs().size() == 1 && holds_outputs(owner->input(0)->node())) owner = owner->input(0)->node();
  // The inputs of a dictionary are its keys and values in turn.
  size_t step = owner->kind() == prim::DictConstruct ? 2 : 1;
  for (size_t i = step - 1; i < owner->inputs().size(); i += step) endings.push_back(drop_at(owner, i));
  return endings;
}

static bool is_other_float(at::ScalarType type) {
  return type == at::kHalf || type == at::kBFloat16 || type == at::kDouble;
}

// A constant may be shared by several nodes, so each node receives its own number type.
static void widen_casts(Graph &graph, Node *node) {
  const FunctionSchema *schema = node->maybeSchema();
  if (!schema) return;
  for (size_t i = 0; i < schema->arguments().size() && i < node->inputs().size(); i++) {
    if (schema->arguments()[i].name() != "dtype") continue;
    auto type = toIValue(node->input(i));
    if (!type || !type->isInt() || !is_other_float(static_cast<at::ScalarType>(type->toInt()))) continue;
    WithInsertPoint guard(node);
    node->replaceInput(i, graph.insertConstant(static_cast<int64_t>(at::kFloat)));
  }
}

void widen_graph(Graph &graph) {
  for_each_node(graph.block(), [&](Node *node) {
    widen_casts(graph, node);
    if (node->kind() != prim::Constant || node->outputs().empty()) return;
    auto value = toIValue(node->output());
    if (!value || !value->isTensor() || !is_converted(value->toTensor())) return;
    WithInsertPoint guard(node);
    node->output()->replaceAllUsesWith(graph.insertConstant(value->toTensor().to(at::kFloat)));
  });
}

}  // namespace checkrob
