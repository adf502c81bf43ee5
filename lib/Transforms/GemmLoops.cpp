//===- GemmLoops.cpp - Products as loops ----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication", ACM Trans. Math. Softw. 34, 2008, with both operands packed
// as a whole:
//
//   A' [panel of R rows][k][R], B' [panel of V columns][k][V], converted to the
//   type of the sums and filled up with zeros
//   for k0 in steps of K:                        a panel of B' in first-level,
//     in parallel for tasks (rows, columns):     a task's A' in second-level
//       for panel of B' in task:
//         for panel of A' in task:
//           R x V sums in registers += A'[panel][k] B'[panel][k], k in k0..k0+K
//           C (+)= sums
//
//===----------------------------------------------------------------------===//

#include "GemmLoops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

/// Vectors across a panel of B, and bytes of one that stay in the first-level
/// cache beside a panel of A.
static constexpr int64_t kVectorsAcross = 2, kPanelBytes = 24576;
/// A task has at most so many panels of A and B, and rows are cut into at least
/// so many tasks where there are as many panels.
static constexpr int64_t kTaskPanelsA = 20, kTaskPanelsB = 16, kRowTasks = 8;
/// Elements along k that are packed at a time where columns are gathered.
static constexpr int64_t kPackChunk = 64;

namespace {
/// One operand on its way into panels.
struct PackedOperand {
  Value source, panels;
  int64_t count; ///< rows of A, columns of B
  int64_t width; ///< of a panel
  /// Whether the elements of one k lie side by side in the source.
  bool isContiguous;

  int64_t numPanels() const { return llvm::divideCeil(count, width); }
};

class GemmEmitter {
public:
  GemmEmitter(OpBuilder &builder, GemmOp op, ValueRange buffers,
              int64_t vectorBytes);
  void emit();

private:
  void pack(const PackedOperand &operand);
  void packPanel(const PackedOperand &operand, Value panel);
  void copyElement(const PackedOperand &operand, Value panel, Value position,
                   Value k);
  void emitBlock(Value from, Value to, bool adds);
  void emitTask(Value task, Value from, Value to, bool adds);
  void emitTile(Value panelA, Value panelB, Value from, Value to, bool adds);
  void writeEdges(ValueRange sums, Value panelA, Value panelB, bool adds);
  void writeTile(ValueRange sums, Value panelA, Value panelB, int64_t rows,
                 int64_t columns, bool adds);
  Value multiplyAdd(Value a, Value b, Value sum);
  Value convert(Value value);

  /// Emits a loop and leaves the insertion point where it was.
  template <typename Body>
  void loop(Value from, Value to, int64_t step, Body body) {
    OpBuilder::InsertionGuard guard(builder);
    auto loop = scf::ForOp::create(builder, loc, from, to, index(step));
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }
  template <typename Body> void parallel(int64_t count, Body body) {
    OpBuilder::InsertionGuard guard(builder);
    auto loop =
        scf::ParallelOp::create(builder, loc, ValueRange{index(0)},
                                ValueRange{index(count)}, ValueRange{index(1)});
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVars()[0]);
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value add(Value left, Value right) {
    return arith::AddIOp::create(builder, loc, left, right);
  }
  Value times(Value left, int64_t right) {
    return arith::MulIOp::create(builder, loc, left, index(right));
  }
  Value least(Value left, Value right) {
    return arith::MinSIOp::create(builder, loc, left, right);
  }
  Value isEqual(Value left, int64_t right) {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, left,
                                 index(right));
  }

  OpBuilder &builder;
  Location loc;
  Value c;
  Type type; ///< of the sums
  bool accumulates;
  int64_t m, n, k, lanes;
  VectorType vectorType;
  PackedOperand a, b;
  int64_t taskPanelsA, taskPanelsB, depth;
};
} // namespace

