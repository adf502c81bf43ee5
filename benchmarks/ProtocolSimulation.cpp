//===- ProtocolSimulation.cpp - The measuring protocol on traces ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rehearses whole tunings on recorded machines: how often they crown a plan
// that is no win, how often they find one that is, and what that costs.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Rehearsal.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <fstream>

using namespace sevenfold;
using nlohmann::json;

namespace {
struct Trace {
  std::string name, neighbour;
  std::vector<double> seconds;
};

/// What plans there are.
struct Case {
  const char *name;
  double best;  ///< speedup of the best plan
  double worst; ///< the others lie between this and `below` times the best
  double below;
  double spread;   ///< of ratios of neighbours
  double optimism; ///< by what all predictions are too high, in logarithms
  bool isRaceKnown;
};

struct Settings {
  std::vector<std::string> traces, cases;
  std::string half = "both";
  int runs = 2000, plans = 20;
  double budget = 240, error = 0.06, build = 0.5, runSeconds = 0;
  uint64_t seed = 1;
  bool asJson = false;
};
} // namespace

static constexpr size_t kKinds = 6;
/// A finalist within this of the best plan is as good as it.
static constexpr double kAsGood = 0.99;

static constexpr Case kCases[] = {
    {"none-4", 1.01, 0.9, 1, 0.04, 0, false},
    {"none-8", 1.01, 0.9, 1, 0.08, 0, false},
    {"edge-4", 1.01, 1.01, 1, 0.04, 0, false},
    {"edge-8", 1.01, 1.01, 1, 0.08, 0, false},
    {"praised-4", 1.01, 1.01, 1, 0.04, 0.1, false},
    {"praised-8", 1.01, 1.01, 1, 0.08, 0.1, false},
    {"five-4", 1.05, 0.9, 0.99, 0.04, 0, false},
    {"five-4-raced", 1.05, 0.9, 0.99, 0.04, 0, true},
    {"ten-4", 1.10, 0.9, 0.99, 0.04, 0, false},
    {"ten-8", 1.10, 0.9, 0.99, 0.08, 0, false},
    {"ten-8-raced", 1.10, 0.9, 0.99, 0.08, 0, true},
};

static Trace readTrace(const std::string &path) {
  std::ifstream stream(path);
  if (!stream)
    throw std::runtime_error("cannot read '" + path + "'");
  json value = json::parse(stream);
  if (value.at("format") != "sevenfold-trace/1")
    throw std::runtime_error("'" + path + "' is no trace");
  Trace trace;
  trace.name = path.substr(path.rfind('/') + 1);
  trace.name = trace.name.substr(0, trace.name.rfind('.'));
  trace.neighbour = value.at("neighbour");
  trace.seconds = value.at("seconds").get<std::vector<double>>();
  if (trace.seconds.size() < 100)
    throw std::runtime_error("'" + path + "' has fewer than 100 runs");
  return trace;
}

static std::vector<RehearsedPlan>
plansOf(const Case &what, const Settings &settings, Random &random) {
  std::vector<double> speedups = {what.best};
  double low = std::log(what.worst),
         high = std::max(std::log(what.best * what.below), low);
  while (int(speedups.size()) < settings.plans)
    speedups.push_back(std::exp(low + (high - low) * random.uniform()));
  auto plans = predictedPlans(speedups, kKinds, settings.error, random);
  for (RehearsedPlan &plan : plans)
    plan.entrant.expected += what.optimism;
  return plans;
}

static double rounded(double value) { return std::round(value * 1e4) / 1e4; }

/// Medians of a cost, in seconds and in runs of the best library.
static json costOf(const std::vector<double> &seconds, double run) {
  return {{"seconds", rounded(median(seconds))},
          {"runs", rounded(median(seconds) / run)}};
}

