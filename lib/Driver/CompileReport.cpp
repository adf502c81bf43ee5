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
    const PlanAnswer &answer = decision.answer;
    std::string what = decision.workload ? decision.workload->str() : "matmul";
    if (answer.range && answer.range->least != answer.range->greatest)
      what += answer.isPlanned()
                  ? ", m from " + std::to_string(answer.range->least)
              : answer.range->greatest == kMaxDimension
                  ? ", any other m"
                  : ", other m to " + std::to_string(answer.range->greatest);
    printProgress(decision.location + ": " + what + ": " +
                  (answer.isPlanned() ? answer.plan->str()
                                      : "left alone: " + answer.reason) +
                  (answer.note.empty() ? "" : " (" + answer.note + ")"));
  }
}

void sevenfold::printSums(const std::vector<SumsReport> &reports) {
  for (const SumsReport &report : reports) {
    std::string size = formatSize(report.bytes);
    const char *what = report.ofPanels ? ": panels of a constant "
                                       : ": operand sums of a constant ";
    switch (report.kind) {
    case SumsReport::Kind::Shared:
      printProgress(report.location + ": operand sums of an earlier matmul "
                                      "serve here too");
      break;
    case SumsReport::Kind::Folded:
      printProgress(report.location + what + "are computed now, " + size);
      break;
    case SumsReport::Kind::TooLarge:
      printProgress(report.location + what + "need " + size +
                    ", beyond --fold-weights: left to run time");
      break;
    }
  }
}

/// Of which record a function's plans are; null where it was not measured.
static nlohmann::json functionRecord(const PlannedModel &planned,
                                     const std::string &function) {
  auto origin = planned.origins.find(function);
  if (origin == planned.origins.end() || origin->second.record.empty())
    return nullptr;
  return origin->second.record;
}

void sevenfold::dumpPlans(const PlannedModel &planned) {
  nlohmann::json list = nlohmann::json::array();
  for (const MatmulDecision &decision : planned.decisions) {
    const PlanAnswer &answer = decision.answer;
    nlohmann::json entry = {
        {"function", decision.function},
        {"function_record", functionRecord(planned, decision.function)},
        {"location", decision.location},
        {"workload", decision.workload ? decision.workload->str() : ""},
        {"plan", nullptr}};
    if (answer.plan)
      entry["plan"] = toJson(*answer.plan);
    if (!answer.isPlanned())
      entry["reason"] = answer.reason;
    if (!answer.note.empty())
      entry["note"] = answer.note;
    list.push_back(std::move(entry));
  }
  printJson(list);
}
