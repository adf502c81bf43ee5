//===- TileAllocation.h - Ranks for the layers of a function ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `tile allocate` is given, tries and chooses, and the files it leaves.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_DRIVER_TILEALLOCATION_H
#define SEVENFOLD_SEARCH_DRIVER_TILEALLOCATION_H

#include "search/Driver/TileInputs.h"
#include "search/Tile/RankAllocation.h"
#include "sevenfold/Measure/Artefact.h"
#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Target/Weights.h"

namespace sevenfold {

struct AllocateArguments {
  std::string model, function, layout = "blocks", output;
  std::vector<std::string> weights, activations, inputs;
  std::vector<unsigned> ranks = {16, 24, 32, 49};
  unsigned tile = 4;
  int64_t sampleRows = 0;
  int rounds = 9;
};

/// An operator for a layer, and the function with it alone.
struct TileCandidate {
  TileOperator op;
  std::string file; ///< where it lies while others are tried
  Artefact artefact;
  RankChoice measured;
  bool pays = false; ///< beyond doubt, alone
};

/// A weight that products use.
struct TileLayer {
  WeightBinding weight;
  WeightInput input;
  ActivationsInput activations;
  std::vector<TileCandidate> candidates;
};

/// What was chosen, measured.
struct TileAllocation {
  std::vector<size_t> chosen; ///< of each layer's candidates, or their number
  double error = 0;           ///< of the output
  Speedup speedup;            ///< of the dense function's time over its
};

/// The operator of a layer in the output folder.
std::string allocatedFile(const AllocateArguments &arguments,
                          const TileLayer &layer);

/// Whether the choice was timed and is faster beyond doubt.
bool isTaken(const TileAllocation &allocation);

/// Writes the operators of a choice that is taken, what binds them and
/// allocation.json; removes operators of an allocation before this one.
[[nodiscard]] llvm::Error
writeAllocation(const AllocateArguments &arguments,
                const std::vector<WeightBinding> &weights,
                const std::vector<TileLayer> &layers,
                const TileAllocation &allocation);

/// allocation.json's content.
std::string allocationJson(const AllocateArguments &arguments,
                           const std::vector<TileLayer> &layers,
                           const TileAllocation &allocation, int indent);

/// What is said of it.
std::string allocationText(const AllocateArguments &arguments, double maxError,
                           const std::vector<TileLayer> &layers,
                           const TileAllocation &allocation);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_DRIVER_TILEALLOCATION_H
