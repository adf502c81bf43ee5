//===- RestartPolicyTest.cpp - Where the next walk starts -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a planted problem, where one start and one option lead further than the
// others, the learned policy comes to choose them and the fixed one does not.
//
//===----------------------------------------------------------------------===//

#include "../Support/TemporaryFolder.h"

#include "search/FlipGraph/RestartPolicy.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

using namespace sevenfold;

static constexpr unsigned kStarts = 5;

static WalkOptions optionsOfTest() {
  WalkOptions options;
  options.expandAfter = 1000;
  options.slack = 2;
  options.restartAfter = 1000000;
  options.poolPercent = 0;
  return options;
}

/// The rank that a walk of the planted problem comes to: ranks spread over
/// four, and start 3 and a small expand_after are each worth two.
static unsigned plantedRank(const WalkPlan &plan, Random &random) {
  unsigned rank = 50 + unsigned(random.below(4));
  if (plan.start == 3u)
    rank -= 2;
  if (plan.expandAfter < 1000)
    rank -= 2;
  return rank;
}

/// Of the last 100 of 200 walks, those from start 3 and those with the small
/// expand_after.
static std::pair<unsigned, unsigned> goodChoices(RestartPolicy &policy,
                                                 uint64_t seed) {
  Random choices(seed), world(seed + 1000);
  std::pair<unsigned, unsigned> good;
  unsigned best = 60;
  for (unsigned walk = 0; walk < 200; ++walk) {
    WalkPlan plan = policy.choose(choices);
    unsigned rank = plantedRank(plan, world);
    best = std::min(best, rank);
    policy.observe(plan, rank, best, 1000000);
    if (walk < 100)
      continue;
    good.first += plan.start == 3u;
    good.second += plan.expandAfter < 1000;
  }
  return good;
}

TEST(RestartPolicyTest, LearnsWhichStartAndOptionLeadFurther) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    auto learned = createLearnedRestarts(optionsOfTest(), kStarts);
    auto [start, expand] = goodChoices(*learned, seed);
    EXPECT_GE(start, 70u) << seed;
    EXPECT_GE(expand, 70u) << seed;
    auto fixed = createFixedRestarts(optionsOfTest(), kStarts);
    std::tie(start, expand) = goodChoices(*fixed, seed);
    EXPECT_LE(start, 40u) << seed;
    EXPECT_EQ(expand, 0u) << seed;
  }
}

TEST(RestartPolicyTest, ThePoolHasItsShare) {
  WalkOptions options = optionsOfTest();
  options.poolPercent = 30;
  for (bool isLearned : {false, true}) {
    auto policy = isLearned ? createLearnedRestarts(options, kStarts)
                            : createFixedRestarts(options, kStarts);
    Random random(1);
    unsigned pool = 0;
    for (unsigned walk = 0; walk < 1000; ++walk) {
      WalkPlan plan = policy->choose(random);
      pool += !plan.start;
      policy->observe(plan, 50, 50, 1000000);
    }
    EXPECT_NEAR(pool, 300, 60) << isLearned;
  }
}

TEST(RestartPolicyTest, GoesOnFromItsCheckpoint) {
  auto first = createLearnedRestarts(optionsOfTest(), kStarts);
  goodChoices(*first, 7);
  auto second = createLearnedRestarts(optionsOfTest(), kStarts);
  nlohmann::json state = nlohmann::json::parse(first->checkpoint().dump());
  llvm::cantFail(second->restore(state, "here"));
  EXPECT_EQ(goodChoices(*first, 8), goodChoices(*second, 8));
  EXPECT_EQ(first->checkpoint(), second->checkpoint());
}

TEST(RestartPolicyTest, PlansOfOtherOptionsTeachNothing) {
  auto policy = createLearnedRestarts(optionsOfTest(), kStarts);
  policy->observe({0u, 1000, 2}, 51, 50, 1000000);
  nlohmann::json before = policy->checkpoint();
  for (const WalkPlan &plan : {WalkPlan{0u, 999, 2}, WalkPlan{0u, 1000, 9},
                               WalkPlan{kStarts, 1000, 2}, WalkPlan{}})
    policy->observe(plan, 50, 50, 1000000);
  EXPECT_EQ(policy->checkpoint(), before);
}

TEST(RestartPolicyTest, ABetterRankHalvesWhatOthersWereWorth) {
  auto policy = createLearnedRestarts(optionsOfTest(), kStarts);
  policy->observe({0u, 1000, 2}, 50, 50, 1000000);
  double before = policy->checkpoint()["moment"][0];
  EXPECT_GT(before, 0);
  policy->observe({1u, 1000, 2}, 49, 49, 1000000);
  EXPECT_EQ(policy->checkpoint()["moment"][0], before / 2);
  EXPECT_EQ(policy->checkpoint()["moment"][1], before);
}

TEST(RestartPolicyTest, WhatIsNoCheckpointIsRefused) {
  auto policy = createLearnedRestarts(optionsOfTest(), kStarts);
  nlohmann::json good = policy->checkpoint();
  auto refusal = [&](const char *key, nlohmann::json value) {
    nlohmann::json bad = good;
    bad[key] = std::move(value);
    return errorOf(policy->restore(bad, "here"));
  };
  EXPECT_EQ(errorOf(policy->restore(good, "here")), "");
  for (const std::string &message :
       {refusal("moment", {1, 2}), refusal("precision", "none"),
        refusal("best", -1), refusal("more", 1),
        refusal("precision", std::vector<double>(good["precision"].size()))})
    EXPECT_EQ(message.find("here"), 0u) << message;
  // Of another number of starts.
  EXPECT_NE(errorOf(createLearnedRestarts(optionsOfTest(), kStarts + 1)
                        ->restore(good, "here")),
            "");
  EXPECT_NE(
      errorOf(
          createFixedRestarts(optionsOfTest(), kStarts)->restore(good, "here")),
      "");
}
