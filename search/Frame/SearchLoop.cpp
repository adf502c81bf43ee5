//===- SearchLoop.cpp - A strategy under a budget -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loop, and the envelope of its checkpoints. A strategy is asked for whole
// slices of steps, so that a search that was stopped and taken up again asks
// for the same ones.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/SearchLoop.h"

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>

using namespace sevenfold;

/// Steps a thread does between two looks at the clock: some milliseconds of
/// flips. A budget in steps is rounded up to whole slices.
static constexpr int64_t kSliceSteps = 1 << 16;
/// Wall seconds between two lines of progress, and two checkpoints.
static constexpr double kProgressSeconds = 10, kCheckpointSeconds = 60;
/// The format of checkpoints; strategies check their own part.
static constexpr const char *kCheckpointFormat = "sevenfold-search/2";

nlohmann::json SearchStrategy::settings() const {
  return nlohmann::json::object();
}

namespace {
class SearchLoop {
public:
  SearchLoop(const SearchTask &task, SearchStrategy &strategy,
             const SearchOptions &options)
      : task(task), strategy(strategy), options(options),
        budget(options.budget), cpu({BudgetKind::Cpu, 1e18}) {}

  llvm::Expected<SearchResult> run();

private:
  llvm::Error restore();
  llvm::Error saveCheckpoint();
  llvm::Error accept(Scheme scheme, const Provenance &more);
  std::optional<unsigned> rankInOutput() const;
  llvm::Error step();
  void report(const std::string &text) const;
  void updateClocks();

  const SearchTask &task;
  SearchStrategy &strategy;
  const SearchOptions &options;
  Budget budget, cpu;
  SearchResult result;
  double earlierCpu = 0, earlierWall = 0;
  double lastReport = 0, lastCheckpoint = 0;
};
} // namespace

void SearchLoop::report(const std::string &text) const {
  if (options.progress)
    options.progress(fmt::format("{} over {}: {} ({})", task.target.str(),
                                 stringifyRing(task.target.ring).str(), text,
                                 budget.describeRemaining()));
}

