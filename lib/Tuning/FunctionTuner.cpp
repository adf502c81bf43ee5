//===- FunctionTuner.cpp - Whole functions against the libraries ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the plans of products to the record of a function.
//
//===----------------------------------------------------------------------===//

#include "FunctionTunerImpl.h"
#include "WorkloadTuner.h"

#include "sevenfold/Database/Database.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Runner/Race.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Planner.h"
#include "sevenfold/Tuning/Validity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace sevenfold;

/// Of the race of the libraries.
static constexpr int kRaceRounds = 3;
/// A run of each code before those that are timed.
static constexpr double kWarmUpRuns = 1;

/// At most so much of a budget is kept for functions.
static constexpr double kLargestReserve = 0.4;

double FunctionSubject::baselineSeconds() const {
  double seconds = 0;
  for (const ProposedProduct &product : products)
    seconds += product.baselineSeconds;
  return seconds;
}

/// Runs of a function until it is decided: the race, a plain confirmation with
/// its check, and the series that is reported.
static double runsNeeded(size_t libraries) {
  return double(libraries) * (kRaceRounds + kWarmUpRuns) + 2 * kWarmUpRuns +
         2 * kPlainPairs + 2 * kFewestBoundedPairs;
}

/// Units of a budget that runs of a function cost.
static double costOf(BudgetKind kind, double runs, double seconds,
                     int threads) {
  switch (kind) {
  case BudgetKind::Unlimited:
    return 0;
  case BudgetKind::Steps:
    return runs / 2;
  case BudgetKind::Cpu:
    return runs * seconds * std::max(threads, 1);
  case BudgetKind::Wall:
    return runs * seconds;
  }
  llvm_unreachable("all kinds are listed");
}

double sevenfold::functionCost(BudgetKind kind, const Device &device,
                               double seconds) {
  return costOf(kind, runsNeeded(std::max<size_t>(device.providers.size(), 1)),
                seconds, device.threads);
}

