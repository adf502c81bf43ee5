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
#include "sevenfold/Target/MatmulBuilder.h"
#include "sevenfold/Target/Target.h"

#include <memory>
#include <optional>

namespace sevenfold {

struct MeasuringTools {
  Device device;
  TargetHandle target; ///< what code is made for
  std::unique_ptr<Builder> builder;
  std::unique_ptr<Runner> runner;
  /// Set by the runner where the device is gone; nothing can be measured then.
  std::shared_ptr<std::string> deviceLost;

  /// Whether to stop: the user asks for it, or the device is gone.
  std::function<bool()> stopped() const;
};

/// Probes the machine and starts the compiler and the runner, which lies beside
/// the program. `device`: "host", or "nvptx:CHIP" for the first GPU, which must
/// run code of that chip, or "nvptx" for the chip that it is. Installs the
/// interrupt handlers. Remarks go to stderr.
llvm::Expected<MeasuringTools>
openMeasuringTools(const CommandLine &line, const std::string &device = "host");

/// The same for making what is measured elsewhere: a GPU need not be here.
llvm::Expected<MeasuringTools> openBuildingTools(const CommandLine &line,
                                                 const std::string &device);

/// A target with its runtime library: in the library folder beside the
/// program's. Fails where it is not there.
llvm::Expected<BuildTarget> buildTarget(const CommandLine &line,
                                        const TargetHandle &target);

} // namespace sevenfold

#endif // SEVENFOLD_DRIVER_MEASURINGTOOLS_H
