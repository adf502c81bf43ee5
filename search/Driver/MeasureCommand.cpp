//===- MeasureCommand.cpp - sevenfold search measure ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Schemes side by side on the real machine: every one of them in adjacent pairs
// with the first, a few at a time in turn, so that what changes on the machine
// meanwhile changes for all.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/MeasuredSearch.h"
#include "search/Driver/SearchCommand.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;

/// Pairs of one visit; a visit begins with a warm-up of both.
static constexpr int kPairsAVisit = 3;

namespace {
struct MeasureArguments {
  std::vector<std::string> subjects;
  MeasuringArguments measuring;
  int pairs = kComparisonPairs;
};

/// One of the schemes, and its times beside the first's.
struct Subject {
  std::string name;
  std::vector<Scheme> levels;
  std::optional<Artefact> artefact;
  double predictedSeconds = 0;
  PairSamples samples; ///< a: this one, b: the first
};
} // namespace

/// "A": a scheme; "A*B": the tensor product of two, whose sums are formed at
/// once; "A:B": one within the other.
static llvm::Expected<Plan> planOf(llvm::StringRef text,
                                   const std::string &provider,
                                   std::vector<Scheme> &levels) {
  Plan plan;
  plan.provider = provider;
  for (llvm::StringRef rest = text; !rest.empty();) {
    size_t end = rest.find_first_of("*:");
    auto scheme = loadScheme(rest.take_front(end));
    if (!scheme)
      return scheme.takeError();
    auto name = registerByContent(*scheme);
    if (!name)
      return name.takeError();
    bool composed = end != llvm::StringRef::npos && rest[end] == '*';
    plan.levels.push_back({*name, Execution::Breadth, composed});
    levels.push_back(std::move(*scheme));
    rest = end == llvm::StringRef::npos ? "" : rest.substr(end + 1);
    if (end != llvm::StringRef::npos && rest.empty())
      return makeError("expected a scheme at the end of '{0}'", text);
  }
  if (plan.levels.empty() || plan.levels.size() > kMaxLevels)
    return makeError("expected one to {0} schemes in '{1}'", kMaxLevels, text);
  return plan;
}

/// Composed levels as the one scheme they are.
static llvm::Expected<std::vector<Scheme>>
composedLevels(const Plan &plan, std::vector<Scheme> levels) {
  std::vector<Scheme> result;
  for (size_t i = 0; i < levels.size(); ++i) {
    if (i == 0 || !plan.levels[i - 1].composed) {
      result.push_back(std::move(levels[i]));
      continue;
    }
    auto product = tensorProduct(result.back(), levels[i]);
    if (!product)
      return product.takeError();
    result.back() = std::move(*product);
  }
  return result;
}

/// Builds a subject and checks its result.
static llvm::Error prepare(Subject &subject, MeasuredSearch &search) {
  const Workload &workload = search.evaluator->workloadMeasured();
  auto plan =
      planOf(subject.name, search.evaluator->provider(), subject.levels);
  if (!plan)
    return plan.takeError();
  auto levels = composedLevels(*plan, subject.levels);
  if (!levels)
    return levels.takeError();
  subject.predictedSeconds = search.evaluator->predictedSeconds(*levels);
  auto numerics = planNumerics(workload, *plan);
  if (!numerics)
    return numerics.takeError();
  auto artefact = search.tools.builder->build(workload, *plan);
  if (!artefact)
    return makeError("'{0}': {1}", subject.name,
                     llvm::toString(artefact.takeError()));
  ErrorSample error = search.tools.runner->measureError(
      *artefact, workload, numerics->relativeErrorBound);
  if (error.status != RunStatus::Ok)
    return makeError("'{0}': {1}: {2}", subject.name,
                     stringifyRunStatus(error.status), error.message);
  subject.artefact = std::move(*artefact);
  return llvm::Error::success();
}

/// Every subject beside the first, in turn.
static llvm::Error race(std::vector<Subject> &subjects, Runner &runner,
                        int pairs) {
  for (int done = 0; done < pairs; done += kPairsAVisit)
    for (size_t i = 1; i < subjects.size(); ++i) {
      Subject &subject = subjects[i];
      PairSamples samples =
          runner.measurePairs(*subject.artefact, *subjects[0].artefact,
                              std::min(kPairsAVisit, pairs - done));
      if (interrupted())
        return llvm::make_error<Interrupted>();
      if (samples.status != RunStatus::Ok)
        return makeError("'{0}': {1}: {2}", subject.name,
                         stringifyRunStatus(samples.status), samples.message);
      llvm::append_range(subject.samples.a, samples.a);
      llvm::append_range(subject.samples.b, samples.b);
      llvm::errs() << fmt::format(
          "{}: {:.3f} of the first's speed in {} pairs\n", subject.name,
          1 / estimateSpeedup(subject.samples).median,
          subject.samples.a.size());
    }
  return llvm::Error::success();
}