double sevenfold::functionReserve(const BudgetLimit &limit,
                                  const Device &device, double flops,
                                  size_t functions) {
  if (limit.kind == BudgetKind::Unlimited || functions == 0)
    return 0;
  // Libraries reach about half of what multiply-adds in registers do where a
  // machine is shared.
  double seconds = 2 * flops / std::max(device.peak(ElementType::F32), 1.0);
  double runs = runsNeeded(std::max<size_t>(device.providers.size(), 1));
  double cost = limit.kind == BudgetKind::Steps
                    ? costOf(limit.kind, runs * functions, 0, 1)
                    : costOf(limit.kind, runs, seconds, device.threads);
  return std::min(cost, kLargestReserve * limit.amount);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

double FunctionTuner::secondsLeft() const {
  double left = until - budget.spent();
  switch (budget.kind()) {
  case BudgetKind::Unlimited:
    return std::numeric_limits<double>::infinity();
  case BudgetKind::Steps:
    return left * 2 * runSeconds;
  case BudgetKind::Cpu:
    return left / std::max(parts.device.threads, 1);
  case BudgetKind::Wall:
    return left;
  }
  llvm_unreachable("all kinds are listed");
}

TimedRuns FunctionTuner::runInOrder(llvm::ArrayRef<const Artefact *> artefacts,
                                    const std::vector<size_t> &order) {
  TimedRuns runs = parts.runner.measureRuns(artefacts, order);
  charge(parts, budget, order, runs);
  if (!runs.seconds.empty())
    runSeconds = median(runs.seconds);
  return runs;
}

PairSamples FunctionTuner::measureAfresh(const Artefact &artefact) {
  double affordable = secondsLeft() / std::max(2 * runSeconds, 1e-9);
  int pairs = int(std::clamp(affordable, double(kFewestBoundedPairs),
                             double(kComparisonPairs)));
  std::vector<size_t> order = flippedPairs(pairs, random);
  PairSamples samples;
  appendPairs(order, runInOrder({&library().artefact, &artefact}, order),
              samples);
  return samples;
}

std::string FunctionTuner::timeProblem() const {
  double needed = costOf(budget.kind(), runsNeeded(libraries.size()),
                         runSeconds, parts.device.threads),
         left = until - budget.spent();
  if (needed <= left)
    return "";
  const char *unit = budget.kind() == BudgetKind::Steps ? " pairs" : " s";
  return fmt::format("{:.0f}{} are needed and {:.0f} left of its part of the "
                     "budget",
                     needed, unit, std::max(left, 0.0));
}

void FunctionTuner::progress(const std::string &text) const {
  if (options.progress)
    options.progress(subject.name + ": " + text);
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

FunctionChoice
FunctionTuner::classicalChoice(const std::string &provider) const {
  FunctionChoice choice;
  choice.name = subject.name;
  choice.provider = provider;
  choice.sums = subject.sums;
  for (const ProposedProduct &product : subject.products)
    choice.products.push_back({product.workload, std::nullopt, ""});
  return choice;
}

llvm::Expected<FunctionChoice> FunctionTuner::proposedChoice() const {
  FunctionChoice choice = classicalChoice(library().provider);
  for (auto [chosen, proposed] :
       llvm::zip_equal(choice.products, subject.products)) {
    if (!proposed.plan)
      continue;
    auto hashes = planSchemeHashes(*proposed.plan);
    if (!hashes)
      return hashes.takeError();
    chosen.plan = proposed.plan;
    chosen.schemeHashes = *hashes;
  }
  return choice;
}

std::string FunctionTuner::takeOutLeastSure(FunctionChoice &choice) const {
  std::optional<size_t> least;
  for (size_t i = 0; i < choice.products.size(); ++i)
    if (choice.products[i].plan &&
        (!least ||
         subject.products[i].speedupLow < subject.products[*least].speedupLow))
      least = i;
  assert(least && "the choice has plans");
  Workload workload = choice.products[*least].workload;
  for (ProductChoice &product : choice.products)
    if (product.workload == workload)
      product = {workload, std::nullopt, ""};
  return workload.str();
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

llvm::Error FunctionTuner::buildLibraries() {
  std::string problems;
  for (const ProviderInfo &provider : parts.device.providers) {
    auto artefact = build(classicalChoice(provider.name));
    if (artefact)
      libraries.push_back({provider.name, std::move(*artefact), {}});
    else
      problems +=
          "; " + provider.name + ": " + llvm::toString(artefact.takeError());
  }
  if (libraries.empty())
    return makeError("no provider can compute '{0}'{1}", subject.name,
                     problems);
  return llvm::Error::success();
}

/// Libraries that took longer than the best one for all products, by more than
/// this, are not timed for the function.
static constexpr double kStillPlausible = 1.25;

std::vector<size_t> FunctionTuner::raceEntrants() const {
  std::vector<std::string> names;
  for (const Library &entry : libraries)
    names.push_back(entry.provider);
  std::map<std::string, double> total;
  for (const ProposedProduct &product : subject.products) {
    if (!parts.earlier)
      break;
    RecordKey key = keyOf(queryContext(parts.device), product.workload);
    for (const auto &[name, seconds] :
         knownRaceOf(parts.earlier(key), names, parts.device))
      total[name] += seconds;
  }
  std::vector<size_t> entrants;
  std::vector<std::string> plausible =
      plausibleIn(total, names, kStillPlausible);
  for (size_t i = 0; i < libraries.size(); ++i)
    if (llvm::is_contained(plausible, libraries[i].provider))
      entrants.push_back(i);
  return entrants;
}

void FunctionTuner::raceLibraries() {
  std::vector<size_t> entrants = raceEntrants();
  std::vector<const Artefact *> artefacts;
  std::vector<std::string> names;
  for (size_t i : entrants) {
    artefacts.push_back(&libraries[i].artefact);
    names.push_back(libraries[i].provider);
  }
  progress(
      fmt::format("racing {} for the whole function", fmt::join(names, ", ")));
  RaceRules rules;
  rules.rounds = rules.leastRounds = kRaceRounds;
  RaceResult result = race(
      entrants.size(),
      [&](const std::vector<size_t> &order) {
        return runInOrder(artefacts, order);
      },
      rules, random, options.interrupted);
  for (size_t i = 0; i < entrants.size(); ++i)
    libraries[entrants[i]].seconds = result.entries[i].seconds;
  best = entrants[result.best.value_or(0)];
}

double FunctionTuner::errorBound(const FunctionChoice &choice) const {
  double bound = 0;
  for (const ProductChoice &product : choice.products) {
    auto numerics =
        planNumerics(product.workload, product.plan.value_or(Plan()));
    if (numerics)
      bound += numerics->relativeErrorBound;
    else
      llvm::consumeError(numerics.takeError());
  }
  return bound;
}

double FunctionTuner::allowedDifference(const FunctionChoice &choice) {
  // What a function does to errors is seen in how far two libraries are apart.
  for (size_t i = 0; i < libraries.size() && !apart; ++i)
    if (i != best) {
      ErrorSample sample = parts.runner.measureDifference(
          library().artefact, libraries[i].artefact, /*bound=*/0);
      if (sample.status == RunStatus::Ok && sample.relative > 0)
        apart = sample.relative;
    }
  // Asked once: a library that fails would fail again.
  apart = apart.value_or(0);
  return std::max(errorBound(choice), options.limits.maxErrorGrowth * *apart);
}

llvm::Expected<bool> FunctionTuner::check(const FunctionChoice &choice,
                                          const Artefact &artefact,
                                          double &difference) {
  double allowed = allowedDifference(choice);
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  ErrorSample sample =
      parts.runner.measureDifference(library().artefact, artefact, allowed);
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  difference = sample.relative;
  if (sample.status == RunStatus::Ok)
    return true;
  if (llvm::Error error = recordFailure(choice, sample.status, sample.message))
    return error;
  return false;
}

llvm::Expected<std::optional<Artefact>>
FunctionTuner::buildRecorded(const FunctionChoice &choice) {
  auto artefact = build(choice);
  // An interrupt ends the linker, too: that is no failure of the plans.
  if (llvm::Error stopped = options.interrupted.check()) {
    llvm::consumeError(artefact.takeError());
    return stopped;
  }
  if (artefact)
    return std::move(*artefact);
  if (llvm::Error error = recordFailure(choice, RunStatus::Failed,
                                        llvm::toString(artefact.takeError())))
    return error;
  return std::nullopt;
}

llvm::Expected<FunctionTuner::Try>
FunctionTuner::attempt(const FunctionChoice &choice, double alpha) {
  Try made;
  auto artefact = buildRecorded(choice);
  if (!artefact)
    return artefact.takeError();
  if (!*artefact)
    return made;
  made.artefact = std::move(**artefact);
  auto isRight = check(choice, made.artefact, made.difference);
  if (!isRight)
    return isRight.takeError();
  if (*isRight)
    if (llvm::Error error = compare(choice, alpha, made))
      return error;
  return made;
}

llvm::Error FunctionTuner::compare(const FunctionChoice &choice, double alpha,
                                   Try &made) {
  ConfirmationRules rules;
  rules.threshold = 1;
  rules.alpha = alpha;
  // The series that is reported has to fit in behind it.
  rules.seconds = secondsLeft() - 2 * kFewestBoundedPairs * runSeconds;
  rules.pairs = kFewestBoundedPairs;
  double timed = 0;
  ConfirmationSeries series = confirm(
      [&](const std::vector<size_t> &order) {
        TimedRuns runs =
            runInOrder({&library().artefact, &made.artefact}, order);
        timed += runs.timedSeconds;
        return runs;
      },
      rules, random, options.interrupted);
  ComparedSpeedup &compared = made.compared;
  compared.samples = std::move(series.samples);
  compared.speedup = estimateSpeedup(compared.samples);
  compared.outcome = compared.samples.status != RunStatus::Ok
                         ? Comparison::Failed
                     : series.isProven        ? Comparison::Above
                     : timed >= rules.seconds ? Comparison::OutOfTime
                                              : Comparison::NotShown;
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  if (compared.outcome == Comparison::Failed)
    return recordFailure(choice, compared.samples.status,
                         compared.samples.message);
  return llvm::Error::success();
}

std::string sevenfold::describeSpeedup(const Speedup &speedup) {
  return fmt::format("{:.3f} ({:.3f} to {:.3f}) in {} pairs", speedup.median,
                     speedup.low, speedup.high, speedup.pairs);
}

std::vector<FunctionChoice>
FunctionTuner::firstChoices(const FunctionChoice &proposed) const {
  FunctionChoice aligned = proposed;
  bool differs = false;
  for (ProductChoice &product : aligned.products) {
    // Products of our own have no threads of their own.
    if (!product.plan || product.plan->provider == library().provider ||
        product.plan->provider == kCodegen)
      continue;
    product.plan->provider = library().provider;
    differs = true;
  }
  if (!differs)
    return {proposed};
  return {aligned, proposed};
}

bool sevenfold::isTooNoisy(const Speedup &speedup, double noisyWidth) {
  return speedup.high - speedup.low > noisyWidth && speedup.high > 1;
}

llvm::Expected<FunctionResult> FunctionTuner::decide() {
  auto choice = proposedChoice();
  if (!choice)
    return choice.takeError();
  std::vector<FunctionChoice> first = firstChoices(*choice);
  Try last;
  for (size_t tries = 0; choice->hasPlans(); ++tries) {
    if (tries < first.size())
      choice = first[tries];
    progress("confirming the function with " + choice->str());
    auto made = attempt(*choice, spentAlpha(int(tries)));
    if (!made)
      return made.takeError();
    const ComparedSpeedup &compared = made->compared;
    if (compared.outcome == Comparison::Above)
      return conclude(*choice, *made);
    bool isFirst = tries == 0;
    if (isFirst && compared.outcome == Comparison::OutOfTime)
      return FunctionResult{std::nullopt, "its part of the budget is too small "
                                          "for the pairs of a comparison"};
    if (isFirst && compared.outcome == Comparison::NotShown &&
        isTooNoisy(compared.speedup, options.config.noisyWidth))
      return FunctionResult{std::nullopt,
                            "too noisy to tell, speedup " +
                                describeSpeedup(compared.speedup)};
    if (compared.outcome == Comparison::NotShown)
      last = std::move(*made);
    // What was not shown to win is not used for want of time.
    if (compared.outcome == Comparison::OutOfTime)
      break;
    std::string outcome =
        "no win" + (compared.outcome == Comparison::NotShown
                        ? ", speedup " + describeSpeedup(compared.speedup)
                        : ": it failed");
    if (tries + 1 < first.size()) {
      progress(outcome + "; the plans are tried on their own libraries");
      continue;
    }
    std::string out = takeOutLeastSure(*choice);
    progress(outcome + "; the plan of " + out + " is taken out");
  }
  std::string reason = "no plans are faster for the whole function";
  if (!last.compared.samples.a.empty())
    reason += ": speedup " + describeSpeedup(last.compared.speedup);
  return chooseLibrary(last.compared, reason);
}

llvm::Expected<FunctionResult>
FunctionTuner::conclude(const FunctionChoice &choice, const Try &won) {
  progress("measuring the result afresh");
  ComparedSpeedup final;
  final.samples = measureAfresh(won.artefact);
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  if (final.samples.status != RunStatus::Ok) {
    if (llvm::Error error =
            recordFailure(choice, final.samples.status, final.samples.message))
      return error;
    return chooseLibrary({}, "the function with its plans failed: " +
                                 final.samples.message);
  }
  final.speedup = estimateSpeedup(final.samples);
  if (final.speedup.high < 1)
    return chooseLibrary(final, "the plans are taken out again: speedup " +
                                    describeSpeedup(final.speedup) +
                                    " when measured afresh");
  return choosePlans(choice, won, final);
}

llvm::Expected<FunctionResult> FunctionTuner::run() {
  if (llvm::Error error = buildLibraries())
    return error;
  runSeconds = subject.baselineSeconds();
  if (std::string problem = timeProblem(); !problem.empty())
    return FunctionResult{std::nullopt, problem};
  raceLibraries();
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  return subject.slots.empty() ? decide() : play();
}

llvm::Expected<FunctionResult>
sevenfold::tuneFunction(const FunctionSubject &subject,
                        const BuildFunction &build, const TuneParts &parts,
                        const TuneOptions &options, Budget &budget,
                        double until) {
  return FunctionTuner(subject, build, parts, options, budget, until).run();
}
