//===- PlanSource.cpp - Where a plan comes from ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The source that answers with a constant.
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
