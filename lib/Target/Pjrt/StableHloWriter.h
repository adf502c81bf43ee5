//===- StableHloWriter.h - Operations of StableHLO as text ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// StableHLO has no package in Debian, and its text is read by every plugin: it
// is written here, a method an operation, in the form its documents print. Only
// what reads the same in all versions since 1.13 is used. There is no
// concatenation of blocks of C among it: XLA's CPU compiler copies what is
// concatenated, and XLA's TPU compiler turns the layout of the whole around.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOWRITER_H
#define SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOWRITER_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/Types.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <map>
#include <string>

namespace sevenfold {

/// A value of the text.
struct HloTensor {
  std::string name; ///< "%7"
  llvm::SmallVector<int64_t> dims;
  mlir::Type element;

  int64_t rank() const { return int64_t(dims.size()); }
};

/// How exactly products of f32 are to be computed.
enum class HloPrecision { Default, High, Highest };

/// Which dimensions of the operands of a product belong together.
struct DotDimensions {
  llvm::SmallVector<int64_t> batchA, batchB, contractedA, contractedB;
};

/// Writes the body of a function. Every method but `text` and `name` appends
/// an operation and returns its result; nothing is checked.
class StableHloWriter {
public:
  HloTensor constant(mlir::Attribute value, llvm::ArrayRef<int64_t> dims,
                     mlir::Type element);
  /// One number everywhere.
  HloTensor splat(double value, llvm::ArrayRef<int64_t> dims,
                  mlir::Type element);
  /// The same of a number that compilers are not to see: XLA makes c x + c y to
  /// c (x + y) where c is a power of two, and x + y may overflow.
  HloTensor opaqueSplat(double value, llvm::ArrayRef<int64_t> dims,
                        mlir::Type element);
  /// An operation on operands of one shape with a result of that shape:
  /// `add`, `multiply`, `exponential`, ..
  HloTensor elementwise(llvm::StringRef operation,
                        llvm::ArrayRef<HloTensor> operands);
  HloTensor convert(const HloTensor &operand, mlir::Type element);
  /// `direction`: EQ, LT, ..; `kind`: FLOAT, SIGNED, UNSIGNED.
  HloTensor compare(llvm::StringRef direction, llvm::StringRef kind,
                    const HloTensor &left, const HloTensor &right);
  HloTensor select(const HloTensor &condition, const HloTensor &yes,
                   const HloTensor &no);
  HloTensor iota(int64_t dimension, llvm::ArrayRef<int64_t> dims,
                 mlir::Type element);

  HloTensor slice(const HloTensor &operand, llvm::ArrayRef<int64_t> starts,
                  llvm::ArrayRef<int64_t> sizes,
                  llvm::ArrayRef<int64_t> strides);
  /// `target` with `part` at `starts`.
  HloTensor update(const HloTensor &target, const HloTensor &part,
                   llvm::ArrayRef<int64_t> starts);
  HloTensor pad(const HloTensor &operand, const HloTensor &value,
                llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high);
  HloTensor reshape(const HloTensor &operand, llvm::ArrayRef<int64_t> dims);
  HloTensor transpose(const HloTensor &operand,
                      llvm::ArrayRef<int64_t> permutation);
  /// Dimension i of the operand becomes dimension `places[i]`.
  HloTensor broadcast(const HloTensor &operand, llvm::ArrayRef<int64_t> places,
                      llvm::ArrayRef<int64_t> dims);
  /// Tensors of one shape, one behind the other in a new first dimension.
  HloTensor stack(llvm::ArrayRef<HloTensor> operands);
  /// Batch dimensions, the rest of A's, the rest of B's.
  HloTensor dot(const HloTensor &a, const HloTensor &b,
                const DotDimensions &dimensions, mlir::Type element,
                HloPrecision precision);
  /// Over dimensions, from `start`, of rank 0, on.
  HloTensor reduce(llvm::StringRef operation, const HloTensor &operand,
                   const HloTensor &start, llvm::ArrayRef<int64_t> dimensions);

  const std::string &text() const { return body; }

  /// "tensor<2x3xf32>".
  static std::string type(llvm::ArrayRef<int64_t> dims, mlir::Type element);
  static std::string type(const HloTensor &tensor) {
    return type(tensor.dims, tensor.element);
  }

private:
  HloTensor append(const std::string &text, llvm::ArrayRef<int64_t> dims,
                   mlir::Type element);
  /// The number of a place, once.
  const HloTensor &index(int64_t value);

  std::string body;
  unsigned count = 0;
  std::map<int64_t, HloTensor> indices;
  std::map<double, HloTensor> opaques; ///< of rank 0, of f32
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOWRITER_H
