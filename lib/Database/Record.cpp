//===- Record.cpp - One measured answer -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A record's JSON form, which is also what its id is the hash of.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Database/Record.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace sevenfold;
using nlohmann::json;

static constexpr const char *kRecordFormat = "sevenfold-record/1";
/// No measurement takes more pairs than this.
static constexpr size_t kMaxSamples = 1 << 20;

llvm::StringRef sevenfold::stringifyVerdict(Verdict verdict) {
  switch (verdict) {
  case Verdict::Plan:
    return "plan";
  case Verdict::Baseline:
    return "baseline";
  case Verdict::Failed:
    return "failed";
  }
  llvm_unreachable("all verdicts are listed");
}

static std::optional<Verdict> parseVerdict(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<Verdict>>(text)
      .Case("plan", Verdict::Plan)
      .Case("baseline", Verdict::Baseline)
      .Case("failed", Verdict::Failed)
      .Default(std::nullopt);
}

bool RecordKey::operator==(const RecordKey &other) const {
  return hardware == other.hardware && lowering == other.lowering &&
         threads == other.threads && subject() == other.subject();
}

std::string RecordKey::subject() const {
  return isFunction() ? "function:" + function : workload.str();
}

std::string Record::name() const {
  return choice ? choice->name : key.subject();
}

