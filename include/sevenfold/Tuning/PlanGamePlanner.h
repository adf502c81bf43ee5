//===- PlanGamePlanner.h - Plans by a learned value -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PlanGame: a plan is chosen decision by decision (provider, scheme and
// execution of each level, composed or not, border, stop), and the reward at
// its end is the measured logarithm of its speedup. Rules and positions are
// known, and a workload has at most some ten thousand plans, so that the value
// of every end is computed, where a tree search would sample them; what is to
// be found out by measuring is which value is right.
//
// The root is searched by drawing: rewards of all plans are drawn together from
// the posterior, and the best plan of each draw is measured, first several at
// once (Gumbel's top k with the noise that the value's uncertainty prescribes),
// then the leader beside a challenger, so that the pairs go where the decision
// is close (top-two Thompson sampling: Russo, "Simple Bayesian algorithms for
// best arm identification", COLT 2016). It ends where another pair would not
// change what is expected of the choice, or where no plan can be expected to
// win.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANGAMEPLANNER_H
#define SEVENFOLD_TUNING_PLANGAMEPLANNER_H

#include "sevenfold/Tuning/PlanPosterior.h"
#include "sevenfold/Tuning/Planner.h"

namespace sevenfold {

class PlanGamePlanner : public Planner {
public:
  PlanGamePlanner(PlanningTask task, const TuningConfig &config);

  std::vector<Proposal> propose() override;
  void observe(const Observation &observation) override;
  std::optional<size_t> finalist() const override;

private:
  /// The best plan of a draw that has not failed.
  std::optional<size_t> bestOf(const std::vector<double> &rewards) const;
  bool isDecided();
  std::vector<Proposal> proposeFirst();
  std::vector<Proposal> proposeTwo();

  PlanningTask task;
  TuningConfig config;
  PlanPosterior posterior;
  Random random;
  std::vector<bool> failed;
  int64_t pairsLeft;
  bool started = false;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANGAMEPLANNER_H
