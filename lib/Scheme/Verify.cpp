//===- Verify.cpp - Exactness and cost of schemes ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides the tensor identity in integers: with every coefficient of product
// t brought to a common denominator, and every product to the common
// denominator L of them all, the identity reads sum_t s_t U[t,a] V[t,b]
// W[t,c] = L T[a,b,c] where T is 1 at (A[i,j], B[j,l], C[i,l]) and 0
// elsewhere. A bound on the left side, computed first, decides whether 64 or
// 128 bits hold every partial sum.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Verify.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

using namespace llvm;

namespace sevenfold {
namespace {

using Wide = __int128;

/// A nonzero entry of a factor's row.
template <typename T> struct Term {
  unsigned column;
  T value;
};

/// The factors by rows of nonzeros, the scales s_t in W, and L.
template <typename T> struct Terms {
  std::vector<std::vector<Term<T>>> u, v, w;
  T one = 1;
};

std::optional<std::string> findShapeMismatch(const Scheme &scheme) {
  struct {
    const char *name;
    const Factor *factor;
    size_t columns;
  } factors[] = {{"U", &scheme.u, size_t(scheme.m) * scheme.k},
                 {"V", &scheme.v, size_t(scheme.k) * scheme.n},
                 {"W", &scheme.w, size_t(scheme.m) * scheme.n}};
  for (auto &[name, factor, columns] : factors)
    if (factor->rows() != scheme.rank() || factor->columns() != columns)
      return formatv("expected {0} to be {1} x {2} but got {3} x {4}", name,
                     scheme.rank(), columns, factor->rows(), factor->columns())
          .str();
  return std::nullopt;
}

/// Least common multiple of two positive numbers, or nothing on overflow.
std::optional<int64_t> commonMultiple(int64_t a, int64_t b) {
  int64_t result;
  if (__builtin_mul_overflow(a / std::gcd(a, b), b, &result))
    return std::nullopt;
  return result;
}

/// A row times its common denominator.
struct IntegerRow {
  std::vector<Term<int64_t>> terms;
  int64_t denominator = 1;
  int64_t largest = 0; ///< magnitude
};

std::optional<IntegerRow> scaleRow(const Factor &factor, unsigned row) {
  IntegerRow result;
  for (unsigned column = 0; column < factor.columns(); ++column) {
    auto multiple =
        commonMultiple(result.denominator, factor.at(row, column).denominator);
    if (!multiple)
      return std::nullopt;
    result.denominator = *multiple;
  }
  for (unsigned column = 0; column < factor.columns(); ++column) {
    const Rational &value = factor.at(row, column);
    if (value.isZero())
      continue;
    int64_t scaled;
    if (__builtin_mul_overflow(
            value.numerator, result.denominator / value.denominator, &scaled) ||
        scaled == INT64_MIN)
      return std::nullopt;
    result.terms.push_back({column, scaled});
    result.largest = std::max<int64_t>(result.largest, std::abs(scaled));
  }
  return result;
}

template <typename T>
std::vector<Term<T>> convert(const std::vector<Term<int64_t>> &terms, T scale) {
  std::vector<Term<T>> result;
  for (const Term<int64_t> &term : terms)
    result.push_back({term.column, T(term.value) * scale});
  return result;
}

/// The scheme in integers, and a bound on every partial sum.
struct IntegerScheme {
  std::vector<IntegerRow> u, v, w;
  std::vector<int64_t> scales;
  int64_t one = 1;
  Wide bound = 0;

