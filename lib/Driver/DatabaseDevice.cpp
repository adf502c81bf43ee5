//===- DatabaseDevice.cpp - Whom sevenfold db asks about ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host, the GPU in this machine, of which all versions are known, or a GPU
// by its name alone.
//
//===----------------------------------------------------------------------===//

#include "DatabaseCommand.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Validity.h"

#include <CLI/CLI.hpp>

using namespace sevenfold;

std::vector<CLI::Option *> sevenfold::addPlanDeviceOptions(CLI::App &command,
                                                           PlanDevice &device) {
  return {command
              .add_option("--device", device.device,
                          "the device asked about: host, nvptx or nvptx:CHIP "
                          "for the GPU in this machine, or pjrt:PLUGIN")
              ->capture_default_str(),
          command.add_option("--hardware", device.hardware,
                             "a device that is not in this machine, as "
                             "'sevenfold device' names it there")};
}

/// Asks about the GPU in this machine, or about the one that is named.
static llvm::Expected<QueryContext> gpuContextOf(const TargetKind &kind,
                                                 const PlanDevice &device) {
  if (llvm::Error error = checkDeviceName(device.device))
    return error;
  auto here = kind.hardware(device.device);
  std::string problem = here ? "" : llvm::toString(here.takeError());
  if (device.hardware.empty() && !problem.empty())
    return makeError("{0}: expected --hardware with the name of the device "
                     "asked about",
                     problem);
  if (!device.hardware.empty() &&
      (!problem.empty() || *here != device.hardware))
    return absentContext(kind.name.str(), device.hardware);
  auto found = kind.atHand(device.device, /*threads=*/0, Probing::None);
  if (!found)
    return found.takeError();
  return queryContext(found->device);
}

static llvm::Expected<QueryContext> hostContextOf(const CommonOptions &options,
                                                  const PlanDevice &device) {
  if (!device.hardware.empty())
    return makeError("expected --device nvptx with --hardware, the host is "
                     "asked about as it is");
  return queryContext(describeDevice(options.threads));
}

llvm::Expected<QueryContext>
sevenfold::queryContextOf(const CommonOptions &options,
                          const PlanDevice &device) {
  auto limits = planLimits(options);
  if (!limits)
    return limits.takeError();
  auto kind = targetKindOf(device.device);
  if (!kind)
    return kind.takeError();
  auto context = device.device == hostTarget()->name()
                     ? hostContextOf(options, device)
                     : gpuContextOf(**kind, device);
  if (!context)
    return context.takeError();
  context->limits = *limits;
  return context;
}
