//===- AlsStrategy.cpp - Search by least squares --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An attempt descends until the residual is that of rounding, then fixes one
// coefficient at a time. A fixed coefficient after which the residual does not
// come down again is taken back, and another one tried.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/AlsStrategy.h"

#include "search/Frame/Parallel.h"
#include "search/Frame/RandomState.h"
#include "search/Numeric/LeastSquares.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

using namespace sevenfold;

/// A squared residual below which an attempt counts as a solution.
static constexpr double kSolved = 1e-12;
/// Sweeps of a descent before it is given up, and after a coefficient is fixed.
static constexpr int64_t kDescentSweeps = 3000, kSettleSweeps = 200;
/// Coefficients that are tried in vain before an attempt is given up.
static constexpr int64_t kMaxRefusals = 40;
/// Steps that are counted as one of the loop's: a sweep is as long as thousands
/// of flips.
static constexpr int64_t kStepsPerSweep = 1024;

namespace {
class AlsStrategy : public SearchStrategy {
public:
  AlsStrategy(const SearchTask &task);

  SearchProgress propose(int64_t steps) override;
  std::string describe() const override;
  nlohmann::json checkpoint() const override;
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override;

private:
  struct Attempt {
    Attempt(const TargetTensor &target, unsigned rank, uint64_t seed)
        : here(target, rank), before(target, rank), random(seed) {
      here.randomize(random);
    }
    LeastSquares here, before; ///< now, and before the last coefficient
    Random random;
    double residual = 1e300;
    int64_t sweeps = 0; ///< of the descent, or since the last coefficient
    bool fixing = false;
    /// Refused since the last coefficient that was not, by distance rank.
    int64_t refusals = 0, moves = 0, starts = 1;
  };

  bool sweep(Attempt &attempt) const;
  bool fixNext(Attempt &attempt) const;
  double nearestValue(double value) const;
  static void startAgain(Attempt &attempt);
  Scheme schemeOf(const Attempt &attempt) const;

  TargetTensor target;
  std::vector<double> grid;
  std::vector<Attempt> attempts;
  bool found = false;
};
} // namespace

AlsStrategy::AlsStrategy(const SearchTask &task) : target(task.target) {
  for (int64_t v = task.minCoefficient; v <= task.maxCoefficient; ++v)
    grid.push_back(double(v));
  if (target.ring == Ring::Q)
    for (double half : {-0.5, 0.5})
      grid.push_back(half);
  Random random(task.seed);
  for (unsigned i = 0; i < std::max(task.threads, 1u); ++i)
    attempts.emplace_back(target, *task.targetRank, random.next());
}

double AlsStrategy::nearestValue(double value) const {
  return *std::min_element(grid.begin(), grid.end(), [&](double a, double b) {
    return std::abs(a - value) < std::abs(b - value);
  });
}

void AlsStrategy::startAgain(Attempt &attempt) {
  attempt.here.randomize(attempt.random);
  attempt.residual = 1e300;
  attempt.sweeps = attempt.refusals = 0;
  attempt.fixing = false;
  ++attempt.starts;
}

/// Fixes the free coefficient that is nearest to the grid, but for those that
/// were refused; false where all are fixed.
bool AlsStrategy::fixNext(Attempt &attempt) const {
  std::vector<std::pair<double, LeastSquares::Place>> candidates;
  attempt.here.forEachPlace([&](const LeastSquares::Place &place) {
    if (attempt.here.isFixed(place))
      return;
    double value = attempt.here.at(place);
    candidates.push_back({std::abs(value - nearestValue(value)), place});
  });
  if (candidates.empty())
    return false;
  size_t choice =
      std::min<size_t>(size_t(attempt.refusals), candidates.size() - 1);
  std::nth_element(candidates.begin(), candidates.begin() + ptrdiff_t(choice),
                   candidates.end(), [](const auto &a, const auto &b) {
                     return a.first < b.first;
                   });
  const LeastSquares::Place &place = candidates[choice].second;
  attempt.before = attempt.here;
  attempt.here.fix(place, nearestValue(attempt.here.at(place)));
  attempt.sweeps = 0;
  return true;
}

