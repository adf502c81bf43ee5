//===- Replay.cpp - Strategies on recorded measurements -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plays planners against tables.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Replay.h"

#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Random.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace sevenfold;

/// The plans of a table as a planner sees them, and where in the table they
/// are.
static std::vector<Candidate> candidatesOf(const PlanTable &table,
                                           const PlanValue &value,
                                           std::vector<size_t> &places) {
  std::vector<Candidate> candidates;
  for (const MeasuredPlan &measured : table.plans) {
    candidates.emplace_back();
    candidates.back().plan = measured.plan;
    candidates.back().predictedSeconds = measured.predictedSeconds;
  }
  PlanSetting setting{table.workload, table.device, table.baselineProvider,
                      table.baselineSeconds};
  orderByValue(value, setting, candidates);
  for (const Candidate &candidate : candidates)
    places.push_back(size_t(llvm::find_if(table.plans,
                                          [&](const MeasuredPlan &measured) {
                                            return measured.plan ==
                                                   candidate.plan;
                                          }) -
                            table.plans.begin()));
  return candidates;
}

/// How well plans are foreseen.
static std::optional<double> correlationOf(const PlanTable &table,
                                           const PlanValue &value) {
  std::vector<size_t> places;
  std::vector<Candidate> candidates = candidatesOf(table, value, places);
  std::vector<double> expected, measured;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const MeasuredPlan &plan = table.plans[places[i]];
    if (plan.ratios.empty())
      continue;
    expected.push_back(candidates[i].expectedSeconds);
    measured.push_back(1 / median(plan.ratios));
  }
  return rankCorrelation(expected, measured);
}

double sevenfold::achievableGain(const PlanTable &table) {
  double gain = 0;
  for (const MeasuredPlan &plan : table.plans)
    if (!plan.ratios.empty())
      gain = std::max(gain, std::log(median(plan.ratios)));
  return gain;
}

/// What a proposal would have shown: draws, with replacement, of the logarithms
/// of the ratios in the table. Nothing where the plan failed.
static std::vector<double> drawSpeedups(const MeasuredPlan &plan, int rounds,
                                        Random &random) {
  std::vector<double> speedups;
  for (int i = 0; i < rounds && !plan.ratios.empty(); ++i)
    speedups.push_back(std::log(plan.ratios[random.below(plan.ratios.size())]));
  return speedups;
}

ReplayRun sevenfold::replay(llvm::StringRef strategy, const PlanTable &table,
                            const PlanValue &value, uint64_t seed,
                            const ReplayOptions &options) {
  std::vector<size_t> places;
  PlanningTask task;
  task.workload = table.workload;
  task.baselineProvider = table.baselineProvider;
  task.candidates = candidatesOf(table, value, places);
  task.maxRuns = options.pairs;
  task.seed = seed;
  Standings standings(entrantsOf(task.candidates, table.baselineSeconds,
                                 table.baselineProvider));
  task.standings = &standings;
  auto planner =
      llvm::cantFail(createPlanner(strategy, std::move(task), options.config));
  // What the machine answers does not depend on the strategy's own draws.
  Random random(splitMix64(seed));
  double gain = achievableGain(table);
  ReplayRun run;
  run.seed = seed;
  for (int playOffs = 0; run.spent < options.pairs;) {
    Rung rung = rungOrPlayOff([&] { return planner->propose(); }, standings,
                              int(options.config.firstPairs), playOffs);
    if (rung.candidates.empty())
      break;
    for (size_t candidate : rung.candidates) {
      const MeasuredPlan &plan = table.plans[places[candidate]];
      run.spent += rung.rounds + !standings.isMeasured(candidate);
      std::vector<double> speedups = drawSpeedups(plan, rung.rounds, random);
      if (speedups.empty())
        standings.fail(candidate);
      else
        standings.observe(candidate, speedups);
      std::optional<size_t> choice = standings.best();
      double chosen =
          choice ? std::log(median(table.plans[places[*choice]].ratios)) : 0;
      // Where the choice is slower than the baseline, the baseline is kept.
      run.finalShare = gain > 0 ? std::max(chosen, 0.0) / gain : 1;
      if (run.finalShare < options.share)
        run.measurements.reset();
      else if (!run.measurements)
        run.measurements = run.spent;
      if (run.spent >= options.pairs)
        break;
    }
  }
  return run;
}

std::vector<PlanTable>
sevenfold::otherShapes(const Workload &held, llvm::ArrayRef<PlanTable> tables) {
  std::vector<PlanTable> others;
  for (const PlanTable &table : tables)
    if (table.workload.m != held.m || table.workload.k != held.k ||
        table.workload.n != held.n)
      others.push_back(table);
  return others;
}

