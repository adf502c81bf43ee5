//===- Scheme.cpp - Bilinear matrix multiplication schemes ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements the small parts of rings and factors.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Scheme.h"

#include <algorithm>

namespace sevenfold {

llvm::StringRef stringifyRing(Ring ring) {
  switch (ring) {
  case Ring::Z:
    return "Z";
  case Ring::Q:
    return "Q";
  case Ring::Z2:
    return "Z2";
  case Ring::R:
    return "R";
  }
  return "";
}

std::optional<Ring> parseRing(llvm::StringRef text) {
  for (Ring ring : {Ring::Z, Ring::Q, Ring::Z2, Ring::R})
    if (text == stringifyRing(ring))
      return ring;
  return std::nullopt;
}

unsigned Factor::nonzeros() const {
  return std::count_if(values.begin(), values.end(),
                       [](const Rational &value) { return !value.isZero(); });
}

bool Factor::operator==(const Factor &other) const {
  return rows_ == other.rows_ && columns_ == other.columns_ &&
         values == other.values;
}

} // namespace sevenfold
