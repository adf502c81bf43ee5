//===- BlockScheme.cpp - A scheme as work on blocks -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For any non-zero x, y:  u (x) v (x) w  =  (u/x) (x) (v/y) (x) (x y w).
// The freedom in x and y is spent on operands that need no sum, on sums that
// cannot overflow, and on products that need no scaling at their destination.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/BlockScheme.h"

#include "llvm/ADT/STLExtras.h"

#include <cassert>
#include <cmath>
#include <map>

using namespace sevenfold;

using Row = std::vector<double>;

static std::vector<Row> toRows(const Factor &factor) {
  std::vector<Row> rows(factor.rows(), Row(factor.columns()));
  for (unsigned t = 0; t < factor.rows(); ++t)
    for (unsigned i = 0; i < factor.columns(); ++i)
      rows[t][i] = factor.at(t, i).toDouble();
  return rows;
}

/// The position of the only non-zero entry, if there is one only.
static std::optional<unsigned> onlyEntry(const Row &row) {
  std::optional<unsigned> found;
  for (unsigned i = 0; i < row.size(); ++i) {
    if (row[i] == 0)
      continue;
    if (found)
      return std::nullopt;
    found = i;
  }
  return found;
}

static void scale(Row &row, double factor) {
  for (double &value : row)
    value = value == 0 ? 0 : value * factor;
}

/// Makes the leading coefficient of an operand 1 up to a positive factor where
/// it is a sum, exactly 1 where it is a single block; w carries the rest. Equal
/// sums up to sign then are equal.
static void normalizeOperand(Row &operand, Row &w) {
  auto leading =
      llvm::find_if(operand, [](double value) { return value != 0; });
  if (leading == operand.end())
    return;
  double factor = onlyEntry(operand) ? *leading : (*leading < 0 ? -1.0 : 1.0);
  scale(operand, 1 / factor);
  scale(w, factor);
}

double sevenfold::boundingFactor(double total) {
  int exponent;
  bool isPower = std::frexp(total, &exponent) == 0.5; // total = 2^(exponent-1)
  return std::ldexp(1, isPower ? 1 - exponent : -exponent);
}

/// Scales a sum so that it exceeds nothing it is a sum of; w carries the rest.
static void boundSum(Row &operand, Row &w) {
  double total = 0;
  for (double value : operand)
    total += std::abs(value);
  if (total == 0 || onlyEntry(operand))
    return;
  double factor = boundingFactor(total);
  scale(operand, factor);
  scale(w, 1 / factor);
}

/// Finds or adds the sum of product t.
static void addSource(OperandSums &side, std::map<Row, unsigned> &known,
                      const Row &row, const WholeBlock &whole) {
  std::optional<unsigned> block = onlyEntry(row);
  if (block && row[*block] == 1 && whole(*block)) {
    side.sources.push_back({true, *block});
    return;
  }
  auto [it, inserted] = known.try_emplace(row, side.sums.size());
  if (inserted)
    side.sums.push_back(row);
  side.sources.push_back({false, it->second});
}

/// Moves the coefficient of a product with one destination into an operand that
/// is a sum of its own; true where the coefficient is 1 afterwards. A bounded
/// sum can carry a sign only.
static bool absorbCoefficient(Row &u, Row &v, Row &w, unsigned destination,
                              const std::map<Row, unsigned> &usesU,
                              const std::map<Row, unsigned> &usesV,
                              SumRange range) {
  double factor = w[destination];
  if (factor == 1)
    return true;
  if (range == SumRange::Bounded && factor != -1)
    return false;
  for (auto [operand, uses] : {std::pair{&u, &usesU}, std::pair{&v, &usesV}}) {
    if (onlyEntry(*operand) || uses->at(*operand) > 1)
      continue;
    scale(*operand, factor);
    w[destination] = 1;
    return true;
  }
  return false;
}

static std::map<Row, unsigned> countUses(const std::vector<Row> &rows) {
  std::map<Row, unsigned> uses;
  for (const Row &row : rows)
    ++uses[row];
  return uses;
}

BlockScheme sevenfold::makeBlockScheme(const Scheme &scheme,
                                       const WholeBlock &wholeA,
                                       const WholeBlock &wholeB,
                                       const WholeBlock &wholeC,
                                       SumRange range) {
  std::vector<Row> u = toRows(scheme.u), v = toRows(scheme.v),
                   w = toRows(scheme.w);
  unsigned rank = scheme.rank();
  for (unsigned t = 0; t < rank; ++t) {
    normalizeOperand(u[t], w[t]);
    normalizeOperand(v[t], w[t]);
    if (range == SumRange::Free)
      continue;
    boundSum(u[t], w[t]);
    boundSum(v[t], w[t]);
  }
  std::map<Row, unsigned> usesU = countUses(u), usesV = countUses(v);

  BlockScheme result;
  std::vector<unsigned> stored;
  for (unsigned t = 0; t < rank; ++t) {
    std::optional<unsigned> destination = onlyEntry(w[t]);
    bool direct =
        destination && wholeC(*destination) &&
        absorbCoefficient(u[t], v[t], w[t], *destination, usesU, usesV, range);
    if (!direct)
      stored.push_back(t);
    result.targets.push_back(
        {direct,
         direct ? *destination : static_cast<unsigned>(stored.size() - 1)});
  }
  std::map<Row, unsigned> knownA, knownB;
  for (unsigned t = 0; t < rank; ++t) {
    addSource(result.a, knownA, u[t], wholeA);
    addSource(result.b, knownB, v[t], wholeB);
  }
  result.storedProducts = stored.size();
  result.combine.assign(scheme.w.columns(), Row(stored.size()));
  for (unsigned i = 0; i < scheme.w.columns(); ++i)
    for (unsigned p = 0; p < stored.size(); ++p)
      result.combine[i][p] = w[stored[p]][i];
  return result;
}
