// SPDX-License-Identifier: Apache-2.0
// The state of the module that a graph still reads: each cut has its own copy.
//
// Most models write to nothing; their frozen graphs read nothing. But several threads at once would write to
// a counter, or to a buffer that each run updates. And the validation of a new cut writes to the memory of a
// layer's output, which may be such a buffer.
#include <unordered_map>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

namespace {
class StateCopier {
 public:
  explicit StateCopier(std::function<bool(const at::Tensor &)> is_own) : is_own_(std::move(is_own)) {}

  c10::IValue copy(const c10::IValue &value) {
    if (value.isTensor()) return copy_tensor(value.toTensor());
    if (value.isObject()) return copy_object(value.toObject());
    if (value.isList() || value.isTuple() || value.isGenericDict()) return value.deepcopy();
    return value;
  }

 private:
  // Views of the same memory stay views of the same memory.
  at::Tensor copy_tensor(const at::Tensor &tensor) {
    if (!tensor.defined() || !is_own_(tensor)) return tensor;
    const void *memory = memory_of(tensor);
    if (!memory || tensor.is_quantized()) return tensor.clone();
    auto known = memories_.find(memory);
    if (known == memories_.end()) {
      int64_t bytes = static_cast<int64_t>(tensor.storage().nbytes());
      int64_t size = bytes / static_cast<int64_t>(tensor.element_size());
      at::Tensor whole = at::empty({0}, tensor.options()).set_(tensor.storage(), 0, {size}, {1});
      known = memories_.emplace(memory, whole.clone()).first;
    }
    return at::empty({0}, tensor.options())
        .set_(known->second.storage(), tensor.storage_offset(), tensor.sizes(), tensor.strides());
  }

  c10::IValue copy_object(const c10::intrusive_ptr<c10::ivalue::Object> &object) {
    for (const c10::IValue &slot : object->slots())
      if (slot.isCapsule()) return object;  // packed int8 weights, which nothing writes to
    auto known = objects_.find(object.get());
    if (known != objects_.end()) return known->second;
    auto copied = object->copy();
    objects_.emplace(object.get(), copied);
    for (size_t i = 0; i < object->slots().size(); i++) copied->setSlot(i, copy(object->getSlot(i)));
    return copied;
  }

  std::function<bool(const at::Tensor &)> is_own_;
  std::unordered_map<const void *, c10::intrusive_ptr<c10::ivalue::Object>> objects_;
  std::unordered_map<const void *, at::Tensor> memories_;
};
}  // namespace

// Nothing writes to parameters, and those of a graph that was not frozen are all the weights.
c10::IValue own_buffers(const Module &module) {
  std::unordered_set<const void *> parameters;
  for (const at::Tensor &parameter : module.parameters()) parameters.insert(memory_of(parameter));
  c10::NoGradGuard off;
  StateCopier copier([&](const at::Tensor &tensor) { return parameters.count(memory_of(tensor)) == 0; });
  return copier.copy(module._ivalue());
}

c10::IValue own_state(Graph &graph, const Module &module) {
  if (graph.inputs()[0]->uses().empty()) return module._ivalue();
  // A call that cannot be inspected may read anything.
  bool all = has_opaque_calls(graph);
  std::unordered_set<const void *> read;
  for_each_attribute(graph, module, [&](Node *, const c10::IValue &value) {
    if (value.isTensor()) read.insert(memory_of(value.toTensor()));
  });
  c10::NoGradGuard off;
  StateCopier copier([&](const at::Tensor &tensor) { return all || read.count(memory_of(tensor)) != 0; });
  return copier.copy(module._ivalue());
}

}  // namespace checkrob
