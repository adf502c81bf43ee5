//===- Block.h - A few functions in rounds ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Many candidates, few runs each: blocks of at most four beside the baseline,
// which all run once a round in an order drawn anew. So a candidate is never
// confounded with the one that ran before it, and the baseline's runs are
// shared.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_BLOCK_H
#define SEVENFOLD_RUNNER_BLOCK_H

#include "sevenfold/Runner/TimedRuns.h"

namespace sevenfold {

/// The most candidates, and seconds of them, between two runs of the baseline.
inline constexpr size_t kBlockArms = 4;
inline constexpr double kBlockSeconds = 3;

/// How many candidates of about so many seconds a run make a block: from 1 to
/// kBlockArms.
size_t blockSize(double seconds);

/// The order of a block of `rounds` rounds of the baseline, arm 0, and the arms
/// 1 .. `candidates`: each round begins with the baseline, and one more run of
/// it ends the block.
std::vector<size_t> blockOrder(size_t candidates, int rounds, Random &random);

/// The logarithms of the speedups of each candidate over the baseline, round by
/// round, from the seconds of a block. A time is taken to be that of its arm
/// times the machine's at the moment,
///   log seconds = arm + round + noise,
/// fitted by medians in turn (Tukey's median polish: Exploratory Data Analysis,
/// 1977, chapter 11): a run that was hit by something does not bend the fit.
std::vector<std::vector<double>>
blockSpeedups(const std::vector<size_t> &order,
              const std::vector<double> &seconds, size_t candidates);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_BLOCK_H
