//===- Halving.h - Successive halving ---------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A first rung of candidates as unlike as possible, then the best few with more
// rounds, until one is left (Jamieson and Talwalkar, Non-stochastic best arm
// identification, AISTATS 2016). Judged by their standings.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_HALVING_H
#define SEVENFOLD_RUNNER_HALVING_H

#include "sevenfold/Runner/Screening.h"

#include <cstdint>

namespace sevenfold {

struct HalvingRules {
  int64_t firstRounds = 3; ///< of a candidate in the first rung
  int64_t keepOneOf = 3;   ///< of so many candidates a rung keeps one
  int64_t maxCandidates = 6;
  int64_t maxRuns = INT64_MAX; ///< of candidates, about, in all rungs
};

class Halving {
public:
  /// The entrants of `standings`, which outlives this and is told what comes of
  /// every rung, are in the order of their expectations, the best first.
  Halving(const Standings &standings, const HalvingRules &rules)
      : standings(standings), rules(rules) {}

  /// The next rung; without candidates at the end.
  Rung next();

private:
  std::vector<size_t> selectDiverse() const;

  const Standings &standings;
  HalvingRules rules;
  Rung rung;
};

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_HALVING_H
