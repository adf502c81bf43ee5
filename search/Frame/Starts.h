//===- Starts.h - Where a search starts from --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decompositions that are known before a search: the classical one, those that
// smaller schemes of the catalogue compose to, and files.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_STARTS_H
#define SEVENFOLD_SEARCH_FRAME_STARTS_H

#include "search/Frame/SearchStrategy.h"

namespace sevenfold {

/// The scheme of format <m,k,n> that block sums and tensor products make of the
/// catalogue's and `more` schemes, of the least rank. Over Z of those with
/// coefficients -1, 0 and 1 only: what walks can start from.
Scheme composedScheme(unsigned m, unsigned k, unsigned n, Ring ring,
                      llvm::ArrayRef<Scheme> more = {});

/// What extends composed schemes of smaller formats to <m,k,n> by a slice of
/// thickness 1, along each dimension, and the tensor products of two smaller
/// formats, whatever is known of <m,k,n> itself: those of the least rank and up
/// to four more, lowest first. <1,1,1> has none.
std::vector<Scheme> extendedSchemes(unsigned m, unsigned k, unsigned n,
                                    Ring ring,
                                    llvm::ArrayRef<Scheme> more = {});

/// What is left of the best known schemes of the formats that are larger by one
/// in one dimension (the catalogue's and `more`, nothing composed) when a slice
/// is cut off, in the bases where that leaves the fewest products and up to
/// four more, lowest first, at most 64. None where no such format is known.
std::vector<Scheme> projectedSchemes(unsigned m, unsigned k, unsigned n,
                                     Ring ring,
                                     llvm::ArrayRef<Scheme> more = {});

/// The catalogue's schemes of the target over Z with coefficients -1, 0 and 1
/// that have this rank, and the tensor products of two of its schemes that do,
/// each variant of them: neighbours of different kinds to begin at where rank
/// is not the question.
std::vector<Scheme> knownSchemes(const TargetTensor &target, unsigned rank);

/// Whether the starts of that name depend on the schemes that are known.
bool isMadeOfKnownSchemes(llvm::StringRef name);

/// The starts of that name: "classical", "composed", "extended" and "projected"
/// (matrix multiplications only), "symmetric" (none, see
/// createFlipGraphStrategy) or the path of a scheme file. Fails on a file that
/// is no decomposition of the target.
llvm::Expected<std::vector<Scheme>>
resolveStarts(const TargetTensor &target, llvm::StringRef name,
              llvm::ArrayRef<Scheme> more = {});

/// The task of decomposing `target` from the starts of that name, with one
/// thread, seed 0 and no target rank. Fails as resolveStarts does.
llvm::Expected<SearchTask> makeTask(TargetTensor target,
                                    const std::string &start,
                                    llvm::ArrayRef<Scheme> more = {});

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_STARTS_H
