//===- GemmKernels.h - The kernels of a product -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the kernels on fused multiply-adds and on tensor cores share: the tile
// of a block, and access to matrices whose ends tiles stick out of.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMKERNELS_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMKERNELS_H

#include "GemmTiles.h"
#include "GpuKernels.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/Builders.h"

namespace sevenfold {

/// A block of an operand in device memory as it is stored.
struct GemmMatrix {
  mlir::Value buffer;
  int64_t rows, columns;
  /// Whether tiles reach beyond the last row or column.
  bool rowsEnd, columnsEnd;
  double coefficient; ///< in the operand's sum; of C: of the product in it
  bool accumulates;   ///< of C: whether it is added to

  mlir::Type elementType() const {
    return mlir::cast<mlir::MemRefType>(buffer.getType()).getElementType();
  }
};

/// The blocks of an operand: terms of a sum, or destinations.
using GemmMatrices = llvm::SmallVector<GemmMatrix>;

/// Emits pieces of a kernel for `product` with `buffers` (A, B and C) in the
/// place of its operands.
class GemmKernelEmitter {
public:
  GemmKernelEmitter(mlir::OpBuilder &builder, const GemmProduct &product,
                    mlir::ValueRange buffers, const GemmTile &tile,
                    GemmAlignment alignment);

protected:
  /// Emits the number of this thread, and where its block's tile of C starts.
  void emitPlace();
  /// `width` neighbouring elements, zeros beyond the end; in one access where
  /// operands are aligned. `column` is a multiple of `width`.
  mlir::Value load(const GemmMatrix &matrix, mlir::Value row,
                   mlir::Value column, int64_t width);
  /// `load` of every term of a sum. What this returns is what a thread keeps
  /// while the loads are under way: the terms themselves, as long as they are
  /// no more than `most`; else their sum, which waits for them.
  llvm::SmallVector<mlir::Value> loadTerms(llvm::ArrayRef<GemmMatrix> terms,
                                           mlir::Value row, mlir::Value column,
                                           int64_t width, size_t most);
  /// The sum of what `loadTerms` returned, in the type that products are summed
  /// up in.
  mlir::Value sumTerms(llvm::ArrayRef<GemmMatrix> terms,
                       mlir::ValueRange loaded);
  /// Every block of C (+)= its coefficient times `sums`, a vector of
  /// neighbours, as far as there is a C.
  void store(mlir::Value sums, mlir::Value row, mlir::Value column);
  /// A buffer in the shared memory of `kernel`, on 128 bytes.
  mlir::Value share(mlir::gpu::GPUFuncOp kernel, mlir::ArrayRef<int64_t> shape,
                    mlir::Type element);

  /// Emits the loop over the tiles along k, which carries `sums`: `body` makes
  /// those after a step from its number and those before it.
  mlir::ValueRange emitSteps(mlir::ValueRange sums,
                             llvm::function_ref<llvm::SmallVector<mlir::Value>(
                                 mlir::Value step, mlir::ValueRange before)>
                                 body);
  /// Runs `body` where `condition` holds, or always where it is null.
  void emitIf(mlir::Value condition, llvm::function_ref<void()> body);
  /// What `body` returns where `condition` holds (null: always), or zeros.
  mlir::Value emitOrZero(mlir::Value condition, mlir::Type type,
                         llvm::function_ref<mlir::Value()> body);

  mlir::Value index(int64_t value);
  /// A number of the type of `other`, as are those below.
  mlir::Value like(mlir::Value other, int64_t value);
  mlir::Value zero(mlir::Type type);
  mlir::Value plus(mlir::Value left, mlir::Value right);
  mlir::Value plus(mlir::Value left, int64_t right);
  mlir::Value times(mlir::Value left, int64_t right);
  mlir::Value quotient(mlir::Value left, int64_t right);
  mlir::Value rest(mlir::Value left, int64_t right);
  mlir::Value below(mlir::Value left, int64_t right);
  /// Both conditions, where a null one always holds.
  mlir::Value both(mlir::Value left, mlir::Value right);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  GemmTile tile;
  GemmAlignment alignment;
  GemmSize size;
  int64_t steps; ///< tiles along k
  GemmMatrices a, b, c;
  mlir::Type operandType; ///< elements of A and B
  mlir::Type sumType;     ///< of C, and of all sums
  bool transposeA, transposeB;
  mlir::Value thread;                ///< in the block
  mlir::Value firstRow, firstColumn; ///< of the tile of C

private:
  mlir::Value loadWhole(const GemmMatrix &matrix, mlir::Value row,
                        mlir::Value column, int64_t width);
  mlir::Value loadEach(const GemmMatrix &matrix, mlir::Value rowFits,
                       mlir::Value row, mlir::Value column, int64_t width);
  mlir::Value loadCut(const GemmMatrix &matrix, mlir::Value row,
                      mlir::Value column, int64_t width);
  GemmMatrices matricesOf(mlir::Value buffer, llvm::ArrayRef<GemmBlock> blocks,
                          int64_t rows, int64_t columns, int64_t tileRows,
                          int64_t tileColumns);
  mlir::Value widen(mlir::Value value);
  mlir::Value shareOf(const GemmMatrix &term, mlir::Value loaded);
  void storeIn(const GemmMatrix &matrix, mlir::Value sums, mlir::Value row,
               mlir::Value column);
  void storeWhole(const GemmMatrix &matrix, mlir::Value sums, mlir::Value row,
                  mlir::Value column);
  void storeElement(const GemmMatrix &matrix, mlir::Value sums, mlir::Value row,
                    mlir::Value column, int64_t i);
  void storeEach(const GemmMatrix &matrix, mlir::Value sums,
                 mlir::Value rowFits, mlir::Value row, mlir::Value column);
};

/// Emits the body of `kernel` at the builder's insertion point.
void emitFmaGemmKernel(mlir::OpBuilder &builder, const GemmProduct &product,
                       mlir::gpu::GPUFuncOp kernel, const GemmTile &tile,
                       GemmAlignment alignment);
void emitTensorGemmKernel(mlir::OpBuilder &builder, const GemmProduct &product,
                          mlir::gpu::GPUFuncOp kernel, const GemmTile &tile,
                          GemmAlignment alignment);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMKERNELS_H
