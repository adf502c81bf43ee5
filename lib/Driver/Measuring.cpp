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
#include "sevenfold/Target/HostBuilder.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

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
sevenfold::findRuntimeArchive(const std::string &programPath) {
  return findBeside(programPath, "../lib/libSevenfoldRuntime.a",
                    "the runtime library");
}

llvm::Expected<std::string>
sevenfold::findGpuRuntimeArchive(const std::string &programPath) {
  return findBeside(programPath, "../lib/libSevenfoldGpuRuntime.a",
                    "the runtime library for GPUs");
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

std::function<bool()> MeasuringTools::stopped() const {
  return [lost = deviceLost] { return interrupted() || !lost->empty(); };
}

/// The compiler for `gpu`, or for the host, and the runner.
static llvm::Expected<MeasuringTools>
openTools(const CommandLine &line, Device device,
          const std::optional<NvptxDevice> &gpu) {
  auto program = findRunner(line.programPath);
  if (!program)
    return program.takeError();
  auto limits = planLimits(line.common);
  if (!limits)
    return limits.takeError();
  RunnerOptions options;
  options.program = *program;
  // On a GPU the host's threads compute what results are compared with.
  options.threads = gpu ? line.common.threads : device.threads;
  options.seed = line.common.seed;
  options.device = device.lowering();
  auto runner = createProcessRunner(options);
  if (!runner)
    return runner.takeError();
  auto runtime = gpu ? findGpuRuntimeArchive(line.programPath)
                     : findRuntimeArchive(line.programPath);
  if (!runtime)
    return runtime.takeError();
  BuilderOptions builderOptions;
  builderOptions.runtimeArchive = *runtime;
  builderOptions.limits = *limits;
  auto builder = gpu ? createGpuBuilder(builderOptions, *gpu)
                     : createHostBuilder(builderOptions);
  if (!builder)
    return builder.takeError();
  MeasuringTools tools;
  tools.device = std::move(device);
  tools.gpu = gpu;
  tools.builder = std::move(*builder);
  tools.deviceLost = std::make_shared<std::string>();
  tools.runner =
      std::make_unique<WatchedRunner>(std::move(*runner), tools.deviceLost);
  return tools;
}

ImageKind sevenfold::imageKind(const NvptxDevice &device) {
  return canAssemble(device) ? ImageKind::Cubin : ImageKind::Ptx;
}

/// Fails where code for the chip does not run on the GPU.
static llvm::Error checkChip(const NvptxDevice &device, const Gpu &gpu) {
  if (runsOn(gpu, device.chip, imageKind(device)))
    return llvm::Error::success();
  return makeError("code for '{0}' does not run on '{1}': expected "
                   "--device nvptx:{2}",
                   device.str(), gpu.name, gpu.chip());
}

llvm::Error sevenfold::checkDeviceName(const std::string &name) {
  if (name == "host" || name == kGpuLowering)
    return llvm::Error::success();
  return NvptxDevice::parse(name).takeError();
}

llvm::Expected<GpuAtHand> sevenfold::findGpu(const std::string &name) {
  if (llvm::Error error = checkDeviceName(name))
    return error;
  auto device = describeGpuDevice();
  if (!device)
    return device.takeError();
  const Gpu &gpu = *device->gpu();
  auto chip =
      NvptxDevice::parse(name == kGpuLowering ? name + ":" + gpu.chip() : name);
  if (!chip)
    return chip.takeError();
  if (llvm::Error error = checkChip(*chip, gpu))
    return error;
  return GpuAtHand{std::move(*device), std::move(*chip)};
}

static llvm::Expected<MeasuringTools> openGpuTools(const CommandLine &line,
                                                   const std::string &name) {
  auto gpu = findGpu(name);
  if (!gpu)
    return gpu.takeError();
  for (const MissingProvider &provider : gpu->device.missingProviders)
    printProgress("remark: " + provider.reason);
  return openTools(line, std::move(gpu->device), gpu->chip);
}

llvm::Expected<MeasuringTools>
sevenfold::openMeasuringTools(const CommandLine &line,
                              const std::string &name) {
  installInterruptHandlers();
  if (name != "host")
    return openGpuTools(line, name);
  auto device = probeDevice(line.common.threads);
  if (!device)
    return device.takeError();
  for (const ProviderInfo &provider : device->providers)
    if (!provider.remark.empty())
      printProgress("remark: " + provider.remark);
  return openTools(line, std::move(*device), std::nullopt);
}

llvm::Expected<MeasuringTools>
sevenfold::openBuildingTools(const CommandLine &line, const std::string &name) {
  if (name == "host")
    return openMeasuringTools(line);
  installInterruptHandlers();
  auto gpu = NvptxDevice::parse(name);
  if (!gpu)
    return gpu.takeError();
  return openTools(line, absentGpuDevice(gpu->architecture), *gpu);
}

llvm::Error sevenfold::checkTypes(llvm::ArrayRef<Workload> workloads,
                                  llvm::StringRef device) {
  for (const Workload &workload : workloads) {
    if (device == "host" && workload.type == ElementType::TF32)
      return makeError("'{0}' needs an nvptx device: '{1}' has no products of "
                       "tf32",
                       workload.str(), device);
  }
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
