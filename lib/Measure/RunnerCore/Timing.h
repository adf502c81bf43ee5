//===- Timing.h - Interleaved timings of functions --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs in an order, the warm-ups between them, and the time limits announced
// before each.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_TIMING_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_TIMING_H

#include "Executor.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sevenfold {
namespace runner {

/// What a run may take before the parent ends this process.
struct Limits {
  double minSeconds = 20;
  double factor = 8;
};

/// Tells the parent what happens next and how long it may take; `which` is the
/// number of a function, or empty for the runner's own work.
using Announce =
    std::function<void(const std::string &which, double limitSeconds)>;

/// Told of every timed run as it ends: its place in the order, and its seconds.
using Ran = std::function<void(size_t position, double seconds)>;

/// A function that is timed.
struct Contestant {
  const Code *code = nullptr;
  double seconds = 0; ///< of its latest run; 0: it never ran
};

struct Timings {
  std::vector<double> seconds; ///< of one run, in the order of time
  std::vector<double> starts;  ///< of the runs, by the clock
  /// During each of them; empty where nobody tells.
  std::vector<Conditions> conditions;
  double timedSeconds = 0, warmUpSeconds = 0; ///< of all runs together
  std::optional<size_t> failed;               ///< which function
  std::string message;                        ///< empty after success
};

/// Times functions in an order of their numbers. One that never ran is run
/// first, untimed.
Timings timeRuns(std::vector<Contestant> &contestants,
                 const std::vector<size_t> &order, Executor &executor,
                 const Limits &limits, const Announce &announce,
                 const Ran &ran);

/// The limit of a first run, when nothing is known but its operands: the time
/// that a square product of that many elements takes on a slow machine of the
/// executor's kind.
double firstRunLimit(const std::vector<Shape> &inputs,
                     const std::vector<Shape> &outputs, const Limits &limits,
                     const Executor &executor);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_TIMING_H
