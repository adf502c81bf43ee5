//===- CombineTest.cpp - Combines with any coefficients -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles and runs combines whose coefficients come from no scheme over Z or
// Q: small ones, and many reals.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Random.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <ctime>
#include <gtest/gtest.h>
#include <limits>

using namespace sevenfold;

namespace {

constexpr int64_t kRows = 5, kColumns = 37; ///< of a block

/// One column of input blocks to one of output blocks, in f32.
struct Combine {
  unsigned outputs, inputs;
  std::vector<double> coefficients; ///< outputs x inputs
  std::vector<float> data, result;

  std::string text() const {
    std::string rows;
    for (unsigned i = 0; i < outputs; ++i) {
      rows += i ? ", [" : "[";
      for (unsigned j = 0; j < inputs; ++j)
        rows += llvm::formatv("{0}{1:e17}", j ? ", " : "",
                              coefficients[i * inputs + j]);
      rows += "]";
    }
    return llvm::formatv(
        "func.func @combine(%a: tensor<{0}x{2}xf32>) -> tensor<{1}x{2}xf32> "
        "{{\n  %e = tensor.empty() : tensor<{1}x{2}xf32>\n"
        "  %s = sevenfold.combine coefficients [{3}]\n"
        "    ins(%a grid [{4}, 1] : tensor<{0}x{2}xf32>)\n"
        "    outs(%e grid [{5}, 1] : tensor<{1}x{2}xf32>) "
        "-> tensor<{1}x{2}xf32>\n  return %s : tensor<{1}x{2}xf32>\n}\n",
        inputs * kRows, outputs * kRows, kColumns, rows, inputs, outputs);
  }

  void run() {
    auto compiler = ModelCompiler::fromText(text(), "test");
    ASSERT_TRUE(bool(compiler)) << llvm::toString(compiler.takeError());
    auto object = hostTarget()->emit(**compiler, kObjectStage, {});
    ASSERT_TRUE(bool(object)) << llvm::toString(object.takeError());
    auto function = loadObject(*object, "combine");
    ASSERT_TRUE(bool(function)) << llvm::toString(function.takeError());
    result.assign(outputs * kRows * kColumns, NAN);
    ASSERT_EQ((*function)({data.data(), result.data()}), 0);
  }

  /// Each element within what rounding coefficients, products and sums to f32
  /// one by one allows.
  void check() const {
    constexpr double u = 0x1p-24;
    for (unsigned i = 0; i < outputs; ++i)
      for (int64_t x = 0; x < kRows * kColumns; ++x) {
        double exact = 0, size = 0;
        for (unsigned j = 0; j < inputs; ++j) {
          double term = coefficients[i * inputs + j] *
                        double(data[j * kRows * kColumns + x]);
          exact += term;
          size += std::abs(term);
        }
        ASSERT_NEAR(result[i * kRows * kColumns + x], exact,
                    (inputs + 3) * u * size)
            << "output " << i << ", element " << x;
      }
  }
};

Combine randomCombine(unsigned outputs, unsigned inputs,
                      llvm::function_ref<double(Random &)> coefficient) {
  Random random(3);
  Combine combine{outputs, inputs, {}, {}, {}};
  for (unsigned i = 0; i < outputs * inputs; ++i)
    combine.coefficients.push_back(coefficient(random));
  for (int64_t i = 0; i < inputs * kRows * kColumns; ++i)
    combine.data.push_back(float(random.normal()));
  return combine;
}

TEST(CombineTest, SmallCoefficientsWithAFullMantissaKeepTheirSize) {
  // 1e-6 has 53 binary digits behind 19 zeros: no fraction of 64-bit integers.
  Combine combine = randomCombine(2, 3, [](Random &) { return 1e-6; });
  combine.coefficients[1] = -3e-5;
  combine.coefficients[5] = 1.0 / 3;
  combine.run();
  combine.check();
}

TEST(CombineTest, CoefficientsOfAnySizeAreTakenAsTheyAre) {
  Combine combine = randomCombine(3, 4, [](Random &random) {
    return std::ldexp(random.normal(), int(random.below(40)) - 30);
  });
  combine.coefficients[0] = 0x1p70;
  combine.coefficients[5] = 1e-25;
  combine.run();
  combine.check();
}

TEST(CombineTest, EqualRealsAreSharedAndRight) {
  // Few distinct coefficients that are fractions of powers of two, if long
  // ones.
  Combine combine = randomCombine(6, 6, [](Random &random) {
    static const double values[] = {0, 0.1, -0.1, 0.2, 1.0 / 3};
    return values[random.below(5)];
  });
  combine.run();
  combine.check();
}

TEST(CombineTest, AThousandDistinctRealsCompileInSeconds) {
  Combine combine =
      randomCombine(16, 64, [](Random &random) { return random.normal(); });
  std::clock_t start = std::clock();
  combine.run();
  combine.check();
  // An order of magnitude above what it takes.
  EXPECT_LT(double(std::clock() - start) / CLOCKS_PER_SEC, 60);
}

} // namespace
