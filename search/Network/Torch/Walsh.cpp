//===- Walsh.cpp - The Walsh transform of grids ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On the CPU by butterflies within the cache, elsewhere by products with small
// matrices.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/Walsh.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

using namespace sevenfold;

/// The butterflies of a Walsh transform of 2^bits values.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
static void
transformInPlace(float *values, size_t count) {
  for (size_t half = 1; half < count; half *= 2)
    for (size_t base = 0; base < count; base += 2 * half)
      for (size_t i = base; i < base + half; ++i) {
        float sum = values[i] + values[i + half];
        values[i + half] = values[i] - values[i + half];
        values[i] = sum;
      }
}

/// The matrix (-1)^<x, u> over the root of count + 1, x and u from 1 to count.
static torch::Tensor walshMatrix(int64_t count) {
  torch::Tensor matrix = torch::empty({count, count});
  for (int64_t x = 0; x < count; ++x)
    for (int64_t u = 0; u < count; ++u)
      matrix.data_ptr<float>()[x * count + u] =
          float((__builtin_parityll(uint64_t((x + 1) & (u + 1))) ? -1 : 1) /
                std::sqrt(double(count + 1)));
  return matrix;
}

/// The same on a device: made and sent there once.
static torch::Tensor placedWalshMatrix(int64_t count, torch::Device device) {
  static std::mutex mutex;
  // Never destroyed: a device may be gone by then.
  static auto &kept =
      *new std::map<std::pair<int64_t, std::string>, torch::Tensor>;
  std::lock_guard<std::mutex> lock(mutex);
  torch::Tensor &matrix = kept[{count, device.str()}];
  if (!matrix.defined())
    matrix = walshMatrix(count).to(device);
  return matrix;
}

torch::Tensor sevenfold::walshByProducts(torch::Tensor f) {
  for (int64_t mode = 2; mode < 5; ++mode)
    f = torch::matmul(f.transpose(mode, 4),
                      placedWalshMatrix(f.size(mode), f.device()))
            .transpose(mode, 4);
  return f.contiguous();
}

/// A grid with its zero arguments, which functions on it do not have, as a
/// power of two of values: the transform of a product of groups is that of the
/// bits of all of them.
static torch::Tensor walshTransform(const torch::Tensor &input) {
  if (!input.is_cpu())
    return walshByProducts(input);
  torch::Tensor f = input.contiguous();
  torch::Tensor result = torch::empty_like(f);
  int64_t a = f.size(2), b = f.size(3), c = f.size(4);
  int64_t padded = (a + 1) * (b + 1) * (c + 1), count = a * b * c;
  float scale = float(1 / std::sqrt(double(padded)));
  const float *from = f.data_ptr<float>();
  float *to = result.data_ptr<float>();
  auto place = [&](int64_t x, int64_t y) {
    return ((x + 1) * (b + 1) + y + 1) * (c + 1) + 1;
  };
  at::parallel_for(
      0, f.size(0) * f.size(1), 1, [&](int64_t begin, int64_t end) {
        std::vector<float> grid(size_t(padded), 0.0f);
        for (int64_t i = begin; i < end; ++i) {
          std::fill(grid.begin(), grid.end(), 0.0f);
          for (int64_t row = 0; row < a * b; ++row)
            std::copy_n(from + i * count + row * c, c,
                        grid.data() + place(row / b, row % b));
          transformInPlace(grid.data(), size_t(padded));
          for (int64_t row = 0; row < a * b; ++row)
            for (int64_t z = 0; z < c; ++z)
              to[i * count + row * c + z] =
                  scale * grid[size_t(place(row / b, row % b) + z)];
        }
      });
  return result;
}

namespace {
class Walsh : public torch::autograd::Function<Walsh> {
public:
  static torch::Tensor forward(torch::autograd::AutogradContext *,
                               const torch::Tensor &f) {
    return walshTransform(f);
  }
  static torch::autograd::variable_list
  backward(torch::autograd::AutogradContext *,
           torch::autograd::variable_list gradients) {
    return {walshTransform(gradients[0])};
  }
};
} // namespace

torch::Tensor sevenfold::walsh(const torch::Tensor &f) {
  return Walsh::apply(f);
}
