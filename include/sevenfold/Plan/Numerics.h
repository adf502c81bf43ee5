//===- Numerics.h - Error and workspace of a plan ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a plan costs besides time: a bound on its rounding error, for checks,
// its error growth against the classical algorithm, for the veto, and an
// estimate of its workspace.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_NUMERICS_H
#define SEVENFOLD_PLAN_NUMERICS_H

#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Plan/Workload.h"

#include <string>

namespace sevenfold {

/// Two answers to "how accurate is this plan", for two purposes.
struct PlanNumerics {
  /// A bound on |C - C64|_F / |C64|_F, |.|_F the Frobenius norm and C64 the
  /// product in float64 of the same (rounded) inputs, for inputs that are
  /// independent with mean zero and unit variance. It is a statistical bound,
  /// used by checks: kErrorSafety times the modelled root mean square.
  ///
  /// Model (rounding errors independent and of mean zero, as in Higham and
  /// Mary, "Sharper probabilistic backward error analysis for basic linear
  /// algebra kernels with random data", SIAM J. Sci. Comput. 42, 2020), with u
  /// the unit roundoff and all variances relative to the value's own:
  ///   rounding once:         u^2 / 3
  ///   dot product of size k: (k + 3) u^2 / 6, summed one after another, which
  ///                          no blocking exceeds
  ///   a level over products of variance x:
  ///                          g (x + (su + sv + sw) u^2 / 3)
  ///     g = mean over outputs c of sum_t W[t,c]^2 |U[t,:]|_2^2 |V[t,:]|_2^2,
  ///         divided by the scheme's k; the classical scheme has g = 1
  ///     su, sv, sw: the most additions in a row of U, of V and in an output
  /// The innermost level stands over dot products of size k / (product of the
  /// levels' k). The square root is multiplied by kErrorSafety, and for C of
  /// few elements by 10^(6/(mn)), since |C64|_F may then be small by chance.
  ///
  /// Every variance in the model grows with those of the inputs. For
  /// independent inputs of mean zero whose standard deviations differ, but are
  /// at most sA and sB, therefore |C - C64|_F <= bound sqrt(k m n) sA sB: small
  /// rows, and sums of large and small products, are as accurate as the largest
  /// ones only.
  ///
  /// With f16 and bf16 operands, u is f32's, in which everything is summed up.
  /// A sum of U or V is rounded once to the operands' type, of roundoff v, and
  /// so is the result to its own: (su > 0) + (sv > 0) times v^2 / 3 more in x,
  /// and the result's in place of the last rounding. Integers have no error.
  double relativeErrorBound = 0;

  /// The worst-case error bound of the plan as a multiple of the classical
  /// algorithm's. After Bini and Lotti, "Stability of fast algorithms for
  /// matrix multiplication", Numer. Math. 36, 1980, and Ballard et al.,
  /// "Improving the numerical stability of fast matrix multiplication", SIAM J.
  /// Matrix Anal. Appl. 37, 2016:
  ///   |C - C64| <= (k_leaf + sum of q_i) (product of e_i) u |A| |B| + O(u^2)
  /// with e_i the Frobenius growth of level i's scheme (`growth`), q_i its
  /// additions on the longest path and k_leaf = k / (product of the k_i), over
  /// k u |A| |B| of the classical algorithm. No assumption on the data. 1 for a
  /// plan without levels, and for integers. With f16 and bf16 operands, rounded
  /// sums of U and V add to the path, v / u for either side, and the rounding
  /// of the result counts on both sides of the fraction.
  double errorGrowth = 1;

  /// Whether the bounds hold for each row and column beside its own size: of
  /// plans that scale them, and of those without levels.
  bool boundsRows = true;

  /// What approximate schemes miss besides rounding, as |C - C64|_F / |C64|_F
  /// for the same inputs: with the relative errors e_i of the levels' schemes
  /// (Verification::relativeError), the product of 1 + e_i, less 1. Part of
  /// `relativeErrorBound`, with kApproximationSafety. 0 where all are exact.
  double approximation = 0;

  /// How many times max|A| or max|B| a sum of A or B can be: the product over
  /// the levels of the largest |U[t,:]|_1 or |V[t,:]|_1 that is formed. 1 with
  /// f16 and bf16, whose sums are scaled by powers of two.
  double operandRange = 1;

  /// How many times k max|A| max|B|, which bounds every partial sum of the
  /// classical algorithm, a product or a partial sum of C can be: the product
  /// over the levels of the scheme's growth over its k. 1 as long as that is
  /// finite in the type of C's sums for all A and B there are (f16).
  double resultRange = 1;

  /// The plan can overflow only where the classical algorithm can with inputs
  /// that are so many times larger: max|A|, max|B| or k max|A| max|B|.
  double rangeGrowth() const;

  /// What the relative bounds do not say of f16 and bf16, whose subnormal sums
  /// are rounded by up to half the smallest number of the type: in every
  /// element of C at most sumUnderflow (max|A| + max|B|) more.
  double sumUnderflow = 0;
};

/// Range growth is vetoed beyond so many times the limit of the error growth.
/// It is the worst of all outputs where that is their mean square, and digits
/// are dearer than exponents: 1024 by default is 10 of the 127 binary orders of
/// magnitude that f32 and bf16 have.
inline constexpr double kRangeGrowthFactor = 16;

/// Empty, or why a limit on the error or its growth vetoes the plan.
std::string checkNumerics(const PlanNumerics &numerics,
                          const PlanLimits &limits);
/// The same of PlanLimits::maxError alone, by what a record has of it.
std::string checkError(const ErrorLimit &limit, double relativeErrorBound,
                       double errorGrowth, bool boundsRows);
/// Whether a plan's bounds are of each row and column
/// (PlanNumerics::boundsRows).
bool boundsRows(const Plan &plan);

/// What an approximate scheme's error is multiplied by in bounds: what it
/// misses of one product varies about its mean.
inline constexpr double kApproximationSafety = 1.5;

/// What the modelled root mean square is multiplied by: room for kernels whose
/// rounding errors are not independent and for data near N(0,1).
inline constexpr double kErrorSafety = 4;

/// Fails where a scheme of the plan is not in the catalogue.
llvm::Expected<PlanNumerics> planNumerics(const Workload &workload,
                                          const Plan &plan);

/// Estimates the bytes of workspace one call of the plan needs, buffer
/// alignment aside: what the compiler lays out may differ by some per cent.
///   breadth: every operand sum and every product of the level at once
///   depth:   two sums and one product
///   fused:   nothing, padding included
/// plus, below either, the workspace of one product, which all products share;
/// `pad` adds the extended operands. A row of U or V with a single entry is a
/// block of the operand, a product with a single destination is added to it in
/// place: both take nothing. Fails as `planNumerics` does.
llvm::Expected<int64_t> estimateWorkspaceBytes(const Workload &workload,
                                               const Plan &plan);

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_NUMERICS_H
