//===- MeasuringTools.h - What measuring commands work with -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The machine, the compiler and the runner, for commands that see no more of
// the compiler than its interface.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DRIVER_MEASURINGTOOLS_H
#define SEVENFOLD_DRIVER_MEASURINGTOOLS_H

#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Measure/Builder.h"
#include "sevenfold/Measure/Device.h"
#include "sevenfold/Measure/Runner.h"

#include <memory>

namespace sevenfold {

struct MeasuringTools {
  Device device;
  std::unique_ptr<Builder> builder;
  std::unique_ptr<Runner> runner;
};

/// Probes the machine and starts the compiler and the runner, which lies beside
/// the program. Installs the interrupt handlers. Remarks go to stderr.
llvm::Expected<MeasuringTools> openMeasuringTools(const CommandLine &line);

} // namespace sevenfold

#endif // SEVENFOLD_DRIVER_MEASURINGTOOLS_H
