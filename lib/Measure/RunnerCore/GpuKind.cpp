//===- GpuKind.cpp - GPUs as the runner knows them ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bundles of GPU code, and the GPU that they are measured on.
//
//===----------------------------------------------------------------------===//

#include "DeviceKind.h"

#include "sevenfold/Measure/Gpu.h"

#include <stdexcept>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

/// The driver may have to load its modules and to set up the device.
static constexpr double kDriverSeconds = 120;

static void readTarget(const json &target, Bundle &bundle) {
  bundle.chip = target.at("chip");
  bundle.image = target.at("image");
}

static std::string checkGpu(const Bundle &bundle) {
  std::string problem;
  std::vector<Gpu> gpus = listGpus(problem);
  if (gpus.empty())
    return "the bundle '" + bundle.folder + "' is for a GPU: " + problem;
  const Gpu &gpu = gpus[kMeasuredGpu];
  ImageKind image = bundle.image == "cubin" ? ImageKind::Cubin : ImageKind::Ptx;
  if (runsOn(gpu, bundle.chip, image))
    return "";
  return "the bundle '" + bundle.folder +
         "' is for another device: its code (" + bundle.image + ") is for '" +
         bundle.chip + "', this GPU, '" + gpu.name + "', is '" + gpu.chip() +
         "'";
}

static json describe(const std::string &, int) {
  std::string problem;
  std::vector<Gpu> gpus = listGpus(problem);
  if (gpus.empty())
    throw std::runtime_error(problem);
  const Gpu &gpu = gpus[kMeasuredGpu];
  json providers = json::object();
  if (std::string version = cublasLtVersion(problem); !version.empty())
    providers["cublaslt"] = version;
  return {{"fingerprint", gpu.fingerprint()},
          {"machine", gpu.name},
          {"threads", 1},
          {"driver", gpu.driver},
          {"providers", providers}};
}

static std::unique_ptr<Executor> createExecutor(const std::string &,
                                                std::string &message) {
  return createGpuExecutor(message);
}

namespace sevenfold {
namespace runner {
extern const DeviceKind kNvptxDevice;
const DeviceKind kNvptxDevice = {"nvptx",    kDriverSeconds, createExecutor,
                                 readTarget, checkGpu,       describe,
                                 nullptr,    nullptr};
} // namespace runner
} // namespace sevenfold
