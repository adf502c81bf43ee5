//===- FunctionRecords.cpp - What tuning a function leaves ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records and reports of whole functions.
//
//===----------------------------------------------------------------------===//

#include "FunctionTunerImpl.h"
#include "WorkloadTuner.h"

#include "sevenfold/Tuning/Validity.h"

using namespace sevenfold;

Record FunctionTuner::makeRecord(const FunctionChoice &choice) const {
  Record record;
  record.key.hardware = parts.device.fingerprint();
  record.key.lowering = parts.device.lowering();
  record.key.threads = parts.device.threads;
  record.key.function = subject.hash;
  record.choice = choice;
  record.baselineProvider = library().provider;
  std::vector<std::string> providers = {library().provider};
  for (const ProductChoice &product : choice.products)
    if (product.plan)
      providers.push_back(product.plan->provider);
  record.validity = recordValidity(presentValidity(parts.device), providers);
  record.errorBound = errorBound(choice);
  record.errorGrowth = 1;
  record.provenance = options.provenance;
  record.provenance["date"] = currentDate();
  record.provenance["machine"] = parts.device.name();
  record.provenance["seed"] = std::to_string(options.seed);
  if (!subject.slots.empty()) {
    record.provenance["strategy"] = options.strategy;
    record.provenance["assignments"] = std::to_string(measured);
  }
  return record;
}

/// What a comparison measured goes into a record as it is.
static void addSamples(const ComparedSpeedup &compared, Record &record) {
  record.baselineSeconds = compared.samples.a;
  record.plannedSeconds = compared.samples.b;
  record.speedup = compared.speedup.median;
  record.speedupLow = compared.speedup.low;
  record.speedupHigh = compared.speedup.high;
}

WorkloadReport
FunctionTuner::makeReport(const ComparedSpeedup &compared) const {
  WorkloadReport report;
  report.workload = subject.name;
  report.device = parts.device.fingerprint();
  report.lowering = parts.device.lowering();
  report.threads = parts.device.threads;
  for (const Library &entry : libraries)
    if (!entry.seconds.empty())
      report.providers.push_back({entry.provider, median(entry.seconds)});
  double seconds = compared.samples.a.empty() ? median(library().seconds)
                                              : median(compared.samples.a);
  report.baseline = {library().provider, seconds};
  if (report.providers.empty())
    report.providers.push_back(report.baseline);
  report.medianSeconds = seconds;
  report.speedup.pairs = compared.speedup.pairs;
  report.conditions = GpuConditions::of(compared.samples);
  return report;
}

llvm::Error FunctionTuner::recordFailure(const FunctionChoice &choice,
                                         RunStatus status,
                                         const std::string &message) {
  Record record = makeRecord(choice);
  record.verdict = Verdict::Failed;
  record.message = (stringifyRunStatus(status) + ": " + message).str();
  progress(record.message);
  return parts.commit(record);
}

llvm::Expected<FunctionResult>
FunctionTuner::chooseLibrary(const ComparedSpeedup &compared,
                             const std::string &reason) {
  Record record = makeRecord(classicalChoice(library().provider));
  record.verdict = Verdict::Baseline;
  record.message = reason;
  record.workspaceBytes = library().artefact.workspaceBytes;
  addSamples(compared, record);
  if (llvm::Error error = parts.commit(record))
    return error;
  FunctionResult result{makeReport(compared), ""};
  result.report->reason = reason;
  result.report->errorBound = record.errorBound;
  return result;
}

llvm::Expected<FunctionResult>
FunctionTuner::choosePlans(const FunctionChoice &choice, const Try &won,
                           const ComparedSpeedup &final) {
  Record record = makeRecord(choice);
  record.verdict = Verdict::Plan;
  record.relativeError = won.difference;
  record.workspaceBytes = won.artefact.workspaceBytes;
  for (const ProductChoice &product : choice.products) {
    auto numerics =
        planNumerics(product.workload, product.plan.value_or(Plan()));
    if (!numerics)
      return numerics.takeError();
    record.errorGrowth = std::max(record.errorGrowth, numerics->errorGrowth);
  }
  addSamples(final, record);
  record.provenance["decision"] = describeSpeedup(won.compared.speedup);
  if (llvm::Error error = parts.commit(record))
    return error;
  FunctionResult result{makeReport(final), ""};
  WorkloadReport &report = *result.report;
  report.plan = *choice.largestPlan();
  report.medianSeconds = median(final.samples.b);
  report.speedup = final.speedup;
  report.relativeError = won.difference;
  report.errorBound = record.errorBound;
  report.reason = choice.str();
  if (final.speedup.low <= 1)
    report.reason =
        "the same as " + library().provider + ", by " + report.reason;
  return result;
}
