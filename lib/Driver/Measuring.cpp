//===- Measuring.cpp - What tune and bench have in common -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sets up measuring, and prints what came of it.
//
//===----------------------------------------------------------------------===//

#include "Measuring.h"

#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Size.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <nlohmann/json.hpp>

using namespace sevenfold;

/// The file at `relative` seen from the folder of the program.
static llvm::Expected<std::string> findBeside(const std::string &programPath,
                                              llvm::StringRef relative,
                                              llvm::StringRef what) {
  llvm::SmallString<256> path(llvm::sys::path::parent_path(programPath));
  llvm::sys::path::append(path, relative);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  if (!llvm::sys::fs::exists(path))
    return makeError("cannot find {0}, expected it at '{1}'", what, path);
  return std::string(path);
}

llvm::Expected<std::string>
sevenfold::findArchive(const std::string &programPath, llvm::StringRef name) {
  return findBeside(programPath, ("../lib/" + name).str(),
                    ("the runtime library '" + name + "'").str());
}

llvm::Expected<BuildTarget> sevenfold::buildTarget(const CommandLine &line,
                                                   const TargetHandle &target) {
  if (!target->library())
    return BuildTarget{target, ""};
  auto runtime = findBeside(line.programPath,
                            ("../lib/" + target->library()->runtime).str(),
                            "the runtime library for '" + target->name() + "'");
  if (!runtime)
    return runtime.takeError();
  return BuildTarget{target, std::move(*runtime)};
}

llvm::Expected<std::string>
sevenfold::findRunner(const std::string &programPath) {
  return findBeside(programPath, "sevenfold-runner",
                    "the program 'sevenfold-runner'");
}

//===----------------------------------------------------------------------===//
// Tools
//===----------------------------------------------------------------------===//

namespace {
/// Remembers that the device is gone.
class WatchedRunner : public Runner {
public:
  WatchedRunner(std::unique_ptr<Runner> runner,
                std::shared_ptr<std::string> deviceLost)
      : runner(std::move(runner)), deviceLost(std::move(deviceLost)) {}

  TimedRuns measureRuns(llvm::ArrayRef<const Artefact *> artefacts,
                        const std::vector<size_t> &order) override {
    return watch(runner->measureRuns(artefacts, order));
  }
  ErrorSample measureError(const Artefact &artefact, const Workload &workload,
                           double bound) override {
    return watch(runner->measureError(artefact, workload, bound));
  }
  ErrorSample measureDifference(const Artefact &reference,
                                const Artefact &candidate,
                                double bound) override {
    return watch(runner->measureDifference(reference, candidate, bound));
  }

  void observe(RunObserver observer) override {
    runner->observe(std::move(observer));
  }

private:
  template <typename Sample> Sample watch(Sample sample) {
    if (sample.status == RunStatus::DeviceLost && deviceLost->empty())
      *deviceLost = sample.message;
    return sample;
  }

  std::unique_ptr<Runner> runner;
  std::shared_ptr<std::string> deviceLost;
};
} // namespace

/// A line on stderr where runs take so long that nothing was heard meanwhile.
static RunObserver printLongRuns() {
  static constexpr std::chrono::seconds kSilence(20);
  auto heard = std::make_shared<std::chrono::steady_clock::time_point>();
  return [heard](const RunReport &run) {
    auto now = std::chrono::steady_clock::now();
    if (run.position == 0)
      *heard = now;
    if (now - *heard < kSilence)
      return;
    *heard = now;
    printProgress(llvm::formatv("  {0} of {1} runs, {2:f2} s each",
                                run.position + 1, run.total, run.seconds));
  };
}

std::function<bool()> MeasuringTools::stopped() const {
  return [lost = deviceLost] { return interrupted() || !lost->empty(); };
}

/// The compiler for a device, and the runner.
static llvm::Expected<MeasuringTools> openTools(const CommandLine &line,
                                                TargetDevice found) {
  auto program = findRunner(line.programPath);
  if (!program)
    return program.takeError();
  auto limits = planLimits(line.common);
  if (!limits)
    return limits.takeError();
  RunnerOptions options;
  options.program = *program;
  // The host's threads also compute what results are compared with.
  options.threads = std::max(line.common.threads, 0);
  options.seed = line.common.seed;
  options.device = found.device.address();
  auto runner = createProcessRunner(options);
  if (!runner)
    return runner.takeError();
  auto target = buildTarget(line, found.target);
  if (!target)
    return target.takeError();
  auto builder = createBuilder(*target, *limits);
  if (!builder)
    return builder.takeError();
  MeasuringTools tools;
  tools.device = std::move(found.device);
  tools.target = std::move(found.target);
  tools.builder = std::move(*builder);
  tools.deviceLost = std::make_shared<std::string>();
  tools.runner =
      std::make_unique<WatchedRunner>(std::move(*runner), tools.deviceLost);
  tools.runner->observe(printLongRuns());
  return tools;
}

