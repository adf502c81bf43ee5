//===- Race.cpp - Which of a few functions is fastest ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rounds, and who leaves after each.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Race.h"

#include "sevenfold/Runner/SequentialTest.h"
#include "sevenfold/Support/Random.h"

#include <algorithm>

using namespace sevenfold;

/// Seconds of `other` over those of `own` in the rounds that both have run.
static std::vector<double> ratios(const RaceEntry &own,
                                  const RaceEntry &other) {
  std::vector<double> list;
  for (size_t i = 0; i < std::min(own.seconds.size(), other.seconds.size());
       ++i)
    list.push_back(other.seconds[i] / own.seconds[i]);
  return list;
}

std::optional<size_t>
sevenfold::fastestOf(const std::vector<RaceEntry> &entries,
                     std::optional<size_t> companion) {
  std::optional<size_t> best;
  for (size_t i = 0; i < entries.size(); ++i)
    if (companion != i && !entries[i].seconds.empty() &&
        entries[i].status == RunStatus::Ok &&
        (!best || median(ratios(entries[i], entries[*best])) > 1))
      best = i;
  return best;
}

namespace {
class RaceRun {
public:
  RaceRun(size_t count, const RunArms &run, std::optional<size_t> companion,
          Random &random)
      : run(run), companion(companion), random(random) {
    result.entries.resize(count);
    for (size_t i = 0; i < count; ++i)
      running.push_back(i);
  }

  /// One run of each that still runs; false where one has failed, which leaves.
  bool runRound();
  /// Takes out what has no chance.
  void dropHopeless();
  void finish();

  RaceResult result;
  std::vector<size_t> running;
  double spent = 0;

private:
  const RunArms &run;
  std::optional<size_t> companion;
  Random &random;
};
} // namespace

bool RaceRun::runRound() {
  std::vector<size_t> order = running;
  for (size_t i = 1; i < order.size(); ++i)
    std::swap(order[i], order[random.below(i + 1)]);
  TimedRuns runs = run(order);
  if (runs.status == RunStatus::Ok) {
    for (size_t i = 0; i < order.size(); ++i) {
      result.entries[order[i]].seconds.push_back(runs.seconds[i]);
      spent += runs.seconds[i];
    }
    return true;
  }
  // Without a culprit nobody can go on.
  std::vector<size_t> blamed =
      runs.failed ? std::vector<size_t>{*runs.failed} : running;
  for (size_t i : blamed) {
    result.entries[i].status = runs.status;
    result.entries[i].message = runs.message;
    running.erase(std::find(running.begin(), running.end(), i));
  }
  return false;
}

void RaceRun::dropHopeless() {
  std::optional<size_t> fastest = fastestOf(result.entries, companion);
  if (!fastest)
    return;
  size_t best = *fastest;
  std::vector<size_t> stay;
  for (size_t i : running) {
    std::vector<double> slower =
        ratios(result.entries[best], result.entries[i]);
    bool leaves = median(slower) > kHopeless;
    if (i != best) {
      SequentialTest test(1, kRaceAlpha);
      for (double ratio : slower)
        test.add(ratio);
      leaves = leaves || test.isProven();
    }
    if (!leaves || companion == i)
      stay.push_back(i);
  }
  running = std::move(stay);
}

void RaceRun::finish() {
  result.best = fastestOf(result.entries, companion);
  for (RaceEntry &entry : result.entries)
    if (result.best && entry.status == RunStatus::Ok)
      entry.speed = median(ratios(entry, result.entries[*result.best]));
}

RaceResult sevenfold::race(size_t count, const RunArms &run,
                           const RaceRules &rules, Random &random,
                           const std::function<bool()> &stopped) {
  RaceRun state(count, run, rules.companion, random);
  int rounds = 0;
  while (!state.running.empty() && !stopped()) {
    // One that failed took no part; the others run the round again.
    if (!state.runRound())
      continue;
    ++rounds;
    state.dropHopeless();
    bool enough = rounds >= rules.rounds ||
                  (rounds >= rules.leastRounds && state.spent >= rules.seconds);
    // A companion is measured to the end, beside whoever stays.
    bool decided = state.running.size() == 1 && !rules.companion &&
                   rounds >= rules.leastRounds;
    if (enough || decided)
      break;
  }
  state.finish();
  return std::move(state.result);
}
