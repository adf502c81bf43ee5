//===- DeviceCommand.cpp - sevenfold device -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints what this machine is, how fast it measures, and which matrix libraries
// it has.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Driver/Driver.h"

#include "sevenfold/Measure/Device.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

static llvm::StringRef describeTypes(const ProviderInfo &provider) {
  if (provider.f32 && provider.f64)
    return "f32 f64";
  return provider.f32 ? "f32" : "f64";
}

static void printDevice(const Device &device, llvm::raw_ostream &out) {
  out << "processor    " << device.cpu << " (" << device.cpuId << ", "
      << device.isa << ")\n"
      << "threads      " << device.threads << " of " << device.processors
      << "\n"
      << "last cache   " << (device.cacheBytes >> 20) << " MiB\n"
      << "memory       " << (device.memoryBytes >> 20) << " MiB\n"
      << llvm::format("peak f32     %.1f Gflop/s measured\n",
                      device.peakF32 * 1e-9)
      << llvm::format("peak f64     %.1f Gflop/s measured\n",
                      device.peakF64 * 1e-9)
      << llvm::format("copy         %.1f GB/s measured, read and written\n",
                      device.bandwidth * 1e-9)
      << "fingerprint  " << device.fingerprint() << "\n";
  for (const ProviderInfo &provider : device.providers)
    out << "provider     " << provider.name << " " << provider.version << " ("
        << describeTypes(provider) << ")\n";
  for (const MissingProvider &provider : device.missingProviders)
    out << "not found    " << provider.reason << "\n";
}

static llvm::Expected<int> runDevice(const CommonOptions &options) {
  llvm::Expected<Device> device = probeDevice(options.threads);
  if (!device)
    return device.takeError();
  for (const ProviderInfo &provider : device->providers)
    if (std::string remark = kernelSetRemark(*device, provider);
        !remark.empty())
      llvm::errs() << "remark: " << remark << "\n";
  if (options.json)
    llvm::outs() << nlohmann::json::array({toJson(*device)})
                        .dump(2, ' ', false,
                              nlohmann::json::error_handler_t::replace)
                 << "\n";
  else
    printDevice(*device, llvm::outs());
  return 0;
}

void sevenfold::addDeviceCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "device", "fingerprint, measured peak and bandwidth, providers found");
  command->callback(
      [&line] { line.run = [&line] { return runDevice(line.common); }; });
}
