//===- PlanSource.cpp - Where a plan comes from ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Answers that need no database.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/PlanSource.h"

using namespace sevenfold;

PlanSource sevenfold::explicitPlan(Plan plan) {
  return [plan = std::move(plan)](const Workload &) {
    PlanAnswer answer;
    answer.plan = plan;
    return answer;
  };
}

PlanAnswer sevenfold::classicalAnswer(const std::string &provider,
                                      std::string reason) {
  PlanAnswer answer;
  answer.plan.emplace();
  answer.plan->provider = provider;
  answer.reason = std::move(reason);
  return answer;
}
