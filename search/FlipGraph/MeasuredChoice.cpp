//===- MeasuredChoice.cpp - The best scheme by measured time --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list, and what is written down of it: predictions are made anew.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/MeasuredChoice.h"

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

using namespace sevenfold;

/// Schemes that wait to be measured.
static constexpr size_t kListed = 16;

void MeasuredChoice::offer(const Scheme &scheme) {
  if (!seen.insert(contentHash(scheme)).second)
    return;
  double seconds = evaluator.predictedSeconds(scheme);
  auto place = llvm::find_if(list, [&](const Candidate &other) {
    return seconds < other.predictedSeconds;
  });
  list.insert(place, {seconds, scheme});
  if (list.size() <= kListed)
    return;
  seen.erase(contentHash(list.back().scheme));
  list.pop_back();
}

bool MeasuredChoice::measureNext() {
  if (list.empty())
    return false;
  Scheme scheme = std::move(list.front().scheme);
  list.erase(list.begin());
  std::optional<double> logSpeedup = evaluator.logSpeedup(scheme);
  ++measured;
  if (!logSpeedup)
    ++failed;
  bool better =
      !bestScheme ||
      (logSpeedup && (!bestLogSpeedup || *logSpeedup > *bestLogSpeedup));
  if (better) {
    bestScheme = std::move(scheme);
    bestLogSpeedup = logSpeedup;
  }
  return better;
}

std::string MeasuredChoice::describe() const {
  return fmt::format(
      "{} measured ({} failed), best speedup {}", measured, failed,
      bestLogSpeedup ? fmt::format("{:.3f}", std::exp(*bestLogSpeedup))
                     : "unknown");
}

nlohmann::json MeasuredChoice::checkpoint() const {
  auto write = [](Scheme scheme) {
    scheme.name = standardName(scheme);
    return nlohmann::json::parse(schemeToJson(scheme));
  };
  nlohmann::json waiting = nlohmann::json::array(), best, speedup;
  for (const Candidate &candidate : list)
    waiting.push_back(write(candidate.scheme));
  if (bestScheme)
    best = write(*bestScheme);
  if (bestLogSpeedup)
    speedup = *bestLogSpeedup;
  return {{"list", waiting},        {"seen", seen},         {"best", best},
          {"log_speedup", speedup}, {"measured", measured}, {"failed", failed}};
}

/// A decomposition of the target, for which a checkpoint vouches no more than
/// any file does.
static llvm::Expected<Scheme> readMember(const nlohmann::json &json,
                                         llvm::StringRef where,
                                         const TargetTensor &target) {
  auto scheme = parseScheme(json.dump(), where);
  if (!scheme)
    return scheme.takeError();
  std::array<unsigned, 3> dims = {scheme->m, scheme->k, scheme->n};
  std::string wrong = dims != target.dims ? "is of another format"
                                          : findWrongEntry(target, *scheme);
  if (!wrong.empty())
    return makeError("{0}: {1}", where, wrong);
  return scheme;
}

llvm::Error MeasuredChoice::restore(const nlohmann::json &state,
                                    llvm::StringRef where,
                                    const TargetTensor &target) {
  if (llvm::Error error = requireObject(
          state, where,
          {"list", "seen", "best", "log_speedup", "measured", "failed"}))
    return error;
  auto waiting = getArray(state, "list", where);
  if (!waiting)
    return waiting.takeError();
  auto hashes = getArray(state, "seen", where);
  if (!hashes)
    return hashes.takeError();
  list.clear();
  seen.clear();
  for (size_t i = 0; i < (*waiting)->size(); ++i) {
    auto scheme = readMember(
        (**waiting)[i], fmt::format("{}.list[{}]", where.str(), i), target);
    if (!scheme)
      return scheme.takeError();
    offer(*scheme);
  }
  for (const nlohmann::json &hash : **hashes) {
    if (!hash.is_string())
      return makeError("{0}.seen: expected strings", where);
    seen.insert(hash.get<std::string>());
  }
  bestScheme.reset();
  bestLogSpeedup.reset();
  if (!state["best"].is_null()) {
    auto scheme = readMember(state["best"], (where + ".best").str(), target);
    if (!scheme)
      return scheme.takeError();
    bestScheme = std::move(*scheme);
  }
  if (!state["log_speedup"].is_null()) {
    auto speedup = getNumber(state, "log_speedup", where);
    if (!speedup)
      return speedup.takeError();
    bestLogSpeedup = *speedup;
  }
  for (auto [key, value] :
       {std::pair{"measured", &measured}, std::pair{"failed", &failed}}) {
    auto number = getInteger(state, key, where, 0);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  return llvm::Error::success();
}
