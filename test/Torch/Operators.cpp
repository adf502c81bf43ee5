//===- Operators.cpp - PyTorch's products, with and without plans ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Usage: torch-operators libsevenfold-torch.so [--without]
//
// --without: products only, as there is no library of plans.
//
// Loads the library as torch.ops.load_library does, and compares its products,
// layers and derivatives with PyTorch's own. Prints a line for each; exits 1 at
// the first that is wrong.
//
//===----------------------------------------------------------------------===//

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

static void expect(bool isTrue, const char *what) {
  if (isTrue)
    return;
  std::fprintf(stderr, "wrong: %s\n", what);
  std::exit(1);
}

static bool areClose(const at::Tensor &x, const at::Tensor &y) {
  double tolerance = x.scalar_type() == at::kFloat ? 1e-3 : 1e-10;
  return x.sizes() == y.sizes() && at::allclose(x, y, tolerance, tolerance);
}

static c10::OperatorHandle find(const char *name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "");
}

static at::Tensor planned(const at::Tensor &a, const at::Tensor &b) {
  return find("sevenfold::mm")
      .typed<at::Tensor(const at::Tensor &, const at::Tensor &)>()
      .call(a, b);
}

static void enable(bool isOn) {
  find("sevenfold::enable").typed<void(bool)>().call(isOn);
}

/// The plan of the last product, as the library of plans says.
static std::string lastPlan() {
  void *handle =
      dlopen(std::getenv("SEVENFOLD_TORCH_BLAS"), RTLD_NOW | RTLD_NOLOAD);
  auto *query = handle ? reinterpret_cast<const char *(*)()>(
                             dlsym(handle, "sevenfold_blas_last_plan"))
                       : nullptr;
  return query ? query() : "";
}

/// All the layouts that a matrix can have: by rows, by columns, part of
/// another, every second element, one element everywhere.
static std::vector<at::Tensor> layoutsOf(const at::Tensor &matrix) {
  int64_t rows = matrix.size(0), columns = matrix.size(1);
  at::Tensor wide = at::zeros({rows, columns + 5}, matrix.options());
  wide.slice(1, 2, columns + 2).copy_(matrix);
  at::Tensor sparse = at::zeros({rows, columns * 2}, matrix.options());
  sparse.slice(1, 0, columns * 2, 2).copy_(matrix);
  return {matrix, matrix.t().contiguous().t(), wide.slice(1, 2, columns + 2),
          sparse.slice(1, 0, columns * 2, 2)};
}

static void checkProducts(at::ScalarType type) {
  auto options = at::TensorOptions().dtype(type);
  at::Tensor a = at::randn({70, 50}, options), b = at::randn({50, 90}, options);
  at::Tensor expected = at::matmul(a.to(at::kDouble), b.to(at::kDouble));
  int count = 0;
  for (const at::Tensor &left : layoutsOf(a))
    for (const at::Tensor &right : layoutsOf(b)) {
      expect(areClose(planned(left, right), expected.to(type)), "mm");
      count += !lastPlan().empty();
    }
  std::printf("%s: 16 layouts are right, %d by plans\n", c10::toString(type),
              count);
  at::Tensor none = planned(at::empty({0, 50}, options), b);
  expect(none.size(0) == 0 && none.size(1) == 90, "mm of nothing");
  // One number everywhere: PyTorch's own, as are other types.
  at::Tensor same = at::ones({1, 1}, options).expand({70, 50});
  expect(areClose(planned(same, b), at::matmul(same, b)), "mm of one number");
  at::Tensor integers = at::ones({4, 4}, at::kLong);
  expect(at::equal(planned(integers, integers), at::full({4, 4}, 4, at::kLong)),
         "mm of integers");
}

static void checkRefusals() {
  at::Tensor a = at::ones({4, 5}), b = at::ones({4, 5});
  try {
    planned(a, b);
    expect(false, "a product of sizes that do not fit");
  } catch (const c10::Error &error) {
    std::printf("refused: %s\n",
                std::string(error.what_without_backtrace()).c_str());
  }
}

