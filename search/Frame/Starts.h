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
/// catalogue's and `more` schemes, of the least rank.
Scheme composedScheme(unsigned m, unsigned k, unsigned n, Ring ring,
                      llvm::ArrayRef<Scheme> more = {});

/// The starts of that name: "classical", "composed" (matrix multiplications
/// only), "symmetric" (none, see createFlipGraphStrategy) or the path of a
/// scheme file. Fails on a file that is no decomposition of the target.
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