  template <typename T> Terms<T> terms() const {
    Terms<T> result;
    for (size_t t = 0; t < u.size(); ++t) {
      result.u.push_back(convert<T>(u[t].terms, 1));
      result.v.push_back(convert<T>(v[t].terms, 1));
      result.w.push_back(convert<T>(w[t].terms, scales[t]));
    }
    result.one = one;
    return result;
  }
};

/// Nothing where a common denominator or the bound leaves its type.
std::optional<IntegerScheme> scaleScheme(const Scheme &scheme) {
  IntegerScheme result;
  std::vector<int64_t> denominators;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    auto u = scaleRow(scheme.u, t), v = scaleRow(scheme.v, t),
         w = scaleRow(scheme.w, t);
    int64_t denominator;
    if (!u || !v || !w ||
        __builtin_mul_overflow(u->denominator, v->denominator, &denominator) ||
        __builtin_mul_overflow(denominator, w->denominator, &denominator))
      return std::nullopt;
    auto one = commonMultiple(result.one, denominator);
    if (!one)
      return std::nullopt;
    result.one = *one;
    denominators.push_back(denominator);
    result.u.push_back(std::move(*u));
    result.v.push_back(std::move(*v));
    result.w.push_back(std::move(*w));
  }
  result.bound = result.one;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    int64_t scale = result.one / denominators[t];
    result.scales.push_back(scale);
    Wide term = Wide(result.u[t].largest) * result.v[t].largest;
    if (__builtin_mul_overflow(term, Wide(result.w[t].largest), &term) ||
        __builtin_mul_overflow(term, Wide(scale), &term) ||
        __builtin_add_overflow(result.bound, term, &result.bound))
      return std::nullopt;
  }
  return result;
}

/// For factors that no common denominator holds: doubles.
Terms<double> decimalTerms(const Scheme &scheme) {
  Terms<double> result;
  auto collect = [](const Factor &factor) {
    std::vector<std::vector<Term<double>>> rows(factor.rows());
    for (unsigned row = 0; row < factor.rows(); ++row)
      for (unsigned column = 0; column < factor.columns(); ++column)
        if (!factor.at(row, column).isZero())
          rows[row].push_back({column, factor.at(row, column).toDouble()});
    return rows;
  };
  result.u = collect(scheme.u);
  result.v = collect(scheme.v);
  result.w = collect(scheme.w);
  return result;
}

std::string formatValue(Wide numerator, Wide denominator) {
  if (denominator != 1 && numerator % denominator == 0) {
    numerator /= denominator;
    denominator = 1;
  }
  if (denominator == 1 && numerator > INT64_MIN && numerator <= INT64_MAX)
    return std::to_string(int64_t(numerator));
  if (numerator > INT64_MIN && numerator <= INT64_MAX)
    if (auto value = makeRational(int64_t(numerator), int64_t(denominator)))
      return toString(*value);
  return formatv("{0:e6}", double(numerator) / double(denominator)).str();
}

