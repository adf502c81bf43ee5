//===- SchemeOptimizer.h - Cheaper bases for a scheme -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Searches the changes of basis of a scheme for one with fewer additions and
// less error growth.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_SCHEMEOPTIMIZER_H
#define SEVENFOLD_SCHEME_SCHEMEOPTIMIZER_H

#include "sevenfold/Scheme/Scheme.h"

#include "llvm/Support/Error.h"

namespace sevenfold {

/// What is made smaller. Balanced: additions and growth, each relative to the
/// start, and neither may get worse.
enum class SchemeObjective { Balanced, Additions, Growth };

struct SchemeOptimizerOptions {
  SchemeObjective objective = SchemeObjective::Balanced;
  /// Changes of basis tried.
  unsigned steps = 2000;
  uint64_t seed = 0;
};

/// A scheme of the same rank that is no worse by the objective: the best that
/// an annealed walk over products of elementary matrices I +- E_ij on the three
/// bases meets (permutations and sign flips of a basis change neither
/// additions nor growth). `scheme` itself where nothing better is met. The
/// result is verified; fails where `scheme` is not exact. Deterministic.
llvm::Expected<Scheme> optimizeScheme(const Scheme &scheme,
                                      const SchemeOptimizerOptions &options);

/// The same scheme with the first nonzero coefficient of every row of U and V
/// positive (the sign goes to W); unchanged over Z2.
Scheme normalizeSigns(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_SCHEMEOPTIMIZER_H
