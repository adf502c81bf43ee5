//===- MovePolicy.cpp - What to measure next ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Positions as numbers, and the network over them.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/MovePolicy.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"
#include "sevenfold/Support/Random.h"

#include "llvm/ADT/STLExtras.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

using namespace sevenfold;

/// Deviations and gains, in logarithms of time, that count as one.
static constexpr double kUnit = 0.03;
/// What a promise is never taken to be less than.
static constexpr double kLeastPromise = 1e-5;

/// The mean of a normal variable where it is above 0.
static double expectedAboveZero(double mean, double deviation) {
  double z = mean / deviation;
  return mean * std::erfc(-z / M_SQRT2) / 2 +
         deviation * std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
}

std::optional<size_t> sevenfold::choiceOf(const Standings &standings) {
  std::vector<size_t> first = standings.expected(1);
  if (first.empty())
    return std::nullopt;
  return first[0];
}

std::optional<size_t>
sevenfold::unmeasuredChoiceOf(const Standings &standings) {
  std::optional<size_t> choice = choiceOf(standings);
  return choice && !standings.isMeasured(*choice) ? choice : std::nullopt;
}

namespace {
/// What all moves of a position have in common.
class Position {
public:
  Position(const Standings &standings, double runsLeft)
      : standings(standings), order(standings.expected(standings.size())) {
    if (!order.empty())
      top = std::max(standings.mean(order[0]), 0.0);
    for (size_t i : order) {
      if (!standings.isMeasured(i))
        continue;
      runs += double(standings.measurements(i));
      ++kinds[standings.entrant(i).kind];
      ++providers[standings.entrant(i).provider];
    }
    left = std::log1p(std::max(runsLeft, 0.0)) / 5;
  }

  MoveFeatures measure(size_t rank) const {
    size_t i = order[rank];
    const Entrant &entrant = standings.entrant(i);
    double mean = standings.mean(i), deviation = standings.deviation(i);
    MoveFeatures x{};
    x[0] = number((mean - top) / kUnit);
    x[1] = number(deviation / kUnit);
    x[2] = number(std::log(promise(mean, deviation) / kUnit));
    x[3] = number(std::log1p(double(standings.measurements(i))));
    x[4] = standings.isMeasured(i) ? 0 : 1;
    x[5] = rank == 0 ? 1 : 0;
    x[6] = number(std::log1p(double(rank)));
    x[7] = number(std::log1p(countOf(kinds, entrant.kind)));
    x[8] = number(std::log1p(countOf(providers, entrant.provider)));
    x[9] = entrant.wellTried ? 1 : 0;
    return shared(x);
  }

  MoveFeatures end() const {
    MoveFeatures x{};
    x[10] = 1;
    return shared(x);
  }

  std::vector<size_t> open() const {
    std::vector<std::pair<double, size_t>> ranks;
    for (size_t rank = 0; rank < order.size(); ++rank)
      ranks.emplace_back(-promise(standings.mean(order[rank]),
                                  standings.deviation(order[rank])),
                         rank);
    size_t count = std::min(kMostMoves, ranks.size());
    std::partial_sort(ranks.begin(), ranks.begin() + ptrdiff_t(count),
                      ranks.end());
    std::vector<size_t> kept;
    for (size_t i = 0; i < count; ++i)
      kept.push_back(ranks[i].second);
    return kept;
  }

  size_t candidate(size_t rank) const { return order[rank]; }

private:
  static float number(double value) {
    return float(std::clamp(value, -10.0, 10.0));
  }
  static double countOf(const std::map<std::string, size_t> &counts,
                        const std::string &key) {
    auto found = counts.find(key);
    return found == counts.end() ? 0 : double(found->second);
  }
  /// What knowing it exactly adds to what is best now, as if that were certain.
  double promise(double mean, double deviation) const {
    return std::max(expectedAboveZero(mean - top, std::max(deviation, 1e-6)),
                    kLeastPromise);
  }
  MoveFeatures shared(MoveFeatures x) const {
    x[11] = number(std::log1p(runs) / 2);
    x[12] = number(top / kUnit / 3);
    x[13] = number(standings.noise() / kUnit);
    x[14] = number(left);
    return x;
  }

  const Standings &standings;
  std::vector<size_t> order;
  double top = 0, runs = 0, left = 0;
  std::map<std::string, size_t> kinds, providers; ///< measured plans of each
};
} // namespace

std::vector<PlanMove> sevenfold::movesOf(const Standings &standings,
                                         double runsLeft) {
  Position position(standings, runsLeft);
  std::vector<PlanMove> moves;
  for (size_t rank : position.open())
    moves.push_back({position.candidate(rank), position.measure(rank)});
  moves.push_back({std::nullopt, position.end()});
  return moves;
}

//===----------------------------------------------------------------------===//
// The network
//===----------------------------------------------------------------------===//

/// Parameters of a hidden unit: a row of W, b and v.
static constexpr size_t kUnitSize = kMoveFeatures + 2;

MovePolicy::MovePolicy(uint64_t seed) : values(kParameters) {
  constexpr double kSmall = 0.1;
  Random random(seed);
  for (size_t i = kMoveFeatures; i < values.size(); ++i)
    values[i] = kSmall * random.normal();
  values[2] = 1;   // the more it promises
  values[10] = -6; // the end is far
}

double MovePolicy::score(const MoveFeatures &move) const {
  double sum = 0;
  for (size_t i = 0; i < kMoveFeatures; ++i)
    sum += values[i] * move[i];
  for (const double *unit = &values[kMoveFeatures];
       unit != values.data() + values.size(); unit += kUnitSize) {
    double inner = unit[kMoveFeatures];
    for (size_t i = 0; i < kMoveFeatures; ++i)
      inner += unit[i] * move[i];
    sum += unit[kMoveFeatures + 1] * std::tanh(inner);
  }
  return sum;
}

void MovePolicy::addGradient(const MoveFeatures &move, double factor,
                             std::vector<double> &gradient) const {
  for (size_t i = 0; i < kMoveFeatures; ++i)
    gradient[i] += factor * move[i];
  for (size_t at = kMoveFeatures; at < values.size(); at += kUnitSize) {
    const double *unit = &values[at];
    double inner = unit[kMoveFeatures];
    for (size_t i = 0; i < kMoveFeatures; ++i)
      inner += unit[i] * move[i];
    double out = std::tanh(inner),
           slope = factor * unit[kMoveFeatures + 1] * (1 - out * out);
    for (size_t i = 0; i < kMoveFeatures; ++i)
      gradient[at + i] += slope * move[i];
    gradient[at + kMoveFeatures] += slope;
    gradient[at + kMoveFeatures + 1] += factor * out;
  }
}

nlohmann::json MovePolicy::toJson() const {
  return {
      {"features", kMoveFeatures}, {"hidden", kHidden}, {"parameters", values}};
}

llvm::Expected<MovePolicy> MovePolicy::fromJson(const nlohmann::json &object,
                                                llvm::StringRef where) {
  if (llvm::Error error =
          requireObject(object, where, {"features", "hidden", "parameters"}))
    return error;
  for (auto [key, value] :
       {std::pair("features", kMoveFeatures), {"hidden", kHidden}}) {
    auto read = getInteger(object, key, where, value, value);
    if (!read)
      return read.takeError();
  }
  auto numbers = getNumbers(object, "parameters", where);
  if (!numbers)
    return numbers.takeError();
  MovePolicy policy;
  if (numbers->size() != policy.values.size())
    return makeError("{0}: expected {1} 'parameters' but got {2}", where,
                     policy.values.size(), numbers->size());
  policy.values = std::move(*numbers);
  return policy;
}
