//===- PairElimination.h - Sharing pairs of terms among sums ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The state of the common-subexpression minimiser: sparse rows of scaled
// variables, and for every pair of variables with a ratio between their
// coefficients the number of rows that hold it. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_SCHEME_PAIRELIMINATION_H
#define SEVENFOLD_LIB_SCHEME_PAIRELIMINATION_H

#include "sevenfold/Scheme/StraightLine.h"

namespace sevenfold {

/// The distinct coefficients of a matrix and their ratios, by number. Replacing
/// c_i x_i + c_j x_j by c_i z with z = x_i + (c_j / c_i) x_j keeps the set of
/// coefficients, so the table never grows.
class CoefficientTable {
public:
  static constexpr unsigned kMaxCoefficients = 256;
  static constexpr uint32_t kNoRatio = ~uint32_t(0);

  /// Nothing where there are more than kMaxCoefficients distinct ones.
  static std::optional<CoefficientTable> create(const Factor &forms);

  uint32_t index(const Rational &value) const;
  const Rational &coefficient(uint32_t index) const {
    return coefficients[index];
  }
  /// Number of second / first, or kNoRatio where it does not fit in 64 bits.
  uint32_t ratioIndex(uint32_t first, uint32_t second) const {
    return ratioIndices[size_t(first) * coefficients.size() + second];
  }
  const Rational &ratio(uint32_t index) const { return ratios[index]; }

private:
  std::vector<Rational> coefficients, ratios;
  std::vector<uint32_t> ratioIndices;
};

/// x_first + ratio x_second with first < second.
struct TermPair {
  uint32_t first = 0, second = 0, ratio = 0;
};

/// How often each pair occurs. Entries are numbered in order of appearance, so
/// that choices among them are the same on every machine.
class PairCounts {
public:
  void add(const TermPair &pair) { ++counts[findOrInsert(pair)]; }
  void remove(const TermPair &pair) { --counts[findOrInsert(pair)]; }
  uint32_t count(const TermPair &pair) const;

  size_t size() const { return counts.size(); }
  uint32_t largestCount() const;
  /// Number of pairs that occur `count` times, and the `choice`-th of them.
  size_t numWithCount(uint32_t count) const;
  TermPair pairWithCount(uint32_t count, size_t choice) const;
  /// Sum over pairs of the additions that sharing each alone would save.
  uint64_t potential() const;

private:
  static uint64_t pack(const TermPair &pair);
  size_t slotOf(uint64_t key) const;
  size_t findOrInsert(const TermPair &pair);
  void grow();

  std::vector<uint32_t> counts;
  std::vector<uint64_t> keys;
  std::vector<uint32_t> table; ///< entry number + 1 by hash, 0: free
};

/// Rows of forms from which pairs are taken out one by one. Copying is cheap:
/// every part is a flat array.
class PairElimination {
public:
  /// `rows` lists the rows of `forms` to compute. Nothing where the matrix has
  /// too many terms for pairs to be counted.
  static std::optional<PairElimination>
  create(const Factor &forms, const std::vector<unsigned> &rows,
         const CoefficientTable &coefficients);

  const PairCounts &pairs() const { return counts; }
  unsigned numVariables() const { return rowListStart.size(); }

  /// Replaces `pair` by a fresh variable, numVariables() before the call, in
  /// every row that holds it; returns the number of rows.
  unsigned eliminate(const TermPair &pair);

  /// Additions of the pairs taken out and of what is left in the rows.
  unsigned totalAdditions() const { return numEliminated + leftAdditions; }
  /// Elementary steps spent so far in this state.
  uint64_t work() const { return workDone; }

  /// The program: the pairs taken out, then every row's rest, one output a row.
  StraightLineProgram program() const;

private:
  explicit PairElimination(const CoefficientTable &coefficients)
      : coefficients(&coefficients) {}

  struct Term {
    uint32_t variable, coefficient;
  };
  Term *findTerm(uint32_t row, uint32_t variable);
  void countPairsWith(uint32_t row, const Term &term, bool isAdded);
  void removeTerm(uint32_t row, uint32_t variable);
  void leaveRow(uint32_t variable, uint32_t row);
  TermPair pairOf(Term a, Term b) const;

  const CoefficientTable *coefficients;
  unsigned numInputs = 0, numEliminated = 0, leftAdditions = 0;
  uint64_t workDone = 0;
  std::vector<TermPair> eliminated;
  PairCounts counts;
  std::vector<uint32_t> rowStart, rowLength; ///< into terms
  std::vector<Term> terms;
  std::vector<uint32_t> rowListStart, rowListLength; ///< into rowList
  std::vector<uint32_t> rowList; ///< the rows of each variable
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_SCHEME_PAIRELIMINATION_H