llvm::Expected<std::vector<ReplayReport>>
sevenfold::replayAll(llvm::ArrayRef<std::string> strategies,
                     llvm::ArrayRef<PlanTable> tables,
                     const ReplayOptions &options,
                     const std::function<void(const std::string &)> &progress) {
  std::vector<ReplayReport> reports;
  for (const std::string &strategy : strategies) {
    if (llvm::Error error = checkStrategy(strategy))
      return error;
    reports.push_back({strategy, {}});
  }
  for (const PlanTable &table : tables) {
    double gain = achievableGain(table);
    if (gain < std::log(kWinningLowerBound)) {
      progress(table.workload.str() + ": no gain to find, left out");
      continue;
    }
    PlanValue untaught;
    PlanValue taught(experienceOf(otherShapes(table.workload, tables)));
    for (ReplayReport &report : reports) {
      const PlanValue &value =
          report.strategy == "plan-game" ? taught : untaught;
      ReplayCase played{
          table.workload.str(), gain, correlationOf(table, value), {}};
      for (unsigned seed = 0; seed < options.seeds; ++seed)
        played.runs.push_back(
            replay(report.strategy, table, value, seed, options));
      report.cases.push_back(std::move(played));
    }
    progress(fmt::format("{}: gain {:.3f} replayed", table.workload.str(),
                         std::exp(gain)));
  }
  if (!reports.empty() && reports.front().cases.empty())
    return makeError("no table has a plan faster than the baseline");
  return reports;
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

static nlohmann::json orNull(std::optional<double> value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

static double quantile(llvm::ArrayRef<double> sorted, double share) {
  return sorted[size_t(share * double(sorted.size() - 1) + 0.5)];
}

ReplaySummary sevenfold::summarise(const ReplayReport &report,
                                   const ReplayOptions &options) {
  ReplaySummary summary;
  std::vector<double> counts, seedMeans(options.seeds);
  std::vector<double> correlations;
  for (const ReplayCase &played : report.cases) {
    if (played.correlation)
      correlations.push_back(*played.correlation);
    for (const ReplayRun &run : played.runs) {
      counts.push_back(double(run.measurements.value_or(options.pairs)));
      summary.mean += counts.back();
      seedMeans[run.seed] += counts.back() / double(report.cases.size());
      summary.reached += run.measurements.has_value();
      summary.meanShare += run.finalShare;
      summary.spent += double(run.spent);
    }
  }
  if (counts.empty())
    return summary;
  if (!correlations.empty())
    summary.correlation =
        std::accumulate(correlations.begin(), correlations.end(), 0.0) /
        double(correlations.size());
  double count = double(counts.size());
  summary.mean /= count;
  double squares = 0;
  for (double mean : seedMeans)
    squares += (mean - summary.mean) * (mean - summary.mean);
  if (options.seeds > 1)
    summary.seedDeviation = std::sqrt(squares / (options.seeds - 1));
  summary.reached /= count;
  summary.meanShare /= count;
  summary.spent /= count;
  llvm::sort(counts);
  summary.lower = quantile(counts, 0.25);
  summary.median = quantile(counts, 0.5);
  summary.upper = quantile(counts, 0.75);
  return summary;
}

nlohmann::json sevenfold::toJson(llvm::ArrayRef<ReplayReport> reports,
                                 const ReplayOptions &options) {
  nlohmann::json array = nlohmann::json::array();
  for (const ReplayReport &report : reports) {
    ReplaySummary all = summarise(report, options);
    nlohmann::json cases = nlohmann::json::array();
    for (const ReplayCase &played : report.cases) {
      ReplaySummary one = summarise({report.strategy, {played}}, options);
      cases.push_back({{"workload", played.workload},
                       {"speedup", std::exp(played.gain)},
                       {"rank_correlation", orNull(played.correlation)},
                       {"median", one.median},
                       {"lower_quartile", one.lower},
                       {"upper_quartile", one.upper},
                       {"reached", one.reached},
                       {"final_share", one.meanShare}});
    }
    array.push_back({{"strategy", report.strategy},
                     {"seeds", options.seeds},
                     {"pairs", options.pairs},
                     {"share", options.share},
                     {"rank_correlation", orNull(all.correlation)},
                     {"median", all.median},
                     {"lower_quartile", all.lower},
                     {"upper_quartile", all.upper},
                     {"mean", all.mean},
                     {"seed_deviation", all.seedDeviation},
                     {"reached", all.reached},
                     {"final_share", all.meanShare},
                     {"spent", all.spent},
                     {"workloads", std::move(cases)}});
  }
  return array;
}

std::string sevenfold::formatReplay(llvm::ArrayRef<ReplayReport> reports,
                                    const ReplayOptions &options) {
  std::string text = fmt::format(
      "measurements to {:.0f} % of the gain, of {} pairs, {} seeds a workload\n"
      "{:<12} {:>8} {:>8} {:>8} {:>12} {:>9} {:>12} {:>8} {:>11}\n",
      100 * options.share, options.pairs, options.seeds, "strategy", "quartile",
      "median", "quartile", "mean", "reached", "final share", "spent",
      "correlation");
  for (const ReplayReport &report : reports) {
    ReplaySummary all = summarise(report, options);
    text +=
        fmt::format("{:<12} {:>8.0f} {:>8.0f} {:>8.0f} {:>5.0f} +-{:>4.1f} "
                    "{:>8.0f}% {:>11.0f}% {:>8.0f} {:>11.2f}\n",
                    report.strategy, all.lower, all.median, all.upper, all.mean,
                    all.seedDeviation, 100 * all.reached, 100 * all.meanShare,
                    all.spent, all.correlation.value_or(NAN));
  }
  return text;
}
