//===- CombineKernels.cpp - The kernel of a combine -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A combine is as fast as memory, or it is wrong; on a GPU that means whole
// 16-byte accesses side by side, and enough of them under way.
//
//   block b of threads -> rectangle, tile (rows x vectors) in it
//   thread t           -> row, columns [c, c + width)
//     for group of at most G outputs:                 few sums in registers
//       out_i[row, c..] (+)= sum_j c_ij in_j[row, c..]     shared sub-sums once
//
// Inputs that several groups read come from the first-level cache the second
// time: one block's tile of them is a few kilobytes. A block of an operand that
// starts off a 16-byte boundary is accessed in the largest pieces that are
// aligned; where most are such, every thread takes one column, so that what
// neighbouring threads access is whole again.
//
//===----------------------------------------------------------------------===//

#include "CombineKernels.h"

#include "CombineSweeps.h"
#include "GpuKernels.h"
#include "sevenfold/Transforms/CombineProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Widths and tiles
//===----------------------------------------------------------------------===//

/// Elements in 16 bytes.
static int64_t lanesOf(CombineOp op) {
  return kAccessBytes * 8 / op.getElementType().getIntOrFloatBitWidth();
}

/// The largest power of two that divides both, of a power of two.
static int64_t commonAlignment(int64_t alignment, int64_t value) {
  while (value % alignment != 0)
    alignment /= 2;
  return alignment;
}

SmallVector<int64_t> sevenfold::rowAlignments(CombineOp op,
                                              const CombineArguments &arguments,
                                              PassedAlignment passed) {
  int64_t lanes = lanesOf(op);
  SmallVector<int64_t> alignments;
  for (auto [type, offset] :
       llvm::zip_equal(arguments.types, arguments.offsets)) {
    bool isKnown = offset >= 0 || passed == PassedAlignment::Assumed;
    int64_t alignment = isKnown ? lanes : 1;
    if (offset >= 0)
      alignment = commonAlignment(alignment, offset / (kAccessBytes / lanes));
    SmallVector<int64_t> strides;
    int64_t start;
    if (succeeded(cast<MemRefType>(type).getStridesAndOffset(strides, start)) &&
        !ShapedType::isDynamic(strides[0]))
      alignment = commonAlignment(alignment, strides[0]);
    alignments.push_back(alignment);
  }
  return alignments;
}

/// The elements of a block that can be accessed at once, in a rectangle.
static int64_t accessWidth(const BlockView &block, const Rectangle &rectangle,
                           ArrayRef<int64_t> alignments) {
  return commonAlignment(alignments[block.operand],
                         block.column + rectangle.column);
}

SmallVector<int64_t> sevenfold::accessWidths(CombineOp op,
                                             ArrayRef<int64_t> alignments) {
  CombineBlocks blocks = blocksOf(op);
  SmallVector<int64_t> widths;
  for (const Rectangle &rectangle : rectanglesOf(op, blocks))
    for (ArrayRef<BlockView> views :
         {ArrayRef(blocks.inputs), ArrayRef(blocks.outputs)})
      for (const BlockView &block : views)
        widths.push_back(accessWidth(block, rectangle, alignments));
  return widths;
}

namespace {
/// How the threads of the blocks [first, last) share a rectangle.
struct Tiling {
  Rectangle rectangle;
  int64_t width;         ///< columns of a thread
  int64_t vectors, rows; ///< threads of a block along columns and rows
  int64_t columnTiles;   ///< blocks side by side
  int64_t first, last;
};
} // namespace

/// Columns of a thread: a whole access where most accesses can be one.
static int64_t chooseWidth(CombineOp op, const CombineBlocks &blocks,
                           const Rectangle &rectangle,
                           ArrayRef<int64_t> alignments) {
  int64_t lanes = lanesOf(op), whole = 0, all = 0;
  for (ArrayRef<BlockView> views :
       {ArrayRef(blocks.inputs), ArrayRef(blocks.outputs)})
    for (const BlockView &block : views) {
      if (!rectangle.inside(block))
        continue;
      ++all;
      whole += accessWidth(block, rectangle, alignments) == lanes;
    }
  return 2 * whole >= all ? lanes : 1;
}

static SmallVector<Tiling> tilingsOf(CombineOp op, const CombineBlocks &blocks,
                                     ArrayRef<int64_t> alignments,
                                     unsigned threads) {
  SmallVector<Tiling> tilings;
  int64_t first = 0;
  for (const Rectangle &rectangle : rectanglesOf(op, blocks)) {
    Tiling tiling{rectangle, 0, 32, 0, 0, first, 0};
    tiling.width = chooseWidth(op, blocks, rectangle, alignments);
    int64_t vectors =
        llvm::divideCeil(rectangle.columnEnd - rectangle.column, tiling.width);
    // A warp side by side, unless the rectangle is narrower than that.
    while (tiling.vectors / 2 >= vectors)
      tiling.vectors /= 2;
    tiling.rows = threads / tiling.vectors;
    tiling.columnTiles = llvm::divideCeil(vectors, tiling.vectors);
    first += tiling.columnTiles *
             llvm::divideCeil(rectangle.rowEnd - rectangle.row, tiling.rows);
    tiling.last = first;
    tilings.push_back(tiling);
  }
  return tilings;
}

