//===- PlanPosterior.cpp - What measurements say of all plans -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bayesian linear regression on the directions, by Cholesky factors of some
// tens of rows; the plans' own parts are integrated out and put back.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanPosterior.h"

#include <cassert>
#include <cmath>

using namespace sevenfold;

/// What is expected of the noise of a pair before any is seen, and how many
/// pairs that counts for.
static constexpr double kPriorNoise = 0.02, kPriorPairs = 6;
/// Runs of the same code differ, by where their buffers lie, by about this.
static constexpr double kRunDeviation = 0.004;

/// Rounds in which scale and widths are fitted to each other.
static constexpr unsigned kRounds = 3;
/// Factors by which beliefs may be off, and how improbable (in nats, by the
/// square of the logarithm to base 2) each doubling is before anything is
/// measured.
static constexpr double kScales[] = {0.5, 1, 2, 4};
static constexpr double kDoubling = 0.5;

PlanPosterior::PlanPosterior(PlanBelief belief)
    : means(std::move(belief.mean)), directions(std::move(belief.directions)),
      own(belief.ownDeviation), arms(means.size()) {
  conditionScaled();
}

double PlanPosterior::noiseVariance(const Arm &arm) const {
  double pair = (kPriorPairs * kPriorNoise * kPriorNoise + squares) /
                (kPriorPairs + double(degrees));
  return pair / double(arm.pairs) +
         kRunDeviation * kRunDeviation / double(arm.runs);
}

void PlanPosterior::observe(size_t plan, llvm::ArrayRef<double> rewards) {
  assert(plan < arms.size() && !rewards.empty() && "nothing was measured");
  double sum = 0;
  for (double reward : rewards)
    sum += reward;
  double average = sum / double(rewards.size());
  for (double reward : rewards)
    squares += (reward - average) * (reward - average);
  degrees += rewards.size() - 1;
  Arm &arm = arms[plan];
  arm.sum += sum;
  arm.pairs += rewards.size();
  ++arm.runs;
  condition();
}

double PlanPosterior::along(size_t plan, llvm::ArrayRef<double> by) const {
  double sum = means[plan];
  for (size_t d = 0; d < by.size(); ++d)
    sum += by[d] * scale * directions[d][plan];
  return sum;
}

double PlanPosterior::ownMean(size_t plan, double shared) const {
  const Arm &arm = arms[plan];
  if (arm.pairs == 0)
    return 0;
  double own = ownPrior() * arm.width;
  return own / (own + noiseVariance(arm)) * (arm.average() - shared);
}

double PlanPosterior::ownVariance(size_t plan) const {
  const Arm &arm = arms[plan];
  double own = ownPrior() * arm.width;
  if (arm.pairs == 0)
    return own;
  double noise = noiseVariance(arm);
  return own * noise / (own + noise);
}

double PlanPosterior::mean(size_t plan) const {
  double shared = along(plan, weights);
  return shared + ownMean(plan, shared);
}

namespace {
using Matrix = std::vector<std::vector<double>>;
} // namespace

/// The lower factor of a positive definite matrix, in its place.
static void factorise(Matrix &matrix) {
  size_t size = matrix.size();
  for (size_t j = 0; j < size; ++j) {
    for (size_t k = 0; k < j; ++k)
      matrix[j][j] -= matrix[j][k] * matrix[j][k];
    matrix[j][j] = std::sqrt(matrix[j][j]);
    for (size_t i = j + 1; i < size; ++i) {
      for (size_t k = 0; k < j; ++k)
        matrix[i][j] -= matrix[i][k] * matrix[j][k];
      matrix[i][j] /= matrix[j][j];
    }
  }
}

/// Solves L x = b, in b's place.
static void solveLower(const Matrix &factor, std::vector<double> &b) {
  for (size_t i = 0; i < b.size(); ++i) {
    for (size_t k = 0; k < i; ++k)
      b[i] -= factor[i][k] * b[k];
    b[i] /= factor[i][i];
  }
}

/// Solves L^T x = b, in b's place.
static void solveUpper(const Matrix &factor, std::vector<double> &b) {
  for (size_t i = b.size(); i-- > 0;) {
    for (size_t k = i + 1; k < b.size(); ++k)
      b[i] -= factor[k][i] * b[k];
    b[i] /= factor[i][i];
  }
}

double PlanPosterior::conditionScaled() {
  size_t size = directions.size();
  Matrix precision(size, std::vector<double>(size, 0));
  std::vector<double> right(size, 0);
  double evidence = 0;
  for (size_t d = 0; d < size; ++d)
    precision[d][d] = 1;
  for (size_t plan = 0; plan < arms.size(); ++plan) {
    if (arms[plan].pairs == 0)
      continue;
    double variance = ownPrior() * arms[plan].width + noiseVariance(arms[plan]);
    double surprise = arms[plan].average() - means[plan];
    evidence -= (std::log(variance) + surprise * surprise / variance) / 2;
    for (size_t d = 0; d < size; ++d) {
      double scaled = scale * directions[d][plan] / variance;
      right[d] += scaled * surprise;
      for (size_t e = 0; e <= d; ++e)
        precision[d][e] += scaled * scale * directions[e][plan];
    }
  }
  factorise(precision);
  solveLower(precision, right);
  for (size_t d = 0; d < size; ++d)
    evidence += right[d] * right[d] / 2 - std::log(precision[d][d]);
  solveUpper(precision, right);
  factor = std::move(precision);
  weights = std::move(right);
  return evidence;
}

/// How much wider than others the own part of a plan is that is `surprise` away
/// from what the directions say: the weights of iterated least squares for a t
/// distribution (Lange, Little and Taylor, "Robust statistical modeling using
/// the t distribution", JASA 84, 1989), of few degrees of freedom.
static double widthFor(double surprise, double variance) {
  constexpr double kDegrees = 3;
  return std::max(1.0,
                  (kDegrees + surprise * surprise / variance) / (kDegrees + 1));
}

void PlanPosterior::widen() {
  for (size_t plan = 0; plan < arms.size(); ++plan)
    if (arms[plan].pairs > 0)
      arms[plan].width = widthFor(arms[plan].average() - along(plan, weights),
                                  ownPrior() + noiseVariance(arms[plan]));
}

void PlanPosterior::condition() {
  // From the scale that was believed: plans that are like no other must not
  // widen the belief in all.
  scale = 1;
  for (Arm &arm : arms)
    arm.width = 1;
  conditionScaled();
  for (unsigned round = 0; round < kRounds; ++round) {
    widen();
    fitScale();
  }
}

void PlanPosterior::fitScale() {
  double best = 0, highest = 0;
  for (double candidate : kScales) {
    scale = candidate;
    double doublings = std::log2(scale);
    double evidence = conditionScaled() - kDoubling * doublings * doublings;
    if (best == 0 || evidence > highest)
      best = scale, highest = evidence;
  }
  scale = best;
  conditionScaled();
}

std::vector<double> PlanPosterior::draw(Random &random) const {
  std::vector<double> drawn(weights.size());
  for (double &value : drawn)
    value = random.normal();
  solveUpper(factor, drawn);
  for (size_t d = 0; d < drawn.size(); ++d)
    drawn[d] += weights[d];
  std::vector<double> rewards(size());
  for (size_t plan = 0; plan < size(); ++plan) {
    double shared = along(plan, drawn);
    rewards[plan] = shared + ownMean(plan, shared) +
                    std::sqrt(ownVariance(plan)) * random.normal();
  }
  return rewards;
}
