//===- FakeFunctions.h - Functions with planted speeds ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A machine on which functions are as fast as a test says.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_TUNING_FAKEFUNCTIONS_H
#define SEVENFOLD_TEST_UNIT_TUNING_FAKEFUNCTIONS_H

#include "FakeMachine.h"

#include "sevenfold/Database/FunctionChoice.h"

namespace sevenfold {

/// Functions whose speeds a test gives, under seeded noise.
class FakeFunctions : public Runner {
public:
  /// Times that of "onednn" without plans; asked at every series.
  std::function<double(const FunctionChoice &)> speedOf =
      [](const FunctionChoice &) { return 1.0; };
  /// The difference of a choice from the library's result.
  std::function<double(const FunctionChoice &)> differenceOf =
      [](const FunctionChoice &) { return 1e-7; };
  /// Why a choice does not build; empty: it does.
  std::function<std::string(const FunctionChoice &)> failureOf =
      [](const FunctionChoice &) { return ""; };
  /// Called after every measurement.
  std::function<void()> afterMeasurement = [] {};
  double seconds = 0.1, noise = 0.005;
  Random random{1};
  int series = 0, count = 0; ///< of the series in progress
  std::vector<FunctionChoice> built;

  llvm::Expected<Artefact> build(const FunctionChoice &choice) {
    if (std::string failure = failureOf(choice); !failure.empty())
      return makePlainError(failure);
    Artefact artefact;
    artefact.library = std::to_string(built.size());
    artefact.workspaceBytes = choice.hasPlans() ? 1 << 20 : 0;
    built.push_back(choice);
    return artefact;
  }

  TimedRuns measureRuns(llvm::ArrayRef<const Artefact *> artefacts,
                        const std::vector<size_t> &order) override {
    ++series;
    count = int(order.size()) / 2;
    TimedRuns runs;
    for (size_t arm : order) {
      runs.seconds.push_back(run(*artefacts[arm]));
      runs.timedSeconds += runs.seconds.back();
    }
    afterMeasurement();
    return runs;
  }

  ErrorSample measureError(const Artefact &, const Workload &,
                           double) override {
    return {};
  }

  ErrorSample measureDifference(const Artefact &, const Artefact &candidate,
                                double bound) override {
    ErrorSample sample;
    sample.relative = differenceOf(choiceOf(candidate));
    if (bound > 0 && sample.relative > bound)
      sample.status = RunStatus::WrongResult;
    return sample;
  }

private:
  const FunctionChoice &choiceOf(const Artefact &artefact) const {
    return built[std::stoul(artefact.library)];
  }
  double run(const Artefact &artefact) {
    return seconds / speedOf(choiceOf(artefact)) *
           std::exp(noise * random.normal());
  }
};

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_TUNING_FAKEFUNCTIONS_H
