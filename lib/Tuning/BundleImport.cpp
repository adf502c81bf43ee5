//===- BundleImport.cpp - Records from measurements elsewhere -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runner only measures. What its samples mean is decided here, by the same
// rules as for a tuning run on this machine.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Bundle.h"

#include "sevenfold/Measure/RunnerCore.h"
#include "sevenfold/Runner/Fairness.h"
#include "sevenfold/Runner/Finals.h"
#include "sevenfold/Runner/Race.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Json.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <stdexcept>

using namespace sevenfold;
using nlohmann::json;

namespace {
/// What is wrong with results; caught in this file, as nlohmann's exceptions
/// for missing keys and wrong types are.
struct ResultsError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class ResultsReader {
public:
  ResultsReader(const json &manifest, const json &results,
                const TuneOptions &options, BundleResults &out)
      : manifest(manifest), results(results), options(options), out(out) {}

  void read();

private:
  void readWorkload(const json &entry);
  const json &manifestEntry(const std::string &name) const;
  /// The index of the fastest baseline by its samples.
  size_t raceBaselines(const json &entry, const json &described);
  void readFailures(const json &list, const json &described);
  void readFinals(const json &entry, const json &described);
  /// The confirmations that came to an end, judged by their samples.
  std::vector<Attempt> readAttempts(const json &finals) const;
  void addFailure(const json &plan, const json &sample);
  Record makeRecord(const json &plan) const;

  const json &manifest, &results;
  const TuneOptions &options;
  BundleResults &out;

  // Of the workload in progress.
  Workload workload;
  std::string date, baselineProvider;
  double baselineError = 0;
};
} // namespace

template <typename T> static T need(llvm::Expected<T> value) {
  if (!value)
    throw ResultsError(llvm::toString(value.takeError()));
  return std::move(*value);
}

static std::vector<double> readSeconds(const json &sample, const char *key) {
  auto seconds = sample.at(key).get<std::vector<double>>();
  for (double value : seconds)
    if (!(value > 0 && std::isfinite(value)))
      throw ResultsError(
          fmt::format("expected '{}' to hold positive numbers", key));
  return seconds;
}

/// The pairs of a sample; in a file that was written by hand they may be
/// anything.
static PairSamples readSamples(const json &sample) {
  PairSamples samples;
  samples.a = readSeconds(sample, "a");
  samples.b = readSeconds(sample, "b");
  if (samples.a.size() != samples.b.size())
    throw ResultsError("expected 'a' and 'b' to hold as many positive numbers");
  return samples;
}

static bool isOk(const json &sample) { return sample.at("status") == "ok"; }

const json &ResultsReader::manifestEntry(const std::string &name) const {
  for (const json &entry : manifest.at("workloads"))
    if (entry.at("workload") == name)
      return entry;
  throw ResultsError("the bundle has no workload '" + name + "'");
}

Record ResultsReader::makeRecord(const json &described) const {
  const json &device = results.at("device");
  Record record;
  record.key.hardware = device.at("fingerprint");
  record.key.lowering = manifest.at("target").value("lowering", "host");
  record.key.workload = workload;
  record.key.threads = device.at("threads");
  record.plan = need(planFromJson(described.at("plan")));
  record.schemeHashes = described.at("scheme_hashes");
  record.baselineProvider = baselineProvider;
  Validity present = {{"codegen", manifest.at("codegen")},
                      {"protocol", manifest.at("protocol")}};
  for (const auto &provider : device.at("providers").items())
    present["provider:" + provider.key()] = provider.value();
  if (device.contains("driver"))
    present["driver"] = device.at("driver");
  record.validity =
      recordValidity(present, {record.plan.provider, baselineProvider});
  record.provenance = options.provenance;
  record.provenance["date"] = date;
  record.provenance["machine"] = device.at("machine");
  record.provenance["strategy"] = "bundle";
  record.provenance["bundle"] = results.at("bundle");
  record.provenance["built_by"] = manifest.at("tool");
  record.provenance["seed"] =
      std::to_string(manifest.at("seed").get<uint64_t>());
  return record;
}

void ResultsReader::addFailure(const json &described, const json &sample) {
  Record record = makeRecord(described);
  record.verdict = Verdict::Failed;
  record.message = sample.at("status").get<std::string>() + ": " +
                   sample.at("message").get<std::string>();
  out.records.push_back(std::move(record));
}

