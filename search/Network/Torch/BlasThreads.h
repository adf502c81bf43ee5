//===- BlasThreads.h - One thread of LibTorch's BLAS ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Debian's LibTorch multiplies by an OpenBLAS with threads of its own. Several
// callers of it at once wait for each other, and its threads spin meanwhile:
// what shares work among threads itself has to turn them off.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_TORCH_BLASTHREADS_H
#define SEVENFOLD_SEARCH_NETWORK_TORCH_BLASTHREADS_H

namespace sevenfold {

/// Until somebody sets another number: products of the search's own
/// (Tile/Matrix.h) may be by the same library. Cheap enough for every step.
void useOneBlasThread();

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_TORCH_BLASTHREADS_H
