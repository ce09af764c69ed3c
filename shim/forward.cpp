// SPDX-License-Identifier: Apache-2.0
// Runs a batch: forward, and backward to the cut layers.
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "internal.hpp"

namespace checkrob {

c10::IValue execute(const shim_model &model, const torch::jit::Code &code, const c10::IValue &self,
                    const at::Tensor &input) {
  adopt_threads();
  torch::jit::Stack stack{self, input};
  stack.insert(stack.end(), model.defaults.begin(), model.defaults.end());
  torch::jit::InterpreterState(code).run(stack);
  return stack.at(0);
}

static void check_batch(const shim_cut &cut, const int64_t shape[4], const int64_t *targets,
                        bool activations) {
  check_shape(shape);
  if (!targets) return;
  if (cut.program.layers.empty() || !activations)
    throw Failure{SHIM_BAD_ARGUMENT,
                  "targets for a cut without layers or activations, which has no gradients"};
  for (int64_t n = 0; n < shape[0]; n++)
    if (targets[n] < 0 || targets[n] >= cut.model.classes)
      throw Failure{SHIM_BAD_ARGUMENT, "target " + std::to_string(targets[n]) + " of image " +
                                           std::to_string(n) +
                                           " of the batch is out of range: the model has classes 0 to " +
                                           std::to_string(cut.model.classes - 1)};
  for (const Layer &layer : cut.program.layers)
    if (layer.is_quantized)
      throw Failure{SHIM_UNSUPPORTED, "layer \"" + layer.path +
                                          "\" returns int8-quantised values, which have no gradient; use a "
                                          "method without gradients (eigencam, scorecam, ablationcam), or "
                                          "export the model before it is quantised"};
}

// The copy belongs to the model: many models normalise their input in place.
static at::Tensor copy_of(const float *input, const int64_t shape[4], c10::Device device) {
  auto *data = const_cast<float *>(input);
  at::Tensor tensor = at::from_blob(data, {shape[0], shape[1], shape[2], shape[3]}, at::kFloat);
  return device.is_cpu() ? tensor.clone() : tensor.to(device);
}

static c10::IValue forward(const shim_cut &cut, const at::Tensor &input, CutRun &run) {
  try {
    return execute_cut(cut.model, cut.program, input, run);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &exception) {
    bool as_probed = input.size(2) == cut.model.probed[2] && input.size(3) == cut.model.probed[3];
    if (!as_probed) refuse_input(input.sizes(), cut.model.device, exception);
    throw;
  }
}

// [N]: the score of each image. Probabilities are computed in double: near 1 the gradient, p (1 - p), would
// vanish in float.
static at::Tensor scores(const at::Tensor &logits, const at::Tensor &index, int score, int ending) {
  at::Tensor target = logits.gather(1, index);
  if (score == SHIM_SCORE_PROBABILITY) {
    if (ending == SHIM_ENDING_PROBABILITIES) return target;
    if (ending == SHIM_ENDING_SIGMOID) return target.to(at::kDouble).sigmoid();
    return logits.to(at::kDouble).softmax(1).gather(1, index);
  }
  double nothing = -std::numeric_limits<double>::infinity();
  if (score == SHIM_SCORE_LOG_ODDS) {
    at::Tensor exact = target.to(at::kDouble);
    if (ending == SHIM_ENDING_PROBABILITIES) /* finite even if it was rounded to 0 or 1 */
      return exact.clamp_min(SHIM_LEAST_PROBABILITY).log() - (1.0 - exact).clamp_min(SHIM_LEAST_REST).log();
    if (ending == SHIM_ENDING_SIGMOID || logits.size(1) == 1) return exact;
    return exact - logits.to(at::kDouble).scatter(1, index, nothing).logsumexp(1, /*keepdim=*/true);
  }
  if (score != SHIM_SCORE_MARGIN) return target;
  return target - std::get<0>(logits.scatter(1, index, nothing).max(1, /*keepdim=*/true));
}

// One backward pass serves the whole batch, because image n's logits depend on image n's activation only.
std::vector<at::Tensor> gradients(const at::Tensor &logits, const CutRun &run, const int64_t *targets,
                                  int score, int ending) {
  c10::AutoGradMode on(true);
  std::vector<at::Tensor> leaves;
  for (const Tap &tap : run.taps)
    if (tap.leaf.defined() && tap.leaf.requires_grad()) leaves.push_back(tap.leaf);
  std::vector<at::Tensor> by_leaf(leaves.size());
  if (logits.requires_grad()) {
    at::Tensor index = at::from_blob(const_cast<int64_t *>(targets), {logits.size(0), 1}, at::kLong);
    at::Tensor sum = scores(logits, index.to(logits.device()), score, ending).sum();
    by_leaf = torch::autograd::grad({sum}, leaves, {}, {}, false, /*allow_unused=*/true);
  }
  std::vector<at::Tensor> by_tap;
  size_t next = 0;
  for (const Tap &tap : run.taps)
    by_tap.push_back(tap.leaf.defined() && tap.leaf.requires_grad() ? by_leaf[next++] : at::Tensor());
  return by_tap;
}

[[noreturn]] static void no_gradient(const Program &program, const Layer &layer) {
  if (!program.quantized.empty())
    throw Failure{SHIM_UNSUPPORTED, "after layer \"" + layer.path + "\" the model computes with int8 (" +
                                        program.quantized +
                                        "), which has no gradient; use a method without gradients (eigencam, "
                                        "scorecam, ablationcam), or export the model before it is quantised"};
  if (!program.detached.empty())
    throw Failure{SHIM_UNSUPPORTED,
                  "the model computes without gradients after layer \"" + layer.path + "\" (" +
                      program.detached +
                      "); use a method without gradients (eigencam, scorecam, ablationcam), "
                      "or another layer"};
  throw Failure{SHIM_UNSUPPORTED, "layer \"" + layer.path +
                                      "\" has no differentiable influence on the logits, so there is "
                                      "no gradient; choose another layer, or a method without gradients "
                                      "(eigencam, scorecam, ablationcam)"};
}

static std::vector<at::Tensor> backward(const shim_cut &cut, const at::Tensor &logits, const CutRun &run,
                                        const int64_t *targets) {
  const Program &program = cut.program;
  std::vector<at::Tensor> found;
  try {
    found = gradients(logits, run, targets, cut.score, cut.model.ending);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &) {
    if (program.quantized.empty()) throw;
    no_gradient(program, program.layers[0]);
  }
  for (size_t i = 0; i < found.size(); i++)
    if (!found[i].defined()) no_gradient(program, program.layers[i]);
  return found;
}

// In one step, for tensors of a GPU too.
static float *array_of(const at::Tensor &tensor) {
  size_t bytes = static_cast<size_t>(tensor.numel()) * sizeof(float);
  std::unique_ptr<float, void (*)(void *)> array(static_cast<float *>(std::malloc(bytes ? bytes : 1)),
                                                 &std::free);
  if (!array) throw std::bad_alloc();
  if (bytes) at::from_blob(array.get(), tensor.sizes(), at::kFloat).copy_(tensor.detach());
  return array.release();
}

// The placement in the output of this run, whose size may differ from that of the probing run.
static Placement place_again(const at::Tensor &leaf, const Layer &layer, const at::Tensor &input) {
  if (leaf.dim() == layer.rank && leaf.size(0) == input.size(0)) {
    LayoutChoice same{layer.placement.layout, layer.placement.prefix};
    auto placement = place_map(leaf.sizes(), input.size(2), input.size(3), same);
    if (!placement) placement = place_vector(leaf.sizes());
    if (placement) return *placement;
  }
  throw Failure{SHIM_UNSUPPORTED,
                "layer \"" + layer.path + "\" returned " + shape_text(leaf.sizes()) + " for an input of " +
                    shape_text(input.sizes()) +
                    ", which is not a feature map as in the probing run; choose another layer"};
}

namespace {
// Activations and gradients of a batch, [N,C,h,w] for each layer.
struct Maps {
  at::Tensor logits;
  std::vector<at::Tensor> activations, gradients;
};
}  // namespace

static Maps run_tensor(const shim_cut &cut, const at::Tensor &input, const int64_t *targets,
                       bool activations) {
  const Program &program = cut.program;
  CutRun run = make_run(program);
  run.store = activations;
  run.want_gradient = targets != nullptr;
  Maps maps;
  maps.logits = take_logits(cut.model, forward(cut, input, run), input.size(0));
  if (maps.logits.size(1) != cut.model.classes)
    throw Failure{SHIM_UNSUPPORTED, "the model returned " + std::to_string(maps.logits.size(1)) +
                                        " logits, but " + std::to_string(cut.model.classes) +
                                        " in the probing run"};
  if (!activations) return maps;
  for (size_t i = 0; i < run.taps.size(); i++)
    if (!run.taps[i].leaf.defined())
      throw Failure{SHIM_UNSUPPORTED, "layer \"" + program.layers[i].path +
                                          "\" was not called for this input; choose another layer"};
  std::vector<at::Tensor> found;
  if (targets) found = backward(cut, maps.logits, run, targets);
  for (size_t i = 0; i < run.taps.size(); i++) {
    at::Tensor leaf = run.taps[i].leaf.detach();
    if (leaf.is_quantized()) leaf = leaf.dequantize();
    Placement placement = place_again(leaf, program.layers[i], input);
    maps.activations.push_back(as_map(leaf, placement));
    if (targets) maps.gradients.push_back(as_map(found[i], placement));
  }
  return maps;
}

// An archive with a fixed batch size receives the images in parts of that size. The results of images that
// fill up the last part are discarded.
static Maps run_in_parts(const shim_cut &cut, const at::Tensor &input, const int64_t *targets,
                         bool activations) {
  int64_t batch = cut.program.batch, images = input.size(0);
  std::vector<Maps> parts;
  for (int64_t n = 0; n < images; n += batch) {
    int64_t count = std::min(batch, images - n);
    std::vector<int64_t> own;
    if (targets) own.assign(targets + n, targets + n + count);
    if (targets) own.resize(static_cast<size_t>(batch), own.back());
    at::Tensor part = fill_batch(input.narrow(0, n, count), batch);
    parts.push_back(run_tensor(cut, part, targets ? own.data() : nullptr, activations));
  }
  auto join = [&](const std::function<at::Tensor(const Maps &)> &part) {
    std::vector<at::Tensor> tensors;
    for (const Maps &maps : parts) tensors.push_back(part(maps));
    return at::cat(tensors).narrow(0, 0, images);
  };
  Maps maps;
  maps.logits = join([](const Maps &part) { return part.logits; });
  for (size_t i = 0; i < parts[0].activations.size(); i++)
    maps.activations.push_back(join([i](const Maps &part) { return part.activations[i]; }));
  for (size_t i = 0; i < parts[0].gradients.size(); i++)
    maps.gradients.push_back(join([i](const Maps &part) { return part.gradients[i]; }));
  return maps;
}

static Maps run_any(const shim_cut &cut, const at::Tensor &input, const int64_t *targets, bool activations) {
  int64_t batch = cut.program.batch;
  if (batch && input.size(0) != batch) return run_in_parts(cut, input, targets, activations);
  return run_tensor(cut, input, targets, activations);
}

namespace {
// Frees the arrays if a later step fails.
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

static shim_capture run_batch(const shim_cut &cut, const float *input, const int64_t shape[4],
                              const int64_t *targets, bool activations) {
  check_batch(cut, shape, targets, activations);
  // The cut enables grad mode in the middle of the graph. This guard restores the mode of the caller on all
  // paths.
  c10::NoGradGuard off;
  Maps maps = run_any(cut, copy_of(input, shape, cut.model.device), targets, activations);
  Arrays arrays;
  shim_capture &capture = arrays.capture;
  capture.batch = shape[0];
  capture.classes = cut.model.classes;
  capture.layers = cut.program.layers.size();
  capture.maps = static_cast<shim_map *>(std::calloc(capture.layers + 1, sizeof *capture.maps));
  if (!capture.maps) {
    capture.layers = 0;
    throw std::bad_alloc();
  }
  for (size_t i = 0; i < maps.activations.size(); i++) {
    shim_map &map = capture.maps[i];
    map.channels = maps.activations[i].size(1);
    map.height = maps.activations[i].size(2);
    map.width = maps.activations[i].size(3);
    map.activation = array_of(maps.activations[i]);
    if (targets) map.gradient = array_of(maps.gradients[i]);
  }
  capture.logits = array_of(maps.logits);
  return arrays.release();
}

// ---- ablation

// Logits of one image with channels set to zero, and before them, in first_row rows, those of the unchanged
// image.
static at::Tensor run_ablated(const shim_cut &cut, const at::Tensor &image, const Ablation &ablation) {
  const Program &program = cut.program;
  int64_t used = ablation.first_row + ablation.removed.size(0), rows = program.batch ? program.batch : used;
  CutRun run = make_run(program);
  run.ablation = &ablation;
  at::Tensor input = ablation.broadcast ? image.clone() : fill_batch(image, rows);
  return take_logits(cut.model, execute_cut(cut.model, program, input, run), rows).narrow(0, 0, used);
}

// The part before the layer runs only once, which saves half of the work. This needs layers after it that
// accept a larger batch. To check this, the first row is the unchanged image: if its logits are right, the
// arithmetic of all rows is.
static at::Tensor try_broadcast(const shim_cut &cut, const at::Tensor &image, const at::Tensor &whole,
                                Ablation ablation) {
  ablation.broadcast = true;
  ablation.first_row = 1;
  try {
    at::Tensor logits = run_ablated(cut, image, ablation);
    double scale = whole.abs().max().item<double>();
    if (at::allclose(logits.narrow(0, 0, 1), whole, 1e-3, 1e-3 * scale, /*equal_nan=*/true))
      return logits.narrow(0, 1, ablation.removed.size(0));
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &) {
  } catch (const Failure &) {
  }
  return {};
}

static at::Tensor ablate_rows(shim_cut &cut, const at::Tensor &image, size_t layer, const at::Tensor &removed,
                              int64_t batch) {
  const Program &program = cut.program;
  CutRun run = make_run(program);
  at::Tensor input = fill_batch(image, program.batch);
  at::Tensor whole = take_logits(cut.model, forward(cut, input, run), input.size(0)).narrow(0, 0, 1);
  Ablation ablation;
  ablation.tap = layer;
  ablation.placement = place_again(run.taps[layer].leaf, program.layers[layer], input);
  if (ablation.placement.channels != removed.size(1))
    throw Failure{SHIM_BAD_ARGUMENT, "layer \"" + program.layers[layer].path + "\" has " +
                                         std::to_string(ablation.placement.channels) + " channels, not " +
                                         std::to_string(removed.size(1))};
  if (program.batch) batch = program.batch;
  std::vector<at::Tensor> parts;
  for (int64_t row = 0; row < removed.size(0); row += batch) {
    ablation.removed = removed.narrow(0, row, std::min(batch, removed.size(0) - row));
    at::Tensor part;
    if (cut.broadcasts && !program.batch) part = try_broadcast(cut, image, whole, ablation);
    cut.broadcasts = part.defined();
    parts.push_back(part.defined() ? part : run_ablated(cut, image, ablation));
  }
  return at::cat(parts);
}

static void run_ablation(float **out, shim_cut &cut, const float *input, const int64_t shape[4], size_t layer,
                         const unsigned char *removed, int64_t rows, int64_t channels, int64_t batch) {
  check_batch(cut, shape, nullptr, true);
  if (shape[0] != 1 || layer >= cut.program.layers.size() || batch < 1 || rows < 1 || channels < 1)
    throw Failure{SHIM_BAD_ARGUMENT, "ablation needs one image, one of the layers of the cut, and rows"};
  c10::NoGradGuard off;
  at::Tensor bytes = at::empty({rows, channels}, at::kByte);
  std::memcpy(bytes.data_ptr<uint8_t>(), removed, static_cast<size_t>(rows * channels));
  at::Tensor image = copy_of(input, shape, cut.model.device);
  *out = array_of(ablate_rows(cut, image, layer, bytes.ne(0).to(cut.model.device), batch));
}

}  // namespace checkrob

int shim_cut_run(shim_capture *out, shim_cut *cut, const float *input, const int64_t shape[4],
                 const int64_t *targets, int activations, shim_error *error) {
  return checkrob::guarded(error, "running the model", [&] {
    *out = checkrob::run_batch(*cut, input, shape, targets, activations != 0);
  });
}

int shim_cut_ablate(float **out, shim_cut *cut, const float *input, const int64_t shape[4], size_t layer,
                    const unsigned char *removed, int64_t rows, int64_t channels, int64_t batch,
                    shim_error *error) {
  return checkrob::guarded(error, "running the model", [&] {
    checkrob::run_ablation(out, *cut, input, shape, layer, removed, rows, channels, batch);
  });
}

void shim_capture_free(shim_capture *capture) {
  if (!capture) return;
  std::free(capture->logits);
  for (size_t i = 0; i < capture->layers; i++) {
    std::free(capture->maps[i].activation);
    std::free(capture->maps[i].gradient);
  }
  std::free(capture->maps);
  *capture = shim_capture{};
}
