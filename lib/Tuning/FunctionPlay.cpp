//===- FunctionPlay.cpp - A function tuned as one game --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds and runs what a player proposes, and confirms what it ends with.
//
//===----------------------------------------------------------------------===//

#include "FunctionTunerImpl.h"

#include "sevenfold/Database/Database.h"
#include "sevenfold/Runner/Block.h"
#include "sevenfold/Runner/Finals.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/FunctionGame.h"

#include <fmt/format.h>

#include <cmath>

using namespace sevenfold;

namespace sevenfold {
/// One game, for as long as the function is tuned.
class FunctionPlay {
public:
  explicit FunctionPlay(FunctionTuner &tuner)
      : tuner(tuner), space(factsOf(tuner), tuner.parts.policy.belief),
        position(space, tuner.parts.policy.belief),
        player(createFunctionPlayer(tuner.options.strategy, position,
                                    {blockSize(tuner.runSeconds), kRoundsOfMove,
                                     tuner.options.config.price},
                                    tuner.options.seed)) {}

  llvm::Expected<FunctionResult> run();

private:
  using Try = FunctionTuner::Try;

  static FunctionFacts factsOf(const FunctionTuner &tuner);
  llvm::Expected<FunctionChoice> choiceOf(size_t i) const;
  /// Measures what is proposed until the game ends, or the time for it.
  llvm::Error measure();
  CandidateHooks hooks();
  bool prepare(size_t i);
  /// Finds out what confirming will take.
  void keepReserve();
  bool isOver() const;
  /// The next to be confirmed.
  std::optional<size_t> finalist() const;
  /// Checks and compares an assignment.
  llvm::Expected<Try> attempt(size_t i);
  /// What there is to say where nothing has won.
  llvm::Expected<FunctionResult> end();
  void keep(llvm::Error error);

  FunctionTuner &tuner;
  FunctionSpace space;
  FunctionPosition position;
  std::unique_ptr<FunctionPlayer> player;
  std::map<size_t, Artefact> artefacts;
  std::vector<size_t> tried; ///< those that were compared
  Try last;                  ///< that was not shown to win
  double reserve = 0;        ///< seconds that are kept for confirming
  bool outOfTime = false;
  /// Whether anything was worth measuring, and nothing was to begin with.
  bool hasProposed = false, promisesNothing = false;
  std::string problem; ///< why the run has to end
};
} // namespace sevenfold

FunctionFacts FunctionPlay::factsOf(const FunctionTuner &tuner) {
  FunctionFacts facts;
  facts.slots = tuner.subject.slots;
  facts.share = tuner.subject.sums.share;
  facts.seconds = median(tuner.library().seconds);
  for (const FunctionTuner::Library &library : tuner.libraries) {
    if (library.seconds.empty())
      continue;
    if (&library == &tuner.library())
      facts.baseline = facts.libraries.size();
    facts.libraries.push_back(library.provider);
  }
  return facts;
}

llvm::Expected<FunctionChoice> FunctionPlay::choiceOf(size_t i) const {
  const Assignment &assignment = position.at(i);
  FunctionChoice choice =
      tuner.classicalChoice(space.facts().libraries[assignment.library]);
  choice.sums.share = assignment.share;
  for (size_t slot = 0; slot < assignment.plans.size(); ++slot) {
    if (assignment.plans[slot] == Assignment::kLibrary)
      continue;
    const PlanSlot &open = space.facts().slots[slot];
    const Plan &plan = open.plans[assignment.plans[slot]].plan;
    auto hashes = planSchemeHashes(plan);
    if (!hashes)
      return hashes.takeError();
    for (ProductChoice &product : choice.products)
      if (product.workload == open.workload)
        product = {open.workload, plan, *hashes};
  }
  return choice;
}

//===----------------------------------------------------------------------===//
// The game
//===----------------------------------------------------------------------===//

void FunctionPlay::keep(llvm::Error error) {
  if (error)
    problem = llvm::toString(std::move(error));
}

/// What is kept for confirming: pairs as a noisy machine takes them, the last
/// series, and checks; but not more than a part of the time of the game.
static constexpr int kReservedPairs = 30, kReservedChecks = 2;
static constexpr double kLargestReserve = 0.4;

void FunctionPlay::keepReserve() {
  double start = tuner.secondsLeft();
  // Two libraries are compared in any case, which costs what a check does.
  tuner.allowedDifference(tuner.classicalChoice(tuner.library().provider));
  if (!std::isfinite(start))
    return;
  double check = start - tuner.secondsLeft(),
         runs = 2 * (kReservedPairs + kComparisonPairs);
  reserve = std::min(runs * tuner.runSeconds + kReservedChecks * check,
                     kLargestReserve * start);
}

bool FunctionPlay::isOver() const { return tuner.secondsLeft() <= reserve; }

bool FunctionPlay::prepare(size_t i) {
  if (artefacts.count(i))
    return true;
  auto choice = choiceOf(i);
  if (!choice) {
    keep(choice.takeError());
    return false;
  }
  auto artefact = tuner.buildRecorded(*choice);
  if (!artefact) {
    if (llvm::Error error = artefact.takeError(); !takeInterrupted(error))
      keep(std::move(error));
    return false;
  }
  if (!*artefact) {
    position.failed(i, Fitness::Runs);
    return false;
  }
  artefacts[i] = std::move(**artefact);
  return true;
}

