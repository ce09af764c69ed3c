// SPDX-License-Identifier: Apache-2.0
// Finds the channels and positions in a layer's output: by its shape, or by the layout that the caller chose.
#include <cmath>

#include "internal.hpp"

namespace checkrob {

// Feature maps have about the aspect ratio of the input, so the two axes that match it better are the spatial
// ones. In a tie ([N,64,64,64]) the order is channels first, as usual. A model that shrinks one axis much
// more than the other, such as [N,16,16,32] for a square input, is wrongly read as channels last.
static bool is_channels_last(c10::ArrayRef<int64_t> shape, int64_t input_height, int64_t input_width) {
  auto distance = [&](int64_t height, int64_t width) {
    return std::fabs(std::log(static_cast<double>(height) / static_cast<double>(width)) -
                     std::log(static_cast<double>(input_height) / static_cast<double>(input_width)));
  };
  return distance(shape[1], shape[2]) + 1e-9 < distance(shape[2], shape[3]);
}

// A grid of `tokens` positions with exactly the input's aspect ratio: patches are square.
static bool find_grid(Placement &placement, int64_t tokens, int64_t input_height, int64_t input_width) {
  if (tokens < 2) return false;
  double ratio = static_cast<double>(input_height) / static_cast<double>(input_width);
  auto height = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(tokens) * ratio)));
  if (height < 1 || tokens % height != 0) return false;
  placement.height = height;
  placement.width = tokens / height;
  return placement.height * input_width == placement.width * input_height;
}

static std::optional<Placement> place_tokens(c10::ArrayRef<int64_t> shape, int64_t input_height,
                                             int64_t input_width, int64_t prefix) {
  const int64_t most = 16;  // a class token, a distillation token and registers
  Placement placement;
  placement.layout = SHIM_LAYOUT_TOKENS;
  placement.channels = shape[2];
  for (placement.prefix = prefix < 0 ? 0 : prefix; placement.prefix <= (prefix < 0 ? most : prefix);
       placement.prefix++)
    if (find_grid(placement, shape[1] - placement.prefix, input_height, input_width)) return placement;
  return std::nullopt;
}

std::optional<Placement> place_map(c10::ArrayRef<int64_t> shape, int64_t input_height, int64_t input_width,
                                   const LayoutChoice &choice) {
  bool any = choice.layout == SHIM_LAYOUT_AUTO;
  for (int64_t size : shape)
    if (size < 1) return std::nullopt;
  if (shape.size() == 3 && (any || choice.layout == SHIM_LAYOUT_TOKENS))
    return place_tokens(shape, input_height, input_width, choice.prefix);
  if (shape.size() != 4 || choice.layout == SHIM_LAYOUT_TOKENS) return std::nullopt;
  Placement placement;
  placement.layout = choice.layout;
  if (any)
    placement.layout =
        is_channels_last(shape, input_height, input_width) ? SHIM_LAYOUT_NHWC : SHIM_LAYOUT_NCHW;
  bool last = placement.layout == SHIM_LAYOUT_NHWC;
  placement.channels = shape[last ? 3 : 1];
  placement.height = shape[last ? 1 : 2];
  placement.width = shape[last ? 2 : 3];
  // One position: its map is constant, and so always empty.
  if (placement.height * placement.width <= 1) return std::nullopt;
  return placement;
}

std::optional<Placement> place_vector(c10::ArrayRef<int64_t> shape) {
  bool vector = shape.size() == 2 || (shape.size() == 4 && shape[2] == 1 && shape[3] == 1);
  if (!vector || shape[1] < 1) return std::nullopt;
  Placement placement;
  placement.layout = SHIM_LAYOUT_NCHW;
  placement.channels = shape[1];
  placement.height = placement.width = 1;
  return placement;
}

at::Tensor as_map(const at::Tensor &output, const Placement &placement) {
  if (placement.layout == SHIM_LAYOUT_NHWC) return output.permute({0, 3, 1, 2});
  if (placement.layout != SHIM_LAYOUT_TOKENS)
    return output.dim() == 2 ? output.unsqueeze(2).unsqueeze(3) : output;
  return output.narrow(1, placement.prefix, placement.height * placement.width)
      .transpose(1, 2)
      .reshape({output.size(0), placement.channels, placement.height, placement.width});
}

}  // namespace checkrob
