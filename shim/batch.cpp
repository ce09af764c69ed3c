// SPDX-License-Identifier: Apache-2.0
// Archives that were traced with a batch of several images, and contain this number as a constant.
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

// A limit, because the probing input of a whole batch must fit in memory.
static const int64_t largest = 256;

// The first number of a list of sizes: "8" in view(x, [8, -1]).
static std::optional<int64_t> leading_number(Value *sizes) {
  auto whole = toIValue(sizes);
  if (whole && whole->isIntList() && !whole->toIntVector().empty()) return whole->toIntVector()[0];
  if (sizes->node()->kind() != prim::ListConstruct || sizes->node()->inputs().empty()) return {};
  auto first = toIValue(sizes->node()->input(0));
  return first && first->isInt() ? std::optional<int64_t>(first->toInt()) : std::nullopt;
}

std::vector<int64_t> batches_in(Graph &graph) {
  std::vector<int64_t> found;
  for_each_node(graph.block(), [&](Node *node) {
    const FunctionSchema *schema = node->maybeSchema();
    for (size_t i = 0; schema && i < schema->arguments().size() && i < node->inputs().size(); i++) {
      const std::string &name = schema->arguments()[i].name();
      if (name != "size" && name != "shape") continue;
      auto number = leading_number(node->input(i));
      if (number && *number > 1 && *number <= largest) found.push_back(*number);
    }
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

at::Tensor fill_batch(const at::Tensor &images, int64_t batch) {
  int64_t missing = batch - images.size(0);
  if (missing <= 0) return images.clone();
  return at::cat({images, images.narrow(0, images.size(0) - 1, 1).expand({missing, -1, -1, -1})});
}

}  // namespace checkrob
