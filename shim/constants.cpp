// SPDX-License-Identifier: Apache-2.0
// Constants with equal numbers share one tensor.
//
// Each cut folds batch normalisation into its own weights. The cuts of one model fold nearly the same ones:
// they differ only near the cut. With shared constants, another cut needs little more memory than its graph.
#include <torch/csrc/jit/ir/alias_analysis.h>

#include <cstring>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

// Other tensors have memory that cannot be compared from outside.
static bool is_plain(const at::Tensor &tensor) {
  return tensor.defined() && tensor.layout() == at::kStrided && !tensor.is_quantized() &&
         !tensor.is_mkldnn() && tensor.has_storage() && tensor.is_non_overlapping_and_dense() &&
         !tensor.requires_grad();
}

// Compares bit by bit if possible: NaN equals itself, and 0 differs from -0.
static bool are_same(const at::Tensor &a, const at::Tensor &b) {
  if (a.device() != b.device()) return false;
  if (a.is_same(b)) return true;
  if (!a.device().is_cpu()) return at::equal(a, b);
  return std::memcmp(a.data_ptr(), b.data_ptr(), a.nbytes()) == 0;
}

at::Tensor ConstantPool::share(const at::Tensor &tensor) {
  if (!is_plain(tensor)) return tensor;
  std::vector<Weak> &alike = known_[{tensor.scalar_type(), tensor.sizes().vec(), tensor.strides().vec()}];
  for (size_t i = 0; i < alike.size();) {
    auto held = alike[i].lock();
    if (!held) { /* its graphs were freed */
      alike[i] = std::move(alike.back());
      alike.pop_back();
      continue;
    }
    at::Tensor known{std::move(held)};
    if (are_same(known, tensor)) return known;
    i++;
  }
  alike.emplace_back(tensor.getIntrusivePtr());
  return tensor;
}

bool holds_tensor(const Node *node) {
  return node->kind() == prim::Constant && node->hasAttribute(attr::value) &&
         node->kindOf(attr::value) == AttributeKind::t;
}

std::vector<at::Tensor> constants_of(Graph &graph) {
  std::vector<at::Tensor> found;
  for_each_node(graph.block(), [&](Node *node) {
    if (holds_tensor(node)) found.push_back(node->t(attr::value));
  });
  return found;
}

void share_constants(const std::shared_ptr<Graph> &graph, ConstantPool &pool) {
  AliasDb aliases(graph, /*isFrozen=*/true);
  for_each_node(graph->block(), [&](Node *node) {
    if (!holds_tensor(node)) return;
    at::Tensor tensor = node->t(attr::value);
    node->t_(attr::value, aliases.hasWriters(node->output()) ? tensor.clone() : pool.share(tensor));
  });
}

}  // namespace checkrob
