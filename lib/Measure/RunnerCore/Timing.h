//===- Timing.h - Interleaved timings of two functions ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of runs, the warm-ups between them, and the time limits announced
// before each.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_TIMING_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_TIMING_H

#include "Executor.h"

#include <functional>
#include <string>
#include <vector>

namespace sevenfold {
namespace runner {

/// What a run may take before the parent ends this process.
struct Limits {
  double minSeconds = 20;
  double factor = 8;
};

/// Tells the parent what happens next and how long it may take; `which` is "a",
/// "b", or empty for the runner's own work.
using Announce = std::function<void(const char *which, double limitSeconds)>;

struct Timings {
  std::vector<double> a, b;
  /// During each of them, in the order of time; empty where nobody tells.
  std::vector<Conditions> conditions;
  std::string which, message; ///< of a failure; both empty after success
};

/// Times `pairs` pairs in the order A B B A A B ..
Timings timePairs(const Library &a, const Library &b, Executor &executor,
                  int pairs, const Limits &limits, const Announce &announce);

/// The limit of a first run, when nothing is known but its operands: the time
/// that a square product of that many elements takes on a slow machine of the
/// executor's kind.
double firstRunLimit(const std::vector<Shape> &inputs,
                     const std::vector<Shape> &outputs, const Limits &limits,
                     const Executor &executor);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_TIMING_H
