//===- LevenbergMarquardtStrategy.cpp - Search by least squares -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An attempt a thread.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/LevenbergMarquardtStrategy.h"

#include "search/Frame/Parallel.h"
#include "search/Numeric/NumericAttempt.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace sevenfold;

namespace {
class LevenbergMarquardtStrategy : public SearchStrategy {
public:
  LevenbergMarquardtStrategy(const SearchTask &task)
      : model(task.target, *task.targetRank) {
    Random random(task.seed);
    for (unsigned i = 0; i < std::max(task.threads, 1u); ++i)
      attempts.emplace_back(model, task.minCoefficient, task.maxCoefficient,
                            random.next());
  }

  SearchProgress propose(int64_t steps) override;
  std::string describe() const override;
  nlohmann::json checkpoint() const override;
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override;

private:
  PolyadicModel model;
  std::vector<NumericAttempt> attempts;
  bool found = false;
};
} // namespace

SearchProgress LevenbergMarquardtStrategy::propose(int64_t steps) {
  SearchProgress progress;
  int64_t share = std::max<int64_t>(1, steps / int64_t(attempts.size()));
  std::vector<int64_t> done(attempts.size());
  std::vector<std::optional<Scheme>> schemes(attempts.size());
  for (const NumericAttempt &attempt : attempts)
    progress.moves -= attempt.movesTaken();
  forEachInParallel(attempts.size(), [&](size_t i) {
    while (done[i] < share && !schemes[i])
      schemes[i] = attempts[i].advance(done[i]);
  });
  for (size_t i = 0; i < attempts.size(); ++i) {
    progress.moves += attempts[i].movesTaken();
    progress.steps += done[i];
    if (!schemes[i] || found)
      continue;
    found = true;
    progress.found = std::move(schemes[i]);
  }
  return progress;
}

std::string LevenbergMarquardtStrategy::describe() const {
  std::string text;
  for (const NumericAttempt &attempt : attempts)
    text += (text.empty() ? "" : "; ") + attempt.describe();
  return text;
}

nlohmann::json LevenbergMarquardtStrategy::checkpoint() const {
  nlohmann::json list = nlohmann::json::array();
  for (const NumericAttempt &attempt : attempts)
    list.push_back(attempt.toJson());
  return {{"attempts", list}, {"found", found}};
}

llvm::Error LevenbergMarquardtStrategy::restore(const nlohmann::json &state,
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
  for (size_t i = 0; i < attempts.size(); ++i)
    if (llvm::Error error = attempts[i].fromJson(
            state["attempts"][i],
            fmt::format("{}.attempts[{}]", where.str(), i)))
      return error;
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<SearchStrategy>>
sevenfold::createLevenbergMarquardtStrategy(const SearchTask &task) {
  if (!task.targetRank)
    return makeError("expected --target-rank for least squares");
  if (task.target.ring == Ring::Z2)
    return makeError("expected ring Z or Q for least squares but got Z2");
  const std::array<unsigned, 3> &shape = task.target.shape;
  size_t unknowns = size_t(*task.targetRank) * (shape[0] + shape[1] + shape[2]);
  if (unknowns > kMaxUnknowns)
    return makeError("expected at most {0} coefficients for least squares but "
                     "{1} of rank {2} has {3}",
                     kMaxUnknowns, task.target.str(), *task.targetRank,
                     unknowns);
  return std::make_unique<LevenbergMarquardtStrategy>(task);
}
