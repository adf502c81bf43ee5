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
#include <map>
#include <string>
#include <vector>

namespace sevenfold {

/// What is said beside the answer of a product's record: nobody has measured
/// the function that the product is part of.
inline constexpr const char *kFunctionNotMeasured = "function not measured";

/// A range of sizes, ends included.
struct SizeRange {
  int64_t least, greatest;
};

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
  /// Where m is known only when the code runs: the sizes of m that this is the
  /// answer for.
  std::optional<SizeRange> range = std::nullopt;
  /// Median seconds of the libraries that were raced for the record, by name;
  /// those of other versions than are present left out.
  std::map<std::string, double> raceSeconds{};

  /// Whether a plan was chosen over the vendor library.
  bool isPlanned() const { return plan && reason.empty(); }
};

/// A library's product without levels, with the reason no plan is better.
PlanAnswer classicalAnswer(const std::string &provider, std::string reason);

/// Answers for one device, lowering and thread count. Never fails: a miss, a
/// stale or a foreign record is an answer without a plan.
class PlanSource {
public:
  using Answer = std::function<PlanAnswer(const Workload &)>;
  /// The plans of a family of workloads that differ in m, which are those of
  /// `range`: each with the range it is for, in ascending order and apart.
  /// Anywhere else the library multiplies.
  using Table = std::function<std::vector<PlanAnswer>(const Workload &family,
                                                      SizeRange range)>;

  PlanSource() = default;
  /// From anything that answers; without a table there is no plan for a range.
  template <typename Fn, typename = std::enable_if_t<std::is_invocable_r_v<
                             PlanAnswer, Fn &, const Workload &>>>
  PlanSource(Fn answer, Table table = nullptr)
      : answer(std::move(answer)), table(std::move(table)) {}

  explicit operator bool() const { return bool(answer); }
  PlanAnswer operator()(const Workload &workload) const {
    return answer(workload);
  }
  std::vector<PlanAnswer> plansFor(const Workload &family,
                                   SizeRange range) const {
    return table ? table(family, range) : std::vector<PlanAnswer>();
  }

private:
  Answer answer;
  Table table;
};

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

/// A source that gives `plan` to every workload, and to every size.
PlanSource explicitPlan(Plan plan);

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_PLANSOURCE_H
