//===- Measuring.h - What tune and bench have in common ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The machine, the compiler and the runner a measuring command works with, and
// how it reads options and prints reports. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_MEASURING_H
#define SEVENFOLD_LIB_DRIVER_MEASURING_H

#include "sevenfold/Database/Layers.h"
#include "sevenfold/Driver/MeasuringTools.h"
#include "sevenfold/Tuning/Report.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

/// The program sevenfold-runner, which lies beside this one.
llvm::Expected<std::string> findRunner(const std::string &programPath);

/// An archive that libraries are linked with, which lies in lib beside the
/// program's folder.
llvm::Expected<std::string> findArchive(const std::string &programPath,
                                        llvm::StringRef name);

/// The database option, or the user's database.
std::string databasePath(const CommonOptions &options);

/// The databases that answer queries: that one over the system's.
DatabasePaths databasePaths(const CommonOptions &options);

/// What plans may cost, by the options.
llvm::Expected<PlanLimits> planLimits(const CommonOptions &options);

/// Parses `--matmul` texts; the same one twice is one.
llvm::Expected<std::vector<Workload>>
parseWorkloads(const std::vector<std::string> &texts);

/// What is measured under a device's name (TargetKind::atHand).
llvm::Expected<TargetDevice> findDevice(const std::string &name, int threads,
                                        Probing probing);

/// Fails where a device, by its name, has no products of a workload's type, as
/// the host has none of tf32.
llvm::Error checkTypes(llvm::ArrayRef<Workload> workloads,
                       const std::string &device);

/// Prints one line on stderr.
void printProgress(const std::string &text);

/// Prints JSON on stdout, one array.
void printJson(const nlohmann::json &array);

/// Prints reports on stdout: JSON, or a table.
void printReports(const std::vector<WorkloadReport> &reports, bool json);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_MEASURING_H