/// What came of it; "speedup" is the first's over each.
static nlohmann::json toJson(const std::vector<Subject> &subjects,
                             const MeasuredSearch &search, uint64_t seed) {
  nlohmann::json list = nlohmann::json::array();
  std::vector<double> predicted, relative;
  for (size_t i = 0; i < subjects.size(); ++i) {
    const Subject &subject = subjects[i];
    nlohmann::json entry = {{"scheme", subject.name},
                            {"predicted_s", subject.predictedSeconds}};
    if (i == 0) {
      std::vector<double> all;
      for (const Subject &other : subjects)
        llvm::append_range(all, other.samples.b);
      entry["median_s"] = median(all);
    } else {
      Speedup speedup = estimateSpeedup(subject.samples);
      entry["median_s"] = median(subject.samples.a);
      entry["speedup"] = speedup.median;
      entry["speedup_low"] = speedup.low;
      entry["speedup_high"] = speedup.high;
      entry["pairs"] = speedup.pairs;
    }
    // The vendor library alone is no scheme.
    if (!subject.levels.empty()) {
      predicted.push_back(subject.predictedSeconds);
      relative.push_back(i == 0 ? 1 : entry["speedup"].get<double>());
    }
    list.push_back(std::move(entry));
  }
  auto correlation = rankCorrelation(predicted, relative);
  return {{"workload", search.evaluator->workloadMeasured().str()},
          {"device", search.evaluator->deviceMeasured()},
          {"threads", search.tools.device.threads},
          {"provider", search.evaluator->provider()},
          {"schemes", list},
          {"rank_correlation",
           correlation ? nlohmann::json(*correlation) : nlohmann::json()}};
}

static void printTable(const nlohmann::json &report) {
  const nlohmann::json &list = report["schemes"];
  llvm::outs() << fmt::format(
      "{}, {} threads, products by {}\n", report["workload"].get<std::string>(),
      report["threads"].get<int>(), report["provider"].get<std::string>());
  for (const nlohmann::json &entry : list) {
    llvm::outs() << fmt::format("{:>10.4f} s  {:>10.4f} s predicted  {}",
                                entry["median_s"].get<double>(),
                                entry["predicted_s"].get<double>(),
                                entry["scheme"].get<std::string>());
    if (entry.contains("speedup"))
      llvm::outs() << fmt::format(
          ": the first is {:.3f} ({:.3f} to {:.3f}) times as fast",
          entry["speedup"].get<double>(), entry["speedup_low"].get<double>(),
          entry["speedup_high"].get<double>());
    llvm::outs() << "\n";
  }
  if (!report["rank_correlation"].is_null())
    llvm::outs() << fmt::format("rank correlation of predicted and measured "
                                "time: {:.2f}\n",
                                report["rank_correlation"].get<double>());
}

static llvm::Expected<int> runMeasure(const CommandLine &line,
                                      const MeasureArguments &arguments) {
  auto workload = readMeasuringArguments(arguments.measuring);
  if (!workload)
    return workload.takeError();
  // What is wrong with the schemes is told before anything is measured.
  for (const std::string &text : arguments.subjects) {
    std::vector<Scheme> levels;
    auto plan = planOf(text, "", levels);
    if (!plan)
      return plan.takeError();
  }
  auto search = openMeasuredSearch(line, *workload);
  if (!search)
    return search.takeError();
  std::vector<Subject> subjects;
  for (const std::string &text : arguments.subjects) {
    subjects.emplace_back();
    subjects.back().name = text;
    if (llvm::Error error = prepare(subjects.back(), *search))
      return error;
  }
  Plan alone;
  alone.provider = search->evaluator->provider();
  auto vendor = search->tools.builder->build(*workload, alone);
  if (!vendor)
    return vendor.takeError();
  subjects.emplace_back();
  subjects.back().name = alone.provider;
  subjects.back().artefact = std::move(*vendor);
  subjects.back().predictedSeconds =
      search->evaluator->predictedSeconds(llvm::ArrayRef<Scheme>());
  if (llvm::Error error =
          race(subjects, *search->tools.runner, arguments.pairs))
    return error;
  nlohmann::json report = toJson(subjects, *search, line.common.seed);
  if (line.common.json)
    llvm::outs() << report.dump(2) << "\n";
  else
    printTable(report);
  return 0;
}

void sevenfold::addMeasureCommand(CLI::App &search, CommandLine &line) {
  CLI::App *command = search.add_subcommand(
      "measure", "time schemes side by side, each in pairs with the first");
  auto arguments = std::make_shared<MeasureArguments>();
  command
      ->add_option("schemes", arguments->subjects,
                   "scheme files or names; 'A*B': their tensor product, 'A:B': "
                   "one within the other")
      ->required();
  addMeasuringOptions(*command, arguments->measuring);
  command
      ->add_option("--pairs", arguments->pairs, "pairs of each with the first")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runMeasure(line, *arguments); };
  });
}
