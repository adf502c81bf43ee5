//===- TargetTensor.h - What is to be decomposed ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor of order three with integer entries: that of a matrix
// multiplication, or any other from a file.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_TARGETTENSOR_H
#define SEVENFOLD_SEARCH_FRAME_TARGETTENSOR_H

#include "sevenfold/Scheme/Scheme.h"

#include "llvm/Support/Error.h"

#include <array>
#include <string>
#include <vector>

namespace sevenfold {

/// Largest dimension of a format to search for: tensors grow with the sixth
/// power.
constexpr unsigned kMaxTensorDimension = 8;

struct TargetTensor {
  Ring ring = Ring::Z;
  std::array<unsigned, 3> shape = {};
  /// Row-major; modulo 2 over Z2.
  std::vector<int64_t> values;
  /// m, k, n of a matrix multiplication; zeros for other tensors.
  std::array<unsigned, 3> dims = {};

  bool isMatmul() const { return dims[0] != 0; }
  int64_t at(unsigned a, unsigned b, unsigned c) const {
    return values[(size_t(a) * shape[1] + b) * shape[2] + c];
  }
  /// "4x4x4" of a multiplication, "tensor 6x9x6" else.
  std::string str() const;
};

/// The tensor of C = A B: entry (A[i,j], B[j,l], C[i,l]) is 1.
TargetTensor matmulTensor(unsigned m, unsigned k, unsigned n, Ring ring);

/// Reads a "sevenfold-tensor/1" file. Fails, naming the place, on anything
/// else, on entries that are no integers of the ring, and on shapes beyond
/// kMaxSchemeBlocks.
llvm::Expected<TargetTensor> readTensor(llvm::StringRef path);

/// The decomposition into one term for every fibre along the third mode that is
/// not zero: of a multiplication, the classical algorithm.
Scheme fibreDecomposition(const TargetTensor &target);

/// Empty where the scheme is of the tensor's ring and its terms add up to the
/// tensor there, else the first entry that they miss.
std::string findWrongEntry(const TargetTensor &target, const Scheme &scheme);

/// A proven lower bound of the rank over Z2, and so over Z. Multiplications:
/// the classical rank where a dimension is 1; <2,2,n> needs ceil(7n/2)
/// (Hopcroft and Kerr, "On minimizing the number of multiplications necessary
/// for matrix multiplication", 1971); <n,m,n> with m >= n >= 3 needs 2mn + 2n -
/// m - 2 (Blaser, "On the complexity of the multiplication of matrices of small
/// formats", 2003). Of other tensors no more is known than whether they are 0.
unsigned rankLowerBound(const TargetTensor &target);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_TARGETTENSOR_H