llvm::Expected<TargetDevice>
sevenfold::findDevice(const std::string &name, int threads, Probing probing) {
  auto kind = targetKindOf(name);
  if (!kind)
    return kind.takeError();
  return (*kind)->atHand(name, threads, probing);
}

/// What a user should know of a device before measuring on it.
static void printRemarks(const Device &device) {
  for (const ProviderInfo &provider : device.providers)
    if (!provider.remark.empty())
      printProgress("remark: " + provider.remark);
  if (device.providers.empty())
    for (const MissingProvider &provider : device.missingProviders)
      printProgress("remark: " + provider.reason);
}

llvm::Expected<MeasuringTools>
sevenfold::openMeasuringTools(const CommandLine &line,
                              const std::string &name) {
  installInterruptHandlers();
  auto found = findDevice(name, line.common.threads, Probing::Full);
  if (!found)
    return found.takeError();
  printRemarks(found->device);
  return openTools(line, std::move(*found));
}

llvm::Expected<MeasuringTools>
sevenfold::openBuildingTools(const CommandLine &line, const std::string &name) {
  installInterruptHandlers();
  auto kind = targetKindOf(name);
  if (!kind)
    return kind.takeError();
  auto found = (*kind)->elsewhere(name, line.common.threads);
  if (!found)
    return found.takeError();
  printRemarks(found->device);
  return openTools(line, std::move(*found));
}

llvm::Error sevenfold::checkTypes(llvm::ArrayRef<Workload> workloads,
                                  const std::string &device) {
  auto kind = targetKindOf(device);
  if (!kind)
    return kind.takeError();
  // A kind's own name stands for a target that is not known yet.
  if (device == (*kind)->name && device != hostTarget()->name())
    return llvm::Error::success();
  auto target = (*kind)->parse(device);
  if (!target)
    return target.takeError();
  for (const Workload &workload : workloads)
    if (llvm::Error error = checkType(workload, **target))
      return error;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Options and reports
//===----------------------------------------------------------------------===//

std::string sevenfold::databasePath(const CommonOptions &options) {
  return options.database.empty() ? defaultDatabasePath() : options.database;
}

DatabasePaths sevenfold::databasePaths(const CommonOptions &options) {
  return {databasePath(options), options.systemDatabases};
}

llvm::Expected<PlanLimits> sevenfold::planLimits(const CommonOptions &options) {
  PlanLimits limits;
  limits.maxErrorGrowth = options.maxErrorGrowth;
  limits.maxRelativeError = options.maxRelativeError.value_or(0);
  if (!options.maxError.empty()) {
    auto limit = ErrorLimit::parse(options.maxError);
    if (!limit)
      return limit.takeError();
    limits.maxError = *limit;
  }
  if (options.maxWorkspace.empty())
    return limits;
  auto bytes = parseSize(options.maxWorkspace);
  if (!bytes)
    return bytes.takeError();
  limits.maxWorkspaceBytes = int64_t(*bytes);
  return limits;
}

llvm::Expected<std::vector<Workload>>
sevenfold::parseWorkloads(const std::vector<std::string> &texts) {
  std::vector<Workload> workloads;
  for (const std::string &text : texts) {
    auto workload = Workload::parse(text);
    if (!workload)
      return workload.takeError();
    if (!llvm::is_contained(workloads, *workload))
      workloads.push_back(*workload);
  }
  return workloads;
}

void sevenfold::printProgress(const std::string &text) {
  llvm::errs() << text << "\n";
}

void sevenfold::printJson(const nlohmann::json &array) {
  llvm::outs() << array.dump(2, ' ', false,
                             nlohmann::json::error_handler_t::replace)
               << "\n";
}

void sevenfold::printReports(const std::vector<WorkloadReport> &reports,
                             bool json) {
  if (!json) {
    llvm::outs() << formatReports(reports);
    return;
  }
  nlohmann::json array = nlohmann::json::array();
  for (const WorkloadReport &report : reports) {
    array.push_back(toJson(report));
    if (!report.reason.empty())
      printProgress(report.workload + ": " + report.reason);
  }
  printJson(array);
}
