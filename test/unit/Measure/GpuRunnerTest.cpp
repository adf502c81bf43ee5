//===- GpuRunnerTest.cpp - Measuring on a GPU -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runner against the fake of driver, cuBLASLt and NVML: times are those of
// the events, and every failure ends as a status that names whose it is.
//
//===----------------------------------------------------------------------===//

#include "PlantedArtefact.h"

#include "sevenfold/Measure/Gpu.h"
#include "sevenfold/Measure/Runner.h"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>

using namespace sevenfold;

namespace {

Artefact planted(const std::string &function) {
  return plantedArtefact(SEVENFOLD_PLANTED_GPU_LIBRARY, function);
}

/// The runner's process takes this one's environment.
class GpuRunnerTest : public testing::Test {
protected:
  void SetUp() override {
    set("LD_LIBRARY_PATH", SEVENFOLD_FAKE_FOLDER);
    start("nvptx");
  }
  void TearDown() override {
    runner.reset();
    for (const std::string &name : changed)
      unsetenv(name.c_str());
  }

  void set(const std::string &name, const std::string &value) {
    setenv(name.c_str(), value.c_str(), 1);
    changed.push_back(name);
  }

  void start(const std::string &device) {
    RunnerOptions options;
    options.program = SEVENFOLD_RUNNER_PROGRAM;
    options.device = device;
    auto made = createProcessRunner(options);
    ASSERT_TRUE(bool(made)) << llvm::toString(made.takeError());
    runner = std::move(*made);
  }

  void expectError(const std::string &function, RunStatus status,
                   const std::string &text) {
    ErrorSample sample = runner->measureError(planted(function),
                                              plantedWorkload(), kPlantedBound);
    EXPECT_EQ(sample.status, status) << sample.message;
    EXPECT_NE(sample.message.find(text), std::string::npos) << sample.message;
  }

  std::unique_ptr<Runner> runner;
  std::vector<std::string> changed;
};

TEST_F(GpuRunnerTest, TimesAreThoseOfTheEvents) {
  PairSamples samples =
      runner->measurePairs(planted("good"), planted("twice"), 4);
  ASSERT_EQ(samples.status, RunStatus::Ok) << samples.message;
  ASSERT_EQ(samples.a.size(), 4u);
  ASSERT_EQ(samples.b.size(), 4u);
  // The fake's best proposal takes a millisecond, whatever the host does.
  for (double seconds : samples.a)
    EXPECT_NEAR(seconds, 1e-3, 1e-6);
  for (double seconds : samples.b)
    EXPECT_NEAR(seconds, 2e-3, 1e-6);
  EXPECT_EQ(samples.smMegahertz, std::vector<double>(8, 1500));
  EXPECT_EQ(samples.powerWatts, std::vector<double>(8, 350));
}

TEST_F(GpuRunnerTest, ConditionsMayBeUnknown) {
  set("SEVENFOLD_FAKE_NVML", "absent");
  PairSamples samples =
      runner->measurePairs(planted("good"), planted("good"), 2);
  ASSERT_EQ(samples.status, RunStatus::Ok) << samples.message;
  EXPECT_TRUE(samples.smMegahertz.empty());
  EXPECT_TRUE(samples.powerWatts.empty());
}

TEST_F(GpuRunnerTest, WrongResultsAreTold) {
  expectError("good", RunStatus::Ok, "");
  expectError("wrong", RunStatus::WrongResult, "is above the bound");
  expectError("writesNothing", RunStatus::WrongResult,
              "not finite at row 0, column 0");
  expectError("writesInput", RunStatus::WrongResult, "it wrote into an input");
  expectError("writesBehind", RunStatus::WrongResult,
              "it wrote behind the end of a buffer");
}

TEST_F(GpuRunnerTest, TwoBuildsAreCompared) {
  ErrorSample same =
      runner->measureDifference(planted("good"), planted("twice"), 0);
  EXPECT_EQ(same.status, RunStatus::Ok) << same.message;
  EXPECT_EQ(same.relative, 0);
  ErrorSample other =
      runner->measureDifference(planted("good"), planted("wrong"), 0);
  EXPECT_NEAR(other.relative, 0.5, 1e-6);
}

TEST_F(GpuRunnerTest, ALostContextIsTheCandidatesFaultAndNotTheNextOnes) {
  expectError("illegal", RunStatus::Failed, "CUDA_ERROR_ILLEGAL_ADDRESS");
  expectError("good", RunStatus::Ok, "");
  PairSamples pairs =
      runner->measurePairs(planted("good"), planted("illegal"), 2);
  EXPECT_EQ(pairs.status, RunStatus::Failed);
  EXPECT_NE(pairs.message.find("'illegal'"), std::string::npos)
      << pairs.message;
  expectError("good", RunStatus::Ok, "");
}

TEST_F(GpuRunnerTest, OutOfMemoryIsTold) {
  set("SEVENFOLD_FAKE_GPU_MEMORY", "200000000");
  expectError("needsMuch", RunStatus::Failed, "out of memory for a workspace");
  expectError("good", RunStatus::Ok, "");
  set("SEVENFOLD_FAKE_GPU_MEMORY", "20000");
  start("nvptx");
  PairSamples pairs = runner->measurePairs(planted("good"), planted("good"), 2);
  EXPECT_EQ(pairs.status, RunStatus::Failed);
  EXPECT_NE(pairs.message.find("out of device memory: the operands need"),
            std::string::npos)
      << pairs.message;
}

TEST_F(GpuRunnerTest, WithoutADeviceNobodyIsBlamed) {
  set("SEVENFOLD_FAKE_GPU_DEVICES", "0");
  expectError("good", RunStatus::DeviceLost, "the CUDA driver sees no device");
}

TEST_F(GpuRunnerTest, WithoutADriverNobodyIsBlamed) {
  unsetenv("LD_LIBRARY_PATH");
  ErrorSample sample =
      runner->measureError(planted("good"), plantedWorkload(), kPlantedBound);
  if (sample.status == RunStatus::Ok)
    GTEST_SKIP() << "this machine has a GPU";
  EXPECT_EQ(sample.status, RunStatus::DeviceLost) << sample.message;
}

TEST_F(GpuRunnerTest, AVanishedDeviceIsNoCandidatesFault) {
  std::string gone = testing::TempDir() + "gpu-gone";
  std::remove(gone.c_str());
  set("SEVENFOLD_FAKE_GPU_VANISH", "20:" + gone);
  PairSamples pairs =
      runner->measurePairs(planted("good"), planted("twice"), 20);
  EXPECT_EQ(pairs.status, RunStatus::DeviceLost) << pairs.message;
  std::remove(gone.c_str());
}

TEST_F(GpuRunnerTest, CodeOfTheOtherKindIsRefused) {
  Artefact host = planted("good");
  host.library = SEVENFOLD_PLANTED_LIBRARY;
  ErrorSample sample =
      runner->measureError(host, plantedWorkload(), kPlantedBound);
  EXPECT_EQ(sample.status, RunStatus::Failed);
  EXPECT_NE(sample.message.find("it is no code for GPUs"), std::string::npos)
      << sample.message;
  start("host");
  expectError("good", RunStatus::Failed, "it is code for GPUs");
}

TEST(GpuTest, TheFingerprintIsNameAndArchitecture) {
  Gpu gpu;
  gpu.name = "NVIDIA H200";
  gpu.major = 9;
  EXPECT_EQ(gpu.fingerprint(), "NVIDIA H200 sm_90");
  gpu.major = 12;
  gpu.minor = 1;
  EXPECT_EQ(gpu.chip(), "sm_121");
}

} // namespace
