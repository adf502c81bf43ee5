//===- ModelComparisonTest.cpp - Models at equal steps --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is read, what runs follow from it, and what is said of them.
//
//===----------------------------------------------------------------------===//

#include "../Support/TemporaryFolder.h"

#include "search/Tile/Training/ModelComparison.h"
#include "sevenfold/Support/File.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

using namespace sevenfold;

namespace {
const char *const kTeacher = R"({"data": "teacher", "layers": [
  {"layer": "linear", "width": 8}, {"layer": "mean"},
  {"layer": "linear", "width": 4}]})";

std::string comparisonOf(const std::string &models) {
  return std::string(R"({"config": )") + kTeacher +
         R"(, "seeds": [1, 2], "models": )" + models + "}";
}

llvm::Expected<ModelComparison> read(const TemporaryFolder &folder,
                                     const std::string &text) {
  std::string path = folder.file("compare.json");
  llvm::cantFail(writeFileAtomically(path, text));
  return readModelComparison(path);
}

ModelRunResult resultOf(const char *model, int64_t seed, double accuracy) {
  ModelRunResult result;
  result.model = model;
  result.seed = seed;
  result.training.accuracy = accuracy;
  result.training.multiplyAdds = 1e6;
  result.training.parameters = 1000;
  result.training.epochs = 5;
  return result;
}
} // namespace

TEST(ModelComparisonTest, runsGoSeedBySeedAndChangeWhatTheySay) {
  TemporaryFolder folder;
  ModelComparison comparison = llvm::cantFail(read(folder, comparisonOf(R"([
    {"name": "dense"},
    {"name": "thin", "seeds": [2, 3],
     "change": {"linear": {"kind": "low-rank", "rank": 4}}},
    {"name": "fitted", "start": "dense", "change": {"training": {"epochs": 2}}}
  ])")));
  auto runs = llvm::cantFail(prepareRuns(comparison, folder.file("out")));
  std::string order;
  for (const ModelRun &run : runs)
    order += run.model + std::to_string(run.seed) + " ";
  EXPECT_EQ(order, "dense1 fitted1 dense2 thin2 fitted2 thin3 ");
  EXPECT_EQ(runs[3].config.linear.kind, LinearKind::LowRank);
  EXPECT_EQ(runs[3].config.training.seed, 2);
  EXPECT_EQ(runs[4].config.training.epochs, 2);
  EXPECT_EQ(runs[4].config.start, folder.file("out/dense-s2"));
  EXPECT_EQ(runs[4].folder, folder.file("out/fitted-s2"));
}

TEST(ModelComparisonTest, wrongFilesAreRefusedWithTheirPlace) {
  TemporaryFolder folder;
  for (auto [models, message] :
       {std::pair{R"([])", "at least one model"},
        std::pair{R"([{"name": "a"}, {"name": "a"}])", "models[1]: name"},
        std::pair{R"([{"name": "../a"}])", "models[0]: name"},
        std::pair{R"([{"name": "a", "start": "b"}, {"name": "b"}])",
                  "no earlier model is named 'b'"},
        std::pair{R"([{"name": "a"}, {"name": "b", "against": "c"}])",
                  "no earlier model is named 'c'"},
        std::pair{R"([{"name": "a"},
                      {"name": "b", "start": "a", "seeds": [1, 9]}])",
                  "'a' has no seed 9"},
        std::pair{R"([{"name": "a", "seeds": [1, 1]}])", "different integers"},
        std::pair{R"([{"name": "a", "seeds": [0.5]}])", "different integers"},
        std::pair{R"([{"name": "a", "rank": 3}])", "rank"}}) {
    std::string error = errorOf(read(folder, comparisonOf(models)));
    EXPECT_NE(error.find(message), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
  // A change that makes no configuration.
  ModelComparison comparison = llvm::cantFail(
      read(folder, comparisonOf(R"([{"name": "a", "change": {"depth": 3}}])")));
  std::string error = errorOf(prepareRuns(comparison, folder.file("out")));
  EXPECT_NE(error.find("a-s1.json"), std::string::npos) << error;
  EXPECT_NE(error.find("depth"), std::string::npos) << error;
  // One that makes no model, behind one that does: nothing is written.
  comparison = llvm::cantFail(read(folder, comparisonOf(R"([{"name": "a"},
    {"name": "b", "change": {"linear": {"kind": "low-rank"}}}])")));
  error = errorOf(prepareRuns(comparison, folder.file("out")));
  EXPECT_NE(error.find("rank"), std::string::npos) << error;
  comparison = llvm::cantFail(read(folder, comparisonOf(R"([{"name": "a"},
    {"name": "b", "change": {"teacher": {"width": 20}}}])")));
  error = errorOf(prepareRuns(comparison, folder.file("out")));
  EXPECT_NE(error.find("sizes of the first"), std::string::npos) << error;
  EXPECT_FALSE(llvm::sys::fs::exists(folder.file("out")));
}

TEST(ModelComparisonTest, tableNumbersAndPictureSayWhatWasFound) {
  TemporaryFolder folder;
  ModelComparison comparison = llvm::cantFail(read(folder, comparisonOf(R"([
    {"name": "dense"}, {"name": "tile", "against": "dense"}])")));
  std::vector<ModelRunResult> results = {
      resultOf("dense", 1, 0.9), resultOf("tile", 1, 0.88),
      resultOf("dense", 2, 0.92), resultOf("tile", 2, 0.93)};
  results[1].training.multiplyAdds = 4e5;
  results[0].relativeTime = Speedup{1, 1, 1, 15};
  results[0].milliseconds = 4;
  results[1].relativeTime = Speedup{0.5, 0.48, 0.55, 15};
  results[1].milliseconds = 2;
  std::string table = modelTable(comparison, results);
  EXPECT_NE(table.find("| dense | 91.00 (90.00 to 92.00, 2) | 5 | 1.00 |"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("| 0.500 (0.480 to 0.550) | -0.50 (-2.00 to +1.00) over "
                       "dense, above in 1 of 2 |"),
            std::string::npos)
      << table;
  auto json = nlohmann::json::parse(modelJson(results));
  EXPECT_EQ(json.size(), 4u);
  EXPECT_EQ(json[1]["stored_bytes"], 4000);
  EXPECT_EQ(json[1]["relative_time"], 0.5);
  EXPECT_FALSE(json[2].contains("median_ms"));
  std::string svg = modelSvg(comparison, results);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_NE(svg.find(">2 tile</text>"), std::string::npos);
  // Nothing to show, or everything the same.
  EXPECT_EQ(modelSvg(comparison, {}).find("nan"), std::string::npos);
  EXPECT_EQ(modelSvg(comparison, {results[0]}).find("nan"), std::string::npos);
  EXPECT_EQ(modelTable(comparison, {}), "");
}
