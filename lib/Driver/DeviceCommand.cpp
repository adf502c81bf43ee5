//===- DeviceCommand.cpp - sevenfold device -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints what this machine and its GPUs are, how fast it measures, and which
// matrix libraries there are.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Driver/Driver.h"

#include "Measuring.h"
#include "SimulatedDevices.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/Target.h"

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

/// What records name it by, and the libraries; those of GPUs have all types.
static void printLibraries(const Device &device, llvm::raw_ostream &out) {
  out << "fingerprint  " << device.fingerprint() << "\n";
  for (const ProviderInfo &provider : device.providers) {
    out << "provider     " << provider.name << " " << provider.version;
    if (!provider.file.empty())
      out << " (" << describeTypes(provider) << ") " << provider.file;
    out << "\n";
  }
  for (const MissingProvider &provider : device.missingProviders)
    out << "not found    " << provider.reason << "\n";
}

static void printPeak(llvm::raw_ostream &out, const Device &device,
                      ElementType type, const char *unit, double scale) {
  out << llvm::format("peak %-8s%.1f %s\n",
                      stringifyElementType(type).str().c_str(),
                      device.peak(type) * scale, unit);
}

static void printHardware(const Device &device, const Processor &processor,
                          llvm::raw_ostream &out) {
  out << "processor    " << processor.name << " (" << processor.id << ", "
      << processor.isa << ")\n"
      << "threads      " << device.threads << " of " << processor.count << "\n"
      << "last cache   " << (processor.cacheBytes >> 20) << " MiB\n"
      << "memory       " << (processor.memoryBytes >> 20) << " MiB\n";
  for (ElementType type : {ElementType::F32, ElementType::F64})
    printPeak(out, device, type, "Gflop/s measured", 1e-9);
  out << llvm::format("copy         %.1f GB/s measured, read and written\n",
                      device.profile.bandwidth * 1e-9);
}

static void printHardware(const Device &device, const Gpu &gpu,
                          llvm::raw_ostream &out) {
  out << "gpu          " << gpu.name << " (" << gpu.chip() << ", "
      << gpu.multiprocessors << " SMs)\n"
      << "driver       CUDA " << gpu.driver << "\n"
      << "last cache   " << (gpu.cacheBytes >> 20) << " MiB\n"
      << "memory       " << (gpu.memoryBytes >> 20) << " MiB\n";
  for (ElementType type : {ElementType::F32, ElementType::F64,
                           ElementType::TF32, ElementType::F16})
    printPeak(out, device, type, "Tflop/s nominal", 1e-12);
  out << llvm::format("memory       %.1f GB/s nominal\n",
                      device.profile.bandwidth * 1e-9);
}

static void printHardware(const Device &device, const XlaDevice &xla,
                          llvm::raw_ostream &out) {
  out << "plugin       " << xla.plugin << " (PJRT " << xla.api << ", StableHLO "
      << (xla.stablehlo.empty() ? "untold" : xla.stablehlo) << ")\n"
      << "device       " << xla.kind << " (" << xla.platform << ")\n"
      << "compiler     " << xla.compiler << "\n";
  if (xla.memoryBytes > 0)
    out << "memory       " << (xla.memoryBytes >> 20) << " MiB\n";
  if (!xla.isProcessor())
    return;
  out << "threads      " << device.threads << "\n";
  printPeak(out, device, ElementType::F32, "Gflop/s measured", 1e-9);
}

static void printDevice(const Device &device, llvm::raw_ostream &out) {
  std::visit(
      [&](const auto &hardware) { printHardware(device, hardware, out); },
      device.hardware);
  printLibraries(device, out);
}

/// The devices of a kind, or of all kinds that are at hand.
static llvm::Expected<std::vector<Device>>
findDevices(const CommonOptions &options, const std::string &name) {
  std::vector<Device> devices;
  for (const TargetKind *kind : targetKinds()) {
    if (name.empty() ? !kind->isListed : name != kind->name)
      continue;
    auto found = kind->devices(options.threads);
    if (!found && (!name.empty() || kind == targetKinds().front()))
      return found.takeError();
    if (!found)
      llvm::consumeError(found.takeError());
    else
      llvm::append_range(devices, std::move(*found));
  }
  for (const Device &device : devices)
    for (const ProviderInfo &provider : device.providers)
      if (!provider.remark.empty())
        llvm::errs() << "remark: " << provider.remark << "\n";
  return devices;
}

/// The device of a target's name.
static llvm::Expected<std::vector<Device>>
findDevice(const CommonOptions &options, const std::string &name) {
  auto found = findDevice(name, options.threads, Probing::Full);
  if (!found)
    return found.takeError();
  return std::vector<Device>{std::move(found->device)};
}

/// Empty, or what is wrong with a device's name.
static std::string nameProblem(const std::string &name) {
  std::string names;
  for (const TargetKind *kind : targetKinds()) {
    if (llvm::StringRef(name).split(':').first == kind->name)
      return "";
    names += kind->name.str() + ", ";
  }
  return isSimulated(name)
             ? ""
             : "expected " + names + "or simulated:NAME but got '" + name + "'";
}

static llvm::Expected<int> runDevice(const CommonOptions &options,
                                     const std::string &kind) {
  if (isSimulated(kind)) {
    auto profile = simulatedDevice(kind);
    if (!profile)
      return profile.takeError();
    printProfile(*profile, options.json);
    return 0;
  }
  auto devices = llvm::StringRef(kind).contains(':')
                     ? findDevice(options, kind)
                     : findDevices(options, kind);
  if (!devices)
    return devices.takeError();
  nlohmann::json array = nlohmann::json::array();
  for (const Device &device : *devices) {
    if (options.json)
      array.push_back(toJson(device));
    else
      printDevice(device, llvm::outs());
  }
  if (options.json)
    llvm::outs() << array.dump(2, ' ', false,
                               nlohmann::json::error_handler_t::replace)
                 << "\n";
  return 0;
}

void sevenfold::addDeviceCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "device", "fingerprint, peak and bandwidth, providers found");
  auto kind = std::make_shared<std::string>();
  command
      ->add_option("--device", *kind,
                   "host, nvptx for the GPUs (default: both, where there is a "
                   "GPU), pjrt:PLUGIN for what a PJRT plugin drives, or "
                   "simulated:NAME for a profile")
      ->check(nameProblem);
  command->callback([&line, kind] {
    line.run = [&line, kind] { return runDevice(line.common, *kind); };
  });
}
