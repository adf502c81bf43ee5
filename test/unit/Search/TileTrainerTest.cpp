//===- TileTrainerTest.cpp - Small models on LibTorch -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers against the operators they stand for, samples alone and in batches,
// and training that goes on where it was saved.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/TileTrainer.h"
#include "search/Tile/LayerFit.h"
#include "search/Tile/Training/Dataset.h"
#include "search/Tile/Training/ModelProgram.h"
#include "sevenfold/Scheme/Catalogue.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <numeric>

using namespace sevenfold;

namespace {

ModelProgram programOf(const char *layers, int64_t rows, int64_t width,
                       const LinearForm &form) {
  return llvm::cantFail(readModelProgram(nlohmann::json::parse(layers),
                                         "layers", rows, width, form, 1));
}

const char *kLayers = R"([
  {"layer": "linear", "width": 24},
  {"layer": "residual", "layers": [
    {"layer": "norm"}, {"layer": "attention", "heads": 2}]},
  {"layer": "activation", "kind": "gelu"},
  {"layer": "mean"},
  {"layer": "linear", "width": 4}])";

LinearForm tileForm(unsigned rank, TileLayout layout) {
  LinearForm form;
  form.kind = LinearKind::Tile;
  form.rank = rank;
  form.layout = layout;
  return form;
}

SampleIndices firstSamples(int64_t count) {
  SampleIndices samples(static_cast<size_t>(count));
  std::iota(samples.begin(), samples.end(), 0);
  return samples;
}

} // namespace

TEST(TileTrainerTest, aTileLayerIsTheOperatorItStandsFor) {
  Dataset data = makeTeacher(8, 18, 4, 16, 1);
  for (TileLayout layout : {TileLayout::Tiles, TileLayout::Blocks}) {
    // Sizes that 4 does not divide, too.
    ModelProgram program = programOf(R"([{"layer": "linear", "width": 22}])", 8,
                                     18, tileForm(24, layout));
    auto trainer = createTileTrainer(program, {});
    TileOperator op;
    op.layout = layout;
    op.inner = 18;
    op.columns = 22;
    op.sampleRows = 8;
    op.scheme.m = op.scheme.k = op.scheme.n = 4;
    op.scheme.ring = Ring::R;
    for (const NamedTensor &parameter : trainer->parameters()) {
      if (parameter.name == "linear0.encoded") {
        op.encoded =
            llvm::cantFail(makeNpyArray(ElementType::F32, parameter.shape));
        std::copy(parameter.values.begin(), parameter.values.end(),
                  static_cast<float *>(op.encoded.data()));
        continue;
      }
      if (parameter.name == "linear0.bias")
        continue;
      Factor factor(24, 16);
      for (unsigned i = 0; i < 24 * 16; ++i)
        factor.at(i / 16, i % 16) = *rationalFromDecimal(parameter.values[i]);
      (parameter.name == "linear0.encoder" ? op.scheme.u : op.scheme.w) =
          factor;
    }
    std::vector<float> given =
        llvm::cantFail(trainer->valueOf(1, data.training, firstSamples(3)));
    Matrix x(3 * 8, 18);
    std::copy(data.training.inputs.begin(),
              data.training.inputs.begin() + 3 * 8 * 18, x.values.begin());
    Matrix wanted = applyOperator(op, x);
    ASSERT_EQ(given.size(), wanted.values.size());
    for (size_t i = 0; i < given.size(); ++i)
      EXPECT_NEAR(given[i], wanted.values[i], 1e-4);
  }
}

TEST(TileTrainerTest, aSampleAloneIsWhatItIsInAnyBatch) {
  Dataset data = makeTeacher(8, 16, 4, 16, 1);
  for (TileLayout layout : {TileLayout::Tiles, TileLayout::Blocks}) {
    ModelProgram program = programOf(kLayers, 8, 16, tileForm(24, layout));
    auto trainer = createTileTrainer(program, {});
    size_t last = program.steps.size();
    std::vector<float> all =
        llvm::cantFail(trainer->valueOf(last, data.training, {5, 2, 9, 0}));
    std::vector<float> alone =
        llvm::cantFail(trainer->valueOf(last, data.training, {9}));
    for (size_t j = 0; j < 4; ++j)
      EXPECT_NEAR(alone[j], all[2 * 4 + j], 1e-6);
  }
}

