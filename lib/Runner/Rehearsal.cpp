//===- Rehearsal.cpp - A tuning on a recorded machine ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The machine, and the stages of a tuning on it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Rehearsal.h"

#include "sevenfold/Runner/Block.h"
#include "sevenfold/Runner/Race.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

double sevenfold::traceSpread(const std::vector<double> &trace) {
  std::vector<double> ratios;
  for (size_t i = 1; i < trace.size(); ++i)
    ratios.push_back(std::log(trace[i] / trace[i - 1]));
  return robustDeviation(ratios);
}

//===----------------------------------------------------------------------===//
// The machine
//===----------------------------------------------------------------------===//

TraceMachine::TraceMachine(const std::vector<double> &trace, double spread,
                           uint64_t seed)
    : trace(trace), usual(median(trace)), random(seed) {
  double own = traceSpread(trace);
  // A ratio has the noise of two runs.
  noise = std::sqrt(std::max(spread * spread - own * own, 0.0) / 2);
  position = random.below(trace.size());
}

double TraceMachine::step(double speed) {
  double seconds = trace[position] / speed * std::exp(noise * random.normal());
  position = (position + 1) % trace.size();
  clock += seconds;
  return seconds;
}

void TraceMachine::pause(double seconds) {
  clock += seconds;
  position = (position + size_t(seconds / usual)) % trace.size();
}

TimedRuns TraceMachine::run(const std::vector<double> &speeds,
                            const std::vector<size_t> &order) {
  std::vector<size_t> arms = order;
  std::sort(arms.begin(), arms.end());
  arms.erase(std::unique(arms.begin(), arms.end()), arms.end());
  TimedRuns runs;
  for (size_t arm : arms)
    if (!std::count(warm.begin(), warm.end(), arm))
      runs.warmUpSeconds += step(speeds[arm]);
  for (size_t arm : order) {
    runs.starts.push_back(clock);
    runs.seconds.push_back(step(speeds[arm]));
    runs.timedSeconds += runs.seconds.back();
  }
  warm = std::move(arms);
  return runs;
}

//===----------------------------------------------------------------------===//
// The stages
//===----------------------------------------------------------------------===//

/// What it takes to check a result, in runs.
static constexpr double kCheckRuns = 2;

namespace {
class Stages {
public:
  Stages(const std::vector<RehearsedPlan> &plans, const RehearsalRules &rules,
         TraceMachine &machine, Random &random)
      : plans(plans), rules(rules), machine(machine), random(random),
        speeds(rules.libraries), isBuilt(plans.size(), false) {}

  Rehearsal run();

private:
  void raceLibraries();
  void screenPlans();
  void confirmPlans();
  CandidateHooks candidateHooks();

  /// The number of an arm of a block: the best library, or a plan.
  size_t armOf(const std::vector<size_t> &block, size_t arm) const {
    return arm == 0 ? result.library : rules.libraries.size() + block[arm - 1];
  }
  TimedRuns runBlock(const std::vector<size_t> &block,
                     const std::vector<size_t> &order) {
    std::vector<size_t> arms;
    for (size_t arm : order)
      arms.push_back(armOf(block, arm));
    return machine.run(speeds, arms);
  }
  double reserve(int pairs) const {
    return baselineSeconds * (2 * pairs + kCheckRuns);
  }
  int64_t affordableRuns() const;

  const std::vector<RehearsedPlan> &plans;
  const RehearsalRules &rules;
  TraceMachine &machine;
  Random &random;
  std::vector<double> speeds; ///< of libraries, then of plans
  std::vector<bool> isBuilt;
  double baselineSeconds = 0;
  std::optional<Standings> standings;
  Rehearsal result;
};
} // namespace

void Stages::raceLibraries() {
  for (size_t i = 0; i < rules.libraries.size(); ++i)
    machine.pause(rules.buildSeconds +
                  kCheckRuns * machine.usualSeconds() / rules.libraries[i]);
  RaceResult raced = race(
      rules.libraries.size(),
      [&](const std::vector<size_t> &order) {
        return machine.run(rules.libraries, order);
      },
      {}, random, [] { return false; });
  result.library = *raced.best;
  baselineSeconds = median(raced.entries[result.library].seconds);
  // The winner is what plans are compared with, be it the fastest or not.
  for (const RehearsedPlan &plan : plans)
    speeds.push_back(rules.libraries[result.library] * plan.speedup);
}

