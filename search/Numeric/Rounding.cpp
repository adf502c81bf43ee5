//===- Rounding.cpp - From real coefficients to small fractions -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order in which coefficients are fixed, and what follows when one refuses.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/Rounding.h"

#include "search/Numeric/ExactScheme.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

using namespace sevenfold;

/// Coefficients below such a bound are made zero at once; the first that leaves
/// a solution.
static constexpr double kZeroBounds[] = {0.1, 0.05, 0.02, 0.01, 0.003};
/// How near a value is that a coefficient has come to by itself.
static constexpr double kThere = 1e-7;
/// N(i,i) below which a coefficient counts as immovable, and the mu of N.
static constexpr double kImmovable = 1e-5, kNullSpaceDamping = 1e-10;
/// Refused coefficients in a row after which the grid grows, and in all after
/// which the attempt has failed.
static constexpr unsigned kRefusalsPerStage = 12, kMaxRefusals = 60;
/// Coefficients up to this are let be; larger ones where the scales made them.
static constexpr double kLargest = 4;

std::vector<double>
sevenfold::sparsityWeights(const std::vector<double> &values, double scale,
                           double width) {
  std::vector<double> weights;
  for (double value : values)
    weights.push_back(scale / std::sqrt(value * value + width * width));
  return weights;
}

RoundingGrid RoundingGrid::of(Ring ring, int64_t low, int64_t high) {
  RoundingGrid grid;
  if (ring == Ring::Q) {
    grid.stages = {{-1, 0, 1},
                   {-2, -0.5, 0.5, 2},
                   {-4, -1.5, -0.75, -2. / 3, -1. / 3, -0.25, //
                    0.25, 1. / 3, 2. / 3, 0.75, 1.5, 4}};
    grid.largestDenominator = 24;
    return grid;
  }
  grid.stages = {{-1, 0, 1}, {}};
  for (int64_t value = low; value <= high; ++value)
    if (std::abs(value) > 1)
      grid.stages[1].push_back(double(value));
  return grid;
}

//===----------------------------------------------------------------------===//
// Which way a solution can move
//===----------------------------------------------------------------------===//

/// N = mu (J^T J + mu)^-1 = mu L^-T L^-1 on the free coefficients.
class Rounding::Freedom {
public:
  explicit Freedom(const LevenbergMarquardt &here) : free(here.freeIndices()) {
    here.problem().normalMatrix(here.values, free, inverse);
    for (size_t i = 0; i < free.size(); ++i)
      inverse.column(i)[i] += kNullSpaceDamping;
    isValid = inverse.factor();
    if (!isValid)
      return;
    inverse.invertFactor();
    for (size_t i = 0; i < free.size(); ++i) {
      double sum = 0;
      for (size_t k = i; k < free.size(); ++k)
        sum += inverse.column(i)[k] * inverse.column(i)[k];
      diagonal.push_back(kNullSpaceDamping * sum);
    }
  }

  /// The column of N, a move that changes coefficient `free[i]` most for its
  /// length, scaled to change it by 1.
  std::vector<double> moveOf(size_t i) const {
    std::vector<double> move(free.size());
    for (size_t j = 0; j < free.size(); ++j)
      for (size_t k = std::max(i, j); k < free.size(); ++k)
        move[j] += inverse.column(j)[k] * inverse.column(i)[k];
    double scale = 1 / move[i];
    for (double &value : move)
      value *= scale;
    return move;
  }

  std::vector<size_t> free;
  std::vector<double> diagonal;
  bool isValid = false;

private:
  PositiveSystem inverse;
};

//===----------------------------------------------------------------------===//
// Fixing
//===----------------------------------------------------------------------===//

bool sevenfold::areTwoFactorsFixed(const LevenbergMarquardt &here) {
  bool isFree[3] = {};
  for (size_t i : here.freeIndices())
    isFree[here.problem().modeOf(i)] = true;
  return isFree[0] + isFree[1] + isFree[2] <= 1;
}

