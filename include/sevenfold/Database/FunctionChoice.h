//===- FunctionChoice.h - What was chosen for a function --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The value of a function's record: a plan or none for each of its products,
// the library of the rest, and the choices about sums.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DATABASE_FUNCTIONCHOICE_H
#define SEVENFOLD_DATABASE_FUNCTIONCHOICE_H

#include "sevenfold/Plan/PlanSource.h"
#include "sevenfold/Plan/Sums.h"

namespace sevenfold {

/// What multiplies one product of a function.
struct ProductChoice {
  Workload workload;
  /// Absent where the provider of the rest multiplies without levels.
  std::optional<Plan> plan;
  std::string schemeHashes; ///< content hashes of the plan's schemes, ","
};

/// Products of one workload have one plan: the compiler asks by workload.
struct FunctionChoice {
  std::string name; ///< "MODEL.mlir@function", for people; decides nothing
  std::vector<ProductChoice> products; ///< in the order of the function
  std::string provider;                ///< of the products without a plan
  SumsOptions sums;

  bool hasPlans() const;
  /// The plan of the product with most operations that has one; null without.
  const Plan *largestPlan() const;
  /// "256x256x256:f32: PLAN; ..", each workload once.
  std::string str() const;
};

/// {"name":..,"products":[{"workload":..,"plan":..|null,"scheme_hashes":..}],
///  "provider":..,"share_sums":..,"fold_weights":..}
nlohmann::json toJson(const FunctionChoice &choice);
/// Strict; errors name the place. Fails where two products of one workload have
/// different plans.
llvm::Expected<FunctionChoice>
functionChoiceFromJson(const nlohmann::json &json);

/// The choice as answers for the function's products, of the record with this
/// id. Asks `others` for a workload that is none of them.
PlanSource choiceSource(FunctionChoice choice, std::string record,
                        PlanSource others);

} // namespace sevenfold

#endif // SEVENFOLD_DATABASE_FUNCTIONCHOICE_H
