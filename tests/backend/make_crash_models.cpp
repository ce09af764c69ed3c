// SPDX-License-Identifier: Apache-2.0
// Writes abort.pt and hang.pt: a small convolutional network that aborts on, or never ends with, an image
// whose first number is 1. Usage: make_crash_models FOLDER
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>
#include <torch/script.h>

#include <memory>
#include <string>

// The names in the code below: torch's functions, and the operation of crash_op.cpp.
struct Names : torch::jit::Resolver {
  std::shared_ptr<torch::jit::SugaredValue> resolveValue(const std::string &name, torch::jit::GraphFunction &,
                                                         const torch::jit::SourceRange &) override {
    if (name == "torch") return std::make_shared<torch::jit::BuiltinModule>("aten");
    if (name == "test") return std::make_shared<torch::jit::BuiltinModule>("checkrob_test");
    return nullptr;
  }
};

static void write(const std::string &path, int what) {
  torch::manual_seed(18);
  torch::jit::Module model("Crashing");
  model.register_parameter("first", torch::randn({8, 3, 3, 3}) / 4, false);
  model.register_parameter("last", torch::randn({2, 8}), false);
  model.define(
      "def forward(self, images):\n"
      "  images = test.misbehave(images, 1.0, " +
          std::to_string(what) +
          ")\n"
          "  features = torch.relu(torch.conv2d(images, self.first, None, [2, 2], [1, 1], [1, 1], 1))\n"
          "  return torch.matmul(torch.mean(features, [2, 3]), torch.t(self.last))\n",
      std::make_shared<Names>());
  model.save(path);
}

int main(int argc, char **argv) {
  if (argc != 2) return EXIT_FAILURE;
  const std::string folder = argv[1];
  write(folder + "/abort.pt", 0);
  write(folder + "/hang.pt", 1);
  return EXIT_SUCCESS;
}