double Rounding::nearest(double value) const {
  double best = 0, distance = 1e300;
  for (size_t s = 0; s <= stage; ++s)
    for (double there : grid.stages[s])
      if (std::abs(value - there) < distance) {
        distance = std::abs(value - there);
        best = there;
      }
  return best;
}

bool Rounding::nextStage() {
  refusalsInRow = 0;
  if (stage + 1 >= grid.stages.size())
    return false;
  ++stage;
  std::fill(refused.begin(), refused.end(), 0);
  return true;
}

void Rounding::begin(LevenbergMarquardt &here, double chanceGiven) {
  chance = chanceGiven;
  const PolyadicModel &model = here.problem();
  std::vector<double> &x = here.values;
  std::fill(here.fixed.begin(), here.fixed.end(), 0);
  std::fill(here.weights.begin(), here.weights.end(), 0);
  for (unsigned t = 0; t < model.rank(); ++t)
    for (unsigned mode = 0; mode < 2; ++mode) {
      size_t largestAt = model.index(mode, 0, t);
      for (unsigned e = 1; e < model.tensor().shape[mode]; ++e)
        if (std::abs(x[model.index(mode, e, t)]) > std::abs(x[largestAt]))
          largestAt = model.index(mode, e, t);
      double scale = x[largestAt];
      if (scale == 0)
        continue;
      for (unsigned e = 0; e < model.tensor().shape[mode]; ++e)
        x[model.index(mode, e, t)] /= scale;
      for (unsigned e = 0; e < model.tensor().shape[2]; ++e)
        x[model.index(2, e, t)] *= scale;
      here.fixed[largestAt] = 1;
    }
  here.evaluate();
  zeroLevel = stage = 0;
  refusals = refusalsInRow = 0;
  refused.assign(model.size(), 0);
  largest = std::max(kLargest, 2 * here.largestValue());
}

bool Rounding::fixZeros(LevenbergMarquardt &here, double bound,
                        int64_t &steps) {
  std::vector<double> before = here.values;
  std::vector<char> fixedBefore = here.fixed;
  for (size_t i = 0; i < here.values.size(); ++i)
    if (!here.fixed[i] && std::abs(here.values[i]) < bound) {
      here.values[i] = 0;
      here.fixed[i] = 1;
    }
  if (here.settle(60, 1e-3, steps) && here.largestValue() <= largest)
    return true;
  here.values = std::move(before);
  here.fixed = std::move(fixedBefore);
  here.evaluate();
  return false;
}

/// Fixes the coefficients that are values of the grid already.
void Rounding::absorb(LevenbergMarquardt &here, int64_t &steps) const {
  for (size_t i = 0; i < here.values.size(); ++i) {
    double there = nearest(here.values[i]);
    if (!here.fixed[i] && std::abs(here.values[i] - there) < kThere) {
      here.values[i] = there;
      here.fixed[i] = 1;
    }
  }
  here.settle(10, 1e-8, steps);
}

/// Fixes a coefficient at `goal`: along the null space first, by least squares
/// from where it was else. False, and all as it was, where neither gives a
/// solution.
bool Rounding::moveTo(LevenbergMarquardt &here, const Freedom &freedom,
                      size_t choice, double goal, int64_t &steps) const {
  std::vector<double> before = here.values;
  size_t at = freedom.free[choice];
  std::vector<double> move = freedom.moveOf(choice);
  for (size_t i = 0; i < move.size(); ++i)
    here.values[freedom.free[i]] += move[i] * (goal - before[at]);
  here.values[at] = goal;
  here.fixed[at] = 1;
  if (here.settle(30, 1e-4, steps) && here.largestValue() <= largest)
    return true;
  here.values = before;
  here.values[at] = goal;
  if (here.settle(60, 1e-2, steps) && here.largestValue() <= largest)
    return true;
  here.values = std::move(before);
  here.fixed[at] = 0;
  here.evaluate();
  return false;
}

