//===- Halving.cpp - Successive halving -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Who is in a rung.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Halving.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace sevenfold;

/// The fewest candidates worth a race.
static constexpr int64_t kMinCandidates = 4;

/// How much slower than the best plan the best one of a provider may be
/// predicted for its plans to take part: predictions rest on measured rates.
static constexpr double kPlausibleProvider = 1.08;

std::vector<size_t> Halving::selectDiverse() const {
  // Rungs and play-offs that follow the first rung take about twice its runs.
  constexpr int64_t kOfFirst = 3;
  int64_t affordable = rules.maxRuns / (kOfFirst * rules.firstRounds);
  auto count =
      size_t(std::clamp(affordable, kMinCandidates,
                        std::max(rules.maxCandidates, kMinCandidates)));
  std::set<std::string> implausible, met;
  for (size_t i = 0; i < standings.size(); ++i) {
    const Entrant &entrant = standings.entrant(i);
    if (met.insert(entrant.provider).second &&
        entrant.expected <
            standings.entrant(0).expected - std::log(kPlausibleProvider))
      implausible.insert(entrant.provider);
  }
  std::vector<size_t> selected;
  std::set<size_t> taken;
  auto take = [&](size_t i) {
    if (taken.insert(i).second)
      selected.push_back(i);
  };
  // What it takes without a scheme is the least that a scheme has to beat, and
  // what is good on most machines the least that others have to.
  for (size_t i = 0; i < standings.size(); ++i)
    if (standings.entrant(i).kind.empty() || standings.entrant(i).wellTried)
      take(i);
  // Other providers than the first show themselves by their best plan; if that
  // is good, the standings make more of them worth a run.
  std::set<std::string> kinds, providers;
  auto isOfFirst = [&](size_t i) {
    return standings.entrant(i).provider == standings.entrant(0).provider;
  };
  for (size_t i = 0; i < standings.size(); ++i) {
    const std::string &provider = standings.entrant(i).provider;
    if (!standings.hasFailed(i) && !implausible.count(provider) &&
        providers.insert(provider).second)
      take(i);
  }
  // Two thirds are the best predicted of as many kinds, the rest go by
  // prediction alone: predictions err by kind.
  for (size_t i = 0; i < standings.size(); ++i)
    if (!standings.hasFailed(i) && isOfFirst(i) &&
        selected.size() < count - count / 3 &&
        kinds.insert(standings.entrant(i).kind).second)
      take(i);
  for (size_t i = 0; i < standings.size(); ++i)
    if (!standings.hasFailed(i) && isOfFirst(i) && selected.size() < count)
      take(i);
  return selected;
}

Rung Halving::next() {
  if (rung.rounds == 0) {
    rung = {selectDiverse(), int(rules.firstRounds)};
    return rung;
  }
  std::vector<size_t> order;
  for (size_t i : standings.ranked())
    if (std::count(rung.candidates.begin(), rung.candidates.end(), i))
      order.push_back(i);
  auto keepOneOf = size_t(rules.keepOneOf);
  order.resize((order.size() + keepOneOf - 1) / keepOneOf);
  if (order.size() <= 1)
    order.clear();
  rung = {std::move(order), 2 * rung.rounds};
  return rung;
}
