//===- Formulas.cpp - Formulas of a scheme --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the two forms that Expressions.cpp reads.
//
//===----------------------------------------------------------------------===//

#include "ForeignFactors.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>

using namespace sevenfold;

namespace {

/// Names of entries, from 1; apart where an index of the scheme has two digits.
struct EntryNames {
  explicit EntryNames(const Scheme &scheme)
      : isWide(std::max({scheme.m, scheme.k, scheme.n}) > 9) {}
  std::string operator()(char matrix, unsigned row, unsigned column) const {
    return llvm::formatv(isWide ? "{0}{1}_{2}" : "{0}{1}{2}", matrix, row + 1,
                         column + 1)
        .str();
  }
  bool isWide;
};

} // namespace

static std::string
sumText(unsigned size,
        llvm::function_ref<const Rational &(unsigned)> coefficient,
        llvm::function_ref<std::string(unsigned)> name) {
  std::string sum;
  for (unsigned i = 0; i < size; ++i) {
    Rational value = coefficient(i);
    if (value.isZero())
      continue;
    bool isNegative = value.numerator < 0;
    if (isNegative)
      value = negate(value);
    sum += sum.empty() ? (isNegative ? "-" : "") : isNegative ? " - " : " + ";
    if (!value.isOne())
      sum += toString(value) + "*";
    sum += name(i);
  }
  return sum.empty() ? "0" : sum;
}

/// A row of a factor as a sum of entries of a matrix of so many columns.
static std::string rowText(const Factor &factor, unsigned t,
                           const EntryNames &names, char matrix,
                           unsigned columns) {
  return sumText(
      factor.columns(),
      [&](unsigned i) -> const Rational & { return factor.at(t, i); },
      [&](unsigned i) { return names(matrix, i / columns, i % columns); });
}

/// A product of zeros has no formula that says it is one.
static llvm::Error checkProducts(const Scheme &scheme) {
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t) {
      bool isZero = true;
      for (unsigned i = 0; i < factor->columns(); ++i)
        isZero &= factor->at(t, i).isZero();
      if (isZero)
        return makeError(
            "'{0}': product {1} is zero, which formulas cannot say",
            scheme.name, t + 1);
    }
  return llvm::Error::success();
}

llvm::Expected<std::string> sevenfold::writeFormulas(const Scheme &scheme) {
  if (llvm::Error error = checkProducts(scheme))
    return error;
  EntryNames names(scheme);
  std::string text;
  for (unsigned t = 0; t < scheme.rank(); ++t)
    text += llvm::formatv("m{0} = ({1}) * ({2})\n", t + 1,
                          rowText(scheme.u, t, names, 'a', scheme.k),
                          rowText(scheme.v, t, names, 'b', scheme.n));
  for (unsigned c = 0; c < scheme.w.columns(); ++c)
    text +=
        names('c', c / scheme.n, c % scheme.n) + " = " +
        sumText(
            scheme.rank(),
            [&](unsigned t) -> const Rational & { return scheme.w.at(t, c); },
            [&](unsigned t) { return "m" + std::to_string(t + 1); }) +
        "\n";
  return text;
}

llvm::Expected<std::string> sevenfold::writeTrilinear(const Scheme &scheme) {
  if (llvm::Error error = checkProducts(scheme))
    return error;
  EntryNames names(scheme);
  std::string text;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    // The trace of A B C: C is transposed.
    std::string outputs = sumText(
        scheme.w.columns(),
        [&](unsigned c) -> const Rational & { return scheme.w.at(t, c); },
        [&](unsigned c) { return names('c', c % scheme.n, c / scheme.n); });
    text += llvm::formatv("({0})*({1})*({2})\n",
                          rowText(scheme.u, t, names, 'a', scheme.k),
                          rowText(scheme.v, t, names, 'b', scheme.n), outputs);
  }
  return text;
}
