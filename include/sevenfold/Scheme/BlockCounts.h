//===- BlockCounts.h - How much work on blocks a scheme is ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts of what makeBlockScheme makes of a scheme whose blocks are all whole,
// and of tensor products of schemes without forming them: levels that are
// composed are one scheme of hundreds of products.
//
// Why counts of tensor products follow from those of the factors: rows of
// u (x) u' are equal up to sign where those of u and of u' are, and have one
// entry where both have. So distinct rows multiply, and of products only their
// kinds matter (BlockCounts::Kind), of which a scheme has a few. Rows that
// differ by a factor other than a sign are taken for different: where both
// schemes have such rows, the product may have fewer sums than are counted.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_BLOCKCOUNTS_H
#define SEVENFOLD_SCHEME_BLOCKCOUNTS_H

#include "sevenfold/Scheme/BlockScheme.h"

#include <array>
#include <cstdint>
#include <map>

namespace sevenfold {

/// The linear forms of one side of a scheme that take memory of their own.
struct SideCounts {
  int64_t sums = 0;  ///< forms: of operands more than one block, or scaled
  int64_t terms = 0; ///< blocks these forms name, with multiplicity
};

class BlockCounts {
public:
  /// Those of no level at all: one product of the operands as they are.
  BlockCounts();
  explicit BlockCounts(const Scheme &scheme);

  /// Those of the tensor product with a scheme of these counts.
  void multiply(const BlockCounts &inner);

  int64_t rank() const { return products; }
  /// The sums of operand 0 (A) or 1 (B), equal ones once.
  SideCounts distinctSums(unsigned operand) const;
  /// The same where every product forms its own.
  SideCounts sumsOfProducts(unsigned operand) const;
  /// Products that are stored and not added to their block of C by themselves.
  SideCounts storedProducts(SumRange range) const;
  /// Products that go to more than one block of C.
  SideCounts sharedProducts() const;

private:
  /// What decides where a product goes (absorbCoefficient in BlockScheme.cpp).
  struct Kind {
    struct Row {
      bool isBlock;  ///< it has one entry
      bool isUnique; ///< no other product has it
      double lead;   ///< that entry, or the sign of the first one
      double total;  ///< the magnitudes of the entries together
    };
    std::array<Row, 2> operands;
    int64_t targets; ///< blocks of C
    double weight;   ///< of w: its entry where there is one, else 0

    bool operator<(const Kind &other) const;
    bool isDirect(SumRange range) const;
  };

  /// Of an operand's rows, distinct up to sign.
  struct Rows {
    int64_t distinct = 1, distinctEntries = 1; ///< rows, and entries of them
    int64_t distinctBlocks = 1;                ///< rows of one entry
    int64_t entries = 1, blocks = 1;           ///< of all rows
  };

  int64_t products = 1;
  std::array<Rows, 2> rows;
  std::map<Kind, int64_t> kinds;
};

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_BLOCKCOUNTS_H
