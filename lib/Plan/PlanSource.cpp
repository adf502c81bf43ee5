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
  PlanAnswer answer;
  answer.plan = std::move(plan);
  return {[answer](const Workload &) { return answer; },
          [answer](const Workload &, SizeRange range) {
            std::vector<PlanAnswer> all(1, answer);
            all.front().range = range;
            return all;
          }};
}

PlanAnswer sevenfold::classicalAnswer(const std::string &provider,
                                      std::string reason) {
  PlanAnswer answer;
  answer.plan.emplace();
  answer.plan->provider = provider;
  answer.reason = std::move(reason);
  return answer;
}
