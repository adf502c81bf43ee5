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
#include "sevenfold/Measure/DeviceKinds.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace sevenfold;

/// What a request is about: this machine, or a device that need not be at hand.
static llvm::Expected<QueryContext>
contextOf(const PlanSourceRequest &request) {
  std::string kind = llvm::StringRef(request.device).split(':').first.str();
  bool isKnown = kind == kHostKind ? request.device == kind
                                   : llvm::is_contained(deviceKinds(), kind);
  if (!isKnown)
    return makeError("expected device '{0}' but got '{1}'",
                     llvm::join(deviceKinds(), "' or '"), request.device);
  if (request.lowering != kind)
    return makeError("expected lowering '{0}' for device '{1}' but got '{2}'",
                     kind, request.device, request.lowering);
  if (kind == kHostKind)
    return queryContext(describeDevice(request.threads));
  if (request.hardware.empty())
    return makeError("expected the name of the GPU to ask the database for its "
                     "plans");
  return absentContext(request.lowering, request.hardware);
}

llvm::Expected<DatabaseAnswers>
sevenfold::openDatabaseAnswers(const PlanSourceRequest &request) {
  auto context = contextOf(request);
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
