//===- BundleExport.cpp - Artefacts for another machine -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The folder is put together beside its place and renamed, so that half of one
// is never taken for a bundle.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Bundle.h"

#include "WorkloadTuner.h"

#include "sevenfold/Measure/Processor.h"
#include "sevenfold/Runner/Halving.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace sevenfold;
using nlohmann::json;

/// No artefact or library of a bundle is larger.
static constexpr uint64_t kMaxFileBytes = uint64_t(1) << 30;

namespace {
/// What is built for a workload.
enum class Contents { Baselines, BaselinesAndCandidates };

/// A plan with what is expected of it.
struct Expected {
  Plan plan;
  Entrant entrant;
};

class BundleWriter {
public:
  BundleWriter(std::string folder, const TuneParts &parts,
               const TuneOptions &options)
      : folder(std::move(folder)), parts(parts), options(options) {}

  llvm::Error addWorkload(const Workload &workload, Contents contents,
                          json &entry);
  llvm::Error addFile(const std::string &from, const std::string &name);
  llvm::Error finish(json manifest);

  BundleSummary summary;

private:
  /// Builds a plan; null where that fails, which is told.
  llvm::Error addPlan(const Workload &workload, const Plan &plan, json &entry,
                      json &list);
  /// Builds plans as candidates.
  llvm::Error addCandidates(const Workload &workload,
                            llvm::ArrayRef<Expected> plans, json &entry);
  llvm::Expected<std::vector<Expected>>
  chooseCandidates(const Workload &workload, const std::string &provider) const;

  std::string folder;
  const TuneParts &parts;
  const TuneOptions &options;
  json files = json::object();
};
} // namespace

/// Makes a folder that all may read whom the umask lets.
static std::error_code createFolder(llvm::StringRef path) {
  return llvm::sys::fs::create_directories(path, /*IgnoreExisting=*/true,
                                           llvm::sys::fs::all_all);
}

llvm::Error BundleWriter::addFile(const std::string &from,
                                  const std::string &name) {
  auto bytes = readFile(from, kMaxFileBytes);
  if (!bytes)
    return bytes.takeError();
  std::string path = folder + "/" + name;
  if (std::error_code code = createFolder(llvm::sys::path::parent_path(path)))
    return makeError("cannot create a folder for '{0}': {1}", path,
                     code.message());
  if (llvm::Error error = writeFileAtomically(path, *bytes, 0777))
    return error;
  files[name] = sha256Hex(*bytes);
  return llvm::Error::success();
}

llvm::Error BundleWriter::addPlan(const Workload &workload, const Plan &plan,
                                  json &entry, json &list) {
  auto numerics = planNumerics(workload, plan);
  if (!numerics)
    return numerics.takeError();
  auto hashes = planSchemeHashes(plan);
  if (!hashes)
    return hashes.takeError();
  auto artefact = parts.builder.build(workload, plan);
  if (!artefact) {
    ++summary.failed;
    std::string problem = llvm::toString(artefact.takeError());
    if (options.progress)
      options.progress(workload.str() + ": left out " + plan.str() + ": " +
                       problem);
    return llvm::Error::success();
  }
  std::string name = fmt::format("artefacts/{}.so", files.size());
  if (llvm::Error error = addFile(artefact->library, name))
    return error;
  // All of a workload take the same buffers.
  entry.update(describeOperands(*artefact));
  list.push_back({{"plan", toJson(plan)},
                  {"library", name},
                  {"function", artefact->function},
                  {"scheme_hashes", *hashes},
                  {"error_bound", numerics->relativeErrorBound},
                  {"workspace_bytes", artefact->workspaceBytes}});
  return llvm::Error::success();
}

llvm::Expected<std::vector<Expected>>
BundleWriter::chooseCandidates(const Workload &workload,
                               const std::string &provider) const {
  std::vector<Candidate> candidates =
      enumeratePlans(workload, provider, parts.schemes,
                     configFor(options.config, parts.device), options.limits,
                     parts.device.slabs);
  CostModel model(parts.device.profile, workload.type);
  for (Candidate &candidate : candidates) {
    auto seconds = model.predict(workload, candidate.plan);
    if (!seconds)
      return seconds.takeError();
    candidate.predictedSeconds = *seconds;
  }
  Plan classical;
  classical.provider = provider;
  auto baseline = model.predict(workload, classical);
  if (!baseline)
    return baseline.takeError();
  orderByValue(PlanValue(), PlanSetting(), candidates);
  // The first rung of a screening without other providers and without end.
  Standings standings(entrantsOf(candidates, *baseline, provider));
  Halving halving(standings,
                  {options.config.firstPairs, options.config.keepOneOf,
                   options.config.maxCandidates});
  std::vector<Expected> chosen;
  for (size_t candidate : halving.next().candidates)
    chosen.push_back(
        {candidates[candidate].plan, standings.entrant(candidate)});
  return chosen;
}

/// Of all candidates with a library, so many are built with products of our own
/// besides: one in this many, but no fewer than two. The best plan of either is
/// in the runner's first rung.
static constexpr size_t kContenderShare = 3;

/// The best predicted plans with a contender, and its product without levels.
static std::vector<Expected> contenderPlans(std::vector<Expected> plans,
                                            const std::string &provider) {
  size_t share = std::max<size_t>(plans.size() / kContenderShare, 2);
  plans.resize(std::min(plans.size(), share));
  Plan classical;
  classical.provider = provider;
  plans.push_back({std::move(classical), {0, "", provider}});
  return plans;
}

