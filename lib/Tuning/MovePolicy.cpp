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

#include "sevenfold/Runner/Statistics.h"
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
static constexpr double kLeastPromise = 1e-6;
/// To be counted up when a feature comes to mean something else.
static constexpr unsigned kMeaning = 1;

std::optional<size_t> sevenfold::choiceOf(const Standings &standings) {
  std::optional<size_t> first, best = standings.best();
  for (size_t i = 0; i < standings.size(); ++i)
    if (!standings.hasFailed(i) &&
        (!first ||
         standings.entrant(i).expected > standings.entrant(*first).expected))
      first = i;
  return best && standings.mean(*best) >= standings.mean(*first) ? best : first;
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
  Position(const Standings &standings, const GameLimits &limits)
      : standings(standings), order(standings.expected(standings.size())),
        noise(standings.noise()), limits(limits) {
    this->limits.runsLeft = std::clamp(limits.runsLeft, 0.0, kMostRuns);
    this->limits.price = std::clamp(limits.price, kLeastPrice, kMostPrice);
    for (size_t i : order) {
      if (!standings.isMeasured(i))
        continue;
      runs += double(standings.measurements(i));
      ++kinds[standings.entrant(i).kind];
      ++providers[standings.entrant(i).provider];
    }
    for (size_t rank = 0; rank < order.size(); ++rank) {
      doubts.push_back(doubt(rank));
      promises.push_back(promise(rank));
    }
  }

  /// The ranks of those that promise most.
  std::vector<size_t> open() const {
    std::vector<std::pair<double, size_t>> ranks;
    for (size_t rank = 0; rank < order.size(); ++rank)
      ranks.emplace_back(-promises[rank], rank);
    size_t count = std::min(kMostMoves, ranks.size());
    std::partial_sort(ranks.begin(), ranks.begin() + ptrdiff_t(count),
                      ranks.end());
    std::vector<size_t> kept;
    for (size_t i = 0; i < count; ++i)
      kept.push_back(ranks[i].second);
    return kept;
  }

  size_t candidate(size_t rank) const { return order[rank]; }

  MoveFeatures measure(size_t rank) const {
    size_t i = order[rank];
    const Entrant &entrant = standings.entrant(i);
    MoveFeatures x = shared();
    x[0] = number(std::log(promises[rank] / kUnit));
    x[1] = number((standings.mean(i) - standings.mean(order[0])) / kUnit);
    x[2] = number(doubts[rank] / kUnit);
    x[3] = number(std::log1p(double(standings.measurements(i))));
    x[4] = standings.isMeasured(i) ? 0 : 1;
    x[5] = rank == 0 ? 1 : 0;
    x[6] = number(std::log1p(double(rank)));
    x[7] = number(std::log1p(countOf(kinds, entrant.kind)));
    x[8] = number(std::log1p(countOf(providers, entrant.provider)));
    x[9] = entrant.wellTried ? 1 : 0;
    return x;
  }

  MoveFeatures end() const {
    MoveFeatures x = shared();
    x[10] = 1;
    // What the best move promises, and what it costs.
    x[11] = promises.empty()
                ? 0
                : number(std::log(*llvm::max_element(promises) / kUnit));
    x[12] = number(std::log(limits.price / kUnit));
    return x;
  }

private:
  static float number(double value) {
    return float(std::clamp(value, -15.0, 15.0));
  }
  static double countOf(const std::map<std::string, size_t> &counts,
                        const std::string &key) {
    auto found = counts.find(key);
    return found == counts.end() ? 0 : double(found->second);
  }
  /// Who is compared with: the first, and for the first itself the second.
  size_t rivalOf(size_t rank) const { return rank == 0 ? 1 : 0; }
  /// How far the difference from the rival may be off.
  double doubt(size_t rank) const {
    size_t i = order[rank];
    double variance = standings.posterior(i, i);
    if (order.size() > 1) {
      size_t rival = order[rivalOf(rank)];
      variance +=
          standings.posterior(rival, rival) - 2 * standings.posterior(i, rival);
    }
    return std::sqrt(std::max(variance, 0.0));
  }
  /// What one more run of it adds, on average, to the better of it and its
  /// rival: the knowledge gradient of two (Frazier, Powell and Dayanik, "The
  /// Knowledge-Gradient Policy for Correlated Normal Beliefs", 2009).
  double promise(size_t rank) const {
    if (order.size() < 2)
      return kLeastPromise;
    size_t i = order[rank], rival = order[rivalOf(rank)];
    double gap = std::abs(standings.mean(i) - standings.mean(rival));
    double variance = standings.posterior(i, i);
    double moved = std::abs(variance - standings.posterior(i, rival)) /
                   std::sqrt(std::max(variance, 0.0) + noise * noise);
    return std::max(expectedAboveZero(-gap, std::max(moved, 1e-9)),
                    kLeastPromise);
  }
  MoveFeatures shared() const {
    MoveFeatures x{};
    double top = order.empty() ? 0 : standings.mean(order[0]);
    x[13] = number(std::log1p(runs) / 2);
    x[14] = number(top / kUnit / 3);
    x[15] = number(std::log1p(limits.runsLeft) / 5);
    return x;
  }

  const Standings &standings;
  std::vector<size_t> order;
  std::vector<double> doubts, promises; ///< by rank
  double noise = 0, runs = 0;
  GameLimits limits;
  std::map<std::string, size_t> kinds, providers; ///< measured plans of each
};
} // namespace

std::vector<PlanMove> sevenfold::movesOf(const Standings &standings,
                                         const GameLimits &limits) {
  Position position(standings, limits);
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
  // The more it promises, and until that is less than the price.
  values[0] = 2;
  values[12] = 2;
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

/// No parameter that was learned is larger.
static constexpr double kLargest = 1000;

nlohmann::json MovePolicy::toJson() const {
  return {{"meaning", kMeaning},
          {"features", kMoveFeatures},
          {"hidden", kHidden},
          {"parameters", values}};
}

llvm::Expected<MovePolicy> MovePolicy::fromJson(const nlohmann::json &object,
                                                llvm::StringRef where) {
  if (llvm::Error error = requireObject(
          object, where, {"meaning", "features", "hidden", "parameters"}))
    return error;
  for (auto [key, value] : {std::pair("meaning", kMeaning),
                            {"features", kMoveFeatures},
                            {"hidden", kHidden}}) {
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
  for (double number : *numbers)
    if (std::abs(number) > kLargest)
      return makeError("{0}: expected 'parameters' within {1}", where,
                       kLargest);
  policy.values = std::move(*numbers);
  return policy;
}

std::vector<size_t> sevenfold::bestMoves(const MovePolicy &policy,
                                         llvm::ArrayRef<PlanMove> moves,
                                         size_t most) {
  double end = policy.score(moves.back().features);
  std::vector<std::pair<double, size_t>> scored;
  for (const PlanMove &move : moves.drop_back())
    if (double score = policy.score(move.features); score > end)
      scored.emplace_back(score, *move.candidate);
  llvm::stable_sort(
      scored, [](const auto &a, const auto &b) { return a.first > b.first; });
  std::vector<size_t> best;
  for (const auto &[score, candidate] : scored)
    if (best.size() < most)
      best.push_back(candidate);
  return best;
}
