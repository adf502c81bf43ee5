//===- Scheme.h - Bilinear matrix multiplication schemes --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The scheme <m,k,n;r>: coefficient matrices U (r x mk), V (r x kn), W (r x mn)
// over a ring with
//
//   C[i,l] = sum_t W[t,(i,l)] (sum_a U[t,a] A[a]) (sum_b V[t,b] B[b])
//
// for every A (m x k), B (k x n), C (m x n), all row-major, C not transposed.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_SCHEME_H
#define SEVENFOLD_SCHEME_SCHEME_H

#include "sevenfold/Scheme/Rational.h"

#include "llvm/ADT/StringRef.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace sevenfold {

/// Z: integers; Q: fractions; Z2: integers modulo 2; R: decimals, approximate.
enum class Ring { Z, Q, Z2, R };

llvm::StringRef stringifyRing(Ring ring);
std::optional<Ring> parseRing(llvm::StringRef text);

/// A dense coefficient matrix, one row per product. Decimals of ring R are held
/// as the fractions they denote.
class Factor {
public:
  Factor() = default;
  Factor(unsigned rows, unsigned columns)
      : rows_(rows), columns_(columns), values(size_t(rows) * columns) {}

  unsigned rows() const { return rows_; }
  unsigned columns() const { return columns_; }
  const Rational &at(unsigned row, unsigned column) const {
    return values[size_t(row) * columns_ + column];
  }
  Rational &at(unsigned row, unsigned column) {
    return values[size_t(row) * columns_ + column];
  }
  /// Number of entries that are not zero.
  unsigned nonzeros() const;
  bool operator==(const Factor &other) const;

private:
  unsigned rows_ = 0, columns_ = 0;
  std::vector<Rational> values;
};

/// Where a scheme comes from: free text pairs sorted by key ("citation",
/// "seed", "source", ..).
using Provenance = std::vector<std::pair<std::string, std::string>>;

/// A bilinear scheme. Plain data: exactness is asked of `verify`.
struct Scheme {
  std::string name;
  unsigned m = 0, k = 0, n = 0;
  Ring ring = Ring::Z;
  Factor u, v, w;
  Provenance provenance;

  unsigned rank() const { return u.rows(); }
};

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_SCHEME_H
