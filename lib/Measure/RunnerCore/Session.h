//===- Session.h - Requests to a measuring child -------------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tool's end of the protocol: sends a request, watches the limits that the
// child announces, and turns every way to fail into a status.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_SESSION_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_SESSION_H

#include "ChildProcess.h"
#include "Timing.h"

#include "sevenfold/Runner/TimedRuns.h"

#include <nlohmann/json.hpp>

namespace sevenfold {
namespace runner {

/// How a request ended: `reply` is set for Ok.
struct Outcome {
  RunStatus status = RunStatus::Ok;
  std::string message;
  nlohmann::json reply;
  /// Whose failure it is, as the runner names it; empty: nobody's.
  std::string which = {};
};

/// The runs in the answer to a request to time some.
TimedRuns timedRuns(const Outcome &outcome);

/// A child that is kept between requests and started anew after a failure.
class Session {
public:
  /// `program` is sevenfold-runner.
  Session(std::string program, int threads)
      : program(std::move(program)), threads(threads) {}

  /// Holds the machine's measurement lock meanwhile, where something is
  /// measured or checked. Messages name the function and the library of the
  /// request that failed. DeviceLost where the request's device is not there,
  /// or no longer. `ran` is told of timed runs.
  Outcome exchange(const nlohmann::json &request, const Ran &ran = {});

private:
  Outcome exchangeOnce(const nlohmann::json &request, const Ran &ran);
  /// Empty, or why there is no child.
  std::string ensureChild();
  Outcome await(const nlohmann::json &request, const Ran &ran);

  std::string program;
  int threads;
  ChildProcess child;
};

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_SESSION_H