void SearchLoop::updateClocks() {
  result.cpuSeconds = earlierCpu + cpu.spent();
  result.wallSeconds = earlierWall + budget.wallSeconds();
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

/// What a checkpoint must agree with to be one of this search.
static nlohmann::json describeTask(const SearchTask &task, llvm::StringRef name,
                                   const SearchStrategy &strategy) {
  std::string hashes;
  for (const Scheme &start : task.starts)
    hashes += contentHash(start);
  return {{"target", task.target.str()},
          {"ring", stringifyRing(task.target.ring).str()},
          {"strategy", name.str()},
          {"settings", strategy.settings()},
          {"seed", task.seed},
          {"threads", task.threads},
          {"coefficients", {task.minCoefficient, task.maxCoefficient}},
          {"start", task.startName},
          {"starts", hashes}};
}

/// Reads the envelope of a checkpoint.
static llvm::Expected<nlohmann::json> readCheckpoint(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  auto format = getString(*json, "format", path);
  if (!format)
    return format.takeError();
  if (*format != kCheckpointFormat)
    return makeError("{0}: expected format '{1}' but got '{2}'", path,
                     kCheckpointFormat, *format);
  if (llvm::Error error = requireObject(
          *json, path,
          {"format", "task", "steps", "moves", "cpu_s", "wall_s", "state"},
          {"best"}))
    return error;
  return std::move(*json);
}

/// What a checkpoint says of its task that is not so of this one; empty where
/// they agree. Of settings, the first that differs.
static std::string differenceOf(const nlohmann::json &said,
                                const nlohmann::json &wanted,
                                const std::string &where) {
  for (auto &[key, value] : wanted.items()) {
    std::string place = where + "." + key;
    if (!hasKey(said, key))
      return place + " is not there";
    if (value.is_object()) {
      std::string inside = differenceOf(said[key], value, place);
      if (!inside.empty())
        return inside;
    } else if (said[key] != value) {
      return fmt::format("{} is {}, not {}", place, said[key].dump(),
                         value.dump());
    }
  }
  return "";
}

llvm::Expected<bool> sevenfold::isCheckpointOf(llvm::StringRef path,
                                               const SearchTask &task,
                                               llvm::StringRef name,
                                               const SearchStrategy &strategy) {
  auto json = readCheckpoint(path);
  if (!json)
    return json.takeError();
  return differenceOf((*json)["task"], describeTask(task, name, strategy),
                      "task")
      .empty();
}

llvm::Error SearchLoop::saveCheckpoint() {
  lastCheckpoint = budget.wallSeconds();
  if (options.checkpoint.empty())
    return llvm::Error::success();
  updateClocks();
  nlohmann::json state = {
      {"format", kCheckpointFormat},
      {"task", describeTask(task, options.strategy, strategy)},
      {"steps", result.steps},
      {"moves", result.moves},
      {"cpu_s", result.cpuSeconds},
      {"wall_s", result.wallSeconds},
      {"state", strategy.checkpoint()}};
  if (result.best)
    state["best"] = nlohmann::json::parse(schemeToJson(*result.best));
  return writeFileAtomically(options.checkpoint, state.dump() + "\n");
}

/// Whether a scheme over `ring` is one over `wanted`: integers are fractions.
static bool isOfRing(Ring ring, Ring wanted) {
  return ring == wanted || (ring == Ring::Z && wanted == Ring::Q);
}

llvm::Error SearchLoop::restore() {
  llvm::StringRef path = options.checkpoint;
  auto json = readCheckpoint(path);
  if (!json)
    return json.takeError();
  std::string difference = differenceOf(
      (*json)["task"], describeTask(task, options.strategy, strategy), "task");
  if (!difference.empty())
    return makeError("{0}: is a checkpoint of another search: {1}", path,
                     difference);
  auto steps = getInteger(*json, "steps", path, 0);
  if (!steps)
    return steps.takeError();
  auto moves = getInteger(*json, "moves", path, 0);
  if (!moves)
    return moves.takeError();
  auto cpuSeconds = getNumber(*json, "cpu_s", path);
  if (!cpuSeconds)
    return cpuSeconds.takeError();
  auto wallSeconds = getNumber(*json, "wall_s", path);
  if (!wallSeconds)
    return wallSeconds.takeError();
  if (hasKey(*json, "best")) {
    std::string text = (*json)["best"].dump(), where = (path + ": best").str();
    auto best = task.target.isMatmul()
                    ? parseScheme(text, where)
                    : parseDecomposition(text, where, task.target.shape);
    if (!best)
      return best.takeError();
    Scheme widened = *best;
    if (isOfRing(widened.ring, task.target.ring))
      widened.ring = task.target.ring;
    std::string wrong = findWrongEntry(task.target, widened);
    if (!wrong.empty())
      return makeError("{0}: best: {1}", path, wrong);
    result.best = std::move(*best);
  }
  if (llvm::Error error =
          strategy.restore((*json)["state"], (path + ": state").str()))
    return error;
  result.steps = *steps, result.moves = *moves;
  earlierCpu = *cpuSeconds, earlierWall = *wallSeconds;
  budget.addSteps(*steps);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

/// Says of a scheme over Q whose coefficients are integers that it is one over
/// Z, which serves integer types as well.
static void narrowRing(Scheme &scheme) {
  if (scheme.ring != Ring::Q)
    return;
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned e = 0; e < factor->columns(); ++e)
        if (!factor->at(t, e).isInteger())
          return;
  scheme.ring = Ring::Z;
}

/// Checks a proposal and makes it the best, written down.
llvm::Error SearchLoop::accept(Scheme scheme, const Provenance &more) {
  std::string wrong = findWrongEntry(task.target, scheme);
  strategy.observe({wrong.empty()});
  if (!wrong.empty())
    return makeError("the strategy '{0}' proposed what is no decomposition: "
                     "{1}",
                     options.strategy, wrong);
  narrowRing(scheme);
  updateClocks();
  scheme.name = task.target.isMatmul()
                    ? standardName(scheme)
                    : fmt::format("tensor-r{}", scheme.rank());
  if (scheme.ring == Ring::Z2)
    scheme.name += "-z2";
  std::time_t now = std::time(nullptr);
  scheme.provenance = {{"cpu_s", fmt::format("{:.1f}", result.cpuSeconds)},
                       {"date", fmt::format("{:%Y-%m-%d}", fmt::gmtime(now))},
                       {"moves", std::to_string(result.moves)},
                       {"seed", std::to_string(task.seed)},
                       {"source", "found by 'sevenfold search'"},
                       {"start", task.startName},
                       {"strategy", options.strategy},
                       {"threads", std::to_string(task.threads)},
                       {"wall_s", fmt::format("{:.1f}", result.wallSeconds)}};
  llvm::append_range(scheme.provenance, more);
  llvm::sort(scheme.provenance);
  result.best = std::move(scheme);
  result.history.push_back({result.cpuSeconds, result.best->rank()});
  report(fmt::format("rank {} after {:.1f} s", result.best->rank(),
                     result.wallSeconds));
  if (options.output.empty())
    return llvm::Error::success();
  if (std::optional<unsigned> kept = rankInOutput();
      kept && *kept < result.best->rank()) {
    report(fmt::format("{} holds rank {} and stays", options.output, *kept));
    return llvm::Error::success();
  }
  return writeScheme(*result.best, options.output);
}

/// The rank of the decomposition of this target that an earlier search has left
/// in the output file.
std::optional<unsigned> SearchLoop::rankInOutput() const {
  if (!task.target.isMatmul() || !llvm::sys::fs::exists(options.output))
    return std::nullopt;
  auto scheme = readScheme(options.output);
  if (!scheme) {
    llvm::consumeError(scheme.takeError());
    return std::nullopt;
  }
  std::array<unsigned, 3> dims = {scheme->m, scheme->k, scheme->n};
  if (dims != task.target.dims || !isOfRing(scheme->ring, task.target.ring))
    return std::nullopt;
  return scheme->rank();
}

/// One slice.
llvm::Error SearchLoop::step() {
  SearchProgress progress = strategy.propose(kSliceSteps * task.threads);
  result.steps += progress.steps;
  result.moves += progress.moves;
  budget.addSteps(progress.steps);
  if (progress.found)
    if (llvm::Error error =
            accept(std::move(*progress.found), progress.provenance))
      return error;
  double now = budget.wallSeconds();
  if (now - lastReport >= kProgressSeconds) {
    lastReport = now;
    report(strategy.describe());
  }
  if (now - lastCheckpoint >= kCheckpointSeconds)
    return saveCheckpoint();
  return llvm::Error::success();
}

llvm::Expected<SearchResult> SearchLoop::run() {
  if (options.resume)
    if (llvm::Error error = restore())
      return error;
  auto reached = [&] {
    return options.targetRank && result.best &&
           result.best->rank() <= *options.targetRank;
  };
  while (!reached() && !budget.exhausted()) {
    if (options.interrupted()) {
      result.interrupted = true;
      break;
    }
    if (llvm::Error error = step())
      return error;
  }
  updateClocks();
  result.reachedTarget = reached();
  if (llvm::Error error = saveCheckpoint())
    return error;
  return result;
}

llvm::Expected<SearchResult>
sevenfold::runSearch(const SearchTask &task, SearchStrategy &strategy,
                     const SearchOptions &options) {
  return SearchLoop(task, strategy, options).run();
}
