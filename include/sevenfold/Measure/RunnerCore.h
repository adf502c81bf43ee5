//===- RunnerCore.h - The child's side of measuring -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What sevenfold-runner is made of, without LLVM: it loads compiled functions,
// times them in the order it is asked for and computes their errors, one JSON
// request a line.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_RUNNERCORE_H
#define SEVENFOLD_MEASURE_RUNNERCORE_H

#include <cstdint>
#include <string>

namespace sevenfold {

/// Version of the measurement protocol; records of another one are stale.
inline constexpr const char *kProtocolVersion = "2";

/// Answers requests read from `input` on `output` until the input ends; the
/// exit code of the program. Requests and answers are in docs/Measurement.md.
int serveRunner(int input, int output);

/// What is done with a bundle: its plans are measured as by the tuner, or each
/// is run once and compared with float64.
enum class BundleTask { Tune, Check };

struct BundleOptions {
  std::string folder;  ///< of a bundle
  std::string program; ///< of sevenfold-runner, for the measuring child
  /// Of a bundle for a PJRT plugin: the path of that; else empty.
  std::string plugin = {};
  int threads = 0;    ///< 0: all cores
  double seconds = 0; ///< when to stop screening, and then to stop; 0: never
  BundleTask task = BundleTask::Tune;
};

/// Carries out the protocol on a bundle's artefacts and keeps the samples in
/// its results.json, one workload after the other; goes on where an earlier run
/// has ended. A check is kept in check.json. Progress and errors go to stderr.
/// The exit code: 0 all is measured, or right; 1 interrupted, out of time,
/// void, or wrong; 2 the bundle or its results are of no use.
int runBundle(const BundleOptions &options);

/// Size of the largest cache as the system tells it; 32 MiB where it does not.
int64_t lastLevelCacheBytes();

/// Installed memory in bytes.
int64_t physicalMemoryBytes();

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_RUNNERCORE_H
