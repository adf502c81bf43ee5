//===- TensorFamilies.h - Tensors worth decomposing -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bilinear maps other than the matrix product, tensors of a planted rank, and
// any of them in a basis nobody knows: targets for searches that know no more
// than the rules.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_GAME_TENSORFAMILIES_H
#define SEVENFOLD_SEARCH_GAME_TENSORFAMILIES_H

#include "search/Frame/TargetTensor.h"
#include "sevenfold/Support/Random.h"

namespace sevenfold {

/// y = A x for skew-symmetric n x n matrices A, given by the entries above
/// their diagonal, row by row: shape [n (n - 1) / 2, n, n], n >= 2.
TargetTensor skewSymmetricTensor(unsigned n, Ring ring);

/// The entries on and above the diagonal of X X^T, row by row, for n x k
/// matrices X, as a bilinear map of X and X^T that does not know the two are
/// the same: shape [n k, n k, n (n + 1) / 2].
TargetTensor gramTensor(unsigned n, unsigned k, Ring ring);

/// The sum of `rank` random terms, whose entries are zero with probability 1/2
/// over Z2 and 0.8 over Z.
TargetTensor plantedTensor(std::array<unsigned, 3> shape, unsigned rank,
                           Ring ring, Random &random);

/// The tensor in a random basis of each mode; no longer a matrix
/// multiplication by its type. Over Z, entries stay integers.
TargetTensor inRandomBasis(const TargetTensor &target, Random &random);

/// Writes a "sevenfold-tensor/1" file.
[[nodiscard]] llvm::Error writeTensor(const TargetTensor &target,
                                      llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_GAME_TENSORFAMILIES_H
