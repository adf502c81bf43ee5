//===- TileEmitter.h - Products by tile operators ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the combines, the batch of products and the packing of one operator.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_TILEEMITTER_H
#define SEVENFOLD_LIB_TRANSFORMS_TILEEMITTER_H

#include "sevenfold/Transforms/ApplyTile.h"

namespace sevenfold {

/// Dimensions of a matrix split for packing, and the order that makes parts
/// blocks. Without an order nothing moves.
struct Packing {
  llvm::SmallVector<int64_t> rows, columns; ///< what each is split into
  llvm::SmallVector<int64_t> order;         ///< of all of them

  bool isNeeded() const { return !order.empty(); }
};

/// Emits one product by an operator.
class TileEmitter {
public:
  TileEmitter(mlir::RewriterBase &rewriter, mlir::Location loc,
              const TileOperator &tile, const TileConstants &constants,
              mlir::Type type)
      : rewriter(rewriter), loc(loc), tile(tile), constants(constants),
        type(type), t(tile.tile()), r(tile.rank()) {}

  /// C (+)= X W, X being rows x inner in samples of `sample` rows.
  mlir::Value emit(mlir::Value x, mlir::Value c, bool accumulate,
                   int64_t sample);

private:
  Packing packingOf(int64_t rows, int64_t columns, int64_t sample) const;
  mlir::Value pack(mlir::Value matrix, const Packing &packing);
  mlir::Value unpack(mlir::Value matrix, const Packing &packing);
  mlir::Value pad(mlir::Value matrix, int64_t rows, int64_t columns);
  mlir::Value empty(int64_t rows, int64_t columns);
  mlir::Value encode(mlir::Value x, int64_t rows, int64_t columns);
  mlir::Value multiply(mlir::Value encoded, int64_t rows, int64_t columns);
  mlir::Value decode(mlir::Value products, mlir::Value c, bool accumulate);
  mlir::Value addBias(mlir::Value c);
  mlir::Value add(mlir::Value a, mlir::Value b, mlir::Value destination);

  mlir::RewriterBase &rewriter;
  mlir::Location loc;
  const TileOperator &tile;
  const TileConstants &constants;
  mlir::Type type;
  int64_t t, r;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_TILEEMITTER_H
