//===- CompileReport.cpp - What a compilation did -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lines on stderr and JSON on stdout.
//
//===----------------------------------------------------------------------===//

#include "CompileReport.h"

#include "Measuring.h"

#include "sevenfold/Support/Size.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

void sevenfold::printDecisions(llvm::StringRef model,
                               const std::vector<MatmulDecision> &decisions) {
  if (decisions.empty())
    printProgress(model.str() + ": there is no matmul, nothing to plan");
  for (const MatmulDecision &decision : decisions) {
    std::string what = decision.workload ? decision.workload->str() : "matmul";
    printProgress(decision.location + ": " + what + ": " +
                  (decision.answer.plan
                       ? decision.answer.plan->str()
                       : "left alone: " + decision.answer.reason));
  }
}

void sevenfold::printSums(const std::vector<SumsReport> &reports) {
  for (const SumsReport &report : reports) {
    std::string size = formatSize(report.bytes);
    switch (report.kind) {
    case SumsReport::Kind::Shared:
      printProgress(report.location + ": operand sums of an earlier matmul "
                                      "serve here too");
      break;
    case SumsReport::Kind::Folded:
      printProgress(report.location + ": operand sums of a constant are " +
                    "computed now, " + size);
      break;
    case SumsReport::Kind::TooLarge:
      printProgress(report.location + ": operand sums of a constant need " +
                    size + ", beyond --fold-weights: left to run time");
      break;
    }
  }
}

void sevenfold::dumpPlans(const std::vector<MatmulDecision> &decisions) {
  nlohmann::json list = nlohmann::json::array();
  for (const MatmulDecision &decision : decisions) {
    nlohmann::json entry = {
        {"location", decision.location},
        {"workload", decision.workload ? decision.workload->str() : ""},
        {"plan", nullptr}};
    if (decision.answer.plan)
      entry["plan"] = toJson(*decision.answer.plan);
    else
      entry["reason"] = decision.answer.reason;
    list.push_back(std::move(entry));
  }
  printJson(list);
}
