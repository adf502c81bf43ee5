//===- ExactScheme.h - Fractions from rounded coefficients ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A decomposition over Q or Z of coefficients that were fixed at fractions.
// Once two factors are known the third is the solution of linear equations:
// over the rationals an exact one, whatever its denominators.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NUMERIC_EXACTSCHEME_H
#define SEVENFOLD_SEARCH_NUMERIC_EXACTSCHEME_H

#include "search/Numeric/LevenbergMarquardt.h"

#include <optional>

namespace sevenfold {

/// A fraction with a denominator from 1 to `largest` that is no further than
/// `tolerance` from `value`, with the least denominator; nothing where there is
/// none.
std::optional<Rational> nearestFraction(double value, int64_t largest,
                                        double tolerance);

/// The factor `mode` (0: U, 1: V, 2: W; rank x shape[mode]) with which the
/// other two factors of `scheme` make up `target` in the sense of least
/// squares: where they can, exactly. With Y, Z the other factors it solves X
/// (Y^T Y * Z^T Z) = T_(mode) (Y . Z) modulo the prime 2^61 - 1 and
/// reconstructs fractions (Wang, "A p-adic algorithm for univariate partial
/// fractions", 1981). Nothing where the equations do not determine X or a part
/// of a fraction exceeds 1000; what comes is to be verified.
std::optional<Factor> solveFactor(const TargetTensor &target,
                                  const Scheme &scheme, unsigned mode);

/// The fixed coefficients as fractions; of a factor that has free ones, which
/// one at most may, all by solveFactor. Nothing where that is no exact
/// decomposition over the tensor's ring, or over Z has coefficients that do not
/// lie between `low` and `high`.
std::optional<Scheme> exactScheme(const LevenbergMarquardt &here, int64_t low,
                                  int64_t high);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NUMERIC_EXACTSCHEME_H
