//===- Layers.cpp - PyTorch's layers with plans and without ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Usage: torch-layers libsevenfold-torch.so [TOKENS [WIDTH [ROUNDS]]]
//
// A linear layer, and three with activations between them, forward and backward
// in f32, with PyTorch's own kernels and with plans in turns: each pair of
// neighbours in time has one ratio. Prints JSON: medians in seconds, and the
// median and the whole range of the ratios.
//
//===----------------------------------------------------------------------===//

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

static void enable(bool isOn) {
  c10::Dispatcher::singleton()
      .findSchemaOrThrow("sevenfold::enable", "")
      .typed<void(bool)>()
      .call(isOn);
}

/// Layers of one width, each a weight and a bias.
struct Layers {
  std::vector<at::Tensor> weights, biases;

  Layers(int count, int64_t width) {
    for (int i = 0; i < count; ++i) {
      weights.push_back((at::randn({width, width}) / std::sqrt(double(width)))
                            .requires_grad_(true));
      biases.push_back(at::randn({width}).requires_grad_(true));
    }
  }

  /// Seconds of a step forward and back. (The gradient of a plain sum would be
  /// one number everywhere, which no loss has.)
  double step(const at::Tensor &x, const at::Tensor &gradient) {
    auto start = std::chrono::steady_clock::now();
    at::Tensor y = x;
    for (size_t i = 0; i < weights.size(); ++i) {
      y = at::linear(y, weights[i], biases[i]);
      if (i + 1 < weights.size())
        y = at::relu(y);
    }
    y.backward(gradient);
    for (auto *list : {&weights, &biases})
      for (at::Tensor &tensor : *list)
        tensor.mutable_grad().reset();
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - start;
    return elapsed.count();
  }
};

static double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

static void measure(int count, int64_t tokens, int64_t width, int rounds) {
  Layers layers(count, width);
  at::Tensor x = at::randn({tokens, width}).requires_grad_(true),
             gradient = at::randn({tokens, width});
  std::vector<double> own, planned, ratios;
  for (int round = -1; round < rounds; ++round) {
    double seconds[2];
    // Which comes first changes from round to round.
    for (int turn = 0; turn < 2; ++turn) {
      bool isOn = (turn + round) % 2 != 0;
      enable(isOn);
      seconds[isOn] = layers.step(x, gradient);
    }
    if (round < 0)
      continue;
    own.push_back(seconds[0]);
    planned.push_back(seconds[1]);
    ratios.push_back(seconds[0] / seconds[1]);
  }
  auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf("{\"layers\": %d, \"tokens\": %lld, \"width\": %lld, "
              "\"threads\": %d, \"own_s\": %.4f, \"planned_s\": %.4f, "
              "\"speedup\": %.3f, \"least\": %.3f, \"greatest\": %.3f, "
              "\"rounds\": %d}",
              count, (long long)tokens, (long long)width, at::get_num_threads(),
              median(own), median(planned), median(ratios), *low, *high,
              rounds);
}

int main(int argc, char **argv) {
  if (argc < 2 || !dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL)) {
    std::fprintf(stderr, "torch-layers: %s\n",
                 argc < 2 ? "expected libsevenfold-torch.so" : dlerror());
    return 2;
  }
  auto number = [&](int i, int64_t otherwise) {
    return argc > i ? std::atoll(argv[i]) : otherwise;
  };
  int64_t tokens = number(2, 4096), width = number(3, 4096);
  int rounds = int(number(4, 9));
  if (tokens < 1 || width < 1 || rounds < 1) {
    std::fprintf(stderr, "torch-layers: expected positive numbers\n");
    return 2;
  }
  torch::manual_seed(1);
  std::printf("[\n  ");
  measure(1, tokens, width, rounds);
  std::printf(",\n  ");
  measure(3, tokens, width, rounds);
  std::printf("\n]\n");
  return 0;
}
