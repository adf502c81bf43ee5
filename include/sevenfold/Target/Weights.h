//===- Weights.h - Arguments that are constants -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models often take their weights as arguments. Given as files when compiling,
// they become constants of the library, whose sums can be folded; or products
// with them become tile operators that were learned for them.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_WEIGHTS_H
#define SEVENFOLD_TARGET_WEIGHTS_H

#include "sevenfold/Target/ModelCompiler.h"

#include <optional>

namespace sevenfold {

/// What an argument becomes: a constant, or an operator in place of its
/// products (TileOperator).
enum class WeightKind { Constant, Tile };

/// "[FUNCTION:]ARGUMENT=FILE.npy" or "..=normal", the latter N(0,1) data for
/// measuring; of tiles "[FUNCTION:]ARGUMENT=LAYER.tile.json". Arguments are
/// counted from 0, before any became a constant.
struct WeightBinding {
  std::string function; ///< empty: the only public one
  unsigned argument = 0;
  std::string source; ///< a path, or "normal"
  WeightKind kind = WeightKind::Constant;
  /// Of tiles: the relative error that the user accepts. Without one only
  /// operators that are exact up to rounding are taken.
  std::optional<double> maxRelativeError{};

  static llvm::Expected<WeightBinding>
  parse(llvm::StringRef text, WeightKind kind = WeightKind::Constant);
};

/// The options that say so, a line for each: an arguments file, which the
/// command line takes as '@FILE'.
std::string argumentsFile(llvm::ArrayRef<WeightBinding> bindings);

/// What is told of an operator that was bound.
struct BoundTile {
  unsigned tile = 0, rank = 0;
  double flopsRatio = 0, relativeError = 0;

  std::string str() const;
};

/// A weight that has been bound.
struct BoundWeight {
  std::string function;
  unsigned argument = 0;
  /// SHA-256 of the elements, or of the tile operator's file, which has those
  /// of its arrays; empty where not asked for.
  std::string hash;
  std::optional<BoundTile> tile{};
};

/// Whether hashes are wanted; they take a second a few hundred megabytes.
enum class WeightHashes { Compute, Omit };

/// Binds all of them, data of "normal" drawn from `seed`. An argument's tile
/// operator goes before its constant. Errors name the file or the argument.
llvm::Expected<std::vector<BoundWeight>>
bindWeights(ModelCompiler &compiler, std::vector<WeightBinding> bindings,
            uint64_t seed, WeightHashes hashes);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_WEIGHTS_H
