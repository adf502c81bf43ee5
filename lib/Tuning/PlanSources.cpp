//===- PlanSources.cpp - Plans from the tuning database -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns a request into a query context for this machine, or for a GPU.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanSources.h"

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Validity.h"

using namespace sevenfold;

/// A query about a GPU, which need not be at hand.
static llvm::Expected<QueryContext>
gpuContext(const PlanSourceRequest &request) {
  if (request.lowering != kGpuLowering)
    return makeError("expected lowering '{0}' for device '{1}' but got '{2}'",
                     kGpuLowering, request.device, request.lowering);
  if (request.hardware.empty())
    return makeError("expected the name of the GPU to ask the database for its "
                     "plans");
  return absentGpuContext(request.hardware);
}

static llvm::Expected<QueryContext>
hostContext(const PlanSourceRequest &request) {
  if (request.device != "host")
    return makeError("expected device 'host' or 'nvptx:CHIP' but got '{0}'",
                     request.device);
  if (request.lowering != "host")
    return makeError("expected lowering 'host' but got '{0}'",
                     request.lowering);
  return queryContext(describeDevice(request.threads));
}

llvm::Expected<DatabaseAnswers>
sevenfold::openDatabaseAnswers(const PlanSourceRequest &request) {
  bool isGpu = llvm::StringRef(request.device).split(':').first == kGpuLowering;
  auto context = isGpu ? gpuContext(request) : hostContext(request);
  if (!context)
    return context.takeError();
  context->limits = request.limits;
  return databaseAnswers({request.database, request.systemDatabases},
                         std::move(*context));
}

llvm::Expected<PlanSource>
sevenfold::openDatabasePlans(const PlanSourceRequest &request) {
  auto answers = openDatabaseAnswers(request);
  if (!answers)
    return answers.takeError();
  return std::move(answers->plans);
}
