//===- Algebra.h - Making schemes from schemes ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operations under which exactness is preserved: symmetries of the matrix
// multiplication tensor, change of basis, tensor products and block sums.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_ALGEBRA_H
#define SEVENFOLD_SCHEME_ALGEBRA_H

#include "sevenfold/Scheme/Scheme.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace sevenfold {

/// The scheme <m m', k k', n n'; r r'> that applies `inner` to the blocks of
/// `outer`: block (i, i') of A is entry i' of outer block i. Fails where a
/// coefficient overflows or the rings have no common ring (Z2 with others).
llvm::Expected<Scheme> tensorProduct(const Scheme &outer, const Scheme &inner);

/// <m,k,n> -> <k,n,m>: from C = AB follows the scheme of (k x n)(n x m), by
/// cycling the roles of the factors.
Scheme rotate(const Scheme &scheme);

/// <m,k,n> -> <n,k,m>: C^T = B^T A^T.
Scheme transpose(const Scheme &scheme);

/// Replaces A by P A Q^-1, B by Q B R^-1 and C by P C R^-1 for invertible
/// square matrices P (m), Q (k), R (n) over the scheme's ring. Fails where one
/// is singular or of the wrong size, or its inverse leaves the ring.
llvm::Expected<Scheme> changeBasis(const Scheme &scheme, const Factor &p,
                                   const Factor &q, const Factor &r);

/// The dimension along which two schemes are put side by side.
enum class BlockSumAxis { M, K, N };

/// <m,k,n;r> and <m',k,n;r'> give <m+m',k,n;r+r'> along M; likewise along K
/// and N. Fails where the other two dimensions or the rings differ.
llvm::Expected<Scheme> blockSum(const Scheme &first, const Scheme &second,
                                BlockSumAxis axis);

/// <m,k,n;r> gives <m-1,k,n;r'> by leaving out a row of A and of C in some
/// basis: A is kept to what has h A = 0, and rows of C count modulo multiples
/// of d. Products that see nothing of such A, or serve nothing else of C, are
/// left out, so r' <= r. `h` and `d` have m numbers that are 0 or 1, and h d =
/// 1 in the ring. ("Projection" in Kauers and Wood, "Exploring the meta flip
/// graph for matrix multiplication", 2025.) Fails on others, and where m is 1.
llvm::Expected<Scheme> cutRows(const Scheme &scheme, llvm::ArrayRef<int> h,
                               llvm::ArrayRef<int> d);

/// The rank of what cutRows gives.
unsigned rankOfCut(const Scheme &scheme, llvm::ArrayRef<int> h,
                   llvm::ArrayRef<int> d);

/// The classical scheme <m,k,n;mkn>.
Scheme classicalScheme(unsigned m, unsigned k, unsigned n);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_ALGEBRA_H
