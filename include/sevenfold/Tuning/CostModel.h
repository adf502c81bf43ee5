//===- CostModel.h - Predicted time of a plan -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Predicts the seconds of a plan: by measured primitives where there are some,
// the rate of each provider at the sizes it was measured at and the bandwidth
// of a copy, and by the published figures of a device elsewhere. It orders
// candidates, sizes budgets and simulates devices (Simulation.h), and decides
// nothing: plans are chosen by measurement.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_COSTMODEL_H
#define SEVENFOLD_TUNING_COSTMODEL_H

#include "sevenfold/Measure/DeviceProfile.h"
#include "sevenfold/Plan/PlanSteps.h"

#include <map>

namespace sevenfold {

/// What a plan takes, all of its batch.
struct PlanCost {
  double seconds = 0;
  double flops = 0; ///< of products
  double bytes = 0; ///< read and written by kernels, in caches or not

  PlanCost &operator+=(const PlanCost &other) {
    seconds += other.seconds, flops += other.flops, bytes += other.bytes;
    return *this;
  }
  PlanCost operator*(double count) const {
    return {seconds * count, flops * count, bytes * count};
  }
};

/// Seconds of the steps of a plan. A step takes as long as the slower of its
/// arithmetic and its traffic, and the launch of its kernels besides; one step
/// comes after the other.
class CostModel {
public:
  /// `peak`: flop/s over all threads; `bandwidth`: bytes/s of a copy, read and
  /// written. Nothing else is known of the device.
  CostModel(double peak, double bandwidth);
  /// What a profile says of products of `type`, f32 where it has no figure.
  CostModel(const DeviceProfile &profile, ElementType type);

  /// Files a measurement: `provider` multiplied `workload` in `seconds`.
  void addRate(const std::string &provider, const Workload &workload,
               double seconds);

  /// At how many sizes a provider was measured.
  size_t ratesOf(const std::string &provider) const;

  /// Flop/s of a provider at m x k x n. Between measured sizes linear in the
  /// logarithm of the size, beyond them constant; where nothing was measured
  /// the peak; all times `efficiency`.
  double rate(const std::string &provider, int64_t m, int64_t k,
              int64_t n) const;

  /// The share of the peak that a product can reach. With tiles: C is cut into
  /// tiles of one size, all as large as the first, and each core computes one
  /// at a time, so that the last round counts as a whole one; K is rounded up
  /// to the matrix unit's; every tile reads its rows of A and columns of B
  /// through the cache. The best size counts. (NVIDIA, Matrix Multiplication
  /// Background User's Guide, DU-09799-001, "dimension quantization effects".)
  /// Without tiles d / (d + kHalfRateDimension) for the shortest side d.
  double efficiency(int64_t m, int64_t k, int64_t n) const;

  /// Seconds of `plan`, for the whole batch. Fails where a scheme is not in the
  /// catalogue.
  llvm::Expected<double> predict(const Workload &workload,
                                 const Plan &plan) const;
  /// Seconds, and what they are of.
  llvm::Expected<PlanCost> cost(const Workload &workload,
                                const Plan &plan) const;
  /// Seconds with these steps in the place of the plan's levels: for schemes
  /// without a name.
  double predict(const Workload &workload, const Plan &plan,
                 const std::vector<PlanStep> &steps) const;

  /// Seconds of reading and writing `bytes` by one kernel: from the cache where
  /// they fit into it.
  double transfer(double bytes) const;
  double launchSeconds() const { return profile.launchSeconds; }
  /// Whether fused products load and store while they multiply, as kernels of
  /// so many tiles at a time do.
  bool hidesTraffic() const { return !profile.tiles.empty(); }
  /// Whether the sums of an innermost depth level are part of its products: XLA
  /// makes one kernel of each (docs/XlaDevices.md).
  bool fusesSums() const { return !profile.kind.empty(); }

private:
  double tileSeconds(const DeviceProfile::Tile &tile, int64_t m, int64_t k,
                     int64_t n) const;

  DeviceProfile profile;
  ElementType type;
  double peak;
  /// Flop/s by log2 of the geometric mean of the dimensions.
  std::map<std::string, std::map<double, double>> rates;
};

/// The shortest side at which half the peak is reached, where tiles are
/// unknown.
inline constexpr double kHalfRateDimension = 32;

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_COSTMODEL_H
