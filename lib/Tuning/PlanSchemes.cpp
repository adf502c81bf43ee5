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

#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Tuning/PlanSpace.h"

#include <algorithm>
#include <array>
#include <map>

using namespace sevenfold;

namespace {
using Dims = std::array<unsigned, 3>;

/// What a scheme costs, apart from its products.
struct Cost {
  const Scheme *scheme;
  unsigned additions;
  double growth;
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
  if (a.additions > b.additions || a.growth > b.growth)
    return false;
  return a.additions < b.additions || a.growth < b.growth ||
         a.scheme->name < b.scheme->name;
}

/// What is worth trying where a scheme can be used whose ring is in `rings`.
static std::vector<Scheme> worthwhile(llvm::ArrayRef<Scheme> schemes,
                                      llvm::ArrayRef<Ring> rings) {
  std::map<Dims, unsigned> lowest;
  auto isUsable = [&](const Scheme &scheme) {
    return llvm::is_contained(rings, scheme.ring) &&
           scheme.rank() < scheme.m * scheme.k * scheme.n;
  };
  for (const Scheme &scheme : schemes)
    if (isUsable(scheme)) {
      unsigned &rank =
          lowest.try_emplace(sortedFormat(scheme), scheme.rank()).first->second;
      rank = std::min(rank, scheme.rank());
    }

  // Variants of a format in one orientation.
  std::map<Dims, std::vector<Cost>> kept;
  for (const Scheme &scheme : schemes) {
    Dims format = sortedFormat(scheme);
    if (!isUsable(scheme) || scheme.rank() > lowest[format] ||
        llvm::any_of(lowest, [&](const auto &other) {
          return makesUseless(other.first, other.second, format, scheme.rank());
        }))
      continue;
    kept[{scheme.m, scheme.k, scheme.n}].push_back(
        {&scheme, additions(scheme, MinimizerEffort::Quick).cse,
         growth(scheme).frobenius});
  }
  std::vector<Scheme> result;
  for (const auto &[dims, variants] : kept)
    for (const Cost &variant : variants)
      if (llvm::none_of(variants, [&](const Cost &other) {
            return dominates(other, variant);
          }))
        result.push_back(*variant.scheme);
  return result;
}

std::vector<Scheme> sevenfold::schemesForPlans(llvm::ArrayRef<Scheme> schemes) {
  std::vector<Scheme> result = worthwhile(schemes, {Ring::Z, Ring::Q, Ring::R});
  // Integers cannot be multiplied by fractions: a scheme with fewer products
  // but fractions must not take away theirs.
  for (Scheme &scheme : worthwhile(schemes, {Ring::Z}))
    if (llvm::none_of(result, [&](const Scheme &other) {
          return other.name == scheme.name;
        }))
      result.push_back(std::move(scheme));
  return result;
}
