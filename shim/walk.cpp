// SPDX-License-Identifier: Apache-2.0
// The forward graph, inlined call by call.
//
// TorchScript modules have no hooks. But their code is a graph, in which a call of a sub-module is a node,
// prim::CallMethod. Its first input is a chain of prim::GetAttr: the dotted path. So we inline from the top,
// one call at a time, and know the path of each call. The visitor inserts its own nodes after the calls that
// it needs.
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <cctype>
#include <unordered_map>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

// Tracing names the method "forward" for the first call of a module, then "forward1", "forward2" ...
static bool is_forward(const std::string &method) {
  static const std::string forward = "forward";
  if (method.compare(0, forward.size(), forward) != 0) return false;
  for (size_t i = forward.size(); i < method.size(); i++)
    if (!std::isdigit(static_cast<unsigned char>(method[i]))) return false;
  return true;
}

namespace {
class Walker {
 public:
  Walker(Graph &graph, const Visitor &visit) : graph_(graph), visit_(visit) {
    paths_[graph.inputs()[0]] = "";
    walk(graph.block());
  }
  size_t sites() const { return sites_; }

 private:
  void walk(Block *block) { walk(block->return_node()->next(), block->return_node()); }

  void walk(Node *first, Node *end) {
    for (Node *node = first; node != end;) {
      Node *next = node->next();
      for (Block *block : node->blocks()) walk(block);
      if (node->kind() == prim::GetAttr) follow(node);
      if (node->kind() == prim::CallMethod) inline_call(node);
      node = next;
    }
  }

  void follow(Node *get) {
    auto owner = paths_.find(get->input(0));
    auto type = get->output()->type()->cast<ClassType>();
    if (owner == paths_.end() || !type || !type->is_module()) return;
    std::string path = owner->second.empty() ? "" : owner->second + ".";
    path += get->s(attr::name);
    paths_[get->output()] = path;
  }

  void inline_call(Node *call) {
    // A call through an interface type is resolved at run time. It stays, and hides the calls inside.
    auto type = call->input(0)->type()->cast<ClassType>();
    if (!type) return;
    const std::string method = call->s(attr::name);
    GraphFunction *callee = tryToGraphFunction(type->getMethod(method));
    if (!callee) return;
    Node *before = call->prev(), *end = call->next();
    auto path = paths_.find(call->input(0));
    if (path != paths_.end() && !path->second.empty() && is_forward(method))
      visit_(graph_, Site{sites_++, path->second, type->name()->name(), call});
    inlineCallTo(call, callee, callee->graph().get());
    walk(before->next(), end);
  }

  Graph &graph_;
  const Visitor &visit_;
  size_t sites_ = 0;
  // Values are found by address. Only calls are destroyed meanwhile, and their outputs are never keys, so no
  // key dangles.
  std::unordered_map<Value *, std::string> paths_;
};
}  // namespace

static bool is_feature_operation(const std::string &name) {
  static const std::unordered_set<std::string> names = {"conv2d",
                                                        "_convolution",
                                                        "convolution",
                                                        "batch_norm",
                                                        "layer_norm",
                                                        "relu",
                                                        "relu6",
                                                        "leaky_relu",
                                                        "prelu",
                                                        "elu",
                                                        "gelu",
                                                        "silu",
                                                        "hardswish",
                                                        "hardtanh",
                                                        "sigmoid",
                                                        "tanh",
                                                        "mish",
                                                        "max_pool2d",
                                                        "avg_pool2d",
                                                        "add",
                                                        "cat",
                                                        "adaptive_avg_pool2d",
                                                        "adaptive_max_pool2d"};
  bool in_place = !name.empty() && name.back() == '_';
  return names.count(in_place ? name.substr(0, name.size() - 1) : name) != 0;
}

static void visit_operations(Graph &graph, Block *block, const Visitor &visit, size_t &sites) {
  for (Node *node = block->return_node()->next(); node != block->return_node();) {
    Node *next = node->next();
    for (Block *inner : node->blocks()) visit_operations(graph, inner, visit, sites);
    if (node->kind().is_aten() && node->outputs().size() == 1 &&
        node->output()->type()->isSubtypeOf(*TensorType::get())) {
      std::string name = node->kind().toUnqualString();
      if (is_feature_operation(name))
        visit(graph, Site{sites++, "value:" + node->output()->debugName(), name, node});
    }
    node = next;
  }
}

std::shared_ptr<Graph> walk_calls(const Module &module, const Visitor &visit) {
  auto graph = module.get_method("forward").graph()->copy();
  size_t sites = Walker(*graph, visit).sites();
  Inline(*graph);  // free functions, which contain no modules
  if (sites == 0) visit_operations(*graph, graph->block(), visit, sites);
  return graph;
}

}  // namespace checkrob
