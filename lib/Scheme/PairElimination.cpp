//===- PairElimination.cpp - Sharing pairs of terms among sums --*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements the bookkeeping of pairs. Taking one out of a row of length l
// changes 3 l counts; nothing is ever recounted.
//
//===----------------------------------------------------------------------===//

#include "PairElimination.h"
#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <cassert>
#include <map>

namespace sevenfold {
namespace {

constexpr uint64_t kMaxPairOccurrences = uint64_t(1) << 22;

} // namespace

//===----------------------------------------------------------------------===//
// CoefficientTable
//===----------------------------------------------------------------------===//

std::optional<CoefficientTable> CoefficientTable::create(const Factor &forms) {
  CoefficientTable table;
  for (unsigned row = 0; row < forms.rows(); ++row)
    for (unsigned column = 0; column < forms.columns(); ++column) {
      const Rational &value = forms.at(row, column);
      if (value.isZero() || table.index(value) != table.coefficients.size())
        continue;
      if (table.coefficients.size() == kMaxCoefficients)
        return std::nullopt;
      table.coefficients.push_back(value);
    }
  // As many ratios as pairs, where coefficients have nothing to do with each
  // other.
  std::map<std::pair<int64_t, int64_t>, uint32_t> known;
  for (const Rational &first : table.coefficients)
    for (const Rational &second : table.coefficients) {
      std::optional<Rational> ratio = divide(second, first);
      if (!ratio) {
        table.ratioIndices.push_back(kNoRatio);
        continue;
      }
      auto [found, isNew] = known.try_emplace(
          {ratio->numerator, ratio->denominator}, table.ratios.size());
      table.ratioIndices.push_back(found->second);
      if (isNew)
        table.ratios.push_back(*ratio);
    }
  return table;
}

uint32_t CoefficientTable::index(const Rational &value) const {
  return std::find(coefficients.begin(), coefficients.end(), value) -
         coefficients.begin();
}

//===----------------------------------------------------------------------===//
// PairCounts
//===----------------------------------------------------------------------===//

// Variables and ratios stay below 2^22 and 2^20: at most kMaxPairOccurrences
// pairs are ever taken out, and there are at most 256^2 ratios.
uint64_t PairCounts::pack(const TermPair &pair) {
  return uint64_t(pair.first) << 42 | uint64_t(pair.second) << 20 | pair.ratio;
}

size_t PairCounts::slotOf(uint64_t key) const {
  size_t mask = table.size() - 1;
  size_t slot = (key * 0x9E3779B97F4A7C15ull) >> 32 & mask;
  while (table[slot] != 0 && keys[table[slot] - 1] != key)
    slot = (slot + 1) & mask;
  return slot;
}

void PairCounts::grow() {
  table.assign(std::max<size_t>(64, table.size() * 2), 0);
  for (size_t entry = 0; entry < keys.size(); ++entry)
    table[slotOf(keys[entry])] = entry + 1;
}

size_t PairCounts::findOrInsert(const TermPair &pair) {
  if (2 * keys.size() >= table.size())
    grow();
  uint64_t key = pack(pair);
  size_t slot = slotOf(key);
  if (table[slot] == 0) {
    keys.push_back(key);
    counts.push_back(0);
    table[slot] = keys.size();
  }
  return table[slot] - 1;
}

uint32_t PairCounts::count(const TermPair &pair) const {
  if (table.empty())
    return 0;
  uint32_t entry = table[slotOf(pack(pair))];
  return entry == 0 ? 0 : counts[entry - 1];
}

uint32_t PairCounts::largestCount() const {
  uint32_t largest = 0;
  for (uint32_t count : counts)
    largest = std::max(largest, count);
  return largest;
}

size_t PairCounts::numWithCount(uint32_t count) const {
  return std::count(counts.begin(), counts.end(), count);
}

TermPair PairCounts::pairWithCount(uint32_t count, size_t choice) const {
  for (size_t entry = 0; entry < counts.size(); ++entry)
    if (counts[entry] == count && choice-- == 0)
      return {uint32_t(keys[entry] >> 42),
              uint32_t(keys[entry] >> 20) & 0x3fffff,
              uint32_t(keys[entry]) & 0xfffff};
  assert(false && "there are fewer pairs with that count");
  return {};
}

uint64_t PairCounts::potential() const {
  uint64_t sum = 0;
  for (uint32_t count : counts)
    sum += count > 1 ? count - 1 : 0;
  return sum;
}

//===----------------------------------------------------------------------===//
// PairElimination
//===----------------------------------------------------------------------===//

std::optional<PairElimination>
PairElimination::create(const Factor &forms, const std::vector<unsigned> &rows,
                        const CoefficientTable &coefficients) {
  PairElimination state(coefficients);
  state.numInputs = forms.columns();
  std::vector<std::vector<uint32_t>> rowsOf(forms.columns());
  uint64_t occurrences = 0;
  for (unsigned row : rows) {
    uint32_t index = state.rowStart.size();
    state.rowStart.push_back(state.terms.size());
    for (unsigned column = 0; column < forms.columns(); ++column) {
      if (forms.at(row, column).isZero())
        continue;
      rowsOf[column].push_back(index);
      state.terms.push_back(
          {column, coefficients.index(forms.at(row, column))});
    }
    uint64_t length = state.terms.size() - state.rowStart.back();
    state.rowLength.push_back(length);
    state.leftAdditions += length > 1 ? length - 1 : 0;
    occurrences += length * (length + 1) / 2;
  }
  if (occurrences > kMaxPairOccurrences)
    return std::nullopt;
  for (const std::vector<uint32_t> &list : rowsOf) {
    state.rowListStart.push_back(state.rowList.size());
    state.rowListLength.push_back(list.size());
    state.rowList.insert(state.rowList.end(), list.begin(), list.end());
  }
  // A pair is counted at its second term.
  for (uint32_t row = 0; row < state.rowLength.size(); ++row) {
    uint32_t length = std::exchange(state.rowLength[row], 0);
    for (; state.rowLength[row] < length; ++state.rowLength[row])
      state.countPairsWith(
          row, state.terms[state.rowStart[row] + state.rowLength[row]],
          /*isAdded=*/true);
  }
  return state;
}

TermPair PairElimination::pairOf(Term a, Term b) const {
  if (a.variable > b.variable)
    std::swap(a, b);
  return {a.variable, b.variable,
          coefficients->ratioIndex(a.coefficient, b.coefficient)};
}

PairElimination::Term *PairElimination::findTerm(uint32_t row,
                                                 uint32_t variable) {
  Term *begin = terms.data() + rowStart[row];
  Term *end = begin + rowLength[row];
  Term *found = std::find_if(
      begin, end, [&](const Term &term) { return term.variable == variable; });
  return found == end ? nullptr : found;
}

void PairElimination::countPairsWith(uint32_t row, const Term &term,
                                     bool isAdded) {
  const Term *begin = terms.data() + rowStart[row];
  workDone += rowLength[row];
  for (const Term *other = begin; other != begin + rowLength[row]; ++other) {
    if (other->variable == term.variable)
      continue;
    TermPair pair = pairOf(*other, term);
    if (pair.ratio == CoefficientTable::kNoRatio)
      continue;
    if (isAdded)
      counts.add(pair);
    else
      counts.remove(pair);
  }
}

void PairElimination::leaveRow(uint32_t variable, uint32_t row) {
  uint32_t *begin = rowList.data() + rowListStart[variable];
  uint32_t *end = begin + rowListLength[variable];
  *std::find(begin, end, row) = *(end - 1);
  --rowListLength[variable];
}

void PairElimination::removeTerm(uint32_t row, uint32_t variable) {
  Term *term = findTerm(row, variable);
  Term removed = *term;
  *term = terms[rowStart[row] + rowLength[row] - 1];
  --rowLength[row];
  countPairsWith(row, removed, /*isAdded=*/false);
}

unsigned PairElimination::eliminate(const TermPair &pair) {
  uint32_t variable = numVariables();
  rowListStart.push_back(rowList.size());
  rowListLength.push_back(0);
  eliminated.push_back(pair);
  ++numEliminated;

  // The rows are collected first: they leave the lists of both variables.
  for (uint32_t i = 0; i < rowListLength[pair.first]; ++i) {
    uint32_t row = rowList[rowListStart[pair.first] + i];
    const Term *first = findTerm(row, pair.first);
    const Term *second = findTerm(row, pair.second);
    ++workDone;
    if (second && pairOf(*first, *second).ratio == pair.ratio)
      rowList.push_back(row);
  }
  unsigned numRows = rowList.size() - rowListStart[variable];
  rowListLength[variable] = numRows;
  for (unsigned i = 0; i < numRows; ++i) {
    uint32_t row = rowList[rowListStart[variable] + i];
    uint32_t coefficient = findTerm(row, pair.first)->coefficient;
    removeTerm(row, pair.first);
    removeTerm(row, pair.second);
    leaveRow(pair.first, row);
    leaveRow(pair.second, row);
    Term fresh = {variable, coefficient};
    countPairsWith(row, fresh, /*isAdded=*/true);
    terms[rowStart[row] + rowLength[row]++] = fresh;
  }
  leftAdditions -= numRows;
  workDone += counts.size() / 8;
  return numRows;
}

StraightLineProgram PairElimination::program() const {
  const Rational one{1, 1};
  StraightLineProgram program;
  program.inputs = numInputs;
  for (const TermPair &pair : eliminated)
    program.steps.push_back(
        {pair.first, pair.second, one, coefficients->ratio(pair.ratio)});
  for (size_t row = 0; row < rowStart.size(); ++row) {
    std::vector<Term> rest(terms.begin() + rowStart[row],
                           terms.begin() + rowStart[row] + rowLength[row]);
    std::sort(rest.begin(), rest.end(), [](const Term &a, const Term &b) {
      return a.variable < b.variable;
    });
    StraightLineOutput output;
    for (const Term &term : rest) {
      const Rational &value = coefficients->coefficient(term.coefficient);
      if (output.coefficient.isZero()) {
        output = {term.variable, value};
        continue;
      }
      program.steps.push_back(
          {output.index, term.variable, output.coefficient, value});
      output = {unsigned(numInputs + program.steps.size() - 1), one};
    }
    program.outputs.push_back(output);
  }
  return program;
}

} // namespace sevenfold
