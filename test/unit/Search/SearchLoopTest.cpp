//===- SearchLoopTest.cpp - A strategy under a budget ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loop with a strategy that proposes what it is told to.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/SearchLoop.h"

#include "../Support/TemporaryFolder.h"

#include "search/FlipGraph/FlipGraphStrategy.h"
#include "search/Frame/Starts.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

using namespace sevenfold;

namespace {
/// Proposes the given schemes one after another, then nothing.
class Scripted : public SearchStrategy {
public:
  explicit Scripted(std::vector<Scheme> script) : script(std::move(script)) {}

  SearchProgress propose(int64_t steps) override {
    SearchProgress progress;
    progress.steps = steps;
    progress.moves = steps / 2;
    if (next < script.size())
      progress.found = script[next++];
    return progress;
  }
  void observe(const SearchOutcome &outcome) override {
    exact.push_back(outcome.exact);
  }
  std::string describe() const override { return "scripted"; }
  nlohmann::json checkpoint() const override { return {{"next", next}}; }
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override {
    if (!state.is_object() || !state.contains("next"))
      return makeError("{0}: no script", where);
    next = state["next"].get<size_t>();
    return llvm::Error::success();
  }

  std::vector<Scheme> script;
  std::vector<bool> exact;
  size_t next = 0;
};

struct SearchLoopTest : testing::Test {
  SearchLoopTest() {
    task.target = matmulTensor(2, 2, 2, Ring::Z);
    classical = fibreDecomposition(task.target);
    strassen = composedScheme(2, 2, 2, Ring::Z);
    task.starts = {classical};
    options.strategy = "scripted";
    options.budget = {BudgetKind::Steps, 3 << 20};
    options.output = folder.file("out.json");
    options.checkpoint = folder.file("out.checkpoint");
  }

  TemporaryFolder folder;
  SearchTask task;
  SearchOptions options;
  Scheme classical, strassen;
};
} // namespace

TEST_F(SearchLoopTest, WritesTheBestWithItsProvenance) {
  Scripted strategy({classical, strassen});
  SearchResult result = llvm::cantFail(runSearch(task, strategy, options));
  EXPECT_EQ(result.best->rank(), 7u);
  EXPECT_EQ(result.steps, 3 << 20);
  EXPECT_EQ(result.moves, (3 << 20) / 2);
  EXPECT_EQ(strategy.exact, (std::vector<bool>{true, true}));
  Scheme written = llvm::cantFail(readScheme(options.output));
  EXPECT_EQ(written.name, "2x2x2-r7");
  EXPECT_EQ(contentHash(written), contentHash(strassen));
  std::map<std::string, std::string> provenance(written.provenance.begin(),
                                                written.provenance.end());
  for (const char *key : {"start", "seed", "strategy", "moves", "cpu_s",
                          "wall_s", "date", "threads", "source"})
    EXPECT_NE(provenance[key], "") << key;
}

TEST_F(SearchLoopTest, StopsAtTheTarget) {
  options.targetRank = 7;
  Scripted strategy({strassen, classical});
  SearchResult result = llvm::cantFail(runSearch(task, strategy, options));
  EXPECT_TRUE(result.reachedTarget);
  EXPECT_EQ(strategy.next, 1u);
}

TEST_F(SearchLoopTest, StopsWhenAsked) {
  int looks = 0;
  options.interrupted = [&] { return ++looks > 2; };
  Scripted strategy({});
  SearchResult result = llvm::cantFail(runSearch(task, strategy, options));
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.steps, 2 << 16);
  EXPECT_TRUE(llvm::sys::fs::exists(options.checkpoint));
}

TEST_F(SearchLoopTest, WhatIsNotExactIsNeverWritten) {
  Scheme wrong = strassen;
  wrong.u.at(0, 0).numerator += 1;
  Scripted strategy({wrong});
  auto result = runSearch(task, strategy, options);
  ASSERT_FALSE(bool(result));
  llvm::consumeError(result.takeError());
  EXPECT_EQ(strategy.exact, std::vector<bool>{false});
  EXPECT_FALSE(llvm::sys::fs::exists(options.output));
}