CandidateHooks FunctionPlay::hooks() {
  CandidateHooks hooks;
  hooks.prepare = [this](size_t i) { return prepare(i); };
  hooks.run = [this](const std::vector<size_t> &block,
                     const std::vector<size_t> &order) {
    std::vector<const Artefact *> arms = {&tuner.library().artefact};
    for (size_t i : block)
      arms.push_back(&artefacts.at(i));
    return tuner.runInOrder(arms, order);
  };
  hooks.observed = [this](size_t i, const std::vector<double> &speedups) {
    if (position.standings().measurements(i) == speedups.size())
      ++tuner.measured;
    position.passed(i, Fitness::Runs);
    if (auto choice = choiceOf(i))
      tuner.progress(fmt::format("{:.3f}x {} ({})", std::exp(median(speedups)),
                                 choice->str(),
                                 tuner.budget.describeRemaining()));
    else
      keep(choice.takeError());
  };
  hooks.failed = [this](size_t i, RunStatus status,
                        const std::string &message) {
    position.failed(i, Fitness::Runs);
    if (auto choice = choiceOf(i))
      keep(tuner.recordFailure(*choice, status, message));
    else
      keep(choice.takeError());
  };
  hooks.isOver = [this] { return isOver(); };
  hooks.stopped = [this] {
    return tuner.options.interrupted() || !problem.empty();
  };
  return hooks;
}

llvm::Error FunctionPlay::measure() {
  CandidateHooks own = hooks();
  while (!isOver()) {
    Rung rung = player->propose();
    promisesNothing = rung.candidates.empty() && !hasProposed;
    hasProposed = hasProposed || !rung.candidates.empty();
    if (rung.candidates.empty() || !runRung(rung, position.standings(), own,
                                            tuner.runSeconds, tuner.random))
      break;
  }
  if (!problem.empty())
    return makePlainError(problem);
  return tuner.options.interrupted.check();
}

//===----------------------------------------------------------------------===//
// Its end
//===----------------------------------------------------------------------===//

std::optional<size_t> FunctionPlay::finalist() const {
  bool isTooLate = tuner.secondsLeft() <=
                   2 * (kPlainPairs + kFewestBoundedPairs) * tuner.runSeconds;
  if (tried.size() >= kMostAttempts || outOfTime ||
      (!tried.empty() && isTooLate))
    return std::nullopt;
  for (size_t i : position.ranked()) {
    if (llvm::is_contained(tried, i) || !position.isOpen(i))
      continue;
    // One is measured well in any case, to say how much it is off.
    if (tried.empty() || position.standings().mean(i) >= kHopefulGain)
      return i;
    return std::nullopt;
  }
  return std::nullopt;
}

llvm::Expected<FunctionPlay::Try> FunctionPlay::attempt(size_t i) {
  auto choice = choiceOf(i);
  if (!choice)
    return choice.takeError();
  tuner.progress(fmt::format("confirming the function with {} ({})",
                             choice->str(), tuner.budget.describeRemaining()));
  Try made;
  made.artefact = artefacts.at(i);
  auto isRight = tuner.check(*choice, made.artefact, made.difference);
  if (!isRight)
    return isRight.takeError();
  if (!*isRight) {
    position.failed(i, Fitness::Right);
    return made;
  }
  position.passed(i, Fitness::Right);
  double alpha = spentAlpha(int(tried.size()));
  tried.push_back(i);
  if (llvm::Error error = tuner.compare(*choice, alpha, made))
    return error;
  if (made.compared.outcome == Comparison::Failed) {
    position.failed(i, Fitness::Runs);
    return made;
  }
  std::vector<double> speedups;
  for (double ratio : pairRatios(made.compared.samples))
    speedups.push_back(std::log(ratio));
  position.standings().observe(i, speedups);
  return made;
}

llvm::Expected<FunctionResult> FunctionPlay::end() {
  const ComparedSpeedup &compared = last.compared;
  if (compared.samples.a.empty())
    return FunctionResult{
        std::nullopt,
        outOfTime             ? "its part of the budget is too small for "
                                "the pairs of a comparison"
        : promisesNothing     ? "no assignment of plans promises enough to be "
                                "measured"
        : tuner.measured == 0 ? "no assignment of plans could be measured"
                              : "every assignment of plans has failed"};
  if (isTooNoisy(compared.speedup, tuner.options.config.noisyWidth))
    return FunctionResult{std::nullopt, "too noisy to tell, speedup " +
                                            describeSpeedup(compared.speedup)};
  return tuner.chooseLibrary(compared,
                             "no plans are faster for the whole function: "
                             "speedup " +
                                 describeSpeedup(compared.speedup));
}

llvm::Expected<FunctionResult> FunctionPlay::run() {
  keepReserve();
  while (true) {
    if (llvm::Error error = measure())
      return error;
    auto next = finalist();
    if (!next)
      return end();
    auto made = attempt(*next);
    if (!made)
      return made.takeError();
    switch (made->compared.outcome) {
    case Comparison::Above: {
      auto choice = choiceOf(*next);
      return choice ? tuner.conclude(*choice, *made)
                    : llvm::Expected<FunctionResult>(choice.takeError());
    }
    case Comparison::NotShown:
      tuner.progress("no win, speedup " +
                     describeSpeedup(made->compared.speedup));
      // What was tried first is what was best before luck was measured out.
      if (last.compared.samples.a.empty())
        last = std::move(*made);
      break;
    case Comparison::OutOfTime:
      outOfTime = true;
      break;
    case Comparison::Failed:
      break;
    }
  }
}

llvm::Expected<FunctionResult> FunctionTuner::play() {
  return FunctionPlay(*this).run();
}
