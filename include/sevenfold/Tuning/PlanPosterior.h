//===- PlanPosterior.h - What measurements say of all plans -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conditions what is believed of the plans of one workload on what is measured
// of them, exactly: the belief is Gaussian, few directions move all plans
// together, and the rest is each plan's own. So one measured plan says
// something of those like it, which is what makes few measurements enough.
//
//   reward_i = mean_i + sum_d a_d direction_d,i + own_i,   a ~ N(0, 1),
//   own_i ~ N(0, ownDeviation^2), each pair measures reward_i + N(0, noise^2)
//
// How far the mean errs differs between shapes and machines: directions and own
// deviations are scaled together, by what makes the measurements most probable.
// Some plans are slow for reasons of their own: own parts have a t
// distribution, so that those say little of the others.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANPOSTERIOR_H
#define SEVENFOLD_TUNING_PLANPOSTERIOR_H

#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/PlanValue.h"

namespace sevenfold {

class PlanPosterior {
public:
  /// `belief` is in rewards.
  explicit PlanPosterior(PlanBelief belief);

  /// Takes the logarithms of the ratios of some pairs, measured in one run.
  void observe(size_t plan, llvm::ArrayRef<double> rewards);

  size_t size() const { return means.size(); }
  size_t pairs(size_t plan) const { return arms[plan].pairs; }
  /// Expected reward of a plan.
  double mean(size_t plan) const;
  /// The rewards of all plans, drawn together from the posterior.
  std::vector<double> draw(Random &random) const;

private:
  struct Arm {
    size_t pairs = 0, runs = 0;
    double sum = 0;
    double width = 1; ///< of its own part's variance, against the others'
    double average() const { return sum / double(pairs); }
  };
  /// Of an arm's average around the plan's reward.
  double noiseVariance(const Arm &arm) const;
  /// The plan's own part, given what the directions say of it.
  double ownMean(size_t plan, double shared) const;
  double ownVariance(size_t plan) const;
  double along(size_t plan, llvm::ArrayRef<double> weights) const;
  double ownPrior() const { return scale * scale * own * own; }
  /// Conditions on all measurements under the present scale; the logarithm of
  /// their probability, up to a constant.
  double conditionScaled();
  void fitScale();
  void widen();
  void condition();

  std::vector<double> means;
  std::vector<std::vector<double>> directions;
  double own, scale = 1;
  std::vector<Arm> arms;
  /// Sum of squares of pairs around the averages of their runs.
  double squares = 0;
  size_t degrees = 0;
  /// Posterior of the directions' weights: mean, and the lower Cholesky factor
  /// of the precision.
  std::vector<double> weights;
  std::vector<std::vector<double>> factor;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANPOSTERIOR_H
