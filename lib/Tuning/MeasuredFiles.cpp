//===- MeasuredFiles.cpp - Measurements from reports ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads what tune and bench print as tables of one plan each.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/ModelCheck.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/Support/FormatVariadic.h"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace sevenfold;
using nlohmann::json;

static llvm::Expected<double> positive(const json &object, llvm::StringRef key,
                                       llvm::StringRef where) {
  auto value = getNumber(object, key, where);
  if (value && !(*value > 0 && std::isfinite(*value)))
    return makeError("{0}: expected '{1}' above 0", where, key);
  return value;
}

/// The figures of the device that `sevenfold device --json` printed.
static llvm::Error readFigures(const json &device, llvm::StringRef where,
                               ElementType type, DeviceTraits &traits) {
  // A GPU's are nominal.
  bool gpu = hasKey(device, "nominal_bandwidth");
  std::string prefix = gpu ? "nominal_" : "";
  std::string key = "peak_f32";
  if (type == ElementType::F64)
    key = "peak_f64";
  else if (gpu && type == ElementType::TF32)
    key = "peak_tf32";
  else if (gpu && (type == ElementType::F16 || type == ElementType::BF16))
    key = "peak_half";
  auto peak = positive(device, prefix + key, where);
  if (!peak)
    return peak.takeError();
  auto bandwidth = positive(device, prefix + "bandwidth", where);
  if (!bandwidth)
    return bandwidth.takeError();
  auto cache = getInteger(device, "cache_bytes", where, 0);
  if (!cache)
    return cache.takeError();
  traits.peak = *peak;
  traits.bandwidth = *bandwidth;
  traits.cacheBytes = *cache;
  return llvm::Error::success();
}

/// One report as a table of its plan; nothing where it chose none, and where it
/// is one of a whole function.
static llvm::Expected<std::optional<PlanTable>>
readReport(const json &report, const std::string &where) {
  if (hasKey(report, "simulated"))
    return makeError("{0}: this is simulated, expected what was measured",
                     where);
  auto text = getString(report, "workload", where);
  if (!text)
    return text.takeError();
  auto chosen = getString(report, "chosen", where);
  if (!chosen)
    return chosen.takeError();
  if (*chosen != "plan" || llvm::StringRef(*text).contains('@'))
    return std::nullopt;
  PlanTable table;
  auto workload = Workload::parse(*text);
  if (!workload)
    return makeError("{0}: {1}", where, llvm::toString(workload.takeError()));
  table.workload = *workload;
  auto hardware = getString(report, "device", where);
  if (!hardware)
    return hardware.takeError();
  auto threads = getInteger(report, "threads", where, 1, 1 << 20);
  if (!threads)
    return threads.takeError();
  table.device.hardware = *hardware;
  table.device.threads = int(*threads);
  auto baseline = getObject(report, "baseline", where);
  if (!baseline)
    return baseline.takeError();
  auto provider = getString(**baseline, "provider", where);
  if (!provider)
    return provider.takeError();
  auto seconds = positive(**baseline, "median_s", where);
  if (!seconds)
    return seconds.takeError();
  table.baselineProvider = *provider;
  table.baselineSeconds = *seconds;
  auto speedup = positive(report, "speedup", where);
  if (!speedup)
    return speedup.takeError();
  if (!hasKey(report, "plan"))
    return makeError("{0}: expected a 'plan'", where);
  auto plan = planFromJson(report["plan"]);
  if (!plan)
    return makeError("{0}: {1}", where, llvm::toString(plan.takeError()));
  MeasuredPlan measured;
  measured.plan = std::move(*plan);
  measured.ratios = {*speedup};
  table.plans.push_back(std::move(measured));
  return table;
}

/// Reports alone are an array; benchmarks/*.sh wrap them in an object that says
/// of what device they are.
static llvm::Expected<std::vector<PlanTable>>
readReports(const json &document, llvm::StringRef path, DeviceFigures figures) {
  const json *device = nullptr, *list = &document;
  if (document.is_object()) {
    auto found = getArray(document, "workloads", path);
    if (!found)
      return found.takeError();
    list = *found;
    if (hasKey(document, "device"))
      device = &document["device"];
  }
  if (!list->is_array())
    return makeError("{0}: expected an array of reports but got {1}", path,
                     describeJsonType(*list));
  if (!device && figures == DeviceFigures::Recorded)
    return makeError("{0}: these reports do not say what the device can do; "
                     "name a profile by --device simulated:NAME",
                     path);
  std::vector<PlanTable> tables;
  for (size_t i = 0; i < list->size(); ++i) {
    const json &entry = (*list)[i];
    std::string where = llvm::formatv("{0}: report {1}", path, i + 1);
    auto table =
        readReport(hasKey(entry, "report") ? entry["report"] : entry, where);
    if (!table)
      return table.takeError();
    if (!*table)
      continue;
    if (device && figures == DeviceFigures::Recorded)
      if (llvm::Error error =
              readFigures(*device, (path + ": device").str(),
                          (*table)->workload.type, (*table)->device))
        return error;
    tables.push_back(std::move(**table));
  }
  return tables;
}

llvm::Expected<std::vector<PlanTable>>
sevenfold::readMeasured(llvm::StringRef path, DeviceFigures figures) {
  if (!path.ends_with(".json"))
    return readPlanTables(path);
  auto document = readJsonFile(path);
  if (!document)
    return document.takeError();
  return readReports(*document, path, figures);
}
