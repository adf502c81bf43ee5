//===- NumericAttempt.cpp - From numbers to an exact scheme --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The phases, and what leads from one to the next.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/NumericAttempt.h"

#include "search/Frame/RandomState.h"
#include "search/Numeric/ExactScheme.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// Standard deviation of the coefficients that an attempt begins with.
static constexpr double kSpread = 0.5;
/// The ridge at first and at last.
static constexpr double kFirstRidge = 1e-2, kLastRidge = 2e-4;
/// The squared residual of a local minimum, where it is that large below such a
/// ridge.
static constexpr double kMinimumRidge = 1e-3, kMinimumResidual = 0.05;
/// The squared residual of a solution at the last ridge is less. It falls with
/// the square of the ridge; that of terms that run away from each other, which
/// come as near as one likes to the tensor and never to it, falls more slowly.
static constexpr double kSolutionResidual = 1.5e-3;
/// A ridge is halved after a step that gains less than this part, or so many.
static constexpr double kLittleGain = 0.01;
static constexpr int64_t kStepsPerRidge = 50;
/// Neighbours of a local minimum that are tried before a new start, and one
/// term in how many is drawn anew for them.
static constexpr int64_t kMaxKicks = 25;
static constexpr unsigned kRankPerDrawnTerm = 7;
/// Damping beyond which an attempt is stuck.
static constexpr double kMaxDamping = 1e12;
/// Iterations of reweighting, the scale of the weights from first to last, and
/// the width below which coefficients count as zeros.
static constexpr int64_t kReweightings = 60;
static constexpr double kFirstScale = 1e-2, kLastScale = 1e-5;
static constexpr double kFirstWidth = 0.3, kLastWidth = 0.02;
/// Refused steps after which weights are renewed all the same.
static constexpr int64_t kRefusalsPerReweighting = 4;
/// Steps without weights until a solution is expected.
static constexpr int64_t kSettleSteps = 60;
/// Times that a solution is rounded, and by how much more each is left to
/// chance.
static constexpr int64_t kRoundings = 8;
static constexpr double kChance = 3;

NumericAttempt::NumericAttempt(const PolyadicModel &model, int64_t low,
                               int64_t high, uint64_t seed)
    : here(model), rounding(RoundingGrid::of(model.tensor().ring, low, high)),
      low(low), high(high), random(seed) {
  startAgain();
}

/// The weights that belong to where an attempt is.
void NumericAttempt::weigh() {
  double done = double(count) / double(kReweightings);
  switch (phase) {
  case Phase::Descend:
    std::fill(here.weights.begin(), here.weights.end(), ridge);
    break;
  case Phase::Sparsify:
    here.weights = sparsityWeights(
        here.values, kFirstScale * std::pow(kLastScale / kFirstScale, done),
        kFirstWidth * std::pow(kLastWidth / kFirstWidth, done));
    break;
  case Phase::Settle:
  case Phase::Round:
    std::fill(here.weights.begin(), here.weights.end(), 0);
    break;
  }
  here.evaluate();
}

void NumericAttempt::enter(Phase next) {
  phase = next;
  count = refusals = 0;
  switch (phase) {
  case Phase::Descend:
    ridge = kFirstRidge;
    here.damping = 1;
    break;
  case Phase::Sparsify:
    here.problem().balance(here.values);
    here.damping = 1e-2;
    break;
  case Phase::Settle:
    here.damping = 1e-4;
    break;
  case Phase::Round:
    here.values = solution;
    rounding.begin(here, kChance * double(roundings));
    break;
  }
  weigh();
}

void NumericAttempt::startAgain() {
  // A generator of its own: one that has drawn normals keeps one of them.
  Random normals(random.next());
  for (double &value : here.values)
    value = kSpread * normals.normal();
  std::fill(here.fixed.begin(), here.fixed.end(), 0);
  best.clear();
  kicks = 0;
  ++starts;
  enter(Phase::Descend);
}

void NumericAttempt::descend() {
  double before = here.objective();
  bool isTaken = here.step() == LevenbergMarquardt::Step::Taken;
  moves += isTaken;
  ++count;
  if (!(here.damping < kMaxDamping))
    return startAgain();
  bool isDone = isTaken && before - here.objective() < kLittleGain * before;
  if (!isDone && count < kStepsPerRidge)
    return;
  double residual = here.squaredResidual();
  if (ridge < kMinimumRidge && residual > kMinimumResidual) {
    if (best.empty() || here.objective() <= bestObjective) {
      best = here.values;
      bestObjective = here.objective();
    }
    kick();
  } else if (ridge >= kLastRidge) {
    ridge /= 2;
    count = 0;
    weigh();
  } else if (residual < kSolutionResidual) {
    enter(Phase::Sparsify);
  } else {
    kick();
  }
}

/// Goes on with a neighbour of the best local minimum since the start: some of
/// its terms are drawn anew.
void NumericAttempt::kick() {
  if (best.empty() || ++kicks > kMaxKicks)
    return startAgain();
  here.values = best;
  const PolyadicModel &model = here.problem();
  Random normals(random.next());
  unsigned drawn = std::max(1u, model.rank() / kRankPerDrawnTerm);
  for (unsigned i = 0; i < drawn; ++i) {
    unsigned t = unsigned(normals.below(model.rank()));
    for (unsigned mode = 0; mode < 3; ++mode)
      for (unsigned e = 0; e < model.tensor().shape[mode]; ++e)
        here.values[model.index(mode, e, t)] = kSpread * normals.normal();
  }
  enter(Phase::Descend);
}

