// Running a batch: forward, and backward to the layer that is cut.
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <cstring>
#include <limits>

#include "internal.hpp"

namespace checkrob {

c10::IValue execute(const shim_model &model, const torch::jit::Code &code, const at::Tensor &input) {
  // The number of threads is a property of each thread that computes; this one may be new.
  at::init_num_threads();
  torch::jit::Stack stack{model.module._ivalue(), input};
  stack.insert(stack.end(), model.defaults.begin(), model.defaults.end());
  torch::jit::InterpreterState(code).run(stack);
  return stack.at(0);
}

// [N,K], or [N,K,1,1] from a convolutional classifier.
static at::Tensor as_logits(const c10::IValue &value, int64_t batch) {
  if (!value.isTensor()) return {};
  at::Tensor tensor = value.toTensor();
  if (!tensor.defined() || tensor.is_complex()) return {};
  bool mapped = tensor.dim() == 4 && tensor.size(2) == 1 && tensor.size(3) == 1;
  if ((tensor.dim() != 2 && !mapped) || tensor.size(0) != batch) return {};
  return tensor.flatten(1).to(at::kFloat);
}

static std::vector<c10::IValue> candidates(const c10::IValue &result) {
  if (result.isTuple()) return result.toTupleRef().elements();
  if (result.isList()) return result.toListRef().vec();
  if (!result.isGenericDict()) return {result};
  std::vector<c10::IValue> values;
  auto dict = result.toGenericDict();
  for (const char *name : {"logits", "out"})
    for (const auto &entry : dict)
      if (entry.key().isString() && entry.key().toStringRef() == name) values.push_back(entry.value());
  for (const auto &entry : dict) values.push_back(entry.value());
  return values;
}

static std::string describe(const c10::IValue &result) {
  if (!result.isTensor()) return "a " + result.tagKind() + " that holds none";
  at::Tensor tensor = result.toTensor();
  return tensor.defined() ? "a tensor " + shape_text(tensor.sizes()) : "an undefined tensor";
}

at::Tensor select_logits(const c10::IValue &result, int64_t batch) {
  at::Tensor logits;
  for (const c10::IValue &value : candidates(result)) {
    logits = as_logits(value, batch);
    if (logits.defined()) break;
  }
  if (!logits.defined())
    throw Failure{SHIM_UNSUPPORTED, "the model should return logits [N,K] for N = " + std::to_string(batch) +
                                        " images, but gave " + describe(result) +
                                        " (an archive traced with a fixed batch cannot be used: export it "
                                        "again with dynamic batch or by torch.jit.script)"};
  if (logits.size(1) < 2)
    throw Failure{SHIM_UNSUPPORTED,
                  "the model gives " + std::to_string(logits.size(1)) +
                      " logit for each image; a classifier of at least 2 classes is needed (wrap a binary "
                      "one so that it returns a logit for each class)"};
  return logits;
}

static void check_batch(const shim_model &model, const int64_t shape[4], const int64_t *targets) {
  if (!model.program) throw Failure{SHIM_BAD_ARGUMENT, "no program to run: call shim_model_cut first"};
  if (shape[0] < 1 || shape[1] != 3 || shape[2] < 1 || shape[3] < 1)
    throw Failure{SHIM_BAD_ARGUMENT, "the input should be [N,3,H,W], not " + shape_text({shape, 4})};
  if (!targets) return;
  if (model.program->layer.empty())
    throw Failure{SHIM_BAD_ARGUMENT, "no layer is cut, so that there is nothing to take gradients at"};
  for (int64_t n = 0; n < shape[0]; n++)
    if (targets[n] < 0 || targets[n] >= model.classes)
      throw Failure{SHIM_BAD_ARGUMENT, "target " + std::to_string(targets[n]) + " of image " +
                                           std::to_string(n) + " of the batch: the model has classes 0 to " +
                                           std::to_string(model.classes - 1)};
}

// The copy is the model's: many begin by normalising their input in place.
static at::Tensor copy_of(const float *input, const int64_t shape[4]) {
  auto *data = const_cast<float *>(input);
  return at::from_blob(data, {shape[0], shape[1], shape[2], shape[3]}, at::kFloat).clone();
}

static c10::IValue forward(const shim_model &model, const at::Tensor &input, CutRun &run) {
  try {
    return execute_cut(model, *model.program, input, run);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &exception) {
    bool as_probed = input.size(2) == model.probed[2] && input.size(3) == model.probed[3];
    std::string reason = essence(exception);
    if (as_probed || reason.find("DefaultCPUAllocator") != std::string::npos) throw;
    throw Failure{SHIM_BAD_ARGUMENT,
                  "the model refuses an input of " + shape_text(input.sizes()) + ": " + reason};
  }
}

// [N]: what each image's map explains. The probability is taken in double: near 1 its gradient, p (1 - p),
// would vanish in float.
static at::Tensor scores(const at::Tensor &logits, const at::Tensor &index, int score) {
  if (score == SHIM_SCORE_PROBABILITY) return logits.to(at::kDouble).softmax(1).gather(1, index);
  at::Tensor target = logits.gather(1, index);
  if (score != SHIM_SCORE_MARGIN) return target;
  double nothing = -std::numeric_limits<double>::infinity();
  return target - std::get<0>(logits.scatter(1, index, nothing).max(1, /*keepdim=*/true));
}

// One backward pass serves the whole batch: image n's logits depend on image n's activation only.
static at::Tensor backward(const at::Tensor &logits, const at::Tensor &leaf, const int64_t *targets,
                           int score, const std::string &layer) {
  c10::AutoGradMode on(true);
  at::Tensor gradient;
  if (logits.requires_grad()) {
    at::Tensor index = at::from_blob(const_cast<int64_t *>(targets), {logits.size(0), 1}, at::kLong);
    at::Tensor sum = scores(logits, index, score).sum();
    gradient = torch::autograd::grad({sum}, {leaf}, {}, {}, false, /*allow_unused=*/true)[0];
  }
  if (!gradient.defined())
    throw Failure{SHIM_UNSUPPORTED, "layer \"" + layer +
                                        "\" does not influence the logits in a differentiable way, so that "
                                        "there is no gradient; choose another layer"};
  return gradient;
}

static float *array_of(const at::Tensor &tensor) {
  at::Tensor source = tensor.detach().to(at::kFloat).contiguous();
  size_t bytes = static_cast<size_t>(source.numel()) * sizeof(float);
  auto *array = static_cast<float *>(std::malloc(bytes ? bytes : 1));
  if (!array) throw std::bad_alloc();
  if (bytes) std::memcpy(array, source.data_ptr<float>(), bytes);
  return array;
}

static void check_activation(const CutRun &run, const std::string &layer, int64_t batch) {
  if (!run.leaf.defined())
    throw Failure{SHIM_UNSUPPORTED, "layer \"" + layer + "\" was not executed for this input"};
  if (run.leaf.dim() != 4 || run.leaf.size(0) != batch)
    throw Failure{SHIM_UNSUPPORTED, "layer \"" + layer + "\" gave " + shape_text(run.leaf.sizes()) +
                                        " for a batch of " + std::to_string(batch) + ", not [N,C,h,w]"};
}

namespace {
// Frees what is there if a later step fails.
struct Arrays {
  shim_capture capture{};
  ~Arrays() { shim_capture_free(&capture); }
  shim_capture release() {
    shim_capture released = capture;
    capture = shim_capture{};
    return released;
  }
};
}  // namespace

static shim_capture run_batch(const shim_model &model, const float *input, const int64_t shape[4],
                              const int64_t *targets) {
  check_batch(model, shape, targets);
  // The cut turns grad mode on in the middle of the graph; this guard restores the caller's on all paths.
  c10::NoGradGuard off;
  const std::string &layer = model.program->layer;
  CutRun run;
  run.want_gradient = targets != nullptr;
  c10::IValue result = forward(model, copy_of(input, shape), run);
  at::Tensor logits = select_logits(result, shape[0]);
  if (logits.size(1) != model.classes)
    throw Failure{SHIM_UNSUPPORTED, "the model gave " + std::to_string(logits.size(1)) + " logits, but " +
                                        std::to_string(model.classes) + " when probed"};
  Arrays arrays;
  shim_capture &capture = arrays.capture;
  capture.batch = shape[0];
  capture.classes = model.classes;
  if (!layer.empty()) {
    check_activation(run, layer, shape[0]);
    capture.channels = run.leaf.size(1);
    capture.height = run.leaf.size(2);
    capture.width = run.leaf.size(3);
    capture.activation = array_of(run.leaf);
    if (targets) capture.gradient = array_of(backward(logits, run.leaf, targets, model.score, layer));
  }
  capture.logits = array_of(logits);
  return arrays.release();
}

}  // namespace checkrob

int shim_model_run(shim_capture *out, shim_model *model, const float *input, const int64_t shape[4],
                   const int64_t *targets, shim_error *error) {
  return checkrob::guarded(error, "running the model",
                           [&] { *out = checkrob::run_batch(*model, input, shape, targets); });
}

void shim_model_set_score(shim_model *model, int score) {
  model->score = score;
}

void shim_capture_free(shim_capture *capture) {
  if (!capture) return;
  std::free(capture->logits);
  std::free(capture->activation);
  std::free(capture->gradient);
  *capture = shim_capture{};
}
