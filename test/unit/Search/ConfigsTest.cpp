//===- ConfigsTest.cpp - Configurations of searches -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shipped files are read, and agree with their schemas; others are refused.
//
//===----------------------------------------------------------------------===//

#include "../Support/OptionsFiles.h"
#include "../Support/TemporaryFolder.h"

#include "search/FlipGraph/WalkOptions.h"
#include "search/Frame/Compare.h"
#include "search/Tile/Training/ModelComparison.h"
#include "sevenfold/Support/File.h"

#include "gtest/gtest.h"

using namespace sevenfold;

static const std::string kFolder = SEVENFOLD_CONFIG_DIR "/search/";

TEST(WalkOptionsTest, ShippedFilesSayWhatTheTableSays) {
  expectDefaultsIn<WalkOptions>(kFolder + "walk.json", walkFields());
  expectDefaultsIn<WalkOptions>(kFolder + "symmetric.json", walkFields(),
                                symmetricWalkOptions());
  expectSchemaOf(kFolder + "walk.schema.json", walkFields());
}

TEST(CampaignConfigTest, ShippedFilesAreRead) {
  for (const char *name : {"formats-to-5-z2.json", "formats-to-5-z.json"}) {
    CampaignConfig config = llvm::cantFail(readCampaignConfig(kFolder + name));
    std::set<std::array<unsigned, 3>> formats;
    for (const CampaignEntry &entry : config.entries)
      formats.insert(entry.dims);
    EXPECT_EQ(formats.size(), 20u) << name;
  }
}

TEST(ComparisonConfigTest, ShippedFilesAreRead) {
  for (auto [name, contenders, rank] :
       {std::tuple{"compare-4x4x4-z2.json", 3u, 47u},
        std::tuple{"compare-learned-4x4x5-z2.json", 3u, 60u},
        std::tuple{"compare-learned-5x5x5-z2.json", 2u, 93u}}) {
    ComparisonConfig config =
        llvm::cantFail(readComparisonConfig(kFolder + name));
    EXPECT_EQ(config.contenders.size(), contenders) << name;
    EXPECT_EQ(config.targetRank, rank) << name;
  }
}

TEST(TrainConfigTest, ShippedFilesAreRead) {
  const std::string tile = SEVENFOLD_CONFIG_DIR "/tile/";
  expectSchemaOf(tile + "training.schema.json", trainFields());
  expectSchemaOf(tile + "teacher.schema.json", teacherFields());
  for (const char *name :
       {"fashion-vit-dense.json", "fashion-vit-tile-r24.json",
        "fashion-vit-low-rank.json", "fashion-vit-narrow.json"}) {
    TrainConfig config = llvm::cantFail(readTrainConfig(tile + name));
    Dataset images;
    images.name = "images";
    images.rows = images.width = 28;
    images.outputs = 10;
    ModelProgram program = llvm::cantFail(makeProgram(config, images));
    EXPECT_GT(program.multiplyAdds(), 1e6) << name;
  }
  ModelComparison comparison =
      llvm::cantFail(readModelComparison(tile + "fashion-vit-compare.json"));
  TemporaryFolder folder;
  EXPECT_EQ(llvm::cantFail(prepareRuns(comparison, folder.file("runs"))).size(),
            52u);
  TrainConfig teacher = llvm::cantFail(readTrainConfig(tile + "teacher.json"));
  Dataset data = llvm::cantFail(readDataset(teacher));
  EXPECT_EQ(data.training.count, 512);
  EXPECT_TRUE(bool(makeProgram(teacher, data)));
}

TEST(ConfigsTest, WrongFilesAreRefused) {
  TemporaryFolder folder;
  std::string path = folder.file("config.json");
  auto refusal = [&](auto read, llvm::StringRef text) {
    llvm::cantFail(writeFileAtomically(path, text));
    std::string message = errorOf(read(path));
    EXPECT_NE(message.find(path), std::string::npos) << text.str();
    EXPECT_EQ(message.find('\n'), std::string::npos) << text.str();
  };
  for (const char *text : {"", "[]", R"({"expand": 1})", R"({"slack": -1})",
                           R"({"slack": 1.5})", R"({"pool_percent": 101})"})
    refusal([](llvm::StringRef p) { return readWalkOptions(p); }, text);
  for (const char *text :
       {"{}", R"({"slice": "5s", "searches": []})",
        R"({"slice": "5steps", "searches": [{"dims": [2,2,2]}]})",
        R"({"slice": "5s", "searches": [{"dims": [2,2]}]})",
        R"({"slice": "5s", "searches": [{"dims": [2,2,9]}]})",
        R"({"slice": "5s", "searches": [{"dims": [2,2,2], "ring": "R"}]})",
        R"({"slice": "5s", "searches": [{"dims": [2,2,2], "seed": -1}]})",
        R"({"slice": "5s", "searches": [{"dims": [2,2,2], "target_rank": 6}]})",
        R"({"slice": "5s",
            "searches": [{"dims": [2,2,2]}, {"dims": [2,2,2]}]})"})
    refusal(readCampaignConfig, text);
  const std::string start = R"({"search": {"dims": [2,2,2]}, "budget": )";
  for (const char *rest :
       {R"("5s", "contenders": [{"name": "a"}]})",
        R"("cpu:5s", "contenders": []})",
        R"("cpu:5s", "contenders": [{"name": "../a"}]})",
        R"("cpu:5s", "contenders": [{"name": "a"}, {"name": "a"}]})",
        R"("cpu:5s", "seeds": 0, "contenders": [{"name": "a"}]})"})
    refusal(readComparisonConfig, start + rest);
}

TEST(ComparisonTest, TableAndPicture) {
  std::vector<ComparedRun> runs = {{"walk", 0, {{0.1, 8}, {0.5, 7}}, 2},
                                   {"game", 0, {}, 2},
                                   {"walk", 1, {{0.2, 8}}, 2},
                                   {"walk", 2, {{0.3, 7}}, 2}};
  std::string table = comparisonTable(runs);
  EXPECT_NE(table.find("| walk | 7 8 7 | 7 | 0.3 |"), std::string::npos)
      << table;
  EXPECT_NE(table.find("| game | - | - | 2.0 |"), std::string::npos) << table;
  std::string svg = comparisonSvg(runs, "title");
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  size_t lines = 0;
  for (size_t at = 0; (at = svg.find("<path", at)) != std::string::npos; ++at)
    ++lines;
  EXPECT_EQ(lines, 3u);
  EXPECT_EQ(comparisonSvg({}, "none").find("nan"), std::string::npos);
}
