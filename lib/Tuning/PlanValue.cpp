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
// The shared parts are seen from some of the plans, the inducing points Z
// (Quinonero-Candela and Rasmussen, "A Unifying View of Sparse Approximate
// Gaussian Process Regression", 2005, section 5): with K the shared kernel and
// B_t all that is of table t alone, the weights w of the points solve
//
//   (K_ZZ + sum_t K_Zt B_t^-1 K_tZ) w = sum_t K_Zt B_t^-1 r_t,
//
// so that the work grows with the number of tables, and what was learned is a
// few numbers for each point.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanValue.h"

#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Support/Cholesky.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

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

/// The square of how far points are apart at least, in deviations.
static constexpr double kLeastDistance = 1e-3;
/// No number of a value is larger, and no residual is than the other.
static constexpr double kLargest = 1e6, kMostResidual = 1;
/// Keeps the equations of points that are much alike regular.
static constexpr double kJitter = 1e-6;

/// Features are never normalised by a deviation less than this, nor to more
/// than so many deviations: a value that all known plans have in common says
/// nothing of what another value means.
static constexpr float kLeastSpread = 0.1f, kMostDeviations = 4;

static double square(double value) { return value * value; }

/// To three decimals, so that what is read back from a file is the same.
static float shortened(float value) { return std::round(value * 1000) / 1000; }

static double dot(const std::vector<double> &a, const std::vector<double> &b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The square of it.
static double distance(const PlanFeatures &a, const PlanFeatures &b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += square(a[i] - b[i]);
  return sum;
}

/// 1 for the same features, towards 0 for different ones.
static double likeness(const PlanFeatures &a, const PlanFeatures &b) {
  return std::exp(-distance(a, b) / (2 * square(kLength)));
}

/// The covariance of two plans of different tables.
static double sharedKernel(double likeness) {
  return square(kConstant) + square(kSmooth) * likeness;
}

/// What plans of one table have in common beside that.
static double tableKernel(double likeness) {
  return square(kTableConstant) + square(kTableSmooth) * likeness;
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

PlanValue::PlanValue(llvm::ArrayRef<PlanExperience> experience) {
  learn(experience);
}

PlanValue::PlanValue(std::shared_ptr<const PlanValue> other,
                     llvm::ArrayRef<PlanExperience> experience)
    : base(std::move(other)) {
  std::vector<PlanExperience> left(experience.begin(), experience.end());
  if (base)
    for (PlanExperience &plan : left)
      plan.residual -= base->residual(plan.features);
  learn(left);
}

PlanFeatures PlanValue::normalise(const PlanFeatures &features) const {
  assert(features.size() == centre.size() && "features of another kind");
  PlanFeatures result(features.size());
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = std::clamp((features[i] - centre[i]) / spread[i],
                           -kMostDeviations, kMostDeviations);
  return result;
}

/// One after the other that which is farthest from those chosen before.
void PlanValue::choosePoints(llvm::ArrayRef<PlanFeatures> features) {
  std::vector<double> farthest(features.size(),
                               std::numeric_limits<double>::infinity());
  size_t next = 0;
  while (points.size() < std::min(kMostPoints, features.size())) {
    points.push_back(features[next]);
    for (float &feature : points.back())
      feature = shortened(feature);
    for (size_t i = 0; i < features.size(); ++i)
      farthest[i] = std::min(farthest[i], distance(features[i], points.back()));
    next = size_t(llvm::max_element(farthest) - farthest.begin());
    if (farthest[next] < kLeastDistance)
      break;
  }
}

/// Adds K_mt B^-1 K_tm and K_mt B^-1 r of one table to the equations.
static void addTable(llvm::ArrayRef<PlanFeatures> points,
                     llvm::ArrayRef<PlanFeatures> plans,
                     llvm::ArrayRef<double> variances,
                     std::vector<double> residuals, std::vector<double> &left,
                     std::vector<double> &right) {
  size_t m = points.size(), n = plans.size();
  std::vector<double> own(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j)
      own[i * n + j] = tableKernel(likeness(plans[i], plans[j]));
    own[i * n + i] += square(kOwn) + variances[i];
  }
  factorCholesky(own, n);
  solveLower(own, residuals);
  std::vector<std::vector<double>> columns(m, std::vector<double>(n));
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < n; ++j)
      columns[i][j] = sharedKernel(likeness(points[i], plans[j]));
    solveLower(own, columns[i]);
    for (size_t j = 0; j <= i; ++j)
      left[i * m + j] += dot(columns[i], columns[j]);
    right[i] += dot(columns[i], residuals);
  }
}

