//===- DeviceKinds.cpp - Devices that the runner knows --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kinds that were built in, and the host's.
//
//===----------------------------------------------------------------------===//

#include "DeviceKind.h"

#include "sevenfold/Measure/DeviceKinds.h"
#include "sevenfold/Measure/Processor.h"
#include "sevenfold/Runtime/Runtime.h"

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

static std::unique_ptr<Executor> createExecutor(const std::string &,
                                                std::string &) {
  return createHostExecutor();
}

static json describe(const std::string &, int threads) {
  Processor processor = describeProcessor();
  json providers = json::object();
  for (int number = SEVENFOLD_PROVIDER_ANY + 1;
       const char *name = sevenfold_provider_name(number); ++number)
    if (sevenfold_provider_available(number))
      providers[name] = sevenfold_provider_version(number);
  return {{"fingerprint", processor.fingerprint()},
          {"machine", processor.name},
          {"threads", threads},
          {"providers", providers}};
}

namespace sevenfold {
namespace runner {
#define SEVENFOLD_TARGET(NAME) extern const DeviceKind k##NAME##Device;
#include "sevenfold/Support/Targets.def"

const DeviceKind kHostDevice = {"host",
                                0,
                                createExecutor,
                                [](const json &, Bundle &) {},
                                [](const Bundle &) { return std::string(); },
                                describe,
                                nullptr,
                                nullptr};
} // namespace runner
} // namespace sevenfold

static const DeviceKind *const kKinds[] = {
#define SEVENFOLD_TARGET(NAME) &k##NAME##Device,
#include "sevenfold/Support/Targets.def"
};

const DeviceKind *runner::findDeviceKind(const std::string &device) {
  std::string name = device.substr(0, device.find(':'));
  for (const DeviceKind *kind : kKinds)
    if (name == kind->name)
      return kind;
  return nullptr;
}

std::string runner::restOfDevice(const std::string &device) {
  size_t colon = device.find(':');
  return colon == std::string::npos ? "" : device.substr(colon + 1);
}

std::vector<std::string> sevenfold::deviceKinds() {
  std::vector<std::string> names;
  for (const DeviceKind *kind : kKinds)
    names.push_back(kind->name);
  return names;
}

std::string runner::deviceKindNames() {
  std::string text;
  for (const std::string &name : deviceKinds())
    text += (text.empty() ? "'" : " or '") + name + "'";
  return text;
}
