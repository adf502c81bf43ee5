//===- BlockScheme.h - A scheme as work on blocks ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns the coefficient matrices of a scheme into the work a decomposition
// emits: which operands are plain blocks, which sums must be formed, which
// products can be added to their destination in place.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_BLOCKSCHEME_H
#define SEVENFOLD_SCHEME_BLOCKSCHEME_H

#include "sevenfold/Scheme/Scheme.h"

#include <functional>

namespace sevenfold {

/// One operand side (A or B).
struct OperandSums {
  /// Where product t finds its operand: block `index` of the operand itself, or
  /// sum `index`.
  struct Source {
    bool isBlock;
    unsigned index;
  };
  std::vector<Source> sources;
  /// The distinct sums: a coefficient for every block.
  std::vector<std::vector<double>> sums;
};

/// What becomes of product t: it is added to block `index` of C by itself
/// (direct), or stored as product `index` for the combine of C.
struct ProductTarget {
  bool direct;
  unsigned index;
};

struct BlockScheme {
  OperandSums a, b;
  std::vector<ProductTarget> targets;
  /// For every block of C the coefficients of the stored products.
  std::vector<std::vector<double>> combine;
  unsigned storedProducts = 0;

  unsigned rank() const { return targets.size(); }
};

/// Which blocks of an operand can be used in place: all of them, except that a
/// block that ends beyond its operand must be copied and padded.
using WholeBlock = std::function<bool(unsigned block)>;

/// How large the entries of an operand's sums may become.
enum class SumRange {
  Free,   ///< what the scheme makes of them: the type has room
  Bounded ///< no larger than the largest entry of the operand
};

/// The power of two that brings a positive `total` into (1/2, 1].
double boundingFactor(double total);

/// Scales the rank-one terms so that
///   - an operand with one block has coefficient 1 and needs no sum,
///   - the magnitudes of the coefficients of a bounded sum add up to more than
///     1/2 and at most 1, by a power of two, which rounds nothing but what
///     becomes subnormal,
///   - a product with one destination has coefficient 1 there, where one of its
///     operands is a sum that can carry the factor,
/// which leaves every u (x) v (x) w as it is, and collects equal sums.
BlockScheme makeBlockScheme(const Scheme &scheme, const WholeBlock &wholeA,
                            const WholeBlock &wholeB, const WholeBlock &wholeC,
                            SumRange range);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_BLOCKSCHEME_H
