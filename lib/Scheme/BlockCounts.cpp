//===- BlockCounts.cpp - How much work on blocks a scheme is --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kinds of a scheme's products, and their tensor products.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/BlockCounts.h"

#include <cmath>
#include <tuple>

using namespace sevenfold;

namespace {
/// A row up to sign.
using Line = std::vector<double>;

struct Entries {
  Line line; ///< the first entry is positive
  int64_t count = 0;
  double first = 0, total = 0;
};
} // namespace

static Entries entriesOf(const Factor &factor, unsigned row) {
  Entries entries;
  for (unsigned column = 0; column < factor.columns(); ++column) {
    double value = factor.at(row, column).toDouble();
    if (value != 0 && entries.count++ == 0)
      entries.first = value;
    entries.total += std::abs(value);
    entries.line.push_back(entries.first < 0 && value != 0 ? -value : value);
  }
  return entries;
}

static double signOf(double value) { return value < 0 ? -1 : 1; }

//===----------------------------------------------------------------------===//
// Kinds of products
//===----------------------------------------------------------------------===//

bool BlockCounts::Kind::operator<(const Kind &other) const {
  auto key = [](const Kind &kind) {
    auto row = [](const Row &row) {
      return std::tuple(row.isBlock, row.isUnique, row.lead, row.total);
    };
    return std::tuple(row(kind.operands[0]), row(kind.operands[1]),
                      kind.targets, kind.weight);
  };
  return key(*this) < key(other);
}

bool BlockCounts::Kind::isDirect(SumRange range) const {
  if (targets != 1)
    return false;
  double coefficient = weight;
  bool hasCarrier = false;
  for (const Row &row : operands) {
    coefficient *= row.isBlock ? row.lead : signOf(row.lead);
    if (row.isBlock)
      continue;
    hasCarrier |= row.isUnique;
    if (range == SumRange::Bounded)
      coefficient /= boundingFactor(row.total);
  }
  return coefficient == 1 ||
         (hasCarrier && (range == SumRange::Free || coefficient == -1));
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

BlockCounts::BlockCounts() {
  Kind::Row row = {true, true, 1, 1};
  kinds[{{row, row}, 1, 1}] = 1;
}

BlockCounts::BlockCounts(const Scheme &scheme) : products(scheme.rank()) {
  std::vector<std::array<Entries, 2>> operands(scheme.rank());
  std::array<std::map<Line, int64_t>, 2> uses;
  for (unsigned side = 0; side < 2; ++side) {
    Rows counted = {0, 0, 0, 0, 0};
    for (unsigned t = 0; t < scheme.rank(); ++t) {
      Entries &row = operands[t][side] =
          entriesOf(side == 0 ? scheme.u : scheme.v, t);
      bool isBlock = row.count == 1;
      counted.entries += row.count;
      counted.blocks += isBlock;
      if (uses[side][row.line]++ > 0)
        continue;
      ++counted.distinct;
      counted.distinctEntries += row.count;
      counted.distinctBlocks += isBlock;
    }
    rows[side] = counted;
  }
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    Entries target = entriesOf(scheme.w, t);
    Kind kind;
    for (unsigned side = 0; side < 2; ++side) {
      const Entries &row = operands[t][side];
      bool isBlock = row.count == 1;
      kind.operands[side] = {isBlock, uses[side].at(row.line) == 1,
                             isBlock ? row.first : signOf(row.first),
                             row.total};
    }
    kind.targets = target.count;
    kind.weight = target.count == 1 ? target.first : 0;
    ++kinds[kind];
  }
}

void BlockCounts::multiply(const BlockCounts &inner) {
  products *= inner.products;
  for (unsigned side = 0; side < 2; ++side) {
    Rows &ours = rows[side];
    const Rows &theirs = inner.rows[side];
    ours.distinct *= theirs.distinct;
    ours.distinctEntries *= theirs.distinctEntries;
    ours.distinctBlocks *= theirs.distinctBlocks;
    ours.entries *= theirs.entries;
    ours.blocks *= theirs.blocks;
  }
  std::map<Kind, int64_t> both;
  for (const auto &[left, leftCount] : kinds)
    for (const auto &[right, rightCount] : inner.kinds) {
      Kind kind;
      for (unsigned side = 0; side < 2; ++side) {
        const Kind::Row &l = left.operands[side], &r = right.operands[side];
        bool isBlock = l.isBlock && r.isBlock;
        double lead = l.lead * r.lead;
        kind.operands[side] = {isBlock, l.isUnique && r.isUnique,
                               isBlock ? lead : signOf(lead),
                               l.total * r.total};
      }
      kind.targets = left.targets * right.targets;
      kind.weight = left.weight * right.weight;
      both[kind] += leftCount * rightCount;
    }
  kinds = std::move(both);
}

SideCounts BlockCounts::distinctSums(unsigned operand) const {
  const Rows &counted = rows[operand];
  return {counted.distinct - counted.distinctBlocks,
          counted.distinctEntries - counted.distinctBlocks};
}

SideCounts BlockCounts::sumsOfProducts(unsigned operand) const {
  const Rows &counted = rows[operand];
  return {products - counted.blocks, counted.entries - counted.blocks};
}

SideCounts BlockCounts::storedProducts(SumRange range) const {
  SideCounts stored;
  for (const auto &[kind, count] : kinds) {
    if (kind.isDirect(range))
      continue;
    stored.sums += count;
    stored.terms += count * kind.targets;
  }
  return stored;
}

SideCounts BlockCounts::sharedProducts() const {
  SideCounts shared;
  for (const auto &[kind, count] : kinds) {
    if (kind.targets == 1)
      continue;
    shared.sums += count;
    shared.terms += count * kind.targets;
  }
  return shared;
}
