//===- PlanValueEnsembleTest.cpp - The learned value of plans -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The learned value of PlanGame: it must foresee shapes it was not shown, and
// know how well it does.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/PlanValueEnsemble.h"

#include "../Tuning/PlanWorld.h"

#include "gtest/gtest.h"

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

/// Mean square error of residuals, learned and taken to be 0.
static std::pair<double, double> errorsOn(const PlanTable &held,
                                          const PlanValue &value) {
  std::vector<PlanExperience> truth = experienceOf({held});
  std::vector<PlanFeatures> features;
  for (const PlanExperience &plan : truth)
    features.push_back(plan.features);
  PlanBelief belief = value.evaluate(features);
  double learned = 0, none = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    double error = belief.mean[i] - truth[i].residual;
    learned += error * error / double(truth.size());
    none += truth[i].residual * truth[i].residual / double(truth.size());
  }
  return {learned, none};
}

TEST(PlanValueEnsembleTest, ForeseesAShapeItWasNotShown) {
  std::vector<PlanTable> tables = worlds();
  PlanTable held = tables.back();
  tables.pop_back();
  auto value = createPlanValueEnsemble(experienceOf(tables), 1);
  auto [learned, none] = errorsOn(held, *value);
  EXPECT_LT(learned, 0.25 * none);
}

TEST(PlanValueEnsembleTest, IsLessSureFarFromWhatItWasShown) {
  std::vector<PlanTable> tables = worlds();
  auto value = createPlanValueEnsemble(experienceOf(tables), 1);
  PlanFeatures near = experienceOf({tables[0]})[0].features, far = near;
  for (float &feature : far)
    feature += 3;
  auto spread = [&](const PlanFeatures &features) {
    PlanBelief belief = value->evaluate({features});
    double square = 0;
    for (const std::vector<double> &direction : belief.directions)
      square += direction[0] * direction[0];
    return square;
  };
  EXPECT_GT(spread(far), 4 * spread(near));
}

TEST(PlanValueEnsembleTest, TheSeedDecidesEverything) {
  std::vector<PlanExperience> experience = experienceOf(worlds());
  experience.resize(60);
  std::vector<PlanFeatures> features = {experience[3].features};
  auto mean = [&](uint64_t seed) {
    return createPlanValueEnsemble(experience, seed)
        ->evaluate(features)
        .mean[0];
  };
  EXPECT_EQ(mean(1), mean(1));
  EXPECT_NE(mean(1), mean(2));
}

TEST(PlanValueEnsembleTest, OneMeasuredPlanIsEnoughToLearnFrom) {
  std::vector<PlanExperience> experience = experienceOf(worlds());
  experience.resize(1);
  auto value = createPlanValueEnsemble(experience, 1);
  PlanBelief belief = value->evaluate({experience[0].features});
  EXPECT_NEAR(belief.mean[0], experience[0].residual, 0.05);
  EXPECT_TRUE(value->evaluate({}).mean.empty());
}
