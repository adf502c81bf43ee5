//===- Confirmation.h - Whether a function is faster ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two functions against each other in pairs, until a test that may be looked at
// after every pair has proven that the second is faster, until it no longer
// can, or until the time is up.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_CONFIRMATION_H
#define SEVENFOLD_RUNNER_CONFIRMATION_H

#include "sevenfold/Runner/TimedRuns.h"

namespace sevenfold {

/// Pairs that prove a plain win, with some to spare for one that went wrong.
inline constexpr int kUsualPairs = 16;
/// The pairs without which no attempt is worth beginning: all of them won prove
/// a win at the first attempt's level.
inline constexpr int kPlainPairs = 10;

struct ConfirmationRules {
  /// What is to be proven: a median ratio above this.
  double threshold = kWinningLowerBound;
  /// The probability of a proof where it is not so.
  double alpha = 0.005;
  /// Most seconds of timed runs once there are `pairs` pairs. The first batch
  /// is run in any case.
  double seconds = 120;
  /// What is run whatever it takes: enough to prove what is plain.
  int pairs = kUsualPairs;
  /// Whether a series ends where it will hardly prove anything.
  bool mayGiveUp = true;
};

/// The pairs between two looks; the first comes after kFewestBoundedPairs.
inline constexpr int kPairsAtOnce = 3;
/// The most pairs of a confirmation, however short they are.
inline constexpr int kMostPairs = 120;

/// What is left of the level of a whole procedure for its attempt number
/// `attempt`, from 0: 1/2, 1/4, 1/8 .. of 1 %.
double spentAlpha(int attempt);

struct ConfirmationSeries {
  PairSamples samples;
  bool isProven = false;
};

/// Measures arm 1 against arm 0. Ends early where `stopped` says so, with what
/// there is. A run that fails ends it, with the status in the samples.
/// `samples` are those of a series that is continued.
ConfirmationSeries confirm(const RunArms &run, const ConfirmationRules &rules,
                           Random &random, const std::function<bool()> &stopped,
                           PairSamples samples = {});

/// Whether the pairs of such a series, looked at one by one, prove it: what one
/// who has only the samples concludes.
bool proves(const std::vector<double> &ratios, double threshold, double alpha);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_CONFIRMATION_H
