//===- PlanSource.h - Where a plan comes from -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one question the compiler asks before it changes a matmul: is there a
// plan for this workload? The database answers it from measurements; an
// explicit option answers it with a constant.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_PLANSOURCE_H
#define SEVENFOLD_PLAN_PLANSOURCE_H

#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Plan/Workload.h"

#include <functional>
#include <string>
#include <vector>

namespace sevenfold {

/// What is said beside the answer of a product's record: nobody has measured
/// the function that the product is part of.
inline constexpr const char *kFunctionNotMeasured = "function not measured";

/// The answer to a plan query. Where no plan was chosen, `reason` says why ("no
/// record for this workload", "record is stale: onednn 2.6.3 -> 3.1"), and
/// `plan`, where there is one, is the product without levels by the library
/// that was measured fastest.
struct PlanAnswer {
  std::optional<Plan> plan;
  std::string reason;
  /// Content hash of the record the plan comes from; empty for explicit plans.
  std::string record;
  /// Measured medians in seconds, where the plan comes from a record.
  std::optional<double> plannedSeconds, baselineSeconds;
  /// One more thing to say (kFunctionNotMeasured); usually empty.
  std::string note{};
  /// The lower bound of the recorded speedup: how sure the plan is.
  double speedupLow = 1;

  /// Whether a plan was chosen over the vendor library.
  bool isPlanned() const { return plan && reason.empty(); }
};

/// A library's product without levels, with the reason no plan is better.
PlanAnswer classicalAnswer(const std::string &provider, std::string reason);

/// Answers for one device, lowering and thread count. Never fails: a miss, a
/// stale or a foreign record is an answer without a plan.
using PlanSource = std::function<PlanAnswer(const Workload &)>;

/// The source for the matmuls of a function, by its name.
using FunctionPlans = std::function<PlanSource(llvm::StringRef function)>;

/// A database query, as options spell it.
struct PlanSourceRequest {
  std::string database, lowering = "host", device = "host";
  /// The fingerprint of the GPU that a device `nvptx:..` stands for.
  std::string hardware{};
  int threads = 0; ///< 0: all cores
  PlanLimits limits{};
  /// Read-only databases that are asked after `database`.
  std::vector<std::string> systemDatabases{};
};

/// Opens a database. Only layers that know the device can, so they hand this to
/// those that compile.
using PlanSourceFactory =
    std::function<llvm::Expected<PlanSource>(const PlanSourceRequest &)>;

/// A source that gives `plan` to every workload.
PlanSource explicitPlan(Plan plan);

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_PLANSOURCE_H
