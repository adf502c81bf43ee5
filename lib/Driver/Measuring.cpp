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

llvm::Expected<MeasuringTools>
sevenfold::openMeasuringTools(const CommandLine &line) {
  installInterruptHandlers();
  auto program = findRunner(line.programPath);
  if (!program)
    return program.takeError();
  auto workspace = workspaceLimit(line.common);
  if (!workspace)
    return workspace.takeError();
  auto device = probeDevice(line.common.threads);
  if (!device)
    return device.takeError();
  for (const ProviderInfo &provider : device->providers)
    if (std::string remark = kernelSetRemark(*device, provider);
        !remark.empty())
      printProgress("remark: " + remark);
  RunnerOptions options;
  options.program = *program;
  options.threads = device->threads;
  options.seed = line.common.seed;
  auto runner = createProcessRunner(options);
  if (!runner)
    return runner.takeError();
  auto runtime = findRuntimeArchive(line.programPath);
  if (!runtime)
    return runtime.takeError();
  HostBuilderOptions builderOptions;
  builderOptions.runtimeArchive = *runtime;
  builderOptions.maxWorkspaceBytes = *workspace;
  auto builder = createHostBuilder(builderOptions);
  if (!builder)
    return builder.takeError();
  MeasuringTools tools;
  tools.device = std::move(*device);
  tools.builder = std::move(*builder);
  tools.runner = std::move(*runner);
  return tools;
}

std::string sevenfold::databasePath(const CommonOptions &options) {
  return options.database.empty() ? defaultDatabasePath() : options.database;
}

DatabasePaths sevenfold::databasePaths(const CommonOptions &options) {
  return {databasePath(options), options.systemDatabases};
}

llvm::Expected<int64_t>
sevenfold::workspaceLimit(const CommonOptions &options) {
  if (options.maxWorkspace.empty())
    return -1;
  auto bytes = parseSize(options.maxWorkspace);
  if (!bytes)
    return bytes.takeError();
  return int64_t(*bytes);
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
