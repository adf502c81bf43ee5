//===- RunnerTest.cpp - Measuring good and bad functions ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every planted failure ends as a status, and the next request works.
//
//===----------------------------------------------------------------------===//

#include "PlantedArtefact.h"

#include "sevenfold/Measure/Runner.h"

#include "sevenfold/Measure/Interrupt.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace sevenfold;

namespace {

Artefact planted(const std::string &function) {
  return plantedArtefact(SEVENFOLD_PLANTED_LIBRARY, function);
}

RunnerOptions plantedOptions() {
  RunnerOptions options;
  options.program = SEVENFOLD_RUNNER_PROGRAM;
  options.minTimeoutSeconds = 1;
  return options;
}

/// How a crash looks from outside: sanitizers turn the signal into an exit.
#if defined(__SANITIZE_ADDRESS__)
constexpr char kCrashText[] = "exited with code 1";
#else
constexpr char kCrashText[] = "signal 11";
#endif

class RunnerTest : public testing::Test {
protected:
  void SetUp() override {
    llvm::Expected<std::unique_ptr<Runner>> made =
        createProcessRunner(plantedOptions());
    ASSERT_TRUE(bool(made)) << llvm::toString(made.takeError());
    runner = std::move(*made);
  }

  /// A good measurement after whatever went before.
  void expectAlive() {
    ErrorSample sample =
        runner->measureError(planted("good"), plantedWorkload(), kPlantedBound);
    EXPECT_EQ(sample.status, RunStatus::Ok) << sample.message;
  }

  /// Both kinds of request end in `status` with `text` in the message.
  void expectFailure(const std::string &function, RunStatus status,
                     const std::string &text) {
    PairSamples pairs =
        runner->measurePairs(planted("good"), planted(function), 3);
    EXPECT_EQ(pairs.status, status) << pairs.message;
    EXPECT_NE(pairs.message.find(text), std::string::npos) << pairs.message;
    EXPECT_NE(pairs.message.find("'" + function + "'"), std::string::npos)
        << pairs.message;
    ErrorSample error = runner->measureError(planted(function),
                                             plantedWorkload(), kPlantedBound);
    EXPECT_EQ(error.status, status) << error.message;
    EXPECT_NE(error.message.find(text), std::string::npos) << error.message;
    expectAlive();
  }

  void expectWrong(const std::string &function, const std::string &text) {
    ErrorSample error = runner->measureError(planted(function),
                                             plantedWorkload(), kPlantedBound);
    EXPECT_EQ(error.status, RunStatus::WrongResult) << error.message;
    EXPECT_NE(error.message.find(text), std::string::npos) << error.message;
    ErrorSample difference = runner->measureDifference(
        planted("good"), planted(function), kPlantedBound);
    EXPECT_EQ(difference.status, RunStatus::WrongResult) << difference.message;
    expectAlive();
  }