int64_t sevenfold::countTiles(CombineOp op, ArrayRef<int64_t> alignments,
                              const CombineKernelOptions &options) {
  return tilingsOf(op, blocksOf(op), alignments, options.threads).back().last;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

namespace {
class KernelEmitter {
public:
  KernelEmitter(OpBuilder &builder, CombineOp op, ValueRange buffers,
                ArrayRef<int64_t> alignments,
                const CombineKernelOptions &options)
      : builder(builder), op(op), buffers(buffers), alignments(alignments),
        options(options), loc(op.getLoc()), elementType(op.getElementType()),
        blocks(blocksOf(op)) {
    bool isNarrow = elementType.isF16() || elementType.isBF16();
    sumType = isNarrow ? builder.getF32Type() : elementType;
  }

  void emit();

private:
  void emitTile(const Tiling &tiling);
  void emitColumns(const Tiling &tiling, Value row, Value column);
  void emitSweeps(const Tiling &tiling, Value row, Value column, int64_t width);
  Value loadPiece(Value buffer, Value row, Value column, int64_t width);
  Value load(const BlockView &block, Value row, Value column, int64_t width);
  void store(const BlockView &block, Value sum, Value row, Value column,
             int64_t width);
  Type vectorOf(Type element, int64_t width) {
    return width == 1 ? element : VectorType::get({width}, element);
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value plus(Value value, int64_t constant) {
    if (constant == 0)
      return value;
    return arith::AddIOp::create(builder, loc, value, index(constant));
  }
  Value below(Value value, int64_t end) {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, value,
                                 index(end));
  }

  OpBuilder &builder;
  CombineOp op;
  ValueRange buffers;
  ArrayRef<int64_t> alignments;
  const CombineKernelOptions &options;
  Location loc;
  Type elementType, sumType; ///< in memory, and what is computed in
  CombineBlocks blocks;
  SmallVector<Sweep> sweeps; ///< of the rectangle under way
  Rectangle rectangle;       ///< and itself
  Value block, thread;
};
} // namespace

void KernelEmitter::emit() {
  SmallVector<Tiling> tilings =
      tilingsOf(op, blocks, alignments, options.threads);
  block = blockNumber(builder, loc, tilings.back().last);
  thread = threadNumber(builder, loc, options.threads);
  OpBuilder::InsertionGuard guard(builder);
  for (const Tiling &tiling : tilings) {
    if (&tiling == &tilings.back()) {
      emitTile(tiling);
      break;
    }
    auto choice = scf::IfOp::create(builder, loc, below(block, tiling.last),
                                    /*withElseRegion=*/true);
    builder.setInsertionPointToStart(choice.thenBlock());
    emitTile(tiling);
    builder.setInsertionPointToStart(choice.elseBlock());
  }
}

/// The row and columns of this thread, and what it does there.
void KernelEmitter::emitTile(const Tiling &tiling) {
  rectangle = tiling.rectangle;
  sweeps = sweepsOf(op, blocks, rectangle, options.group);
  if (sweeps.empty())
    return;
  auto divide = [&](Value value, int64_t by) -> Value {
    return arith::DivUIOp::create(builder, loc, value, index(by));
  };
  auto rest = [&](Value value, int64_t by) -> Value {
    return arith::RemUIOp::create(builder, loc, value, index(by));
  };
  auto scale = [&](Value value, int64_t by) -> Value {
    return arith::MulIOp::create(builder, loc, value, index(by));
  };
  Value tile = plus(block, -tiling.first);
  Value row = arith::AddIOp::create(
      builder, loc, scale(divide(tile, tiling.columnTiles), tiling.rows),
      divide(thread, tiling.vectors));
  Value vector = arith::AddIOp::create(
      builder, loc, scale(rest(tile, tiling.columnTiles), tiling.vectors),
      rest(thread, tiling.vectors));
  row = plus(row, rectangle.row);
  Value column = plus(scale(vector, tiling.width), rectangle.column);
  int64_t rows = rectangle.rowEnd - rectangle.row,
          columns = rectangle.columnEnd - rectangle.column;
  Value isInside;
  if (rows % tiling.rows != 0)
    isInside = below(row, rectangle.rowEnd);
  if (columns % (tiling.vectors * tiling.width) != 0) {
    Value fits = below(column, rectangle.columnEnd);
    isInside =
        isInside ? arith::AndIOp::create(builder, loc, isInside, fits) : fits;
  }
  OpBuilder::InsertionGuard guard(builder);
  if (isInside) {
    auto inside = scf::IfOp::create(builder, loc, isInside, false);
    builder.setInsertionPointToStart(inside.thenBlock());
  }
  emitColumns(tiling, row, column);
}

/// All columns of a thread at once, or those that are there one by one.
void KernelEmitter::emitColumns(const Tiling &tiling, Value row, Value column) {
  int64_t columns = rectangle.columnEnd - rectangle.column;
  if (columns % tiling.width == 0) {
    emitSweeps(tiling, row, column, tiling.width);
    return;
  }
  OpBuilder::InsertionGuard guard(builder);
  Value next = plus(column, tiling.width - 1);
  auto choice =
      scf::IfOp::create(builder, loc, below(next, rectangle.columnEnd),
                        /*withElseRegion=*/true);
  builder.setInsertionPointToStart(choice.thenBlock());
  emitSweeps(tiling, row, column, tiling.width);
  builder.setInsertionPointToStart(choice.elseBlock());
  auto tail = scf::ForOp::create(builder, loc, column,
                                 index(rectangle.columnEnd), index(1));
  builder.setInsertionPointToStart(tail.getBody());
  emitSweeps(tiling, row, tail.getInductionVar(), 1);
}

void KernelEmitter::emitSweeps(const Tiling &tiling, Value row, Value column,
                               int64_t width) {
  for (const Sweep &sweep : sweeps) {
    SmallVector<Value> values;
    for (unsigned j : sweep.inputs)
      values.push_back(load(blocks.inputs[j], row, column, width));
    emitProgram(builder, loc, vectorOf(sumType, width), sweep.program,
                std::move(values), [&](unsigned position, Value sum) {
                  unsigned i = sweep.outputs[position];
                  const BlockView &output = blocks.outputs[i];
                  if (op.getAccumulate()[i])
                    sum = emitSum(builder, loc,
                                  load(output, row, column, width), sum);
                  store(output, sum, row, column, width);
                });
  }
}

/// `width` elements in one access.
Value KernelEmitter::loadPiece(Value buffer, Value row, Value column,
                               int64_t width) {
  SmallVector<Value> place = {row, column};
  if (width == 1)
    return memref::LoadOp::create(builder, loc, buffer, place);
  auto loaded = vector::LoadOp::create(
      builder, loc, VectorType::get({width}, elementType), buffer, place);
  loaded.setAlignment(width * elementType.getIntOrFloatBitWidth() / 8);
  return loaded;
}

/// `width` elements of a block, in the type of the sums.
Value KernelEmitter::load(const BlockView &view, Value row, Value column,
                          int64_t width) {
  Value buffer = buffers[view.operand];
  Value i = plus(row, view.row), j = plus(column, view.column);
  int64_t piece = std::min(width, accessWidth(view, rectangle, alignments));
  Value whole;
  if (piece == width) {
    whole = loadPiece(buffer, i, j, width);
  } else {
    auto type = VectorType::get({width}, elementType);
    whole = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    for (int64_t at = 0; at < width; at += piece) {
      Value part = loadPiece(buffer, i, plus(j, at), piece);
      for (int64_t lane = 0; lane < piece; ++lane) {
        Value element = part;
        if (piece > 1)
          element = vector::ExtractOp::create(builder, loc, part, lane);
        whole =
            vector::InsertOp::create(builder, loc, element, whole, at + lane);
      }
    }
  }
  if (sumType == elementType)
    return whole;
  return arith::ExtFOp::create(builder, loc, vectorOf(sumType, width), whole);
}

void KernelEmitter::store(const BlockView &view, Value sum, Value row,
                          Value column, int64_t width) {
  if (sumType != elementType)
    sum = arith::TruncFOp::create(builder, loc, vectorOf(elementType, width),
                                  sum);
  Value buffer = buffers[view.operand];
  Value i = plus(row, view.row), j = plus(column, view.column);
  int64_t piece = std::min(width, accessWidth(view, rectangle, alignments));
  for (int64_t at = 0; at < width; at += piece) {
    SmallVector<Value> place = {i, plus(j, at)};
    if (piece == 1) {
      Value element =
          width == 1
              ? sum
              : vector::ExtractOp::create(builder, loc, sum, at).getResult();
      memref::StoreOp::create(builder, loc, element, buffer, place);
      continue;
    }
    Value part = sum;
    if (piece < width)
      part = vector::ShuffleOp::create(
          builder, loc, sum, sum,
          llvm::to_vector(llvm::seq<int64_t>(at, at + piece)));
    auto stored = vector::StoreOp::create(builder, loc, part, buffer, place);
    stored.setAlignment(piece * elementType.getIntOrFloatBitWidth() / 8);
  }
}

void sevenfold::emitCombineKernel(OpBuilder &builder, CombineOp op,
                                  ValueRange buffers,
                                  ArrayRef<int64_t> alignments,
                                  const CombineKernelOptions &options) {
  KernelEmitter(builder, op, buffers, alignments, options).emit();
}