TEST(TileTrainerTest, trainingLowersTheLossOfEveryForm) {
  Dataset data = makeTeacher(8, 16, 4, 256, 1);
  LinearForm thin;
  thin.kind = LinearKind::LowRank;
  thin.rank = 8;
  for (const LinearForm &form :
       {LinearForm(), thin, tileForm(24, TileLayout::Blocks)}) {
    ModelProgram program = programOf(kLayers, 8, 16, form);
    auto trainer = createTileTrainer(program, {});
    SampleIndices all = firstSamples(data.training.count);
    double before = llvm::cantFail(trainer->evaluate(data.training, all)).loss;
    for (int i = 0; i < 40; ++i)
      llvm::cantFail(trainer->step(data.training, all, 0.003));
    EXPECT_LT(llvm::cantFail(trainer->evaluate(data.training, all)).loss,
              0.7 * before);
  }
}

TEST(TileTrainerTest, goesOnExactlyWhereItWasSaved) {
  Dataset data = makeTeacher(8, 16, 4, 64, 1);
  ModelProgram program =
      programOf(kLayers, 8, 16, tileForm(24, TileLayout::Blocks));
  SampleIndices all = firstSamples(64);
  auto straight = createTileTrainer(program, {});
  for (int i = 0; i < 3; ++i)
    llvm::cantFail(straight->step(data.training, all, 0.01));
  std::string saved = llvm::cantFail(straight->save());
  TrainerOptions other;
  other.seed = 99;
  auto resumed = createTileTrainer(program, other);
  ASSERT_TRUE(resumed->restore(saved));
  for (int i = 0; i < 3; ++i) {
    llvm::cantFail(straight->step(data.training, all, 0.01));
    llvm::cantFail(resumed->step(data.training, all, 0.01));
  }
  auto a = straight->parameters(), b = resumed->parameters();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(a[i].values, b[i].values) << a[i].name;
  EXPECT_FALSE(resumed->restore("no archive"));
  ModelProgram smaller =
      programOf(R"([{"layer": "linear", "width": 4}])", 8, 16, LinearForm());
  EXPECT_FALSE(createTileTrainer(smaller, {})->restore(saved));
}

TEST(TileTrainerTest, threadsShareABatchWithoutChangingTheStep) {
  Dataset data = makeTeacher(8, 16, 4, 64, 1);
  ModelProgram program =
      programOf(kLayers, 8, 16, tileForm(24, TileLayout::Blocks));
  SampleIndices all = firstSamples(61);
  TrainerOptions three;
  three.threads = 3;
  auto one = createTileTrainer(program, {});
  auto several = createTileTrainer(program, three);
  auto again = createTileTrainer(program, three);
  for (int i = 0; i < 2; ++i) {
    LossSum loss = llvm::cantFail(one->step(data.training, all, 0.001));
    LossSum shared = llvm::cantFail(several->step(data.training, all, 0.001));
    EXPECT_EQ(shared.count, 61);
    EXPECT_NEAR(shared.loss, loss.loss, 1e-3 * loss.loss);
    llvm::cantFail(again->step(data.training, all, 0.001));
  }
  auto b = several->parameters(), c = again->parameters();
  for (size_t i = 0; i < b.size(); ++i)
    EXPECT_EQ(b[i].values, c[i].values) << b[i].name;
}

TEST(TileTrainerTest, whatLibTorchThrowsIsAnError) {
  Dataset data = makeTeacher(8, 16, 4, 16, 1);
  ModelProgram program =
      programOf(kLayers, 8, 16, tileForm(24, TileLayout::Blocks));
  program.steps[1].width += 1;
  auto trainer = createTileTrainer(program, {});
  auto loss = trainer->step(data.training, firstSamples(8), 0.001);
  ASSERT_FALSE(bool(loss));
  EXPECT_EQ(llvm::toString(loss.takeError()).find("LibTorch: "), 0u);
}

TEST(TileTrainerTest, parametersHaveNamesAndShapes) {
  ModelProgram program = programOf(R"([{"layer": "linear", "width": 4}])", 8,
                                   16, tileForm(24, TileLayout::Tiles));
  auto trainer = createTileTrainer(program, {});
  EXPECT_TRUE(trainer->setParameter(
      {"linear0.bias", {4, 4}, std::vector<float>(16, 1.0f)}));
  EXPECT_FALSE(trainer->setParameter(
      {"linear0.bias", {4}, std::vector<float>(4, 1.0f)}));
  EXPECT_FALSE(trainer->setParameter({"linear1.bias", {4, 4}, {}}));
  EXPECT_EQ(program.parameters(), 24 * 4 * 1 + 2 * 24 * 16 + 4 * 4);
}