TEST_F(SearchLoopTest, GoesOnFromItsCheckpoint) {
  Scripted first({classical});
  SearchResult before = llvm::cantFail(runSearch(task, first, options));
  options.resume = true;
  options.budget.amount = 5 << 20;
  Scripted second({classical, strassen});
  SearchResult after = llvm::cantFail(runSearch(task, second, options));
  EXPECT_EQ(second.next, 2u);
  EXPECT_EQ(after.best->rank(), 7u);
  EXPECT_EQ(after.steps, 5 << 20);
  EXPECT_GE(after.cpuSeconds, before.cpuSeconds);
}

TEST_F(SearchLoopTest, AnInterruptedSearchEndsAsAnUninterruptedOne) {
  auto run = [&](double steps, bool resume) {
    SearchTask walk = task;
    walk.target = matmulTensor(2, 3, 3, Ring::Z2);
    walk.starts = llvm::cantFail(resolveStarts(walk.target, "classical"));
    auto strategy = llvm::cantFail(createFlipGraphStrategy(walk, {}));
    options.budget.amount = steps;
    options.resume = resume;
    llvm::cantFail(runSearch(walk, *strategy, options));
    return strategy->checkpoint();
  };
  nlohmann::json whole = run(1500000, false);
  run(700001, false);
  EXPECT_EQ(run(1500000, true), whole);
}

TEST_F(SearchLoopTest, OtherCheckpointsAreRefused) {
  Scripted strategy({strassen});
  llvm::cantFail(runSearch(task, strategy, options));
  std::string good = llvm::cantFail(readFile(options.checkpoint, 1 << 20));
  options.resume = true;
  auto message = [&](const SearchTask &other) {
    Scripted next({});
    auto result = runSearch(other, next, options);
    return result ? std::string() : llvm::toString(result.takeError());
  };
  auto rewrite = [&](llvm::StringRef text) {
    llvm::cantFail(writeFileAtomically(options.checkpoint, text));
    return message(task);
  };
  EXPECT_EQ(message(task), "");
  SearchTask other = task;
  other.seed = 5;
  EXPECT_NE(message(other).find("task.seed"), std::string::npos);
  other = task;
  other.maxCoefficient = 2;
  EXPECT_NE(message(other).find("task.coefficients"), std::string::npos);
  EXPECT_NE(rewrite(good.substr(0, good.size() / 2)), "");
  nlohmann::json json = nlohmann::json::parse(good);
  json["format"] = "sevenfold-search/0";
  EXPECT_NE(rewrite(json.dump()).find("sevenfold-search/0"), std::string::npos);
  json = nlohmann::json::parse(good);
  json["best"]["u"][0][0] = 9;
  EXPECT_NE(rewrite(json.dump()), "");
  json = nlohmann::json::parse(good);
  json["steps"] = -1;
  EXPECT_NE(rewrite(json.dump()), "");
  llvm::sys::fs::remove(options.checkpoint);
  EXPECT_NE(message(task), "");
}

TEST_F(SearchLoopTest, ACheckpointOfOtherSettingsIsRefused) {
  options.budget.amount = 1;
  auto resumed = [&](const WalkOptions &walk) {
    auto strategy = llvm::cantFail(createFlipGraphStrategy(task, walk));
    auto result = runSearch(task, *strategy, options);
    return result ? "" : llvm::toString(result.takeError());
  };
  WalkOptions walk;
  EXPECT_EQ(resumed(walk), "");
  options.resume = true;
  EXPECT_EQ(resumed(walk), "");
  walk.slack = 5;
  EXPECT_EQ(resumed(walk), options.checkpoint +
                               ": is a checkpoint of another search: "
                               "task.settings.slack is 3, not 5");
}

TEST_F(SearchLoopTest, TellsWhoseACheckpointIs) {
  Scripted strategy({strassen});
  llvm::cantFail(runSearch(task, strategy, options));
  llvm::StringRef path = options.checkpoint;
  EXPECT_TRUE(
      llvm::cantFail(isCheckpointOf(path, task, options.strategy, strategy)));
  EXPECT_FALSE(llvm::cantFail(isCheckpointOf(path, task, "another", strategy)));
  SearchTask better = task;
  better.starts = {strassen};
  EXPECT_FALSE(
      llvm::cantFail(isCheckpointOf(path, better, options.strategy, strategy)));
  // What is broken is told, not passed over.
  llvm::cantFail(writeFileAtomically(path, "{"));
  auto broken = isCheckpointOf(path, task, options.strategy, strategy);
  ASSERT_FALSE(bool(broken));
  EXPECT_NE(llvm::toString(broken.takeError()).find(path.str()),
            std::string::npos);
}
