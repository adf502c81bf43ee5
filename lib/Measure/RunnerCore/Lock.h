//===- Lock.h - One measurement at a time --------------------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exclusive lock that everything holds which times code on this machine.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_LOCK_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_LOCK_H

#include <string>

namespace sevenfold {

/// The lock's file, the same for all users of the machine.
inline constexpr char kMachineLockPath[] = "/tmp/sevenfold-measurement.lock";

namespace runner {

/// Held until destroyed; the system also releases it when the process ends.
class Lock {
public:
  /// Waits for whoever holds it, with a line on stderr after two seconds.
  /// `problem` is set where the file cannot be opened, and at an interrupt.
  Lock(const std::string &path, std::string &problem);
  Lock(const Lock &) = delete;
  Lock &operator=(const Lock &) = delete;
  ~Lock();

  /// Whether somebody holds it; a file that cannot be opened is held by nobody.
  static bool isHeld(const std::string &path);

private:
  int file = -1;
};

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_LOCK_H
