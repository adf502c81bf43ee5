//===- HenselLifting.cpp - From modulo 2 to the integers ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The system is brought to echelon form once; every digit then is a
// substitution. Unknowns at coefficients that are not zero come first and are
// used before the others: what can be lifted by signs alone stays in {-1,0,1}.
//
//===----------------------------------------------------------------------===//

#include "search/Lift/HenselLifting.h"

#include "sevenfold/Support/Error.h"

#include <algorithm>
#include <memory>
#include <tuple>

using namespace sevenfold;

/// The most that the linear system may take.
static constexpr size_t kMaxBytes = size_t(2) << 30;

namespace {

/// Bits in a row, with the sum of rows.
class BitRow {
public:
  explicit BitRow(size_t size) : words((size + 63) / 64) {}

  bool test(size_t bit) const { return words[bit / 64] >> bit % 64 & 1; }
  void flip(size_t bit) { words[bit / 64] ^= uint64_t(1) << bit % 64; }
  void add(const BitRow &other) {
    for (size_t i = 0; i < words.size(); ++i)
      words[i] ^= other.words[i];
  }
  /// The first bit that is set; SIZE_MAX where none is.
  size_t first() const {
    for (size_t i = 0; i < words.size(); ++i)
      if (words[i] != 0)
        return i * 64 + size_t(__builtin_ctzll(words[i]));
    return SIZE_MAX;
  }

private:
  std::vector<uint64_t> words;
};

/// Sums of given rows modulo 2: which of them make up another row?
class RowSpace {
public:
  RowSpace(size_t rows, size_t columns) : rows(rows), pivotRow(columns, -1) {}

  /// Adds the next row; the order of adding is the order of preference.
  void add(BitRow row) {
    BitRow uses(rows);
    uses.flip(added++);
    size_t pivot = reduce(row, uses);
    if (pivot == SIZE_MAX)
      return;
    pivotRow[pivot] = int64_t(echelon.size());
    echelon.push_back({std::move(row), std::move(uses)});
  }

  /// The rows that add up to `row`; nothing where none do.
  std::optional<BitRow> solve(BitRow row) const {
    BitRow uses(rows);
    if (reduce(row, uses) != SIZE_MAX)
      return std::nullopt;
    return uses;
  }

private:
  struct Entry {
    BitRow row, uses;
  };

  /// Takes rows away until the first bit has no pivot; returns that bit.
  size_t reduce(BitRow &row, BitRow &uses) const {
    for (;;) {
      size_t pivot = row.first();
      if (pivot == SIZE_MAX || pivotRow[pivot] < 0)
        return pivot;
      const Entry &entry = echelon[size_t(pivotRow[pivot])];
      row.add(entry.row);
      uses.add(entry.uses);
    }
  }

  size_t rows, added = 0;
  std::vector<int64_t> pivotRow;
  std::vector<Entry> echelon;
};

/// One scheme on its way from Z2 upwards.
class Lifter {
public:
  Lifter(const TargetTensor &target, const Scheme &scheme);

  /// Finds one more digit; false where there is none.
  bool step();
  /// The digits so far as integers nearest to 0.
  Scheme asIntegers() const;
  /// As fractions with small terms; nothing where one has none.
  std::optional<Scheme> asFractions() const;

  static constexpr unsigned kMaxDigits = 20;
  unsigned digits = 1;

private:
  struct Unknown {
    unsigned mode, term, entry;
  };

  size_t position(unsigned a, unsigned b, unsigned c) const {
    return (size_t(a) * target.shape[1] + b) * target.shape[2] + c;
  }
  int64_t &coefficient(const Unknown &unknown) {
    return values[unknown.mode]
                 [size_t(unknown.term) * target.shape[unknown.mode] +
                  unknown.entry];
  }
  const int64_t *row(unsigned mode, unsigned term) const {
    return &values[mode][size_t(term) * target.shape[mode]];
  }
  void listUnknowns();
  BitRow derivative(const Unknown &unknown) const;
  Scheme withCoefficients() const;

  const TargetTensor &target;
  unsigned rank;
  std::vector<int64_t> values[3]; ///< modulo 2^digits
  std::vector<Unknown> unknowns;
  std::unique_ptr<RowSpace> space;
};

} // namespace

Lifter::Lifter(const TargetTensor &target, const Scheme &scheme)
    : target(target), rank(scheme.rank()) {
  const Factor *factors[3] = {&scheme.u, &scheme.v, &scheme.w};
  for (unsigned mode = 0; mode < 3; ++mode)
    for (unsigned t = 0; t < rank; ++t)
      for (unsigned e = 0; e < target.shape[mode]; ++e)
        values[mode].push_back(factors[mode]->at(t, e).numerator & 1);
  listUnknowns();
  size_t entries = target.values.size();
  space = std::make_unique<RowSpace>(unknowns.size(), entries);
  for (const Unknown &unknown : unknowns)
    space->add(derivative(unknown));
}

/// Coefficients that are not zero come first.
void Lifter::listUnknowns() {
  for (unsigned mode = 0; mode < 3; ++mode)
    for (unsigned t = 0; t < rank; ++t)
      for (unsigned e = 0; e < target.shape[mode]; ++e)
        unknowns.push_back({mode, t, e});
  std::stable_partition(
      unknowns.begin(), unknowns.end(),
      [&](const Unknown &unknown) { return coefficient(unknown) != 0; });
}

