// SPDX-License-Identifier: Apache-2.0
// What the model returns: its outputs, and which of them has the logits.
//
// A model may return several tensors [N,K]: (features, logits), a dictionary, the logits of auxiliary
// classifiers. The choice is made once, in the probing run, and is reported; every later run uses the same
// output.
#include <ATen/core/jit_type.h>

#include <algorithm>
#include <tuple>

#include "internal.hpp"

namespace checkrob {

using namespace torch::jit;

// ---- one output

// [N] or [N,1]: one logit z for each image becomes the logits (-z/2, z/2) of two classes. Their softmax is
// the sigmoid of z, and unlike (0, z) both have a gradient.
static at::Tensor as_pair(const at::Tensor &logits) {
  at::Tensor half = logits * 0.5;
  return at::cat({half.neg(), half}, 1);
}

// squeeze() of one logit of one image leaves a number without axes.
static bool is_one_logit(const at::Tensor &tensor, int64_t batch) {
  return tensor.numel() == batch && tensor.dim() <= 1;
}

// [N,K], or [N,K,1,1] from a convolutional classifier. Integers are something else, such as the indices of
// the best classes.
static at::Tensor as_logits(const c10::IValue &value, int64_t batch) {
  if (!value.isTensor()) return {};
  const at::Tensor &tensor = value.toTensor();
  if (!tensor.defined() || !tensor.is_floating_point()) return {};
  if (is_one_logit(tensor, batch)) return as_pair(tensor.reshape({batch, 1}).to(at::kFloat));
  bool mapped = tensor.dim() == 4 && tensor.size(2) == 1 && tensor.size(3) == 1;
  if ((tensor.dim() != 2 && !mapped) || tensor.size(0) != batch || tensor.size(1) < 1) return {};
  at::Tensor logits = tensor.flatten(1).to(at::kFloat);
  return logits.size(1) == 1 ? as_pair(logits) : logits;
}

static bool is_pair(const c10::IValue &value, int64_t batch) {
  return value.toTensor().numel() == batch;
}

static std::vector<std::string> field_names(const c10::IValue &tuple, size_t count) {
  std::vector<std::string> names;
  auto schema = tuple.type()->expectRef<c10::TupleType>().schema();
  for (size_t i = 0; i < count; i++)
    names.push_back(schema && i < schema->arguments().size() ? schema->arguments()[i].name()
                                                             : std::to_string(i));
  return names;
}

namespace {
struct Returned {
  std::string name;
  c10::IValue value;
};
}  // namespace

// In the order in which the model returns them.
static std::vector<Returned> outputs_of(const c10::IValue &result) {
  std::vector<Returned> outputs;
  if (result.isTuple()) {
    const auto &elements = result.toTupleRef().elements();
    std::vector<std::string> names = field_names(result, elements.size());
    for (size_t i = 0; i < elements.size(); i++) outputs.push_back({names[i], elements[i]});
  } else if (result.isList()) {
    for (const c10::IValue &value : result.toListRef())
      outputs.push_back({std::to_string(outputs.size()), value});
  } else if (result.isGenericDict()) {
    for (const auto &entry : result.toGenericDict())
      outputs.push_back({entry.key().isString() ? entry.key().toStringRef() : std::to_string(outputs.size()),
                         entry.value()});
  } else {
    outputs.push_back({"0", result});
  }
  return outputs;
}

at::Tensor take_logits(const shim_model &model, const c10::IValue &result, int64_t batch) {
  std::vector<Returned> outputs = outputs_of(result);
  at::Tensor logits;
  if (model.output < outputs.size()) logits = as_logits(outputs[model.output].value, batch);
  if (logits.defined()) return logits;
  throw Failure{SHIM_UNSUPPORTED, "the model returned no logits [N,K] for N = " + std::to_string(batch) +
                                      " images, as it did in the probing run"};
}

// ---- which values are computed from which

static void gather(Value *value, std::unordered_set<Value *> &found);

static void gather_from(Node *node, std::unordered_set<Value *> &found) {
  for (Value *input : node->inputs()) gather(input, found);
  for (Block *block : node->blocks()) {
    for (Node *inner : block->nodes()) gather_from(inner, found);
    for (Value *output : block->outputs()) gather(output, found);
  }
}

static void gather(Value *value, std::unordered_set<Value *> &found) {
  if (found.insert(value).second) gather_from(value->node(), found);
}

// The largest of several numbers, or the best classes' logits.
static bool is_selection(const Value *value) {
  static const std::unordered_set<std::string> names = {"topk", "sort", "max", "kthvalue", "gather"};
  return value->node()->kind().is_aten() && names.count(value->node()->kind().toUnqualString()) != 0;
}

// The graph's values of the outputs; empty if the graph does not show them.
static std::vector<Value *> values_of(Graph &graph) {
  Node *owner = graph.return_node();
  if (owner->inputs().size() == 1 && holds_outputs(owner->input(0)->node())) owner = owner->input(0)->node();
  size_t step = owner->kind() == prim::DictConstruct ? 2 : 1;
  std::vector<Value *> values;
  for (size_t i = step - 1; i < owner->inputs().size(); i += step) values.push_back(owner->input(i));
  return values;
}

// ---- the choice

static int rank_of(const std::string &name) {
  if (name == "logits") return 0;
  return name == "out" ? 1 : 2;
}

// Outputs with smaller keys are better logits.
static void choose(shim_model &model, const std::vector<Returned> &returned, Graph &graph, int64_t batch) {
  std::vector<Value *> values = values_of(graph);
  if (values.size() != returned.size()) values.clear();
  auto is_source = [&](size_t i) {  // of another output with another number of classes: features
    for (size_t j = 0; j < values.size(); j++) {
      if (!model.outputs[j].classes || model.outputs[j].classes == model.outputs[i].classes) continue;
      std::unordered_set<Value *> sources;
      gather_from(values[j]->node(), sources);
      if (!is_selection(values[j]) && sources.count(values[i])) return true;
    }
    return false;
  };
  using Key = std::tuple<bool, int, bool, bool, bool, bool>;
  std::optional<Key> best;
  for (size_t i = 0; i < returned.size(); i++) {
    const OutputShape &output = model.outputs[i];
    if (!output.classes) continue;
    bool few = output.classes < model.least_classes, exact = output.classes == model.least_classes;
    Key key{few,
            rank_of(output.name),
            !values.empty() && is_selection(values[i]),
            model.least_classes && !exact,
            is_pair(returned[i].value, batch),
            !values.empty() && is_source(i)};
    if (best && !(key < *best)) continue;
    best = key;
    model.output = i;
  }
}

static std::string text_of(const shim_model &model, size_t i) {
  const OutputShape &output = model.outputs[i];
  std::string shape = output.rank < 0 ? "no tensor" : shape_text(output.shape);
  if (output.name == std::to_string(i)) return output.name + " " + shape;
  return "\"" + output.name + "\" " + shape;
}

static std::string list_outputs(const shim_model &model) {
  std::string text;
  for (size_t i = 0; i < model.outputs.size(); i++) text += (i ? ", " : "") + text_of(model, i);
  return text;
}

// The output that the caller named: by its name, else by its number.
static void find_wanted(shim_model &model) {
  const std::string &wanted = model.wanted_output;
  size_t found = model.outputs.size();
  for (size_t i = model.outputs.size(); i > 0; i--)
    if (std::to_string(i - 1) == wanted) found = i - 1;
  for (size_t i = model.outputs.size(); i > 0; i--)
    if (model.outputs[i - 1].name == wanted) found = i - 1;
  if (found == model.outputs.size())
    throw Failure{SHIM_NOT_FOUND,
                  "the model has no output \"" + wanted + "\"; its outputs are " + list_outputs(model)};
  if (!model.outputs[found].classes)
    throw Failure{SHIM_UNSUPPORTED, "the output " + text_of(model, found) +
                                        " cannot be logits, which are [N,K] floats; the outputs are " +
                                        list_outputs(model)};
  model.output = found;
}

static OutputShape shape_of(const Returned &returned, int64_t batch) {
  OutputShape output;
  output.name = returned.name;
  if (!returned.value.isTensor() || !returned.value.toTensor().defined()) return output;
  output.rank = static_cast<int>(returned.value.toTensor().dim());
  output.shape = returned.value.toTensor().sizes().vec();
  at::Tensor logits = as_logits(returned.value, batch);
  if (logits.defined()) output.classes = logits.size(1);
  return output;
}

static std::string describe(const c10::IValue &result) {
  if (!result.isTensor()) return "a " + result.tagKind() + " without logits";
  const at::Tensor &tensor = result.toTensor();
  return tensor.defined() ? "a tensor " + shape_text(tensor.sizes()) : "an undefined tensor";
}

at::Tensor choose_logits(shim_model &model, const c10::IValue &result, Graph &graph, int64_t batch) {
  std::vector<Returned> returned = outputs_of(result);
  model.outputs.clear();
  for (const Returned &output : returned) model.outputs.push_back(shape_of(output, batch));
  bool any = std::any_of(model.outputs.begin(), model.outputs.end(),
                         [](const OutputShape &output) { return output.classes > 0; });
  if (!any)
    throw Failure{SHIM_UNSUPPORTED, "the model should return logits [N,K] for N = " + std::to_string(batch) +
                                        " images, but returned " + describe(result) +
                                        (returned.size() > 1 ? ": " + list_outputs(model) : "") +
                                        " (if it was traced with another number of images, export it "
                                        "again by torch.jit.script, or trace it with one image)"};
  if (model.wanted_output.empty())
    choose(model, returned, graph, batch);
  else
    find_wanted(model);
  model.one_logit = is_pair(returned[model.output].value, batch);
  return take_logits(model, result, batch);
}

std::string describe_outputs(const shim_model &model) {
  if (model.outputs.size() < 2) return "";
  std::string others;
  size_t count = 0;
  for (size_t i = 0; i < model.outputs.size(); i++) {
    if (i == model.output || model.outputs[i].classes < std::max<int64_t>(model.least_classes, 1)) continue;
    others += (count++ ? ", " : "") + text_of(model, i);
  }
  std::string text = "The model returns " + std::to_string(model.outputs.size()) +
                     " outputs: " + list_outputs(model) + "; the logits are " + text_of(model, model.output);
  if (model.wanted_output.empty() && count > 0)
    text += "; the option output chooses another, if they are " + others;
  return text + ".";
}

}  // namespace checkrob

size_t shim_model_output_count(const shim_model *model) {
  return model->outputs.size();
}

void shim_model_output(const shim_model *model, size_t index, shim_output *out) {
  const checkrob::OutputShape &output = model->outputs[index];
  *out = shim_output{};
  out->name = output.name.c_str();
  out->rank = output.rank;
  for (size_t i = 0; i < output.shape.size() && i < SHIM_MAX_RANK; i++) out->shape[i] = output.shape[i];
  out->classes = output.classes;
  out->taken = index == model->output;
}
