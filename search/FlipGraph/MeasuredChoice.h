//===- MeasuredChoice.h - The best scheme by measured time ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks come by millions of schemes and a measurement takes seconds: a few that
// promise the most wait in a list, and one at a time is measured.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_MEASUREDCHOICE_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_MEASUREDCHOICE_H

#include "search/Frame/SchemeEvaluator.h"
#include "search/Frame/TargetTensor.h"

#include <nlohmann/json_fwd.hpp>

#include <set>

namespace sevenfold {

class MeasuredChoice {
public:
  /// `evaluator` must live longer than this.
  explicit MeasuredChoice(SchemeEvaluator &evaluator) : evaluator(evaluator) {}

  /// Puts a scheme on the list, ordered by predicted time, unless it is there
  /// or was measured; the list keeps the best few.
  void offer(const Scheme &scheme);

  /// Measures the first of the list; whether it is the best so far: where none
  /// is yet, whatever came of measuring it. An empty list measures nothing.
  bool measureNext();

  bool isListEmpty() const { return list.empty(); }
  const std::optional<Scheme> &best() const { return bestScheme; }
  std::string describe() const;

  nlohmann::json checkpoint() const;
  /// Fails where `state` is not a checkpoint of a choice among decompositions
  /// of `target`.
  [[nodiscard]] llvm::Error restore(const nlohmann::json &state,
                                    llvm::StringRef where,
                                    const TargetTensor &target);

private:
  struct Candidate {
    double predictedSeconds;
    Scheme scheme;
  };

  SchemeEvaluator &evaluator;
  std::vector<Candidate> list; ///< most promising first
  std::set<std::string> seen;  ///< content hashes, listed or measured
  std::optional<Scheme> bestScheme;
  std::optional<double> bestLogSpeedup;
  int64_t measured = 0, failed = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_MEASUREDCHOICE_H
