//===- Simulation.h - Times of a device that is not at hand -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What plans would take on a device by its profile. Nothing is measured, and
// nothing of it is ever a record: all that is said of it is labelled simulated.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_SIMULATION_H
#define SEVENFOLD_TUNING_SIMULATION_H

#include "sevenfold/Measure/DeviceProfile.h"
#include "sevenfold/Tuning/PlanSpace.h"
#include "sevenfold/Tuning/Report.h"

namespace sevenfold {

/// The baseline, which is the vendor library by the cost model, and the plan of
/// the plan space that is predicted to be the fastest, where that gains at
/// least what a measured one would have to (kWinningLowerBound). Fails where
/// the profile has no figure for the workload's type, and where the matmul does
/// not fit into the device's memory.
llvm::Expected<WorkloadReport> simulateTuning(const Workload &workload,
                                              const DeviceProfile &profile,
                                              llvm::ArrayRef<Scheme> schemes,
                                              const TuningConfig &config,
                                              const PlanLimits &limits);

/// The baseline and this plan. Fails where the above does, and where the plan
/// does not fit the matmul or the memory.
llvm::Expected<WorkloadReport> simulatePlan(const Workload &workload,
                                            const DeviceProfile &profile,
                                            const Plan &plan);

/// A table for people whose every line says that it is simulated.
std::string formatSimulated(llvm::ArrayRef<WorkloadReport> reports);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_SIMULATION_H
