//===- BundleFilesTest.cpp - What the runner refuses ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hashes without LLVM, and bundles that are not what their manifest says.
//
//===----------------------------------------------------------------------===//

#include "Bundle.h"
#include "Sha256.h"

#include "sevenfold/Measure/Processor.h"
#include "sevenfold/Support/Hash.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

TEST(Sha256Test, AgreesWithTheOtherOne) {
  // FIPS 180-4's example.
  EXPECT_EQ(sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::string text;
  // All lengths around the ends of blocks.
  for (int length = 0; length < 200; ++length) {
    EXPECT_EQ(sha256(text), sha256Hex(text)) << length;
    text += static_cast<char>(length * 37);
  }
}

namespace {
class BundleFilesTest : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sevenfold-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    write("a.so", "code");
    json plan = {{"plan", {{"kernel", {{"provider", "onednn"}}}}},
                 {"library", "a.so"},
                 {"function", "matmul"},
                 {"error_bound", 1e-6}};
    json candidate = plan;
    candidate.update({{"expected", 0.05}, {"kind", "2x2x2 breadth"}});
    json workload = {{"workload", "8x8x8:f32"},  {"inputs", json::array()},
                     {"outputs", json::array()}, {"matmul", json::object()},
                     {"least_error", 1e-9},      {"baselines", {plan}},
                     {"candidates", {candidate}}};
    manifest = {{"format", "sevenfold-bundle/2"},
                {"protocol", "2"},
                {"target",
                 {{"architecture", describeProcessor().architecture},
                  {"features", describeProcessor().features}}},
                {"seed", 1},
                {"limits", {{"min_timeout", 20}, {"timeout_factor", 8}}},
                {"schedule",
                 {{"fairness_pairs", 31},
                  {"provider_rounds", 7},
                  {"first_rounds", 3},
                  {"keep_one_of", 3},
                  {"confirmation_seconds", 30},
                  {"max_error_growth", 64}}},
                {"fairness", workload},
                {"workloads", {workload}},
                {"files", {{"a.so", sha256("code")}}}};
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &name, const std::string &bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }
  /// What is wrong with the bundle, in one line.
  std::string problem() {
    write("bundle.json", manifest.dump());
    Bundle bundle;
    std::string text = openBundle(folder.string(), bundle);
    if (text.empty())
      text = checkTarget(bundle);
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }
  void expectProblem(const char *words) {
    std::string text = problem();
    EXPECT_NE(text.find(words), std::string::npos) << text;
  }

  std::filesystem::path folder;
  json manifest;
};
} // namespace

TEST_F(BundleFilesTest, AGoodBundleOpens) {
  EXPECT_EQ(problem(), "");
  Bundle bundle;
  openBundle(folder.string(), bundle);
  ASSERT_EQ(bundle.workloads.size(), 1u);
  EXPECT_EQ(bundle.workloads[0].candidates[0].expected, 0.05);
  EXPECT_EQ(bundle.workloads[0].candidates[0].kind, "2x2x2 breadth");
  EXPECT_EQ(bundle.workloads[0].candidates[0].provider, "onednn");
  EXPECT_EQ(bundle.workloads[0].candidates[0].function["library"],
            (folder / "a.so").string());
}

TEST_F(BundleFilesTest, ChangedAndMissingFilesAreRefused) {
  write("a.so", "other code");
  expectProblem("was changed");
  std::filesystem::remove(folder / "a.so");
  expectProblem("cannot read");
}

TEST_F(BundleFilesTest, CodeThatNoHashCoversIsRefused) {
  manifest["workloads"][0]["candidates"][0]["library"] = "b.so";
  expectProblem("expected 'files' to list 'b.so'");
}

TEST_F(BundleFilesTest, FilesLieInTheBundle) {
  for (const char *path : {"/etc/passwd", "../a.so", ""}) {
    manifest["files"] = {{path, sha256("code")}};
    expectProblem("inside the bundle");
  }
}

TEST_F(BundleFilesTest, OtherDevicesAreTold) {
  manifest["target"]["features"].push_back("avx9999");
  expectProblem("for another device");
  expectProblem("avx9999");
  manifest["target"]["architecture"] = "riscv64";
  expectProblem("riscv64");
}

TEST_F(BundleFilesTest, OtherFilesAreNoManifests) {
  for (const char *key : {"format", "protocol", "target", "schedule",
                          "workloads", "fairness", "files", "seed"}) {
    json whole = manifest;
    manifest.erase(key);
    EXPECT_NE(problem(), "") << key;
    manifest = whole;
  }
  manifest["format"] = "sevenfold-bundle/1";
  expectProblem("got 'sevenfold-bundle/1'");
  manifest["format"] = 3;
  EXPECT_NE(problem(), "");
  manifest = json::array();
  EXPECT_NE(problem(), "");
  manifest = 7;
  EXPECT_NE(problem(), "");
}

TEST_F(BundleFilesTest, SchedulesHaveLimits) {
  for (int pairs : {0, -3, 1 << 24}) {
    manifest["schedule"]["first_rounds"] = pairs;
    expectProblem("first_rounds");
  }
}

TEST_F(BundleFilesTest, FilesAreReplacedWhole) {
  std::string path = (folder / "results.json").string(), bytes;
  EXPECT_EQ(replaceFile(path, "one"), "");
  EXPECT_EQ(replaceFile(path, "two"), "");
  ASSERT_TRUE(readWholeFile(path, bytes));
  EXPECT_EQ(bytes, "two");
  EXPECT_NE(replaceFile((folder / "nowhere/x").string(), "three"), "");
  EXPECT_FALSE(readWholeFile((folder / "none").string(), bytes));
}
