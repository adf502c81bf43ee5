//===- TensorGemmKernel.h - Products on tensor cores ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The emitter of that kernel: TensorGemmTiles.cpp brings tiles to shared
// memory, TensorGemmKernel.cpp multiplies them.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_TENSORGEMMKERNEL_H
#define SEVENFOLD_LIB_TRANSFORMS_TENSORGEMMKERNEL_H

#include "GemmKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <deque>

namespace sevenfold {

/// One operand on its way through shared memory.
struct StagedOperand {
  GemmMatrices terms;
  bool isPlain;      ///< whether it is one block, as it is
  bool isCopied;     ///< whether cp.async brings it
  bool alongK;       ///< whether stored rows run along k
  int64_t lines;     ///< of a tile: rows of A, columns of B
  int64_t rowChunks; ///< of a row of the tile, as it is stored
  int64_t stageBytes;
  int64_t copies;             ///< chunks a thread brings of a tile
  mlir::Value shared;         ///< pointer to stage 0
  mlir::Value source, stride; ///< where it is copied: pointer to the first
                              ///< element, elements from row to row
  mlir::Value first;          ///< line of the matrix where the tile starts
};

/// A chunk of 16 bytes whose terms are being loaded.
struct PendingChunk {
  const StagedOperand *operand;
  llvm::SmallVector<mlir::Value> parts;
  mlir::Value target; ///< pointer into shared memory
};

class TensorEmitter : public GemmKernelEmitter {
public:
  TensorEmitter(mlir::OpBuilder &builder, const GemmProduct &product,
                mlir::gpu::GPUFuncOp kernel, const GemmTile &tile,
                GemmAlignment alignment);
  void emit();

  /// Loads chunk `number` of a thread's share of the tile of step `from`, and
  /// stores it where the tile of step `to` belongs.
  PendingChunk loadChunk(const StagedOperand &operand, mlir::Value from,
                         mlir::Value to, int64_t number);
  void storeChunk(const PendingChunk &chunk);

private:
  // TensorGemmTiles.cpp
  StagedOperand operandOf(mlir::gpu::GPUFuncOp kernel,
                          const GemmMatrices &terms, int64_t lines,
                          bool alongK);
  void addSource(StagedOperand &operand);
  void fillTile(mlir::Value step);
  void copyTile(mlir::Value step);
  void copyChunks(const StagedOperand &operand, mlir::Value step);
  std::array<mlir::Value, 3> placeOfChunk(const StagedOperand &operand,
                                          mlir::Value from, mlir::Value to,
                                          int64_t number);
  mlir::Value sourceBytes(const GemmMatrix &matrix, mlir::Value row,
                          mlir::Value column);
  mlir::Value placeOf(const StagedOperand &operand, mlir::Value row,
                      mlir::Value chunk);
  mlir::Value stageOf(const StagedOperand &operand, mlir::Value step);

  // TensorGemmKernel.cpp
  llvm::SmallVector<mlir::Value> loadMatrices(const StagedOperand &operand,
                                              mlir::Value stage,
                                              mlir::Value line,
                                              mlir::Value kHalf,
                                              int64_t lineStart, int64_t depth);
  llvm::SmallVector<mlir::Value>
  loadElements(const StagedOperand &operand, mlir::Value stage,
               llvm::ArrayRef<std::pair<int64_t, int64_t>> places,
               mlir::Value partStart, int64_t depth);
  llvm::SmallVector<mlir::Value> fragmentsA(mlir::Value stage, int64_t i,
                                            int64_t depth);
  llvm::SmallVector<mlir::Value> fragmentsB(mlir::Value stage, int64_t pair,
                                            int64_t depth);
  mlir::Value asOperand(mlir::Value word);
  llvm::SmallVector<mlir::Value> multiply(mlir::ValueRange sums,
                                          mlir::Value step,
                                          llvm::function_ref<void()> between);
  llvm::SmallVector<mlir::Value> emitStep(mlir::Value step,
                                          mlir::ValueRange sums);
  void emitMma(llvm::ArrayRef<mlir::Value> a, llvm::ArrayRef<mlir::Value> b,
               llvm::MutableArrayRef<mlir::Value> sums);
  void storePart(mlir::ValueRange sums);

  mlir::Value pointer(mlir::Value base, mlir::Value offset,
                      mlir::Type element) {
    return mlir::LLVM::GEPOp::create(
        builder, loc, base.getType(), element, base,
        llvm::ArrayRef<mlir::LLVM::GEPArg>{offset});
  }
  mlir::Value pointerTo(mlir::Value buffer, unsigned space);
  mlir::Value toI32(mlir::Value value) {
    return mlir::arith::IndexCastOp::create(builder, loc, i32, value);
  }
  mlir::Value exclusiveOr(mlir::Value left, mlir::Value right) {
    return mlir::arith::XOrIOp::create(builder, loc, left, right);
  }

  mlir::Type element, i8, i32;
  int64_t bytes; ///< of an element
  int64_t chunk; ///< elements in 16 bytes
  StagedOperand left, right;
  mlir::Value lane;                ///< in the warp, as a 32-bit number
  mlir::Value partRow, partColumn; ///< of the warp in the tile, likewise
};

/// The sums of one tile, formed between the products of another: a chunk's
/// terms are loaded, some products later they are summed up and stored.
class SumQueue {
public:
  /// Forms the sums of `operands`, those of the tile of step `from`, where the
  /// tile of step `to` belongs, in `slots` calls of `advance` and one of `end`.
  SumQueue(TensorEmitter &emitter,
           llvm::ArrayRef<const StagedOperand *> operands, mlir::Value from,
           mlir::Value to, int64_t slots);
  void advance();
  void end();

private:
  void choosePace(int64_t slots);

  TensorEmitter &emitter;
  mlir::Value from, to;
  std::deque<std::pair<const StagedOperand *, int64_t>> waiting;
  std::deque<std::pair<PendingChunk, int64_t>> underWay; ///< and since when
  int64_t slot = 0;
  int64_t chunks = 1; ///< begun in a slot
  int64_t lag = 1;    ///< slots between a load and its use
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_TENSORGEMMKERNEL_H
