//===- PlanGameTest.cpp - The plan game and who learns it -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moves and their network, what games teach, and the file of what was learned.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanGamePlanner.h"
#include "sevenfold/Tuning/Replay.h"

#include "../Support/TemporaryFolder.h"
#include "PlanWorld.h"

#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static std::vector<PlanTable> worlds() {
  std::vector<PlanTable> tables;
  for (int64_t size : {1024, 1280, 1536, 2048})
    tables.push_back(worldOf(Workload{size, size, size}, uint64_t(size)));
  return tables;
}

static Standings standingsOf(std::vector<double> expected) {
  std::vector<Entrant> entrants;
  for (double value : expected)
    entrants.push_back({value, "kind", "onednn"});
  return Standings(std::move(entrants));
}

TEST(MovePolicyTest, TheGradientIsTheSlope) {
  MovePolicy policy(3);
  MoveFeatures move{};
  for (unsigned i = 0; i < kMoveFeatures; ++i)
    move[i] = float(i % 5) / 3 - 0.5f;
  std::vector<double> gradient(MovePolicy::kParameters);
  policy.addGradient(move, 2, gradient);
  for (size_t i = 0; i < MovePolicy::kParameters; ++i) {
    constexpr double kStep = 1e-5;
    MovePolicy above = policy, below = policy;
    above.parameters()[i] += kStep;
    below.parameters()[i] -= kStep;
    EXPECT_NEAR(gradient[i],
                2 * (above.score(move) - below.score(move)) / (2 * kStep), 1e-6)
        << i;
  }
}

TEST(MovePolicyTest, TheMostPromisingAreOpen) {
  std::vector<double> expected(200, -0.5);
  expected[150] = 0.1;
  Standings standings = standingsOf(expected);
  std::vector<PlanMove> moves = movesOf(standings, {10});
  ASSERT_EQ(moves.size(), kMostMoves + 1);
  EXPECT_EQ(moves[0].candidate, std::optional<size_t>(150));
  EXPECT_FALSE(moves.back().candidate);
  standings.fail(150);
  for (const PlanMove &move : movesOf(standings, {10}))
    EXPECT_NE(move.candidate, std::optional<size_t>(150));
}

TEST(MovePolicyTest, WhatIsInHandGivesWayToWhatWasMeasured) {
  Standings standings = standingsOf({0.1, 0.09});
  EXPECT_EQ(choiceOf(standings), std::optional<size_t>(0));
  EXPECT_EQ(unmeasuredChoiceOf(standings), std::optional<size_t>(0));
  // The other is expected to be faster now, but never ran.
  standings.observe(0, {-0.3, -0.3, -0.3, -0.3});
  EXPECT_EQ(choiceOf(standings), std::optional<size_t>(0));
  EXPECT_EQ(unmeasuredChoiceOf(standings), std::nullopt);
  standings.observe(1, {0.05, 0.05});
  EXPECT_EQ(choiceOf(standings), std::optional<size_t>(1));
  standings.fail(0);
  standings.fail(1);
  EXPECT_EQ(choiceOf(standings), std::nullopt);
}

TEST(PlanGameTest, GamesTeachWhatToMeasureAndWhenToStop) {
  std::vector<PlanTable> tables = worlds();
  PlanTable held = tables.back();
  tables.pop_back();
  PlanGameTraining training;
  training.games = 1500;
  PlanGamePolicy taught = learnPlanGame(tables, training), untaught = taught;
  ASSERT_TRUE(taught.moves);
  untaught.moves = MovePolicy();
  ReplayOptions options;
  options.seeds = 30;
  options.config.price = 0.001;
  ReplayCase after = replay("plan-game", held, taught, options),
             before = replay("plan-game", held, untaught, options);
  EXPECT_GT(after.reward, before.reward - 0.001);
  // Runs are not worth their price for ever.
  EXPECT_LT(after.pairs, 30);
}

TEST(PlanGameTest, WhereMeasuringCostsNothingMoreIsMeasured) {
  PlanGameTraining training;
  training.games = 1000;
  std::vector<PlanTable> tables = worlds();
  PlanTable held = tables.back();
  PlanGamePolicy policy = learnPlanGame(tables, training);
  ReplayOptions dear, cheap;
  dear.seeds = cheap.seeds = 20;
  dear.config.price = 0.005;
  cheap.config.price = 0;
  EXPECT_LT(replay("plan-game", held, policy, dear).pairs + 3,
            replay("plan-game", held, policy, cheap).pairs);
}

