//===- LayoutGuess.cpp - Which layout makes factors a scheme --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tensor sum_t u_t (x) v_t (x) w_t of a file's factors is formed once,
// slice by slice, in residues modulo the prime 2^61 - 1, and modulo 2. A layout
// only says where in it the m k n ones of the matrix product are to stand, so
// the wrong entries of all layouts are counted together:
//
//   wrong = nonzeros of the tensor + sum over the places of a one of
//             (-1 where there is a one, +1 where there is a zero, else 0)
//
// m, k and n follow from the sizes a = m k, b = k n, c = m n: m^2 = a c / b.
// What has no wrong entry is verified exactly afterwards (Verify.h).
//
//===----------------------------------------------------------------------===//

#include "ForeignFactors.h"
#include "sevenfold/Scheme/Layout.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

namespace {

using Sizes = std::array<unsigned, 3>;

/// Residues of one of the two moduli.
class Residues {
public:
  static constexpr uint64_t kPrime = (uint64_t(1) << 61) - 1;
  explicit Residues(uint64_t modulus) : modulus(modulus) {}

  uint64_t add(uint64_t a, uint64_t b) const { return (a + b) % modulus; }
  uint64_t multiply(uint64_t a, uint64_t b) const {
    if (modulus == 2)
      return a & b;
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t(product & kPrime) + uint64_t(product >> 61)) % kPrime;
  }
  /// Nothing where the denominator has no inverse.
  std::optional<uint64_t> of(const Rational &value) const {
    uint64_t below = uint64_t(value.denominator) % modulus;
    if (below == 0)
      return std::nullopt;
    uint64_t above = uint64_t(std::abs(value.numerator)) % modulus;
    if (value.numerator < 0)
      above = (modulus - above) % modulus;
    return below == 1 ? above : multiply(above, inverse(below));
  }

private:
  /// By Fermat: b^(p - 2).
  uint64_t inverse(uint64_t b) const {
    uint64_t result = 1;
    for (uint64_t e = modulus - 2; e != 0; e >>= 1, b = multiply(b, b))
      if (e & 1)
        result = multiply(result, b);
    return result;
  }
  uint64_t modulus;
};

/// A nonzero residue of a product's factor.
struct ResidueTerm {
  unsigned index;
  uint64_t value;
};
using ResidueRows = std::vector<std::vector<ResidueTerm>>;

/// The layouts of one scheme and how many entries each has wrong.
using WrongEntries = std::vector<int64_t>;

} // namespace

/// A row a product, whatever it was.
static Factor byProducts(const Factor &factor, FactorRows rows) {
  if (rows == FactorRows::Products)
    return factor;
  Factor result(factor.columns(), factor.rows());
  for (unsigned row = 0; row < factor.rows(); ++row)
    for (unsigned column = 0; column < factor.columns(); ++column)
      result.at(column, row) = factor.at(row, column);
  return result;
}

/// m, k and n of matrices of these sizes; there is one answer at most.
static std::optional<Sizes> solveDims(const Sizes &sizes) {
  auto [a, b, c] = sizes;
  if (a == 0 || b == 0 || c == 0)
    return std::nullopt;
  unsigned m = std::lround(std::sqrt(double(a) * c / b));
  if (m == 0 || a % m != 0 || c % m != 0 || a / m * (c / m) != b)
    return std::nullopt;
  return Sizes{m, a / m, c / m};
}

static std::optional<ResidueRows> residueRows(const Factor &factor,
                                              const Residues &residues) {
  ResidueRows rows(factor.rows());
  for (unsigned t = 0; t < factor.rows(); ++t)
    for (unsigned index = 0; index < factor.columns(); ++index) {
      if (factor.at(t, index).isZero())
        continue;
      std::optional<uint64_t> residue = residues.of(factor.at(t, index));
      if (!residue)
        return std::nullopt;
      if (*residue != 0)
        rows[t].push_back({index, *residue});
    }
  return rows;
}

