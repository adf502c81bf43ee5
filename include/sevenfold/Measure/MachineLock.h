//===- MachineLock.h - One measurement at a time ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two measurements at once measure each other. Everything that times code on
// this machine, whoever its user is, holds this lock while it does.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_MACHINELOCK_H
#define SEVENFOLD_MEASURE_MACHINELOCK_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace sevenfold {

/// The lock's file, the same for all users of the machine.
inline constexpr char kMachineLockPath[] = "/tmp/sevenfold-measurement.lock";

/// Held until destroyed; the system also releases it when the process ends.
class MachineLock {
public:
  /// Waits for whoever holds it, with a line on stderr after two seconds; fails
  /// where the file cannot be opened, or at an interrupt.
  static llvm::Expected<MachineLock>
  acquire(llvm::StringRef path = kMachineLockPath);

  MachineLock(MachineLock &&other) noexcept : file(other.file) {
    other.file = -1;
  }
  MachineLock &operator=(MachineLock &&) = delete;
  ~MachineLock();

private:
  explicit MachineLock(int file) : file(file) {}
  int file;
};

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_MACHINELOCK_H
