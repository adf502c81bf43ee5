//===- Terms.h - Sums of rank-one terms as words ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What walks start from and arrive at, and the way from and to schemes.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_TERMS_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_TERMS_H

#include "search/FlipGraph/Rings.h"
#include "sevenfold/Support/Error.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sevenfold {

/// +-(factor[0] (x) factor[1] (x) factor[2]).
template <typename Word> struct Term {
  std::array<Word, 3> factor = {};
  bool negative = false;

  bool operator==(const Term &other) const {
    return factor == other.factor && negative == other.negative;
  }
};

/// A decomposition: terms, each counted once or, in cyclically symmetric ones,
/// standing for its three rotations, and cubes a (x) a (x) a, which only those
/// have.
template <typename Word> struct TermSum {
  std::vector<Term<Word>> terms;
  std::vector<Word> cubes;

  bool operator==(const TermSum &other) const {
    return terms == other.terms && cubes == other.cubes;
  }
};

/// Drops terms that are zero and merges what merge(left, right) merges into
/// left, until nothing is left to do; whether any went.
template <typename Word, typename MergeFn>
bool simplifyTerms(std::vector<Term<Word>> &terms, MergeFn merge) {
  auto isZero = [](const Term<Word> &term) {
    return term.factor[0] == 0 || term.factor[1] == 0 || term.factor[2] == 0;
  };
  size_t before = terms.size();
  for (bool changed = true; changed;) {
    terms.erase(std::remove_if(terms.begin(), terms.end(), isZero),
                terms.end());
    changed = false;
    for (size_t i = 0; i < terms.size() && !changed; ++i)
      for (size_t j = i + 1; j < terms.size() && !changed; ++j)
        if (merge(terms[i], terms[j])) {
          terms.erase(terms.begin() + ptrdiff_t(j));
          changed = true;
        }
  }
  return terms.size() != before;
}

/// The terms of a scheme. Fails where a factor has more entries than a word or
/// a coefficient lies outside the ring's set.
template <class Ring>
llvm::Expected<TermSum<typename Ring::Word>>
termsOfScheme(const Scheme &scheme) {
  TermSum<typename Ring::Word> sum;
  sum.terms.resize(scheme.rank());
  const Factor *factors[3] = {&scheme.u, &scheme.v, &scheme.w};
  for (unsigned mode = 0; mode < 3; ++mode) {
    const Factor &factor = *factors[mode];
    if (factor.columns() > Ring::kEntries)
      return makeError("expected factors of at most {0} entries but got {1}",
                       Ring::kEntries, factor.columns());
    for (unsigned t = 0; t < factor.rows(); ++t)
      for (unsigned e = 0; e < factor.columns(); ++e) {
        const Rational &value = factor.at(t, e);
        bool even = value.denominator % 2 == 0;
        if (Ring::kSigned ? value.denominator != 1 || value.numerator < -1 ||
                                value.numerator > 1
                          : even)
          return makeError("the coefficient {0} of product {1} is not one a "
                           "walk over {2} can start from",
                           toString(value), t,
                           Ring::kSigned ? "{-1,0,1}" : "Z2");
        Ring::setCoefficient(sum.terms[t].factor[mode], e,
                             int(value.numerator % 2));
      }
  }
  return sum;
}

/// The scheme those terms make up, without a name. `shape` are the entries of
/// the three factors.
template <class Ring>
Scheme schemeOfTerms(const std::vector<Term<typename Ring::Word>> &terms,
                     const std::array<unsigned, 3> &dims,
                     const std::array<unsigned, 3> &shape) {
  Scheme scheme;
  scheme.m = dims[0], scheme.k = dims[1], scheme.n = dims[2];
  scheme.ring = Ring::kRing;
  Factor *factors[3] = {&scheme.u, &scheme.v, &scheme.w};
  for (unsigned mode = 0; mode < 3; ++mode) {
    *factors[mode] = Factor(unsigned(terms.size()), shape[mode]);
    for (unsigned t = 0; t < terms.size(); ++t)
      for (unsigned e = 0; e < shape[mode]; ++e) {
        int value = Ring::coefficient(terms[t].factor[mode], e);
        if (mode == 2 && terms[t].negative)
          value = -value;
        factors[mode]->at(t, e) = Rational{value, 1};
      }
  }
  return scheme;
}

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_TERMS_H
