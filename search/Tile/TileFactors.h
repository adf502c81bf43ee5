//===- TileFactors.h - Approximate schemes by least squares -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A decomposition of rank r that misses the tensor T of <t,t,t> by as little as
// it can:
//
//   min |T - sum_c u_c x v_c x w_c|^2
//       + lambda sum_c (|u_c|^2 + |v_c|^2 + |w_c|^2)
//
// by solving for one factor at a time. Below the rank of T a least residual is
// often the limit of terms that grow without bounds and cancel (border rank:
// Bini, Capovani, Lotti and Romani, "O(n^2.7799) complexity for n x n
// approximate matrix multiplication", 1979); lambda holds them.
//
// Data are told by second moments of tiles: with x = A z for z white and S_A =
// A A^T, an error in T(x, y) is one of T x_1 A x_2 B in T(z, z'), so that the
// modes of T are scaled by their square roots before, and u and v by the
// inverses after.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TILEFACTORS_H
#define SEVENFOLD_SEARCH_TILE_TILEFACTORS_H

#include "sevenfold/Scheme/Scheme.h"
#include "sevenfold/Support/Random.h"

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace sevenfold {

/// A square matrix by rows: the moment of tiles, its root or that's inverse.
using SquareMatrix = std::vector<double>;

/// What is to be approximated: the tensor of <t,t,t>, its first two modes
/// scaled.
class TileTarget {
public:
  /// Of white data.
  explicit TileTarget(unsigned tile);
  /// Of data with these second moments (t^2 x t^2, symmetric), which are shrunk
  /// towards white by a thousandth of their mean.
  TileTarget(unsigned tile, const SquareMatrix &momentsA,
             const SquareMatrix &momentsB);

  struct Entry {
    std::array<unsigned, 3> place;
    double value;
  };

  unsigned tile, places; ///< t and t^2
  std::vector<Entry> entries;
  double squaredNorm = 0;
  /// Whether nothing was scaled.
  bool isWhite = true;
  /// What factors u and v of T itself are multiplied by to be of the target,
  /// and the inverse, where it was.
  std::array<SquareMatrix, 2> roots, inverseRoots;
};

/// What is added to a squared residual for factors to stay small: `lengths`
/// times the sum of |u|^2 + |v|^2 + |w|^2, `products` times that of |u|^2 |v|^2
/// |w|^2. The former is the weaker the larger a term is; the latter is what
/// growth is a sum of.
struct TilePenalty {
  double lengths = 0, products = 0;
};

/// Whether long work is to end.
using IsOver = std::function<bool()>;

/// The terms of a decomposition.
class TileFactors {
public:
  TileFactors() = default;
  TileFactors(unsigned places, unsigned rank) : places(places), rank(rank) {
    for (std::vector<double> &mode : values)
      mode.resize(size_t(places) * rank);
  }

  unsigned places = 0, rank = 0;
  /// u, v and w: entry e of term c at c * places + e.
  std::array<std::vector<double>, 3> values;

  double *term(unsigned mode, unsigned c) {
    return values[mode].data() + size_t(c) * places;
  }
  const double *term(unsigned mode, unsigned c) const {
    return values[mode].data() + size_t(c) * places;
  }
  /// Adds normal noise to everything.
  void perturb(double deviation, Random &random);
  void append(unsigned terms, double deviation, Random &random);
  void remove(unsigned c);
  /// Makes the factors of every term equally long.
  void balance();
  /// The term with the c-th least product of lengths.
  unsigned smallest(unsigned c) const;
  double penaltyOf(const TilePenalty &penalty) const;

  /// Solves for each factor once.
  void sweep(const TileTarget &target, const TilePenalty &penalty);
  /// |T - sum|^2.
  double residual(const TileTarget &target) const;

  /// Sweeps until the objective, which is returned, falls by less than
  /// `tolerance` in 25 of them, `sweeps` are done, or it is over. Steps are
  /// lengthened where that helps; what is left is balanced. Infinity where the
  /// numbers have run away.
  double settle(const TileTarget &target, const TilePenalty &penalty,
                int sweeps, double tolerance, const IsOver &isOver = {});

private:
  void solve(const TileTarget &target, unsigned mode,
             const TilePenalty &penalty);
};

/// The Kronecker product of terms of <a,a,a> and <b,b,b>, of <ab,ab,ab>.
TileFactors kroneckerProduct(const TileFactors &outer, const TileFactors &inner,
                             unsigned outerTile, unsigned innerTile);

/// "4x4x4-r24-tile".
std::string tileSchemeName(unsigned tile, unsigned rank);

TileFactors factorsOf(const Scheme &scheme);
/// The scheme of factors that were fitted to a target, over R, each coefficient
/// rounded to f32.
Scheme schemeOf(const TileFactors &factors, const TileTarget &target);

/// Frobenius growth over t (TileOperator::growth) of factors of T itself.
double relativeGrowth(const TileFactors &factors, unsigned tile);

/// Turns the basis of A's rows, of the inner dimension and of B's columns by
/// orthogonal matrices, which leaves the residual for white data as it is, such
/// that the growth becomes less: one plane after another, by ever smaller
/// angles.
void reduceGrowth(TileFactors &factors, unsigned tile);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TILEFACTORS_H
