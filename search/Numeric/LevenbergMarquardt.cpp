//===- LevenbergMarquardt.cpp - Damped Gauss-Newton steps -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The system is formed anew for a step that was refused: that costs less than
// its factor by far.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/LevenbergMarquardt.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// The damping is multiplied or divided by this, and stays above that.
static constexpr double kDampingFactor = 3, kMinDamping = 1e-15;

int64_t sevenfold::stepsOf(size_t equations) {
  int64_t n = int64_t(equations);
  return 1 + n * n / 16 + n * n * n / 4096;
}

LevenbergMarquardt::LevenbergMarquardt(const PolyadicModel &model)
    : values(model.size()), fixed(model.size()), weights(model.size()),
      model(&model) {
  evaluate();
}

double LevenbergMarquardt::penaltyOf(const std::vector<double> &x) const {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i)
    sum += weights[i] * x[i] * x[i];
  return sum;
}

void LevenbergMarquardt::evaluate() {
  residual = model->squaredResidual(values);
  cost = residual + penaltyOf(values);
}

double LevenbergMarquardt::largestValue() const {
  double largest = 0;
  for (double value : values)
    largest = std::max(largest, std::abs(value));
  return largest;
}

std::vector<size_t> LevenbergMarquardt::freeIndices() const {
  std::vector<size_t> free;
  for (size_t i = 0; i < fixed.size(); ++i)
    if (!fixed[i])
      free.push_back(i);
  return free;
}

bool LevenbergMarquardt::isUniform() const {
  for (size_t i = 0; i < values.size(); ++i)
    if (fixed[i] || weights[i] != weights[0])
      return false;
  return true;
}

int64_t LevenbergMarquardt::costOfStep() const {
  return stepsOf(isUniform() ? ReducedSystem::sizeOf(*model)
                             : freeIndices().size());
}

/// The step for the free coefficients; nothing where rounding has made the
/// system singular.
std::optional<std::vector<double>>
LevenbergMarquardt::moveOf(const std::vector<size_t> &free) {
  std::vector<double> gradient = model->gradient(values);
  std::vector<double> move(free.size());
  for (size_t i = 0; i < free.size(); ++i)
    move[i] = -gradient[free[i]] - weights[free[i]] * values[free[i]];
  if (isUniform()) {
    if (!reduced.solve(*model, values, weights[0] + damping, move))
      return std::nullopt;
    return move;
  }
  model->normalMatrix(values, free, system);
  for (size_t i = 0; i < free.size(); ++i)
    system.column(i)[i] += weights[free[i]] + damping;
  if (!system.factor())
    return std::nullopt;
  system.solve(move);
  return move;
}

LevenbergMarquardt::Step LevenbergMarquardt::step() {
  std::vector<size_t> free = freeIndices();
  std::optional<std::vector<double>> move;
  if (!free.empty())
    move = moveOf(free);
  if (move) {
    std::vector<double> there = values;
    for (size_t i = 0; i < free.size(); ++i)
      there[free[i]] += (*move)[i];
    double thereResidual = model->squaredResidual(there),
           thereCost = thereResidual + penaltyOf(there);
    if (thereCost < cost) {
      values = std::move(there);
      residual = thereResidual, cost = thereCost;
      damping = std::max(damping / kDampingFactor, kMinDamping);
      return Step::Taken;
    }
  }
  damping *= kDampingFactor;
  return Step::Refused;
}

bool LevenbergMarquardt::settle(unsigned maxSteps, double startDamping,
                                int64_t &steps) {
  damping = startDamping;
  std::fill(weights.begin(), weights.end(), 0);
  evaluate();
  int64_t each = costOfStep();
  unsigned refusals = 0;
  for (unsigned i = 0; i < maxSteps && residual > kSolved; ++i) {
    steps += each;
    refusals = step() == Step::Taken ? 0 : refusals + 1;
    if (refusals >= kMaxRefusals)
      break;
  }
  return residual <= kSolved;
}
