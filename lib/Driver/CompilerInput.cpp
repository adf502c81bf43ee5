//===- CompilerInput.cpp - Where the compiler's plans come from -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One answer to "which plan", for every command that compiles.
//
//===----------------------------------------------------------------------===//

#include "CompilerInput.h"

#include "DatabaseCommand.h"

#include "Measuring.h"

#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Size.h"
#include "sevenfold/Target/DeclaredRanges.h"
#include "sevenfold/Tuning/PlanSources.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <CLI/CLI.hpp>

using namespace sevenfold;

void sevenfold::addPlanOptions(CLI::App &command, PlanArguments &arguments) {
  auto *plan = command.add_option("--plan", arguments.plan,
                                  "plan file for every matmul");
  auto *manifest =
      command.add_option("--manifest", arguments.manifest,
                         "plans of an earlier compilation's manifest");
  plan->excludes(manifest);
  command
      .add_option("--range", arguments.ranges,
                  "the sizes that a dynamic dimension of an argument is to be "
                  "planned for, both by number from 0; others are the "
                  "library's")
      ->type_name("[FUNCTION:]ARGUMENT.DIMENSION=LEAST:GREATEST");
}

void sevenfold::addSumsOptions(CLI::App &command, SumsArguments &arguments) {
  command
      .add_option("--weight", arguments.weights,
                  "an argument, by number from 0, that is a constant: its "
                  ".npy file, or 'normal' for random data to measure with")
      ->type_name("[FUNCTION:]ARGUMENT=FILE");
  command
      .add_option("--tile", arguments.tiles,
                  "an argument whose products are a tile operator's, which "
                  "'tile fit' or 'tile train' has made: its .tile.json file")
      ->type_name("[FUNCTION:]ARGUMENT=FILE");
  command
      .add_option("--fold-weights", arguments.fold,
                  "compute operand sums of constants when compiling, up to so "
                  "many bytes of them (default: none)")
      ->type_name("LIMIT");
  command
      .add_option("--share-sums", arguments.share,
                  "form operand sums that several matmuls need once (default: "
                  "on)")
      ->check(CLI::IsMember({"on", "off"}));
}

llvm::Error sevenfold::readSumsOptions(const SumsArguments &arguments,
                                       SumsOptions &options) {
  if (!arguments.share.empty())
    options.share = arguments.share == "on" ? SumSharing::On : SumSharing::Off;
  if (arguments.fold.empty())
    return llvm::Error::success();
  auto bytes = parseSize(arguments.fold);
  if (!bytes)
    return bytes.takeError();
  options.foldBytes = static_cast<int64_t>(*bytes);
  return llvm::Error::success();
}

llvm::Expected<std::vector<WeightBinding>>
sevenfold::parseWeights(const CommonOptions &common,
                        const SumsArguments &arguments) {
  std::vector<WeightBinding> bindings;
  for (const std::string &text : arguments.weights) {
    auto binding = WeightBinding::parse(text);
    if (!binding)
      return binding.takeError();
    bindings.push_back(std::move(*binding));
  }
  for (const std::string &text : arguments.tiles) {
    auto binding = WeightBinding::parse(text, WeightKind::Tile);
    if (!binding)
      return binding.takeError();
    binding->maxRelativeError = common.maxRelativeError;
    bindings.push_back(std::move(*binding));
  }
  return bindings;
}

static llvm::Error readFromPlan(const std::string &path,
                                const PlanDevice &device,
                                CompilerInput &input) {
  auto plan = readPlanFile(path);
  if (!plan)
    return plan.takeError();
  for (const auto &[index, level] : llvm::enumerate(plan->levels))
    if (auto scheme = lookupScheme(level.scheme); !scheme)
      return makeError("{0}: levels[{1}].scheme: {2}", path, index,
                       llvm::toString(scheme.takeError()));
  const Provider *provider = findProvider(plan->provider);
  auto target = parseTarget(device.device);
  if (!target)
    return target.takeError();
  auto isThere = [&](const Provider &known) { return (*target)->has(known); };
  if (provider && !isThere(*provider))
    return makeError("{0}: expected provider {1} on '{2}' but the plan names "
                     "'{3}'",
                     path, listProviders(isThere), device.device,
                     plan->provider);
  input.options.provider = plan->provider;
  input.plans = [source = explicitPlan(std::move(*plan))](llvm::StringRef) {
    return source;
  };
  return llvm::Error::success();
}

/// Plans and choices of a manifest.
static llvm::Error readFromManifest(const std::string &path,
                                    llvm::StringRef model,
                                    CompilerInput &input) {
  auto manifest = readManifest(path);
  if (!manifest)
    return manifest.takeError();
  if (llvm::Error error = checkModel(*manifest, model))
    return error;
  auto plans = manifestPlans(*manifest);
  if (!plans)
    return plans.takeError();
  input.options.provider = manifest->provider;
  input.options.sums = manifest->sums;
  input.options.f32Products = manifest->f32Products;
  input.options.nonFinite = manifest->nonFinite;
  input.plans = std::move(*plans);
  input.manifest = std::move(*manifest);
  return llvm::Error::success();
}

