//===- TileModelTest.cpp - Compiled tile operators --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the compiler makes of an operator against what the fit says it is: any
// coefficients, both layouts, samples, biases, sizes that a tile does not
// divide.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/LayerFit.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"
#include "sevenfold/Target/Target.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

using namespace sevenfold;

namespace {

enum class Form { Overwrite, Accumulate, TransposedX, TransposedW };

struct Case {
  TileLayout layout;
  int64_t rows, inner, columns, sample;
  bool hasBias;
  Form form;
};

NpyArray randomArray(std::vector<int64_t> shape, Random &random) {
  NpyArray array = llvm::cantFail(makeNpyArray(ElementType::F32, shape));
  for (int64_t i = 0; i < array.numElements(); ++i)
    static_cast<float *>(array.data())[i] = float(random.normal());
  return array;
}

TileOperator randomOperator(const Case &c, unsigned tile, unsigned rank) {
  Random random(7);
  TileOperator op;
  op.scheme.name = "random";
  op.scheme.ring = Ring::R;
  op.scheme.m = op.scheme.k = op.scheme.n = tile;
  for (Factor *factor : {&op.scheme.u, &op.scheme.v, &op.scheme.w}) {
    *factor = Factor(rank, tile * tile);
    for (unsigned i = 0; i < rank; ++i)
      for (unsigned j = 0; j < tile * tile; ++j)
        factor->at(i, j) = *rationalFromDecimal(double(float(random.normal())));
  }
  auto divideUp = [&](int64_t size) { return (size + tile - 1) / tile; };
  op.layout = c.layout;
  op.inner = c.inner;
  op.columns = c.columns;
  op.sampleRows = c.sample;
  op.encoded = randomArray(
      {int64_t(rank), divideUp(c.inner), divideUp(c.columns)}, random);
  if (c.hasBias)
    op.bias = randomArray({int64_t(tile), c.columns}, random);
  return op;
}

std::string modelOf(const Case &c) {
  auto tensor = [](int64_t rows, int64_t columns) {
    return fmt::format("tensor<{}x{}xf32>", rows, columns);
  };
  bool isX = c.form == Form::TransposedX, isW = c.form == Form::TransposedW;
  std::string x = isX ? tensor(c.inner, c.rows) : tensor(c.rows, c.inner),
              w = isW ? tensor(c.columns, c.inner) : tensor(c.inner, c.columns),
              y = tensor(c.rows, c.columns);
  std::string fill =
      c.form == Form::Accumulate
          ? ""
          : "  %zero = arith.constant 0.0 : f32\n"
            "  %e = tensor.empty() : " +
                y + "\n  %c = linalg.fill ins(%zero : f32) outs(%e : " + y +
                ") -> " + y + "\n";
  return fmt::format(
      "func.func @f(%x: {0}, %w: {1}{2}) -> {3} {{\n{4}"
      "  %r = linalg.matmul indexing_maps = [\n"
      "      affine_map<(m, n, k) -> ({5})>, affine_map<(m, n, k) -> ({6})>,\n"
      "      affine_map<(m, n, k) -> (m, n)>]\n"
      "    ins(%x, %w : {0}, {1}) outs(%c : {3}) -> {3}\n"
      "  return %r : {3}\n}}\n",
      x, w, c.form == Form::Accumulate ? ", %c: " + y : "", y, fill,
      isX ? "k, m" : "m, k", isW ? "n, k" : "k, n");
}

void check(const Case &c, unsigned tile, unsigned rank) {
  SCOPED_TRACE(fmt::format("{} {}x{}x{} sample {} bias {} form {} tile {}",
                           stringifyTileLayout(c.layout).str(), c.rows, c.inner,
                           c.columns, c.sample, c.hasBias, int(c.form), tile));
  TileOperator op = randomOperator(c, tile, rank);
  Random random(3);
  Matrix x(c.rows, c.inner);
  for (double &value : x.values)
    value = double(float(random.normal()));
  std::vector<float> given(x.values.begin(), x.values.end());
  if (c.form == Form::TransposedX)
    for (int64_t i = 0; i < c.rows; ++i)
      for (int64_t j = 0; j < c.inner; ++j)
        given[size_t(j * c.rows + i)] = float(x.at(i, j));
  std::vector<float> added(size_t(c.rows * c.columns), 0.5f),
      result(added.size());
  Matrix wanted = applyOperator(op, x);
  if (c.form == Form::Accumulate)
    for (double &value : wanted.values)
      value += 0.5;

  auto compiler =
      llvm::cantFail(ModelCompiler::fromText(modelOf(c), "model.mlir"));
  ASSERT_EQ(llvm::toString(compiler->bindTile("f", 1, op, "w.tile.json")), "");
  ModelCompilerOptions options;
  options.limits.maxErrorGrowth = 1e9;
  llvm::cantFail(compiler->plan(
      [](const Workload &) {
        return PlanAnswer{{}, "none", {}, {}, {}};
      },
      options));
  auto object = hostTarget()->emit(*compiler, kObjectStage, options);
  ASSERT_TRUE(bool(object)) << llvm::toString(object.takeError());
  auto call = llvm::cantFail(loadObject(*object, "f"));
  std::vector<void *> buffers = {given.data()};
  if (c.form == Form::Accumulate)
    buffers.push_back(added.data());
  buffers.push_back(result.data());
  ASSERT_EQ(call(buffers), 0);
  double missed = 0, all = 0;
  for (size_t i = 0; i < result.size(); ++i) {
    missed += std::pow(result[i] - wanted.values[i], 2);
    all += std::pow(wanted.values[i], 2);
  }
  EXPECT_LT(std::sqrt(missed / all), 1e-5);
}

} // namespace