int64_t Stages::affordableRuns() const {
  auto rounds = double(rules.halving.firstRounds);
  double shared = 1 + 1 / double(blockSize(baselineSeconds));
  double cost =
      baselineSeconds * (shared + 1 / rounds) + rules.buildSeconds / rounds;
  double available = rules.budget - reserve(kUsualPairs) - machine.now();
  return int64_t(std::max(available / cost, 0.0));
}

CandidateHooks Stages::candidateHooks() {
  CandidateHooks hooks;
  hooks.prepare = [&](size_t candidate) {
    if (!isBuilt[candidate])
      machine.pause(rules.buildSeconds);
    return isBuilt[candidate] = true;
  };
  hooks.run = [&](const std::vector<size_t> &block,
                  const std::vector<size_t> &order) {
    return runBlock(block, order);
  };
  hooks.observed = [](size_t, const std::vector<double> &) {};
  hooks.failed = [](size_t, RunStatus, const std::string &) {};
  hooks.isOver = [&] {
    return machine.now() + reserve(kUsualPairs) >= rules.budget;
  };
  hooks.stopped = [] { return false; };
  return hooks;
}

void Stages::screenPlans() {
  std::vector<Entrant> entrants;
  for (const RehearsedPlan &plan : plans)
    entrants.push_back(plan.entrant);
  standings.emplace(std::move(entrants));
  HalvingRules own = rules.halving;
  own.maxRuns = affordableRuns();
  Halving halving(*standings, own);
  int playOffs = 0;
  screen([&] { return halving.next(); }, *standings, candidateHooks(),
         baselineSeconds, int(own.firstRounds), playOffs, random);
}

void Stages::confirmPlans() {
  FinalsHooks hooks;
  hooks.verify = [&](size_t) {
    machine.pause(kCheckRuns * machine.usualSeconds());
    return true;
  };
  hooks.run = [&](size_t candidate, const std::vector<size_t> &order) {
    return runBlock({candidate}, order);
  };
  hooks.failed = [](size_t, RunStatus, const std::string &) {};
  hooks.isOver = [&] {
    return machine.now() + reserve(kPlainPairs) >= rules.budget;
  };
  hooks.isUp = [&] { return machine.now() >= rules.budget; };
  hooks.screenAgain = [&] {
    return screenAgain(*standings, candidateHooks(), baselineSeconds,
                       int(rules.halving.firstRounds), random);
  };
  hooks.stopped = [] { return false; };
  confirmBest(*standings, rules.finals, hooks, random, result.attempts);
}

Rehearsal Stages::run() {
  double start = machine.now();
  raceLibraries();
  double raced = machine.now();
  screenPlans();
  double screened = machine.now();
  confirmPlans();
  result.raceSeconds = raced - start;
  result.screeningSeconds = screened - raced;
  result.finalsSeconds = machine.now() - screened;
  return std::move(result);
}

Rehearsal sevenfold::rehearse(const std::vector<RehearsedPlan> &plans,
                              const RehearsalRules &rules,
                              TraceMachine &machine, Random &random) {
  return Stages(plans, rules, machine, random).run();
}

std::vector<RehearsedPlan>
sevenfold::predictedPlans(const std::vector<double> &speedups, size_t kinds,
                          double error, Random &random) {
  double part = error / std::sqrt(3.0), shared = part * random.normal();
  std::vector<double> ofKind(kinds);
  for (double &own : ofKind)
    own = part * random.normal();
  std::vector<RehearsedPlan> plans;
  for (double speedup : speedups) {
    size_t kind = random.below(kinds);
    double expected =
        std::log(speedup) + shared + ofKind[kind] + part * random.normal();
    plans.push_back(
        {speedup, {expected, "kind" + std::to_string(kind), "library"}});
  }
  std::stable_sort(plans.begin(), plans.end(),
                   [](const RehearsedPlan &a, const RehearsedPlan &b) {
                     return a.entrant.expected > b.entrant.expected;
                   });
  return plans;
}
