//===- SchemeRings.cpp - Which schemes a type can use ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks at rings and coefficients.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/SchemeRings.h"

#include <cstdlib>

using namespace sevenfold;

static bool hasSmallIntegersOnly(const Scheme &scheme) {
  constexpr int64_t kLargest = 8;
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned row = 0; row < factor->rows(); ++row)
      for (unsigned column = 0; column < factor->columns(); ++column) {
        const Rational &value = factor->at(row, column);
        if (!value.isInteger() || std::abs(value.numerator) > kLargest)
          return false;
      }
  return true;
}

std::string sevenfold::checkScheme(const Scheme &scheme, ElementType type) {
  if (scheme.ring == Ring::Z2)
    return "scheme '" + scheme.name + "' holds modulo 2 only";
  if (isInteger(type) && !hasSmallIntegersOnly(scheme))
    return "scheme '" + scheme.name +
           "' has coefficients that are no small integers";
  return "";
}
