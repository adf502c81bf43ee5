//===- PlanTable.cpp - Plans with the ratios measured ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading and writing of plan tables.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanTable.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fcntl.h>
#include <unistd.h>

using namespace sevenfold;
using nlohmann::json;

static constexpr llvm::StringLiteral kFormat = "sevenfold-plan-table/1";
/// Files of more bytes than this are refused unread.
static constexpr uint64_t kMaxTableBytes = uint64_t(512) << 20;

DeviceTraits sevenfold::traitsOf(const Device &device,
                                 const Workload &workload) {
  DeviceTraits traits;
  traits.hardware = device.fingerprint();
  traits.threads = device.threads;
  traits.peak = device.peak(workload.type);
  traits.bandwidth = device.profile.bandwidth;
  traits.cacheBytes = device.profile.cacheBytes;
  return traits;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static json toJson(const MeasuredPlan &plan) {
  json object = {{"plan", sevenfold::toJson(plan.plan)},
                 {"predicted_s", plan.predictedSeconds}};
  if (plan.failure.empty())
    object["ratios"] = plan.ratios;
  else
    object["failed"] = plan.failure;
  return object;
}

std::string sevenfold::toJsonLine(const PlanTable &table) {
  json plans = json::array();
  for (const MeasuredPlan &plan : table.plans)
    plans.push_back(::toJson(plan));
  json object = {{"format", kFormat.str()},
                 {"workload", table.workload.str()},
                 {"device",
                  {{"hardware", table.device.hardware},
                   {"threads", table.device.threads},
                   {"peak", table.device.peak},
                   {"bandwidth", table.device.bandwidth},
                   {"cache_bytes", table.device.cacheBytes}}},
                 {"baseline",
                  {{"provider", table.baselineProvider},
                   {"seconds", table.baselineSeconds}}},
                 {"plans", std::move(plans)},
                 {"provenance", table.provenance}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

llvm::Error sevenfold::appendPlanTable(llvm::StringRef path,
                                       const PlanTable &table) {
  std::string line = toJsonLine(table) + "\n";
  std::string name = path.str();
  int file = open(name.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
                  /*mode=*/0666);
  if (file < 0)
    return makeError("cannot write '{0}': {1}", path, strerror(errno));
  // One call: lines of several writers do not mix.
  ssize_t written = write(file, line.data(), line.size());
  int problem = written < 0 ? errno : 0;
  close(file);
  if (written != ssize_t(line.size()))
    return makeError("cannot write '{0}': {1}", path,
                     problem ? strerror(problem) : "the disk is full");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Reads the fields of objects and keeps the first error.
class Reader {
public:
  explicit Reader(llvm::StringRef where) : where(where) {}

  std::string text(const json &object, llvm::StringRef key) {
    return take(getString(object, key, where));
  }
  double positive(const json &object, llvm::StringRef key) {
    double value = take(getNumber(object, key, where));
    if (!failed && !(value > 0 && std::isfinite(value)))
      fail(makeError("{0}: expected '{1}' above 0", where, key));
    return value;
  }
  int64_t integer(const json &object, llvm::StringRef key, int64_t minimum) {
    return take(getInteger(object, key, where, minimum));
  }
  const json *array(const json &object, llvm::StringRef key) {
    return take(getArray(object, key, where));
  }
  const json *object(const json &object, llvm::StringRef key) {
    return take(getObject(object, key, where));
  }
  template <class T> T take(llvm::Expected<T> value) {
    if (value)
      return std::move(*value);
    fail(value.takeError());
    return T();
  }
  void check(llvm::Error error) {
    if (error)
      fail(std::move(error));
  }
  void fail(llvm::Error error) {
    std::string text = llvm::toString(std::move(error));
    if (!failed)
      message = std::move(text);
    failed = true;
  }

  bool failed = false;
  std::string message;

private:
  llvm::StringRef where;
};
} // namespace

static MeasuredPlan readPlan(const json &entry, const std::string &where,
                             std::string &problem) {
  MeasuredPlan plan;
  Reader reader(where);
  reader.check(requireObject(entry, where, {"plan", "predicted_s"},
                             {"ratios", "failed"}));
  if (!reader.failed && hasKey(entry, "ratios") == hasKey(entry, "failed"))
    reader.fail(makeError("{0}: expected either 'ratios' or 'failed'", where));
  if (!reader.failed) {
    if (auto read = planFromJson(entry["plan"]))
      plan.plan = std::move(*read);
    else
      reader.fail(
          makeError("{0}: {1}", where, llvm::toString(read.takeError())));
    plan.predictedSeconds = reader.positive(entry, "predicted_s");
  }
  if (!reader.failed && hasKey(entry, "failed")) {
    plan.failure = reader.text(entry, "failed");
    if (plan.failure.empty())
      plan.failure = "unknown";
  } else if (!reader.failed) {
    const json *ratios = reader.array(entry, "ratios");
    for (size_t i = 0; ratios && i < ratios->size(); ++i) {
      const json &ratio = (*ratios)[i];
      if (!ratio.is_number() || !(ratio.get<double>() > 0)) {
        reader.fail(makeError("{0}: expected 'ratios[{1}]' above 0", where, i));
        break;
      }
      plan.ratios.push_back(ratio.get<double>());
    }
    if (!reader.failed && plan.ratios.empty())
      reader.fail(
          makeError("{0}: expected 'ratios' of at least one pair", where));
  }
  problem = reader.message;
  return plan;
}

llvm::Expected<PlanTable> sevenfold::planTableFromJson(llvm::StringRef line,
                                                       llvm::StringRef where) {
  auto parsed = parseJson(line, where);
  if (!parsed)
    return parsed.takeError();
  const json &object = *parsed;
  Reader reader(where);
  reader.check(requireObject(
      object, where,
      {"format", "workload", "device", "baseline", "plans", "provenance"}));
  if (reader.failed)
    return makePlainError(reader.message);
  std::string format = reader.text(object, "format");
  if (!reader.failed && format != kFormat)
    return makeError("{0}: expected format '{1}' but got '{2}'", where, kFormat,
                     format);
  PlanTable table;
  std::string workload = reader.text(object, "workload");
  const json *device = reader.object(object, "device");
  const json *baseline = reader.object(object, "baseline");
  const json *plans = reader.array(object, "plans");
  const json *provenance = reader.object(object, "provenance");
  if (reader.failed)
    return makePlainError(reader.message);
  reader.check(requireObject(
      *device, where,
      {"hardware", "threads", "peak", "bandwidth", "cache_bytes"}));
  reader.check(requireObject(*baseline, where, {"provider", "seconds"}));
  if (reader.failed)
    return makePlainError(reader.message);
  table.workload = reader.take(Workload::parse(workload));
  table.device.hardware = reader.text(*device, "hardware");
  table.device.threads = int(reader.integer(*device, "threads", 1));
  table.device.peak = reader.positive(*device, "peak");
  table.device.bandwidth = reader.positive(*device, "bandwidth");
  table.device.cacheBytes = reader.integer(*device, "cache_bytes", 0);
  table.baselineProvider = reader.text(*baseline, "provider");
  table.baselineSeconds = reader.positive(*baseline, "seconds");
  for (const auto &[key, value] : provenance->items())
    if (value.is_string())
      table.provenance[key] = value.get<std::string>();
  for (size_t i = 0; i < plans->size() && !reader.failed; ++i) {
    std::string problem;
    table.plans.push_back(readPlan(
        (*plans)[i], llvm::formatv("{0}: plans[{1}]", where, i), problem));
    if (!problem.empty())
      reader.fail(makePlainError(problem));
  }
  if (reader.failed)
    return makePlainError(reader.message);
  return table;
}

llvm::Expected<std::vector<PlanTable>>
sevenfold::readPlanTables(llvm::StringRef path) {
  auto bytes = readFile(path, kMaxTableBytes);
  if (!bytes)
    return bytes.takeError();
  std::vector<PlanTable> tables;
  llvm::StringRef rest = *bytes;
  for (unsigned number = 1; rest.contains('\n'); ++number) {
    auto [line, after] = rest.split('\n');
    rest = after;
    if (line.trim().empty())
      continue;
    auto table =
        planTableFromJson(line, llvm::formatv("{0}:{1}", path, number).str());
    if (!table)
      return table.takeError();
    tables.push_back(std::move(*table));
  }
  return tables;
}
