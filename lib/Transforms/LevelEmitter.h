//===- LevelEmitter.h - One level of a scheme ----------------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the combines and products of one level on matrices of blocks.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_LEVELEMITTER_H
#define SEVENFOLD_LIB_TRANSFORMS_LEVELEMITTER_H

#include "SizeEmitter.h"

#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/Workload.h"
#include "sevenfold/Scheme/BlockScheme.h"
#include "sevenfold/Scheme/Scheme.h"
#include "sevenfold/Transforms/Decompose.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// A logical rows x columns matrix and how it is stored.
struct Operand {
  mlir::Value value;
  mlir::OpFoldResult rows, columns;
  Layout layout = Layout::RowMajor;

  bool transposed() const { return layout == Layout::Transposed; }
};

/// A partition of an operand into gridRows x gridColumns blocks.
struct Partition {
  int64_t gridRows, gridColumns;
  mlir::OpFoldResult blockRows, blockColumns;
};

/// Emits the operations of one level at the rewriter's insertion point.
class LevelEmitter {
public:
  LevelEmitter(mlir::RewriterBase &rewriter, mlir::Location loc,
               const Plan &rest, mlir::Type elementType, int64_t rowBytes,
               Products storage)
      : rewriter(rewriter), loc(loc), rest(rest), elementType(elementType),
        rowBytes(rowBytes), storage(storage), sizes(rewriter, loc) {}

  /// C (+)= A B by `scheme`; returns the new C. Where a size is not known,
  /// blocks divide it.
  mlir::Value emit(const Scheme &scheme, Execution execution, const Operand &a,
                   const Operand &b, const Operand &c,
                   Accumulation accumulation,
                   std::array<mlir::OpFoldResult, 3> blocks);

  /// C (+)= A B classically, as a product; returns the new C.
  mlir::Value emitProduct(const Operand &a, const Operand &b, mlir::Value c,
                          Accumulation accumulation, bool isLeaf);

  llvm::SmallVector<mlir::linalg::MatmulOp> products;

private:
  mlir::Value emitBreadth(const BlockScheme &scheme, mlir::Value c,
                          bool accumulate);
  mlir::Value emitStored(const BlockScheme &scheme, Execution execution,
                         mlir::Value c, bool accumulate);
  mlir::Value emitDepth(const BlockScheme &scheme, mlir::Value c,
                        bool accumulate);
  mlir::Value emitFused(const BlockScheme &scheme, mlir::Value c,
                        bool accumulate);
  mlir::Value emitSums(const OperandSums &sums, const Operand &operand,
                       const Partition &partition);
  mlir::Value emitSum(llvm::ArrayRef<double> row, const Operand &operand,
                      const Partition &partition);
  Operand sourceOf(const OperandSums &sums, unsigned t, mlir::Value formed,
                   const Operand &operand, const Partition &partition);
  mlir::Value addToBlock(mlir::Value c, unsigned block, const Operand &s,
                         const Operand &t, bool overwrite);
  mlir::Value empty(mlir::OpFoldResult rows, mlir::OpFoldResult columns,
                    mlir::Type type);
  mlir::OpFoldResult rowLength(mlir::OpFoldResult columns, mlir::Type type);

  mlir::RewriterBase &rewriter;
  mlir::Location loc;
  const Plan &rest;
  mlir::Type elementType; ///< of C and of the products
  int64_t rowBytes;
  Products storage;
  SizeEmitter sizes;
  Operand a, b;
  Partition partA, partB, partC;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_LEVELEMITTER_H