  std::unique_ptr<Runner> runner;
};

TEST_F(RunnerTest, TimesPairs) {
  PairSamples samples =
      runner->measurePairs(planted("good"), planted("slower"), 5);
  ASSERT_EQ(samples.status, RunStatus::Ok) << samples.message;
  ASSERT_EQ(samples.a.size(), 5u);
  ASSERT_EQ(samples.b.size(), 5u);
  for (size_t pair = 0; pair < 5; ++pair) {
    EXPECT_GT(samples.a[pair], 0);
    EXPECT_GT(samples.b[pair], 0);
  }
}

TEST_F(RunnerTest, MeasuresErrors) {
  ErrorSample sample =
      runner->measureError(planted("good"), plantedWorkload(), kPlantedBound);
  ASSERT_EQ(sample.status, RunStatus::Ok) << sample.message;
  EXPECT_EQ(sample.rows, 48);
  EXPECT_GT(sample.relative, 0);
  EXPECT_LT(sample.relative, 1e-6);
}

TEST_F(RunnerTest, MeasuresTransposedAccumulatingF64) {
  Workload workload = plantedWorkload();
  workload.type = ElementType::F64;
  workload.layoutA = workload.layoutB = Layout::Transposed;
  workload.accumulation = Accumulation::Accumulate;
  Artefact artefact = planted("good_f64_transposed_accumulating");
  artefact.inputs = {{ElementType::F64, {40, 48}},
                     {ElementType::F64, {56, 40}},
                     {ElementType::F64, {48, 56}}};
  artefact.outputs = {{ElementType::F64, {48, 56}}};
  ErrorSample sample = runner->measureError(artefact, workload, 1e-14);
  ASSERT_EQ(sample.status, RunStatus::Ok) << sample.message;
  EXPECT_GT(sample.relative, 0) << "compared with itself?";
  // Told that C is overwritten, the same buffers are not the workload's.
  workload.accumulation = Accumulation::Overwrite;
  EXPECT_EQ(runner->measureError(artefact, workload, 1e-14).status,
            RunStatus::Failed);
  // Told the wrong layout, the result is wrong.
  workload.accumulation = Accumulation::Accumulate;
  workload.layoutA = Layout::RowMajor;
  EXPECT_EQ(runner->measureError(artefact, workload, 1e-14).status,
            RunStatus::WrongResult);
}

TEST_F(RunnerTest, NoiseOnStdoutStaysOutOfTheProtocol) {
  PairSamples samples =
      runner->measurePairs(planted("good"), planted("noisy"), 2);
  ASSERT_EQ(samples.status, RunStatus::Ok) << samples.message;
  EXPECT_EQ(samples.a.size(), 2u);
}

TEST_F(RunnerTest, CrashIsAStatus) {
  expectFailure("crash", RunStatus::Crashed, kCrashText);
}

TEST_F(RunnerTest, AbortIsAStatusWithItsLastWords) {
  expectFailure("quit", RunStatus::Crashed, "planted complaint");
}

TEST_F(RunnerTest, ExitIsAStatus) {
  expectFailure("leave", RunStatus::Crashed, "exited with code 0");
}

TEST_F(RunnerTest, ErrorCodeIsAStatusWithItsSentence) {
  expectFailure("refuse", RunStatus::Failed,
                "-3: the planted library is tired");
}

TEST_F(RunnerTest, MissingFunctionIsAStatus) {
  expectFailure("no_such_function", RunStatus::Failed, "no_such_function");
}

TEST_F(RunnerTest, MissingLibraryIsAStatus) {
  Artefact artefact = planted("good");
  artefact.library = "/nonexistent/plan.so";
  PairSamples samples = runner->measurePairs(artefact, planted("good"), 2);
  EXPECT_EQ(samples.status, RunStatus::Failed);
  EXPECT_NE(samples.message.find("/nonexistent/plan.so"), std::string::npos);
  expectAlive();
}

TEST_F(RunnerTest, WritingAnInputIsACrash) {
  expectFailure("writes_input", RunStatus::Crashed, kCrashText);
}

TEST_F(RunnerTest, WritingPastTheEndIsACrash) {
  ErrorSample sample = runner->measureError(planted("writes_past_end"),
                                            plantedWorkload(), kPlantedBound);
  EXPECT_EQ(sample.status, RunStatus::Crashed) << sample.message;
  expectAlive();
}

TEST_F(RunnerTest, HangEndsWithinItsLimit) {
  auto begin = std::chrono::steady_clock::now();
  PairSamples samples =
      runner->measurePairs(planted("good"), planted("hang"), 3);
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(samples.status, RunStatus::TimedOut) << samples.message;
  EXPECT_NE(samples.message.find("'hang'"), std::string::npos);
  EXPECT_LT(elapsed.count(), 30) << "the limit was 1 s";
  expectAlive();
}

TEST_F(RunnerTest, WrongResultsAreStatuses) {
  expectWrong("wrong", "above the bound");
  expectWrong("not_a_number", "row 3, column 5");
  expectWrong("incomplete", "row 47, column 0");
}

TEST_F(RunnerTest, WithoutABoundOnlyNaNIsWrong) {
  EXPECT_EQ(runner->measureError(planted("wrong"), plantedWorkload(), 0).status,
            RunStatus::Ok);
  EXPECT_EQ(runner->measureError(planted("not_a_number"), plantedWorkload(), 0)
                .status,
            RunStatus::WrongResult);
}

TEST_F(RunnerTest, ComparesTwoFunctions) {
  ErrorSample same = runner->measureDifference(
      planted("good"), planted("slower"), kPlantedBound);
  ASSERT_EQ(same.status, RunStatus::Ok) << same.message;
  EXPECT_EQ(same.relative, 0);
  ErrorSample crashed = runner->measureDifference(
      planted("good"), planted("crash"), kPlantedBound);
  EXPECT_EQ(crashed.status, RunStatus::Crashed);
  EXPECT_NE(crashed.message.find("'crash'"), std::string::npos);
}

TEST_F(RunnerTest, DifferentBuffersAreRefused) {
  Artefact other = planted("good");
  other.outputs[0].dims = {56, 48};
  PairSamples samples = runner->measurePairs(planted("good"), other, 1);
  EXPECT_EQ(samples.status, RunStatus::Failed);
  EXPECT_NE(samples.message.find("same buffers"), std::string::npos);
}

TEST_F(RunnerTest, ImpossibleBuffersAreRefused) {
  Artefact artefact = planted("good");
  artefact.inputs[0].dims = {int64_t(1) << 38};
  PairSamples samples = runner->measurePairs(artefact, artefact, 1);
  EXPECT_EQ(samples.status, RunStatus::Failed);
  EXPECT_NE(samples.message.find("memory"), std::string::npos)
      << samples.message;
  expectAlive();
}

TEST_F(RunnerTest, RunsAreToldAsTheyEnd) {
  std::vector<RunReport> told;
  runner->observe([&](const RunReport &run) { told.push_back(run); });
  Artefact good = planted("good");
  TimedRuns runs = runner->measureRuns({&good, &good}, {1, 0, 0, 1});
  ASSERT_EQ(runs.status, RunStatus::Ok) << runs.message;
  ASSERT_EQ(told.size(), 4u);
  for (size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].position, i);
    EXPECT_EQ(told[i].total, 4u);
    EXPECT_EQ(told[i].seconds, runs.seconds[i]);
  }
}

