//===- RestartPolicy.cpp - Where the next walk starts ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The model: the worth of a walk is the sum of a weight for its start, one for
// its expand_after and one for its slack, plus noise. The weights' posterior is
// normal with precision P = 1 / prior + sum x x^T / noise and mean P^-1 m, m =
// sum worth x / noise. Worths are relative to the best rank: where that falls
// by one, all of them, and so m, are halved.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/RestartPolicy.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>

using namespace sevenfold;

nlohmann::json RestartPolicy::checkpoint() const {
  return nlohmann::json::object();
}

llvm::Error RestartPolicy::restore(const nlohmann::json &state,
                                   llvm::StringRef where) {
  return requireObject(state, where, {});
}

/// Whether the next walk is from the pool.
static bool drawsPool(const WalkOptions &options, Random &random) {
  return int64_t(random.below(100)) < options.poolPercent;
}

namespace {
class FixedRestarts : public RestartPolicy {
public:
  FixedRestarts(const WalkOptions &options, unsigned numStarts)
      : options(options), numStarts(numStarts) {}

  WalkPlan choose(Random &random) override {
    WalkPlan plan;
    // Some go all the way back: a pool can be a dead end.
    if (!drawsPool(options, random))
      plan.start = unsigned(random.below(numStarts));
    plan.expandAfter = options.expandAfter;
    plan.slack = options.slack;
    return plan;
  }

private:
  WalkOptions options;
  unsigned numStarts;
};

class LearnedRestarts : public RestartPolicy {
public:
  LearnedRestarts(const WalkOptions &options, unsigned numStarts);

  WalkPlan choose(Random &random) override;
  void observe(const WalkPlan &plan, unsigned rank, unsigned best,
               int64_t flips) override;
  nlohmann::json checkpoint() const override;
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override;

private:
  /// Variances of the weights before anything is known, and of a walk's worth.
  static constexpr double kPrior = 1, kNoise = 0.25;

  size_t size() const {
    return numStarts + expandChoices.size() + slackChoices.size();
  }
  /// The three weights that count for a plan; nothing where it is from the
  /// pool, or from a checkpoint of other options.
  std::optional<std::array<size_t, 3>> weightsOf(const WalkPlan &plan) const;
  std::vector<double> sampleWeights(Random &random) const;

  WalkOptions options;
  unsigned numStarts;
  std::vector<int64_t> expandChoices, slackChoices;
  std::vector<double> precision; ///< row-major
  std::vector<double> moment;
  unsigned best = UINT_MAX;
};
} // namespace

//===----------------------------------------------------------------------===//
// Linear algebra
//===----------------------------------------------------------------------===//

/// The lower triangle L with L L^T = `matrix`, positive definite, n x n.
static std::vector<double> factorize(std::vector<double> matrix, size_t n) {
  for (size_t j = 0; j < n; ++j)
    for (size_t i = j; i < n; ++i) {
      double sum = matrix[i * n + j];
      for (size_t k = 0; k < j; ++k)
        sum -= matrix[i * n + k] * matrix[j * n + k];
      matrix[i * n + j] = i == j ? std::sqrt(sum) : sum / matrix[j * n + j];
    }
  return matrix;
}

/// L y = values, in place.
static void solveLower(const std::vector<double> &lower,
                       std::vector<double> &values) {
  size_t n = values.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k)
      values[i] -= lower[i * n + k] * values[k];
    values[i] /= lower[i * n + i];
  }
}

/// L^T y = values, in place.
static void solveUpper(const std::vector<double> &lower,
                       std::vector<double> &values) {
  size_t n = values.size();
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k)
      values[i] -= lower[k * n + i] * values[k];
    values[i] /= lower[i * n + i];
  }
}

//===----------------------------------------------------------------------===//
// Learning
//===----------------------------------------------------------------------===//

LearnedRestarts::LearnedRestarts(const WalkOptions &options, unsigned numStarts)
    : options(options), numStarts(numStarts),
      expandChoices({std::max<int64_t>(1, options.expandAfter / 4),
                     options.expandAfter, options.expandAfter * 4}),
      slackChoices({std::max<int64_t>(1, options.slack - 1), options.slack,
                    options.slack + 2}) {
  precision.assign(size() * size(), 0);
  for (size_t i = 0; i < size(); ++i)
    precision[i * size() + i] = 1 / kPrior;
  moment.assign(size(), 0);
}

