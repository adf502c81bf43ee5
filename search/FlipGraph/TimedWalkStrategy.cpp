//===- TimedWalkStrategy.cpp - To a rank, then to less time ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two strategies one after the other, behind one interface.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/TimedWalkStrategy.h"

#include "search/FlipGraph/PolishStrategy.h"
#include "search/Frame/Starts.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {
class TimedWalkStrategy : public SearchStrategy {
public:
  TimedWalkStrategy(const SearchTask &task,
                    std::unique_ptr<SearchStrategy> walk)
      : task(task), walk(std::move(walk)) {}

  SearchProgress propose(int64_t steps) override;
  std::string describe() const override {
    return polish ? polish->describe() : walk->describe();
  }
  nlohmann::json settings() const override {
    return {{"walk", walk->settings()}, {"measured", task.evaluator->name()}};
  }
  nlohmann::json checkpoint() const override;
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override;

private:
  llvm::Error startPolishing(const Scheme &scheme);

  SearchTask task;
  std::unique_ptr<SearchStrategy> walk, polish;
  /// What the walk has come to, where it is of the target rank.
  std::optional<Scheme> reached;
};
} // namespace

llvm::Error TimedWalkStrategy::startPolishing(const Scheme &scheme) {
  SearchTask equal = task;
  equal.starts = {scheme};
  for (Scheme &known : knownSchemes(task.target, scheme.rank()))
    if (contentHash(known) != contentHash(scheme))
      equal.starts.push_back(std::move(known));
  auto made = createPolishStrategy(equal, PolishObjective::Time);
  if (!made)
    return made.takeError();
  polish = std::move(*made);
  reached = scheme;
  reached->name = standardName(scheme);
  return llvm::Error::success();
}

SearchProgress TimedWalkStrategy::propose(int64_t steps) {
  if (polish)
    return polish->propose(steps);
  SearchProgress progress = walk->propose(steps);
  // Walks over Z make what polishing takes.
  if (progress.found && progress.found->rank() <= *task.targetRank)
    llvm::cantFail(startPolishing(*progress.found));
  return progress;
}

nlohmann::json TimedWalkStrategy::checkpoint() const {
  nlohmann::json state = {{"walk", walk->checkpoint()}};
  if (polish) {
    state["reached"] = nlohmann::json::parse(schemeToJson(*reached));
    state["polish"] = polish->checkpoint();
  }
  return state;
}

llvm::Error TimedWalkStrategy::restore(const nlohmann::json &state,
                                       llvm::StringRef where) {
  if (llvm::Error error =
          requireObject(state, where, {"walk"}, {"reached", "polish"}))
    return error;
  if (hasKey(state, "reached") != hasKey(state, "polish"))
    return makeError("{0}: expected both of 'reached' and 'polish'", where);
  if (llvm::Error error = walk->restore(state["walk"], (where + ".walk").str()))
    return error;
  polish.reset();
  if (!hasKey(state, "polish"))
    return llvm::Error::success();
  std::string place = (where + ".reached").str();
  auto scheme = parseScheme(state["reached"].dump(), place);
  if (!scheme)
    return scheme.takeError();
  std::array<unsigned, 3> dims = {scheme->m, scheme->k, scheme->n};
  if (dims != task.target.dims || scheme->rank() > *task.targetRank ||
      !findWrongEntry(task.target, *scheme).empty())
    return makeError("{0}: is no scheme of {1} of the target rank", place,
                     task.target.str());
  if (llvm::Error error = startPolishing(*scheme))
    return error;
  return polish->restore(state["polish"], (where + ".polish").str());
}

llvm::Expected<std::unique_ptr<SearchStrategy>>
sevenfold::createTimedWalkStrategy(const SearchTask &task,
                                   std::unique_ptr<SearchStrategy> walk) {
  if (!task.evaluator || !task.targetRank || !task.target.isMatmul() ||
      task.target.ring != Ring::Z)
    return makeError("expected a matrix multiplication over Z and a target "
                     "rank for a walk to less time");
  return std::make_unique<TimedWalkStrategy>(task, std::move(walk));
}
