//===- PlanGamePolicy.h - What was learned of the plan game -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a player of PlanGame knows before the first measurement: what plans are
// worth (PlanValue), how far that may be off (BeliefDeviations), and what to
// measure next (MovePolicy). Learned by playing on recorded machines, kept in a
// JSON file that says from which tables:
//   {"format":"sevenfold-plan-policy/1","features":..,"value":{..},
//    "belief":{"shared":..,"provider":..,"kind":..,"own":..,
//              "noise":..},"moves":{..},
//    "provenance":{"date":..,"games":..,"tables":[{"workload":..,"device":..}]}}
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANGAMEPOLICY_H
#define SEVENFOLD_TUNING_PLANGAMEPOLICY_H

#include "sevenfold/Tuning/MovePolicy.h"
#include "sevenfold/Tuning/PlanValue.h"

#include <functional>

namespace sevenfold {

/// A table that was learned from.
struct LearnedTable {
  std::string workload, device;
};

struct PlanGamePolicy {
  PlanValue value;
  BeliefDeviations belief;
  /// Nothing where no game was played: plans are tried by successive halving.
  std::optional<MovePolicy> moves;

  std::vector<LearnedTable> tables;
  int64_t games = 0;
  std::string date;
};

struct PlanGameTraining {
  int64_t games = 20000; ///< rounded up to whole steps; 0 for a value alone
  uint64_t seed = 0;
  std::function<bool()> stopped = [] { return false; };
  std::function<void(const std::string &)> progress = [](const std::string &) {
  };
};

/// Learns from tables: the value from all of them, the rest by games on each of
/// them with values that were learned from those of other shapes, and of other
/// shapes of other processors. Where no table is to be played (of fewer than
/// two shapes, or none that isSplit), there is a value only. What was learned
/// until it was stopped is kept.
PlanGamePolicy learnPlanGame(llvm::ArrayRef<PlanTable> tables,
                             const PlanGameTraining &training);

/// The policy of a game goes on learning from its owner's own measurements.
PlanGamePolicy learnMore(const PlanGamePolicy &policy,
                         llvm::ArrayRef<PlanTable> own);

nlohmann::json toJson(const PlanGamePolicy &policy);
/// Strict; errors name `where` and the field. What was learned about features
/// that have changed since is refused.
llvm::Expected<PlanGamePolicy>
planGamePolicyFromJson(const nlohmann::json &object, llvm::StringRef where);

/// What was learned from the project's own tables
/// (python-free-configs/tuning/policy.json, a part of the library). Fails where
/// features have changed since.
llvm::Expected<PlanGamePolicy> shippedPlanGamePolicy();

/// The sizes of a product, of whatever type and layout: "2048x1024x2048".
std::string shapeOf(const Workload &workload);
/// The tables of other shapes.
std::vector<PlanTable> otherShapes(const Workload &held,
                                   llvm::ArrayRef<PlanTable> tables);
/// The processor of a device, without its instruction sets and caches as far as
/// a hypervisor tells them.
std::string processorOf(const DeviceTraits &device);
/// The tables of other processors.
std::vector<PlanTable> otherProcessors(const DeviceTraits &held,
                                       llvm::ArrayRef<PlanTable> tables);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANGAMEPOLICY_H
