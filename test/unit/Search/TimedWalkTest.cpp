//===- TimedWalkTest.cpp - Walks for measured time ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On a machine whose taste is known: the fewer nonzeros in U, the faster.
//
//===----------------------------------------------------------------------===//

#include "../Support/TemporaryFolder.h"

#include "search/FlipGraph/FlipGraphStrategy.h"
#include "search/FlipGraph/MeasuredChoice.h"
#include "search/FlipGraph/PolishStrategy.h"
#include "search/FlipGraph/TimedWalkStrategy.h"
#include "search/Frame/SearchLoop.h"
#include "search/Frame/Starts.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

#include <map>

using namespace sevenfold;

namespace {
class FakeEvaluator : public SchemeEvaluator {
public:
  std::optional<double> logSpeedup(const Scheme &scheme) override {
    measured.push_back(scheme);
    if (fails)
      return std::nullopt;
    return -0.01 * scheme.u.nonzeros();
  }
  double predictedSeconds(const Scheme &scheme) const override {
    return nonzeros(scheme);
  }
  Provenance provenanceOf(const Scheme &scheme) const override {
    return {{"workload", "fake"}};
  }
  std::string name() const override { return taste; }

  std::vector<Scheme> measured;
  std::string taste = "fake";
  bool fails = false;
};

struct TimedWalkTest : testing::Test {
  TimedWalkTest() {
    task.target = matmulTensor(2, 2, 3, Ring::Z);
    task.starts = llvm::cantFail(resolveStarts(task.target, "classical"));
    task.targetRank = 11;
    task.seed = 3;
    task.evaluator = &evaluator;
    options.strategy = "flip-graph";
    options.budget = {BudgetKind::Steps, 12e6};
    options.output = folder.file("out.json");
    options.checkpoint = folder.file("out.checkpoint");
  }

  std::unique_ptr<SearchStrategy> create() {
    return llvm::cantFail(createTimedWalkStrategy(
        task, llvm::cantFail(createFlipGraphStrategy(task, {}))));
  }