std::optional<std::array<size_t, 3>>
LearnedRestarts::weightsOf(const WalkPlan &plan) const {
  auto placeOf = [](const std::vector<int64_t> &choices, int64_t choice) {
    return size_t(std::find(choices.begin(), choices.end(), choice) -
                  choices.begin());
  };
  size_t expand = placeOf(expandChoices, plan.expandAfter);
  size_t slack = placeOf(slackChoices, plan.slack);
  if (!plan.start || *plan.start >= numStarts ||
      expand == expandChoices.size() || slack == slackChoices.size())
    return std::nullopt;
  return std::array<size_t, 3>{*plan.start, numStarts + expand,
                               numStarts + expandChoices.size() + slack};
}

std::vector<double> LearnedRestarts::sampleWeights(Random &random) const {
  std::vector<double> lower = factorize(precision, size());
  std::vector<double> weights = moment;
  solveLower(lower, weights);
  // A generator of its own: normals come in pairs, and the second one of a pair
  // is not in a generator's state.
  Random normals(random.next());
  for (double &weight : weights)
    weight += normals.normal();
  solveUpper(lower, weights);
  return weights;
}

WalkPlan LearnedRestarts::choose(Random &random) {
  std::vector<double> weights = sampleWeights(random);
  auto bestOf = [&](size_t from, size_t count) {
    auto first = weights.begin() + ptrdiff_t(from);
    return size_t(std::max_element(first, first + ptrdiff_t(count)) - first);
  };
  WalkPlan plan;
  if (!drawsPool(options, random))
    plan.start = unsigned(bestOf(0, numStarts));
  plan.expandAfter = expandChoices[bestOf(numStarts, expandChoices.size())];
  plan.slack = slackChoices[bestOf(numStarts + expandChoices.size(),
                                   slackChoices.size())];
  return plan;
}

void LearnedRestarts::observe(const WalkPlan &plan, unsigned rank,
                              unsigned bestRank, int64_t flips) {
  if (best != UINT_MAX)
    for (double &value : moment)
      value *= std::exp2(double(bestRank) - double(best));
  best = bestRank;
  std::optional<std::array<size_t, 3>> weights = weightsOf(plan);
  if (!weights)
    return;
  double worth = std::exp2(double(bestRank) - double(rank)) *
                 std::min(1.0, double(options.restartAfter) / double(flips));
  for (size_t i : *weights) {
    moment[i] += worth / kNoise;
    for (size_t j : *weights)
      precision[i * size() + j] += 1 / kNoise;
  }
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

nlohmann::json LearnedRestarts::checkpoint() const {
  return {{"precision", precision}, {"moment", moment}, {"best", best}};
}

/// False where `json` is not as many numbers.
static bool readNumbers(const nlohmann::json &json,
                        std::vector<double> &values) {
  if (!json.is_array() || json.size() != values.size())
    return false;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!json[i].is_number())
      return false;
    values[i] = json[i].get<double>();
  }
  return true;
}

llvm::Error LearnedRestarts::restore(const nlohmann::json &state,
                                     llvm::StringRef where) {
  if (llvm::Error error =
          requireObject(state, where, {"precision", "moment", "best"}))
    return error;
  auto rank = getInteger(state, "best", where, 0, UINT_MAX);
  if (!rank)
    return rank.takeError();
  if (!readNumbers(state["precision"], precision) ||
      !readNumbers(state["moment"], moment))
    return makeError("{0}: is not what was learned of {1} choices", where,
                     size());
  std::vector<double> lower = factorize(precision, size());
  for (size_t i = 0; i < size(); ++i)
    if (!(lower[i * size() + i] > 0))
      return makeError("{0}.precision: is not positive definite", where);
  best = unsigned(*rank);
  return llvm::Error::success();
}

std::unique_ptr<RestartPolicy>
sevenfold::createFixedRestarts(const WalkOptions &options, unsigned numStarts) {
  return std::make_unique<FixedRestarts>(options, numStarts);
}

std::unique_ptr<RestartPolicy>
sevenfold::createLearnedRestarts(const WalkOptions &options,
                                 unsigned numStarts) {
  return std::make_unique<LearnedRestarts>(options, numStarts);
}