size_t ResultsReader::raceBaselines(const json &entry, const json &described) {
  const json &plans = described.at("baselines"),
             &samples = entry.at("baselines");
  if (samples.size() != plans.size())
    throw ResultsError("expected a sample of every baseline");
  std::vector<RaceEntry> entries(samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].at("status") == "absent")
      continue;
    if (isOk(samples[i]))
      entries[i].seconds = readSeconds(samples[i], "seconds");
    else
      addFailure(plans[i], samples[i]);
  }
  std::optional<size_t> best = fastestOf(entries);
  if (!best || entry.at("baseline") != *best)
    throw ResultsError(fmt::format(
        "expected 'baseline' to be the fastest by its samples but got {}",
        entry.at("baseline").dump()));
  return *best;
}

void ResultsReader::readFailures(const json &list, const json &described) {
  const json &candidates = described.at("candidates");
  for (const json &sample : list)
    if (!isOk(sample))
      addFailure(candidates.at(sample.at("candidate").get<size_t>()), sample);
}

void ResultsReader::readFinals(const json &entry, const json &described) {
  const json &finals = entry.at("finals"),
             &baseline =
                 described.at("baselines")[entry.at("baseline").get<size_t>()];
  readFailures(finals, described);
  if (described.at("candidates").empty()) {
    // As of a tuning run: it need not be tried again.
    Record record = makeRecord(baseline);
    record.message = "no plan fits this workload";
    record.relativeError = baselineError;
    record.errorBound = baseline.at("error_bound");
    record.errorGrowth = 1;
    out.records.push_back(std::move(record));
    return;
  }
  std::vector<Attempt> attempts = readAttempts(finals);
  std::optional<size_t> best = bestAttempt(attempts);
  if (!best) {
    out.remarks.push_back(workload.str() +
                          ": every plan has failed, nothing else is recorded");
    return;
  }
  const Attempt &attempt = attempts[*best];
  const json &plan = described.at("candidates").at(attempt.candidate);
  const json &sample = *llvm::find_if(finals, [&](const json &entry) {
    return isOk(entry) && entry.at("candidate") == attempt.candidate;
  });
  Record record = makeRecord(plan);
  PlanNumerics numerics = need(planNumerics(workload, record.plan));
  record.relativeError = sample.at("relative");
  record.errorBound = numerics.relativeErrorBound;
  record.errorGrowth = numerics.errorGrowth;
  record.workspaceBytes = plan.at("workspace_bytes");
  double least = std::max(baselineError, unitRoundoff(workload.type) / 16);
  double limit = manifest.at("schedule").at("max_error_growth");
  if (!(record.relativeError <= record.errorBound) ||
      !(record.relativeError <= limit * least))
    throw ResultsError("the error of the confirmed plan is beyond its bound");
  Speedup speedup = estimateSpeedup(attempt.samples);
  Confirmation outcome =
      attempt.isProven ? Confirmation::Wins
                       : judgeUnproven(speedup, options.config.noisyWidth);
  if (outcome == Confirmation::TooNoisy) {
    out.remarks.push_back(workload.str() +
                          ": too noisy to tell, nothing is recorded");
    return;
  }
  for (const char *key : {"sm_mhz", "power_w"})
    if (sample.contains(key) && !sample.at(key).is_null())
      record.provenance[key] = fmt::format(
          "{:.0f}", median(sample.at(key).get<std::vector<double>>()));
  record.verdict =
      outcome == Confirmation::Wins ? Verdict::Plan : Verdict::Baseline;
  record.baselineSeconds = attempt.samples.a;
  record.plannedSeconds = attempt.samples.b;
  record.speedup = speedup.median;
  record.speedupLow = speedup.low;
  record.speedupHigh = speedup.high;
  out.records.push_back(std::move(record));
}

