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

#include "Measuring.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/PlanSources.h"

#include <CLI/CLI.hpp>

using namespace sevenfold;

void sevenfold::addPlanOptions(CLI::App &command, PlanArguments &arguments) {
  auto *plan = command.add_option("--plan", arguments.plan,
                                  "plan file for every matmul");
  auto *manifest =
      command.add_option("--manifest", arguments.manifest,
                         "plans of an earlier compilation's manifest");
  plan->excludes(manifest);
}

llvm::Expected<CompilerInput>
sevenfold::openPlans(const CommonOptions &common,
                     const PlanArguments &arguments) {
  CompilerInput input;
  auto workspace = workspaceLimit(common);
  if (!workspace)
    return workspace.takeError();
  input.options.maxWorkspaceBytes = *workspace;
  input.options.maxErrorGrowth = common.maxErrorGrowth;
  if (!arguments.plan.empty()) {
    auto plan = readPlanFile(arguments.plan);
    if (!plan)
      return plan.takeError();
    input.options.provider = plan->provider;
    input.source = explicitPlan(std::move(*plan));
    return input;
  }
  if (!arguments.manifest.empty()) {
    auto manifest = readManifest(arguments.manifest);
    if (!manifest)
      return manifest.takeError();
    auto plans = manifestPlans(*manifest);
    if (!plans)
      return plans.takeError();
    input.options.provider = manifest->provider;
    input.source = std::move(*plans);
    return input;
  }
  PlanSourceRequest request;
  request.database = databasePath(common);
  request.systemDatabases = common.systemDatabases;
  request.threads = common.threads;
  request.maxErrorGrowth = common.maxErrorGrowth;
  request.maxWorkspaceBytes = *workspace;
  auto plans = openDatabasePlans(request);
  if (!plans)
    return plans.takeError();
  input.source = std::move(*plans);
  return input;
}
