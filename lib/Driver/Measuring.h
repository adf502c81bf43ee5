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
#include "sevenfold/Target/NvptxDevice.h"
#include "sevenfold/Tuning/Report.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

/// The runtime library that compiled code is linked with: in the library folder
/// beside the program's. Fails where it is not there.
llvm::Expected<std::string> findRuntimeArchive(const std::string &programPath);

/// The same for GPU code.
llvm::Expected<std::string>
findGpuRuntimeArchive(const std::string &programPath);

/// The program sevenfold-runner, which lies beside this one.
llvm::Expected<std::string> findRunner(const std::string &programPath);

/// The database option, or the user's database.
std::string databasePath(const CommonOptions &options);

/// The databases that answer queries: that one over the system's.
DatabasePaths databasePaths(const CommonOptions &options);

/// What plans may cost, by the options.
llvm::Expected<PlanLimits> planLimits(const CommonOptions &options);

/// Parses `--matmul` texts; the same one twice is one.
llvm::Expected<std::vector<Workload>>
parseWorkloads(const std::vector<std::string> &texts);

/// What libraries for a device carry, by what this machine can assemble.
ImageKind imageKind(const NvptxDevice &device);

/// A GPU that is at hand, and the chip that code for it is made for.
struct GpuAtHand {
  Device device;
  NvptxDevice chip;
};

/// The GPU that is measured, by "nvptx:CHIP", or by "nvptx" for the chip that
/// it is. Fails on other names, where there is no GPU, and where it does not
/// run the chip's code.
llvm::Expected<GpuAtHand> findGpu(const std::string &name);

/// Fails on names that are no device's: others than "host", "nvptx" and
/// "nvptx:CHIP" with a chip that there is code for.
llvm::Error checkDeviceName(const std::string &name);

/// Fails where a device has no products of a workload's type: the host none of
/// tf32.
llvm::Error checkTypes(llvm::ArrayRef<Workload> workloads,
                       llvm::StringRef device);

/// Prints one line on stderr.
void printProgress(const std::string &text);

/// Prints JSON on stdout, one array.
void printJson(const nlohmann::json &array);

/// Prints reports on stdout: JSON, or a table.
void printReports(const std::vector<WorkloadReport> &reports, bool json);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_MEASURING_H
