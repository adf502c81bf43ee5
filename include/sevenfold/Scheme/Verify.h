//===- Verify.h - Exactness and cost of schemes -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides whether a scheme is exact, and measures what it costs: nonzeros,
// additions and error growth.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_VERIFY_H
#define SEVENFOLD_SCHEME_VERIFY_H

#include "sevenfold/Scheme/Scheme.h"
#include "sevenfold/Scheme/StraightLine.h"

namespace sevenfold {

struct Verification {
  bool exact = false;
  /// Names the first wrong entry of the identity, e.g. "entry A[0,1]*B[1,0] of
  /// C[0,0] is 0, expected 1"; empty where exact.
  std::string reason;
  /// Largest absolute deviation from the identity; 0 where exact. What an
  /// approximate scheme (ring R) is judged by.
  double residual = 0;
  /// |T - sum|_F / |T|_F of the tensor: the relative error (root mean square)
  /// of products of matrices that are independent and N(0,1), or of any others
  /// with independent elements of one variance. 0 where exact.
  double relativeError = 0;
};

/// Checks the tensor identity in the scheme's ring. Takes O(nonzero triples):
/// sparse rank-one terms are accumulated into a dense m k x k n x m n tensor.
/// Arithmetic overflow is reported as inexact with a reason, never wrapped.
Verification verify(const Scheme &scheme);

/// Error growth of one application, relative to a single product: with
/// e_t = sum|U[t,:]| * sum|V[t,:]|, the max over outputs c of
/// sum_t |W[t,c]| e_t, and its Frobenius form (root mean square over outputs).
/// The classical <m,k,n> has growth k. Source: Bini and Lotti, "Stability of
/// fast algorithms for matrix multiplication", Numer. Math. 36, 1980; Ballard
/// et al., "Improving the numerical stability of fast matrix multiplication",
/// SIAM J. Matrix Anal. Appl. 37, 2016.
struct Growth {
  double max = 0;
  double frobenius = 0;
};
Growth growth(const Scheme &scheme);

/// A bound on |C - C'|_F / (|A|_F |B|_F) of what an approximate scheme gives,
/// for any A and B: the least spectral norm among the unfoldings of the tensor
/// of what it misses, which bounds that tensor's own. 0 where exact.
double spectralBound(const Scheme &scheme);

/// Additions of both operand sides and of C.
struct Additions {
  unsigned naive = 0;
  unsigned cse = 0;
};
Additions additions(const Scheme &scheme,
                    MinimizerEffort effort = MinimizerEffort::Normal);

unsigned nonzeros(const Scheme &scheme);

/// The largest coefficient in absolute value: 1 where all are signs.
Rational largestCoefficient(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_VERIFY_H
