// SPDX-License-Identifier: Apache-2.0
// A model whose logits are not a function of the image cannot be examined: two runs of one image, and the
// image alone and beside another one, must have the same logits.
#include "internal.hpp"

namespace checkrob {

static at::Tensor run_again(const shim_model &model, const torch::jit::Code &code, const at::Tensor &input) {
  c10::NoGradGuard off;
  // A copy of what the model writes to: the state of the model remains that after the probing run.
  c10::IValue self = own_buffers(model.module);
  return take_logits(model, execute(model, code, self, input.to(model.device)), input.size(0));
}

// Rounding differs between batches of other sizes, and on a GPU between runs.
static bool are_close(const at::Tensor &a, const at::Tensor &b, double tolerance) {
  double scale = b.abs().max().item<double>();
  return at::allclose(a, b, tolerance, tolerance * scale, /*equal_nan=*/true);
}

[[noreturn]] static void refuse_varying(const std::string &random) {
  std::string why = random.empty() ? "it changes its own state, or draws random numbers"
                                   : "it draws random numbers (" + random + ")";
  throw Failure{SHIM_UNSUPPORTED, "two runs of the model on the same image have different logits: " + why +
                                      "; export it in evaluation mode, model.eval(), and without what is "
                                      "random in its forward"};
}

// Random numbers may be equal: a layer that is left out at random is left out twice in every second try.
static void check_repeats(const shim_model &model, torch::jit::Graph &graph, const torch::jit::Code &code) {
  std::string random = find_random(graph);
  for (int runs = random.empty() ? 1 : 16; runs > 0; runs--)
    if (!are_close(run_again(model, code, probing_input(model.probed)), model.logits, 1e-4))
      refuse_varying(random);
}

// The logits of the images of the probing run, next to other images; undefined if the model refuses.
static at::Tensor run_beside(const shim_model &model, const torch::jit::Code &code) {
  int64_t images = model.probed[0];
  int64_t shape[4] = {2, model.probed[1], model.probed[2], model.probed[3]};
  try {
    if (images == 1) return run_again(model, code, probing_input(shape)).narrow(0, 0, 1);
    // Only this number of images is accepted: all but the first are replaced.
    at::Tensor input = probing_input(model.probed);
    input.narrow(0, 1, images - 1).mul_(-0.5).add_(0.25);
    return run_again(model, code, input).narrow(0, 0, 1);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &) {
    return {};
  } catch (const Failure &) {
    return {};
  }
}

static void check_independence(shim_model &model, torch::jit::Graph &graph, const torch::jit::Code &code) {
  at::Tensor beside = run_beside(model, code);
  if (!beside.defined() || are_close(beside, model.logits.narrow(0, 0, 1), 1e-3)) return;
  // The scale of the activations is that of the batch: alone, it is that of the image.
  if (model.probed[0] == 1 && has_dynamic_quantisation(graph)) {
    model.batch = 1;
    model.alone = true;
    return;
  }
  std::string operation = find_batch_statistics(graph);
  if (operation.empty())
    throw Failure{SHIM_UNSUPPORTED,
                  "the model's logits of an image depend on the other images of its batch; export a model "
                  "that computes each image by itself"};
  throw Failure{SHIM_UNSUPPORTED,
                "the model's logits of an image depend on the other images of its batch: " + operation +
                    " normalises by the statistics of the batch, because the model has no "
                    "running statistics (track_running_stats=False); train it with them, "
                    "and export it in evaluation mode, model.eval()"};
}

void check_function_of_image(shim_model &model, torch::jit::Graph &graph, const torch::jit::Code &code) {
  check_repeats(model, graph, code);
  check_independence(model, graph, code);
}

}  // namespace checkrob
