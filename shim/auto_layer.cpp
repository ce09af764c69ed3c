// SPDX-License-Identifier: Apache-2.0
// Finds the layer that "auto" means: rules of thumb, each with its reason.
#include "internal.hpp"

namespace checkrob {

static bool is_pooling(const Layer &layer) {
  return layer.type.find("Pool") != std::string::npos || layer.type.find("_pool") != std::string::npos;
}

static bool is_tokens(const Layer &layer) {
  return layer.rank == 3 && layer.shape[1] > 1 && layer.shape[2] > 1;
}

static bool is_map(const Layer &layer) {
  return layer.usable && layer.rank == 4;
}

static bool encloses(const std::string &outer, const std::string &inner) {
  return inner.size() > outer.size() && inner.compare(0, outer.size(), outer) == 0 &&
         inner[outer.size()] == '.';
}

// People use the outermost name: "layer4", not "layer4.2.relu".
static size_t outermost(const std::vector<Layer> &layers, const std::vector<size_t> &values, size_t source) {
  size_t chosen = source;
  for (size_t i = source + 1; i < layers.size(); i++)
    if (values[i] == source && encloses(layers[i].module_path, layers[source].module_path)) chosen = i;
  return chosen;
}

// `values[i]` is the index of the first layer that returned the value of layer i.
size_t choose_auto_layer(const std::vector<Layer> &layers, const std::vector<size_t> &values) {
  size_t none = layers.size(), chosen = none;
  for (size_t i = 0; i < layers.size(); i++) {
    // A pooled map is coarser and no better: the features of VGG end with one, and the avgpool of ResNet
    // returns 1x1.
    if (is_map(layers[i]) && !is_pooling(layers[values[i]])) chosen = values[i];
  }
  if (chosen == none) return none;
  // If a map is converted to tokens (the patch embedding of ViT), the layers after it matter more.
  for (size_t i = chosen + 1; i < layers.size(); i++)
    if (is_tokens(layers[i])) return none;
  return outermost(layers, values, chosen);
}

// With a classifier on the class token, the positions of the last block have no influence. Only the gradient
// shows this.
static std::vector<bool> find_influence(const shim_model &model, const std::vector<Layer> &candidates) {
  c10::NoGradGuard off;
  Program program = build_program(model, candidates, /*convert=*/false);
  CutRun run = make_run(program);
  run.want_gradient = true;
  at::Tensor input = probing_input(model.probed).to(model.device);
  at::Tensor logits = take_logits(model, execute_cut(model, program, input, run), model.probed[0]);
  at::Tensor targets = logits.detach().argmax(1).cpu();
  auto found = gradients(logits, run, targets.data_ptr<int64_t>(), SHIM_SCORE_LOGIT, model.ending);
  std::vector<bool> influence;
  for (size_t i = 0; i < candidates.size(); i++)
    influence.push_back(found[i].defined() &&
                        as_map(found[i], candidates[i].placement).abs().sum().item<double>() > 0.0);
  return influence;
}

size_t choose_auto_tokens(const shim_model &model, const std::vector<size_t> &values) {
  std::vector<Layer> candidates;
  std::vector<size_t> indices;
  // Only the outputs of the blocks, not the layers inside: queries and keys, the wide middle of an MLP.
  int64_t width = 0;
  for (const Layer &layer : model.layers)
    if (layer.usable && is_tokens(layer)) width = layer.placement.channels;
  for (size_t i = 0; i < model.layers.size(); i++)
    if (model.layers[i].usable && is_tokens(model.layers[i]) && values[i] == i &&
        model.layers[i].placement.channels == width) {
      candidates.push_back(model.layers[i]);
      indices.push_back(i);
    }
  if (candidates.empty()) return model.layers.size();
  try {
    std::vector<bool> influence = find_influence(model, candidates);
    for (size_t i = candidates.size(); i > 0; i--)
      if (influence[i - 1]) return outermost(model.layers, values, indices[i - 1]);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &) {  // the model has no gradients: the caller must choose a layer
  } catch (const Failure &) {
  }
  return model.layers.size();
}

}  // namespace checkrob
