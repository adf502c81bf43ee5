//===- TileSearch.h - The best factors of a rank ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks for an approximate <t,t,t;r> of least residual among those whose growth
// is bounded. Least squares end in the nearest of very many minima, so that
// where they start decides (Ailon et al., arXiv 2503.12211, section 4, say so
// of training), and how they leave a minimum:
//
//   start   an exact scheme with more terms, cut to the rank a term at a time,
//           the others being fitted in between; or random numbers
//   hop     a few random terms more, fitted, and the smallest cut again
//   end     with less and less regularisation, as far as the growth allows
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TILESEARCH_H
#define SEVENFOLD_SEARCH_TILE_TILESEARCH_H

#include "search/Tile/TileFactors.h"
#include "sevenfold/Support/Budget.h"
#include "sevenfold/Support/Interrupted.h"

#include <functional>
#include <optional>
#include <string>

namespace sevenfold {

/// Where a search starts.
///   Scheme:     from schemes of the catalogue, and products of two
///   Polynomial: from products of polynomials evaluated at few points
///   Random:     from random numbers
enum class TileStart { Scheme, Polynomial, Random };

llvm::StringRef stringifyTileStart(TileStart start);
std::optional<TileStart> parseTileStart(llvm::StringRef text);

struct TileSearchOptions {
  unsigned rank = 0;
  TileStart start = TileStart::Scheme;
  /// Starts from this one alone.
  std::optional<Scheme> scheme;
  /// Of TileOperator::growth.
  double maxGrowth = 64;
  uint64_t seed = 0;
  unsigned threads = 1;
  /// Told what the search is at, now and then.
  std::function<void(const std::string &)> progress;
  StopRequest interrupted;
};

/// What was found.
struct TileSearchResult {
  Scheme scheme; ///< over R, rounded to f32
  /// The squared relative error, |T - sum|^2 / |T|^2, of the rounded scheme in
  /// the target's scaling.
  double squaredError = 0;
  double growth = 0; ///< as TileOperator::growth
  int64_t hops = 0;
};

/// Searches until the budget ends or a decomposition is exact; a hop is a step.
/// Always returns something: even without time, a start. Fails where no scheme
/// of the tile's format is known, or on one of another format.
llvm::Expected<TileSearchResult> searchTile(const TileTarget &target,
                                            const TileSearchOptions &options,
                                            Budget &budget);

/// The terms of products of polynomials for a tile: for each of the three
/// dimensions the elements' indices are exponents, and terms are evaluations at
/// 0, 1, -1 and infinity (Toom, "The complexity of a scheme of functional
/// elements realizing the multiplication of integers", 1963; Karatsuba and
/// Ofman, 1962), a prime factor of the size at a time. Of those, `rank` that
/// take most of what is left of the target, one after another.
TileFactors polynomialStart(const TileTarget &target, unsigned rank,
                            Random &random);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TILESEARCH_H
