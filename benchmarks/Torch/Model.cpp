//===- Model.cpp - A compiled model in a process of PyTorch's -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Usage: torch-model MODEL.so M K N [ROUNDS]
//
// Times `matmul` of a compiled model (f32, M x K by K x N) after products of
// PyTorch's and after as many of its own, in turns. Two runtimes of threads in
// one process take each other's time where the threads of one go on spinning:
// PyTorch's run as they are, and no pause lets them fall asleep. Prints JSON:
// medians in seconds, and the median and the whole range of the ratios.
//
//===----------------------------------------------------------------------===//

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

static double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int main(int argc, char **argv) {
  void *library = argc < 5 ? nullptr : dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  auto *matmul =
      library
          ? reinterpret_cast<int (*)(const float *, const float *, float *)>(
                dlsym(library, "matmul"))
          : nullptr;
  if (!matmul) {
    std::fprintf(stderr, "torch-model: %s\n",
                 argc < 5 ? "expected MODEL.so M K N" : dlerror());
    return 2;
  }
  int64_t m = std::atoll(argv[2]), k = std::atoll(argv[3]),
          n = std::atoll(argv[4]);
  int rounds = argc > 5 ? std::atoi(argv[5]) : 15;
  torch::manual_seed(1);
  at::Tensor a = at::randn({m, k}), b = at::randn({k, n}),
             c = at::empty({m, n});
  auto call = [&] {
    return matmul(a.data_ptr<float>(), b.data_ptr<float>(),
                  c.data_ptr<float>());
  };
  if (call() != 0 ||
      !at::allclose(c, at::mm(a, b), 1e-3, 1e-3 * std::sqrt(double(k)))) {
    std::fputs("torch-model: the product is wrong\n", stderr);
    return 1;
  }
  std::vector<double> alone, beside, ratios;
  for (int round = 0; round < rounds; ++round) {
    double seconds[2];
    for (int turn = 0; turn < 2; ++turn) {
      bool isBeside = (turn + round) % 2 != 0;
      if (isBeside)
        at::mm(a, b);
      else
        call();
      auto start = std::chrono::steady_clock::now();
      call();
      seconds[isBeside] = std::chrono::duration<double>(
                              std::chrono::steady_clock::now() - start)
                              .count();
    }
    alone.push_back(seconds[0]);
    beside.push_back(seconds[1]);
    ratios.push_back(seconds[1] / seconds[0]);
  }
  auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf("{\"m\": %lld, \"k\": %lld, \"n\": %lld, \"threads\": %d, "
              "\"alone_s\": %.4f, \"beside_s\": %.4f, \"ratio\": %.3f, "
              "\"least\": %.3f, \"greatest\": %.3f, \"rounds\": %d}\n",
              (long long)m, (long long)k, (long long)n, at::get_num_threads(),
              median(alone), median(beside), median(ratios), *low, *high,
              rounds);
  return 0;
}
