//===- PlanSchemes.cpp - The schemes that tuning makes plans of -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A catalogue holds many schemes that cannot be the fastest of any plan. They
// are left out before plans are enumerated, whose number grows with the third
// power of that of the schemes.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/SchemeRings.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Tuning/PlanSpace.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

using namespace sevenfold;

namespace {
using Dims = std::array<unsigned, 3>;

/// What a scheme costs, apart from its products, and whether it is one for
/// integers as well.
struct Cost {
  const Scheme *scheme;
  unsigned additions;
  double growth;
  bool isForIntegers;
};
} // namespace

/// The format up to the order of its dimensions, which the rank does not
/// depend on.
static Dims sortedFormat(const Scheme &scheme) {
  Dims dims = {scheme.m, scheme.k, scheme.n};
  std::sort(dims.begin(), dims.end());
  return dims;
}

static unsigned volume(const Dims &dims) { return dims[0] * dims[1] * dims[2]; }

/// Whether blocks of format `small` save at least as large a share of the
/// products as those of `large`, which has at least as many in each dimension.
static bool makesUseless(const Dims &small, unsigned smallRank,
                         const Dims &large, unsigned largeRank) {
  if (small == large)
    return false;
  for (unsigned i = 0; i < 3; ++i)
    if (small[i] > large[i])
      return false;
  return uint64_t(smallRank) * volume(large) <=
         uint64_t(largeRank) * volume(small);
}

/// Whether `a` is at least as good in everything, and better or earlier.
static bool dominates(const Cost &a, const Cost &b) {
  if (a.additions > b.additions || a.growth > b.growth ||
      a.isForIntegers < b.isForIntegers)
    return false;
  return a.additions < b.additions || a.growth < b.growth ||
         a.isForIntegers > b.isForIntegers || a.scheme->name < b.scheme->name;
}

static bool isUsable(const Scheme &scheme, ElementType type) {
  return scheme.rank() < scheme.m * scheme.k * scheme.n &&
         checkScheme(scheme, type).empty();
}

std::vector<const Scheme *>
sevenfold::lowestRankSchemes(llvm::ArrayRef<Scheme> schemes, ElementType type) {
  std::map<Dims, unsigned> lowest;
  for (const Scheme &scheme : schemes)
    if (isUsable(scheme, type)) {
      unsigned &rank =
          lowest.try_emplace(sortedFormat(scheme), scheme.rank()).first->second;
      rank = std::min(rank, scheme.rank());
    }
  std::vector<const Scheme *> kept;
  for (const Scheme &scheme : schemes) {
    Dims format = sortedFormat(scheme);
    if (isUsable(scheme, type) && scheme.rank() == lowest[format] &&
        llvm::none_of(lowest, [&](const auto &other) {
          return makesUseless(other.first, other.second, format, scheme.rank());
        }))
      kept.push_back(&scheme);
  }
  return kept;
}

std::vector<Scheme> sevenfold::schemesForPlans(llvm::ArrayRef<Scheme> schemes) {
  // Variants of a rank and a format in one orientation.
  std::map<std::pair<Dims, unsigned>, std::vector<Cost>> kept;
  std::set<const Scheme *> seen;
  // Integers have rings of their own, and lowest ranks; floats share theirs.
  for (ElementType type : {ElementType::F32, ElementType::I32})
    for (const Scheme *scheme : lowestRankSchemes(schemes, type))
      if (seen.insert(scheme).second)
        kept[{{scheme->m, scheme->k, scheme->n}, scheme->rank()}].push_back(
            {scheme, additions(*scheme, MinimizerEffort::Quick).cse,
             growth(*scheme).frobenius,
             checkScheme(*scheme, ElementType::I32).empty()});
  std::vector<Scheme> result;
  for (const auto &[format, variants] : kept)
    for (const Cost &variant : variants)
      if (llvm::none_of(variants, [&](const Cost &other) {
            return dominates(other, variant);
          }))
        result.push_back(*variant.scheme);
  return result;
}
