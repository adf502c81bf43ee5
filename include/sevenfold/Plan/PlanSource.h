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
#include "sevenfold/Plan/Workload.h"

#include <functional>
#include <string>
#include <vector>

namespace sevenfold {

/// The answer to a plan query. Without a plan, `reason` says why ("no record
/// for this workload", "record is stale: onednn 2.6.3 -> 3.1").
struct PlanAnswer {
  std::optional<Plan> plan;
  std::string reason;
  /// Content hash of the record the plan comes from; empty for explicit plans.
  std::string record;
  /// Measured medians in seconds, where the plan comes from a record.
  std::optional<double> plannedSeconds, baselineSeconds;
};

/// Answers for one device, lowering and thread count. Never fails: a miss, a
/// stale or a foreign record is an answer without a plan.
using PlanSource = std::function<PlanAnswer(const Workload &)>;

/// A database query, as options spell it.
struct PlanSourceRequest {
  std::string database, lowering = "host", device = "host";
  /// The fingerprint of the GPU that a device `nvptx:..` stands for.
  std::string hardware{};
  int threads = 0; ///< 0: all cores
  double maxErrorGrowth = 64;
  int64_t maxWorkspaceBytes = -1; ///< -1: no limit
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
