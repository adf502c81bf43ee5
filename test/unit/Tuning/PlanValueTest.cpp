//===- PlanValueTest.cpp - The learned value of plans ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The learned value of PlanGame: it must foresee shapes it was not shown.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanValue.h"

#include "PlanWorld.h"

#include "gtest/gtest.h"

#include <array>

using namespace sevenfold;

static std::vector<PlanTable> worlds() {
  std::vector<PlanTable> tables;
  uint64_t seed = 1;
  for (auto [m, k, n] : {std::array<int64_t, 3>{1024, 1024, 1024},
                         {2048, 1024, 1024},
                         {1024, 2048, 1536},
                         {1536, 1536, 1536},
                         {2048, 2048, 1024},
                         {2048, 2048, 2048}})
    tables.push_back(worldOf(Workload{m, k, n}, seed++));
  return tables;
}

TEST(PlanValueTest, ForeseesAShapeItWasNotShown) {
  std::vector<PlanTable> tables = worlds();
  std::vector<PlanExperience> truth = experienceOf({tables.back()});
  tables.pop_back();
  PlanValue value(experienceOf(tables));
  double learned = 0, none = 0;
  for (const PlanExperience &plan : truth) {
    learned += std::pow(value.residual(plan.features) - plan.residual, 2);
    none += std::pow(plan.residual, 2);
  }
  EXPECT_LT(learned, 0.25 * none);
}

TEST(PlanValueTest, ExpectsLittleFarFromWhatItWasShown) {
  std::vector<PlanExperience> experience = experienceOf(worlds());
  // All tables err by a constant only.
  for (PlanExperience &plan : experience)
    plan.residual = 0.1;
  PlanFeatures near = experience[0].features, far = near;
  for (float &feature : far)
    feature += 3;
  PlanValue value(experience);
  EXPECT_NEAR(value.residual(near), 0.1, 0.03);
  EXPECT_LT(value.residual(far), value.residual(near));
  EXPECT_GT(value.residual(far), 0);
}

TEST(PlanValueTest, UntaughtItExpectsNothing) {
  PlanFeatures features = experienceOf({worlds()[0]})[0].features;
  EXPECT_EQ(PlanValue().residual(features), 0);
  EXPECT_EQ(PlanValue(llvm::ArrayRef<PlanExperience>()).residual(features), 0);
}

TEST(PlanValueTest, OneTableIsOneWitness) {
  std::vector<PlanExperience> one = experienceOf({worlds()[0]}), many;
  for (PlanExperience &plan : one)
    plan.residual = 0.1;
  for (unsigned group = 0; group < 6; ++group)
    for (PlanExperience plan : one) {
      plan.group = group;
      many.push_back(plan);
    }
  // Much of it may be of the one table alone.
  double byOne = PlanValue(one).residual(one[0].features);
  EXPECT_GT(byOne, 0.02);
  EXPECT_LT(byOne, 0.08);
  EXPECT_GT(PlanValue(many).residual(one[0].features), byOne + 0.01);
}

TEST(PlanValueTest, APlanFarFromItsTableSaysNothingOfOthers) {
  std::vector<PlanExperience> experience = experienceOf(worlds());
  PlanFeatures other = experience[1].features;
  double calm = PlanValue(experience).residual(other);
  experience[0].residual = -5;
  EXPECT_NEAR(PlanValue(experience).residual(other), calm, 0.05);
}

TEST(PlanValueTest, ManyTablesAreSeenFromFewPoints) {
  // Forty tables of the same world: no plan of them is forgotten.
  std::vector<PlanTable> tables;
  for (uint64_t seed = 0; seed < 40; ++seed)
    tables.push_back(
        worldOf(Workload{1024 + 32 * int64_t(seed), 1024, 1024}, seed));
  std::vector<PlanExperience> experience = experienceOf(tables),
                              truth = experienceOf(
                                  {worldOf(Workload{1696, 1024, 1024}, 77)});
  ASSERT_GT(experience.size(), 10 * PlanValue::kMostPoints);
  PlanValue value(experience);
  double learned = 0, none = 0;
  for (const PlanExperience &plan : truth) {
    learned += std::pow(value.residual(plan.features) - plan.residual, 2);
    none += std::pow(plan.residual, 2);
  }
  EXPECT_LT(learned, 0.25 * none);
}

TEST(PlanValueTest, CandidatesAreOrderedByWhatWasLearned) {
  std::vector<PlanTable> tables = worlds();
  PlanTable held = tables.back();
  tables.pop_back();
  std::vector<Candidate> candidates;
  for (const MeasuredPlan &plan : held.plans) {
    candidates.emplace_back();
    candidates.back().plan = plan.plan;
    candidates.back().predictedSeconds = plan.predictedSeconds;
  }
  PlanSetting setting{held.workload, held.device, held.baselineProvider,
                      held.baselineSeconds};
  orderByValue(PlanValue(experienceOf(tables)), setting, candidates);
  // "openblas" and breadth are better than the model knows.
  EXPECT_EQ(candidates[0].plan.provider, "openblas");
  EXPECT_EQ(candidates[0].plan.levels[0].execution, Execution::Breadth);
  EXPECT_NE(candidates[0].expectedSeconds, candidates[0].predictedSeconds);
  EXPECT_TRUE(llvm::is_sorted(candidates, [](const auto &a, const auto &b) {
    return a.expectedSeconds < b.expectedSeconds;
  }));
}