std::vector<Attempt> ResultsReader::readAttempts(const json &finals) const {
  std::vector<Attempt> attempts;
  for (const json &entry : finals) {
    if (!isOk(entry))
      continue;
    if (attempts.size() == kMostAttempts)
      throw ResultsError(
          fmt::format("expected at most {} confirmations", kMostAttempts));
    Attempt attempt;
    attempt.candidate = entry.at("candidate");
    for (const Attempt &earlier : attempts)
      if (earlier.candidate == attempt.candidate)
        throw ResultsError("expected a candidate to be confirmed once");
    attempt.samples = readSamples(entry);
    attempt.isProven = proves(pairRatios(attempt.samples), kWinningLowerBound,
                              spentAlpha(int(attempts.size())));
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

void ResultsReader::readWorkload(const json &entry) {
  std::string name = entry.at("workload");
  const json &described = manifestEntry(name);
  workload = need(Workload::parse(name));
  date = entry.at("date");
  baselineProvider.clear();
  ++out.finished;
  if (entry.at("baseline").is_null()) {
    out.remarks.push_back(name + ": no baseline could be measured");
    return;
  }
  size_t best = raceBaselines(entry, described);
  baselineProvider =
      need(planFromJson(described.at("baselines")[best].at("plan"))).provider;
  baselineError = entry.at("baselines")[best].at("relative");
  readFailures(entry.at("screening"), described);
  readFinals(entry, described);
}

void ResultsReader::read() {
  for (const json *file : {&manifest, &results})
    if (file->at("protocol") != kProtocolVersion)
      throw ResultsError(fmt::format("expected protocol '{}' but got {}",
                                     kProtocolVersion,
                                     file->at("protocol").dump()));
  const json &checks = results.at("fairness");
  if (checks.empty() && !results.at("workloads").empty())
    throw ResultsError("there is no A/A check");
  for (const json &check : checks) {
    std::string problem = fairnessProblem(readSamples(check));
    if (!problem.empty())
      throw ResultsError("the run is void: " + problem);
  }
  out.workloads = int(manifest.at("workloads").size());
  for (const json &entry : results.at("workloads"))
    readWorkload(entry);
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static constexpr llvm::StringRef kResultsName = "results.json";

bool sevenfold::namesBundleResults(llvm::StringRef path) {
  return llvm::sys::path::filename(path) == kResultsName ||
         llvm::sys::fs::is_directory(path);
}

/// The results without their hash, which must be right.
static llvm::Expected<json> readResults(const std::string &path) {
  auto results = readJsonFile(path);
  if (!results)
    return results.takeError();
  auto format = getString(*results, "format", path);
  if (!format)
    return format.takeError();
  if (*format != "sevenfold-results/2")
    return makeError("{0}: expected format 'sevenfold-results/2' but got '{1}'",
                     path, *format);
  auto hash = getString(*results, "sha256", path);
  if (!hash)
    return hash.takeError();
  results->erase("sha256");
  std::string actual =
      sha256Hex(results->dump(-1, ' ', false, json::error_handler_t::replace));
  if (*hash != actual)
    return makeError("{0}: it was changed after it was written: expected "
                     "SHA-256 {1} but got {2}",
                     path, *hash, actual);
  return results;
}

llvm::Expected<BundleResults>
sevenfold::readBundleResults(llvm::StringRef path, const TuneOptions &options) {
  llvm::SmallString<256> file(path), manifestFile;
  if (llvm::sys::fs::is_directory(path))
    llvm::sys::path::append(file, kResultsName);
  manifestFile = llvm::sys::path::parent_path(file);
  llvm::sys::path::append(manifestFile, "bundle.json");
  std::string where = file.str().str();
  auto results = readResults(where);
  if (!results)
    return results.takeError();
  auto text = readFile(manifestFile, kMaxJsonBytes);
  if (!text)
    return text.takeError();
  auto bundle = getString(*results, "bundle", where);
  if (!bundle)
    return bundle.takeError();
  if (*bundle != sha256Hex(*text))
    return makeError("{0}: these are not results of the bundle '{1}', or it "
                     "was changed",
                     where, manifestFile);
  auto manifest = parseJson(*text, manifestFile);
  if (!manifest)
    return manifest.takeError();
  BundleResults out;
  try {
    ResultsReader(*manifest, *results, options, out).read();
  } catch (const ResultsError &error) {
    return makeError("{0}: {1}", where, error.what());
  } catch (const json::exception &error) {
    return makeError("{0}: {1}", where, error.what());
  }
  return out;
}
