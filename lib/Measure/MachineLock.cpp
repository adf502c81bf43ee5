//===- MachineLock.cpp - One measurement at a time ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// flock is tied to the open file, not to the process id: it cannot be left
// behind by a killed tuner.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/MachineLock.h"

#include "RunnerCore/Lock.h"

#include "sevenfold/Support/Error.h"

using namespace sevenfold;

MachineLock::MachineLock(std::unique_ptr<runner::Lock> lock)
    : lock(std::move(lock)) {}
MachineLock::MachineLock(MachineLock &&) noexcept = default;
MachineLock::~MachineLock() = default;

/// All but tests take the machine's.
static std::string pathOr(llvm::StringRef path) {
  return path.empty() ? std::string(kMachineLockPath) : path.str();
}

bool MachineLock::isHeld(llvm::StringRef path) {
  return runner::Lock::isHeld(pathOr(path));
}

llvm::Expected<MachineLock> MachineLock::acquire(llvm::StringRef path) {
  std::string problem;
  auto lock = std::make_unique<runner::Lock>(pathOr(path), problem);
  if (!problem.empty())
    return makePlainError(problem);
  return MachineLock(std::move(lock));
}
