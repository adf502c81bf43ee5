//===- SequentialTest.h - A test for every look -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether one function is faster than another by more than a threshold, decided
// as soon as the pairs measured so far allow it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_SEQUENTIALTEST_H
#define SEVENFOLD_RUNNER_SEQUENTIALTEST_H

#include <array>

namespace sevenfold {

/// Bets that ratios exceed a threshold. Each pair doubles or loses a part of
/// the stake; if ratios exceed the threshold at most every other time, whatever
/// came before, the expected wealth never grows, and by Ville's inequality it
/// reaches 1 / alpha at any time with a probability of at most alpha
/// (Waudby-Smith and Ramdas, Estimating means of bounded random variables by
/// betting, JRSS B 86, 2024; Howard, Ramdas, McAuliffe and Sekhon,
/// Time-uniform Chernoff bounds via nonnegative supermartingales, Probability
/// Surveys 17, 2020). The condition holds under any drift of the machine's
/// speed where a coin decides which of a pair runs first: a drift favours
/// either as often. The wealth is the mean over several sizes of the stake.
class SequentialTest {
public:
  /// Of the hypothesis that the median ratio is at most `threshold`, at level
  /// `alpha` in (0, 1).
  SequentialTest(double threshold, double alpha);

  /// Takes the next ratio; one that equals the threshold counts against it.
  void add(double ratio);

  /// Whether the hypothesis was rejected at any time.
  bool isProven() const { return proven; }

  /// What a stake of 1 has become.
  double wealth() const;

  /// Whether, of `more` ratios to come, it can still be proven if they exceed
  /// the threshold as often as those so far may suggest at best: their share
  /// plus two standard errors. True before anything was added.
  bool isOpen(int more) const;

private:
  static constexpr std::array<double, 4> kStakes = {0.4, 0.6, 0.8, 0.95};

  double threshold, required;
  std::array<double, kStakes.size()> wealths;
  int added = 0, exceeding = 0;
  bool proven = false;
};

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_SEQUENTIALTEST_H