Rounding::State Rounding::advance(LevenbergMarquardt &here, Random &random,
                                  int64_t &steps) {
  if (zeroLevel < std::size(kZeroBounds)) {
    if (fixZeros(here, kZeroBounds[zeroLevel++], steps))
      zeroLevel = std::size(kZeroBounds);
    return State::Going;
  }
  absorb(here, steps);
  if (areTwoFactorsFixed(here))
    return State::Rounded;
  steps += 3 * stepsOf(here.freeIndices().size());
  Freedom freedom(here);
  if (!freedom.isValid)
    return State::Failed;
  std::optional<size_t> choice;
  double goal = 0, least = 1e300;
  bool canMove = false;
  for (size_t i = 0; i < freedom.free.size(); ++i) {
    size_t at = freedom.free[i];
    double value = here.values[at];
    if (freedom.diagonal[i] < kImmovable) {
      if (!nearestFraction(value, grid.largestDenominator, 10 * kThere))
        return State::Failed;
      continue;
    }
    canMove = true;
    if (refused[at])
      continue;
    double length = std::abs(nearest(value) - value) /
                    std::sqrt(freedom.diagonal[i]) *
                    (1 + chance * random.uniform());
    if (length < least) {
      least = length;
      choice = i;
      goal = nearest(value);
    }
  }
  if (!choice) {
    if (canMove)
      return nextStage() ? State::Going : State::Failed;
    for (size_t at : freedom.free) {
      here.values[at] =
          nearestFraction(here.values[at], grid.largestDenominator, 10 * kThere)
              ->toDouble();
      here.fixed[at] = 1;
    }
    here.evaluate();
    return State::Rounded;
  }
  if (moveTo(here, freedom, *choice, goal, steps)) {
    refusalsInRow = 0;
    return State::Going;
  }
  refused[freedom.free[*choice]] = 1;
  if (++refusals > kMaxRefusals)
    return State::Failed;
  if (++refusalsInRow > kRefusalsPerStage)
    nextStage();
  return State::Going;
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

nlohmann::json Rounding::toJson() const {
  return {{"zero_level", zeroLevel},
          {"stage", stage},
          {"refusals", refusals},
          {"refusals_in_row", refusalsInRow},
          {"refused", std::vector<int>(refused.begin(), refused.end())},
          {"largest", largest},
          {"chance", chance}};
}

llvm::Error Rounding::fromJson(const nlohmann::json &json,
                               llvm::StringRef where, size_t size) {
  if (llvm::Error error =
          requireObject(json, where,
                        {"zero_level", "stage", "refusals", "refusals_in_row",
                         "refused", "largest", "chance"}))
    return error;
  int64_t numbers[4];
  const char *keys[4] = {"zero_level", "stage", "refusals", "refusals_in_row"};
  for (unsigned i = 0; i < 4; ++i) {
    auto number = getInteger(json, keys[i], where, 0);
    if (!number)
      return number.takeError();
    numbers[i] = *number;
  }
  if (numbers[1] >= int64_t(grid.stages.size()))
    return makeError("{0}.stage: expected one of {1} but got {2}", where,
                     grid.stages.size(), numbers[1]);
  auto limit = getNumber(json, "largest", where);
  if (!limit)
    return limit.takeError();
  auto spread = getNumber(json, "chance", where);
  if (!spread)
    return spread.takeError();
  const nlohmann::json &flags = json["refused"];
  // An attempt that has not begun to round has refused nothing.
  if (!flags.is_array() || (flags.size() != 0 && flags.size() != size))
    return makeError("{0}.refused: expected {1} numbers", where, size);
  refused.clear();
  for (const nlohmann::json &flag : flags)
    refused.push_back(flag != 0);
  zeroLevel = size_t(numbers[0]), stage = size_t(numbers[1]);
  refusals = unsigned(numbers[2]), refusalsInRow = unsigned(numbers[3]);
  largest = *limit, chance = *spread;
  return llvm::Error::success();
}