TEST_F(RunnerTest, InterruptStopsAMeasurement) {
  installInterruptHandlers();
  std::thread sender([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    kill(getpid(), SIGINT);
  });
  PairSamples samples =
      runner->measurePairs(planted("hang"), planted("good"), 3);
  sender.join();
  EXPECT_EQ(samples.status, RunStatus::Failed);
  EXPECT_EQ(samples.message, "interrupted");
  EXPECT_TRUE(interrupted());
  clearInterrupt();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  expectAlive();
}

TEST(RunnerStartTest, MissingProgramIsAnError) {
  RunnerOptions options;
  options.program = "/nonexistent/sevenfold-runner";
  llvm::Expected<std::unique_ptr<Runner>> runner = createProcessRunner(options);
  ASSERT_FALSE(bool(runner));
  EXPECT_NE(llvm::toString(runner.takeError())
                .find("'/nonexistent/sevenfold-runner'"),
            std::string::npos);
}

TEST(RunnerStartTest, ProgramThatIsNoRunnerIsAStatus) {
  RunnerOptions options = plantedOptions();
  options.program = "/bin/true";
  llvm::Expected<std::unique_ptr<Runner>> runner = createProcessRunner(options);
  ASSERT_TRUE(bool(runner));
  EXPECT_EQ((*runner)->measurePairs(planted("good"), planted("good"), 1).status,
            RunStatus::Crashed);
}

/// Gone, or dead and not yet reaped by whoever adopted it.
bool isGone(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text))
    return true;
  size_t state = text.rfind(')');
  return state == std::string::npos || text[state + 2] == 'Z';
}

pid_t readPid(const std::string &path) {
  std::ifstream file(path);
  pid_t pid = 0;
  file >> pid;
  return file ? pid : 0;
}

TEST(RunnerStartTest, KilledParentLeavesNoRunner) {
  char folder[] = "/tmp/sevenfold-runner-test-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  std::string pidFile = std::string(folder) + "/runner.pid";
  pid_t tuner = fork();
  if (tuner == 0) {
    if (chdir(folder) != 0)
      _exit(1);
    RunnerOptions options = plantedOptions();
    options.minTimeoutSeconds = 60;
    llvm::Expected<std::unique_ptr<Runner>> runner =
        createProcessRunner(options);
    if (runner)
      (*runner)->measurePairs(planted("hang_by_name"), planted("good"), 1);
    _exit(0);
  }
  pid_t runner = 0;
  for (int attempt = 0; attempt < 1500 && runner == 0; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    runner = readPid(pidFile);
  }
  ASSERT_GT(runner, 0) << "the planted function never ran";
  EXPECT_FALSE(isGone(runner));
  kill(tuner, SIGKILL);
  waitpid(tuner, nullptr, 0);
  bool gone = false;
  for (int attempt = 0; attempt < 500 && !gone; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    gone = isGone(runner);
  }
  EXPECT_TRUE(gone);
  unlink(pidFile.c_str());
  rmdir(folder);
}

} // namespace
