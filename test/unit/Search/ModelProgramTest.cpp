//===- ModelProgramTest.cpp - Layers as steps -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes and counts of programs, configurations that are refused, data.
//
//===----------------------------------------------------------------------===//

#include "../Support/TemporaryFolder.h"
#include "search/Tile/Training/ModelMlir.h"
#include "search/Tile/Training/TrainConfig.h"
#include "sevenfold/Support/File.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {

llvm::Expected<ModelProgram> read(const char *layers, int64_t rows,
                                  int64_t width,
                                  const LinearForm &form = LinearForm(),
                                  double share = 1) {
  return readModelProgram(nlohmann::json::parse(layers), "layers", rows, width,
                          form, share);
}

const char *kVision = R"([
  {"layer": "patches", "size": 2},
  {"layer": "linear", "width": 8},
  {"layer": "position"},
  {"layer": "residual", "layers": [
    {"layer": "norm"}, {"layer": "attention", "heads": 2}]},
  {"layer": "mean"},
  {"layer": "linear", "width": 3}])";

} // namespace

TEST(ModelProgramTest, sizesFollowFromTheLayers) {
  ModelProgram program = llvm::cantFail(read(kVision, 4, 8));
  std::vector<std::pair<int64_t, int64_t>> sizes;
  for (const ModelStep &step : program.steps)
    sizes.push_back({step.rows, step.width});
  std::vector<std::pair<int64_t, int64_t>> wanted = {
      {8, 4}, {8, 8}, {8, 8}, {8, 8}, {8, 24},
      {8, 8}, {8, 8}, {8, 8}, {1, 8}, {1, 3}};
  EXPECT_EQ(sizes, wanted);
  EXPECT_EQ(program.outputWidth(), 3);
  // Patches, in, attention of 8 rows, out, and the last layer.
  EXPECT_EQ(program.multiplyAdds(),
            8 * 4 * 8 + 8 * 8 * 24 + 2 * 8 * 8 * 8 + 8 * 8 * 8 + 8 * 3);
}

TEST(ModelProgramTest, tilesNeedRowsOfTheirOwnSample) {
  LinearForm form;
  form.kind = LinearKind::Tile;
  form.rank = 24;
  ModelProgram program = llvm::cantFail(read(kVision, 4, 8, form));
  EXPECT_EQ(program.steps[1].form.kind, LinearKind::Tile);
  // One row is left behind the mean.
  EXPECT_EQ(program.steps.back().form.kind, LinearKind::Dense);
}

TEST(ModelProgramTest, aShareMakesAllButTheLastLayerNarrower) {
  ModelProgram program = llvm::cantFail(read(kVision, 4, 8, LinearForm(), 0.5));
  EXPECT_EQ(program.steps[1].width, 4);
  EXPECT_EQ(program.outputWidth(), 3);
}

TEST(ModelProgramTest, refusesWhatDoesNotFit) {
  for (auto [layers, message] :
       {std::pair{R"([])", "layers: expected a list of layers"},
        std::pair{R"([{"layer": "mean"}])",
                  "layers: expected a linear layer as the last one"},
        std::pair{R"([{"layer": "tanh"}])", "layers[0].layer: expected"},
        std::pair{R"([{"layer": "patches", "size": 3}])",
                  "layers[0]: expected images that patches of 3 divide"},
        std::pair{R"([{"layer": "attention", "heads": 3}])",
                  "layers[0]: expected a width that 3 heads divide"},
        std::pair{R"([{"layer": "residual", "layers": [
                       {"layer": "linear", "width": 5}]}])",
                  "layers[0]: expected layers that lead back to 4x8"},
        std::pair{R"([{"layer": "linear", "width": 5, "more": 1}])", "more"},
        std::pair{R"([{"layer": "linear", "width": 0}])", "width"},
        std::pair{R"([{"layer": "linear", "width": 4, "linear":
                       {"kind": "tile", "rank": 65}}])",
                  "rank"},
        std::pair{R"([{"layer": "linear", "width": 4, "linear":
                       {"kind": "sparse"}}])",
                  "kind: expected 'dense', 'low-rank' or 'tile'"}}) {
    std::string error = errorOf(read(layers, 4, 8));
    EXPECT_NE(error.find(message), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(ModelMlirTest, namesEveryParameterOnce) {
  LinearForm form;
  form.kind = LinearKind::Tile;
  form.rank = 24;
  ModelProgram program = llvm::cantFail(read(kVision, 4, 8, form));
  std::vector<std::string> names;
  for (const ModelArgument &argument : modelArguments(program))
    names.push_back(argument.name + (argument.isTile ? "*" : ""));
  std::vector<std::string> wanted = {
      "linear0.weight*", "position1.rows",        "norm2.gain",
      "norm2.shift",     "attention3.in.weight*", "attention3.out.weight*",
      "linear4.weight",  "linear4.bias"};
  EXPECT_EQ(names, wanted);
  std::string text = modelToMlir(program, 2);
  EXPECT_NE(text.find("func.func @model(%x: tensor<2x4x8xf32>"),
            std::string::npos);
  EXPECT_NE(text.find("-> tensor<2x3xf32>"), std::string::npos);
}

TEST(DatasetTest, theTeacherIsTheSameForASeed) {
  Dataset a = makeTeacher(2, 3, 4, 16, 7), b = makeTeacher(2, 3, 4, 16, 7);
  EXPECT_EQ(a.training.inputs, b.training.inputs);
  EXPECT_EQ(a.training.targets, b.training.targets);
  EXPECT_EQ(a.test.count, 4);
}

TEST(DatasetTest, imagesAreReadAndOthersRefused) {
  TemporaryFolder folder;
  std::string root = folder.file("images");
  EXPECT_NE(errorOf(readFashionMnist(root)).find("dataset-fashion-mnist"),
            std::string::npos);
  llvm::sys::fs::create_directories(root);
  auto head = [](std::initializer_list<int> sizes) {
    std::string bytes = {0, 0, 8, char(sizes.size())};
    for (int size : sizes)
      bytes +=
          {char(size >> 24), char(size >> 16), char(size >> 8), char(size)};
    return bytes;
  };
  for (const char *part : {"train", "t10k"}) {
    std::string images = head({2, 28, 28});
    images += std::string(784, '\0') + std::string(784, '\xff');
    EXPECT_EQ(errorOf(writeFileAtomically(
                  root + "/" + part + "-images-idx3-ubyte", images)),
              "");
    EXPECT_EQ(
        errorOf(writeFileAtomically(root + "/" + part + "-labels-idx1-ubyte",
                                    head({2}) + std::string("\x03\x09"))),
        "");
  }
  Dataset data = llvm::cantFail(readFashionMnist(root));
  EXPECT_EQ(data.training.count, 2);
  EXPECT_EQ(data.test.classes, (std::vector<int64_t>{3, 9}));
  EXPECT_NEAR(data.training.inputs.front(), -1, 1e-4);
  EXPECT_NEAR(data.training.inputs.back(), 1, 1e-4);
  EXPECT_EQ(errorOf(writeFileAtomically(root + "/t10k-labels-idx1-ubyte",
                                        head({2}) + std::string("\x03\x0a"))),
            "");
  EXPECT_NE(errorOf(readFashionMnist(root)).find("labels below 10"),
            std::string::npos);
  EXPECT_EQ(
      errorOf(writeFileAtomically(root + "/t10k-labels-idx1-ubyte", "text")),
      "");
  EXPECT_NE(errorOf(readFashionMnist(root)).find("expected an idx file"),
            std::string::npos);
}
