//===- SimulatedDevices.cpp - Commands on simulated devices ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks the profile up, predicts, and prints. No database is opened here.
//
//===----------------------------------------------------------------------===//

#include "SimulatedDevices.h"

#include "Measuring.h"
#include "TuneCommand.h"

#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Simulation.h"

#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Profiles
//===----------------------------------------------------------------------===//

static std::string describePeaks(const DeviceProfile &profile) {
  std::string text;
  for (const auto &[type, peak] : profile.peaks)
    text += fmt::format("{}{} {:.4g}", text.empty() ? "" : ", ",
                        stringifyElementType(type).str(), peak * 1e-12);
  return text + " Tflop/s";
}

static std::string describeTiles(const DeviceProfile &profile) {
  std::string text;
  for (const DeviceProfile::Tile &tile : profile.tiles)
    text += fmt::format("{}{}x{}", text.empty() ? "" : ", ", tile.m, tile.n);
  return text;
}

static std::string describeUnits(const DeviceProfile &profile) {
  std::string text;
  for (const auto &[type, unit] : profile.units)
    text +=
        fmt::format("{}{} {}x{}x{}", text.empty() ? "" : ", ",
                    stringifyElementType(type).str(), unit.m, unit.n, unit.k);
  return text;
}

/// What is said of a profile, a line each.
static std::vector<std::pair<std::string, std::string>>
describe(const DeviceProfile &profile) {
  std::string cores = std::to_string(profile.cores);
  if (profile.clockHertz > 0)
    cores += fmt::format(" at {:.3g} GHz", profile.clockHertz * 1e-9);
  std::vector<std::pair<std::string, std::string>> lines = {
      {"device", simulatedName(profile) + ", " + profile.product},
      {"cores", cores},
      {"peak", describePeaks(profile)},
      {"memory",
       fmt::format("{:.1f} GB, {:.0f} GB/s", double(profile.memoryBytes) * 1e-9,
                   profile.bandwidth * 1e-9)}};
  if (profile.cacheBytes > 0)
    lines.emplace_back(
        "cache",
        fmt::format("{:.1f} MiB", double(profile.cacheBytes) / 0x1p20) +
            (profile.cacheBandwidth > 0
                 ? fmt::format(", {:.0f} GB/s", profile.cacheBandwidth * 1e-9)
                 : ""));
  if (!profile.tiles.empty())
    lines.emplace_back("tiles", describeTiles(profile));
  if (!profile.units.empty())
    lines.emplace_back("unit", describeUnits(profile));
  lines.emplace_back("launch",
                     fmt::format("{:.3g} us", profile.launchSeconds * 1e6));
  for (const DeviceProfile::Source &source : profile.sources)
    lines.emplace_back(source.assumed ? "assumed" : "source",
                       source.group + ": " + source.text);
  return lines;
}

void sevenfold::printProfile(const DeviceProfile &profile, bool json) {
  if (json) {
    nlohmann::json object = toJson(profile);
    object["device"] = simulatedName(profile);
    object["simulated"] = true;
    printJson(nlohmann::json::array({std::move(object)}));
    return;
  }
  for (const auto &[what, text] : describe(profile))
    llvm::outs() << fmt::format("simulated {:<8} {}\n", what, text);
}

//===----------------------------------------------------------------------===//
// Predicting
//===----------------------------------------------------------------------===//

static void printSimulated(llvm::ArrayRef<WorkloadReport> reports, bool json) {
  if (!json) {
    llvm::outs() << formatSimulated(reports);
    return;
  }
  nlohmann::json array = nlohmann::json::array();
  for (const WorkloadReport &report : reports)
    array.push_back(toJson(report));
  printJson(array);
}

llvm::Expected<int> sevenfold::runSimulation(const CommonOptions &common,
                                             const std::string &device,
                                             llvm::ArrayRef<Workload> workloads,
                                             const TuneOptions &options,
                                             const std::optional<Plan> &plan) {
  auto profile = simulatedDevice(device);
  if (!profile)
    return profile.takeError();
  if (!common.database.empty())
    return makeError("expected no --db with '{0}': what is simulated is never "
                     "recorded, nor looked up",
                     device);
  std::vector<Scheme> schemes;
  if (!plan)
    schemes = schemesForPlans(knownSchemes());
  std::vector<WorkloadReport> reports;
  for (const Workload &workload : workloads) {
    auto report = plan ? simulatePlan(workload, *profile, *plan)
                       : simulateTuning(workload, *profile, schemes,
                                        options.config, options.limits);
    if (!report)
      return report.takeError();
    reports.push_back(std::move(*report));
  }
  printProgress(device + ": simulated from a profile; nothing was measured and "
                         "nothing is recorded");
  printSimulated(reports, common.json);
  return 0;
}
