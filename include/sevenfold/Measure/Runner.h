//===- Runner.h - Timing compiled code in a child process -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The measurement protocol as seen from the tool: pairs of timings of two
// artefacts, taken in a killable child (sevenfold-runner) on N(0,1) data in
// buffers rotated past the last-level cache, and the error of an artefact
// against float64. Candidates that crash, hang or answer wrongly are data.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_RUNNER_H
#define SEVENFOLD_MEASURE_RUNNER_H

#include "sevenfold/Measure/Artefact.h"
#include "sevenfold/Runner/TimedRuns.h"
#include "sevenfold/Support/Random.h"

#include "llvm/ADT/ArrayRef.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sevenfold {

llvm::StringRef stringifyRunStatus(RunStatus status);

/// The error of an artefact that computes a matmul.
struct ErrorSample {
  RunStatus status = RunStatus::Ok;
  std::string message;
  /// |C - C64|_F / |C64|_F, exact where the reference is cheap, else over
  /// sampled rows (`rows` of them), beside a randomised product check.
  double relative = 0;
  int64_t rows = 0;
};

struct RunnerOptions {
  std::string program; ///< path of sevenfold-runner
  int threads = 0;     ///< 0: all cores
  uint64_t seed = 0;
  double timeoutFactor = 8; ///< a run may take so many times its partner
  double minTimeoutSeconds = 20;
  std::string device = "host"; ///< that artefacts run on: "host" or "nvptx"
};

/// A timed run that has just ended.
struct RunReport {
  size_t position = 0, total = 0; ///< in the order, and of how many
  double seconds = 0;
};
using RunObserver = std::function<void(const RunReport &)>;

class Runner {
public:
  virtual ~Runner() = default;

  /// Has `observer` told of the runs of measureRuns as they end. A runner that
  /// cannot tell ignores it.
  virtual void observe(RunObserver observer) {}

  /// Runs artefacts, which must take the same buffers, in the order of their
  /// numbers. What did not run in the last call is run untimed first. Never
  /// fails: failures are in the status, and name who caused them where that is
  /// known.
  virtual TimedRuns measureRuns(llvm::ArrayRef<const Artefact *> artefacts,
                                const std::vector<size_t> &order) = 0;

  /// Times `pairs` adjacent pairs, of which a coin decides what comes first.
  PairSamples measurePairs(const Artefact &a, const Artefact &b, int pairs);

  /// Runs `artefact` on N(0,1) data and compares with float64. A NaN or an
  /// error above `bound` is WrongResult; bound <= 0 checks for NaN only.
  virtual ErrorSample measureError(const Artefact &artefact,
                                   const Workload &workload, double bound) = 0;

  /// Runs both on the same N(0,1) data: |out - reference|_F / |reference|_F
  /// over all outputs, for functions whose reference is another build of them.
  /// Statuses as in measureError; `rows` stays 0.
  virtual ErrorSample measureDifference(const Artefact &reference,
                                        const Artefact &candidate,
                                        double bound);

private:
  Random coin{0};
};

/// The buffers of an artefact and, where it multiplies matrices, its workload,
/// as the runner's requests have them (docs/Measurement.md).
nlohmann::json describeOperands(const Artefact &artefact);
nlohmann::json describeWorkload(const Workload &workload);

/// A runner that keeps a child process between calls, restarts it after a
/// failure, and holds the machine-wide measurement lock while measuring.
llvm::Expected<std::unique_ptr<Runner>>
createProcessRunner(const RunnerOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_RUNNER_H
