//===- CombineSweeps.h - What a combine computes, in order ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The additions of a combine: which blocks there are, where all or some of them
// are present, and the straight-line programs that are run there. Code that is
// emitted and constants that are folded go by the same programs and therefore
// round alike.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_COMBINESWEEPS_H
#define SEVENFOLD_LIB_TRANSFORMS_COMBINESWEEPS_H

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/CombineProgram.h"

namespace sevenfold {

/// One block of one operand: where it starts, in the grid and in elements, and
/// how much of it is there. Along a dynamic size blocks count as one long.
struct BlockView {
  unsigned operand;
  int64_t gridRow, gridColumn;
  int64_t row, column;
  int64_t rows, columns;
};

/// The blocks of all operands, in the order of the coefficients.
struct CombineBlocks {
  llvm::SmallVector<BlockView> inputs, outputs;
};

/// A part of the block in which the same operand blocks are present.
struct Rectangle {
  int64_t row, rowEnd, column, columnEnd;

  bool inside(const BlockView &block) const {
    return rowEnd <= block.rows && columnEnd <= block.columns;
  }
};

/// Outputs that are computed in one sweep, and how.
struct Sweep {
  llvm::SmallVector<unsigned> outputs, inputs; ///< block numbers
  CombineProgram program;
};

CombineBlocks blocksOf(CombineOp op);

/// The parts of the block, by rows and then columns.
llvm::SmallVector<Rectangle> rectanglesOf(CombineOp op,
                                          const CombineBlocks &blocks);

/// Whether all outputs are computed in one sweep: the streams are few.
bool isOneSweep(const CombineBlocks &blocks, unsigned group);

/// The sweeps over a rectangle, of at most `group` outputs each where there are
/// many streams. Outputs that an accumulation leaves alone are in none.
/// Sub-sums are shared where coefficients are few, simple and alike; where
/// there are many distinct ones each is taken as it is.
llvm::SmallVector<Sweep> sweepsOf(CombineOp op, const CombineBlocks &blocks,
                                  const Rectangle &rectangle, unsigned group);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_COMBINESWEEPS_H