/// The device to ask a database about: the one named, or one of the kind that
/// is in this machine. A sentence where there is neither.
static llvm::Expected<QueryContext> contextOf(const CommonOptions &common,
                                              const PlanDevice &device,
                                              std::string &missing) {
  auto kind = targetKindOf(device.device);
  if (!kind)
    return kind.takeError();
  if (device.device == hostTarget()->name())
    return queryContextOf(common, {device.device});
  if (device.hardware.empty()) {
    auto here = (*kind)->hardware(device.device);
    if (!here) {
      missing = llvm::toString(here.takeError());
      return QueryContext();
    }
  }
  return queryContextOf(common, device);
}

static llvm::Error readFromDatabase(const CommonOptions &common,
                                    const PlanDevice &device,
                                    CompilerInput &input) {
  std::string missing;
  auto context = contextOf(common, device, missing);
  if (!context)
    return context.takeError();
  // Without a device there are no records to ask for.
  if (!missing.empty() && !common.database.empty())
    return makeError("{0}: expected --hardware with --db, the name of the "
                     "device whose plans are asked for",
                     missing);
  if (!missing.empty()) {
    input.plans = [reason = "no device is named with --hardware (" + missing +
                            ")"](llvm::StringRef) {
      return PlanSource([reason](const Workload &) {
        return PlanAnswer{{}, reason, {}, {}, {}};
      });
    };
    return llvm::Error::success();
  }
  context->limits = input.options.limits;
  auto answers = databaseAnswers(databasePaths(common), std::move(*context));
  if (!answers)
    return answers.takeError();
  input.plans = [source = std::move(answers->plans)](llvm::StringRef) {
    return source;
  };
  input.functions = std::move(answers->functions);
  return llvm::Error::success();
}

/// Every product by code of our own without levels, which sums each element up
/// in an order that depends on k alone.
static llvm::Error planInvariantly(const PlanDevice &device,
                                   CompilerInput &input) {
  auto target = parseTarget(device.device);
  if (!target)
    return target.takeError();
  if (*target != hostTarget())
    return makeError("--batch-invariant needs the device 'host', this one is "
                     "'{0}'",
                     device.device);
  Plan plan;
  plan.provider = input.options.provider = kCodegen.str();
  input.plans = [source = explicitPlan(std::move(plan))](llvm::StringRef) {
    return source;
  };
  return llvm::Error::success();
}

llvm::Expected<CompilerInput>
sevenfold::openPlans(const CommonOptions &common,
                     const PlanArguments &arguments, const SumsArguments &sums,
                     llvm::StringRef model, const PlanDevice &device) {
  CompilerInput input;
  auto limits = planLimits(common);
  if (!limits)
    return limits.takeError();
  input.options.limits = *limits;
  if (common.isBatchInvariant &&
      !(arguments.plan.empty() && arguments.manifest.empty()))
    return makeError("expected no --plan and no --manifest with "
                     "--batch-invariant, which has a plan of its own");
  llvm::Error error = common.isBatchInvariant ? planInvariantly(device, input)
                      : !arguments.plan.empty()
                          ? readFromPlan(arguments.plan, device, input)
                      : !arguments.manifest.empty()
                          ? readFromManifest(arguments.manifest, model, input)
                          : readFromDatabase(common, device, input);
  if (error)
    return error;
  if (!common.nonFinite.empty())
    input.options.nonFinite = common.nonFinite == "recompute"
                                  ? NonFinite::Recompute
                                  : NonFinite::Propagate;
  if (llvm::Error sumsError = readSumsOptions(sums, input.options.sums))
    return sumsError;
  if (!sums.share.empty())
    input.share = input.options.sums.share;
  return input;
}

llvm::Expected<BoundModel>
sevenfold::openModel(const CommonOptions &common, llvm::StringRef path,
                     const SumsArguments &sums, WeightHashes hashes,
                     llvm::ArrayRef<std::string> ranges) {
  auto compiler = ModelCompiler::fromFile(path);
  if (!compiler)
    return compiler.takeError();
  if (llvm::Error error = declareRanges(**compiler, ranges))
    return error;
  auto bindings = parseWeights(common, sums);
  if (!bindings)
    return bindings.takeError();
  auto weights =
      bindWeights(**compiler, std::move(*bindings), common.seed, hashes);
  if (!weights)
    return weights.takeError();
  for (const BoundWeight &weight : *weights)
    if (weight.tile)
      printProgress(llvm::formatv("{0}: argument {1} of '{2}': {3}", path,
                                  weight.argument, weight.function,
                                  weight.tile->str()));
  return BoundModel{std::move(*compiler), std::move(*weights)};
}

llvm::Expected<ModelBuildOptions>
sevenfold::modelBuildOptions(const CommandLine &line, const SumsArguments &sums,
                             const TargetHandle &target) {
  ModelBuildOptions options;
  auto limits = planLimits(line.common);
  if (!limits)
    return limits.takeError();
  auto built = buildTarget(line, target);
  if (!built)
    return built.takeError();
  auto weights = parseWeights(line.common, sums);
  if (!weights)
    return weights.takeError();
  options.target = std::move(*built);
  options.limits = *limits;
  options.weights = std::move(*weights);
  options.seed = line.common.seed;
  if (llvm::Error error = readSumsOptions(sums, options.sums))
    return error;
  return options;
}
