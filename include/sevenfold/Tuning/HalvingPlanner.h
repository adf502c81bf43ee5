//===- HalvingPlanner.h - Successive halving --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Successive halving with pairs as the fidelity: Jamieson and Talwalkar,
// "Non-stochastic best arm identification and hyperparameter optimization",
// AISTATS 2016. The provider comes first: the best predicted plan is raced with
// every provider, and the winner's plans are then halved.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_HALVINGPLANNER_H
#define SEVENFOLD_TUNING_HALVINGPLANNER_H

#include "sevenfold/Tuning/PlanArms.h"
#include "sevenfold/Tuning/Planner.h"

namespace sevenfold {

class HalvingPlanner : public Planner {
public:
  HalvingPlanner(PlanningTask task, const TuningConfig &config);

  std::vector<Proposal> propose() override;
  void observe(const Observation &observation) override {
    arms.observe(observation);
  }
  std::optional<size_t> finalist() const override;

private:
  enum class Stage { Providers, FirstRung, LaterRungs, Done };

  std::vector<Proposal> proposeProviders();
  std::vector<Proposal> proposeFirstRung();
  std::vector<Proposal> proposeNextRung();
  /// Candidates of `from` that have not failed, the best score first.
  std::vector<size_t> ranked(const std::vector<size_t> &from) const;

  PlanningTask task;
  TuningConfig config;
  Stage stage = Stage::Providers;
  PlanArms arms;
  std::vector<size_t> rung; ///< candidates in the present race
  int64_t rungPairs = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_HALVINGPLANNER_H