/// Compares the sum with the tensor, one slice (an entry of A) at a time.
template <typename T> class Comparison {
public:
  Comparison(const Scheme &scheme, const Terms<T> &terms)
      : scheme(scheme), terms(terms),
        slice(size_t(scheme.k) * scheme.n * scheme.m * scheme.n) {}

  Verification run() {
    // Products by the entries of A they read, so that a slice visits its own.
    std::vector<std::vector<std::pair<unsigned, T>>> products(scheme.m *
                                                              scheme.k);
    for (unsigned t = 0; t < terms.u.size(); ++t)
      for (const Term<T> &term : terms.u[t])
        products[term.column].emplace_back(t, term.value);
    for (unsigned a = 0; a < products.size(); ++a) {
      std::fill(slice.begin(), slice.end(), T(0));
      for (auto &[t, value] : products[a])
        accumulate(t, value);
      compare(a);
    }
    result.exact = result.reason.empty();
    result.relativeError =
        std::sqrt(missed / (double(scheme.m) * scheme.k * scheme.n));
    return result;
  }

private:
  void accumulate(unsigned t, T scale) {
    size_t stride = size_t(scheme.m) * scheme.n;
    for (const Term<T> &b : terms.v[t]) {
      T value = scale * b.value;
      T *row = slice.data() + b.column * stride;
      for (const Term<T> &c : terms.w[t])
        row[c.column] += value * c.value;
    }
  }
  void compare(unsigned a) {
    unsigned i = a / scheme.k, j = a % scheme.k;
    const T *value = slice.data();
    for (unsigned b = 0; b < scheme.k * scheme.n; ++b)
      for (unsigned c = 0; c < scheme.m * scheme.n; ++c, ++value) {
        bool isOne = b / scheme.n == j && c / scheme.n == i &&
                     b % scheme.n == c % scheme.n;
        T found = *value;
        if constexpr (!std::is_same_v<T, double>)
          if (scheme.ring == Ring::Z2)
            found = found & 1;
        T deviation = found - (isOne ? terms.one : T(0));
        if (deviation != 0)
          note(a, b, c, found, isOne, std::abs(double(deviation)));
      }
  }
  void note(unsigned a, unsigned b, unsigned c, T found, bool isOne,
            double deviation) {
    result.residual = std::max(result.residual, deviation / double(terms.one));
    missed += deviation / double(terms.one) * (deviation / double(terms.one));
    if (!result.reason.empty())
      return;
    result.reason =
        formatv("entry A[{0},{1}]*B[{2},{3}] of C[{4},{5}] is {6}, expected "
                "{7}",
                a / scheme.k, a % scheme.k, b / scheme.n, b % scheme.n,
                c / scheme.n, c % scheme.n, formatFound(found), isOne ? 1 : 0)
            .str();
  }

  std::string formatFound(T found) const {
    if constexpr (std::is_same_v<T, double>)
      return formatv("{0:e9}", found).str();
    else
      return formatValue(found, terms.one);
  }

  const Scheme &scheme;
  const Terms<T> &terms;
  std::vector<T> slice;
  double missed = 0; ///< the sum of squared deviations
  Verification result;
};

template <typename T>
Verification compareWith(const Scheme &scheme, const Terms<T> &terms) {
  return Comparison<T>(scheme, terms).run();
}

/// sum |values of a row|.
std::vector<double> rowNorms(const Factor &factor) {
  std::vector<double> norms(factor.rows());
  for (unsigned row = 0; row < factor.rows(); ++row)
    for (unsigned column = 0; column < factor.columns(); ++column)
      norms[row] += std::abs(factor.at(row, column).toDouble());
  return norms;
}

} // namespace

Verification verify(const Scheme &scheme) {
  if (auto mismatch = findShapeMismatch(scheme))
    return {false, *mismatch, std::numeric_limits<double>::infinity(),
            std::numeric_limits<double>::infinity()};
  std::optional<IntegerScheme> integers = scaleScheme(scheme);
  if (integers && integers->bound <= INT64_MAX)
    return compareWith(scheme, integers->terms<int64_t>());
  if (integers)
    return compareWith(scheme, integers->terms<Wide>());
  Verification result = compareWith(scheme, decimalTerms(scheme));
  if (scheme.ring != Ring::R || result.exact) {
    result.exact = false;
    result.reason = "the coefficients are too large to be decided exactly: "
                    "a sum overflows 128 bits";
  }
  return result;
}

Growth growth(const Scheme &scheme) {
  std::vector<double> u = rowNorms(scheme.u), v = rowNorms(scheme.v);
  Growth result;
  unsigned outputs = scheme.w.columns();
  for (unsigned c = 0; c < outputs; ++c) {
    double sum = 0;
    for (unsigned t = 0; t < scheme.rank(); ++t)
      sum += std::abs(scheme.w.at(t, c).toDouble()) * u[t] * v[t];
    result.max = std::max(result.max, sum);
    result.frobenius += sum * sum;
  }
  if (outputs != 0)
    result.frobenius = std::sqrt(result.frobenius / outputs);
  return result;
}

