//===- WorkloadRecords.cpp - What tuning a workload leaves ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records and reports of a workload's tuning.
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include "sevenfold/Tuning/Validity.h"

#include "llvm/Support/FormatVariadic.h"

#include <chrono>
#include <ctime>

using namespace sevenfold;

std::string sevenfold::currentDate() {
  auto now = std::chrono::system_clock::now();
  auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
                          now.time_since_epoch())
                          .count();
  std::time_t seconds = std::time_t(milliseconds / 1000);
  std::tm parts;
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  return llvm::formatv("{0}.{1,0+3}Z", text, milliseconds % 1000);
}

Record WorkloadTuner::makeRecord(const Plan &plan) const {
  Record record;
  record.key.hardware = parts.device.fingerprint();
  record.key.lowering = parts.device.lowering();
  record.key.workload = workload;
  record.key.threads = parts.device.threads;
  record.plan = plan;
  // A plan whose scheme is unknown cannot be built; its failure is recorded.
  if (auto hashes = planSchemeHashes(plan))
    record.schemeHashes = *hashes;
  else
    llvm::consumeError(hashes.takeError());
  std::vector<std::string> providers = {plan.provider};
  if (!baselines.empty()) {
    record.baselineProvider = baseline().provider;
    providers.push_back(baseline().provider);
  }
  record.validity = recordValidity(presentValidity(parts.device), providers);
  record.provenance = options.provenance;
  record.provenance["date"] = currentDate();
  record.provenance["machine"] = parts.device.name();
  record.provenance["seed"] = std::to_string(options.seed);
  record.provenance["strategy"] = options.strategy;
  record.provenance["candidates"] = std::to_string(candidates.size());
  std::map<std::string, double> raced = raceSeconds();
  if (!raced.empty())
    record.provenance[kRaceKey] = describeRace(raced, parts.device);
  return record;
}

llvm::Error WorkloadTuner::recordFailure(const Plan &plan, RunStatus status,
                                         const std::string &message) {
  Record record = makeRecord(plan);
  record.verdict = Verdict::Failed;
  record.message = (stringifyRunStatus(status) + ": " + message).str();
  return parts.commit(record);
}

Record WorkloadTuner::makeClassicalRecord(const std::string &reason) {
  Plan plan;
  plan.provider = baseline().provider;
  Record record = makeRecord(plan);
  record.verdict = Verdict::Baseline;
  record.message = reason;
  record.relativeError = baseline().error;
  record.errorBound = report.errorBound.value_or(0);
  record.errorGrowth = 1;
  report.reason = reason;
  return record;
}

llvm::Error WorkloadTuner::recordBaseline(const std::string &reason) {
  return parts.commit(makeClassicalRecord(reason));
}

llvm::Error WorkloadTuner::recordRace(const std::string &reason) {
  Record record = makeClassicalRecord(reason);
  record.provenance[kRaceOnlyKey] = reason;
  return parts.commit(record);
}

WorkloadReport WorkloadTuner::makeReport() const {
  WorkloadReport made;
  made.workload = workload.str();
  made.device = parts.device.fingerprint();
  made.lowering = parts.device.lowering();
  made.threads = parts.device.threads;
  for (const Baseline &entry : baselines)
    if (!entry.seconds.empty())
      made.providers.push_back({entry.provider, median(entry.seconds)});
  made.baseline = {baseline().provider, baselineSeconds()};
  made.medianSeconds = made.baseline.medianSeconds;
  made.relativeError = baseline().error;
  Plan classical;
  if (auto numerics = planNumerics(workload, classical))
    made.errorBound = numerics->relativeErrorBound;
  else
    llvm::consumeError(numerics.takeError());
  return made;
}
