//===- ModelComparison.h - Models at equal steps ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One training with changes: forms, ranks, starts, each with several seeds.
// What a tile operator is worth is seen only beside a dense model, thin
// matrices and a narrower model that were trained as long.
//
// Files in the folder, for model NAME and seed S:
//   NAME-sS.json     its configuration, as `tile train` reads it
//   NAME-sS/         its training
//   comparison.json, comparison.md, comparison.svg
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_MODELCOMPARISON_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_MODELCOMPARISON_H

#include "search/Tile/Training/TrainLoop.h"
#include "sevenfold/Runner/Statistics.h"

#include <optional>
#include <string>
#include <vector>

namespace sevenfold {

struct ComparedModel {
  std::string name;
  std::vector<int64_t> seeds;
  std::string start;   ///< the model that it begins as, of the same seed, or ""
  std::string against; ///< the one it is compared with seed by seed, or ""
  std::string change;  ///< JSON merge patch on the configuration (RFC 7386)
};

struct ModelComparison {
  std::string config; ///< JSON that all models share
  std::vector<ComparedModel> models;

  const ComparedModel *find(const std::string &name) const;
};

/// Reads python-free-configs/tile/compare.schema.json's format. Fails, naming
/// the place, on unknown keys and models, and on models that start from later
/// ones or from seeds that those lack.
llvm::Expected<ModelComparison> readModelComparison(llvm::StringRef path);

/// One model with one seed.
struct ModelRun {
  std::string model;
  int64_t seed = 0;
  std::string folder; ///< of its training
  TrainConfig config;
};

/// All runs, seed by seed, so that what there is after a stop can be compared.
/// Writes their configurations, after all of them were checked against their
/// data and what the folder holds.
llvm::Expected<std::vector<ModelRun>>
prepareRuns(const ModelComparison &comparison, const std::string &folder);

/// What a run came to, and its model as a library.
struct ModelRunResult {
  std::string model;
  int64_t seed = 0;
  TrainResult training;
  /// Of the test samples by the library; nothing for targets.
  std::optional<double> libraryAccuracy;
  /// Of one call over that of the first model's, in pairs; nothing where it was
  /// not timed.
  std::optional<Speedup> relativeTime;
  double milliseconds = 0; ///< median of a call, where it was timed
};

/// A markdown table, a line for each model: means of its seeds and how far they
/// are apart, multiply-adds, stored bytes, times, differences seed by seed.
std::string modelTable(const ModelComparison &comparison,
                       const std::vector<ModelRunResult> &results);

std::string modelJson(const std::vector<ModelRunResult> &results);

/// Accuracy (or loss) over measured time and over stored bytes.
std::string modelSvg(const ModelComparison &comparison,
                     const std::vector<ModelRunResult> &results);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_MODELCOMPARISON_H
