//===- Machine.h - A machine whose speed drifts -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arms of known speed on a machine that has two speeds, noise and outliers.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_RUNNER_MACHINE_H
#define SEVENFOLD_TEST_UNIT_RUNNER_MACHINE_H

#include "sevenfold/Runner/TimedRuns.h"
#include "sevenfold/Support/Random.h"

#include <cmath>

namespace sevenfold {

struct Machine {
  std::vector<double> speeds; ///< of each arm; 0: crashes
  double noise = 0.03;        ///< of the logarithm of a run
  double outliers = 0;        ///< share of runs that take 1.5 times as long
  /// Runs until it changes between full and 0.6 of its speed; 0: never.
  int period = 0;
  uint64_t seed = 1;

  Random random{seed};
  int runs = 0;
  double clock = 0;

  TimedRuns operator()(const std::vector<size_t> &order) {
    TimedRuns timed;
    for (size_t arm : order)
      if (speeds[arm] == 0) {
        timed.status = RunStatus::Crashed;
        timed.message = "planted";
        timed.failed = arm;
        return timed;
      }
    for (size_t arm : order) {
      double machine = period && runs / period % 2 ? 0.6 : 1;
      double seconds =
          std::exp(noise * random.normal()) / speeds[arm] / machine;
      if (random.uniform() < outliers)
        seconds *= 1.5;
      timed.seconds.push_back(seconds);
      timed.timedSeconds += seconds;
      clock += seconds;
      ++runs;
    }
    return timed;
  }

  RunArms run() {
    return [this](const std::vector<size_t> &order) { return (*this)(order); };
  }
};

inline bool never() { return false; }

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_RUNNER_MACHINE_H
