//===- FunctionTunerImpl.h - Tuning one function ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stages of measuring one function. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TUNING_FUNCTIONTUNERIMPL_H
#define SEVENFOLD_LIB_TUNING_FUNCTIONTUNERIMPL_H

#include "sevenfold/Runner/Confirmation.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/FunctionTuner.h"

namespace sevenfold {

/// "1.032 (1.011 to 1.050) in 15 pairs".
std::string describeSpeedup(const Speedup &speedup);

/// Whether an interval says nothing: it is wide and does not exclude a win.
bool isTooNoisy(const Speedup &speedup, double noisyWidth);

/// What a comparison says of a function with plans over the library.
enum class Comparison {
  Above,     ///< it is faster
  NotShown,  ///< that was not shown
  OutOfTime, ///< the time ended before anything was shown
  Failed     ///< one of them failed; the samples have the status
};

struct ComparedSpeedup {
  Comparison outcome = Comparison::OutOfTime;
  PairSamples samples; ///< all that were measured
  Speedup speedup;     ///< estimated from them
};

class FunctionPlay;

class FunctionTuner {
public:
  FunctionTuner(const FunctionSubject &subject, const BuildFunction &build,
                const TuneParts &parts, const TuneOptions &options,
                Budget &budget, double until)
      : subject(subject), build(build), parts(parts), options(options),
        budget(budget), until(until), random(options.seed) {}

  llvm::Expected<FunctionResult> run();

private:
  friend class FunctionPlay;

  /// The function by a library.
  struct Library {
    std::string provider;
    Artefact artefact;
    std::vector<double> seconds;
  };
  /// One comparison of the function with plans.
  struct Try {
    Artefact artefact;
    double difference = 0; ///< from the library's result
    ComparedSpeedup compared{Comparison::Failed, {}, {}};
  };

  llvm::Error buildLibraries();
  /// Those that are worth timing at all, by the races of the products.
  std::vector<size_t> raceEntrants() const;
  void raceLibraries();
  llvm::Expected<FunctionResult> decide();
  /// Plays the function as a whole, and confirms what the game ends with.
  llvm::Expected<FunctionResult> play();
  llvm::Expected<Try> attempt(const FunctionChoice &choice, double alpha);
  /// Measures what was built and is right against the library; the outcome is
  /// in `made`.
  llvm::Error compare(const FunctionChoice &choice, double alpha, Try &made);
  /// Nothing where it does not build, which is recorded.
  llvm::Expected<std::optional<Artefact>>
  buildRecorded(const FunctionChoice &choice);
  /// Compares results with the library's; false where they are wrong, which is
  /// recorded.
  llvm::Expected<bool> check(const FunctionChoice &choice,
                             const Artefact &artefact, double &difference);
  /// Measures what won once more and keeps it, or not.
  llvm::Expected<FunctionResult> conclude(const FunctionChoice &choice,
                                          const Try &won);

  llvm::Expected<FunctionResult> choosePlans(const FunctionChoice &choice,
                                             const Try &won,
                                             const ComparedSpeedup &final);
  llvm::Expected<FunctionResult> chooseLibrary(const ComparedSpeedup &compared,
                                               const std::string &reason);
  llvm::Error recordFailure(const FunctionChoice &choice, RunStatus status,
                            const std::string &message);
  Record makeRecord(const FunctionChoice &choice) const;
  WorkloadReport makeReport(const ComparedSpeedup &compared) const;

  FunctionChoice classicalChoice(const std::string &provider) const;
  llvm::Expected<FunctionChoice> proposedChoice() const;
  /// What is tried before plans are taken out. Libraries with threads of their
  /// own cost time where they take turns: first the plans' levels on the
  /// library of the rest, then the plans as they were measured.
  std::vector<FunctionChoice>
  firstChoices(const FunctionChoice &proposed) const;
  /// Takes out the plan of the workload whose record is the least sure; its
  /// name.
  std::string takeOutLeastSure(FunctionChoice &choice) const;
  /// The sum of the bounds of the products.
  double errorBound(const FunctionChoice &choice) const;
  /// How far results may be from the library's.
  double allowedDifference(const FunctionChoice &choice);

  const Library &library() const { return libraries[best]; }
  double secondsLeft() const;
  /// Runs artefacts, charged to the budget.
  TimedRuns runInOrder(llvm::ArrayRef<const Artefact *> artefacts,
                       const std::vector<size_t> &order);
  /// Pairs of a library's function and another, as many as a report needs or
  /// the time allows.
  PairSamples measureAfresh(const Artefact &artefact);
  /// Empty where the time suffices for a decision and its report.
  std::string timeProblem() const;
  void progress(const std::string &text) const;

  const FunctionSubject &subject;
  const BuildFunction &build;
  const TuneParts &parts;
  const TuneOptions &options;
  Budget &budget;
  double until;
  Random random;

  std::vector<Library> libraries;
  size_t best = 0;
  double runSeconds = 0; ///< of one call, as far as known
  /// How far results of two libraries are apart; nothing before it was asked.
  std::optional<double> apart;
  /// Of a function that is played: assignments that were measured.
  size_t measured = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TUNING_FUNCTIONTUNERIMPL_H