llvm::Error BundleWriter::addCandidates(const Workload &workload,
                                        llvm::ArrayRef<Expected> plans,
                                        json &entry) {
  for (const Expected &expected : plans) {
    if (llvm::Error stopped = options.interrupted.check())
      return stopped;
    if (options.progress)
      options.progress(workload.str() + ": building " + expected.plan.str());
    json &list = entry["candidates"];
    size_t before = list.size();
    if (llvm::Error error = addPlan(workload, expected.plan, entry, list))
      return error;
    if (list.size() > before)
      list.back().update({{"expected", expected.entrant.expected},
                          {"kind", expected.entrant.kind},
                          {"well_tried", expected.entrant.wellTried}});
  }
  return llvm::Error::success();
}

llvm::Error BundleWriter::addWorkload(const Workload &workload,
                                      Contents contents, json &entry) {
  entry = {{"workload", workload.str()},
           {"matmul", describeWorkload(workload)},
           {"least_error", unitRoundoff(workload.type) / 16},
           {"baselines", json::array()},
           {"candidates", json::array()}};
  std::vector<std::string> providers = providersFor(parts.device, workload);
  for (const std::string &provider : providers) {
    Plan plan;
    plan.provider = provider;
    if (llvm::Error stopped = options.interrupted.check())
      return stopped;
    if (llvm::Error error = addPlan(workload, plan, entry, entry["baselines"]))
      return error;
  }
  if (entry["baselines"].empty())
    return makeError("no provider can multiply '{0}'", workload.str());
  if (contents == Contents::Baselines)
    return llvm::Error::success();
  for (const std::string &provider : providers) {
    auto plans = chooseCandidates(workload, provider);
    if (!plans)
      return plans.takeError();
    if (llvm::Error error = addCandidates(workload, *plans, entry))
      return error;
  }
  for (const std::string &provider : contendersFor(parts.device, workload)) {
    auto plans = chooseCandidates(workload, provider);
    if (!plans)
      return plans.takeError();
    if (llvm::Error error = addCandidates(
            workload, contenderPlans(std::move(*plans), provider), entry))
      return error;
  }
  summary.candidates += int(entry["candidates"].size());
  ++summary.workloads;
  return llvm::Error::success();
}

llvm::Error BundleWriter::finish(json manifest) {
  manifest["files"] = std::move(files);
  return writeFileAtomically(folder + "/bundle.json", manifest.dump(2) + "\n");
}

/// What a machine must be to run the artefacts.
static json describeTarget(const BundleSources &sources) {
  Processor processor = describeProcessor();
  json target = {{"architecture", processor.architecture},
                 {"features", processor.features},
                 {"built_on", processor.fingerprint()}};
  if (sources.describeTarget)
    sources.describeTarget(target);
  return target;
}

/// Everything of a manifest that no plan is needed for.
static json describeBundle(const BundleSources &sources,
                           const TuneOptions &options) {
  const TuningConfig &config = options.config;
  RunnerOptions limits;
  return {{"format", "sevenfold-bundle/2"},
          {"tool", sources.tool},
          {"protocol", kProtocolVersion},
          {"codegen", kCodegenVersion},
          {"target", describeTarget(sources)},
          {"seed", options.seed},
          {"limits",
           {{"min_timeout", limits.minTimeoutSeconds},
            {"timeout_factor", limits.timeoutFactor}}},
          {"schedule",
           {{"fairness_pairs", config.fairnessPairs},
            {"provider_rounds", config.providerPairs},
            {"first_rounds", config.firstPairs},
            {"keep_one_of", config.keepOneOf},
            {"confirmation_seconds", config.confirmationSeconds},
            {"max_error_growth", options.limits.maxErrorGrowth}}},
          {"workloads", json::array()}};
}

static llvm::Error fillBundle(BundleWriter &writer,
                              llvm::ArrayRef<Workload> workloads,
                              const BundleSources &sources,
                              const TuneOptions &options) {
  json manifest = describeBundle(sources, options);
  if (llvm::Error error = writer.addWorkload(
          fairnessWorkload(workloads, options.config.fairnessSize),
          Contents::Baselines, manifest["fairness"]))
    return error;
  for (const Workload &workload : workloads) {
    json entry;
    if (llvm::Error error = writer.addWorkload(
            workload, Contents::BaselinesAndCandidates, entry))
      return error;
    manifest["workloads"].push_back(std::move(entry));
  }
  if (llvm::Error error =
          writer.addFile(sources.runner, "bin/sevenfold-runner"))
    return error;
  for (const std::string &library : sources.libraries)
    if (llvm::Error error = writer.addFile(
            library, "lib/" + llvm::sys::path::filename(library).str()))
      return error;
  return writer.finish(std::move(manifest));
}

llvm::Expected<BundleSummary>
sevenfold::writeBundle(llvm::StringRef folder,
                       llvm::ArrayRef<Workload> workloads,
                       const BundleSources &sources, const TuneParts &parts,
                       const TuneOptions &options) {
  std::string target = folder.rtrim('/').str();
  if (llvm::sys::fs::exists(target))
    return makeError("cannot write bundle '{0}': it is there already", target);
  std::string temporary = target + ".new-" + std::to_string(::getpid());
  if (std::error_code code = createFolder(temporary))
    return makeError("cannot write bundle '{0}': {1}", target, code.message());
  llvm::scope_exit cleanup(
      [&] { llvm::sys::fs::remove_directories(temporary); });
  BundleWriter writer(temporary, parts, options);
  if (llvm::Error error = fillBundle(writer, workloads, sources, options))
    return error;
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  if (::rename(temporary.c_str(), target.c_str()) != 0)
    return makeError("cannot write bundle '{0}': {1}", target,
                     std::strerror(errno));
  return writer.summary;
}