/// One sweep and what follows from it; whether everything is fixed and solved.
bool AlsStrategy::sweep(Attempt &attempt) const {
  // Far from a solution short steps keep the factors from running away.
  double lambda = std::clamp(0.02 * attempt.residual, 1e-9, 0.3);
  double residual = attempt.here.sweep(lambda);
  ++attempt.sweeps;
  if (!std::isfinite(residual)) {
    startAgain(attempt);
    return false;
  }
  attempt.residual = residual;
  if (residual <= kSolved) {
    ++attempt.moves;
    if (!attempt.fixing)
      attempt.here.balance();
    attempt.fixing = true;
    attempt.refusals = 0;
    return !fixNext(attempt);
  }
  if (!attempt.fixing) {
    if (attempt.sweeps >= kDescentSweeps)
      startAgain(attempt);
    return false;
  }
  if (attempt.sweeps < kSettleSweeps)
    return false;
  if (++attempt.refusals > kMaxRefusals) {
    startAgain(attempt);
    return false;
  }
  attempt.here = attempt.before;
  fixNext(attempt);
  return false;
}

Scheme AlsStrategy::schemeOf(const Attempt &attempt) const {
  Scheme scheme;
  scheme.m = target.dims[0], scheme.k = target.dims[1],
  scheme.n = target.dims[2];
  scheme.ring = target.ring;
  Factor *factors[3] = {&scheme.u, &scheme.v, &scheme.w};
  for (unsigned mode = 0; mode < 3; ++mode)
    *factors[mode] = Factor(attempt.here.terms(), target.shape[mode]);
  attempt.here.forEachPlace([&](const LeastSquares::Place &place) {
    factors[place.mode]->at(place.term, place.entry) =
        *makeRational(std::llround(2 * attempt.here.at(place)), 2);
  });
  return scheme;
}

SearchProgress AlsStrategy::propose(int64_t steps) {
  SearchProgress progress;
  int64_t share =
      std::max<int64_t>(1, steps / kStepsPerSweep / int64_t(attempts.size()));
  std::vector<char> solved(attempts.size());
  for (const Attempt &attempt : attempts)
    progress.moves -= attempt.moves;
  forEachInParallel(attempts.size(), [&](size_t i) {
    for (int64_t s = 0; s < share && !solved[i]; ++s)
      solved[i] = sweep(attempts[i]);
  });
  for (size_t i = 0; i < attempts.size(); ++i) {
    progress.moves += attempts[i].moves;
    if (!solved[i])
      continue;
    // All coefficients lie on the grid: a small residual is none.
    Scheme scheme = schemeOf(attempts[i]);
    if (!found && findWrongEntry(target, scheme).empty()) {
      found = true;
      progress.found = std::move(scheme);
    }
    startAgain(attempts[i]);
  }
  progress.steps = share * kStepsPerSweep * int64_t(attempts.size());
  return progress;
}

