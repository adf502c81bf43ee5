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

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

static double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle]
                           : (values[middle - 1] + values[middle]) / 2;
}

static void appendRatios(const json &sample, std::vector<double> &ratios) {
  const json &a = sample["a"], &b = sample["b"];
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    ratios.push_back(a[i].get<double>() / b[i].get<double>());
}

static double medianRatio(const json &sample) {
  std::vector<double> ratios;
  appendRatios(sample, ratios);
  return median(ratios);
}

static bool isOk(const json &sample) { return sample["status"] == "ok"; }

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

json BundleRun::request(const char *operation, const BundleWorkload &workload,
                        const BundlePlan &a) const {
  json made = {{"op", operation},
               {"a", a.function},
               {"seed", bundle.seed},
               {"min_timeout", bundle.minTimeout},
               {"timeout_factor", bundle.timeoutFactor}};
  if (bundle.lowering != "host")
    made["device"] = bundle.lowering;
  made.update(workload.operands);
  return made;
}

Outcome BundleRun::exchange(const json &made) {
  Outcome outcome = session.exchange(made);
  if (outcome.status == RunStatus::DeviceLost)
    deviceLost = outcome.message;
  return outcome;
}

json BundleRun::pairs(const BundleWorkload &workload, const BundlePlan &a,
                      const BundlePlan &b, int count) {
  json made = request("pairs", workload, a);
  made["b"] = b.function;
  made["pairs"] = count;
  Outcome outcome = exchange(made);
  json sample = {{"status", runStatusName(outcome.status)},
                 {"message", outcome.message},
                 {"a", json::array()},
                 {"b", json::array()}};
  if (outcome.status == RunStatus::Ok) {
    sample["a"] = outcome.reply["a"];
    sample["b"] = outcome.reply["b"];
    for (const char *key : {"sm_mhz", "power_w"})
      if (outcome.reply.contains(key))
        sample[key] = outcome.reply[key];
  }
  return sample;
}

json BundleRun::productError(const BundleWorkload &workload,
                             const BundlePlan &plan) {
  json made = request("error", workload, plan);
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
  json pooled = {{"a", json::array()}, {"b", json::array()}};
  // Each of twice the pairs of the last: noise alone must not void a run.
  for (int attempt = 0; attempt < 3; ++attempt) {
    json sample =
        pairs(workload, *plan, *plan, bundle.schedule.fairnessPairs << attempt);
    if (stopped())
      return false;
    if (!isOk(sample)) {
      problem = "the A/A check could not run: " +
                sample["message"].get<std::string>();
      return true;
    }
    for (const char *key : {"a", "b"})
      for (const json &value : sample[key])
        pooled[key].push_back(value);
    double ratio = medianRatio(pooled);
    if (std::abs(ratio - 1) <= bundle.schedule.fairnessTolerance) {
      results["fairness"].push_back(std::move(pooled));
      problem.clear();
      return true;
    }
    char text[96];
    std::snprintf(text, sizeof text,
                  "identical code measured %.4fx against itself in %zu pairs",
                  ratio, pooled["a"].size());
    problem = text;
  }
  return true;
}

bool BundleRun::raceBaselines(const BundleWorkload &workload, json &entry) {
  std::vector<size_t> alive;
  for (size_t i = 0; i < workload.baselines.size(); ++i) {
    const BundlePlan &plan = workload.baselines[i];
    json sample = {{"status", "absent"}, {"message", ""}, {"relative", 0.0}};
    if (isPresent(plan))
      sample = productError(workload, plan);
    if (stopped())
      return false;
    sample["a"] = sample["b"] = json::array();
    if (isOk(sample))
      alive.push_back(i);
    entry["baselines"].push_back(std::move(sample));
  }
  if (alive.empty())
    return true;
  // The first one is the yardstick; alone, it is timed against itself.
  size_t yardstick = alive.front();
  std::map<size_t, double> ratios = {{yardstick, 1}};
  std::map<size_t, std::vector<double>> seconds;
  for (size_t i : alive) {
    if (i == yardstick && alive.size() > 1)
      continue;
    progress(workload.name + ": timing " + workload.baselines[i].provider);
    json sample = pairs(workload, workload.baselines[yardstick],
                        workload.baselines[i], bundle.schedule.providerPairs);
    if (stopped())
      return false;
    json &kept = entry["baselines"][i];
    for (const char *key : {"status", "message", "a", "b"})
      kept[key] = sample[key];
    if (!isOk(sample))
      continue;
    if (i != yardstick)
      ratios[i] = medianRatio(sample);
    for (const json &value : sample["a"])
      seconds[yardstick].push_back(value);
    for (const json &value : sample["b"])
      seconds[i].push_back(value);
  }
  for (const auto &[i, ratio] : ratios)
    if (!seconds[i].empty() &&
        (entry["baseline"].is_null() || ratio > ratios[baseline])) {
      baseline = i;
      entry["baseline"] = i;
    }
  baselineSeconds = median(seconds[baseline]);
  baselineError = entry["baselines"][baseline]["relative"];
  return true;
}

