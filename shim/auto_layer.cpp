// Which layer does "auto" mean? Rules of thumb, each with its reason.
#include <cmath>

#include "internal.hpp"

namespace checkrob {

// Transformers with windows (Swin) and some blocks of ConvNeXt keep their maps as [N,h,w,C]. Feature maps
// have about the aspect ratio of the input, so the two axes that match it better are the spatial ones;
// a tie ([N,64,64,64]) counts as channels first, the usual order. This takes a model that shrinks one
// axis much more than the other, such as [N,16,16,32] for a square input, for channels last.
bool is_channels_last(c10::ArrayRef<int64_t> shape, int64_t input_height, int64_t input_width) {
  if (shape.size() != 4 || shape[1] < 1 || shape[2] < 1 || shape[3] < 1) return false;
  auto distance = [&](int64_t height, int64_t width) {
    return std::fabs(std::log(static_cast<double>(height) / static_cast<double>(width)) -
                     std::log(static_cast<double>(input_height) / static_cast<double>(input_width)));
  };
  return distance(shape[1], shape[2]) + 1e-9 < distance(shape[2], shape[3]);
}

static bool is_pooling(const Layer &layer) {
  return layer.type.find("Pool") != std::string::npos || layer.type.find("_pool") != std::string::npos;
}

static bool is_tokens(const Layer &layer) {
  return layer.rank == 3 && layer.shape[1] > 1 && layer.shape[2] > 1;
}

static bool encloses(const std::string &outer, const std::string &inner) {
  return inner.size() > outer.size() && inner.compare(0, outer.size(), outer) == 0 &&
         inner[outer.size()] == '.';
}

// `values[i]` is the index of the first layer that gave the value of layer i.
size_t choose_auto_layer(const std::vector<Layer> &layers, const std::vector<size_t> &values) {
  size_t none = layers.size(), chosen = none;
  for (size_t i = 0; i < layers.size(); i++) {
    const Layer &layer = layers[i];
    // A pooled map is coarser and no better; VGG's features end with one, ResNet's avgpool gives 1x1.
    if (layer.usable && !is_pooling(layers[values[i]])) chosen = values[i];
  }
  if (chosen == none) return none;
  // A map that is turned into tokens (ViT's patch embedding) says little about what comes behind it.
  for (size_t i = chosen + 1; i < layers.size(); i++)
    if (is_tokens(layers[i])) return none;
  // The outermost name is the one people use: "layer4", not "layer4.2.relu".
  const size_t giver = chosen;
  for (size_t i = giver + 1; i < layers.size(); i++)
    if (values[i] == giver && encloses(layers[i].module_path, layers[giver].module_path)) chosen = i;
  return chosen;
}

}  // namespace checkrob