void PlanValue::learn(llvm::ArrayRef<PlanExperience> experience) {
  if (experience.empty())
    return;
  centre.assign(planFeatureCount(), 0);
  spread.assign(planFeatureCount(), 0);
  float count = float(experience.size());
  for (size_t i = 0; i < centre.size(); ++i) {
    for (const PlanExperience &plan : experience)
      centre[i] += plan.features[i] / count;
    for (const PlanExperience &plan : experience)
      spread[i] += float(square(plan.features[i] - centre[i])) / count;
    centre[i] = shortened(centre[i]);
    spread[i] = shortened(std::max(std::sqrt(spread[i]), kLeastSpread));
  }
  std::vector<PlanFeatures> features;
  for (const PlanExperience &plan : experience)
    features.push_back(normalise(plan.features));
  choosePoints(features);

  size_t m = points.size();
  std::vector<double> left(m * m);
  weights.assign(m, 0);
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j <= i; ++j)
      left[i * m + j] = sharedKernel(likeness(points[i], points[j]));
    left[i * m + i] += kJitter * left[i * m + i];
  }
  std::vector<double> residuals = boundedResiduals(experience);
  std::map<unsigned, std::vector<size_t>> tables;
  for (size_t i = 0; i < experience.size(); ++i)
    tables[experience[i].group].push_back(i);
  for (const auto &[group, members] : tables) {
    std::vector<PlanFeatures> plans;
    std::vector<double> variances, own;
    for (size_t i : members) {
      plans.push_back(features[i]);
      variances.push_back(experience[i].variance);
      own.push_back(residuals[i]);
    }
    addTable(points, plans, variances, std::move(own), left, weights);
  }
  solveCholesky(left, weights);
}

double PlanValue::residual(const PlanFeatures &plan) const {
  double sum = base ? base->residual(plan) : 0;
  if (points.empty())
    return sum;
  PlanFeatures features = normalise(plan);
  for (size_t i = 0; i < points.size(); ++i)
    sum += weights[i] * sharedKernel(likeness(features, points[i]));
  return std::clamp(sum, -kMostResidual, kMostResidual);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// As short as they were made by `shortened`.
static nlohmann::json shortNumbers(llvm::ArrayRef<float> numbers) {
  nlohmann::json array = nlohmann::json::array();
  for (float number : numbers)
    array.push_back(std::round(double(number) * 1e5) / 1e5);
  return array;
}

nlohmann::json PlanValue::toJson() const {
  PlanFeatures flat;
  for (const PlanFeatures &point : points)
    llvm::append_range(flat, point);
  return {{"centre", shortNumbers(centre)},
          {"spread", shortNumbers(spread)},
          {"points", shortNumbers(flat)},
          {"weights", weights}};
}

llvm::Expected<PlanValue> PlanValue::fromJson(const nlohmann::json &object,
                                              llvm::StringRef where) {
  PlanValue value;
  std::vector<double> numbers[3];
  size_t count = planFeatureCount();
  if (llvm::Error error = requireObject(
          object, where, {"centre", "spread", "points", "weights"}))
    return error;
  for (auto [key, taken] : {std::pair("weights", &value.weights),
                            {"centre", &numbers[0]},
                            {"spread", &numbers[1]},
                            {"points", &numbers[2]}}) {
    auto read = getNumbers(object, key, where);
    if (!read)
      return read.takeError();
    size_t size = taken == &value.weights ? std::min(read->size(), kMostPoints)
                  : taken == &numbers[2]  ? value.weights.size() * count
                                          : count;
    if (read->size() != size)
      return makeError("{0}: expected {1} numbers in '{2}' but got {3}", where,
                       size, key, read->size());
    *taken = std::move(*read);
  }
  auto isLarger = [](double limit) {
    return [limit](double number) { return std::abs(number) > limit; };
  };
  if (llvm::any_of(numbers[0], isLarger(kLargest)) ||
      llvm::any_of(numbers[1], isLarger(kLargest)) ||
      llvm::any_of(numbers[2], isLarger(kMostDeviations)) ||
      llvm::any_of(value.weights, isLarger(kLargest)))
    return makeError("{0}: a number is larger than any that is learned", where);
  for (double deviation : numbers[1])
    if (deviation < 0.9 * kLeastSpread)
      return makeError("{0}: expected 'spread' of at least {1}", where,
                       kLeastSpread);
  value.centre.assign(numbers[0].begin(), numbers[0].end());
  value.spread.assign(numbers[1].begin(), numbers[1].end());
  for (size_t i = 0; i < value.weights.size(); ++i)
    value.points.emplace_back(numbers[2].begin() + i * count,
                              numbers[2].begin() + (i + 1) * count);
  return value;
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
