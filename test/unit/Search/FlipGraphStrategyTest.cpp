//===- FlipGraphStrategyTest.cpp - Search by walks on flip graphs ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks find what they should, and go on from a checkpoint as if nothing was.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/FlipGraphStrategy.h"
#include "search/Frame/Starts.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

#include <climits>

using namespace sevenfold;

static SearchTask taskOf(unsigned m, unsigned k, unsigned n, Ring ring,
                         const char *start, unsigned threads = 1) {
  SearchTask task;
  task.target = matmulTensor(m, k, n, ring);
  task.starts = llvm::cantFail(resolveStarts(task.target, start));
  task.startName = start;
  task.seed = 11;
  task.threads = threads;
  return task;
}

static std::unique_ptr<SearchStrategy>
create(const SearchTask &task, WalkOptions options = {},
       RestartRule rule = RestartRule::Fixed) {
  return llvm::cantFail(createFlipGraphStrategy(task, options, rule));
}

/// The lowest rank proposed in so many slices; each is checked.
static unsigned search(const SearchTask &task, int slices,
                       WalkOptions options = {}) {
  auto strategy = create(task, options);
  unsigned best = UINT_MAX;
  for (int i = 0; i < slices; ++i) {
    SearchProgress progress = strategy->propose(1 << 20);
    if (!progress.found)
      continue;
    EXPECT_LT(progress.found->rank(), best);
    EXPECT_EQ(findWrongEntry(task.target, *progress.found), "");
    best = progress.found->rank();
  }
  return best;
}

TEST(FlipGraphStrategyTest, FindsLaderman) {
  EXPECT_EQ(search(taskOf(3, 3, 3, Ring::Z2, "classical"), 8), 23u);
}

TEST(FlipGraphStrategyTest, FindsHopcroftKerrOverZ) {
  EXPECT_EQ(search(taskOf(2, 3, 3, Ring::Z, "classical"), 8), 15u);
}

TEST(FlipGraphStrategyTest, SymmetricStart) {
  EXPECT_LE(search(taskOf(3, 3, 3, Ring::Z2, "symmetric", 2), 8), 24u);
}

TEST(FlipGraphStrategyTest, SymmetricStartFindsStrassenSquared) {
  SearchTask task = taskOf(4, 4, 4, Ring::Z2, "symmetric", 2);
  EXPECT_LE(search(task, 60, defaultWalkOptions(task)), 49u);
}

TEST(FlipGraphStrategyTest, ComposedStartIsKept) {
  EXPECT_LE(search(taskOf(4, 4, 4, Ring::Z2, "composed"), 1), 49u);
}

TEST(FlipGraphStrategyTest, OtherTensors) {
  // A sum of three units: nothing can be saved.
  SearchTask task;
  task.target.ring = Ring::Z2;
  task.target.shape = {3, 3, 3};
  task.target.values.assign(27, 0);
  for (unsigned i = 0; i < 3; ++i)
    task.target.values[(i * 3 + i) * 3 + i] = 1;
  task.starts = llvm::cantFail(resolveStarts(task.target, "classical"));
  EXPECT_EQ(search(task, 1), 3u);
}

TEST(FlipGraphStrategyTest, CheckpointsGoOnBitIdentically) {
  // Short intervals, so that plus transitions and restarts happen.
  WalkOptions options;
  options.expandAfter = 1000;
  options.restartAfter = 20000;
  options.poolSize = 4;
  for (const char *start : {"classical", "symmetric"})
    for (auto [threads, rule] :
         {std::pair{1u, RestartRule::Fixed}, std::pair{2u, RestartRule::Fixed},
          std::pair{2u, RestartRule::Learned}}) {
      SearchTask task = taskOf(3, 3, 3, Ring::Z2, start, threads);
      auto whole = create(task, options, rule),
           first = create(task, options, rule);
      for (int i = 0; i < 10; ++i) {
        whole->propose(10007);
        if (i < 5)
          first->propose(10007);
      }
      auto second = create(task, options, rule);
      nlohmann::json state = nlohmann::json::parse(first->checkpoint().dump());
      ASSERT_FALSE(bool(second->restore(state, "test")));
      for (int i = 5; i < 10; ++i)
        second->propose(10007);
      EXPECT_EQ(whole->checkpoint(), second->checkpoint()) << start << threads;
    }
}

TEST(FlipGraphStrategyTest, ForeignCheckpointsAreRefused) {
  SearchTask task = taskOf(2, 2, 2, Ring::Z2, "classical");
  auto strategy = create(task);
  strategy->propose(1000);
  nlohmann::json good = strategy->checkpoint();
  auto message = [&](const nlohmann::json &state) {
    llvm::Error error = create(task)->restore(state, "here");
    return llvm::toString(std::move(error));
  };
  EXPECT_EQ(message(good), "");
  nlohmann::json bad = good;
  bad["walkers"][0]["here"]["state"]["terms"][0][0] = 0;
  EXPECT_NE(message(bad).find("here.walkers[0]"), std::string::npos);
  bad = good;
  bad["walkers"][0]["here"]["state"]["terms"][0][0] = uint64_t(1) << 60;
  EXPECT_NE(message(bad), "");
  bad = good;
  bad["walkers"][0]["here"]["orders"] = {1, 2};
  EXPECT_NE(message(bad), "");
  bad = good;
  bad["walkers"][0]["here"]["orders"][0].push_back(3);
  EXPECT_NE(message(bad), "");
  bad = good;
  bad["random"] = {0, 0, 0, 0};
  EXPECT_NE(message(bad), "");
  bad = good;
  bad["walkers"].push_back(bad["walkers"][0]);
  EXPECT_NE(message(bad), "");
  bad = good;
  bad["walkers"][0]["start"] = 2;
  EXPECT_NE(message(bad).find("start"), std::string::npos);
  bad = good;
  bad.erase("pool");
  EXPECT_NE(message(bad), "");
  EXPECT_NE(message(nlohmann::json::array()), "");
}

TEST(FlipGraphStrategyTest, RefusesWhatItCannotWalkOn) {
  auto refusal = [](const SearchTask &task) {
    auto strategy = createFlipGraphStrategy(task, {});
    EXPECT_FALSE(bool(strategy));
    return strategy ? std::string() : llvm::toString(strategy.takeError());
  };
  EXPECT_NE(refusal(taskOf(2, 3, 3, Ring::Z2, "symmetric")), "");
  EXPECT_NE(refusal(taskOf(2, 2, 2, Ring::Z, "symmetric")), "");
  EXPECT_NE(refusal(taskOf(6, 6, 6, Ring::Z, "classical")), "");
  SearchTask wide = taskOf(2, 2, 2, Ring::Z, "classical");
  wide.maxCoefficient = 2;
  EXPECT_NE(refusal(wide), "");
}