TEST(PlanGameTest, OneShapeTeachesNoGame) {
  PlanGamePolicy policy = learnPlanGame({worlds()[0]}, {});
  EXPECT_TRUE(policy.value.hasLearned());
  EXPECT_FALSE(policy.moves);
  EXPECT_FALSE(learnPlanGame({}, {}).value.hasLearned());
}

static PlanGamePolicy smallPolicy() {
  PlanGameTraining training;
  training.games = 100;
  return learnPlanGame(worlds(), training);
}

TEST(PlanGameTest, WhatIsReadBackPlaysAlike) {
  PlanGamePolicy policy = smallPolicy();
  std::string text = toJson(policy).dump();
  PlanGamePolicy read =
      llvm::cantFail(planGamePolicyFromJson(nlohmann::json::parse(text), "p"));
  EXPECT_EQ(toJson(read).dump(), text);
  ASSERT_EQ(read.tables.size(), 4u);
  EXPECT_EQ(read.tables[0].workload, "1024x1024x1024:f32");
  PlanTable played = worldOf(Workload{1800, 1800, 1800}, 7);
  ReplayOptions options;
  options.seeds = 4;
  EXPECT_EQ(replay("plan-game", played, policy, options).share.byPairs,
            replay("plan-game", played, read, options).share.byPairs);
}

TEST(PlanGameTest, DamagedPoliciesAreRefused) {
  nlohmann::json good = toJson(smallPolicy());
  auto refusal = [&](const char *pointer, const nlohmann::json &value) {
    nlohmann::json bad = good;
    bad[nlohmann::json::json_pointer(pointer)] = value;
    return errorOf(planGamePolicyFromJson(bad, "p.json"));
  };
  EXPECT_EQ(
      refusal("/format", "other"),
      "p.json: expected format 'sevenfold-plan-policy/1' but got 'other'");
  EXPECT_NE(refusal("/features", "0:1").find("were described otherwise"),
            std::string::npos);
  EXPECT_NE(refusal("/value/weights/0", "x").find("p.json: value"),
            std::string::npos);
  EXPECT_NE(refusal("/value/spread/0", 0.0).find("expected 'spread'"),
            std::string::npos);
  EXPECT_NE(refusal("/value/weights/0", 1e300).find("larger than any"),
            std::string::npos);
  EXPECT_NE(refusal("/moves/parameters/0", 1e9).find("within 1000"),
            std::string::npos);
  EXPECT_NE(refusal("/moves/meaning", 0).find("p.json: moves"),
            std::string::npos);
  EXPECT_NE(refusal("/value/points", nlohmann::json::array()).find("'points'"),
            std::string::npos);
  EXPECT_NE(refusal("/belief/own", 0).find("p.json: belief"),
            std::string::npos);
  EXPECT_NE(refusal("/moves/hidden", 5).find("p.json: moves"),
            std::string::npos);
  EXPECT_NE(refusal("/moves/parameters", {1, 2}).find("'parameters'"),
            std::string::npos);
  EXPECT_NE(refusal("/provenance/tables/0", 1), "");
  EXPECT_NE(errorOf(planGamePolicyFromJson(nlohmann::json(), "p.json")), "");
}

TEST(PlanGameTest, ItGoesOnLearningFromItsOwner) {
  std::vector<PlanTable> tables = worlds();
  PlanGamePolicy shipped = learnPlanGame(tables, {/*games=*/0});
  // On the owner's machine everything is a tenth slower than elsewhere.
  for (PlanTable &table : tables)
    for (MeasuredPlan &plan : table.plans)
      for (double &ratio : plan.ratios)
        ratio *= 0.9;
  std::vector<PlanExperience> plans = experienceOf({tables[0]});
  PlanGamePolicy more = learnMore(shipped, llvm::ArrayRef(tables).drop_front());
  double before = 0, after = 0;
  for (const PlanExperience &plan : plans) {
    before += std::abs(shipped.value.residual(plan.features) - plan.residual);
    after += std::abs(more.value.residual(plan.features) - plan.residual);
  }
  EXPECT_LT(after, 0.6 * before);
  EXPECT_EQ(more.tables.size(), 7u);
}

TEST(PlanGameTest, WhatIsShippedFitsThisVersion) {
  PlanGamePolicy shipped = llvm::cantFail(shippedPlanGamePolicy());
  EXPECT_TRUE(shipped.value.hasLearned());
  EXPECT_TRUE(shipped.moves);
  EXPECT_FALSE(shipped.tables.empty());
  EXPECT_GT(shipped.games, 0);
}
