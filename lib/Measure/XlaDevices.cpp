//===- XlaDevices.cpp - The devices of PJRT plugins -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where plugins are, and what the runner's child says of one. No plugin is ever
// loaded into this process: some abort it, and none can be unloaded.
//
//===----------------------------------------------------------------------===//

#include "EmbeddedPlugins.h"
#include "RunnerCore/Session.h"

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

//===----------------------------------------------------------------------===//
// Where plugins are
//===----------------------------------------------------------------------===//

/// The folder of the program that runs.
static std::string programFolder() {
  return llvm::sys::path::parent_path(
             llvm::sys::fs::getMainExecutable(nullptr, nullptr))
      .str();
}

/// Where a named plugin's file may be, in the order of looking.
static std::vector<std::string> placesOf(llvm::StringRef name) {
  std::vector<std::string> places;
  for (const std::string &folder :
       {userDataFolder(), programFolder() + "/../lib"}) {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, "pjrt", name + ".so");
    llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
    places.push_back(std::string(path));
  }
  return places;
}

/// The names of python-free-configs/pjrt/plugins.json.
static std::vector<std::string> pluginNames() {
  std::vector<std::string> names;
  json file = json::parse(embeddedPlugins().front().text.str());
  for (const json &entry : file["plugins"])
    names.push_back(entry["name"]);
  return names;
}

llvm::Expected<std::string> sevenfold::findPjrtPlugin(llvm::StringRef name) {
  std::vector<std::string> names = pluginNames();
  if (!llvm::is_contained(names, name)) {
    if (llvm::sys::fs::exists(name)) {
      llvm::SmallString<256> path(name);
      llvm::sys::fs::make_absolute(path);
      return std::string(path);
    }
    return makeError("cannot read the PJRT plugin '{0}': expected a file, or "
                     "'{1}'",
                     name, llvm::join(names, "', '"));
  }
  std::vector<std::string> places = placesOf(name);
  for (const std::string &place : places)
    if (llvm::sys::fs::exists(place))
      return place;
  return makeError(
      "there is no PJRT plugin '{0}' at '{1}': "
      "tools/fetch-pjrt-plugins.sh fetches it (docs/XlaDevices.md)",
      name, llvm::join(places, "' or '"));
}

//===----------------------------------------------------------------------===//
// What they are
//===----------------------------------------------------------------------===//

llvm::Expected<json> sevenfold::askRunner(const json &request) {
  std::string runner = programFolder() + "/sevenfold-runner";
  if (!llvm::sys::fs::can_execute(runner))
    return makeError("cannot execute the runner '{0}'", runner);
  runner::Session session(runner, sevenfold_get_threads());
  runner::Outcome outcome = session.exchange(request);
  if (outcome.status != RunStatus::Ok)
    return makeError("{0}", outcome.message);
  return std::move(outcome.reply);
}

static llvm::Expected<XlaDevice> readDescription(const json &described) {
  XlaDevice xla;
  try {
    xla.plugin = described.at("plugin");
    xla.sha256 = described.at("plugin_sha256");
    xla.platform = described.at("platform");
    xla.kind = described.at("kind");
    xla.compiler = described.at("driver");
    xla.api = described.at("api");
    xla.stablehlo = described.at("stablehlo");
    xla.memoryBytes = described.at("memory_bytes");
    xla.cores = described.at("cores");
  } catch (const json::exception &error) {
    return makeError("the runner's description of a plugin is none: {0}",
                     error.what());
  }
  return xla;
}

/// What the child says of a plugin. It is asked once: a plugin of hundreds of
/// megabytes is loaded and hashed for it.
static llvm::Expected<XlaDevice> askPlugin(const std::string &plugin) {
  static std::map<std::string, XlaDevice> known;
  if (auto found = known.find(plugin); found != known.end())
    return found->second;
  auto reply = askRunner({{"op", "describe"}, {"device", "pjrt:" + plugin}});
  if (!reply)
    return reply.takeError();
  auto xla = readDescription((*reply)["described"]);
  if (xla)
    known[plugin] = *xla;
  return xla;
}

/// What is known of a device that is no processor: the figures of the profile
/// of its kind, where there is one.
static DeviceProfile profileOf(const XlaDevice &xla) {
  for (const DeviceProfile &profile : deviceProfiles())
    if (profile.kind == xla.kind)
      return profile;
  DeviceProfile profile;
  profile.cores = std::max<int64_t>(xla.cores, 1);
  return profile;
}

llvm::Expected<Device> sevenfold::describeXlaDevice(const std::string &plugin,
                                                    int threads, bool probes) {
  auto xla = askPlugin(plugin);
  if (!xla)
    return xla.takeError();
  Device device;
  if (xla->isProcessor()) {
    // The processor is the host's; what multiplies on it is XLA's alone.
    if (probes) {
      auto probed = probeDevice(threads);
      if (!probed)
        return probed.takeError();
      device = std::move(*probed);
    } else {
      device = describeDevice(threads);
    }
    xla->processor = device.fingerprint();
  } else {
    device.threads = 1;
    device.profile = profileOf(*xla);
    device.profile.memoryBytes = xla->memoryBytes;
  }
  ProviderInfo provider;
  provider.name = kXla.str();
  provider.version = xla->sha256.substr(0, 16);
  provider.f32 = provider.f64 = true;
  device.providers = {std::move(provider)};
  device.missingProviders.clear();
  device.contenders.clear();
  device.slabs.clear();
  // Texts of more products take XLA's compilers minutes.
  device.mostLevels = 2;
  device.mostNestedRank = 7;
  device.libraryTypes = {ElementType::F32,  ElementType::F64, ElementType::F16,
                         ElementType::BF16, ElementType::I8,  ElementType::I32};
  if (!xla->isProcessor())
    device.libraryTypes.push_back(ElementType::TF32);
  device.profile.product = xla->kind;
  device.profile.name = xla->fingerprint();
  device.hardware = std::move(*xla);
  return device;
}
