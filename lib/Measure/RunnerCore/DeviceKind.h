//===- DeviceKind.h - Devices that the runner knows -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runner's side of a target (sevenfold/Target/Target.h), without LLVM:
// where its functions run, and what a bundle for it asks of a machine.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_DEVICEKIND_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_DEVICEKIND_H

#include "Bundle.h"
#include "Executor.h"

namespace sevenfold {
namespace runner {

struct DeviceKind {
  const char *name;    ///< as requests and bundles say it, before a colon
  double startSeconds; ///< what its driver may take to start; 0: nothing
  /// The executor of a device by what stands behind the colon. Null with a
  /// message where there is none.
  std::unique_ptr<Executor> (*createExecutor)(const std::string &rest,
                                              std::string &message);
  /// Reads what a bundle's target asks for besides a processor.
  void (*readTarget)(const nlohmann::json &target, Bundle &bundle);
  /// Empty, or why the bundle's code must not run on this machine.
  std::string (*checkTarget)(const Bundle &bundle);
  /// What results say of this machine, to one who runs with so many threads;
  /// `rest` as of createExecutor. Throws std::runtime_error where the device
  /// does not answer.
  nlohmann::json (*describe)(const std::string &rest, int threads);
  /// What the device's compiler makes of a program, which a request of
  /// docs/Measurement.md names; null where there is no such compiler. Throws
  /// std::runtime_error in the compiler's words.
  nlohmann::json (*compile)(const std::string &rest,
                            const nlohmann::json &request);
  /// Runs a program once on the bytes of files, and writes its results to
  /// files; null where the tool calls functions itself. Throws as `compile`.
  nlohmann::json (*call)(const std::string &rest,
                         const nlohmann::json &request);
};

/// The kind of a device; null where there is none.
const DeviceKind *findDeviceKind(const std::string &device);

/// What stands behind the colon of a device's name; empty without one.
std::string restOfDevice(const std::string &device);

/// "'host' or 'nvptx'", for messages.
std::string deviceKindNames();

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_DEVICEKIND_H
