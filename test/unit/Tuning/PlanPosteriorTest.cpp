//===- PlanPosteriorTest.cpp - Beliefs after measurements -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is believed of plans after measurements, against closed forms and
// against worlds drawn from the prior.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanPosterior.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace sevenfold;

static std::vector<double> pairsOf(double reward, size_t count) {
  // Spread as the noise that is expected, around the reward.
  std::vector<double> pairs;
  for (size_t i = 0; i < count; ++i)
    pairs.push_back(reward + (i % 2 ? 0.02 : -0.02));
  return pairs;
}

TEST(PlanPosteriorTest, BeforeMeasuringThePriorIsBelieved) {
  PlanPosterior posterior({{0.1, -0.2}, {{0.05, 0.05}}, 0.02});
  EXPECT_DOUBLE_EQ(posterior.mean(0), 0.1);
  EXPECT_DOUBLE_EQ(posterior.mean(1), -0.2);
  EXPECT_EQ(posterior.pairs(0), 0u);
}

TEST(PlanPosteriorTest, ManyPairsOutweighThePrior) {
  PlanPosterior posterior({{0.1}, {}, 0.05});
  for (int run = 0; run < 20; ++run)
    posterior.observe(0, pairsOf(0.2, 20));
  EXPECT_NEAR(posterior.mean(0), 0.2, 2e-3);
  EXPECT_EQ(posterior.pairs(0), 400u);
}

TEST(PlanPosteriorTest, AMeasuredPlanSpeaksForThoseLikeIt) {
  // Two plans share a direction, the third does not.
  PlanPosterior posterior({{0, 0, 0}, {{0.05, 0.05, 0}}, 0.005});
  posterior.observe(0, pairsOf(0.08, 40));
  EXPECT_GT(posterior.mean(1), 0.05);
  EXPECT_DOUBLE_EQ(posterior.mean(2), 0);
}

TEST(PlanPosteriorTest, OppositePlansMoveApart) {
  PlanPosterior posterior({{0, 0}, {{0.05, -0.05}}, 0.005});
  posterior.observe(0, pairsOf(0.08, 40));
  EXPECT_LT(posterior.mean(1), -0.05);
}

TEST(PlanPosteriorTest, ManySurprisesWidenTheBelief) {
  // Where most plans are far from what was expected, those not seen are drawn
  // from farther away too.
  auto spread = [](double off) {
    PlanPosterior posterior({std::vector<double>(7, 0.0), {}, 0.02});
    for (size_t plan = 0; plan < 6; ++plan)
      posterior.observe(plan, pairsOf(plan % 2 ? off : -off, 40));
    Random random(1);
    double squares = 0;
    for (int i = 0; i < 1000; ++i) {
      double drawn = posterior.draw(random)[6];
      squares += drawn * drawn / 1000;
    }
    return std::sqrt(squares);
  };
  EXPECT_LT(spread(0.01), 0.025);
  EXPECT_GT(spread(0.1), 0.05);
}

TEST(PlanPosteriorTest, AnOutlierSaysLittleOfTheOthers) {
  // Six plans as expected; a seventh, which shares their direction, is far off.
  std::vector<double> direction(8, 0.03);
  PlanPosterior posterior({std::vector<double>(8, 0.0), {direction}, 0.02});
  for (size_t plan = 0; plan < 6; ++plan)
    posterior.observe(plan, pairsOf(plan % 2 ? 0.01 : -0.01, 12));
  posterior.observe(6, pairsOf(-0.5, 12));
  EXPECT_GT(posterior.mean(7), -0.02);
  EXPECT_LT(posterior.mean(6), -0.45);
  Random random(1);
  double squares = 0;
  for (int i = 0; i < 1000; ++i) {
    double drawn = posterior.draw(random)[7];
    squares += drawn * drawn / 1000;
  }
  EXPECT_LT(std::sqrt(squares), 0.04);
}

TEST(PlanPosteriorTest, DrawsHaveThePosteriorsMean) {
  PlanPosterior posterior(
      {{0.1, 0, -0.1}, {{0.05, 0.05, 0.05}, {0, 0.03, -0.03}}, 0.02});
  posterior.observe(1, pairsOf(0.07, 6));
  Random random(7);
  std::vector<double> sums(3);
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<double> drawn = posterior.draw(random);
    for (size_t plan = 0; plan < 3; ++plan)
      sums[plan] += drawn[plan] / kDraws;
  }
  for (size_t plan = 0; plan < 3; ++plan)
    EXPECT_NEAR(sums[plan], posterior.mean(plan), 2e-3);
}

/// Worlds drawn from the prior, each measured in some plans: the posterior's
/// mean must be off by less than the prior's, and by as much as its draws say.
TEST(PlanPosteriorTest, BeliefsAreCalibrated) {
  Random random(3);
  double priorError = 0, error = 0, expected = 0;
  constexpr int kWorlds = 400;
  for (int world = 0; world < kWorlds; ++world) {
    PlanBelief belief;
    belief.ownDeviation = 0.02;
    belief.directions.assign(3, {});
    std::vector<double> truth;
    double weights[3] = {random.normal(), random.normal(), random.normal()};
    for (int plan = 0; plan < 12; ++plan) {
      belief.mean.push_back(0.1 * random.normal());
      truth.push_back(belief.mean.back() + 0.02 * random.normal());
      for (int d = 0; d < 3; ++d) {
        belief.directions[d].push_back(0.04 * random.normal());
        truth.back() += weights[d] * belief.directions[d].back();
      }
    }
    PlanPosterior posterior(belief);
    for (size_t plan = 0; plan < 6; ++plan) {
      std::vector<double> pairs;
      for (int i = 0; i < 4; ++i)
        pairs.push_back(truth[plan] + 0.02 * random.normal());
      posterior.observe(plan, pairs);
    }
    size_t unseen = 9;
    double drawn = posterior.draw(random)[unseen];
    priorError += std::pow(truth[unseen] - belief.mean[unseen], 2);
    error += std::pow(truth[unseen] - posterior.mean(unseen), 2);
    expected += std::pow(drawn - posterior.mean(unseen), 2);
  }
  EXPECT_LT(error, 0.5 * priorError);
  EXPECT_NEAR(error / expected, 1, 0.5);
}
