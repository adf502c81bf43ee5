//===- Weights.h - Arguments that are constants -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models often take their weights as arguments. Given as files when compiling,
// they become constants of the library, whose sums can be folded.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_WEIGHTS_H
#define SEVENFOLD_TARGET_WEIGHTS_H

#include "sevenfold/Target/ModelCompiler.h"

namespace sevenfold {

/// "[FUNCTION:]ARGUMENT=FILE.npy" or "..=normal", the latter N(0,1) data for
/// measuring. Arguments are counted from 0, before any became a constant.
struct WeightBinding {
  std::string function; ///< empty: the only public one
  unsigned argument = 0;
  std::string source; ///< a path, or "normal"

  static llvm::Expected<WeightBinding> parse(llvm::StringRef text);
};

/// A weight that has been bound.
struct BoundWeight {
  std::string function;
  unsigned argument = 0;
  std::string hash; ///< SHA-256 of the elements; empty where not asked for
};

/// Whether hashes are wanted; they take a second a few hundred megabytes.
enum class WeightHashes { Compute, Omit };

/// Binds all of them, data of "normal" drawn from `seed`. Errors name the file
/// or the argument.
llvm::Expected<std::vector<BoundWeight>>
bindWeights(ModelCompiler &compiler, std::vector<WeightBinding> bindings,
            uint64_t seed, WeightHashes hashes);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_WEIGHTS_H
