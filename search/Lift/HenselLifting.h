//===- HenselLifting.h - From modulo 2 to the integers ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scheme that holds modulo 2 often holds over the integers once the right
// signs are put to it. Hensel lifting finds them digit by digit (Kauers and
// Moosbauer, "Flip graphs for matrix multiplication", 2022, section 4): where
//
//   T - sum_t u_t (x) v_t (x) w_t = 2^k E   (mod 2^(k+1)),
//
// the next digits (x, y, z) of the factors solve a linear system modulo 2,
//
//   sum_t x_t (x) v_t (x) w_t + u_t (x) y_t (x) w_t + u_t (x) v_t (x) z_t = E
//
// whose matrix is the same at every step.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_LIFT_HENSELLIFTING_H
#define SEVENFOLD_SEARCH_LIFT_HENSELLIFTING_H

#include "search/Frame/TargetTensor.h"

#include <optional>

namespace sevenfold {

/// A scheme of the same rank over Z, or over Q where fractions are needed, that
/// is the given one modulo 2; nothing where a step has no solution or no
/// fractions of small terms were found: it was not lifted, which does not prove
/// that it cannot be. The result is exact. Fails where `scheme` is no
/// decomposition of the target modulo 2 or the system takes gigabytes. Takes
/// O(R^2 (R + N) / 64) for R coefficients and N entries of the tensor.
llvm::Expected<std::optional<Scheme>> liftScheme(const TargetTensor &target,
                                                 const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_LIFT_HENSELLIFTING_H
