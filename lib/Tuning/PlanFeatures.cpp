//===- PlanFeatures.cpp - Plans as numbers --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Describes plans by numbers that mean the same for every size and device:
// logarithms of sizes, shares, and what the cost model makes of them.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/PlanSteps.h"
#include "sevenfold/Plan/Provider.h"

#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Tuning/PlanValue.h"
#include "llvm/ADT/STLExtras.h"

#include "llvm/ADT/StringSwitch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

using namespace sevenfold;

/// Whether a plan's features say that it is by this provider: where there is no
/// other, its name says nothing.
static bool isTold(const Provider &provider) {
  return provider.isAt(OnHost) || provider.isAt(OnGpu);
}

/// What runs of the same code differ in, by where their buffers lie.
static constexpr double kRunVariance = 0.004 * 0.004;
/// The variance of a pair as far as its table does not tell, and how many pairs
/// that counts for.
static constexpr double kPairVariance = 0.05 * 0.05, kPriorPairs = 6;

/// To be counted up when a feature comes to mean something else.
static constexpr unsigned kMeaning = 2;
/// Features beside the flags of providers.
static constexpr unsigned kOtherFeatures = 42;

unsigned sevenfold::planFeatureCount() {
  // A plan's provider and the baseline's.
  return kOtherFeatures + 2 * unsigned(llvm::count_if(allProviders(), isTold));
}

std::string sevenfold::planFeatureVersion() {
  std::string version = fmt::format("{}:{}", kMeaning, kOtherFeatures);
  for (const Provider &provider :
       llvm::make_filter_range(allProviders(), isTold))
    version += fmt::format(" {}", provider.name);
  return version;
}

double sevenfold::predictedReward(const PlanSetting &setting,
                                  double predictedSeconds) {
  return std::log(setting.baselineSeconds / predictedSeconds);
}

RewardSample sevenfold::rewardOf(llvm::ArrayRef<double> ratios) {
  std::vector<double> rewards;
  for (double ratio : ratios)
    rewards.push_back(std::log(ratio));
  double count = double(rewards.size());
  double centre = median(rewards);
  for (double &reward : rewards)
    reward = std::abs(reward - centre);
  constexpr double kNormal = 1.4826; // deviations in a median distance
  double seen = kNormal * median(std::move(rewards));
  double pair = (kPriorPairs * kPairVariance + count * seen * seen) /
                (kPriorPairs + count);
  // The median of normal samples varies pi/2 times as much as their mean.
  return {centre, M_PI_2 * pair / count + kRunVariance};
}

static double log2Of(double value) { return std::log2(std::max(value, 1e-9)); }

namespace {
/// Appends the parts of a description.
class Describer {
public:
  Describer(const PlanSetting &setting, const Plan &plan,
            llvm::ArrayRef<PlanStep> steps)
      : setting(setting), workload(setting.workload), plan(plan), steps(steps) {
  }

  PlanFeatures describe(double predictedSeconds) {
    describeWorkload();
    describeDevice();
    describeLevels();
    describeForm();
    describeLeaves();
    describeProvider(plan.provider);
    describeProvider(setting.baselineProvider);
    add(plan.provider == setting.baselineProvider);
    add(10 * predictedReward(setting, predictedSeconds));
    assert(features.size() == planFeatureCount() && "features of another kind");
    return std::move(features);
  }

private:
  void add(double value) { features.push_back(float(value)); }

  void describeWorkload() {
    for (int64_t dim : {workload.m, workload.k, workload.n})
      add((log2Of(double(dim)) - 10) / 2);
    add(log2Of(double(workload.m) / double(workload.n)) / 2);
    add(log2Of(double(workload.k) / double(workload.n)) / 2);
    add(byteWidth(workload.type) / 4.0 - 1);
    add(workload.layoutA == Layout::Transposed);
    add(workload.layoutB == Layout::Transposed);
    add(workload.accumulation == Accumulation::Accumulate);
  }

  void describeDevice() {
    double bytes = double(byteWidth(workload.type));
    // Flops that take as long as moving one element.
    add((log2Of(setting.device.peak * bytes / setting.device.bandwidth) - 5) /
        2);
    add(log2Of(setting.device.threads) / 4);
    double operands = double(workload.m) * workload.k +
                      double(workload.k) * workload.n +
                      double(workload.m) * workload.n;
    add(overCache(operands) / 4);
  }

  /// Logarithm of the size of so many elements in last-level caches.
  double overCache(double elements) const {
    return log2Of(elements * double(byteWidth(workload.type)) /
                  double(std::max<int64_t>(setting.device.cacheBytes, 1)));
  }

