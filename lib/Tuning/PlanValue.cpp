//===- PlanValue.cpp - What a plan is worth before it runs ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Regression by a Gaussian process (Rasmussen and Williams, "Gaussian Processes
// for Machine Learning", 2006, chapter 2). The residual of a plan of features x
// is the sum of
//
//   a constant and a smooth function of x, the same for all tables,
//   a constant and a smooth function of x of its table alone,
//   what it errs in by itself, and the noise of its measurement,
//
// each normal and independent. The plans of one table share its errors: without
// parts of its own a table of a hundred plans would be a hundred witnesses of
// them. A table that is not known has only the first two to be foreseen by: its
// kernel with a known plan is that of different tables.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanValue.h"

#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Support/Cholesky.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>

using namespace sevenfold;

/// Standard deviations, in logarithms of time, of those parts.
static constexpr double kConstant = 0.03, kSmooth = 0.05;
static constexpr double kTableConstant = 0.04, kTableSmooth = 0.03;
static constexpr double kOwn = 0.04;
/// How far apart, in deviations of features, plans are hardly alike.
static constexpr double kLength = 4;
/// A residual farther than this from the median of its table is moved there: a
/// plan that errs so much says nothing of others.
static constexpr double kFarthest = 0.2;

/// Features are never normalised by a deviation less than this, nor to more
/// than so many deviations: a value that all known plans have in common says
/// nothing of what another value means.
static constexpr float kLeastSpread = 0.1f, kMostDeviations = 4;

static double square(double value) { return value * value; }

/// 1 for the same features, towards 0 for different ones.
static double likeness(const PlanFeatures &a, const PlanFeatures &b) {
  double distance = 0;
  for (size_t i = 0; i < a.size(); ++i)
    distance += square(a[i] - b[i]);
  return std::exp(-distance / (2 * square(kLength)));
}

/// The covariance of two plans of different tables.
static double sharedKernel(double likeness) {
  return square(kConstant) + square(kSmooth) * likeness;
}

PlanFeatures PlanValue::normalise(const PlanFeatures &features) const {
  assert(features.size() == planFeatureCount() && "features of another kind");
  PlanFeatures result(features.size());
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = std::clamp((features[i] - centre[i]) / spread[i],
                           -kMostDeviations, kMostDeviations);
  return result;
}

/// Residuals, those far from the median of their table moved towards it.
static std::vector<double>
boundedResiduals(llvm::ArrayRef<PlanExperience> experience) {
  std::map<unsigned, std::vector<double>> tables;
  for (const PlanExperience &plan : experience)
    tables[plan.group].push_back(plan.residual);
  std::map<unsigned, double> medians;
  for (auto &[group, residuals] : tables)
    medians[group] = median(std::move(residuals));
  std::vector<double> bounded;
  for (const PlanExperience &plan : experience) {
    double middle = medians[plan.group];
    bounded.push_back(
        std::clamp(plan.residual, middle - kFarthest, middle + kFarthest));
  }
  return bounded;
}

PlanValue::PlanValue(llvm::ArrayRef<PlanExperience> experience)
    : centre(planFeatureCount()), spread(planFeatureCount()) {
  if (experience.size() > kMostPlans)
    experience = experience.take_back(kMostPlans);
  float count = float(experience.size());
  for (size_t i = 0; i < centre.size(); ++i) {
    for (const PlanExperience &plan : experience)
      centre[i] += plan.features[i] / count;
    for (const PlanExperience &plan : experience)
      spread[i] += float(square(plan.features[i] - centre[i])) / count;
    spread[i] = std::max(std::sqrt(spread[i]), kLeastSpread);
  }
  for (const PlanExperience &plan : experience)
    learned.push_back(normalise(plan.features));
  size_t size = learned.size();
  std::vector<double> covariance(size * size);
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double alike = likeness(learned[i], learned[j]);
      double &entry = covariance[i * size + j];
      entry = sharedKernel(alike);
      if (experience[i].group == experience[j].group)
        entry += square(kTableConstant) + square(kTableSmooth) * alike;
    }
    covariance[i * size + i] += square(kOwn) + experience[i].variance;
  }
  weights = boundedResiduals(experience);
  solveCholesky(covariance, weights);
}

double PlanValue::residual(const PlanFeatures &plan) const {
  if (!hasLearned())
    return 0;
  PlanFeatures features = normalise(plan);
  double sum = 0;
  for (size_t i = 0; i < learned.size(); ++i)
    sum += weights[i] * sharedKernel(likeness(features, learned[i]));
  return sum;
}

void sevenfold::orderByValue(const PlanValue &value, const PlanSetting &setting,
                             std::vector<Candidate> &candidates) {
  for (Candidate &candidate : candidates) {
    candidate.expectedSeconds = candidate.predictedSeconds;
    if (!value.hasLearned())
      continue;
    auto features =
        planFeatures(setting, candidate.plan, candidate.predictedSeconds);
    // A plan that cannot be described keeps its prediction.
    if (!features)
      llvm::consumeError(features.takeError());
    else
      candidate.expectedSeconds *= std::exp(-value.residual(*features));
  }
  llvm::stable_sort(candidates, [](const Candidate &a, const Candidate &b) {
    return a.expectedSeconds < b.expectedSeconds;
  });
}