static json play(const Case &what, const std::vector<double> &trace,
                 const Settings &settings) {
  int proven = 0, wrong = 0, found = 0, covered = 0, above = 0, below = 0;
  std::vector<double> race, screening, finals, total;
  RehearsalRules rules;
  rules.budget = settings.budget;
  rules.buildSeconds = settings.build;
  if (what.isRaceKnown)
    rules.libraries = {1};
  for (int run = 0; run < settings.runs; ++run) {
    uint64_t seed = splitMix64(settings.seed * 1000003 + uint64_t(run));
    Random random(seed);
    std::vector<RehearsedPlan> plans = plansOf(what, settings, random);
    TraceMachine machine(trace, what.spread, splitMix64(seed));
    Rehearsal rehearsal = rehearse(plans, rules, machine, random);
    race.push_back(rehearsal.raceSeconds);
    screening.push_back(rehearsal.screeningSeconds);
    finals.push_back(rehearsal.finalsSeconds);
    const Attempt *attempt = rehearsal.proven();
    if (!attempt)
      continue;
    total.push_back(rehearsal.seconds());
    // Over the best library, wherever the race went.
    double truth =
        plans[attempt->candidate].speedup * rules.libraries[rehearsal.library];
    Speedup told = estimateSpeedup(attempt->samples);
    double measured = plans[attempt->candidate].speedup;
    ++proven;
    wrong += truth <= kWinningLowerBound + 1e-12;
    found += truth >= kAsGood * what.best;
    covered += told.low <= measured && measured <= told.high;
    above += told.low > measured;
    below += told.high < measured;
  }
  double runs = settings.runs, usual = median(trace);
  json result = {{"case", what.name},
                 {"spread", rounded(std::max(what.spread, traceSpread(trace)))},
                 {"tunings", settings.runs},
                 {"false_wins", wrong / runs},
                 {"proven", proven / runs},
                 {"found", found / runs},
                 {"race", costOf(race, usual)},
                 {"screening", costOf(screening, usual)},
                 {"finals", costOf(finals, usual)}};
  if (proven > 0) {
    result["until_proven"] = costOf(total, usual);
    result["covered"] = rounded(covered / double(proven));
    result["low_above_truth"] = rounded(above / double(proven));
    result["high_below_truth"] = rounded(below / double(proven));
  }
  return result;
}

static void print(const json &row) {
  auto runs = [&](const char *stage) {
    return row.contains(stage) ? row[stage]["runs"].get<double>() : 0;
  };
  std::printf("%-16s %-6s %-13s %6.3f %7.4f %7.4f %7.4f %6.1f %6.1f %6.1f "
              "%6.1f %7.1f %6.3f\n",
              row["trace"].get<std::string>().c_str(),
              row["half"].get<std::string>().c_str(),
              row["case"].get<std::string>().c_str(),
              row["spread"].get<double>(), row["false_wins"].get<double>(),
              row["proven"].get<double>(), row["found"].get<double>(),
              runs("race"), runs("screening"), runs("finals"),
              runs("until_proven"),
              row.contains("until_proven")
                  ? row["until_proven"]["seconds"].get<double>()
                  : 0,
              row.value("covered", 1.0));
  std::fflush(stdout);
}

static void simulate(const Settings &settings) {
  json rows = json::array();
  if (!settings.asJson)
    std::printf("%-16s %-6s %-13s %6s %7s %7s %7s %6s %6s %6s %6s %7s %6s\n",
                "trace", "half", "case", "spread", "false", "proven", "found",
                "race", "screen", "finals", "total", "total_s", "cover");
  for (const std::string &path : settings.traces) {
    Trace trace = readTrace(path);
    if (double usual = median(trace.seconds); settings.runSeconds > 0)
      for (double &seconds : trace.seconds)
        seconds *= settings.runSeconds / usual;
    auto middle = trace.seconds.begin() + long(trace.seconds.size() / 2);
    std::vector<std::pair<std::string, std::vector<double>>> halves;
    if (settings.half != "second")
      halves.push_back({"first", {trace.seconds.begin(), middle}});
    if (settings.half != "first")
      halves.push_back({"second", {middle, trace.seconds.end()}});
    for (const auto &[half, seconds] : halves)
      for (const Case &what : kCases) {
        if (!settings.cases.empty() &&
            !std::count(settings.cases.begin(), settings.cases.end(),
                        what.name))
          continue;
        json row = play(what, seconds, settings);
        row["trace"] = trace.name;
        row["neighbour"] = trace.neighbour;
        row["half"] = half;
        row["own_spread"] = rounded(traceSpread(seconds));
        if (!settings.asJson)
          print(row);
        rows.push_back(std::move(row));
      }
  }
  if (settings.asJson)
    std::printf("%s\n", rows.dump(2).c_str());
}

int main(int argc, char **argv) {
  Settings settings;
  CLI::App app("Rehearses tunings on traces of machines.");
  app.add_option("traces", settings.traces, "files of measurement-trace")
      ->required();
  app.add_option("--runs", settings.runs, "tunings of each case")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--half", settings.half, "of each trace")
      ->check(CLI::IsMember({"first", "second", "both"}));
  app.add_option("--case", settings.cases, "these only");
  app.add_option("--plans", settings.plans, "how many there are");
  app.add_option("--budget", settings.budget, "seconds of a tuning");
  app.add_option("--error", settings.error,
                 "deviation of predictions, in logarithms");
  app.add_option("--build", settings.build, "seconds of a build");
  app.add_option("--seed", settings.seed, "of everything");
  app.add_option("--run-seconds", settings.runSeconds,
                 "what the usual run takes, instead of what was recorded");
  app.add_flag("--json", settings.asJson, "an array on stdout");
  CLI11_PARSE(app, argc, argv);
  try {
    simulate(settings);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "protocol-simulation: %s\n", error.what());
    return 2;
  }
  return 0;
}
