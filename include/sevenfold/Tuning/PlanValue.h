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
// devices too.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANVALUE_H
#define SEVENFOLD_TUNING_PLANVALUE_H

#include "sevenfold/Tuning/PlanSpace.h"
#include "sevenfold/Tuning/PlanTable.h"

#include "llvm/ADT/ArrayRef.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <vector>

namespace sevenfold {

/// Numbers without a dimension that describe a plan for a workload on a device.
using PlanFeatures = std::vector<float>;
/// How many: a flag for each provider among them.
unsigned planFeatureCount();
/// What they are, for files of what was learned from them: where a feature
/// means something else than before, this changes.
std::string planFeatureVersion();

/// What the features of a plan are made from.
struct PlanSetting {
  Workload workload;
  DeviceTraits device;
  std::string baselineProvider;
  double baselineSeconds = 0; ///< predicted and measured are the same here
};

/// planFeatureCount() numbers of about unit size. Fails where a scheme of the
/// plan is not in the catalogue.
llvm::Expected<PlanFeatures> planFeatures(const PlanSetting &setting,
                                          const Plan &plan,
                                          double predictedSeconds);

/// The reward the cost model expects of a plan.
double predictedReward(const PlanSetting &setting, double predictedSeconds);

/// The logarithm of measured ratios: their median, which outliers do not move,
/// and the variance of that by the pairs and by what runs of one code differ
/// in. There is at least one ratio.
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

/// Of more plans of a workload on a device, the first ones are learned from.
inline constexpr size_t kMostPlansOfTable = 400;

/// The plans of tables that were measured; those whose schemes are no longer
/// known are passed over.
std::vector<PlanExperience> experienceOf(llvm::ArrayRef<PlanTable> tables);

/// What is expected of the residuals of plans: regression by a Gaussian process
/// on their features, seen from so many points of them. Learns from thousands
/// of plans in about a second, and is deterministic.
class PlanValue {
public:
  /// Has learned nothing: residuals of 0 are expected.
  PlanValue() = default;
  explicit PlanValue(llvm::ArrayRef<PlanExperience> experience);
  /// Learns what another value, which was learned elsewhere, still errs by.
  PlanValue(std::shared_ptr<const PlanValue> other,
            llvm::ArrayRef<PlanExperience> experience);

  /// Most plans that others are compared with.
  static constexpr size_t kMostPoints = 200;

  bool hasLearned() const {
    return !points.empty() || (base && base->hasLearned());
  }
  /// The expected residual.
  double residual(const PlanFeatures &plan) const;

  /// Without what it was built upon.
  nlohmann::json toJson() const;
  /// Strict; errors name `where` and the field.
  static llvm::Expected<PlanValue> fromJson(const nlohmann::json &object,
                                            llvm::StringRef where);

private:
  void learn(llvm::ArrayRef<PlanExperience> experience);
  void choosePoints(llvm::ArrayRef<PlanFeatures> features);
  PlanFeatures normalise(const PlanFeatures &features) const;

  std::shared_ptr<const PlanValue> base;
  PlanFeatures centre, spread;      ///< of the features of all plans
  std::vector<PlanFeatures> points; ///< normalised
  std::vector<double> weights;      ///< of the kernels of those
};

/// Corrects the predictions of candidates by what was learned, and puts those
/// first that are expected to take the least time.
void orderByValue(const PlanValue &value, const PlanSetting &setting,
                  std::vector<Candidate> &candidates);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANVALUE_H
