//===- BlasCommand.cpp - sevenfold blas -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the tuning database knows of products of f32 and f64 on this machine, as
// a library with the names of a BLAS.
//
//===----------------------------------------------------------------------===//

#include "CompilerInput.h"
#include "Measuring.h"

#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/BlasLibrary.h"
#include "sevenfold/Tuning/PlanSources.h"

#include "llvm/Support/FormatVariadic.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::ordered_json;

namespace {
struct BlasArguments {
  std::string output, plan;
  int64_t least = 1024;
};
} // namespace

/// Whether a BLAS has products like a family's.
static bool isOfBlas(const Workload &family) {
  return (family.type == ElementType::F32 || family.type == ElementType::F64) &&
         family.resultType() == family.type && family.batch == 1 &&
         family.accumulation == Accumulation::Overwrite;
}

/// What the database has for products of a BLAS.
static llvm::Expected<std::vector<BlasPlan>>
plansOfDatabase(const CommonOptions &common, const PlanLimits &limits) {
  PlanSourceRequest request;
  request.database = databasePath(common);
  request.systemDatabases = common.systemDatabases;
  request.threads = common.threads;
  request.limits = limits;
  auto answers = openDatabaseAnswers(request);
  if (!answers)
    return answers.takeError();
  auto families = answers->families();
  if (!families)
    return families.takeError();
  std::vector<BlasPlan> plans;
  for (const Workload &family : *families) {
    if (!isOfBlas(family))
      continue;
    for (PlanAnswer &answer :
         answers->plans.plansFor(family, {1, kMaxDimension}))
      if (answer.isPlanned())
        plans.push_back({family,
                         *answer.range,
                         {family.k, family.k},
                         {family.n, family.n},
                         std::move(*answer.plan),
                         answer.speedupLow,
                         std::move(answer.record)});
  }
  return plans;
}

/// A plan for every product whose sizes are at least so large.
static std::vector<BlasPlan> plansOf(const Plan &plan, int64_t least) {
  std::vector<BlasPlan> plans;
  SizeRange sizes{least, kMaxDimension};
  const Provider *provider = findProvider(plan.provider);
  for (ElementType type : {ElementType::F32, ElementType::F64})
    for (Layout a : {Layout::RowMajor, Layout::Transposed})
      for (Layout b : {Layout::RowMajor, Layout::Transposed}) {
        Workload family;
        family.type = type;
        family.layoutA = a;
        family.layoutB = b;
        if (!provider || provider->multiplies(type))
          plans.push_back({family, sizes, sizes, sizes, plan,
                           std::numeric_limits<double>::infinity(), ""});
      }
  return plans;
}

static llvm::Expected<std::vector<BlasPlan>>
choosePlans(const CommonOptions &common, const BlasArguments &arguments,
            const PlanLimits &limits) {
  if (arguments.plan.empty() && !common.isBatchInvariant)
    return plansOfDatabase(common, limits);
  auto input = openPlans(common, {arguments.plan, {}, {}}, {}, "");
  if (!input)
    return input.takeError();
  // Either names one plan for every workload.
  Plan plan = *input->plans("")(Workload()).plan;
  return plansOf(plan, common.isBatchInvariant ? 1 : arguments.least);
}

static std::string rangeText(SizeRange range) {
  return range.least == range.greatest
             ? std::to_string(range.least)
             : llvm::formatv("{0}-{1}", range.least, range.greatest).str();
}

/// "f32:tb": type and layouts.
static std::string familyText(const Workload &family) {
  return (stringifyElementType(family.type) +
          (family.layoutA == Layout::Transposed ? ":ta" : "") +
          (family.layoutB == Layout::Transposed ? ":tb" : ""))
      .str();
}

static ordered_json toJson(const BlasPlan &plan) {
  auto range = [](SizeRange sizes) {
    return ordered_json::array({sizes.least, sizes.greatest});
  };
  ordered_json json = {{"products", familyText(plan.family)},
                       {"m", range(plan.m)},
                       {"k", range(plan.k)},
                       {"n", range(plan.n)},
                       {"plan", toJson(plan.plan)},
                       {"speedup_low", nullptr},
                       {"record", nullptr}};
  if (!plan.record.empty()) {
    json["speedup_low"] = plan.speedup;
    json["record"] = plan.record;
  }
  return json;
}

static void tell(const std::vector<BlasPlan> &plans,
                 const BlasArguments &arguments) {
  for (const BlasPlan &plan : plans)
    printProgress(llvm::formatv("{0}x{1}x{2}:{3}: {4}", rangeText(plan.m),
                                rangeText(plan.k), rangeText(plan.n),
                                familyText(plan.family), plan.plan.str()));
  if (plans.empty())
    printProgress("no usable record of a product of f32 or f64 with these "
                  "threads: '" +
                  arguments.output + "' only passes products on");
}

static llvm::Expected<int> runBlas(const CommandLine &line,
                                   const BlasArguments &arguments) {
  auto limits = planLimits(line.common);
  if (!limits)
    return limits.takeError();
  auto plans = choosePlans(line.common, arguments, *limits);
  if (!plans)
    return plans.takeError();
  auto runtime = findArchive(line.programPath, "libSevenfoldRuntime.a");
  if (!runtime)
    return runtime.takeError();
  auto blasRuntime = findArchive(line.programPath, "libSevenfoldBlasRuntime.a");
  if (!blasRuntime)
    return blasRuntime.takeError();
  BlasLibraryOptions options;
  options.hardware = sevenfold_hardware();
  options.instructionSets = sevenfold_instruction_sets();
  options.threads = sevenfold_get_threads();
  options.nonFinite = line.common.nonFinite == "propagate"
                          ? NonFinite::Propagate
                          : NonFinite::Recompute;
  options.limits = *limits;
  options.runtime = std::move(*runtime);
  options.blasRuntime = std::move(*blasRuntime);
  if (llvm::Error error = buildBlasLibrary(*plans, options, arguments.output))
    return error;
  tell(*plans, arguments);
  if (!line.common.json)
    return 0;
  ordered_json list = ordered_json::array();
  for (const BlasPlan &plan : *plans)
    list.push_back(toJson(plan));
  printJson(list);
  return 0;
}

void sevenfold::addBlasCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "blas", "make a BLAS of what the database knows, for LD_PRELOAD");
  auto arguments = std::make_shared<BlasArguments>();
  command->add_option("-o,--output", arguments->output, "library to write")
      ->required();
  auto *plan = command->add_option(
      "--plan", arguments->plan,
      "plan file for every product, instead of the database's");
  command
      ->add_option("--least", arguments->least,
                   "with --plan: the least m, k and n that it is for")
      ->check(CLI::Range(int64_t(1), kMaxDimension))
      ->capture_default_str()
      ->needs(plan);
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runBlas(line, *arguments); };
  });
}
