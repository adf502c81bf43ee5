//===- BundleStages.cpp - The stages of measuring a bundle ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Requests to the measuring child, in the order the schedule asks for.
//
//===----------------------------------------------------------------------===//

#include "BundleRun.h"

#include "sevenfold/Runner/Fairness.h"
#include "sevenfold/Runner/Finals.h"
#include "sevenfold/Runner/Halving.h"
#include "sevenfold/Runner/Race.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

static bool isOk(const json &sample) { return sample["status"] == "ok"; }

static json failureOf(RunStatus status, const std::string &message) {
  return {{"status", runStatusName(status)}, {"message", message}};
}

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

json BundleRun::request(const char *operation,
                        const BundleWorkload &workload) const {
  json made = {{"op", operation},
               {"seed", bundle.seed},
               {"min_timeout", bundle.minTimeout},
               {"timeout_factor", bundle.timeoutFactor}};
  if (bundle.lowering != "host")
    made["device"] = bundle.device;
  made.update(workload.operands);
  return made;
}

Outcome BundleRun::exchange(const json &made) {
  Outcome outcome = session.exchange(made);
  if (outcome.status == RunStatus::DeviceLost)
    deviceLost = outcome.message;
  return outcome;
}

TimedRuns BundleRun::runs(const BundleWorkload &workload,
                          const std::vector<const BundlePlan *> &arms,
                          const std::vector<size_t> &order) {
  json made = request("runs", workload);
  made["functions"] = json::array();
  for (const BundlePlan *arm : arms)
    made["functions"].push_back(arm->function);
  made["order"] = order;
  return timedRuns(exchange(made));
}

