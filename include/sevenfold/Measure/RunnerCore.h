//===- RunnerCore.h - The child's side of measuring -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What sevenfold-runner is made of, without LLVM: it loads compiled functions,
// times pairs of them and computes their errors, one JSON request a line.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_RUNNERCORE_H
#define SEVENFOLD_MEASURE_RUNNERCORE_H

#include <cstdint>

namespace sevenfold {

/// Answers requests read from `input` on `output` until the input ends; the
/// exit code of the program. Requests and answers are in docs/Measurement.md.
int serveRunner(int input, int output);

/// Size of the largest cache as the system tells it; 32 MiB where it does not.
int64_t lastLevelCacheBytes();

/// Installed memory in bytes.
int64_t physicalMemoryBytes();

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_RUNNERCORE_H