/// Notes in `wrong` what the slice of entry `a` of A says about the places of
/// its ones.
static void countPlaces(const Scheme &scheme, unsigned a,
                        llvm::ArrayRef<uint64_t> slice, WrongEntries &wrong) {
  auto [m, k, n] = Sizes{scheme.m, scheme.k, scheme.n};
  int64_t nonzeros = llvm::count_if(slice, [](uint64_t x) { return x != 0; });
  for (auto [layout, count] : llvm::zip_equal(matrixLayouts(), wrong)) {
    unsigned i = layout.a ? a % m : a / k, j = layout.a ? a / m : a % k;
    count += nonzeros;
    for (unsigned l = 0; l < n; ++l) {
      unsigned b = layout.b ? l * k + j : j * n + l;
      unsigned c = layout.c ? l * m + i : i * n + l;
      uint64_t found = slice[size_t(b) * m * n + c];
      count += found == 0 ? 1 : found == 1 ? -1 : 0;
    }
  }
}

/// Nothing where a coefficient has no residue.
static std::optional<WrongEntries> countWrong(const Scheme &scheme,
                                              uint64_t modulus) {
  Residues residues(modulus);
  auto u = residueRows(scheme.u, residues), v = residueRows(scheme.v, residues),
       w = residueRows(scheme.w, residues);
  if (!u || !v || !w)
    return std::nullopt;
  // Products by the entries of A they read, so that a slice visits its own.
  std::vector<std::vector<ResidueTerm>> products(scheme.u.columns());
  for (unsigned t = 0; t < u->size(); ++t)
    for (const ResidueTerm &term : (*u)[t])
      products[term.index].push_back({t, term.value});
  WrongEntries wrong(matrixLayouts().size());
  unsigned outputs = scheme.w.columns();
  std::vector<uint64_t> slice(size_t(scheme.v.columns()) * outputs);
  for (unsigned a = 0; a < products.size(); ++a) {
    std::fill(slice.begin(), slice.end(), 0);
    for (auto &[t, scale] : products[a])
      for (const ResidueTerm &b : (*v)[t]) {
        uint64_t value = residues.multiply(scale, b.value);
        uint64_t *row = slice.data() + size_t(b.index) * outputs;
        for (const ResidueTerm &c : (*w)[t])
          row[c.index] =
              residues.add(row[c.index], residues.multiply(value, c.value));
      }
    countPlaces(scheme, a, slice, wrong);
  }
  return wrong;
}

/// Coefficients modulo 2; they are integers.
static void reduceModuloTwo(Scheme &scheme) {
  scheme.ring = Ring::Z2;
  for (Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned i = 0; i < factor->columns(); ++i)
        factor->at(t, i) = {factor->at(t, i).numerator & 1, 1};
}

static bool hasFractions(const Scheme &scheme) {
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned i = 0; i < factor->columns(); ++i)
        if (!factor->at(t, i).isInteger())
          return true;
  return false;
}

namespace {
/// A way to read factors that may make them a scheme.
struct Reading {
  Scheme scheme; ///< in the file's layout
  FactorRows rows;
  MatrixLayout layout{};
  int64_t wrong = 0;
};
} // namespace

static std::string sizesText(const Sizes &sizes, const char *what) {
  return llvm::formatv("{0}, {1} and {2} {3}", sizes[0], sizes[1], sizes[2],
                       what)
      .str();
}

