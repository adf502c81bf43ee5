//===- Algebra.cpp - Making schemes from schemes ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements the symmetries, change of basis, tensor product and block sums.
// A factor's row is read as the matrix of its operand: U as m x k, V as k x
// n, W as m x n.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <algorithm>
#include <optional>

using namespace llvm;

namespace sevenfold {
namespace {

/// Results with more coefficients than this are refused.
constexpr uint64_t kMaxCoefficients = uint64_t(1) << 23;

std::string describeShape(const Scheme &scheme) {
  return formatv("{0}x{1}x{2}-r{3}", scheme.m, scheme.k, scheme.n,
                 scheme.rank())
      .str();
}

/// The scheme's provenance with the step that was taken from it.
Provenance derived(const Scheme &scheme, const char *step) {
  Provenance result = scheme.provenance;
  std::string text = std::string(step) + " '" + scheme.name + "'";
  for (auto &[key, value] : result)
    if (key == "derived") {
      value = text + "; " + value;
      return result;
    }
  result.emplace_back("derived", text);
  std::sort(result.begin(), result.end());
  return result;
}

/// Brings an exact result into the ring: modulo 2 in Z2, unchanged elsewhere.
Rational reduce(const Rational &value, Ring ring) {
  if (ring != Ring::Z2)
    return value;
  return Rational{value.numerator & 1, 1};
}

bool isInRing(const Rational &value, Ring ring) {
  if (ring == Ring::Z || ring == Ring::Z2)
    return value.isInteger();
  return true;
}

Error overflow(const Scheme &scheme) {
  return makeError("a coefficient made from scheme '{0}' does not fit in 64 "
                   "bits",
                   scheme.name);
}

Expected<Ring> commonRing(const Scheme &a, const Scheme &b) {
  if (a.ring == b.ring)
    return a.ring;
  if (a.ring == Ring::Z2 || b.ring == Ring::Z2)
    return makeError("schemes '{0}' over {1} and '{2}' over {3} have no common "
                     "ring",
                     a.name, stringifyRing(a.ring), b.name,
                     stringifyRing(b.ring));
  bool isReal = a.ring == Ring::R || b.ring == Ring::R;
  return isReal ? Ring::R : Ring::Q;
}

/// Refuses dims or ranks that overflow or ask for too much memory.
Error checkSize(uint64_t m, uint64_t k, uint64_t n, uint64_t rank) {
  constexpr uint64_t limit = uint64_t(1) << 20;
  if (std::max({m, k, n, rank}) > limit ||
      std::max({m * k, k * n, m * n}) > kMaxCoefficients / rank)
    return makeError("expected a scheme of at most {0} coefficients a factor "
                     "but got <{1},{2},{3};{4}>",
                     kMaxCoefficients, m, k, n, rank);
  return Error::success();
}

/// The Kronecker product of two factors, each row read as a matrix with
/// `outerColumns` and `innerColumns` columns. Nothing on overflow.
std::optional<Factor> kronecker(const Factor &outer, unsigned outerColumns,
                                const Factor &inner, unsigned innerColumns) {
  Factor result(outer.rows() * inner.rows(), outer.columns() * inner.columns());
  unsigned columns = outerColumns * innerColumns;
  unsigned innerRows = inner.columns() / innerColumns;
  for (unsigned s = 0; s < outer.rows(); ++s)
    for (unsigned a = 0; a < outer.columns(); ++a) {
      if (outer.at(s, a).isZero())
        continue;
      for (unsigned t = 0; t < inner.rows(); ++t)
        for (unsigned b = 0; b < inner.columns(); ++b) {
          if (inner.at(t, b).isZero())
            continue;
          auto value = multiply(outer.at(s, a), inner.at(t, b));
          if (!value)
            return std::nullopt;
          unsigned row = (a / outerColumns) * innerRows + b / innerColumns;
          unsigned column =
              (a % outerColumns) * innerColumns + b % innerColumns;
          result.at(s * inner.rows() + t, row * columns + column) = *value;
        }
    }
  return result;
}

/// Every row, a matrix of `columns` columns, transposed.
Factor transposeRows(const Factor &factor, unsigned columns) {
  Factor result(factor.rows(), factor.columns());
  unsigned rows = factor.columns() / columns;
  for (unsigned t = 0; t < factor.rows(); ++t)
    for (unsigned i = 0; i < rows; ++i)
      for (unsigned j = 0; j < columns; ++j)
        result.at(t, j * rows + i) = factor.at(t, i * columns + j);
  return result;
}

Factor transposeMatrix(const Factor &matrix) {
  Factor result(matrix.columns(), matrix.rows());
  for (unsigned i = 0; i < matrix.rows(); ++i)
    for (unsigned j = 0; j < matrix.columns(); ++j)
      result.at(j, i) = matrix.at(i, j);
  return result;
}

/// Subtracts `scale` times row `source` from row `target`; false on overflow.
bool subtractRow(Factor &matrix, unsigned target, unsigned source,
                 const Rational &scale, Ring ring) {
  for (unsigned j = 0; j < matrix.columns(); ++j) {
    auto product = multiply(matrix.at(source, j), scale);
    auto value =
        product ? add(matrix.at(target, j), negate(*product)) : std::nullopt;
    if (!value)
      return false;
    matrix.at(target, j) = reduce(*value, ring);
  }
  return true;
}

bool divideRow(Factor &matrix, unsigned row, const Rational &divisor) {
  for (unsigned j = 0; j < matrix.columns(); ++j) {
    auto value = divide(matrix.at(row, j), divisor);
    if (!value)
      return false;
    matrix.at(row, j) = *value;
  }
  return true;
}

void swapRows(Factor &matrix, unsigned a, unsigned b) {
  for (unsigned j = 0; j < matrix.columns(); ++j)
    std::swap(matrix.at(a, j), matrix.at(b, j));
}

/// Gauss and Jordan's inverse over the ring's field of fractions (Z2 is one),
/// checked to lie in the ring.
Expected<Factor> invert(Factor matrix, Ring ring, const char *name) {
  unsigned size = matrix.rows();
  Factor inverse(size, size);
  for (unsigned i = 0; i < size; ++i)
    inverse.at(i, i) = Rational{1, 1};
  auto tooLarge = [&] {
    return makeError("the inverse of basis matrix {0} does not fit in 64 bits",
                     name);
  };
  for (unsigned column = 0; column < size; ++column) {
    unsigned pivot = column;
    while (pivot < size && matrix.at(pivot, column).isZero())
      ++pivot;
    if (pivot == size)
      return makeError("basis matrix {0} is singular", name);
    swapRows(matrix, pivot, column);
    swapRows(inverse, pivot, column);
    Rational divisor = matrix.at(column, column);
    if (!divideRow(matrix, column, divisor) ||
        !divideRow(inverse, column, divisor))
      return tooLarge();
    for (unsigned row = 0; row < size; ++row) {
      Rational scale = matrix.at(row, column);
      if (row == column || scale.isZero())
        continue;
      if (!subtractRow(matrix, row, column, scale, ring) ||
          !subtractRow(inverse, row, column, scale, ring))
        return tooLarge();
    }
  }
  for (unsigned i = 0; i < size; ++i)
    for (unsigned j = 0; j < size; ++j)
      if (!isInRing(inverse.at(i, j), ring))
        return makeError("the inverse of basis matrix {0} leaves ring {1}: "
                         "entry [{2},{3}] is {4}",
                         name, stringifyRing(ring), i, j,
                         toString(inverse.at(i, j)));
  return inverse;
}

/// Every row X of `factor`, a matrix, becomes left X right. Nothing on
/// overflow.
std::optional<Factor> sandwich(const Factor &left, const Factor &factor,
                               const Factor &right, Ring ring) {
  unsigned rows = left.rows(), columns = right.columns();
  Factor result(factor.rows(), rows * columns);
  for (unsigned t = 0; t < factor.rows(); ++t)
    for (unsigned x = 0; x < factor.columns(); ++x) {
      const Rational &value = factor.at(t, x);
      if (value.isZero())
        continue;
      unsigned p = x / columns, q = x % columns;
      for (unsigned i = 0; i < rows; ++i)
        for (unsigned j = 0; j < columns; ++j) {
          auto scaled = multiply(left.at(i, p), value);
          auto term = scaled ? multiply(*scaled, right.at(q, j)) : std::nullopt;
          Rational &target = result.at(t, i * columns + j);
          auto sum = term ? add(target, *term) : std::nullopt;
          if (!sum)
            return std::nullopt;
          target = reduce(*sum, ring);
        }
    }
  return result;
}

Error checkBasis(const Factor &matrix, unsigned size, Ring ring,
                 const char *name) {
  if (matrix.rows() != size || matrix.columns() != size)
    return makeError("expected basis matrix {0} to be {1} x {1} but got "
                     "{2} x {3}",
                     name, size, matrix.rows(), matrix.columns());
  for (unsigned i = 0; i < size; ++i)
    for (unsigned j = 0; j < size; ++j)
      if (!isInRing(matrix.at(i, j), ring) ||
          reduce(matrix.at(i, j), ring) != matrix.at(i, j))
        return makeError("expected basis matrix {0} over ring {1} but entry "
                         "[{2},{3}] is {4}",
                         name, stringifyRing(ring), i, j,
                         toString(matrix.at(i, j)));
  return Error::success();
}

/// Copies the rows of `source` (matrices of `sourceColumns` columns) into rows
/// of `target` from `firstRow` on, displaced to (rowOffset, columnOffset).
void place(const Factor &source, unsigned sourceColumns, Factor &target,
           unsigned targetColumns, unsigned firstRow, unsigned rowOffset,
           unsigned columnOffset) {
  for (unsigned t = 0; t < source.rows(); ++t)
    for (unsigned x = 0; x < source.columns(); ++x)
      target.at(firstRow + t, (x / sourceColumns + rowOffset) * targetColumns +
                                  x % sourceColumns + columnOffset) =
          source.at(t, x);
}

} // namespace

Expected<Scheme> tensorProduct(const Scheme &outer, const Scheme &inner) {
  Expected<Ring> ring = commonRing(outer, inner);
  if (!ring)
    return ring.takeError();
  uint64_t rank = uint64_t(outer.rank()) * inner.rank();
  if (Error error =
          checkSize(uint64_t(outer.m) * inner.m, uint64_t(outer.k) * inner.k,
                    uint64_t(outer.n) * inner.n, std::max<uint64_t>(rank, 1)))
    return error;
  auto u = kronecker(outer.u, outer.k, inner.u, inner.k);
  auto v = kronecker(outer.v, outer.n, inner.v, inner.n);
  auto w = kronecker(outer.w, outer.n, inner.w, inner.n);
  if (!u || !v || !w)
    return overflow(outer);
  Scheme result;
  result.m = outer.m * inner.m;
  result.k = outer.k * inner.k;
  result.n = outer.n * inner.n;
  result.ring = *ring;
  result.u = std::move(*u);
  result.v = std::move(*v);
  result.w = std::move(*w);
  result.name = describeShape(result);
  result.provenance = {{"derived", "tensor product of '" + outer.name +
                                       "' and '" + inner.name + "'"}};
  return result;
}

// With D = C^T, the trilinear form sum_t u(A) v(B) w(D^T) is symmetric under
// A -> B -> D -> A; W's rows are matrices of D^T.
Scheme rotate(const Scheme &scheme) {
  Scheme result;
  result.m = scheme.k;
  result.k = scheme.n;
  result.n = scheme.m;
  result.ring = scheme.ring;
  result.u = scheme.v;
  result.v = transposeRows(scheme.w, scheme.n);
  result.w = transposeRows(scheme.u, scheme.k);
  result.name = describeShape(result);
  result.provenance = derived(scheme, "rotation of");
  return result;
}

Scheme transpose(const Scheme &scheme) {
  Scheme result;
  result.m = scheme.n;
  result.k = scheme.k;
  result.n = scheme.m;
  result.ring = scheme.ring;
  result.u = transposeRows(scheme.v, scheme.n);
  result.v = transposeRows(scheme.u, scheme.k);
  result.w = transposeRows(scheme.w, scheme.n);
  result.name = describeShape(result);
  result.provenance = derived(scheme, "transpose of");
  return result;
}

// With A' = P A Q^-1, B' = Q B R^-1 and C' = P C R^-1 the products are those of
// u(A') v(B'), and C = P^-1 C' R. Row by row that is
//   U -> P^T U Q^-T,  V -> Q^T V R^-T,  W -> P^-1 W R.
Expected<Scheme> changeBasis(const Scheme &scheme, const Factor &p,
                             const Factor &q, const Factor &r) {
  Ring ring = scheme.ring;
  if (Error error = checkBasis(p, scheme.m, ring, "P"))
    return error;
  if (Error error = checkBasis(q, scheme.k, ring, "Q"))
    return error;
  if (Error error = checkBasis(r, scheme.n, ring, "R"))
    return error;
  Expected<Factor> pInverse = invert(p, ring, "P");
  if (!pInverse)
    return pInverse.takeError();
  Expected<Factor> qInverse = invert(q, ring, "Q");
  if (!qInverse)
    return qInverse.takeError();
  Expected<Factor> rInverse = invert(r, ring, "R");
  if (!rInverse)
    return rInverse.takeError();

  auto u =
      sandwich(transposeMatrix(p), scheme.u, transposeMatrix(*qInverse), ring);
  auto v =
      sandwich(transposeMatrix(q), scheme.v, transposeMatrix(*rInverse), ring);
  auto w = sandwich(*pInverse, scheme.w, r, ring);
  if (!u || !v || !w)
    return overflow(scheme);
  Scheme result = scheme;
  result.u = std::move(*u);
  result.v = std::move(*v);
  result.w = std::move(*w);
  result.provenance = derived(scheme, "change of basis of");
  return result;
}

Expected<Scheme> blockSum(const Scheme &first, const Scheme &second,
                          BlockSumAxis axis) {
  bool isAlongM = axis == BlockSumAxis::M, isAlongK = axis == BlockSumAxis::K,
       isAlongN = axis == BlockSumAxis::N;
  if (first.ring != second.ring)
    return makeError("expected two schemes over one ring but got '{0}' over "
                     "{1} and '{2}' over {3}",
                     first.name, stringifyRing(first.ring), second.name,
                     stringifyRing(second.ring));
  if ((!isAlongM && first.m != second.m) ||
      (!isAlongK && first.k != second.k) || (!isAlongN && first.n != second.n))
    return makeError("schemes '{0}' and '{1}' cannot be put side by side along "
                     "{2}: their other dimensions differ",
                     first.name, second.name,
                     isAlongM   ? "m"
                     : isAlongK ? "k"
                                : "n");
  unsigned m0 = isAlongM ? first.m : 0, k0 = isAlongK ? first.k : 0,
           n0 = isAlongN ? first.n : 0;
  Scheme result;
  result.m = m0 + second.m;
  result.k = k0 + second.k;
  result.n = n0 + second.n;
  result.ring = first.ring;
  unsigned rank = first.rank() + second.rank(), split = first.rank();
  if (Error error =
          checkSize(result.m, result.k, result.n, std::max<uint64_t>(rank, 1)))
    return error;
  result.u = Factor(rank, result.m * result.k);
  result.v = Factor(rank, result.k * result.n);
  result.w = Factor(rank, result.m * result.n);
  place(first.u, first.k, result.u, result.k, 0, 0, 0);
  place(first.v, first.n, result.v, result.n, 0, 0, 0);
  place(first.w, first.n, result.w, result.n, 0, 0, 0);
  place(second.u, second.k, result.u, result.k, split, m0, k0);
  place(second.v, second.n, result.v, result.n, split, k0, n0);
  place(second.w, second.n, result.w, result.n, split, m0, n0);
  result.name = describeShape(result);
  result.provenance = {{"derived", "block sum of '" + first.name + "' and '" +
                                       second.name + "'"}};
  return result;
}

/// Whether every column of the rows x columns matrix in a factor's row t is a
/// multiple of `vector`, whose entries are 0 and 1.
static bool isMultiple(const Factor &factor, unsigned t, unsigned columns,
                       ArrayRef<int> vector) {
  unsigned pivot = unsigned(llvm::find(vector, 1) - vector.begin());
  for (unsigned row = 0; row < vector.size(); ++row)
    for (unsigned column = 0; column < columns; ++column) {
      const Rational &value = factor.at(t, row * columns + column);
      if (vector[row] ? value != factor.at(t, pivot * columns + column)
                      : !value.isZero())
        return false;
    }
  return true;
}

/// Whether nothing of product t is left by a cut.
static bool isCutAway(const Scheme &scheme, unsigned t, ArrayRef<int> h,
                      ArrayRef<int> d) {
  return isMultiple(scheme.u, t, scheme.k, h) ||
         isMultiple(scheme.w, t, scheme.n, d);
}

unsigned rankOfCut(const Scheme &scheme, ArrayRef<int> h, ArrayRef<int> d) {
  unsigned rank = 0;
  for (unsigned t = 0; t < scheme.rank(); ++t)
    rank += !isCutAway(scheme, t, h, d);
  return rank;
}

/// The unit matrix.
static Factor identityMatrix(unsigned size) {
  Factor matrix(size, size);
  for (unsigned i = 0; i < size; ++i)
    matrix.at(i, i) = Rational{1, 1};
  return matrix;
}

/// A basis of what h is zero on, and d behind it, as columns.
static Factor basisOfCut(ArrayRef<int> h, ArrayRef<int> d, unsigned pivot) {
  unsigned size = unsigned(h.size());
  Factor basis(size, size);
  unsigned column = 0;
  for (unsigned l = 0; l < size; ++l) {
    if (l == pivot)
      continue;
    for (unsigned j = 0; j < size; ++j)
      basis.at(j, column) =
          Rational{j == pivot ? -h[l] : int(j == l) - d[j] * h[l], 1};
    ++column;
  }
  for (unsigned j = 0; j < size; ++j)
    basis.at(j, column) = Rational{d[j], 1};
  return basis;
}

Expected<Scheme> cutRows(const Scheme &scheme, ArrayRef<int> h,
                         ArrayRef<int> d) {
  int product = 0;
  std::optional<unsigned> pivot;
  for (unsigned i = 0; i < std::min(h.size(), d.size()); ++i) {
    product += h[i] * d[i];
    if (h[i] == 1 && d[i] == 1)
      pivot = i;
  }
  auto isBit = [](int value) { return value == 0 || value == 1; };
  bool isOne = scheme.ring == Ring::Z2 ? product % 2 == 1 : product == 1;
  if (scheme.m < 2 || h.size() != scheme.m || d.size() != scheme.m ||
      !all_of(h, isBit) || !all_of(d, isBit) || !isOne)
    return makeError(
        "expected {0} numbers 0 or 1 in 'h' and in 'd', with h d = "
        "1, to cut '{1}'",
        scheme.m, scheme.name);
  Factor basis = basisOfCut(h, d, *pivot);
  for (unsigned row = 0; row < scheme.m; ++row)
    for (unsigned column = 0; column < scheme.m; ++column)
      basis.at(row, column) = reduce(basis.at(row, column), scheme.ring);
  Expected<Scheme> turned = changeBasis(scheme, basis, identityMatrix(scheme.k),
                                        identityMatrix(scheme.n));
  if (!turned)
    return turned.takeError();
  SmallVector<unsigned> left;
  for (unsigned t = 0; t < scheme.rank(); ++t)
    if (!isCutAway(scheme, t, h, d))
      left.push_back(t);
  Scheme result = *turned;
  result.m = scheme.m - 1;
  auto keep = [&](const Factor &from, unsigned columns) {
    Factor factor(unsigned(left.size()), columns);
    for (unsigned row = 0; row < left.size(); ++row)
      for (unsigned column = 0; column < columns; ++column)
        factor.at(row, column) = from.at(left[row], column);
    return factor;
  };
  result.u = keep(turned->u, result.m * result.k);
  result.v = keep(turned->v, result.k * result.n);
  result.w = keep(turned->w, result.m * result.n);
  result.name = describeShape(result);
  result.provenance = derived(scheme, "cut of");
  return result;
}

Scheme classicalScheme(unsigned m, unsigned k, unsigned n) {
  Scheme result;
  result.m = m;
  result.k = k;
  result.n = n;
  unsigned rank = m * k * n, product = 0;
  result.u = Factor(rank, m * k);
  result.v = Factor(rank, k * n);
  result.w = Factor(rank, m * n);
  for (unsigned i = 0; i < m; ++i)
    for (unsigned j = 0; j < k; ++j)
      for (unsigned l = 0; l < n; ++l, ++product) {
        result.u.at(product, i * k + j) = Rational{1, 1};
        result.v.at(product, j * n + l) = Rational{1, 1};
        result.w.at(product, i * n + l) = Rational{1, 1};
      }
  result.name = describeShape(result);
  result.provenance = {{"source", "the definition of the matrix product"}};
  return result;
}

} // namespace sevenfold
