//===- PlanValueEnsemble.cpp - What plans are worth, learned --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The value of PlanGame: an ensemble of small networks that predict by how much
// the cost model is wrong. Its members differ in the workloads they were shown
// (a bootstrap over workloads, not plans: what is wanted is how well a shape
// that was not seen is predicted) and in a random function each that is added
// to it and not trained, so that they disagree where there were no data (Osband
// et al., "Randomized prior functions for deep reinforcement learning", NeurIPS
// 2018). All members are one batch of matrices:
//
//   f_e(x) = W3_e tanh(W2_e tanh(W1_e x + b1_e) + b2_e) + b3_e + prior_e(x)
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/PlanValueEnsemble.h"

#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

static constexpr int64_t kMembers = 8, kWidth = 32, kBatch = 256;
static constexpr int64_t kSteps = 1500;
static constexpr double kLearningRate = 3e-3, kWeightDecay = 1e-3;
/// Of the random functions, in units of the residuals' own deviation.
static constexpr double kPriorScale = 0.5;
/// Plans of which not even the workload is known to any member.
static constexpr double kLeastOwnDeviation = 0.008;

namespace {
using torch::Tensor;

/// kMembers networks of two hidden layers; [N, features] -> [members, N].
class Members : public torch::nn::Module {
public:
  explicit Members(int64_t features) {
    w1 = add("w1", {kMembers, features, kWidth}, features);
    b1 = add("b1", {kMembers, 1, kWidth}, features);
    w2 = add("w2", {kMembers, kWidth, kWidth}, kWidth);
    b2 = add("b2", {kMembers, 1, kWidth}, kWidth);
    w3 = add("w3", {kMembers, kWidth, 1}, kWidth);
    b3 = add("b3", {kMembers, 1, 1}, kWidth);
  }

  Tensor forward(const Tensor &features) {
    Tensor input = features.unsqueeze(0).expand({kMembers, -1, -1});
    Tensor hidden = torch::tanh(torch::baddbmm(b1, input, w1));
    hidden = torch::tanh(torch::baddbmm(b2, hidden, w2));
    return torch::baddbmm(b3, hidden, w3).squeeze(2);
  }

private:
  Tensor add(const char *name, torch::IntArrayRef shape, int64_t inputs) {
    return register_parameter(name,
                              torch::randn(shape) / std::sqrt(double(inputs)));
  }

  Tensor w1, b1, w2, b2, w3, b3;
};

class PlanValueEnsemble : public PlanValue {
public:
  PlanValueEnsemble(llvm::ArrayRef<PlanExperience> experience, uint64_t seed)
      : members(kPlanFeatureCount), prior(kPlanFeatureCount) {
    gather(experience);
    drawWorkloads(experience, seed);
    train();
    judge();
  }

  PlanBelief evaluate(llvm::ArrayRef<PlanFeatures> plans) const override {
    PlanBelief belief;
    belief.ownDeviation = ownDeviation;
    belief.mean.resize(plans.size());
    belief.directions.assign(kMembers, std::vector<double>(plans.size()));
    if (plans.empty())
      return belief;
    torch::NoGradGuard noGradients;
    Tensor inputs = torch::empty({int64_t(plans.size()), kPlanFeatureCount});
    for (size_t i = 0; i < plans.size(); ++i)
      std::copy(plans[i].begin(), plans[i].end(),
                inputs.data_ptr<float>() + i * kPlanFeatureCount);
    Tensor outputs = predict(standardised(inputs)).to(torch::kFloat64);
    Tensor mean = outputs.mean(0);
    // Members around their mean: as directions of unit uncertainty they have
    // the ensemble's covariance.
    Tensor around =
        ((outputs - mean) / std::sqrt(double(kMembers - 1))).contiguous();
    for (size_t i = 0; i < plans.size(); ++i)
      belief.mean[i] = mean[int64_t(i)].item<double>();
    for (int64_t e = 0; e < kMembers; ++e)
      std::copy_n(around[e].data_ptr<double>(), plans.size(),
                  belief.directions[size_t(e)].begin());
    return belief;
  }

private:
  void gather(llvm::ArrayRef<PlanExperience> experience) {
    int64_t count = int64_t(experience.size());
    features = torch::empty({count, kPlanFeatureCount});
    residuals = torch::empty({count});
    precision = torch::empty({count});
    for (int64_t i = 0; i < count; ++i) {
      const PlanExperience &plan = experience[size_t(i)];
      std::copy(plan.features.begin(), plan.features.end(),
                features.data_ptr<float>() + i * kPlanFeatureCount);
      residuals[i] = plan.residual;
      precision[i] = 1 / (plan.variance + 1e-4);
    }
    centre = features.mean(0);
    // A feature that never varied says nothing, and must not once it does.
    spread = features.std(0, /*unbiased=*/false).clamp_min(0.1);
    features = standardised(features);
    deviation =
        std::max(residuals.std(/*unbiased=*/false).item<double>(), 1e-3);
    precision = precision / precision.mean();
  }