GemmEmitter::GemmEmitter(OpBuilder &builder, GemmOp op, ValueRange buffers,
                         int64_t vectorBytes)
    : builder(builder), loc(op.getLoc()), c(buffers[2]),
      type(op.getC().getType().getElementType()),
      accumulates(!op.getBeta().isZero()) {
  m = op.getC().getType().getDimSize(0);
  n = op.getC().getType().getDimSize(1);
  k = op.getA().getType().getDimSize(op.getTransposeA() ? 0 : 1);
  int64_t bytes = type.getIntOrFloatBitWidth() / 8;
  lanes = vectorBytes / bytes;
  vectorType = VectorType::get({lanes}, type);
  // Sums fill most of the registers: 32 of 64 bytes, 16 of fewer.
  int64_t rows = vectorBytes >= 64 ? 12 : 6;
  int64_t columns = kVectorsAcross * lanes;
  a = {buffers[0], {}, m, rows, op.getTransposeA()};
  b = {buffers[1], {}, n, columns, !op.getTransposeB()};
  depth = std::min(k, std::max<int64_t>(1, kPanelBytes / (columns * bytes)));
  taskPanelsA = std::clamp<int64_t>(llvm::divideCeil(a.numPanels(), kRowTasks),
                                    1, kTaskPanelsA);
  taskPanelsB = std::min(b.numPanels(), kTaskPanelsB);
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// An element of an operand as the type of the sums.
Value GemmEmitter::convert(Value value) {
  if (value.getType() == type)
    return value;
  if (isa<IntegerType>(type))
    return arith::ExtSIOp::create(builder, loc, type, value);
  return arith::ExtFOp::create(builder, loc, type, value);
}

void GemmEmitter::copyElement(const PackedOperand &operand, Value panel,
                              Value position, Value k) {
  Value place = add(times(panel, operand.width), position);
  SmallVector<Value> indices = {place, k};
  if (operand.isContiguous)
    std::swap(indices[0], indices[1]);
  Value element = memref::LoadOp::create(builder, loc, operand.source, indices);
  memref::StoreOp::create(builder, loc, convert(element), operand.panels,
                          ValueRange{panel, k, position});
}

void GemmEmitter::packPanel(const PackedOperand &operand, Value panel) {
  Value zero = index(0), end = index(k), width = index(operand.width);
  Value left = arith::SubIOp::create(builder, loc, index(operand.count),
                                     times(panel, operand.width));
  Value present = least(width, left);
  if (operand.isContiguous) {
    loop(zero, end, 1, [&](Value at) {
      loop(zero, present, 1,
           [&](Value position) { copyElement(operand, panel, position, at); });
    });
  } else {
    loop(zero, end, kPackChunk, [&](Value chunk) {
      Value chunkEnd = least(end, add(chunk, index(kPackChunk)));
      loop(zero, present, 1, [&](Value position) {
        loop(chunk, chunkEnd, 1,
             [&](Value at) { copyElement(operand, panel, position, at); });
      });
    });
  }
  if (operand.count % operand.width == 0)
    return;
  Value nothing =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  loop(zero, end, 1, [&](Value at) {
    loop(present, width, 1, [&](Value position) {
      memref::StoreOp::create(builder, loc, nothing, operand.panels,
                              ValueRange{panel, at, position});
    });
  });
}

void GemmEmitter::pack(const PackedOperand &operand) {
  parallel(operand.numPanels(),
           [&](Value panel) { packPanel(operand, panel); });
}

//===----------------------------------------------------------------------===//
// Multiplying
//===----------------------------------------------------------------------===//

Value GemmEmitter::multiplyAdd(Value a, Value b, Value sum) {
  if (isa<IntegerType>(type))
    return arith::AddIOp::create(builder, loc, sum,
                                 arith::MulIOp::create(builder, loc, a, b));
  // One instruction where the machine has it.
  auto contract = arith::FastMathFlags::contract;
  Value product = arith::MulFOp::create(builder, loc, a, b, contract);
  return arith::AddFOp::create(builder, loc, sum, product, contract);
}

/// C (+)= the sums, of which `rows` x `columns` are there.
void GemmEmitter::writeTile(ValueRange sums, Value panelA, Value panelB,
                            int64_t rows, int64_t columns, bool adds) {
  Value nothing =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(vectorType));
  auto maskType = VectorType::get({lanes}, builder.getI1Type());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t vector = 0; vector * lanes < columns; ++vector) {
      Value i = add(times(panelA, a.width), index(row));
      Value j = add(times(panelB, b.width), index(vector * lanes));
      Value sum = sums[row * kVectorsAcross + vector];
      int64_t width = std::min(lanes, columns - vector * lanes);
      SmallVector<bool> bits(lanes, false);
      std::fill_n(bits.begin(), width, true);
      Value mask;
      if (width < lanes)
        mask = arith::ConstantOp::create(
            builder, loc, DenseElementsAttr::get(maskType, bits));
      if (adds) {
        Value before;
        if (mask)
          before = vector::MaskedLoadOp::create(
              builder, loc, vectorType, c, ValueRange{i, j}, mask, nothing);
        else
          before = vector::LoadOp::create(builder, loc, vectorType, c,
                                          ValueRange{i, j});
        if (isa<IntegerType>(type))
          sum = arith::AddIOp::create(builder, loc, before, sum);
        else
          sum = arith::AddFOp::create(builder, loc, before, sum);
      }
      if (mask)
        vector::MaskedStoreOp::create(builder, loc, c, ValueRange{i, j}, mask,
                                      sum);
      else
        vector::StoreOp::create(builder, loc, sum, c, ValueRange{i, j});
    }
}