void NumericAttempt::sparsify() {
  bool isTaken = here.step() == LevenbergMarquardt::Step::Taken;
  moves += isTaken;
  if (!isTaken && ++refusals < kRefusalsPerReweighting)
    return;
  refusals = 0;
  if (++count < kReweightings)
    weigh();
  else
    enter(Phase::Settle);
}

void NumericAttempt::settle() {
  bool isTaken = here.step() == LevenbergMarquardt::Step::Taken;
  moves += isTaken;
  refusals = isTaken ? 0 : refusals + 1;
  if (here.squaredResidual() <= LevenbergMarquardt::kSolved) {
    ++solutions;
    solution = here.values;
    roundings = 0;
    enter(Phase::Round);
  } else if (++count >= kSettleSteps ||
             refusals >= LevenbergMarquardt::kMaxRefusals) {
    startAgain();
  }
}

std::optional<Scheme> NumericAttempt::round(int64_t &steps) {
  Rounding::State state = rounding.advance(here, random, steps);
  if (state == Rounding::State::Going)
    return std::nullopt;
  if (state == Rounding::State::Rounded)
    if (std::optional<Scheme> scheme = exactScheme(here, low, high)) {
      startAgain();
      return scheme;
    }
  if (++roundings < kRoundings)
    enter(Phase::Round);
  else
    startAgain();
  return std::nullopt;
}

std::optional<Scheme> NumericAttempt::advance(int64_t &steps) {
  if (phase == Phase::Round)
    return round(steps);
  steps += here.costOfStep();
  if (phase == Phase::Descend)
    descend();
  else if (phase == Phase::Sparsify)
    sparsify();
  else
    settle();
  return std::nullopt;
}

/// For people.
static const char *nameOf(NumericAttempt::Phase phase) {
  switch (phase) {
  case NumericAttempt::Phase::Descend:
    return "descending";
  case NumericAttempt::Phase::Sparsify:
    return "getting sparse";
  case NumericAttempt::Phase::Settle:
    return "settling";
  case NumericAttempt::Phase::Round:
    return "rounding";
  }
  return "";
}

std::string NumericAttempt::describe() const {
  std::string text = fmt::format("start {}, {}, residual {:.1e}", starts,
                                 nameOf(phase), here.squaredResidual());
  if (phase == Phase::Round)
    text += fmt::format(", {} of {} free", here.freeIndices().size(),
                        here.values.size());
  return text + fmt::format(", {} solutions", solutions);
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

nlohmann::json NumericAttempt::toJson() const {
  return {{"values", here.values},
          {"fixed", std::vector<int>(here.fixed.begin(), here.fixed.end())},
          {"damping", here.damping},
          {"rounding", rounding.toJson()},
          {"random", random.state()},
          {"phase", int(phase)},
          {"ridge", ridge},
          {"count", count},
          {"refusals", refusals},
          {"best", best},
          {"best_objective", bestObjective},
          {"kicks", kicks},
          {"solution", solution},
          {"roundings", roundings},
          {"starts", starts},
          {"solutions", solutions},
          {"moves", moves}};
}

/// A list of `size` numbers, or of none where that is allowed.
static llvm::Error readNumbers(const nlohmann::json &json, const char *key,
                               const std::string &where, size_t size,
                               std::vector<double> &numbers) {
  const nlohmann::json &list = json[key];
  bool isRight = list.is_array() && list.size() == size;
  for (size_t i = 0; isRight && i < size; ++i)
    isRight = list[i].is_number();
  if (!isRight)
    return makeError("{0}.{1}: are not {2} numbers", where, key, size);
  numbers = list.get<std::vector<double>>();
  return llvm::Error::success();
}

llvm::Error NumericAttempt::fromJson(const nlohmann::json &json,
                                     const std::string &where) {
  if (llvm::Error error = requireObject(
          json, where,
          {"values", "fixed", "damping", "rounding", "random", "phase", "ridge",
           "count", "refusals", "best", "best_objective", "kicks", "solution",
           "roundings", "starts", "solutions", "moves"}))
    return error;
  size_t size = here.values.size();
  std::vector<double> fixed;
  if (llvm::Error error = readNumbers(json, "values", where, size, here.values))
    return error;
  if (llvm::Error error = readNumbers(json, "fixed", where, size, fixed))
    return error;
  here.fixed.assign(fixed.begin(), fixed.end());
  int64_t phaseNumber = 0;
  for (auto [key, value] :
       {std::pair{"phase", &phaseNumber}, std::pair{"count", &count},
        std::pair{"refusals", &refusals}, std::pair{"roundings", &roundings},
        std::pair{"kicks", &kicks}, std::pair{"starts", &starts},
        std::pair{"solutions", &solutions}, std::pair{"moves", &moves}}) {
    auto number = getInteger(json, key, where, 0);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  if (phaseNumber > int64_t(Phase::Round))
    return makeError("{0}.phase: there is no phase {1}", where, phaseNumber);
  phase = Phase(phaseNumber);
  for (auto [key, value] : {std::pair{"damping", &here.damping},
                            std::pair{"best_objective", &bestObjective},
                            std::pair{"ridge", &ridge}}) {
    auto number = getNumber(json, key, where);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  // Nothing has been solved before it is rounded.
  size_t solved = json["solution"].empty() && phase != Phase::Round ? 0 : size;
  if (llvm::Error error =
          readNumbers(json, "solution", where, solved, solution))
    return error;
  if (llvm::Error error = readNumbers(json, "best", where,
                                      json["best"].empty() ? 0 : size, best))
    return error;
  auto generator = randomFromJson(json["random"]);
  if (!generator)
    return makeError("{0}.random: is not a generator", where);
  random = Random(*generator);
  if (llvm::Error error =
          rounding.fromJson(json["rounding"], where + ".rounding", size))
    return error;
  weigh();
  return llvm::Error::success();
}