static void checkNotFinite() {
  at::Tensor a = at::randn({64, 64}), b = at::randn({64, 64});
  a[3][5] = INFINITY;
  at::Tensor got = planned(a, b), expected = at::matmul(a, b);
  expect(at::equal(at::isfinite(got), at::isfinite(expected)),
         "where an Inf goes");
  std::puts("an Inf goes where it belongs");
}

/// Numerical derivatives beside those of autograd, in double.
static void checkGradients(
    const char *name, std::vector<at::Tensor> inputs,
    const std::function<at::Tensor(const std::vector<at::Tensor> &)> &f) {
  constexpr double kStep = 1e-6;
  for (at::Tensor &input : inputs)
    input.requires_grad_(true);
  at::Tensor weights = at::randn_like(f(inputs)).detach();
  (f(inputs) * weights).sum().backward();
  for (at::Tensor &input : inputs) {
    at::Tensor gradient = input.grad().clone();
    at::NoGradGuard off;
    at::Tensor flat = input.data().view({-1});
    for (int64_t i = 0; i < flat.size(0); i += 41) {
      double value = flat[i].item<double>();
      auto at = [&](double x) {
        flat[i] = x;
        return (f(inputs) * weights).sum().item<double>();
      };
      double slope = (at(value + kStep) - at(value - kStep)) / (2 * kStep);
      flat[i] = value;
      double told = gradient.view({-1})[i].item<double>();
      expect(std::abs(slope - told) <= 1e-5 * (1 + std::abs(slope)), name);
    }
  }
  std::printf("%s: derivatives are right\n", name);
}

static at::Tensor draw(at::IntArrayRef sizes) {
  return at::randn(sizes, at::kDouble);
}

static void checkLayers() {
  using Inputs = const std::vector<at::Tensor> &;
  checkGradients("mm", {draw({20, 30}), draw({30, 24})},
                 [](Inputs x) { return planned(x[0], x[1]); });
  enable(true);
  checkGradients("aten mm", {draw({20, 30}), draw({30, 24})},
                 [](Inputs x) { return at::mm(x[0], x[1]); });
  checkGradients("addmm", {draw({24}), draw({20, 30}), draw({30, 24})},
                 [](Inputs x) { return at::addmm(x[0], x[1], x[2], 0.5, -2); });
  checkGradients("bmm", {draw({3, 20, 30}), draw({3, 30, 24})},
                 [](Inputs x) { return at::bmm(x[0], x[1]); });
  checkGradients("linear", {draw({20, 30}), draw({24, 30}), draw({24})},
                 [](Inputs x) { return at::linear(x[0], x[1], x[2]); });
  expect(!lastPlan().empty(), "linear without a plan");
  at::Tensor self = at::full({20, 24}, NAN, at::kDouble), a = draw({20, 30}),
             b = draw({30, 24});
  expect(at::isfinite(at::addmm(self, a, b, 0, 1)).all().item<bool>(),
         "addmm reads what beta = 0 hides");
  enable(false);
  at::Tensor plain = at::mm(a, b);
  // The last plan was that of addmm; a product that is PyTorch's own leaves it.
  expect(areClose(plain, planned(a, b)), "mm when it is switched off");
}

static void checkThreads() {
  at::Tensor a = at::randn({80, 80}), b = at::randn({80, 80});
  int before = at::get_num_threads();
  at::set_num_threads(1);
  planned(a, b);
  std::printf("one thread: %s\n", lastPlan().empty() ? "PyTorch" : "a plan");
  at::set_num_threads(before);
  planned(a, b);
  std::printf("as before: %s\n", lastPlan().empty() ? "PyTorch" : "a plan");
}

int main(int argc, char **argv) {
  if (argc < 2 || !dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL)) {
    std::fprintf(stderr, "torch-operators: %s\n",
                 argc > 1 ? dlerror() : "expected a library");
    return 2;
  }
  torch::manual_seed(1);
  at::set_num_threads(2);
  checkProducts(at::kFloat);
  checkProducts(at::kDouble);
  if (argc == 3)
    return 0;
  checkRefusals();
  checkNotFinite();
  checkLayers();
  checkThreads();
  return 0;
}
