//===- PlanSources.h - Plans from the tuning database -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where compilation meets the database: records are asked for this device, its
// libraries and its threads.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANSOURCES_H
#define SEVENFOLD_TUNING_PLANSOURCES_H

#include "sevenfold/Database/Layers.h"

namespace sevenfold {

/// Opens the requested databases for the machine this runs on. Fails on an
/// unknown device or lowering and on a file that is no tuning database.
llvm::Expected<DatabaseAnswers>
openDatabaseAnswers(const PlanSourceRequest &request);

/// The answers for products alone.
llvm::Expected<PlanSource> openDatabasePlans(const PlanSourceRequest &request);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANSOURCES_H
