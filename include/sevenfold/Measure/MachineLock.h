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

#include <memory>

namespace sevenfold {

namespace runner {
class Lock;
}

/// Held until destroyed; the system also releases it when the process ends.
class MachineLock {
public:
  /// Waits for whoever holds it, with a line on stderr after two seconds; fails
  /// where the file cannot be opened, or at an interrupt. The path is for
  /// tests; all others take the machine's.
  static llvm::Expected<MachineLock> acquire(llvm::StringRef path = "");

  /// Whether somebody holds it now: what can wait should, so as not to disturb
  /// a measurement.
  static bool isHeld(llvm::StringRef path = "");

  MachineLock(MachineLock &&other) noexcept;
  MachineLock &operator=(MachineLock &&) = delete;
  ~MachineLock();

private:
  explicit MachineLock(std::unique_ptr<runner::Lock> lock);
  std::unique_ptr<runner::Lock> lock;
};

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_MACHINELOCK_H
