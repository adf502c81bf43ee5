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

llvm::Expected<MachineLock> MachineLock::acquire(llvm::StringRef path) {
  std::string problem;
  auto lock = std::make_unique<runner::Lock>(
      path.empty() ? kMachineLockPath : path.str(), problem);
  if (!problem.empty())
    return makePlainError(problem);
  return MachineLock(std::move(lock));
}
