//===- PlanSources.cpp - Plans from the tuning database -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns a request into a query context for this machine.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanSources.h"

#include "sevenfold/Database/Layers.h"
#include "sevenfold/Measure/Device.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Validity.h"

using namespace sevenfold;

llvm::Expected<PlanSource>
sevenfold::openDatabasePlans(const PlanSourceRequest &request) {
  if (request.device != "host")
    return makeError("expected device 'host' but got '{0}'", request.device);
  if (request.lowering != "host")
    return makeError("expected lowering 'host' but got '{0}'",
                     request.lowering);
  QueryContext context = queryContext(describeDevice(request.threads));
  context.maxErrorGrowth = request.maxErrorGrowth;
  context.maxWorkspaceBytes = request.maxWorkspaceBytes;
  return databasePlanSource({request.database, request.systemDatabases},
                            std::move(context));
}