std::vector<size_t> BundleRun::ranked(std::vector<size_t> from) const {
  from.erase(std::remove_if(from.begin(), from.end(),
                            [&](size_t i) {
                              return arms[i].failed || arms[i].ratios.empty();
                            }),
             from.end());
  // Stable: among equals the better predicted one is first.
  std::stable_sort(from.begin(), from.end(), [&](size_t a, size_t b) {
    return median(arms[a].ratios) > median(arms[b].ratios);
  });
  return from;
}

bool BundleRun::screenRung(const BundleWorkload &workload,
                           const std::vector<size_t> &rung, int count,
                           json &entry) {
  for (size_t i : rung) {
    if (screeningIsOver())
      return true;
    json sample = pairs(workload, workload.baselines[baseline],
                        workload.candidates[i], count);
    if (stopped())
      return false;
    appendRatios(sample, arms[i].ratios);
    arms[i].failed = !isOk(sample);
    char text[64];
    std::snprintf(text, sizeof text, ": candidate %zu %.3fx in %d pairs", i,
                  median(arms[i].ratios), count);
    progress(workload.name + (arms[i].failed
                                  ? ": candidate " + std::to_string(i) + " " +
                                        sample["message"].get<std::string>()
                                  : text));
    sample["candidate"] = i;
    entry["screening"].push_back(std::move(sample));
  }
  return true;
}

bool BundleRun::screeningIsOver() const {
  std::chrono::duration<double> spent = Clock::now() - workloadStart;
  double confirmation =
      std::min(bundle.schedule.confirmationSeconds,
               2 * baselineSeconds * bundle.schedule.confirmationPairs);
  // Something has to be measured before something can be confirmed.
  bool hasRatios = std::any_of(arms.begin(), arms.end(), [](const Arm &arm) {
    return !arm.ratios.empty();
  });
  return hasRatios && spent.count() + confirmation >= screeningSeconds;
}

bool BundleRun::screen(const BundleWorkload &workload, json &entry) {
  arms.assign(workload.candidates.size(), Arm());
  int count = bundle.schedule.firstPairs;
  // The first candidate of each provider races for it.
  std::vector<size_t> heads, rung;
  std::map<std::string, size_t> headOf;
  for (size_t i = 0; i < workload.candidates.size(); ++i)
    if (isPresent(workload.candidates[i]) &&
        headOf.emplace(workload.candidates[i].provider, i).second)
      heads.push_back(i);
  if (heads.size() > 1) {
    if (!screenRung(workload, heads, 2 * count, entry))
      return false;
    heads = ranked(heads);
  }
  if (heads.empty())
    return true;
  for (size_t i = 0; i < workload.candidates.size(); ++i)
    if (!arms[i].failed && workload.candidates[i].provider ==
                               workload.candidates[heads[0]].provider)
      rung.push_back(i);
  for (;; count *= 2) {
    if (!screenRung(workload, rung, count, entry))
      return false;
    rung = ranked(rung);
    if (screeningIsOver())
      break;
    size_t keep = (rung.size() + bundle.schedule.keepOneOf - 1) /
                  bundle.schedule.keepOneOf;
    if (keep <= 1)
      break;
    rung.resize(keep);
  }
  // Others stand in where all of the last rung have failed.
  std::vector<size_t> all(arms.size());
  std::iota(all.begin(), all.end(), 0);
  survivors = rung;
  for (size_t i : ranked(all))
    if (std::find(rung.begin(), rung.end(), i) == rung.end())
      survivors.push_back(i);
  return true;
}

bool BundleRun::confirm(const BundleWorkload &workload, json &entry) {
  const BundleSchedule &schedule = bundle.schedule;
  int count = int(std::clamp(
      schedule.confirmationSeconds / (2 * baselineSeconds),
      double(schedule.minPairs), double(schedule.confirmationPairs)));
  for (size_t i : survivors) {
    progress(workload.name + ": confirming candidate " + std::to_string(i));
    const BundlePlan &plan = workload.candidates[i];
    json sample = productError(workload, plan);
    if (stopped())
      return false;
    double growth = sample["relative"].get<double>() /
                    std::max(baselineError, workload.leastError);
    if (isOk(sample) && growth > schedule.maxErrorGrowth) {
      char text[96];
      std::snprintf(text, sizeof text,
                    "its measured error is %.1f times that of the baseline, "
                    "beyond the limit of %g",
                    growth, schedule.maxErrorGrowth);
      sample["status"] = runStatusName(RunStatus::WrongResult);
      sample["message"] = text;
    }
    sample["a"] = sample["b"] = json::array();
    if (isOk(sample)) {
      json timed = pairs(workload, workload.baselines[baseline], plan, count);
      if (stopped())
        return false;
      sample.update(timed);
    }
    sample["candidate"] = i;
    bool good = isOk(sample);
    entry["finals"].push_back(std::move(sample));
    // Whatever comes out, no other candidate gets a second chance: the best of
    // several confirmations would be screening again.
    if (good)
      return true;
  }
  return true;
}
