//===- GemmPacking.h - Operands into panels ---------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of blocks of an operand, in the order in which tiles of C read them.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMPACKING_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMPACKING_H

#include "GemmBlocking.h"
#include "LoopEmitter.h"

#include "mlir/IR/BuiltinTypes.h"

namespace sevenfold {

/// A block of an operand in memory.
struct GemmTerm {
  mlir::Value buffer; ///< the block alone
  GemmBlock block;
  mlir::Value row, column;   ///< of the operand, where it starts
  mlir::Value rows, columns; ///< that there are of it
};

/// The part of k that is packed at a time.
struct GemmSlab {
  mlir::Value first, depth;
};

/// What is in a pack at a time: panels of C's from `first` on, at an offset.
struct GemmChunk {
  mlir::Value first, offset;
};

/// How the rows or columns of C are cut into panels: all `width` wide but the
/// last, or evenly, so that none is wider than another by more than one.
struct GemmCut {
  int64_t size, count;
  int64_t width = 0; ///< 0: evenly
  /// Of a size that is not known: what is cut evenly, and into how many.
  mlir::Value cutSize = {}, cutCount = {};
};

/// How one side of a product lies in a pack:
///
///   [row][k]             A whose rows lie in memory along k
///   [panel][k][row]      A that is transposed
///   [panel][k][column]   B
///
/// with room behind each row or panel, so that their starts fall into different
/// sets of a cache. Beyond the ends of blocks there are zeros, and in the k
/// that are missing for a whole step of the loop over k.
struct PackLayout {
  /// Rows: copied along k. Strips: copied across panels. Transposed: copied
  /// along k and turned.
  enum class Form { Rows, Strips, Transposed };
  Form form;
  GemmCut cut;
  int64_t panelWidth;
  int64_t stride; ///< of rows or panels

  static PackLayout ofA(const GemmProduct &product,
                        const GemmBlocking &blocking);
  static PackLayout ofB(const GemmProduct &product,
                        const GemmBlocking &blocking);
};

/// Packs one side of a product.
class GemmPacker : LoopEmitter, PackLayout {
public:
  GemmPacker(mlir::OpBuilder &builder, mlir::Location loc,
             llvm::ArrayRef<GemmTerm> terms, mlir::Type type,
             const PackLayout &layout, const GemmBlocking &blocking)
      : LoopEmitter(builder, loc), PackLayout(layout), terms(terms), type(type),
        lanes(blocking.lanes), depth(blocking.depth) {}

  /// Has code cut a side whose size is not known evenly.
  void cutEvenly(mlir::Value size, mlir::Value count) {
    cut.cutSize = size;
    cut.cutCount = count;
  }
  /// Allocates room for `chunks` of so many panels each.
  void allocate(int64_t chunks, int64_t panels);
  /// Takes what was packed before, in chunks of all panels, for room.
  void takePacked(mlir::Value packed);
  /// The chunk that starts with a panel of C's, in one of the places.
  GemmChunk chunkAt(mlir::Value place, mlir::Value first);
  /// Packs panels from..to of C's.
  void emitPanels(const GemmChunk &chunk, mlir::Value from, mlir::Value to,
                  const GemmSlab &slab);
  /// A vector of strips that lie inside the matrix, of a place of it as it is
  /// stored; fetches what will be asked for some rows later.
  mlir::Value loadInside(mlir::Value row, mlir::Value column);
  /// Packs such a vector into a place of the pack.
  void packInside(mlir::Value row, mlir::Value column, mlir::Value place) {
    store(loadInside(row, column), place);
  }
  /// How many panels are best packed together: neighbours share pages.
  int64_t panelsTogether() const;

  /// The row or column of C that a panel starts with.
  mlir::Value startOf(mlir::Value panel);
  /// Where a panel starts in the pack.
  mlir::Value placeOf(const GemmChunk &chunk, mlir::Value panel);
  /// How far apart neighbours are in it.
  int64_t strideAcross() const { return form == Form::Rows ? stride : 1; }
  int64_t strideAlongK() const { return form == Form::Rows ? 1 : panelWidth; }
  /// How far apart panels are, where they are no rows.
  int64_t strideOfPanels() const { return stride; }
  mlir::Value packed() const { return pack; }

private:
  enum class Ends { Inside, Guarded };

  mlir::Value depthInside(mlir::Value end, int64_t unit, mlir::Value fits,
                          const GemmSlab &slab);
  void emitRow(mlir::Value row, mlir::Value place, const GemmSlab &slab);
  void emitStrips(const GemmChunk &chunk, mlir::Value from, mlir::Value to,
                  const GemmSlab &slab);
  void emitTurned(const GemmChunk &chunk, mlir::Value panel,
                  const GemmSlab &slab);
  void turnSquare(mlir::Value row, mlir::Value column, mlir::Value place,
                  Ends ends);
  mlir::Value load(mlir::Value row, mlir::Value column, Ends ends);
  mlir::Value loadTerm(const GemmTerm &term, mlir::Value row,
                       mlir::Value column, Ends ends);
  void prefetchTerms(mlir::Value row, mlir::Value column);
  mlir::Value widen(mlir::Value value);
  void store(mlir::Value value, mlir::Value place);
  /// What every term has of the matrix as it is stored.
  mlir::Value wholeRows();
  mlir::Value wholeColumns();

  llvm::SmallVector<GemmTerm> terms;
  mlir::Type type; ///< of sums
  int64_t lanes, depth;
  int64_t chunkSize = 0; ///< elements of a chunk
  mlir::Value pack;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMPACKING_H
