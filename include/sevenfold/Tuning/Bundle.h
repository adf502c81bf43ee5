//===- Bundle.h - Tuning on a machine without a compiler ------ -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bundle is a folder with everything that a target needs to carry out the
// measurements of a tuning run; its results come back as records.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_BUNDLE_H
#define SEVENFOLD_TUNING_BUNDLE_H

#include "sevenfold/Tuning/Tuner.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

/// What goes into a bundle beside the artefacts.
struct BundleSources {
  std::string runner;                 ///< the program sevenfold-runner
  std::vector<std::string> libraries; ///< shared libraries it loads
  std::string tool;                   ///< version of this program
  /// Adds what a machine must be to run the artefacts, where it need not be
  /// like this one.
  std::function<void(nlohmann::json &)> describeTarget = {};
};

struct BundleSummary {
  int workloads = 0, candidates = 0, failed = 0; ///< plans that did not build
};

/// Builds the baselines and the candidates that a tuning run would race first,
/// and writes them to a folder that must not be there: whole or not at all.
/// `parts.device` says which providers there are and orders the candidates;
/// nothing is measured. docs/Database.md has the form of the manifest. Fails
/// with Interrupted, too.
llvm::Expected<BundleSummary> writeBundle(llvm::StringRef folder,
                                          llvm::ArrayRef<Workload> workloads,
                                          const BundleSources &sources,
                                          const TuneParts &parts,
                                          const TuneOptions &options);

struct BundleResults {
  std::vector<Record> records;
  int finished = 0, workloads = 0;  ///< measured, and in the bundle
  std::vector<std::string> remarks; ///< of workloads without a record
};

/// Reads what sevenfold-runner has written: `path` is a bundle or the
/// results.json in one. The results must have their own hash and that of the
/// manifest beside them, and the protocol of this program; speedups and
/// verdicts are computed here, from the samples. The records are the target's.
/// Fails, naming the file, on anything else.
llvm::Expected<BundleResults> readBundleResults(llvm::StringRef path,
                                                const TuneOptions &options);

/// Whether a path to import is a bundle or a bundle's results.
bool namesBundleResults(llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_BUNDLE_H