  void describeLevels() {
    add(plan.levels.size() / 2.0 - 0.5);
    for (unsigned i = 0; i < 2; ++i) {
      const Level *level = i < plan.levels.size() ? &plan.levels[i] : nullptr;
      const Scheme *scheme = nullptr;
      if (level)
        scheme = &llvm::cantFail(lookupScheme(level->scheme));
      for (unsigned dim : {scheme ? scheme->m : 1, scheme ? scheme->k : 1,
                           scheme ? scheme->n : 1})
        add(dim / 2.0 - 1);
      add(scheme ? 5 * std::log(double(scheme->m * scheme->k * scheme->n) /
                                scheme->rank())
                 : 0);
      add(level && level->execution == Execution::Depth);
      add(level && level->execution == Execution::Fused);
      add(level && level->composed);
    }
  }

  /// How fused products are done, and what is done about range.
  void describeForm() {
    add(plan.slab > 0 ? (log2Of(double(plan.slab)) - 7) / 2 : 0);
    add(plan.together);
    add(plan.scaling != Scaling::None);
  }

  void describeLeaves() {
    int64_t dm = 1, dk = 1, dn = 1;
    double rank = 1, sums[3] = {0, 0, 0}, weights[3] = {1, 1, 1};
    for (const PlanStep &step : steps) {
      // Shares of the whole operands that sums read and write.
      sums[0] += weights[0] * double(step.a.sums + step.a.terms) /
                 double(step.m * step.k);
      sums[1] += weights[1] * double(step.b.sums + step.b.terms) /
                 double(step.k * step.n);
      sums[2] += weights[2] * double(step.c.sums + step.c.terms) /
                 double(step.m * step.n);
      // So many times the whole operand are the products of this step.
      weights[0] *= double(step.rank) / double(step.m * step.k);
      weights[1] *= double(step.rank) / double(step.k * step.n);
      weights[2] *= double(step.rank) / double(step.m * step.n);
      rank *= double(step.rank);
      dm *= step.m, dk *= step.k, dn *= step.n;
    }
    double m = double(workload.m) / dm, k = double(workload.k) / dk,
           n = double(workload.n) / dn;
    for (double dim : {m, k, n})
      add((log2Of(dim) - 9) / 2);
    add(overCache(m * k + k * n + m * n) / 4);
    for (double share : sums)
      add(share / 8);
    add(std::log(double(dm) * dk * dn / rank) * 4);
    double ragged = 0;
    for (auto [dim, divisor] :
         {std::pair(workload.m, dm), std::pair(workload.k, dk),
          std::pair(workload.n, dn)})
      ragged += double(dim % divisor) / double(dim);
    add(20 * ragged);
    add(plan.ragged == Ragged::Pad);
  }

  void describeProvider(llvm::StringRef name) {
    for (const Provider &known :
         llvm::make_filter_range(allProviders(), isTold))
      add(name == known.name);
  }

  const PlanSetting &setting;
  const Workload &workload;
  const Plan &plan;
  llvm::ArrayRef<PlanStep> steps;
  PlanFeatures features;
};
} // namespace

llvm::Expected<PlanFeatures> sevenfold::planFeatures(const PlanSetting &setting,
                                                     const Plan &plan,
                                                     double predictedSeconds) {
  auto steps = planSteps(plan, setting.workload.type);
  if (!steps)
    return steps.takeError();
  return Describer(setting, plan, *steps).describe(predictedSeconds);
}

std::vector<PlanExperience>
sevenfold::experienceOf(llvm::ArrayRef<PlanTable> tables) {
  std::vector<PlanExperience> experience;
  // Tables of one product on one machine are one witness.
  std::map<std::string, unsigned> groups;
  std::map<unsigned, size_t> sizes;
  for (const PlanTable &table : tables) {
    unsigned group =
        groups
            .try_emplace(table.workload.str() + " on " + table.device.hardware,
                         unsigned(groups.size()))
            .first->second;
    PlanSetting setting{table.workload, table.device, table.baselineProvider,
                        table.baselineSeconds};
    for (const MeasuredPlan &measured : table.plans) {
      if (measured.ratios.empty() || sizes[group] == kMostPlansOfTable)
        continue;
      auto features =
          planFeatures(setting, measured.plan, measured.predictedSeconds);
      if (!features) {
        llvm::consumeError(features.takeError());
        continue;
      }
      RewardSample reward = rewardOf(measured.ratios);
      experience.push_back(
          {std::move(*features),
           reward.median - predictedReward(setting, measured.predictedSeconds),
           reward.variance, group});
      ++sizes[group];
    }
  }
  return experience;
}