/// The tensor, modulo 2, of the term with this coefficient 1 and the others of
/// its factor 0.
BitRow Lifter::derivative(const Unknown &unknown) const {
  BitRow result(target.values.size());
  unsigned y = (unknown.mode + 1) % 3, z = (unknown.mode + 2) % 3;
  const int64_t *other = row(y, unknown.term), *third = row(z, unknown.term);
  std::array<unsigned, 3> at;
  at[unknown.mode] = unknown.entry;
  for (at[y] = 0; at[y] < target.shape[y]; ++at[y])
    for (at[z] = 0; at[z] < target.shape[z]; ++at[z])
      if (other[at[y]] & third[at[z]] & 1)
        result.flip(position(at[0], at[1], at[2]));
  return result;
}

bool Lifter::step() {
  // What is left of the target; wrapping does no harm modulo 2^64.
  std::vector<uint64_t> left(target.values.begin(), target.values.end());
  for (unsigned t = 0; t < rank; ++t)
    for (unsigned a = 0; a < target.shape[0]; ++a)
      for (unsigned b = 0; b < target.shape[1]; ++b) {
        uint64_t product = uint64_t(row(0, t)[a]) * uint64_t(row(1, t)[b]);
        if (product == 0)
          continue;
        uint64_t *to = &left[position(a, b, 0)];
        for (unsigned c = 0; c < target.shape[2]; ++c)
          to[c] -= product * uint64_t(row(2, t)[c]);
      }
  BitRow error(left.size());
  for (size_t i = 0; i < left.size(); ++i)
    if (left[i] >> digits & 1)
      error.flip(i);
  std::optional<BitRow> solution = space->solve(std::move(error));
  if (!solution)
    return false;
  for (size_t i = 0; i < unknowns.size(); ++i)
    if (solution->test(i))
      coefficient(unknowns[i]) += int64_t(1) << digits;
  ++digits;
  return true;
}

Scheme Lifter::withCoefficients() const {
  Scheme scheme;
  scheme.m = target.dims[0], scheme.k = target.dims[1],
  scheme.n = target.dims[2];
  Factor *factors[3] = {&scheme.u, &scheme.v, &scheme.w};
  for (unsigned mode = 0; mode < 3; ++mode) {
    *factors[mode] = Factor(rank, target.shape[mode]);
    for (unsigned t = 0; t < rank; ++t)
      for (unsigned e = 0; e < target.shape[mode]; ++e)
        factors[mode]->at(t, e) = Rational{row(mode, t)[e], 1};
  }
  return scheme;
}

Scheme Lifter::asIntegers() const {
  Scheme scheme = withCoefficients();
  scheme.ring = Ring::Z;
  int64_t modulus = int64_t(1) << digits;
  for (Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < rank; ++t)
      for (unsigned e = 0; e < factor->columns(); ++e) {
        int64_t &value = factor->at(t, e).numerator;
        if (2 * value > modulus)
          value -= modulus;
      }
  return scheme;
}

/// p / q = value modulo `modulus` with p and q at most its square root, by the
/// extended Euclidean algorithm (Wang, "A p-adic algorithm for univariate
/// partial fractions", 1981).
static std::optional<Rational> reconstruct(int64_t value, int64_t modulus) {
  int64_t bound = 1;
  while (2 * (bound + 1) * (bound + 1) <= modulus)
    ++bound;
  int64_t r0 = modulus, r1 = value, s0 = 0, s1 = 1;
  while (r1 > bound) {
    int64_t quotient = r0 / r1;
    std::tie(r0, r1) = std::pair{r1, r0 - quotient * r1};
    std::tie(s0, s1) = std::pair{s1, s0 - quotient * s1};
  }
  if (s1 == 0 || std::abs(s1) > bound)
    return std::nullopt;
  return makeRational(s1 < 0 ? -r1 : r1, std::abs(s1));
}

std::optional<Scheme> Lifter::asFractions() const {
  Scheme scheme = withCoefficients();
  scheme.ring = Ring::Q;
  for (Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < rank; ++t)
      for (unsigned e = 0; e < factor->columns(); ++e) {
        auto fraction =
            reconstruct(factor->at(t, e).numerator, int64_t(1) << digits);
        if (!fraction)
          return std::nullopt;
        factor->at(t, e) = *fraction;
      }
  return scheme;
}

llvm::Expected<std::optional<Scheme>>
sevenfold::liftScheme(const TargetTensor &target, const Scheme &scheme) {
  TargetTensor binary = target;
  binary.ring = Ring::Z2;
  Scheme parity = scheme;
  parity.ring = Ring::Z2;
  std::string wrong = findWrongEntry(binary, parity);
  if (!wrong.empty())
    return makeError("not exact modulo 2: {0}", wrong);
  size_t coefficients = size_t(scheme.rank()) *
                        (target.shape[0] + target.shape[1] + target.shape[2]);
  if (coefficients * (coefficients + target.values.size()) / 8 > kMaxBytes)
    return makeError("{0} in {1} terms is too large to lift", target.str(),
                     scheme.rank());
  TargetTensor integers = target, fractions = target;
  integers.ring = Ring::Z;
  fractions.ring = Ring::Q;
  Lifter lifter(target, scheme);
  while (lifter.digits < Lifter::kMaxDigits) {
    if (!lifter.step())
      return std::nullopt;
    Scheme candidate = lifter.asIntegers();
    if (findWrongEntry(integers, candidate).empty())
      return candidate;
    // Only multiplications are verified over Q.
    if (!target.isMatmul())
      continue;
    if (auto fraction = lifter.asFractions();
        fraction && findWrongEntry(fractions, *fraction).empty())
      return fraction;
  }
  return std::nullopt;
}
