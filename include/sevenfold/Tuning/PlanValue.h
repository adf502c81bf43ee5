//===- PlanValue.h - What a plan is worth before it runs --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reward of PlanGame is the logarithm of a plan's speedup over the best
// vendor library. Before anything is measured its value is that of the cost
// model plus a residual learned from earlier measurements, on other shapes and
// devices too. What is learned comes as an ensemble, so that a value has an
// uncertainty, and plans that are alike are uncertain together.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANVALUE_H
#define SEVENFOLD_TUNING_PLANVALUE_H

#include "sevenfold/Tuning/PlanSpace.h"
#include "sevenfold/Tuning/PlanTable.h"

#include "llvm/ADT/ArrayRef.h"

#include <functional>
#include <memory>
#include <vector>

namespace sevenfold {

/// Numbers without a dimension that describe a plan for a workload on a device.
using PlanFeatures = std::vector<float>;
inline constexpr unsigned kPlanFeatureCount = 48;

/// What the features of a plan are made from.
struct PlanSetting {
  Workload workload;
  DeviceTraits device;
  std::string baselineProvider;
  double baselineSeconds = 0; ///< predicted and measured are the same here
};

/// kPlanFeatureCount numbers of about unit size. Fails where a scheme of the
/// plan is not in the catalogue.
llvm::Expected<PlanFeatures> planFeatures(const PlanSetting &setting,
                                          const Plan &plan,
                                          double predictedSeconds);

/// The reward the cost model expects of a plan.
double predictedReward(const PlanSetting &setting, double predictedSeconds);

/// The logarithm of measured ratios: their median, which outliers do not move,
/// and the variance of that by the pairs and by what runs of one code differ
/// in.
struct RewardSample {
  double median = 0, variance = 0;
};
RewardSample rewardOf(llvm::ArrayRef<double> ratios);

/// A plan that was measured: by how much the cost model was wrong.
struct PlanExperience {
  PlanFeatures features;
  double residual = 0; ///< measured reward less predictedReward
  double variance = 0; ///< of the measured reward, by its pairs
  unsigned group = 0;  ///< plans of one table share their errors
};

/// The plans of tables that were measured; those whose schemes are no longer
/// known are passed over.
std::vector<PlanExperience> experienceOf(llvm::ArrayRef<PlanTable> tables);

/// A Gaussian belief in the residuals of plans: `mean`, `directions` of unit
/// uncertainty that move all plans together, and an independent deviation of
/// each plan.
struct PlanBelief {
  std::vector<double> mean;
  std::vector<std::vector<double>> directions; ///< each as long as mean
  double ownDeviation = 0.02;
};

/// What was learned.
class PlanValue {
public:
  virtual ~PlanValue() = default;
  virtual PlanBelief evaluate(llvm::ArrayRef<PlanFeatures> plans) const = 0;
};

/// What is believed of the rewards of plans before any is measured: the cost
/// model's, corrected by what was learned (`value` may be null), and uncertain
/// in the ways in which the model is known to err: for all plans alike, by
/// provider, format, execution, border and number of levels.
PlanBelief believe(const PlanSetting &setting,
                   llvm::ArrayRef<Candidate> candidates,
                   const PlanValue *value);

/// Learns from experience; the same seed gives the same value. May fail where
/// the library of networks is missing.
using PlanLearner = std::function<llvm::Expected<std::unique_ptr<PlanValue>>(
    llvm::ArrayRef<PlanExperience>, uint64_t seed)>;

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANVALUE_H
