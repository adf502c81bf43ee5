//===- LowerLoopsToGpu.cpp - sevenfold-lower-loops-to-gpu -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is left of a model, elementwise work, reductions, fills, copies that a
// driver cannot make: one kernel a loop nest, one thread an iteration.
//
//===----------------------------------------------------------------------===//

#include "DeviceMath.h"
#include "GpuKernels.h"
#include "LoopCaptures.h"
#include "RowCopy.h"

#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace sevenfold {
#define GEN_PASS_DEF_LOWERLOOPSTOGPUPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-lower-loops-to-gpu"

using namespace mlir;
using namespace sevenfold;

/// Moves `op` into a parallel loop of one iteration.
static void wrapInLoop(Operation *op) {
  OpBuilder builder(op);
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, op->getLoc(), value);
  };
  auto loop =
      scf::ParallelOp::create(builder, op->getLoc(), ValueRange{index(0)},
                              ValueRange{index(1)}, ValueRange{index(1)});
  op->moveBefore(loop.getBody()->getTerminator());
}

/// The iterations of every dimension, or nothing where bounds are not known.
static std::optional<SmallVector<int64_t>> tripCounts(scf::ParallelOp loop) {
  SmallVector<int64_t> counts;
  for (auto [lower, upper, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    auto begin = getConstantIntValue(lower), end = getConstantIntValue(upper),
         by = getConstantIntValue(step);
    if (!begin || !end || !by || *by <= 0)
      return std::nullopt;
    counts.push_back(
        llvm::divideCeil(std::max<int64_t>(0, *end - *begin), *by));
  }
  return counts;
}

namespace {
struct LowerLoopsToGpuPass
    : sevenfold::impl::LowerLoopsToGpuPassBase<LowerLoopsToGpuPass> {
  using LowerLoopsToGpuPassBase::LowerLoopsToGpuPassBase;

  void runOnOperation() override {
    if (threads < 1 || threads > 1024) {
      emitError(getOperation().getLoc(),
                "expected from 1 to 1024 as 'threads'");
      return signalPassFailure();
    }
    if (failed(lowerLinalg()))
      return signalPassFailure();
    SmallVector<scf::ParallelOp> loops;
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
        loops.push_back(loop);
        return WalkResult::skip();
      });
    for (scf::ParallelOp loop : loops)
      if (failed(outline(loop)))
        return signalPassFailure();
    if (failed(checkHost()) || failed(expandMath()))
      return signalPassFailure();
  }

  /// Copies that are none of rows, and linalg, become parallel loops.
  LogicalResult lowerLinalg() {
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> work;
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk([&](Operation *op) {
        if (isa<linalg::LinalgOp>(op))
          work.push_back(op);
        auto copy = dyn_cast<memref::CopyOp>(op);
        if (!copy || rowsOf(copy) ||
            !isa<MemRefType>(copy.getSource().getType()))
          return;
        rewriter.setInsertionPoint(copy);
        work.push_back(linalg::makeMemRefCopyOp(
            rewriter, copy.getLoc(), copy.getSource(), copy.getTarget()));
        copy.erase();
      });
    for (Operation *op : work) {
      auto computation = cast<linalg::LinalgOp>(op);
      if (!computation.hasPureBufferSemantics())
        return op->emitOpError("expected buffers, run --sevenfold-bufferize "
                               "first");
      if (computation.getNumParallelLoops() == 0)
        wrapInLoop(op);
      rewriter.setInsertionPoint(op);
      if (failed(linalg::linalgOpToParallelLoops(rewriter, computation)))
        return op->emitOpError("cannot be written as loops");
      op->erase();
    }
    return success();
  }

  LogicalResult outline(scf::ParallelOp loop) {
    if (loop.getNumReductions() != 0)
      return loop.emitOpError("is a reduction among threads, for which there "
                              "is no GPU code");
    std::optional<SmallVector<int64_t>> counts = tripCounts(loop);
    if (!counts)
      return loop.emitOpError("expected loops of known bounds for a GPU");
    int64_t total = 1;
    for (int64_t count : *counts)
      total *= count;
    int64_t blocks = llvm::divideCeil(total, int64_t(threads));
    if (blocks > kMaxBlocks)
      return loop.emitOpError("is too large for one launch");
    if (total > 0)
      launch(loop, *counts, blocks, total);
    loop.erase();
    return success();
  }

  void launch(scf::ParallelOp loop, ArrayRef<int64_t> counts, int64_t blocks,
              int64_t total) {
    LoopCaptures captures = findCaptures(loop);
    ArrayRef<Value> arguments = captures.arguments.getArrayRef();
    SmallVector<Type> types;
    for (Value argument : arguments)
      types.push_back(argument.getType());
    OpBuilder builder(&getContext());
    std::string name =
        (loop->getParentOfType<func::FuncOp>().getName() + "_loop").str();
    gpu::GPUFuncOp kernel = createKernel(builder, getOperation(), loop.getLoc(),
                                         name, types, threads);
    IRMapping mapping;
    mapping.map(arguments, kernel.getArguments());
    repeatDefinitions(builder, captures, mapping);
    emitIteration(builder, loop, counts, blocks, total, mapping);
    makeSequential(kernel);
    builder.setInsertionPoint(loop);
    launchKernel(builder, loop.getLoc(), kernel, blocks, threads, arguments);
  }

  /// The iteration of this thread, the last dimension running fastest.
  void emitIteration(OpBuilder &builder, scf::ParallelOp loop,
                     ArrayRef<int64_t> counts, int64_t blocks, int64_t total,
                     IRMapping &mapping) {
    Location loc = loop.getLoc();
    auto index = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(builder, loc, value);
    };
    Value number = arith::MulIOp::create(
        builder, loc, blockNumber(builder, loc, blocks), index(threads));
    number = arith::AddIOp::create(builder, loc, number,
                                   threadNumber(builder, loc, threads));
    OpBuilder::InsertionGuard guard(builder);
    if (total % threads != 0) {
      Value isInside = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::ult, number, index(total));
      auto inside = scf::IfOp::create(builder, loc, isInside, false);
      builder.setInsertionPointToStart(inside.thenBlock());
    }
    for (unsigned d = counts.size(); d-- > 0;) {
      Value at = number;
      if (d > 0) {
        at = arith::RemUIOp::create(builder, loc, number, index(counts[d]));
        number = arith::DivUIOp::create(builder, loc, number, index(counts[d]));
      }
      at = arith::MulIOp::create(builder, loc, at,
                                 mapping.lookupOrDefault(loop.getStep()[d]));
      at = arith::AddIOp::create(
          builder, loc, at, mapping.lookupOrDefault(loop.getLowerBound()[d]));
      mapping.map(loop.getInductionVars()[d], at);
    }
    for (Operation &op : loop.getBody()->without_terminator())
      builder.clone(op, mapping);
  }

  /// Parallel loops inside are one thread's own.
  void makeSequential(gpu::GPUFuncOp kernel) {
    SmallVector<scf::ParallelOp> loops;
    kernel.walk([&](scf::ParallelOp loop) { loops.push_back(loop); });
    for (scf::ParallelOp loop : loops) {
      OpBuilder nested(loop);
      IRMapping mapping;
      for (auto [variable, lower, upper, step] :
           llvm::zip_equal(loop.getInductionVars(), loop.getLowerBound(),
                           loop.getUpperBound(), loop.getStep())) {
        auto sequential =
            scf::ForOp::create(nested, loop.getLoc(), lower, upper, step);
        mapping.map(variable, sequential.getInductionVar());
        nested.setInsertionPointToStart(sequential.getBody());
      }
      for (Operation &op : loop.getBody()->without_terminator())
        nested.clone(op, mapping);
      loop.erase();
    }
  }

  /// Fails where the host itself would read or write device memory.
  LogicalResult checkHost() {
    WalkResult result = getOperation().walk([&](func::FuncOp function) {
      return function.walk([&](Operation *op) {
        if (!isa<memref::LoadOp, memref::StoreOp>(op))
          return WalkResult::advance();
        op->emitError("a value computed on the GPU decides what the host does, "
                      "for which there is no GPU code");
        return WalkResult::interrupt();
      });
    });
    return failure(result.wasInterrupted());
  }

  LogicalResult expandMath() {
    for (auto kernels : getOperation().getOps<gpu::GPUModuleOp>())
      if (failed(expandDeviceMath(kernels)))
        return failure();
    return success();
  }
};
} // namespace
