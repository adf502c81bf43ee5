//===- SchemeRings.h - Which schemes a type can use -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scheme holds in a ring; an element type stands for one.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_SCHEMERINGS_H
#define SEVENFOLD_PLAN_SCHEMERINGS_H

#include "sevenfold/Plan/Workload.h"
#include "sevenfold/Scheme/Scheme.h"

#include <string>

namespace sevenfold {

/// Empty where matrices of `type` can be multiplied by the scheme, else why
/// not: it holds modulo 2 only, or it has other coefficients than integers, of
/// which those of three levels, each the product of three, fit 32 bits, and the
/// elements are integers.
std::string checkScheme(const Scheme &scheme, ElementType type);

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_SCHEMERINGS_H