TEST(TileModelTest, compiledOperatorsAreWhatTheFitSays) {
  for (TileLayout layout : {TileLayout::Blocks, TileLayout::Tiles})
    for (int64_t sample : {0, 8})
      for (bool hasBias : {false, true}) {
        check({layout, 24, 20, 28, sample, hasBias, Form::Overwrite}, 4, 10);
        // Columns that a tile does not divide.
        check({layout, 24, 18, 27, sample, hasBias, Form::Overwrite}, 4, 10);
        check({layout, 24, 18, 27, sample, hasBias, Form::Accumulate}, 2, 5);
      }
}

TEST(TileModelTest, rowsNeedNotBeWholeTilesWithoutABias) {
  for (TileLayout layout : {TileLayout::Blocks, TileLayout::Tiles})
    check({layout, 22, 20, 28, 0, false, Form::Overwrite}, 4, 10);
}

TEST(TileModelTest, operandsMayBeTransposed) {
  for (TileLayout layout : {TileLayout::Blocks, TileLayout::Tiles}) {
    check({layout, 24, 20, 28, 0, true, Form::TransposedX}, 4, 10);
    check({layout, 24, 20, 28, 8, false, Form::TransposedW}, 4, 10);
  }
}

TEST(TileModelTest, whatIsNoProductForTheOperatorIsRefused) {
  Case c{TileLayout::Blocks, 24, 20, 28, 0, true, Form::Overwrite};
  TileOperator op = randomOperator(c, 4, 10);
  auto refusal = [&](const Case &model, const TileOperator &tile,
                     unsigned argument = 1) {
    auto compiler =
        llvm::cantFail(ModelCompiler::fromText(modelOf(model), "model.mlir"));
    return llvm::toString(
        compiler->bindTile("f", argument, tile, "w.tile.json"));
  };
  EXPECT_EQ(
      refusal({TileLayout::Blocks, 24, 16, 28, 0, true, Form::Overwrite}, op),
      "w.tile.json: expected a weight of 20x28 but the product's is "
      "16x28");
  EXPECT_EQ(
      refusal({TileLayout::Blocks, 2, 20, 28, 0, true, Form::Overwrite}, op),
      "w.tile.json: 2 rows are fewer than a tile's 4");
  EXPECT_EQ(
      refusal({TileLayout::Blocks, 22, 20, 28, 0, true, Form::Overwrite}, op),
      "w.tile.json: 22 rows are no multiple of 4, which an operator with "
      "a bias needs");
  TileOperator samples = op;
  samples.sampleRows = 16;
  EXPECT_EQ(refusal(c, samples),
            "w.tile.json: 24 rows are no whole samples of 16");
  EXPECT_EQ(refusal(c, op, 0),
            "w.tile.json: argument 0 of 'f' is the right operand of no matmul "
            "of static sizes");
  EXPECT_EQ(refusal(c, op, 5), "'f' has no argument 5");
}

TEST(TileModelTest, aWeightThatIsUsedOtherwiseIsRefused) {
  Case c{TileLayout::Blocks, 24, 20, 28, 0, true, Form::Overwrite};
  auto compiler = llvm::cantFail(ModelCompiler::fromText(
      "func.func @f(%x: tensor<24x20xf32>, %w: tensor<20x28xf32>) -> "
      "(tensor<24x28xf32>, tensor<20x28xf32>) {\n"
      "  %zero = arith.constant 0.0 : f32\n"
      "  %e = tensor.empty() : tensor<24x28xf32>\n"
      "  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<24x28xf32>) -> "
      "tensor<24x28xf32>\n"
      "  %r = linalg.matmul ins(%x, %w : tensor<24x20xf32>, "
      "tensor<20x28xf32>) outs(%c : tensor<24x28xf32>) -> tensor<24x28xf32>\n"
      "  return %r, %w : tensor<24x28xf32>, tensor<20x28xf32>\n}\n",
      "model.mlir"));
  EXPECT_EQ(llvm::toString(compiler->bindTile("f", 1, randomOperator(c, 4, 10),
                                              "w.tile.json")),
            "w.tile.json: argument 1 of 'f' has other uses than as the right "
            "operand of matmuls");
}
