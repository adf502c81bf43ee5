//===- Bundle.h - A folder of artefacts to be measured -------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `sevenfold tune --emit-bundle` writes, as the runner on the target reads
// it; docs/Database.md has the form of the file.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUNDLE_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUNDLE_H

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sevenfold {
namespace runner {

/// A compiled plan.
struct BundlePlan {
  std::string provider;
  nlohmann::json function; ///< as of a request's functions, with a whole path
  double errorBound = 0;
  double expected = 0; ///< of a candidate: logarithm of its predicted speedup
  std::string kind;    ///< and what it has in common with others
  bool wellTried = false; ///< is raced whatever is expected of it
};

struct BundleWorkload {
  std::string name;
  nlohmann::json operands; ///< a request's "inputs" and "outputs"
  nlohmann::json workload; ///< a request's "workload"
  double leastError = 0;   ///< a smaller error of the baseline counts as this
  std::vector<BundlePlan> baselines, candidates;
};

/// How long the stages are; docs/Tuning.md says what they are for.
struct BundleSchedule {
  int fairnessPairs = 0, providerRounds = 0, firstRounds = 0, keepOneOf = 0;
  double confirmationSeconds = 0, maxErrorGrowth = 0;
};

struct Bundle {
  std::string folder;
  std::string hash; ///< SHA-256 of the manifest's bytes
  std::string protocol;
  std::string architecture;
  std::vector<std::string> features;
  std::string lowering = "host"; ///< or "nvptx", "pjrt"
  /// As requests name it: the lowering, of "pjrt" with the plugin's path.
  std::string device = "host";
  std::string plugin, pluginHash; ///< of "pjrt": asked for, and by its bytes
  std::string chip, image;        ///< of GPU code: "sm_90"; "ptx" or "cubin"
  uint64_t seed = 0;
  double minTimeout = 0, timeoutFactor = 0;
  BundleSchedule schedule;
  BundleWorkload fairness;
  std::vector<BundleWorkload> workloads;
};

/// Reads the manifest of `folder` and compares every file with its hash. Empty,
/// or one line that says what is wrong.
std::string openBundle(const std::string &folder, Bundle &bundle);

/// Empty, or why the bundle's code must not run on this machine.
std::string checkTarget(const Bundle &bundle);

/// What results say of this machine, to one who runs a bundle with so many
/// threads.
nlohmann::json describeTarget(const Bundle &bundle, int threads);

/// The bytes of a file; false where it cannot be read.
bool readWholeFile(const std::string &path, std::string &bytes);

/// Replaces a file: beside it, to the disk, then renamed. Empty, or why not.
std::string replaceFile(const std::string &path, const std::string &bytes);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUNDLE_H