/// The scheme, in the file's layout, of factors whose rows are what `rows`
/// says.
static llvm::Expected<Scheme> assume(const ForeignFactors &foreign,
                                     FactorRows rows, llvm::StringRef where) {
  Scheme scheme;
  scheme.u = byProducts(foreign.factors[0], rows);
  scheme.v = byProducts(foreign.factors[1], rows);
  scheme.w = byProducts(foreign.factors[2], rows);
  Sizes ranks = {scheme.u.rows(), scheme.v.rows(), scheme.w.rows()};
  Sizes sizes = {scheme.u.columns(), scheme.v.columns(), scheme.w.columns()};
  if (ranks[0] != ranks[1] || ranks[0] != ranks[2])
    return makeError("{0}: expected three factors of one rank but got {1}",
                     where, sizesText(ranks, "products"));
  std::optional<Sizes> dims = solveDims(sizes);
  if (!dims)
    return makeError("{0}: the factors have {1}, which no m, k and n give",
                     where, sizesText(sizes, "entries"));
  if (foreign.dims && *foreign.dims != *dims)
    return makeError("{0}: it says {1}x{2}x{3} but its factors have {4}", where,
                     (*foreign.dims)[0], (*foreign.dims)[1], (*foreign.dims)[2],
                     sizesText(sizes, "entries"));
  if (*std::max_element(dims->begin(), dims->end()) > kMaxSchemeDimension ||
      *std::max_element(sizes.begin(), sizes.end()) > kMaxSchemeBlocks ||
      ranks[0] == 0 || ranks[0] > kMaxSchemeRank)
    return makeError("{0}: expected at most {1} blocks of an operand and {2} "
                     "products but got {3}x{4}x{5} of rank {6}",
                     where, kMaxSchemeBlocks, kMaxSchemeRank, (*dims)[0],
                     (*dims)[1], (*dims)[2], ranks[0]);
  scheme.m = (*dims)[0];
  scheme.k = (*dims)[1];
  scheme.n = (*dims)[2];
  scheme.ring = hasFractions(scheme) ? Ring::Q : Ring::Z;
  return scheme;
}

/// The layout of fewest wrong entries, the first of equals.
static std::optional<Reading> nearest(const Scheme &scheme, FactorRows rows,
                                      uint64_t modulus) {
  std::optional<WrongEntries> wrong = countWrong(scheme, modulus);
  if (!wrong)
    return std::nullopt;
  size_t best = std::min_element(wrong->begin(), wrong->end()) - wrong->begin();
  return Reading{scheme, rows, matrixLayouts()[best], (*wrong)[best]};
}

/// The nearest reading of all, over Z and Q if that is exact, else modulo 2 if
/// that is.
static std::optional<Reading>
nearestReading(llvm::ArrayRef<std::pair<Scheme, FactorRows>> schemes) {
  std::optional<Reading> best;
  for (auto &[scheme, rows] : schemes)
    if (auto found = nearest(scheme, rows, Residues::kPrime))
      if (!best || found->wrong < best->wrong)
        best = found;
  if (best && best->wrong == 0)
    return best;
  for (auto &[scheme, rows] : schemes) {
    if (scheme.ring != Ring::Z)
      continue;
    auto found = nearest(scheme, rows, 2);
    if (found && found->wrong == 0) {
      reduceModuloTwo(found->scheme);
      return found;
    }
  }
  return best;
}

llvm::Expected<ForeignScheme> sevenfold::guessLayout(ForeignFactors factors,
                                                     llvm::StringRef where) {
  std::vector<std::pair<Scheme, FactorRows>> schemes;
  std::string problem;
  for (FactorRows rows : {FactorRows::Products, FactorRows::Entries}) {
    if (factors.rows != FactorRows::Unknown && factors.rows != rows)
      continue;
    llvm::Expected<Scheme> scheme = assume(factors, rows, where);
    if (scheme)
      schemes.emplace_back(std::move(*scheme), rows);
    else if (std::string text = llvm::toString(scheme.takeError());
             problem.empty() || !llvm::StringRef(text).contains("of one rank"))
      problem = text;
  }
  if (schemes.empty())
    return makePlainError(problem);
  std::optional<Reading> reading = nearestReading(schemes);
  if (!reading)
    return makeError("{0}: a denominator is a multiple of 2^61 - 1", where);

  ForeignScheme result;
  result.scheme = fromLayout(reading->scheme, reading->layout);
  result.place = std::move(factors.place);
  result.layout = describeLayout(reading->layout);
  if (reading->wrong != 0) {
    size_t entries = size_t(result.scheme.u.columns()) *
                     result.scheme.v.columns() * result.scheme.w.columns();
    result.reason =
        llvm::formatv("no layout is exact: {0} {1} of {2} entries are wrong",
                      reading->layout.transposed[0] != '\0'
                          ? "with " + result.layout
                          : result.layout,
                      reading->wrong, entries)
            .str();
    return result;
  }
  Verification verification = verify(result.scheme);
  result.reason = verification.reason;
  return result;
}