std::string Record::decision() const {
  return choice ? choice->str() : plan.str();
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Everything but the id. nlohmann keeps keys sorted and prints doubles so that
/// they read back the same, which makes its text canonical.
static json recordBody(const Record &record) {
  json key = {{"hardware", record.key.hardware},
              {"lowering", record.key.lowering},
              {"threads", record.key.threads}};
  json value = {{"format", kRecordFormat},
                {"validity", record.validity},
                {"verdict", stringifyVerdict(record.verdict).str()},
                {"baseline_provider", record.baselineProvider},
                {"samples",
                 {{"baseline_s", record.baselineSeconds},
                  {"planned_s", record.plannedSeconds}}},
                {"speedup", record.speedup},
                {"speedup_low", record.speedupLow},
                {"speedup_high", record.speedupHigh},
                {"rel_error", record.relativeError},
                {"error_bound", record.errorBound},
                {"error_growth", record.errorGrowth},
                {"workspace_bytes", record.workspaceBytes},
                {"message", record.message},
                {"provenance", record.provenance}};
  if (record.key.isFunction()) {
    key["function"] = record.key.function;
    value["choice"] = toJson(record.choice.value_or(FunctionChoice()));
  } else {
    key["workload"] = record.key.workload.str();
    value["plan"] = toJson(record.plan);
    value["scheme_hashes"] = record.schemeHashes;
  }
  value["key"] = std::move(key);
  return value;
}

/// Text of failures may hold any bytes; those that are not UTF-8 are replaced.
static std::string dump(const json &value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool Record::isRaceOnly() const {
  return verdict == Verdict::Baseline && provenance.count(kRaceOnlyKey) > 0;
}

std::string Record::date() const {
  auto found = provenance.find("date");
  return found == provenance.end() ? "" : found->second;
}

std::string Record::id() const { return sha256Hex(dump(recordBody(*this))); }

json sevenfold::toJson(const Record &record) {
  std::string text = dump(recordBody(record));
  json value = json::parse(text);
  value["id"] = sha256Hex(text);
  return value;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Reads members of one object and keeps the first error.
class Reader {
public:
  Reader(const json &object, llvm::StringRef where, llvm::Error &error)
      : object(object), where(where.str()), error(error) {}

  std::string string(llvm::StringRef key) {
    return take(getString(object, key, where), std::string());
  }
  int64_t integer(llvm::StringRef key, int64_t minimum, int64_t maximum) {
    return take(getInteger(object, key, where, minimum, maximum), int64_t(0));
  }
  double number(llvm::StringRef key) {
    return take(getNumber(object, key, where), 0.0);
  }

  std::map<std::string, std::string> strings(llvm::StringRef key) {
    std::map<std::string, std::string> values;
    const json *entries =
        take(getObject(object, key, where), (const json *)nullptr);
    if (!entries)
      return values;
    std::string place = where + ": " + key.str();
    for (const auto &entry : entries->items())
      values[entry.key()] =
          take(getString(*entries, entry.key(), place), std::string());
    return values;
  }

  std::vector<double> seconds(llvm::StringRef key) {
    std::vector<double> values;
    const json *entries =
        take(getArray(object, key, where), (const json *)nullptr);
    if (!entries)
      return values;
    if (entries->size() > kMaxSamples)
      fail(makeError("{0}: expected at most {1} numbers in '{2}' but got {3}",
                     where, kMaxSamples, key, entries->size()));
    for (const json &entry : *entries) {
      if (!entry.is_number() || !(entry.get<double>() > 0))
        fail(makeError("{0}: expected '{1}' to hold positive numbers but got "
                       "{2}",
                       where, key, entry.dump()));
      else
        values.push_back(entry.get<double>());
      if (error)
        break;
    }
    return values;
  }

  void fail(llvm::Error next) {
    if (error)
      llvm::consumeError(std::move(next));
    else
      error = std::move(next);
  }

private:
  template <typename T> T take(llvm::Expected<T> value, T fallback) {
    if (value)
      return std::move(*value);
    fail(value.takeError());
    return fallback;
  }

  const json &object;
  std::string where;
  llvm::Error &error;
};
} // namespace

/// Whether the key names a function instead of a workload.
static bool isAboutFunction(const json &record) {
  return record.is_object() && hasKey(record, "key") &&
         record["key"].is_object() && hasKey(record["key"], "function");
}

static llvm::Error readKey(const json &object, RecordKey &key) {
  auto value = getObject(object, "key", "record");
  if (!value)
    return value.takeError();
  const char *subject = isAboutFunction(object) ? "function" : "workload";
  if (llvm::Error error = requireObject(
          **value, "record: key", {"hardware", "lowering", subject, "threads"}))
    return error;
  llvm::Error error = llvm::Error::success();
  Reader reader(**value, "record: key", error);
  key.hardware = reader.string("hardware");
  key.lowering = reader.string("lowering");
  key.threads = int(reader.integer("threads", 1, 1 << 20));
  std::string text = reader.string(subject);
  if (error)
    return error;
  if (isAboutFunction(object)) {
    if (text.size() != 64 || !llvm::all_of(text, llvm::isHexDigit))
      return makeError("record: key: expected 'function' to be a SHA-256 but "
                       "got '{0}'",
                       text);
    key.function = std::move(text);
    return llvm::Error::success();
  }
  auto workload = Workload::parse(text);
  if (!workload)
    return makeError("record: key: {0}", llvm::toString(workload.takeError()));
  key.workload = *workload;
  return llvm::Error::success();
}

/// The plan of a product, or the choices of a function.
static llvm::Error readDecision(const json &value, Record &record) {
  if (record.key.isFunction()) {
    auto choice = functionChoiceFromJson(value["choice"]);
    if (!choice)
      return choice.takeError();
    record.choice = std::move(*choice);
    return llvm::Error::success();
  }
  auto hashes = getString(value, "scheme_hashes", "record");
  if (!hashes)
    return hashes.takeError();
  record.schemeHashes = *hashes;
  auto plan = planFromJson(value["plan"]);
  if (!plan)
    return makeError("record: {0}", llvm::toString(plan.takeError()));
  record.plan = std::move(*plan);
  return llvm::Error::success();
}

/// What must hold between the fields of a record.
static llvm::Error checkRecord(const Record &record) {
  if (record.baselineSeconds.size() != record.plannedSeconds.size())
    return makeError("record: expected as many 'planned_s' as 'baseline_s' "
                     "({0}) but got {1}",
                     record.baselineSeconds.size(),
                     record.plannedSeconds.size());
  if (record.verdict == Verdict::Plan && record.baselineSeconds.empty())
    return makeError("record: expected samples with verdict 'plan'");
  if (record.verdict != Verdict::Failed &&
      !(record.speedupLow > 0 && record.speedupLow <= record.speedupHigh))
    return makeError("record: expected 0 < speedup_low <= speedup_high but "
                     "got {0} and {1}",
                     record.speedupLow, record.speedupHigh);
  if (record.verdict == Verdict::Baseline && record.choice &&
      record.choice->hasPlans())
    return makeError("record: expected no plans in 'choice' with verdict "
                     "'baseline'");
  return llvm::Error::success();
}

static llvm::Error readBody(const json &value, Record &record) {
  llvm::Error error = llvm::Error::success();
  Reader reader(value, "record", error);
  std::string format = reader.string("format");
  std::string verdict = reader.string("verdict");
  record.validity = reader.strings("validity");
  record.baselineProvider = reader.string("baseline_provider");
  record.speedup = reader.number("speedup");
  record.speedupLow = reader.number("speedup_low");
  record.speedupHigh = reader.number("speedup_high");
  record.relativeError = reader.number("rel_error");
  record.errorBound = reader.number("error_bound");
  record.errorGrowth = reader.number("error_growth");
  record.workspaceBytes = reader.integer("workspace_bytes", 0, INT64_MAX);
  record.message = reader.string("message");
  record.provenance = reader.strings("provenance");
  if (error)
    return error;
  if (format != kRecordFormat)
    return makeError("record: expected format '{0}' but got '{1}'",
                     kRecordFormat, format);
  std::optional<Verdict> parsed = parseVerdict(verdict);
  if (!parsed)
    return makeError("record: expected 'verdict' to be 'plan', 'baseline' or "
                     "'failed' but got '{0}'",
                     verdict);
  record.verdict = *parsed;
  return llvm::Error::success();
}

static llvm::Error readSamples(const json &value, Record &record) {
  auto samples = getObject(value, "samples", "record");
  if (!samples)
    return samples.takeError();
  if (llvm::Error error = requireObject(**samples, "record: samples",
                                        {"baseline_s", "planned_s"}))
    return error;
  llvm::Error error = llvm::Error::success();
  Reader reader(**samples, "record: samples", error);
  record.baselineSeconds = reader.seconds("baseline_s");
  record.plannedSeconds = reader.seconds("planned_s");
  return error;
}

llvm::Expected<Record> sevenfold::recordFromJson(const json &value) {
  Record record;
  std::vector<llvm::StringRef> keys = {
      "format",    "key",         "validity",         "verdict",
      "samples",   "speedup",     "speedup_low",      "speedup_high",
      "rel_error", "error_bound", "error_growth",     "workspace_bytes",
      "message",   "provenance",  "baseline_provider"};
  if (isAboutFunction(value))
    keys.push_back("choice");
  else
    keys.insert(keys.end(), {"plan", "scheme_hashes"});
  if (llvm::Error error = requireObject(value, "record", keys, {"id"}))
    return error;
  if (llvm::Error error = readBody(value, record))
    return error;
  if (llvm::Error error = readKey(value, record.key))
    return error;
  if (llvm::Error error = readSamples(value, record))
    return error;
  if (llvm::Error error = readDecision(value, record))
    return error;
  if (llvm::Error error = checkRecord(record))
    return error;
  if (!hasKey(value, "id"))
    return record;
  auto id = getString(value, "id", "record");
  if (!id)
    return id.takeError();
  if (*id != record.id())
    return makeError("record: expected 'id' {0} but got '{1}': it was changed "
                     "after it was written",
                     record.id(), *id);
  return record;
}

llvm::Expected<Record> sevenfold::parseRecord(llvm::StringRef text,
                                              const std::string &where) {
  auto json = parseJson(text, where);
  if (!json)
    return json.takeError();
  auto record = recordFromJson(*json);
  if (!record)
    return makeError("{0}: {1}", where, llvm::toString(record.takeError()));
  return record;
}
