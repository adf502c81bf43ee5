//===- SimulatedDevices.h - Commands on simulated devices -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What device, tune and bench do where the device is a profile. Private to the
// library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_SIMULATEDDEVICES_H
#define SEVENFOLD_LIB_DRIVER_SIMULATEDDEVICES_H

#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Measure/DeviceProfile.h"
#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

/// Prints a profile on stdout: JSON, or a text whose every line says that it is
/// simulated.
void printProfile(const DeviceProfile &profile, bool json);

/// Predicts workloads on a simulated device and prints the reports; the exit
/// code. Fails where a database is named: nothing of it is recorded.
llvm::Expected<int> runSimulation(const CommonOptions &common,
                                  const std::string &device,
                                  llvm::ArrayRef<Workload> workloads,
                                  const TuneOptions &options,
                                  const std::optional<Plan> &plan);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_SIMULATEDDEVICES_H