  TemporaryFolder folder;
  FakeEvaluator evaluator;
  SearchTask task;
  SearchOptions options;
};

TEST_F(TimedWalkTest, GoesToTheRankAndThenForTime) {
  auto strategy = create();
  SearchResult result = llvm::cantFail(runSearch(task, *strategy, options));
  ASSERT_TRUE(result.best);
  EXPECT_EQ(result.best->rank(), 11u);
  ASSERT_GT(evaluator.measured.size(), 3u);
  unsigned fewest = 1000, most = 0;
  for (const Scheme &scheme : evaluator.measured) {
    EXPECT_EQ(findWrongEntry(task.target, scheme), "");
    EXPECT_EQ(scheme.rank(), 11u);
    fewest = std::min(fewest, scheme.u.nonzeros());
    most = std::max(most, scheme.u.nonzeros());
  }
  EXPECT_LT(fewest, most);
  EXPECT_EQ(result.best->u.nonzeros(), fewest);
  // All that is measured is another scheme.
  std::set<std::string> hashes;
  for (const Scheme &scheme : evaluator.measured)
    EXPECT_TRUE(hashes.insert(contentHash(scheme)).second);
  Scheme written = llvm::cantFail(readScheme(options.output));
  EXPECT_EQ(contentHash(written), contentHash(*result.best));
  std::map<std::string, std::string> said(written.provenance.begin(),
                                          written.provenance.end());
  EXPECT_EQ(said["workload"], "fake");
  EXPECT_EQ(said["strategy"], "flip-graph");
}

TEST_F(TimedWalkTest, ResumedItEndsTheSame) {
  auto run = [&](double steps, bool resume) {
    auto strategy = create();
    options.budget.amount = steps;
    options.resume = resume;
    llvm::cantFail(runSearch(task, *strategy, options));
    return strategy->checkpoint();
  };
  nlohmann::json whole = run(12e6, false);
  ASSERT_TRUE(whole.contains("polish"));
  run(5e6, false);
  EXPECT_EQ(run(12e6, true), whole);
  // Times on another machine are no times.
  evaluator.taste = "another";
  auto strategy = create();
  auto result = runSearch(task, *strategy, options);
  ASSERT_FALSE(bool(result));
  EXPECT_NE(llvm::toString(result.takeError()).find("task.settings.measured"),
            std::string::npos);
}

TEST_F(TimedWalkTest, BrokenCheckpointsAreRefused) {
  auto strategy = create();
  llvm::cantFail(runSearch(task, *strategy, options));
  nlohmann::json good = strategy->checkpoint();
  auto refusal = [&](const std::function<void(nlohmann::json &)> &change) {
    nlohmann::json changed = good;
    change(changed);
    auto other = create();
    return llvm::toString(other->restore(changed, "here"));
  };
  EXPECT_EQ(refusal([](nlohmann::json &) {}), "");
  EXPECT_NE(refusal([](nlohmann::json &json) { json.erase("polish"); }), "");
  EXPECT_NE(
      refusal([](nlohmann::json &json) { json["reached"]["u"][0][0] = 7; }),
      "");
  for (const char *key : {"list", "seen", "best", "log_speedup", "measured"})
    EXPECT_NE(refusal([&](nlohmann::json &json) {
                json["polish"]["choice"][key] = {{"x", 1}};
              }),
              "")
        << key;
}

TEST_F(TimedWalkTest, WhereNothingCanBeMeasuredTheRankIsKept) {
  evaluator.fails = true;
  auto strategy = create();
  SearchResult result = llvm::cantFail(runSearch(task, *strategy, options));
  ASSERT_TRUE(result.best);
  EXPECT_EQ(result.best->rank(), 11u);
  EXPECT_NE(strategy->describe().find("failed"), std::string::npos);
}

TEST_F(TimedWalkTest, NeedsWhatItNeeds) {
  auto refusal = [&] {
    auto made = createTimedWalkStrategy(
        task, llvm::cantFail(createFlipGraphStrategy(task, {})));
    return made ? "" : llvm::toString(made.takeError());
  };
  EXPECT_EQ(refusal(), "");
  task.targetRank.reset();
  EXPECT_NE(refusal(), "");
  task.targetRank = 11;
  task.evaluator = nullptr;
  EXPECT_NE(refusal(), "");
  auto polish = createPolishStrategy(task, PolishObjective::Time);
  ASSERT_FALSE(bool(polish));
  EXPECT_NE(llvm::toString(polish.takeError()).find("--measure-on"),
            std::string::npos);
  // Starts of different ranks cannot be compared at one.
  task.evaluator = &evaluator;
  task.starts.push_back(composedScheme(2, 2, 3, Ring::Z));
  polish = createPolishStrategy(task, PolishObjective::Time);
  ASSERT_FALSE(bool(polish));
  EXPECT_NE(llvm::toString(polish.takeError()).find("12 and 11"),
            std::string::npos);
}

TEST(MeasuredChoiceTest, TheMostPromisingFirst) {
  FakeEvaluator evaluator;
  MeasuredChoice choice(evaluator);
  EXPECT_FALSE(choice.measureNext());
  std::vector<Scheme> schemes =
      knownSchemes(matmulTensor(4, 4, 4, Ring::Z), 49);
  ASSERT_GE(schemes.size(), 4u);
  for (const Scheme &scheme : schemes) {
    choice.offer(scheme);
    choice.offer(scheme);
  }
  size_t better = 0;
  while (!choice.isListEmpty())
    better += choice.measureNext();
  EXPECT_EQ(evaluator.measured.size(), std::min<size_t>(schemes.size(), 16));
  for (size_t i = 1; i < evaluator.measured.size(); ++i)
    EXPECT_LE(nonzeros(evaluator.measured[i - 1]),
              nonzeros(evaluator.measured[i]));
  EXPECT_GE(better, 1u);
  unsigned fewest = 1000;
  for (const Scheme &scheme : evaluator.measured)
    fewest = std::min(fewest, scheme.u.nonzeros());
  EXPECT_EQ(choice.best()->u.nonzeros(), fewest);
  // What was listed once is not listed again.
  choice.offer(schemes[0]);
  EXPECT_TRUE(choice.isListEmpty());
}

TEST(KnownSchemesTest, ProductsOfEveryVariant) {
  TargetTensor target = matmulTensor(4, 4, 4, Ring::Z);
  std::vector<Scheme> schemes = knownSchemes(target, 49);
  // Strassen's and Winograd's forms within one another, and the catalogue's.
  EXPECT_GE(schemes.size(), 6u);
  for (const Scheme &scheme : schemes) {
    EXPECT_EQ(scheme.rank(), 49u);
    EXPECT_EQ(findWrongEntry(target, scheme), "");
    EXPECT_TRUE(largestCoefficient(scheme).isOne());
  }
  EXPECT_TRUE(knownSchemes(target, 48).empty());
}
} // namespace
