//===- FunctionEmitter.h - One function on its way to text ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the parts of the emitter share: which value of the IR is which of the
// text.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_PJRT_FUNCTIONEMITTER_H
#define SEVENFOLD_LIB_TARGET_PJRT_FUNCTIONEMITTER_H

#include "StableHloEmitter.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace sevenfold {

class FunctionEmitter {
public:
  FunctionEmitter(mlir::func::FuncOp function, const StableHloOptions &options)
      : function(function), options(options) {}

  mlir::FailureOr<std::string> emit();

private:
  /// A value of the text; `isBatched` where its first dimension is that of the
  /// loop around it.
  struct Known {
    HloTensor tensor;
    bool isBatched = false;
  };
  /// The blocks of a combine that nobody has asked for as a whole.
  struct Blocks {
    mlir::SmallVector<Known> parts;
    int64_t gridColumns, rows, columns;
  };

  mlir::LogicalResult emit(mlir::Operation *op);
  mlir::LogicalResult emitBlock(mlir::Block &block);
  mlir::LogicalResult emitLoop(mlir::scf::ForOp loop);
  /// The dimension of which the loop takes one matrix of a batch after another.
  std::optional<int64_t>
  batchDimension(mlir::ArrayRef<mlir::OpFoldResult> offsets,
                 mlir::ArrayRef<int64_t> sizes);
  mlir::LogicalResult emitSlice(mlir::tensor::ExtractSliceOp op);
  mlir::LogicalResult emitInsert(mlir::tensor::InsertSliceOp op);
  mlir::LogicalResult emitPad(mlir::tensor::PadOp op);
  mlir::LogicalResult emitExtract(mlir::tensor::ExtractOp op);
  mlir::LogicalResult emitConstant(mlir::arith::ConstantOp op);
  mlir::LogicalResult emitReshape(mlir::Operation *op);
  /// Combines (StableHloCombine.cpp).
  mlir::LogicalResult emitCombine(CombineOp op);
  mlir::SmallVector<Known> combineInputs(CombineOp op);
  Known assembleStack(const Blocks &blocks, int64_t gridRows);
  /// Products and elementwise work (StableHloLinalg.cpp).
  mlir::LogicalResult emitProduct(mlir::linalg::LinalgOp op);
  mlir::LogicalResult emitGeneric(mlir::linalg::GenericOp op);
  mlir::LogicalResult emitReduction(mlir::linalg::GenericOp op,
                                    mlir::ArrayRef<HloTensor> arguments,
                                    mlir::ArrayRef<int64_t> dims,
                                    bool isBatched);
  mlir::FailureOr<HloTensor>
  emitBody(mlir::linalg::GenericOp op, mlir::Value value,
           llvm::DenseMap<mlir::Value, HloTensor> &body,
           mlir::ArrayRef<int64_t> dims, bool isBatched);
  mlir::FailureOr<HloTensor> emitScalar(mlir::Operation *op,
                                        mlir::ArrayRef<HloTensor> operands);
  /// An operand in the space of the loops of an operation.
  mlir::FailureOr<HloTensor> inLoops(mlir::linalg::GenericOp op,
                                     mlir::OpOperand &operand,
                                     mlir::ArrayRef<int64_t> dims,
                                     bool isBatched);

  /// The text of a value; zeros where it was never defined.
  Known get(mlir::Value value);
  bool isBatched(mlir::Value value);
  void set(mlir::Value value, HloTensor tensor, bool isBatched) {
    values[value] = {std::move(tensor), isBatched};
  }
  /// The same with the batch as first dimension.
  HloTensor batched(const Known &known);
  /// Numbers with the batch's place in front.
  mlir::SmallVector<int64_t> withBatch(mlir::ArrayRef<int64_t> numbers,
                                       int64_t first, bool isBatched) const;
  /// A number that is a constant outside of tensors; nothing else.
  std::optional<double> numberOf(mlir::Value value);

  mlir::func::FuncOp function;
  StableHloOptions options;
  StableHloWriter writer;
  llvm::DenseMap<mlir::Value, Known> values;
  llvm::DenseMap<mlir::Value, Blocks> blocks;
  mlir::Value counter; ///< of the loop that is being said
  int64_t batch = 0;   ///< its trips
};

/// Whether an operation is a product of two tensors in linalg's words, and not
/// elementwise work.
bool isProduct(mlir::linalg::LinalgOp op);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_PJRT_FUNCTIONEMITTER_H
