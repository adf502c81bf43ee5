//===- GemmEmitter.h - Emits a nest of products -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What GemmLoops.cpp, the loops around tiles, and GemmTile.cpp, the code of
// one, share.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMEMITTER_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMEMITTER_H

#include "GemmLoops.h"
#include "GemmPacking.h"

#include "llvm/Support/MathExtras.h"

namespace sevenfold {

/// Rows and vectors of a tile.
struct TileShape {
  int64_t rows, vectors;
};

/// Panels of B that are packed beside the tiles of those before, as many
/// vectors in each step over k as make all of them.
struct NextPanels {
  mlir::Value row, column; ///< of B where they start
  mlir::Value packB;
  mlir::Value vectors; ///< of all of them; 0: there are none
  int64_t vectorsAStep;
  mlir::Value firstTile = {}; ///< the number of a panel's first tile
};

/// What tiles do beside multiplying, and where they find B.
struct PanelWork {
  const NextPanels *next = nullptr;
  bool isInPlace = false; ///< B is read where it lies
};

/// Where a tile lies: in C, and in the packs, and what will be read next.
struct TilePlace {
  mlir::Value row, column;
  mlir::Value packA, packB;
  mlir::Value aheadIn, ahead; ///< in a pack of B
  PanelWork work = {};
  mlir::Value number = {}; ///< of the tile among those that pack, if some do
};

/// Panels from..to of C's, in a pack.
struct PanelRange {
  GemmChunk chunk;
  mlir::Value from, to;
};

/// One product of a nest.
struct NestProduct {
  GemmPacker a, b;
  llvm::SmallVector<GemmTerm> c;
};

/// Emits the loops of a nest at the builder's insertion point.
class GemmEmitter : LoopEmitter {
public:
  GemmEmitter(mlir::OpBuilder &builder, const GemmNest &nest,
              const GemmBuffers &buffers, const GemmBlocking &blocking);
  void emit();

private:
  void measure();
  void count();
  llvm::SmallVector<GemmTerm> termsOf(Value buffer,
                                      llvm::ArrayRef<GemmBlock> blocks,
                                      Value blockRows, Value blockColumns);
  /// The least rows of a tile; others have one more.
  int64_t lowRows() const {
    return mlir::ShapedType::isDynamic(size.m) ? blocking.tileRows - 1
                                               : size.m / blocking.tiles;
  }
  bool hasHigherTiles() const {
    return mlir::ShapedType::isDynamic(size.m) || size.m % blocking.tiles != 0;
  }
  /// Whether it is known that there is one slab.
  bool hasOneSlab() const {
    return !mlir::ShapedType::isDynamic(size.k) && blocking.slabs == 1;
  }
  template <typename Body>
  void emitChunks(Value panels, int64_t chunk, GemmPacker &packer, Body body);
  void emitSlab(const PanelRange &columns, const GemmSlab &slab);
  template <typename Pack>
  void emitPack(const PanelRange &range, int64_t together, Pack pack);
  PanelRange partOf(const PanelRange &range, Value number, Value parts);
  void emitTasks(const PanelRange &rows, const PanelRange &columns,
                 const GemmSlab &slab);
  Value countTasksDown(const PanelRange &rows, const GemmSlab &slab);
  void emitTask(Value task, Value tasksDown, Value place, PanelRange rows,
                PanelRange columns, const GemmSlab &slab);
  void emitGroups(const PanelRange &rows, const PanelRange &columns,
                  const GemmSlab &slab);
  void emitWork(const PanelRange &rows, const PanelRange &columns,
                const GemmSlab &slab);
  void emitPanels(const PanelRange &rows, const PanelRange &columns,
                  const GemmSlab &slab);
  void emitTiles(unsigned number, const PanelRange &rows,
                 const GemmChunk &columns, Value panel, int64_t vectors,
                 const GemmSlab &slab, PanelWork work = {});
  void emitPacked(Value task, const PanelRange &rows, const PanelRange &columns,
                  const GemmSlab &slab);
  void emitPipeline(Value task, const PanelRange &rows,
                    const PanelRange &columns, const GemmSlab &slab);
  void emitInPlace(Value task, const PanelRange &rows,
                   const PanelRange &columns, const GemmSlab &slab);
  int64_t panelsInTask(GemmPacker &b);
  /// The first panel that ends beyond C.
  Value firstRagged() { return index(size.n / blocking.tileColumns); }
  void emitTile(NestProduct &it, const TileShape &tile, const TilePlace &place,
                const GemmSlab &slab);
  llvm::SmallVector<Value> emitSums(NestProduct &it, const TileShape &tile,
                                    const TilePlace &place,
                                    const GemmSlab &slab);
  void prefetchAhead(NestProduct &it, const TileShape &tile,
                     const TilePlace &place, Value at);
  void packAhead(GemmPacker &b, const TilePlace &place, Value at,
                 const GemmSlab &slab);
  void emitWrite(const GemmTerm &target, llvm::ArrayRef<Value> sums,
                 const TileShape &tile, const TilePlace &place, bool adds);
  void writeWhole(const GemmTerm &target, llvm::ArrayRef<Value> sums,
                  const TileShape &tile, const TilePlace &place, bool adds);
  void writeCut(const GemmTerm &target, llvm::ArrayRef<Value> sums,
                const TileShape &tile, const TilePlace &place, bool adds);
  Value scaledAdd(Value sum, double coefficient, Value before);
  Value multiplyAdd(Value a, Value b, Value sum);
  Value zero(mlir::Type type) {
    return mlir::arith::ConstantOp::create(builder, loc,
                                           builder.getZeroAttr(type));
  }
  /// Where products lie; all lie alike.
  GemmPacker &a() { return products.front().a; }
  GemmPacker &b() { return products.front().b; }
  /// Vectors that reach over what the last panel has.
  int64_t lastVectors() const {
    if (mlir::ShapedType::isDynamic(size.n))
      return blocking.vectorsAcross();
    int64_t columns = size.n % blocking.tileColumns;
    return columns == 0 ? blocking.vectorsAcross()
                        : llvm::divideCeil(columns, blocking.lanes);
  }
  /// Elements of a cache line.
  int64_t line() const { return 512 / type.getIntOrFloatBitWidth(); }

  const GemmNest &nest;
  const GemmBuffers &buffers;
  GemmSize size;
  Value sizeM, sizeN, sizeK;         ///< the same in code
  Value tiles, panels, slabs, depth; ///< counts, and of a slab, in code
  GemmBlocking blocking;
  mlir::Type type; ///< of the sums
  mlir::VectorType vectorType;
  std::vector<NestProduct> products;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMEMITTER_H
