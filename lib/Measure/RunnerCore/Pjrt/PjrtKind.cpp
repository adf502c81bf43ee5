//===- PjrtKind.cpp - XLA's devices to the runner -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "pjrt:PLUGIN.so", where it is described, opened, and matched with a bundle.
//
//===----------------------------------------------------------------------===//

#include "PjrtClient.h"

#include "../DeviceKind.h"

#include "sevenfold/Measure/Processor.h"

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

/// A plugin of half a gigabyte is read from a disk, and its device woken.
static constexpr double kPluginSeconds = 180;

static void readTarget(const json &target, Bundle &bundle) {
  bundle.pluginHash = target.at("plugin_sha256");
  bundle.plugin = target.at("plugin");
}

/// A bundle's programs are text that any plugin compiles; what was asked for is
/// that of a certain one.
static std::string checkPlugin(const Bundle &bundle) {
  std::string path = restOfDevice(bundle.device);
  if (path.empty())
    return "the bundle '" + bundle.folder + "' is for the PJRT plugin '" +
           bundle.plugin + "': name it with --plugin";
  std::string hash = hashOfFile(path);
  if (hash.empty())
    return "cannot read the plugin '" + path + "'";
  if (hash != bundle.pluginHash)
    return "the bundle '" + bundle.folder + "' is for another plugin: '" +
           path + "' has SHA-256 " + hash.substr(0, 12) + "..";
  return "";
}

static json describe(const std::string &path, int threads) {
  XlaDevice device = PjrtClient(path).describe();
  device.plugin = path;
  device.sha256 = hashOfFile(path);
  if (device.isProcessor())
    device.processor = describeProcessor().fingerprint();
  return {{"fingerprint", device.fingerprint()},
          {"machine",
           device.isProcessor() ? describeProcessor().name : device.kind},
          {"threads", device.isProcessor() ? threads : 1},
          {"driver", device.compiler},
          {"providers", {{"xla", device.sha256.substr(0, 16)}}},
          {"plugin", device.plugin},
          {"plugin_sha256", device.sha256},
          {"platform", device.platform},
          {"kind", device.kind},
          {"api", device.api},
          {"stablehlo", device.stablehlo},
          {"memory_bytes", device.memoryBytes},
          {"cores", device.cores}};
}

namespace sevenfold {
namespace runner {
extern const DeviceKind kPjrtDevice;
const DeviceKind kPjrtDevice = {"pjrt",     kPluginSeconds, createPjrtExecutor,
                                readTarget, checkPlugin,    describe};
} // namespace runner
} // namespace sevenfold