json BundleRun::productError(const BundleWorkload &workload,
                             const BundlePlan &plan) {
  json made = request("error", workload);
  made["a"] = plan.function;
  made["workload"] = workload.workload;
  Outcome outcome = exchange(made);
  json sample = {{"status", runStatusName(outcome.status)},
                 {"message", outcome.message},
                 {"relative", 0.0}};
  if (outcome.status != RunStatus::Ok)
    return sample;
  const json &found = outcome.reply["relative"];
  double relative = found.is_number() ? found.get<double>() : std::nan("");
  if (relative <= plan.errorBound) {
    sample["relative"] = relative;
    return sample;
  }
  char text[96];
  std::snprintf(text, sizeof text,
                "expected a relative error of at most %.2e but got %.2e",
                plan.errorBound, relative);
  sample["status"] = runStatusName(RunStatus::WrongResult);
  sample["message"] = text;
  return sample;
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

bool BundleRun::proveFairness(std::string &problem) {
  const BundleWorkload &workload = bundle.fairness;
  progress("checking that the measurement is fair (A/A, " + workload.name +
           ")");
  auto plan = std::find_if(
      workload.baselines.begin(), workload.baselines.end(),
      [this](const BundlePlan &entry) { return isPresent(entry); });
  if (plan == workload.baselines.end()) {
    problem = "none of the bundle's providers is here";
    return true;
  }
  FairnessRules rules;
  rules.pairs = bundle.schedule.fairnessPairs;
  PairSamples samples = measureFairness(
      [&](const std::vector<size_t> &order) {
        return runs(workload, {&*plan, &*plan}, order);
      },
      rules, random, [this] { return stopped(); });
  if (stopped())
    return false;
  problem = fairnessProblem(samples);
  if (problem.empty())
    results["fairness"].push_back({{"a", samples.a}, {"b", samples.b}});
  return true;
}

bool BundleRun::raceBaselines(const BundleWorkload &workload, json &entry) {
  std::vector<size_t> alive;
  std::vector<const BundlePlan *> arms;
  for (size_t i = 0; i < workload.baselines.size(); ++i) {
    const BundlePlan &plan = workload.baselines[i];
    json sample = {{"status", "absent"}, {"message", ""}, {"relative", 0.0}};
    if (isPresent(plan))
      sample = productError(workload, plan);
    if (stopped())
      return false;
    sample["seconds"] = json::array();
    if (isOk(sample)) {
      alive.push_back(i);
      arms.push_back(&plan);
    }
    entry["baselines"].push_back(std::move(sample));
  }
  if (alive.empty())
    return true;
  progress(workload.name + ": racing " + std::to_string(arms.size()) +
           " providers");
  RaceRules rules;
  rules.rounds = bundle.schedule.providerRounds;
  RaceResult result = race(
      arms.size(),
      [&](const std::vector<size_t> &order) {
        return runs(workload, arms, order);
      },
      rules, random, [this] { return stopped(); });
  if (stopped())
    return false;
  for (size_t i = 0; i < alive.size(); ++i) {
    const RaceEntry &own = result.entries[i];
    json &kept = entry["baselines"][alive[i]];
    kept["seconds"] = own.seconds;
    if (own.status != RunStatus::Ok)
      kept.update(failureOf(own.status, own.message));
  }
  if (!result.best)
    return true;
  baseline = alive[*result.best];
  entry["baseline"] = baseline;
  baselineSeconds = median(result.entries[*result.best].seconds);
  baselineError = entry["baselines"][baseline]["relative"];
  return true;
}

bool BundleRun::leavesPairs(int pairs) const {
  std::chrono::duration<double> spent = Clock::now() - workloadStart;
  // A warm-up of each code, and the check against float64.
  constexpr double kRunsBeside = 3;
  double confirmation = baselineSeconds * (2 * pairs + kRunsBeside);
  return spent.count() + confirmation < screeningSeconds;
}

bool BundleRun::screeningIsOver() const {
  // Something has to be measured before something can be confirmed.
  return standings->best().has_value() && !leavesPairs(kUsualPairs);
}

CandidateHooks BundleRun::candidateHooks(const BundleWorkload &workload,
                                         json &entry) {
  CandidateHooks hooks;
  hooks.prepare = [](size_t) { return true; };
  hooks.run = [this, &workload](const std::vector<size_t> &block,
                                const std::vector<size_t> &order) {
    std::vector<const BundlePlan *> arms = {&workload.baselines[baseline]};
    for (size_t number : block)
      arms.push_back(&workload.candidates[entrants[number]]);
    return runs(workload, arms, order);
  };
  hooks.observed = [this, &workload, &entry](
                       size_t number, const std::vector<double> &speedups) {
    json ratios = json::array();
    for (double speedup : speedups)
      ratios.push_back(std::exp(speedup));
    entry["screening"].push_back({{"candidate", entrants[number]},
                                  {"status", "ok"},
                                  {"message", ""},
                                  {"ratios", std::move(ratios)}});
    char text[64];
    std::snprintf(text, sizeof text, ": candidate %zu %.3fx in %zu rounds",
                  entrants[number], std::exp(median(speedups)),
                  speedups.size());
    progress(workload.name + text);
  };
  hooks.failed = [this, &workload, &entry](size_t number, RunStatus status,
                                           const std::string &message) {
    json sample = failureOf(status, message);
    sample["candidate"] = entrants[number];
    sample["ratios"] = json::array();
    entry["screening"].push_back(std::move(sample));
    progress(workload.name + ": candidate " + std::to_string(entrants[number]) +
             " " + message);
  };
  hooks.isOver = [this] { return screeningIsOver(); };
  hooks.stopped = [this] { return stopped(); };
  return hooks;
}

bool BundleRun::screen(const BundleWorkload &workload, json &entry) {
  entrants.clear();
  for (size_t i = 0; i < workload.candidates.size(); ++i)
    if (isPresent(workload.candidates[i]))
      entrants.push_back(i);
  std::stable_sort(entrants.begin(), entrants.end(), [&](size_t a, size_t b) {
    return workload.candidates[a].expected > workload.candidates[b].expected;
  });
  std::vector<Entrant> list;
  for (size_t i : entrants) {
    const BundlePlan &plan = workload.candidates[i];
    list.push_back({plan.expected, plan.kind, plan.provider, plan.wellTried});
  }
  standings.emplace(std::move(list));
  errors.assign(entrants.size(), 0);
  HalvingRules rules;
  rules.firstRounds = bundle.schedule.firstRounds;
  rules.keepOneOf = bundle.schedule.keepOneOf;
  rules.maxCandidates = int64_t(entrants.size());
  Halving halving(*standings, rules);
  int playOffs = 0;
  if (!entrants.empty())
    sevenfold::screen([&] { return halving.next(); }, *standings,
                      candidateHooks(workload, entry), baselineSeconds,
                      bundle.schedule.firstRounds, playOffs, random);
  return !stopped();
}

bool BundleRun::verify(const BundleWorkload &workload, size_t number,
                       json &entry) {
  const BundlePlan &plan = workload.candidates[entrants[number]];
  progress(workload.name + ": confirming candidate " +
           std::to_string(entrants[number]));
  json sample = productError(workload, plan);
  if (stopped())
    return false;
  errors[number] = sample["relative"];
  double growth = errors[number] / std::max(baselineError, workload.leastError);
  if (isOk(sample) && growth > bundle.schedule.maxErrorGrowth) {
    char text[96];
    std::snprintf(text, sizeof text,
                  "its measured error is %.1f times that of the baseline, "
                  "beyond the limit of %g",
                  growth, bundle.schedule.maxErrorGrowth);
    sample.update(failureOf(RunStatus::WrongResult, text));
  }
  if (isOk(sample))
    return true;
  sample["candidate"] = entrants[number];
  sample["a"] = sample["b"] = json::array();
  entry["finals"].push_back(std::move(sample));
  return false;
}

bool BundleRun::confirm(const BundleWorkload &workload, json &entry) {
  FinalsHooks hooks;
  hooks.verify = [&](size_t number) { return verify(workload, number, entry); };
  hooks.run = [&](size_t number, const std::vector<size_t> &order) {
    return runs(
        workload,
        {&workload.baselines[baseline], &workload.candidates[entrants[number]]},
        order);
  };
  hooks.failed = [&](size_t number, RunStatus status,
                     const std::string &message) {
    json sample = failureOf(status, message);
    sample["candidate"] = entrants[number];
    sample["relative"] = errors[number];
    sample["a"] = sample["b"] = json::array();
    entry["finals"].push_back(std::move(sample));
  };
  hooks.isOver = [this] { return !leavesPairs(kPlainPairs); };
  hooks.isUp = [this] { return secondsLeft() <= 0; };
  hooks.screenAgain = [&] {
    return screenAgain(*standings, candidateHooks(workload, entry),
                       baselineSeconds, bundle.schedule.firstRounds, random);
  };
  hooks.stopped = [this] { return stopped(); };
  FinalsRules rules;
  rules.seconds = bundle.schedule.confirmationSeconds;
  std::vector<Attempt> attempts;
  confirmBest(*standings, rules, hooks, random, attempts);
  for (const Attempt &attempt : attempts) {
    const PairSamples &samples = attempt.samples;
    json sample = {{"candidate", entrants[attempt.candidate]},
                   {"status", "ok"},
                   {"message", ""},
                   {"relative", errors[attempt.candidate]},
                   {"a", samples.a},
                   {"b", samples.b}};
    if (!samples.smMegahertz.empty())
      sample["sm_mhz"] = samples.smMegahertz;
    if (!samples.powerWatts.empty())
      sample["power_w"] = samples.powerWatts;
    entry["finals"].push_back(std::move(sample));
  }
  return !stopped();
}