std::string AlsStrategy::describe() const {
  std::string text;
  for (const Attempt &attempt : attempts) {
    size_t free = 0, all = 0;
    attempt.here.forEachPlace([&](const LeastSquares::Place &place) {
      free += !attempt.here.isFixed(place);
      ++all;
    });
    text += fmt::format("{}attempt {}: residual {:.1e}, {} of {} fixed",
                        text.empty() ? "" : "; ", attempt.starts,
                        attempt.residual, all - free, all);
  }
  return text;
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

static nlohmann::json valuesToJson(const LeastSquares &squares) {
  nlohmann::json fixed = nlohmann::json::array();
  for (const std::vector<char> &mode : squares.fixed)
    fixed.push_back(std::vector<int>(mode.begin(), mode.end()));
  return {{"values", squares.values}, {"fixed", fixed}};
}

static llvm::Error valuesFromJson(const nlohmann::json &json,
                                  llvm::StringRef where,
                                  LeastSquares &squares) {
  if (llvm::Error error = requireObject(json, where, {"values", "fixed"}))
    return error;
  for (unsigned mode = 0; mode < 3; ++mode)
    for (size_t i = 0; i < squares.values[mode].size(); ++i) {
      const nlohmann::json *cells[2];
      unsigned count = 0;
      for (const char *key : {"values", "fixed"}) {
        const nlohmann::json &lists = json[key];
        if (!lists.is_array() || lists.size() != 3 || !lists[mode].is_array() ||
            lists[mode].size() != squares.values[mode].size() ||
            !lists[mode][i].is_number())
          return makeError("{0}.{1}: are not {2} numbers", where, key,
                           squares.values[mode].size());
        cells[count++] = &lists[mode][i];
      }
      squares.values[mode][i] = cells[0]->get<double>();
      squares.fixed[mode][i] = *cells[1] != 0;
    }
  return llvm::Error::success();
}

nlohmann::json AlsStrategy::checkpoint() const {
  nlohmann::json list = nlohmann::json::array();
  for (const Attempt &attempt : attempts)
    list.push_back({{"here", valuesToJson(attempt.here)},
                    {"before", valuesToJson(attempt.before)},
                    {"random", attempt.random.state()},
                    {"residual", attempt.residual},
                    {"sweeps", attempt.sweeps},
                    {"fixing", attempt.fixing},
                    {"refusals", attempt.refusals},
                    {"moves", attempt.moves},
                    {"starts", attempt.starts}});
  return {{"attempts", list}, {"found", found}};
}

llvm::Error AlsStrategy::restore(const nlohmann::json &state,
                                 llvm::StringRef where) {
  if (llvm::Error error = requireObject(state, where, {"attempts", "found"}))
    return error;
  if (!state["attempts"].is_array() ||
      state["attempts"].size() != attempts.size())
    return makeError("{0}: is not the state of {1} attempts", where,
                     attempts.size());
  auto wasFound = getBoolean(state, "found", where);
  if (!wasFound)
    return wasFound.takeError();
  found = *wasFound;
  for (size_t i = 0; i < attempts.size(); ++i) {
    const nlohmann::json &json = state["attempts"][i];
    Attempt &attempt = attempts[i];
    std::string place = fmt::format("{}.attempts[{}]", where.str(), i);
    if (llvm::Error error =
            requireObject(json, place,
                          {"here", "before", "random", "residual", "sweeps",
                           "fixing", "refusals", "moves", "starts"}))
      return error;
    if (llvm::Error error =
            valuesFromJson(json["here"], place + ".here", attempt.here))
      return error;
    if (llvm::Error error =
            valuesFromJson(json["before"], place + ".before", attempt.before))
      return error;
    for (auto [key, value] : {std::pair{"sweeps", &attempt.sweeps},
                              std::pair{"refusals", &attempt.refusals},
                              std::pair{"moves", &attempt.moves},
                              std::pair{"starts", &attempt.starts}}) {
      auto number = getInteger(json, key, place, 0);
      if (!number)
        return number.takeError();
      *value = *number;
    }
    auto residual = getNumber(json, "residual", place);
    if (!residual)
      return residual.takeError();
    attempt.residual = *residual;
    auto fixing = getBoolean(json, "fixing", place);
    if (!fixing)
      return fixing.takeError();
    attempt.fixing = *fixing;
    auto generator = randomFromJson(json["random"]);
    if (!generator)
      return makeError("{0}.random: is not a generator", place);
    attempt.random = Random(*generator);
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<SearchStrategy>>
sevenfold::createAlsStrategy(const SearchTask &task) {
  if (!task.targetRank)
    return makeError("expected --target-rank for least squares");
  if (task.target.ring == Ring::Z2)
    return makeError("expected ring Z or Q for least squares but got Z2");
  return std::make_unique<AlsStrategy>(task);
}
