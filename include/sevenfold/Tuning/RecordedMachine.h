//===- RecordedMachine.h - A table in the place of a machine ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A table of plans stands for the machine it was recorded on, and plays
// thousands of games in the time that one takes there. Its samples are split:
// runs are drawn from one half, which also names the best plan there is, and
// the other half says what a choice is worth, so that nobody is paid for luck.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_RECORDEDMACHINE_H
#define SEVENFOLD_TUNING_RECORDEDMACHINE_H

#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/PlanTable.h"
#include "sevenfold/Tuning/PlanValue.h"

#include <vector>

namespace sevenfold {

/// Of the samples of a plan, by their numbers.
enum class Half { Odd, Even };

class RecordedMachine {
public:
  /// Every second sample is drawn from, those of `drawn`; of plans
  /// with few samples, which a recording dropped as slow, all are in both
  /// halves.
  RecordedMachine(const PlanTable &table, Half drawn);

  size_t size() const { return arms.size(); }
  /// Whether a plan cannot run.
  bool fails(size_t plan) const { return arms[plan].drawn.empty(); }
  /// The logarithms of the speedups of so many runs, drawn with replacement.
  std::vector<double> run(size_t plan, int rounds, Random &random) const;
  /// The time of a run, in runs of the baseline.
  double cost(size_t plan) const { return arms[plan].cost; }
  /// The logarithm of the speedup that a plan has in the end: where it is
  /// slower than the baseline, that is kept.
  double worth(size_t plan) const { return arms[plan].worth; }
  /// The worth of the plan that is the best of those drawn from.
  double gain() const;

private:
  struct Arm {
    std::vector<double> drawn;
    double best = 0; ///< median of those
    double worth = 0, cost = 1;
  };
  std::vector<Arm> arms;
};

/// Whether the plan with the best median has samples enough to be split: games
/// on others pay for luck.
bool isSplit(const PlanTable &table);

/// What there is to gain, the mean of both splits; at least 0.
double achievableGain(const PlanTable &table);

/// The plans of a table as a player sees them, those first that are expected to
/// be the fastest, and where in the table they are.
std::vector<Candidate> candidatesOf(const PlanTable &table,
                                    const PlanValue &value,
                                    std::vector<size_t> &places);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_RECORDEDMACHINE_H
