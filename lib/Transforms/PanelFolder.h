//===- PanelFolder.h - Panels of weights, packed when compiling -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What GemmPacker would pack of a constant B in every call.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_PANELFOLDER_H
#define SEVENFOLD_LIB_TRANSFORMS_PANELFOLDER_H

#include "GemmBlocking.h"

#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/ADT/StringMap.h"

namespace sevenfold {

/// Takes calls of levels apart that multiply by a constant they are given, so
/// that the products see it.
void inlineConstants(mlir::ModuleOp module);

/// Rows of a constant.
struct ConstantRows {
  mlir::memref::GlobalOp global;
  int64_t offset, rowLength; ///< in elements
};

/// Makes constants of panels, as long as they and the sums that were folded
/// before stay within `limit` bytes; products that pack alike share them.
class PanelFolder {
public:
  PanelFolder(mlir::ModuleOp module, mlir::SymbolTable &symbols, int64_t limit,
              SumsObserver observer);

  /// For each of the products, which multiply the same B, a buffer of all
  /// panels that it packs, a slab after the other, at the builder's insertion
  /// point; none where B is no constant, or one of them is not folded.
  llvm::SmallVector<mlir::Value> fold(mlir::OpBuilder &builder,
                                      llvm::ArrayRef<GemmProduct> products,
                                      const GemmBlocking &blocking);

  /// Erases the constants that nobody reads any more.
  void eraseUnread();

private:
  mlir::memref::GlobalOp create(const GemmProduct &product, ConstantRows rows,
                                const GemmBlocking &blocking);
  void report(const GemmProduct &product, int64_t bytes, bool folded);

  mlir::ModuleOp module;
  mlir::SymbolTable &symbols;
  int64_t limit, left;
  SumsObserver observer;
  llvm::StringMap<mlir::memref::GlobalOp> known;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_PANELFOLDER_H
