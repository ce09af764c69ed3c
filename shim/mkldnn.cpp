// SPDX-License-Identifier: Apache-2.0
// Converts convolutions before the cut to the memory layout of oneDNN.
//
// Otherwise each convolution copies its weights and its input to oneDNN's blocked layout, and its output
// back. One conversion makes ResNet-50 about 1.25 times as fast. Autograd hardly supports oneDNN tensors, so
// the part after the cut is not converted.
#include <torch/csrc/jit/passes/frozen_ops_to_mkldnn.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

// Present only while the pass runs. The pass converts nothing whose weights are not constants.
static RegisterOperators registration({Operator(
    "checkrob::hide(Tensor weight) -> Tensor", [](Stack &) {}, c10::AliasAnalysisKind::CONSERVATIVE)});

static Symbol hide_kind() {
  static const Symbol kind = Symbol::fromQualString("checkrob::hide");
  return kind;
}

// Matrix products of a transformer gain nothing, because each would convert its input and output.
static bool is_converted_by_pass(Node *node) {
  const std::string name = node->kind().toUnqualString();
  return node->kind().is_aten() && (name.find("conv") != std::string::npos || name == "linear");
}

static bool may_convert(Node *node, const std::vector<Node *> &cuts) {
  if (node->kind() == aten::linear) return false;
  for (Node *cut : cuts)
    if (!node->isBefore(cut)) return false;
  return true;
}

static void hide_weights(Graph &graph, const std::vector<Node *> &cuts, std::vector<Node *> &hidden) {
  for_each_node(graph.block(), [&](Node *node) {
    if (!is_converted_by_pass(node) || may_convert(node, cuts)) return;
    Node *hide = graph.create(hide_kind(), {node->input(1)});
    hide->insertBefore(node);
    hide->output()->setType(node->input(1)->type());
    node->replaceInput(1, hide->output());
    hidden.push_back(hide);
  });
}

// A convolution also accepts weights in ordinary memory: oneDNN then reorders them in each run, as the pass
// would do once, to the same numbers. Not every version of libtorch accepts them.
static bool takes_plain_weights() {
  static const bool takes = [] {
    at::Tensor input = at::arange(18, at::kFloat).view({1, 2, 3, 3}).to_mkldnn();
    at::Tensor weight = at::arange(8, at::kFloat).view({4, 2, 1, 1});
    try {
      at::Tensor output = at::conv2d(input, weight);
      return output.is_mkldnn() &&
             at::equal(output.to_dense(), at::conv2d(input, weight.to_mkldnn()).to_dense());
    } catch (const std::exception &) {
      return false;
    }
  }();
  return takes;
}

static bool is_converted_constant(Node *node) {
  static const Symbol kind = Symbol::fromQualString("prim::ConstantMKLDNNTensor");
  return node->kind() == kind && node->hasAttribute(attr::value);
}

// The pass copies the weights of each convolution, for this graph only. The tensors of the pool are shared
// with every cut, whether the convolution is before or after its layer. The price is the reordering, once in
// each batch: for ResNet-50 about 5 % of the time with 4 images in a batch, not measurable with 16.
static void take_plain_weights(Graph &graph, ConstantPool &pool) {
  static const Symbol converted = Symbol::fromQualString("prim::mkldnn_convolution");
  for_each_node(graph.block(), [&](Node *node) {
    bool is_convolution = node->kind() == converted || node->kind() == aten::conv2d;
    if (!is_convolution || !is_converted_constant(node->input(1)->node())) return;
    Node *constant = node->input(1)->node();
    WithInsertPoint guard(node);
    node->replaceInput(1, graph.insertConstant(pool.share(constant->t(attr::value).to_dense())));
    if (!constant->hasUses()) constant->destroy();
    if (node->kind() != converted) return;
    // It has the same arguments. The operation of the pass accepts only converted weights.
    node->replaceWithNewSymbol(aten::conv2d);
    node->destroy();
  });
}

bool convert_to_mkldnn(std::shared_ptr<Graph> &graph, const std::vector<Node *> &cuts, ConstantPool &pool) {
  // In a loop, operations before the cut also run after it.
  for (Node *cut : cuts)
    if (cut->owningBlock() != graph->block()) return false;
  std::vector<Node *> hidden;
  std::vector<at::Tensor> weights =
      constants_of(*graph);  // the pool holds weak references, so this holds the tensors
  hide_weights(*graph, cuts, hidden);
  ConvertFrozenOpsToMKLDNN(graph);
  for (Node *hide : hidden) {
    hide->output()->replaceAllUsesWith(hide->input());
    hide->destroy();
  }
  if (takes_plain_weights()) take_plain_weights(*graph, pool);
  return true;
}

}  // namespace checkrob