/// The largest eigenvalue of a symmetric matrix that has no negative ones, from
/// above: the root of the trace of a high power.
static double largestEigenvalue(std::vector<double> matrix, size_t n) {
  double scale = 0;
  for (size_t i = 0; i < n; ++i)
    scale += matrix[i * n + i];
  if (!(scale > 0))
    return 0;
  // (M / s)^(2^k), scaled back each time, in logarithms.
  double logarithm = std::log(scale);
  for (double &value : matrix)
    value /= scale;
  constexpr int kSquarings = 10;
  double exponent = 1;
  for (int step = 0; step < kSquarings; ++step) {
    std::vector<double> square(n * n);
    for (size_t i = 0; i < n; ++i)
      for (size_t k = 0; k < n; ++k)
        for (size_t j = 0; j < n; ++j)
          square[i * n + j] += matrix[i * n + k] * matrix[k * n + j];
    exponent *= 2;
    double trace = 0;
    for (size_t i = 0; i < n; ++i)
      trace += square[i * n + i];
    logarithm += std::log(trace) / exponent;
    for (double &value : square)
      value /= trace;
    matrix = std::move(square);
  }
  return std::exp(logarithm);
}

double spectralBound(const Scheme &scheme) {
  size_t sizes[3] = {scheme.u.columns(), scheme.v.columns(),
                     scheme.w.columns()};
  std::vector<double> missed(sizes[0] * sizes[1] * sizes[2]);
  auto at = [&](size_t a, size_t b, size_t c) -> double & {
    return missed[(a * sizes[1] + b) * sizes[2] + c];
  };
  for (unsigned i = 0; i < scheme.m; ++i)
    for (unsigned k = 0; k < scheme.k; ++k)
      for (unsigned j = 0; j < scheme.n; ++j)
        at(i * scheme.k + k, k * scheme.n + j, i * scheme.n + j) = 1;
  for (unsigned t = 0; t < scheme.rank(); ++t)
    for (size_t a = 0; a < sizes[0]; ++a)
      for (size_t b = 0; b < sizes[1]; ++b)
        for (size_t c = 0; c < sizes[2]; ++c)
          at(a, b, c) -= scheme.u.at(t, a).toDouble() *
                         scheme.v.at(t, b).toDouble() *
                         scheme.w.at(t, c).toDouble();
  double least = std::numeric_limits<double>::infinity();
  for (unsigned mode = 0; mode < 3; ++mode) {
    std::vector<double> gram(sizes[mode] * sizes[mode]);
    size_t y = (mode + 1) % 3, z = (mode + 2) % 3;
    std::vector<double> column(sizes[mode]);
    for (size_t p = 0; p < sizes[y]; ++p)
      for (size_t q = 0; q < sizes[z]; ++q) {
        for (size_t e = 0; e < sizes[mode]; ++e) {
          std::array<size_t, 3> place{};
          place[mode] = e;
          place[y] = p;
          place[z] = q;
          column[e] = at(place[0], place[1], place[2]);
        }
        for (size_t e = 0; e < sizes[mode]; ++e)
          for (size_t f = 0; column[e] != 0 && f < sizes[mode]; ++f)
            gram[e * sizes[mode] + f] += column[e] * column[f];
      }
    least = std::min(least, std::sqrt(largestEigenvalue(gram, sizes[mode])));
  }
  return least;
}

Additions additions(const Scheme &scheme, MinimizerEffort effort) {
  Additions result;
  result.naive = naiveAdditions(scheme.u) + naiveAdditions(scheme.v) +
                 naiveAdditionsTransposed(scheme.w);
  result.cse = minimizeAdditions(scheme.u, 0, effort).steps.size() +
               minimizeAdditions(scheme.v, 0, effort).steps.size() +
               minimizeAdditionsTransposed(scheme.w, 0, effort).steps.size();
  return result;
}

unsigned nonzeros(const Scheme &scheme) {
  return scheme.u.nonzeros() + scheme.v.nonzeros() + scheme.w.nonzeros();
}

Rational largestCoefficient(const Scheme &scheme) {
  Rational largest;
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned e = 0; e < factor->columns(); ++e) {
        Rational value = factor->at(t, e);
        if (value.numerator < 0)
          value = negate(value);
        if (value.toDouble() > largest.toDouble())
          largest = value;
      }
  return largest;
}

} // namespace sevenfold
