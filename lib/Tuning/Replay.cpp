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

#include "sevenfold/Measure/Statistics.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Random.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

using namespace sevenfold;

static constexpr llvm::StringLiteral kUntaught = "plan-game-untaught";

static PlanSetting settingOf(const PlanTable &table) {
  return {table.workload, table.device, table.baselineProvider,
          table.baselineSeconds};
}

/// The plans of a table as a planner sees them: the best predicted first.
static std::vector<size_t> byPrediction(const PlanTable &table) {
  std::vector<size_t> order;
  for (size_t i = 0; i < table.plans.size(); ++i)
    order.push_back(i);
  llvm::stable_sort(order, [&](size_t a, size_t b) {
    return table.plans[a].predictedSeconds < table.plans[b].predictedSeconds;
  });
  return order;
}

static std::vector<Candidate> candidatesOf(const PlanTable &table) {
  std::vector<Candidate> candidates;
  for (size_t index : byPrediction(table)) {
    Candidate candidate;
    candidate.plan = table.plans[index].plan;
    candidate.predictedSeconds = table.plans[index].predictedSeconds;
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

double sevenfold::achievableGain(const PlanTable &table) {
  double gain = 0;
  for (const MeasuredPlan &plan : table.plans)
    if (!plan.ratios.empty())
      gain = std::max(gain, std::log(median(plan.ratios)));
  return gain;
}

/// The outcome of a proposal: pairs drawn from those of the table.
static Observation drawObservation(const MeasuredPlan &plan,
                                   const Proposal &proposal, Random &random) {
  Observation observation;
  observation.candidate = proposal.candidate;
  if (plan.ratios.empty()) {
    observation.status = RunStatus::Failed;
    return observation;
  }
  for (int i = 0; i < proposal.pairs; ++i) {
    observation.samples.a.push_back(
        plan.ratios[random.below(plan.ratios.size())]);
    observation.samples.b.push_back(1);
  }
  return observation;
}

ReplayRun sevenfold::replay(llvm::StringRef strategy, const PlanTable &table,
                            const PlanBelief &belief, uint64_t seed,
                            const ReplayOptions &options) {
  std::vector<size_t> order = byPrediction(table);
  PlanningTask task;
  task.workload = table.workload;
  task.baselineProvider = table.baselineProvider;
  task.candidates = candidatesOf(table);
  task.belief = belief;
  task.maxPairs = options.pairs;
  task.seed = seed;
  auto planner =
      llvm::cantFail(createPlanner(strategy, std::move(task), options.config));
  // What the machine answers does not depend on the strategy's own draws.
  Random random(splitMix64(seed));
  double gain = achievableGain(table);
  ReplayRun run;
  run.seed = seed;
  while (run.spent < options.pairs) {
    std::vector<Proposal> proposals = planner->propose();
    if (proposals.empty())
      break;
    for (const Proposal &proposal : proposals) {
      const MeasuredPlan &plan = table.plans[order[proposal.candidate]];
      planner->observe(drawObservation(plan, proposal, random));
      run.spent += proposal.pairs + 1;
      std::optional<size_t> choice = planner->finalist();
      double chosen =
          choice ? std::log(median(table.plans[order[*choice]].ratios)) : 0;
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

/// What a strategy that learns knows of a table's plans: all other shapes.
static llvm::Expected<std::unique_ptr<PlanValue>>
learnWithout(const PlanTable &held, llvm::ArrayRef<PlanTable> tables,
             const PlanLearner &learner) {
  std::vector<PlanTable> others;
  for (const PlanTable &table : tables)
    if (table.workload.m != held.workload.m ||
        table.workload.k != held.workload.k ||
        table.workload.n != held.workload.n)
      others.push_back(table);
  return learner(experienceOf(others), /*seed=*/0);
}

llvm::Expected<std::vector<ReplayReport>>
sevenfold::replayAll(llvm::ArrayRef<std::string> strategies,
                     llvm::ArrayRef<PlanTable> tables,
                     const PlanLearner &learner, const ReplayOptions &options,
                     const std::function<void(const std::string &)> &progress) {
  std::vector<ReplayReport> reports;
  for (const std::string &strategy : strategies) {
    std::string planner = strategy == kUntaught ? "plan-game" : strategy;
    if (auto known = createPlanner(planner, {}, options.config); !known)
      return known.takeError();
    reports.push_back({strategy, {}});
  }
  for (const PlanTable &table : tables) {
    double gain = achievableGain(table);
    if (gain < std::log(kWinningLowerBound)) {
      progress(table.workload.str() + ": no gain to find, left out");
      continue;
    }
    std::unique_ptr<PlanValue> value;
    if (llvm::is_contained(strategies, "plan-game")) {
      auto learned = learnWithout(table, tables, learner);
      if (!learned)
        return learned.takeError();
      value = std::move(*learned);
    }
    std::vector<Candidate> candidates = candidatesOf(table);
    PlanBelief untaught = believe(settingOf(table), candidates, nullptr);
    PlanBelief taught = believe(settingOf(table), candidates, value.get());
    for (ReplayReport &report : reports) {
      bool learns = report.strategy == "plan-game";
      ReplayCase played{table.workload.str(), gain, {}};
      for (unsigned seed = 0; seed < options.seeds; ++seed)
        played.runs.push_back(
            replay(report.strategy == kUntaught ? "plan-game" : report.strategy,
                   table, learns ? taught : untaught, seed, options));
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

static double quantile(llvm::ArrayRef<double> sorted, double share) {
  return sorted[size_t(share * double(sorted.size() - 1) + 0.5)];
}

ReplaySummary sevenfold::summarise(const ReplayReport &report,
                                   const ReplayOptions &options) {
  ReplaySummary summary;
  std::vector<double> counts;
  for (const ReplayCase &played : report.cases)
    for (const ReplayRun &run : played.runs) {
      counts.push_back(double(run.measurements.value_or(options.pairs)));
      summary.reached += run.measurements.has_value();
      summary.meanShare += run.finalShare;
      summary.spent += double(run.spent);
    }
  if (counts.empty())
    return summary;
  double count = double(counts.size());
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
                     {"median", all.median},
                     {"lower_quartile", all.lower},
                     {"upper_quartile", all.upper},
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
      "{:<20} {:>8} {:>8} {:>8} {:>9} {:>12} {:>8}\n",
      100 * options.share, options.pairs, options.seeds, "strategy", "quartile",
      "median", "quartile", "reached", "final share", "spent");
  for (const ReplayReport &report : reports) {
    ReplaySummary all = summarise(report, options);
    text +=
        fmt::format("{:<20} {:>8.0f} {:>8.0f} {:>8.0f} {:>8.0f}% {:>11.0f}% "
                    "{:>8.0f}\n",
                    report.strategy, all.lower, all.median, all.upper,
                    100 * all.reached, 100 * all.meanShare, all.spent);
  }
  return text;
}