/// The last panels may be narrower than the others.
void GemmEmitter::writeEdges(ValueRange sums, Value panelA, Value panelB,
                             bool adds) {
  int64_t lastRows = m % a.width, lastColumns = n % b.width;
  auto writeColumns = [&](int64_t rows) {
    if (lastColumns == 0)
      return writeTile(sums, panelA, panelB, rows, b.width, adds);
    auto choice = scf::IfOp::create(
        builder, loc, isEqual(panelB, b.numPanels() - 1), /*withElse=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.thenBlock());
    writeTile(sums, panelA, panelB, rows, lastColumns, adds);
    builder.setInsertionPointToStart(choice.elseBlock());
    writeTile(sums, panelA, panelB, rows, b.width, adds);
  };
  if (lastRows == 0)
    return writeColumns(a.width);
  auto choice = scf::IfOp::create(
      builder, loc, isEqual(panelA, a.numPanels() - 1), /*withElse=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(choice.thenBlock());
  writeColumns(lastRows);
  builder.setInsertionPointToStart(choice.elseBlock());
  writeColumns(a.width);
}

/// One tile of C over k from `from` to `to`, its sums in registers.
void GemmEmitter::emitTile(Value panelA, Value panelB, Value from, Value to,
                           bool adds) {
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(vectorType));
  SmallVector<Value> initial(a.width * kVectorsAcross, zero);
  auto loop = scf::ForOp::create(builder, loc, from, to, index(1), initial);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value at = loop.getInductionVar();
    SmallVector<Value> columns, sums;
    for (int64_t vector = 0; vector < kVectorsAcross; ++vector)
      columns.push_back(vector::LoadOp::create(
          builder, loc, vectorType, b.panels,
          ValueRange{panelB, at, index(vector * lanes)}));
    for (int64_t row = 0; row < a.width; ++row) {
      Value element = memref::LoadOp::create(
          builder, loc, a.panels, ValueRange{panelA, at, index(row)});
      Value factor =
          vector::BroadcastOp::create(builder, loc, vectorType, element);
      for (int64_t vector = 0; vector < kVectorsAcross; ++vector)
        sums.push_back(
            multiplyAdd(factor, columns[vector],
                        loop.getRegionIterArg(row * kVectorsAcross + vector)));
    }
    scf::YieldOp::create(builder, loc, sums);
  }
  writeEdges(loop.getResults(), panelA, panelB, adds);
}

void GemmEmitter::emitTask(Value task, Value from, Value to, bool adds) {
  int64_t across = llvm::divideCeil(b.numPanels(), taskPanelsB);
  Value row = arith::DivUIOp::create(builder, loc, task, index(across));
  Value column = arith::RemUIOp::create(builder, loc, task, index(across));
  Value firstA = times(row, taskPanelsA), firstB = times(column, taskPanelsB);
  Value lastA = least(add(firstA, index(taskPanelsA)), index(a.numPanels()));
  Value lastB = least(add(firstB, index(taskPanelsB)), index(b.numPanels()));
  loop(firstB, lastB, 1, [&](Value panelB) {
    loop(firstA, lastA, 1,
         [&](Value panelA) { emitTile(panelA, panelB, from, to, adds); });
  });
}

void GemmEmitter::emitBlock(Value from, Value to, bool adds) {
  int64_t down = llvm::divideCeil(a.numPanels(), taskPanelsA);
  int64_t across = llvm::divideCeil(b.numPanels(), taskPanelsB);
  parallel(down * across, [&](Value task) { emitTask(task, from, to, adds); });
}

void GemmEmitter::emit() {
  for (PackedOperand *operand : {&a, &b}) {
    auto panels =
        MemRefType::get({operand->numPanels(), k, operand->width}, type);
    operand->panels = memref::AllocOp::create(builder, loc, panels);
    pack(*operand);
  }
  // Only the first block may overwrite.
  emitBlock(index(0), index(depth), accumulates);
  if (depth < k)
    loop(index(depth), index(k), depth, [&](Value from) {
      emitBlock(from, least(add(from, index(depth)), index(k)),
                /*adds=*/true);
    });
}

void sevenfold::emitGemmLoops(OpBuilder &builder, GemmOp op, ValueRange buffers,
                              int64_t vectorBytes) {
  GemmEmitter(builder, op, buffers, vectorBytes).emit();
}