  /// Each member sees every workload Poisson(1) times.
  void drawWorkloads(llvm::ArrayRef<PlanExperience> experience, uint64_t seed) {
    unsigned groups = 0;
    for (const PlanExperience &plan : experience)
      groups = std::max(groups, plan.group + 1);
    Random random(seed);
    shown = torch::empty({kMembers, int64_t(experience.size())});
    for (int64_t e = 0; e < kMembers; ++e) {
      std::vector<float> times(groups);
      for (float &count : times) {
        double product = random.uniform();
        for (; product > std::exp(-1.0); product *= random.uniform())
          ++count;
      }
      // A member without any data would be of no use.
      if (std::all_of(times.begin(), times.end(),
                      [](float count) { return count == 0; }))
        times[random.below(groups)] = 1;
      for (size_t i = 0; i < experience.size(); ++i)
        shown[e][int64_t(i)] = times[experience[i].group];
    }
  }

  void train() {
    int64_t count = features.size(0);
    torch::optim::AdamW optimizer(
        members.parameters(),
        torch::optim::AdamWOptions(kLearningRate).weight_decay(kWeightDecay));
    for (int64_t step = 0; step < kSteps; ++step) {
      Tensor batch = count <= kBatch
                         ? torch::arange(count)
                         : torch::randint(count, {kBatch}, torch::kLong);
      Tensor error = outputs(features.index_select(0, batch)) -
                     residuals.index_select(0, batch) / deviation;
      Tensor weight =
          shown.index_select(1, batch) * precision.index_select(0, batch);
      Tensor loss = (weight * error.square()).mean(1).sum();
      for (torch::optim::OptimizerParamGroup &group : optimizer.param_groups())
        group.options().set_lr(kLearningRate *
                               (1 - double(step) / double(kSteps)));
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
    }
  }

  /// What no member foresees of a plan, by those that did not see its workload:
  /// apart from what all plans of a workload have in common, which is believed
  /// of separately.
  void judge() {
    torch::NoGradGuard noGradients;
    Tensor unseen = (shown == 0).to(torch::kFloat32);
    Tensor count = unseen.sum(0);
    Tensor error =
        (predict(features) * unseen).sum(0) / count.clamp_min(1) - residuals;
    Tensor judged = error.masked_select(count > 0);
    double square = 0;
    if (judged.numel() > 1)
      square = (judged - judged.mean()).square().mean().item<double>();
    ownDeviation =
        std::clamp(0.7 * std::sqrt(square), kLeastOwnDeviation, 0.05);
  }

  Tensor standardised(const Tensor &raw) const {
    return ((raw - centre) / spread).clamp(-4, 4);
  }
  /// In units of `deviation`.
  Tensor outputs(const Tensor &standard) const {
    return members.forward(standard) +
           kPriorScale * prior.forward(standard).detach();
  }
  Tensor predict(const Tensor &standard) const {
    return outputs(standard) * deviation;
  }

  mutable Members members, prior;
  Tensor centre, spread, features, residuals, precision, shown;
  double deviation = 1, ownDeviation = 0.02;
};
} // namespace

std::unique_ptr<PlanValue>
sevenfold::createPlanValueEnsemble(llvm::ArrayRef<PlanExperience> experience,
                                   uint64_t seed) {
  torch::manual_seed(seed);
  return std::make_unique<PlanValueEnsemble>(experience, seed);
}
